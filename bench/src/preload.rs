//! What is stored before anything is measured: changes of the machine, committed in large groups.

use anyhow::Context as _;
use signoff::Engine;
use tokio::{sync::mpsc, task::spawn_blocking};

use crate::{
    copies,
    settings::{Place, Settings},
    workload::Workload,
};

/// Changes of one commit, each of another instance.
const GROUP: usize = 1_000;
/// Commits that wait for the store.
const AHEAD: usize = 4;

/// Stores the finished instances that the settings want.
pub(crate) async fn finished(engine: &Engine, settings: &Settings) -> anyhow::Result<()> {
    let Settings {
        workload, preload, ..
    } = *settings;
    match &settings.place {
        Place::Postgres { url } if preload > copies::ORIGINALS => {
            store(engine, workload, copies::ORIGINALS).await?;
            copies::make(url, preload).await
        }
        _ => store(engine, workload, preload).await,
    }
}

/// Stores so many processes of the workload, as far as the machine runs them by itself. The
/// machine decides on one thread while the store writes on another.
pub(crate) async fn store(
    engine: &Engine,
    workload: Workload,
    processes: usize,
) -> anyhow::Result<()> {
    if processes == 0 {
        return Ok(());
    }
    let mut machine = workload.machine()?;
    let (decided, mut waiting) = mpsc::channel(AHEAD);
    let decide = spawn_blocking(move || {
        let mut left = processes;
        while left > 0 {
            let group = left.min(GROUP);
            for step in machine.side_by_side(group)? {
                // Nobody waits any more: the store has failed.
                if decided.blocking_send(step).is_err() {
                    return Ok(());
                }
            }
            left -= group;
        }
        anyhow::Ok(())
    });
    while let Some(group) = waiting.recv().await {
        let committed = engine.store().commit_now(&group).await;
        committed.context("cannot store what was before")?;
    }
    decide.await?
}

//! A worker that drains many jobs, in a process of its own, as its memory counts.

use std::{
    fs,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, bail, ensure};
use tokio::task::spawn_blocking;

use crate::{
    engine::engine,
    preload,
    settings::{Backend, Place, Settings, Until},
    workload::Workload,
};

/// What the URL of a server has, and no path of a file.
const SERVER: &str = "://";

/// What draining took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drained {
    /// Jobs of one second.
    pub(crate) per_second: f64,
    /// The most memory that the process ever had, in KiB; where the system tells.
    pub(crate) peak_kib: Option<u64>,
}

/// Stores so many due jobs in an empty database and lets a process drain them, each commit durable.
pub(crate) async fn run(settings: &Settings, jobs: usize) -> anyhow::Result<Drained> {
    let place = match &settings.place {
        Place::Sqlite { path, full: true } => path.as_os_str(),
        Place::Postgres { url } => url.as_ref(),
        other => bail!("nothing drains {other:?}"),
    };
    let engine = engine(settings).await?;
    preload::store(&engine, settings.workload, jobs).await?;
    drop(engine);
    let mut child = Command::new(std::env::current_exe()?);
    child.arg("drain").arg(place).stdin(Stdio::null());
    child.stderr(Stdio::inherit());
    let output = spawn_blocking(move || child.output()).await??;
    ensure!(output.status.success(), "the draining process failed");
    let said = String::from_utf8(output.stdout)?;
    let mut words = said.split_whitespace();
    let mut next = || words.next().context("the draining process said too little");
    let ran: usize = next()?.parse()?;
    ensure!(ran == jobs, "{ran} of {jobs} jobs ran");
    Ok(Drained {
        per_second: next()?.parse()?,
        peak_kib: next()?.parse().ok(),
    })
}

/// The process: drains what is in the database, and prints how many jobs, how many a second, and the
/// peak of its memory.
pub(crate) async fn child(place: Option<&str>) -> anyhow::Result<()> {
    let place = place.context("expected the database to drain")?;
    let settings = Settings {
        label: String::new(),
        workload: Workload::Errand,
        place: match place.contains(SERVER) {
            true => Place::Postgres {
                url: place.to_owned(),
            },
            false => Place::Sqlite {
                path: place.into(),
                full: true,
            },
        },
        backend: Backend::Sqlx,
        clients: 1,
        until: Until::Count(0),
        preload: 0,
        inbox: 0,
    };
    let engine = engine(&settings).await?;
    let began = Instant::now();
    let ran = engine.worker().tick().await?;
    let rate = f64::from(u32::try_from(ran)?) / began.elapsed().as_secs_f64();
    let peak = peak_kib().map_or_else(|| "unknown".to_owned(), |kib| kib.to_string());
    println!("{ran} {rate:.1} {peak}");
    Ok(())
}

/// Linux tells.
fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

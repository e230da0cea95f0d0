//! W1 through the engine's public API: start, approve by A, approve by B, end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use signoff::{Call, Engine, Format, MemoryDirectory, Profile, Start, TenantId, store::Store};
use signoff_store_sqlx::{SqliteOptions, SqliteStore, Synchronous};

use crate::{
    measure::Rates,
    settings::{Backend, Settings, Until},
};

/// Two approvals, one by role and one by a person; events and history on, nothing switched off.
const DEFINITION: &str = "
format: signoff/v1
kind: approval
key: two_approvals
pipelines:
  - key: all
    stages:
      - {key: first, approvals: [{role: first}]}
      - {key: second, approvals: [{user: ben}]}
";
/// Transitions of one process.
const TRANSITIONS: u32 = 3;
/// Processes of each client before anything is measured.
const WARM_UP: usize = 10;

pub(crate) async fn run(settings: &Settings) -> anyhow::Result<Rates> {
    let engine = engine(open(settings).await?).await?;
    for _ in 0..settings.preload {
        process(&engine).await?;
    }
    if matches!(settings.until, Until::Seconds(_)) {
        for _ in 0..WARM_UP {
            process(&engine).await?;
        }
    }
    let start = Instant::now();
    let left = Arc::new(AtomicUsize::new(match settings.until {
        Until::Count(count) => count,
        Until::Seconds(_) => usize::MAX,
    }));
    let clients: Vec<_> = (0..settings.clients)
        .map(|_| {
            tokio::spawn(client(
                engine.clone(),
                settings.until,
                Arc::clone(&left),
                start,
            ))
        })
        .collect();
    let mut rates = Rates {
        transitions: TRANSITIONS,
        ..Rates::default()
    };
    for client in clients {
        rates.each.extend(client.await??);
    }
    rates.total = start.elapsed();
    ensure!(!rates.each.is_empty(), "no process finished");
    Ok(rates)
}

async fn open(settings: &Settings) -> anyhow::Result<Arc<dyn Store>> {
    Ok(match settings.backend {
        Backend::Sqlx => {
            let synchronous = if settings.full {
                Synchronous::Full
            } else {
                Synchronous::Normal
            };
            let options = SqliteOptions {
                synchronous,
                ..SqliteOptions::default()
            };
            Arc::new(SqliteStore::open_with(&settings.sqlite, options).await?)
        }
        Backend::Diesel => {
            use signoff::diesel::{SqliteOptions, SqliteStore, Synchronous};
            let synchronous = if settings.full {
                Synchronous::Full
            } else {
                Synchronous::Normal
            };
            let options = SqliteOptions {
                synchronous,
                ..SqliteOptions::default()
            };
            Arc::new(SqliteStore::open_with(&settings.sqlite, options).await?)
        }
    })
}

pub(crate) async fn engine(store: Arc<dyn Store>) -> anyhow::Result<Engine> {
    let person = |id: &str, role: &str| Profile {
        id: id.into(),
        roles: [role.into()].into(),
        active: true,
        ..Profile::default()
    };
    let people = [
        person("ann", "asker"),
        person("amy", "first"),
        person("ben", "second"),
    ];
    let engine = Engine::builder()
        .shared_store(store)
        .directory(MemoryDirectory::new(people))
        .build()?;
    engine
        .publish(&TenantId::default(), &[(DEFINITION, Format::Yaml)])
        .await?;
    Ok(engine)
}

async fn client(
    engine: Engine,
    until: Until,
    left: Arc<AtomicUsize>,
    start: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let mut each = Vec::new();
    loop {
        let over = match until {
            Until::Seconds(seconds) => start.elapsed().as_secs_f64() >= seconds,
            Until::Count(_) => left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    left.checked_sub(1)
                })
                .is_err(),
        };
        if over {
            return Ok(each);
        }
        let began = Instant::now();
        process(&engine).await?;
        each.push(began.elapsed());
    }
}

/// One process, each step durable before the next begins.
pub(crate) async fn process(engine: &Engine) -> anyhow::Result<()> {
    let started = engine.start(Start::of("two_approvals").by("ann")).await?;
    let first = *started.opened.first().context("the start opened no task")?;
    let approved = engine.call(Call::approve(first).by("amy")).await?;
    let second = *approved
        .opened
        .first()
        .context("the first approval opened no task")?;
    let done = engine.call(Call::approve(second).by("ben")).await?;
    ensure!(
        done.instance.status().as_str() == "completed",
        "the process did not complete"
    );
    Ok(())
}

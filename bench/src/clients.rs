//! Processes by concurrent clients, so many or so long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;
use signoff::Engine;

use crate::{
    engine::engine,
    measure::Rates,
    preload,
    settings::{Settings, Until},
    workload::Workload,
};

/// Processes of each client before anything is measured.
const WARM_UP: usize = 10;
/// Runs W1, W2 or W3 as the settings say.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<Rates> {
    let engine = ready(settings).await?;
    measure(&engine, settings).await
}

/// An engine with the finished instances of before.
pub(crate) async fn ready(settings: &Settings) -> anyhow::Result<Engine> {
    let engine = engine(settings).await?;
    preload::finished(&engine, settings).await?;
    Ok(engine)
}

/// Runs processes on an engine that is ready.
pub(crate) async fn measure(engine: &Engine, settings: &Settings) -> anyhow::Result<Rates> {
    let workload = settings.workload;
    if matches!(settings.until, Until::Seconds(_)) {
        let until = Until::Count(WARM_UP * settings.clients);
        together(engine, workload, settings.clients, until).await?;
    }
    let start = Instant::now();
    let each = together(engine, workload, settings.clients, settings.until).await?;
    ensure!(!each.is_empty(), "no process finished");
    Ok(Rates {
        each,
        total: start.elapsed(),
        transitions: workload.transitions(),
    })
}

/// The durations of the processes that so many clients run.
async fn together(
    engine: &Engine,
    workload: Workload,
    clients: usize,
    until: Until,
) -> anyhow::Result<Vec<Duration>> {
    let begun = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let clients: Vec<_> = (0..clients)
        .map(|_| {
            let begun = Arc::clone(&begun);
            tokio::spawn(client(engine.clone(), workload, until, begun, start))
        })
        .collect();
    let mut each = Vec::new();
    for client in clients {
        each.extend(client.await??);
    }
    Ok(each)
}

async fn client(
    engine: Engine,
    workload: Workload,
    until: Until,
    begun: Arc<AtomicUsize>,
    start: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let mut each = Vec::new();
    loop {
        let n = begun.fetch_add(1, Ordering::Relaxed);
        let over = match until {
            Until::Seconds(seconds) => start.elapsed().as_secs_f64() >= seconds,
            Until::Count(count) => n >= count,
        };
        if over {
            return Ok(each);
        }
        let began = Instant::now();
        workload.process(&engine, n).await?;
        each.push(began.elapsed());
    }
}

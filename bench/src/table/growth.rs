//! What must not grow with the number of tasks, finished instances and jobs.

use crate::{
    clients, drain,
    engine::engine,
    inbox::{self, Looks},
    measure::{millis, percentile},
    preload,
    settings::{Settings, Until},
    workload::Workload,
};

use super::{place::Base, settings};

/// Open tasks of W4.
const INBOXES: [usize; 2] = [20_000, 1_000_000];
/// How often each store looks at all persons' tasks.
const LOOKS: usize = 4;
/// Finished instances of W5, the baseline first.
const FINISHED: [usize; 3] = [0, 100_000, 1_000_000];
/// Processes that run at a time beside them, and how often.
const AT_A_TIME: usize = 20;
const TURNS: usize = 100;
/// Jobs that a worker drains.
const JOBS: usize = 100_000;

/// W4: one person's first page and count, by each store on the same database.
pub(super) async fn inboxes(base: &Base) -> anyhow::Result<()> {
    let Some((_, first)) = base.stores().first() else {
        return Ok(());
    };
    let marks = match base {
        Base::Sqlite(_) => ["under 1", "under 2"],
        Base::Postgres { .. } => ["under 2", "under 4"],
        Base::Mysql { .. } => ["", ""],
    };
    for (tasks, wanted) in INBOXES.into_iter().zip(marks) {
        let name = format!("inbox_{tasks}");
        let place = base.make(&name).await?;
        let filling = engine(&settings(Workload::W4, place.clone(), *first, 1)).await?;
        preload::store(&filling, Workload::W4, tasks).await?;
        drop(filling);
        base.settle(&place).await?;
        let mut stores = Vec::new();
        for (store, backend) in base.stores() {
            let settings = settings(Workload::W4, place.clone(), *backend, 1);
            stores.push((store, engine(&settings).await?, Looks::default()));
        }
        // In turn: whoever looks first has what was filled to read, and the machine may still be writing.
        for _ in 0..LOOKS {
            for (_, engine, looks) in &mut stores {
                looks.add(inbox::look(engine, tasks).await?);
            }
        }
        for (store, _, looks) in &stores {
            for (what, each) in [("first page", &looks.page), ("count", &looks.count)] {
                let median = millis(percentile(each, 50));
                println!(
                    "| W4, {tasks} open tasks, {}, {store} store, {what}, ms | {median} | | | {wanted} |",
                    base.name()
                );
            }
        }
        drop(stores);
        base.drop(&name).await?;
    }
    Ok(())
}

/// W5: the rate of W1 beside what is finished; by one store, as a million takes minutes to make.
pub(super) async fn finished(base: &Base) -> anyhow::Result<()> {
    let Some((store, backend)) = base.stores().first() else {
        return Ok(());
    };
    let name = |preload: usize| format!("finished_{preload}");
    let mut engines = Vec::new();
    for preload in FINISHED {
        let place = base.make(&name(preload)).await?;
        let settings = Settings {
            preload,
            until: Until::Count(AT_A_TIME),
            ..settings(Workload::W1, place, *backend, 1)
        };
        let engine = clients::ready(&settings).await?;
        // What is known to be empty is read as a whole, by plans that are kept while it grows.
        if preload > 0 {
            base.settle(&settings.place).await?;
        }
        engines.push((engine, settings));
    }
    let mut each = [const { Vec::new() }; 3];
    // In turn, and few at a time, so that a slow moment of the disk hits all alike.
    for _ in 0..TURNS {
        for ((engine, settings), each) in engines.iter().zip(&mut each) {
            each.extend(clients::measure(engine, settings).await?.each);
        }
    }
    let rates = each.map(|each| 1.0 / percentile(&each, 50).as_secs_f64());
    let [without, ..] = rates;
    for (preload, rate) in FINISHED.iter().zip(rates) {
        let ratio = rate / without;
        println!(
            "| W5, {preload} finished instances, {}, {store} store, processes/s by the median | {rate:.0} | {without:.0} (0) | {ratio:.2} | at least 0.90 |",
            base.name()
        );
    }
    drop(engines);
    for preload in FINISHED {
        base.drop(&name(preload)).await?;
    }
    Ok(())
}

/// A worker that drains many jobs of one tenant: how much memory it takes, and how fast it is.
pub(super) async fn drained(base: &Base) -> anyhow::Result<()> {
    let Some((store, backend)) = base.stores().first() else {
        return Ok(());
    };
    let place = base.make("jobs").await?;
    let drained = drain::run(&settings(Workload::Errand, place, *backend, 1), JOBS).await?;
    let who = format!(
        "a worker draining {JOBS} jobs, {}, {store} store",
        base.name()
    );
    let peak = drained.peak_kib.map_or_else(
        || "unknown".to_owned(),
        |kib| {
            let kib = f64::from(u32::try_from(kib).unwrap_or(u32::MAX));
            format!("{:.1}", kib / 1_024.0)
        },
    );
    println!("| {who}, peak memory, MiB | {peak} | | | under 64 |");
    println!("| {who}, jobs/s | {:.0} | | | |", drained.per_second);
    base.drop("jobs").await
}

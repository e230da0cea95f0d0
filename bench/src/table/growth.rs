//! What must not grow with the number of tasks, finished instances and jobs.

use crate::{
    clients, drain,
    engine::engine,
    inbox,
    measure::{Series, millis, percentile},
    settings::{Backend, Settings},
    workload::Workload,
};

use super::{SLICES, file, settings};

/// Open tasks of W4, each with the milliseconds that looking may take.
const INBOXES: [(usize, &str); 2] = [(20_000, "under 1"), (1_000_000, "under 2")];
/// Finished instances of W5, the baseline first.
const FINISHED: [usize; 3] = [0, 100_000, 1_000_000];
/// Jobs that a worker drains.
const JOBS: usize = 100_000;

/// W4: one person's first page and count, by each store on the same file.
pub(super) async fn inboxes() -> anyhow::Result<()> {
    for (tasks, wanted) in INBOXES {
        let folder = tempfile::tempdir()?;
        let settings_of = |inbox, backend| Settings {
            inbox,
            ..settings(Workload::W4, file(&folder, "inbox"), backend, 1)
        };
        inbox::run(&settings_of(tasks, Backend::Sqlx)).await?;
        for (name, backend) in [("sqlx", Backend::Sqlx), ("diesel", Backend::Diesel)] {
            let engine = engine(&settings_of(0, backend)).await?;
            let looks = inbox::look(&engine, tasks).await?;
            for (what, each) in [("first page", &looks.page), ("count", &looks.count)] {
                let median = millis(percentile(each, 50));
                println!(
                    "| W4, {tasks} open tasks, SQLite FULL, {name} store, {what}, ms | {median} | | | {wanted} |"
                );
            }
        }
    }
    Ok(())
}

/// W5: the rate of W1 beside what is finished; by one store, as a million takes minutes to make.
pub(super) async fn finished() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut engines = Vec::new();
    for preload in FINISHED {
        let place = file(&folder, &preload.to_string());
        let settings = Settings {
            preload,
            ..settings(Workload::W1, place, Backend::Sqlx, 1)
        };
        engines.push((clients::ready(&settings).await?, settings));
    }
    let mut rates = [const { Series::new() }; 3];
    let mut ratios = [const { Series::new() }; 3];
    for _ in 0..SLICES {
        let mut base = None;
        for (((engine, settings), rates), ratios) in engines.iter().zip(&mut rates).zip(&mut ratios)
        {
            let rate = clients::measure(engine, settings).await?.per_second();
            rates.add(rate);
            ratios.add(rate / *base.get_or_insert(rate));
        }
    }
    let base = rates[0].median();
    for ((preload, rates), ratios) in FINISHED.iter().zip(&rates).zip(&ratios) {
        let (rate, ratio) = (rates.median(), ratios.median());
        println!(
            "| W5, {preload} finished instances, SQLite FULL, sqlx store, processes/s | {rate:.0} | {base:.0} (0) | {ratio:.2} | at least 0.90 |"
        );
    }
    Ok(())
}

/// The memory of a worker that drains many jobs.
pub(super) async fn drained() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let drained = drain::run(&folder.path().join("jobs.db"), JOBS).await?;
    let peak = drained.peak_kib.map_or_else(
        || "unknown".to_owned(),
        |kib| {
            format!(
                "{:.1}",
                f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1_024.0
            )
        },
    );
    println!("| peak memory of a worker draining {JOBS} jobs, MiB | {peak} | | | under 64 |");
    println!(
        "| jobs of that worker, SQLite NORMAL, jobs/s | {:.0} | | | |",
        drained.per_second
    );
    Ok(())
}

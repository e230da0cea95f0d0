//! Everything beside its baseline, in one run, alternating.

use std::time::Instant;

use signoff_store_sqlx::SqliteStore;

use crate::{
    bare, branches, machine,
    machine::Host,
    measure::{millis, per_second, percentile},
    settings::{Backend, Settings, Until},
    workload,
};

/// Rounds of each measurement; the median counts.
const ROUNDS: usize = 3;
/// Rounds of the live branches, each through all sizes.
const BRANCH_ROUNDS: usize = 7;
/// Seconds of each round.
const SECONDS: f64 = 3.0;

pub(crate) async fn run() -> anyhow::Result<()> {
    println!("| measured | value | baseline | ratio | wanted |");
    println!("| --- | --- | --- | --- | --- |");
    in_memory()?;
    sqlite().await?;
    live_branches().await
}

fn in_memory() -> anyhow::Result<()> {
    let mut host = Host::new(machine::two_approvals_graph()?);
    let rate = per_second(SECONDS, || machine::two_approvals(&mut host))?;
    println!("| machine alone, W1, transitions/s on one core | {rate:.0} | | | at least 300000 |");
    let mut host = Host::new(machine::chain(1_000)?);
    let command = machine::start(&host.graph);
    let mut each = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        host.run("ann", None, &command)?;
        each.push(began.elapsed());
    }
    let median = percentile(&each, 50);
    println!(
        "| machine alone, 1,000 functions in one command, ms | {} | | | under 5 |",
        millis(median)
    );
    Ok(())
}

async fn sqlite() -> anyhow::Result<()> {
    let mut engine = Series::default();
    let mut grouped = Series::default();
    let mut diesel = Series::default();
    let mut bare_sqlx = Series::default();
    let mut bare_rusqlite = Series::default();
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir()?;
        let file = |name: &str| folder.path().join(name);
        bare_rusqlite.add(bare::rusqlite(&file("bare-rusqlite.db"), SECONDS)?.per_second());
        engine.add(
            workload::run(&w1(file("sqlx.db"), Backend::Sqlx, 1))
                .await?
                .per_second(),
        );
        bare_sqlx.add(
            bare::sqlx(&file("bare-sqlx.db"), SECONDS)
                .await?
                .per_second(),
        );
        diesel.add(
            workload::run(&w1(file("diesel.db"), Backend::Diesel, 1))
                .await?
                .per_second(),
        );
        grouped.add(
            workload::run(&w1(file("sqlx16.db"), Backend::Sqlx, 16))
                .await?
                .per_second(),
        );
    }
    let rows = [
        (
            "W1 SQLite FULL, sqlx store, 1 client",
            &engine,
            "at least 0.4",
        ),
        ("W1 SQLite FULL, diesel store, 1 client", &diesel, ""),
        ("W1 SQLite FULL, sqlx store, 16 clients", &grouped, ""),
    ];
    for (name, series, wanted) in rows {
        let baselines = [
            ("bare sqlx, the same library", &bare_sqlx, wanted),
            ("bare rusqlite, the fastest", &bare_rusqlite, ""),
        ];
        for (against, baseline, wanted) in baselines {
            let (rate, base) = (series.median(), baseline.median());
            let ratio = rate / base;
            println!(
                "| {name}, processes/s | {rate:.0} | {base:.0} ({against}) | {ratio:.2} | {wanted} |"
            );
        }
    }
    Ok(())
}

fn w1(sqlite: std::path::PathBuf, backend: Backend, clients: usize) -> Settings {
    Settings {
        label: String::new(),
        sqlite,
        full: true,
        backend,
        clients,
        until: Until::Seconds(SECONDS),
        preload: 0,
    }
}

async fn live_branches() -> anyhow::Result<()> {
    const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
    let folder = tempfile::tempdir()?;
    let mut series: [Series; SIZES.len()] = Default::default();
    for round in 0..BRANCH_ROUNDS {
        for (n, series) in SIZES.iter().zip(&mut series) {
            let file = folder.path().join(format!("{n}-{round}.db"));
            let store = SqliteStore::open(file).await?;
            let median = branches::one_of(&store, *n, 200).await?;
            series.add(median.as_secs_f64() * 1_000.0);
            store.close().await;
        }
    }
    let first = series[0].median();
    for (n, series) in SIZES.iter().zip(&series) {
        let median = series.median();
        let ratio = median / first;
        println!(
            "| one of {n} live branches on SQLite, load + decide + commit, ms | {median:.3} | {first:.3} (10) | {ratio:.2} | within 1.30 |"
        );
    }
    Ok(())
}

/// Values of several rounds.
#[derive(Default)]
struct Series(Vec<f64>);

impl Series {
    fn add(&mut self, value: f64) {
        self.0.push(value);
    }

    fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }
}

//! Everything beside its baseline, in one run, alternating.

mod growth;
mod place;
mod servers;
mod sqlite;

use signoff_store_sqlx::SqliteStore;

use crate::{
    branches::{self, InMemory, Live},
    compiling, conditions,
    host::Host,
    machine::{self, Machine},
    measure::{Busy, Series, millis, per_second, percentile},
    settings::{Backend, Place, Settings, Until},
    workload::Workload,
};

use self::place::Base;

/// Rounds of each measurement; the median counts.
const ROUNDS: usize = 5;
/// Rounds on a database; short ones, as a disk is not equally fast all the time.
const SLICES: usize = 15;
/// Seconds of each round on a database.
const SLICE: f64 = 0.4;
/// Seconds of each round in memory.
const SHORT: f64 = 1.0;
/// Completions of one branch on SQLite, for each number of live ones.
const COMPLETIONS: usize = 500;
/// Live branches, the baseline first.
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// Runs everything and prints the table; of the parts only that one, when it is named, and of what
/// grows only the database that is named.
pub(crate) async fn run(part: Option<&str>, database: Option<&str>) -> anyhow::Result<()> {
    let wants = |name: &str| part.is_none_or(|part| part == name);
    println!("| measured | value | baseline | ratio | wanted |");
    println!("| --- | --- | --- | --- | --- |");
    if wants("machine") {
        in_memory()?;
    }
    if wants("compile") {
        let median = compiling::median(1_000, 31)?;
        let median = millis(median);
        println!(
            "| compiling a definition of 1,000 nodes, ms of one core's time | {median} | | | under 50 |"
        );
    }
    if wants("conditions") {
        for (name, median, wanted) in conditions::rows()? {
            let micros = median.as_secs_f64() * 1e6;
            println!("| evaluating {name}, us of one core's time | {micros:.2} | | | {wanted} |");
        }
    }
    if wants("branches") {
        branches_in_memory()?;
        branches_on_sqlite().await?;
    }
    if wants("sqlite") {
        sqlite::run().await?;
    }
    if wants("inbox") {
        growth::inboxes(&Base::sqlite()?).await?;
    }
    if wants("finished") {
        for base in Base::each(database)? {
            growth::finished(&base).await?;
        }
    }
    if wants("postgres") {
        servers::postgres().await?;
    }
    if wants("mysql") {
        servers::mysql().await?;
    }
    if wants("memory") {
        for base in Base::each(database)? {
            growth::drained(&base).await?;
        }
    }
    Ok(())
}

fn in_memory() -> anyhow::Result<()> {
    let mut workloads = [
        (Workload::W1, Machine::w1()?, 300_000),
        (Workload::W2, Machine::w2()?, 150_000),
        (Workload::W3, Machine::w3()?, 150_000),
    ];
    let mut rates = [const { Series::new() }; 3];
    for _ in 0..ROUNDS {
        for ((workload, machine, _), rates) in workloads.iter_mut().zip(&mut rates) {
            let runs = per_second(SHORT, || machine.once())?;
            rates.add(runs * f64::from(workload.transitions()));
        }
    }
    for ((workload, _, wanted), rates) in workloads.iter().zip(&rates) {
        let (name, rate) = (workload.name(), rates.median());
        println!(
            "| machine alone, {name}, transitions/s of one core's time | {rate:.0} | | | at least {wanted} |"
        );
    }
    let mut host = Host::new(machine::chain(1_000)?);
    let command = host.start(&std::sync::Arc::default());
    let mut each = Vec::new();
    for _ in 0..50 {
        let began = Busy::new();
        host.run("ann", None, &command)?;
        each.push(began.elapsed());
    }
    let median = millis(percentile(&each, 50));
    println!(
        "| machine alone, 1,000 functions in one command, ms of one core's time | {median} | | | under 5 |"
    );
    Ok(())
}

/// A baseline, and the ratios to it, each within one round: a disk may be slow for minutes.
#[derive(Clone, Debug)]
struct Pairs {
    base: Series,
    ratio: Series,
}

impl Pairs {
    const fn new() -> Self {
        Self {
            base: Series::new(),
            ratio: Series::new(),
        }
    }

    fn add(&mut self, value: f64, base: f64) {
        self.base.add(base);
        self.ratio.add(value / base);
    }
}

fn settings(workload: Workload, place: Place, backend: Backend, clients: usize) -> Settings {
    Settings {
        label: String::new(),
        workload,
        place,
        backend,
        clients,
        until: Until::Seconds(SLICE),
        preload: 0,
        inbox: 0,
    }
}

fn branches_in_memory() -> anyhow::Result<()> {
    for (how, loaded) in [
        ("as loaded from a store", InMemory::OneBranch),
        ("the whole instance in memory", InMemory::Whole),
    ] {
        let mut series = [const { Series::new() }; 4];
        for _ in 0..ROUNDS {
            for (n, series) in SIZES.into_iter().zip(&mut series) {
                let median = branches::in_memory(n, loaded, 500)?;
                series.add(median.as_secs_f64() * 1_000.0);
            }
        }
        print_branches(&format!("machine alone, {how}"), &series);
    }
    Ok(())
}

async fn branches_on_sqlite() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut all = Vec::new();
    for n in SIZES {
        let store = SqliteStore::open(folder.path().join(format!("{n}.db"))).await?;
        all.push(Live::new(store, n)?);
    }
    let mut series = [const { Series::new() }; 4];
    // In turn, so that a slow moment of the disk hits all alike.
    for _ in 0..COMPLETIONS {
        for (live, series) in all.iter_mut().zip(&mut series) {
            series.add(live.complete_one().await?.as_secs_f64() * 1_000.0);
        }
    }
    print_branches("on SQLite, load + decide + commit", &series);
    Ok(())
}

fn print_branches(how: &str, series: &[Series; 4]) {
    let first = series[0].median();
    for (n, series) in SIZES.iter().zip(series) {
        let median = series.median();
        let ratio = median / first;
        println!(
            "| completing one of {n} live branches, {how}, ms | {median:.4} | {first:.4} (10) | {ratio:.2} | within 1.30 |"
        );
    }
}

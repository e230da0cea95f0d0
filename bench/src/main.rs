//! The benchmark driver: one workload of BENCH variables, or `table` for all beside their baselines
//! (`table machine`, `compile`, `conditions`, `branches`, `sqlite`, `inbox`, `finished`, `memory`,
//! `postgres` or `mysql` for a part of it; `table finished` and `table memory` may be followed by
//! `sqlite` or `postgres`).
//!
//! Without arguments it reads the variables and prints lines `peer workload db metric value`:
//! `BENCH_PEER` `BENCH_WORKLOAD` `BENCH_DB` `BENCH_SQLITE` `BENCH_PG_URL` `BENCH_MYSQL_URL` `BENCH_BACKEND` `BENCH_CLIENTS`
//! `BENCH_COUNT` `BENCH_SECONDS` `BENCH_PRELOAD` `BENCH_INBOX`. The workload is W1 to W4;
//! W5@N is W1 with N to store before, WnxN is Wn with N clients.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod bare;
mod branches;
mod clients;
mod compiling;
mod conditions;
mod copies;
mod counters;
mod drain;
mod engine;
mod host;
mod inbox;
mod machine;
mod measure;
mod preload;
mod settings;
mod table;
mod workload;

use anyhow::bail;

use crate::workload::Workload;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut args = std::env::args().skip(1);
    let [what, first, second] = [args.next(), args.next(), args.next()];
    match what.as_deref() {
        None => runtime.block_on(drive()),
        Some("drain") => runtime.block_on(drain::child(first.as_deref())),
        Some("table") => runtime.block_on(table::run(first.as_deref(), second.as_deref())),
        Some(other) => bail!("expected no argument or `table`, found `{other}`"),
    }
}

async fn drive() -> anyhow::Result<()> {
    let settings = settings::Settings::from_env()?;
    let metrics = match settings.workload {
        Workload::W4 => inbox::run(&settings).await?.metrics(),
        _ => clients::run(&settings).await?.metrics(),
    };
    let name = &settings.label;
    for (metric, value) in metrics {
        println!("{name} {metric} {value}");
    }
    Ok(())
}

//! The benchmark driver: one workload of BENCH variables, or `table` for all beside their baselines.
//!
//! Without arguments it reads the variables and prints lines `peer workload db metric value`:
//! `BENCH_PEER` `BENCH_WORKLOAD` `BENCH_DB` `BENCH_SQLITE` `BENCH_BACKEND` `BENCH_CLIENTS`
//! `BENCH_COUNT` `BENCH_SECONDS` `BENCH_PRELOAD`.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod bare;
mod branches;
mod machine;
mod measure;
mod settings;
mod table;
mod workload;

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    match std::env::args().nth(1).as_deref() {
        None => runtime.block_on(drive()),
        Some("table") => runtime.block_on(table::run()),
        Some(other) => bail!("expected no argument or `table`, found `{other}`"),
    }
}

async fn drive() -> anyhow::Result<()> {
    let settings = settings::Settings::from_env()?;
    let rates = workload::run(&settings).await?;
    let name = &settings.label;
    for (metric, value) in rates.metrics() {
        println!("{name} {metric} {value}");
    }
    Ok(())
}

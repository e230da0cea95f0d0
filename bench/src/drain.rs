//! A worker that drains many jobs, in a process of its own, as its memory counts.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, ensure};
use tokio::task::spawn_blocking;

use crate::{
    engine::engine,
    preload,
    settings::{Backend, Place, Settings, Until},
    workload::Workload,
};

/// What draining took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drained {
    /// Jobs of one second.
    pub(crate) per_second: f64,
    /// The most memory that the process ever had, in KiB; where the system tells.
    pub(crate) peak_kib: Option<u64>,
}

/// Stores so many due jobs in a file and lets a process drain them.
pub(crate) async fn run(path: &Path, jobs: usize) -> anyhow::Result<Drained> {
    let settings = settings(path);
    let engine = engine(&settings).await?;
    preload::store(&engine, settings.workload, jobs).await?;
    drop(engine);
    let mut child = Command::new(std::env::current_exe()?);
    child.arg("drain").arg(path).stdin(Stdio::null());
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

/// The process: drains what is in the file, and prints how many jobs, how many a second, and the
/// peak of its memory.
pub(crate) async fn child(path: Option<&str>) -> anyhow::Result<()> {
    let path = path.context("expected the file to drain")?;
    let engine = engine(&settings(Path::new(path))).await?;
    let began = Instant::now();
    let ran = engine.worker().tick().await?;
    let rate = f64::from(u32::try_from(ran)?) / began.elapsed().as_secs_f64();
    let peak = peak_kib().map_or_else(|| "unknown".to_owned(), |kib| kib.to_string());
    println!("{ran} {rate:.1} {peak}");
    Ok(())
}

/// Commits don't wait for the disk: it is not the speed that is measured.
fn settings(path: &Path) -> Settings {
    Settings {
        label: String::new(),
        workload: Workload::Errand,
        place: Place::Sqlite {
            path: path.to_path_buf(),
            full: false,
        },
        backend: Backend::Sqlx,
        clients: 1,
        until: Until::Count(0),
        preload: 0,
        inbox: 0,
    }
}

/// Linux tells.
fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

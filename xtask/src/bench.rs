//! `cargo xtask bench`: the benchmark table.

use std::process::ExitCode;

use crate::databases::{Databases, Durability};
use crate::process::{cargo, stream};
use crate::report::Outcome;

/// The parts of the table that want no server.
const WITHOUT_SERVER: &[&str] = &[
    "branches",
    "compile",
    "conditions",
    "inbox",
    "machine",
    "sqlite",
];

/// Builds signoff-bench with optimizations and runs its `table`, further arguments included, beside
/// servers that wait for the disk.
///
/// # Errors
/// cargo or the keeper of the servers cannot be started.
pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    if stream(&mut cargo(["build", "--release", "-p", "signoff-bench"]))? != Outcome::Passed {
        return Ok(ExitCode::FAILURE);
    }
    // Behind a part stands the database, where there is a choice.
    let wants_servers = !args
        .iter()
        .any(|word| WITHOUT_SERVER.contains(&word.as_str()));
    let databases = wants_servers
        .then(|| Databases::get(Durability::Full))
        .transpose()?;
    let mut command = cargo(["run", "--release", "-p", "signoff-bench", "--", "table"]);
    command.args(args);
    command.envs(databases.iter().flat_map(Databases::variables));
    Ok(match stream(&mut command)? {
        Outcome::Passed => ExitCode::SUCCESS,
        Outcome::Failed(_) | Outcome::Skipped(_) => ExitCode::FAILURE,
    })
}

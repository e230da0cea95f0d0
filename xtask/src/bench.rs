//! `cargo xtask bench`: the benchmark table.

use std::process::ExitCode;

use crate::process::{cargo, stream};
use crate::report::Outcome;

/// Builds signoff-bench with optimizations and runs its `table`, further arguments included.
///
/// # Errors
/// cargo cannot be started.
pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    let mut command = cargo(["run", "--release", "-p", "signoff-bench", "--", "table"]);
    command.args(args);
    Ok(match stream(&mut command)? {
        Outcome::Passed => ExitCode::SUCCESS,
        Outcome::Failed(_) | Outcome::Skipped(_) => ExitCode::FAILURE,
    })
}

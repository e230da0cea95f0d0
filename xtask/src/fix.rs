//! `cargo xtask fix`: what can be put right without thinking.

use std::process::ExitCode;

use crate::parity;
use crate::patterns;
use crate::process::{cargo, stream};
use crate::report::{Outcome, Report};

/// Formats, applies clippy's suggestions, and regenerates the generated documents.
///
/// # Errors
/// None: a part that cannot run is a failed part.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    report.part("clippy --fix", || {
        stream(&mut cargo([
            "clippy",
            "--fix",
            "--allow-dirty",
            "--allow-staged",
            "--workspace",
            "--all-targets",
        ]))
    });
    // After clippy: its suggestions are not always formatted.
    report.part("fmt", || stream(&mut cargo(["fmt", "--all"])));
    report.part(parity::PAGE, || parity::run().map(|_| Outcome::Passed));
    report.part(patterns::PAGE, || patterns::run().map(|_| Outcome::Passed));
    Ok(report.finish())
}

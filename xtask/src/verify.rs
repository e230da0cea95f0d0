//! `cargo xtask verify`: every check but the tests; no tracked file changes.

use std::process::ExitCode;

use crate::crates;
use crate::process::{cargo, has_cargo, stream};
use crate::report::{Outcome, Report};
use crate::tidy;

/// Runs every check, also after one has failed.
///
/// # Errors
/// None: a check that cannot run is a failed part.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    report.part("fmt", || stream(&mut cargo(["fmt", "--all", "--check"])));
    report.part("clippy", || {
        // --locked: a lock file that is out of date is a finding, not something to write.
        stream(&mut cargo([
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    });
    report.part("doc", || {
        stream(
            cargo(["doc", "--locked", "--workspace", "--no-deps"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    });
    for package in crates::libraries() {
        report.part(&format!("{package} alone"), || alone(package));
    }
    report.part("tidy", tidy::outcome);
    report.part("deny", || {
        if_installed("deny", &["deny", "--locked", "check"])
    });
    report.part("hack", || {
        let mut args = vec!["hack", "check", "--locked", "--each-feature"];
        for package in crates::libraries() {
            args.extend(["-p", package]);
        }
        if_installed("hack", &args)
    });
    Ok(report.finish())
}

/// Workspace-wide builds unify features and hide what a library forgot to ask for.
fn alone(package: &str) -> anyhow::Result<Outcome> {
    stream(&mut cargo([
        "check",
        "--locked",
        "-p",
        package,
        "--no-default-features",
    ]))
}

fn if_installed(subcommand: &str, args: &[&str]) -> anyhow::Result<Outcome> {
    if has_cargo(subcommand) {
        stream(&mut cargo(args.iter().copied()))
    } else {
        Ok(Outcome::Skipped(format!(
            "cargo-{subcommand} is not installed"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tool_that_is_not_installed_is_skipped_with_its_name() {
        assert_eq!(
            if_installed("no-such-tool", &["no-such-tool"]).unwrap(),
            Outcome::Skipped("cargo-no-such-tool is not installed".to_owned())
        );
    }
}

//! `cargo xtask e2e`: the browser test, against the real program.
//!
//! `tests/e2e/run.mjs` gets `SIGNOFF_BIN`, the program just built, and `SIGNOFF_CHROMIUM`, the browser.

use std::process::{Command, ExitCode};

use crate::metadata::Metadata;
use crate::process::{cargo, find, stream};
use crate::report::{Outcome, Report};
use crate::setup;
use crate::tree;

const SCRIPT: &str = "tests/e2e/run.mjs";

/// Runs the browser test alone.
///
/// # Errors
/// None: what cannot run is reported as failed.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    report.part("e2e", play);
    Ok(report.finish())
}

/// Builds the program and plays the browser test, or says what is missing for it.
///
/// # Errors
/// cargo or node cannot be started.
pub(crate) fn play() -> anyhow::Result<Outcome> {
    let root = tree::root();
    let skipped = |why: &str| Ok(Outcome::Skipped(why.to_owned()));
    if !root.join(SCRIPT).exists() {
        return skipped("there is no tests/e2e/run.mjs");
    }
    let Some(node) = find(&["node"]) else {
        return skipped("no node");
    };
    let Some(chromium) = setup::chromium() else {
        return skipped("no chromium");
    };
    let folder = root.join("tests/e2e");
    if folder.join("package-lock.json").exists() && !folder.join("node_modules").exists() {
        return skipped("its package is missing: run `npm ci` in tests/e2e");
    }

    let built = stream(&mut cargo(["build", "-p", "signoff-cli"]))?;
    if built != Outcome::Passed {
        return Ok(built);
    }
    let program = format!("signoff{}", std::env::consts::EXE_SUFFIX);
    let program = Metadata::load()?
        .target_directory
        .join("debug")
        .join(program);
    stream(
        Command::new(node)
            .arg(SCRIPT)
            .current_dir(root)
            .env("SIGNOFF_BIN", program)
            .env("SIGNOFF_CHROMIUM", chromium),
    )
}

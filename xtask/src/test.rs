//! `cargo xtask test`: all tests, one command.

use std::process::ExitCode;

use clap::ValueEnum;

use crate::databases::{Databases, Demand, Durability};
use crate::e2e;
use crate::process::{cargo, has_cargo, stream};
use crate::report::Report;
use crate::scenarios::{self, Place};

/// On which stores the scenarios run.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Stores {
    /// The memory store alone.
    Memory,
    /// Also a SQLite file through each SQL store.
    All,
}

impl Stores {
    fn places(self) -> &'static [Place] {
        const ALL: &[Place] = &[
            Place::Memory,
            Place::Sqlite { backend: "sqlx" },
            Place::Sqlite { backend: "diesel" },
        ];
        match self {
            Self::Memory => &ALL[..1],
            Self::All => ALL,
        }
    }
}

/// Runs every part, also after one has failed.
///
/// # Errors
/// The keeper of the database servers cannot be started; a part that cannot run is a failed part.
pub(crate) fn run(stores: Stores, demand: Demand) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    let databases = Databases::get(Durability::Off)?;
    databases.report(&mut report, demand);
    report.part("tests", || {
        if has_cargo("nextest") {
            let mut nextest = cargo(["nextest", "run", "--workspace", "--no-fail-fast"]);
            stream(nextest.envs(databases.variables()))
        } else {
            // Without doctests: they are a part of their own, since nextest has none.
            let mut test = cargo(["test", "--workspace", "--no-fail-fast"]);
            test.args(["--lib", "--bins", "--tests", "--examples"]);
            stream(test.envs(databases.variables()))
        }
    });
    report.part("doctests", || {
        stream(&mut cargo([
            "test",
            "--workspace",
            "--no-fail-fast",
            "--doc",
        ]))
    });
    for place in stores.places() {
        report.part(&place.name(), || scenarios::run(*place));
    }
    report.part("e2e", e2e::play);
    Ok(report.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_stores_include_the_memory_store() {
        let names = |stores: Stores| -> Vec<String> {
            stores.places().iter().map(|place| place.name()).collect()
        };
        assert_eq!(names(Stores::Memory), ["scenarios"]);
        assert_eq!(
            names(Stores::All),
            [
                "scenarios",
                "scenarios on SQLite (sqlx)",
                "scenarios on SQLite (diesel)"
            ]
        );
    }
}

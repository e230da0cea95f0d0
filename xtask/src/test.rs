//! `cargo xtask test`: all tests, one command.

use std::process::ExitCode;

use clap::ValueEnum;

use crate::databases::{Databases, Demand, Durability};
use crate::e2e;
use crate::process::{cargo, find, has_cargo, stream};
use crate::report::{Outcome, Report};
use crate::scenarios::{self, Place};

/// On which stores the scenarios run.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Stores {
    /// The memory store alone.
    Memory,
    /// Also a SQLite file through each SQL store, and PostgreSQL and MariaDB where they are.
    All,
}

impl Stores {
    fn places(self) -> &'static [Place] {
        const ALL: &[Place] = &[
            Place::Memory,
            Place::Sqlite { backend: "sqlx" },
            Place::Sqlite { backend: "diesel" },
            Place::Postgres { backend: "sqlx" },
            Place::Postgres { backend: "diesel" },
            Place::Mysql { backend: "sqlx" },
            Place::Mysql { backend: "diesel" },
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
    report.part("hosts", || hosts(&databases, demand));
    for place in stores.places() {
        report.part(&place.name(), || scenarios::run(*place, &databases));
    }
    report.part("e2e", e2e::play);
    Ok(report.finish())
}

/// The example of every host that lends its transaction; one of them needs libpq, which no default
/// build does.
fn hosts(databases: &Databases, demand: Demand) -> anyhow::Result<Outcome> {
    const FEATURES: [&str; 2] = [
        "--features",
        "signoff/diesel-mysql,signoff/diesel-postgres-sync,signoff/diesel-sqlite,\
         signoff/sqlx-mysql,signoff/sqlx-postgres,signoff/testing",
    ];
    const PACKAGES: [&str; 4] = ["-p", "signoff", "-p", "signoff-store-diesel"];
    if find(&["pg_config"]).is_none() {
        let why = "libpq is not installed".to_owned();
        return Ok(match demand {
            Demand::IfPossible => Outcome::Skipped(why),
            Demand::All => Outcome::Failed(why),
        });
    }
    let built = stream(cargo(["build", "--examples"]).args(PACKAGES).args(FEATURES))?;
    if built != Outcome::Passed {
        return Ok(built);
    }
    let mut test = cargo(["test", "--no-fail-fast", "--test", "it"]);
    test.args(PACKAGES).args(FEATURES);
    stream(
        test.args(["--", "examples::", "sync::"])
            .envs(databases.variables()),
    )
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
                "scenarios on SQLite (diesel)",
                "scenarios on PostgreSQL (sqlx)",
                "scenarios on PostgreSQL (diesel)",
                "scenarios on MariaDB (sqlx)",
                "scenarios on MariaDB (diesel)"
            ]
        );
    }
}

//! The scenarios: tests that are data, run by `signoff test`.

use std::fs;

use anyhow::Context as _;

use crate::databases::{Databases, Kind};
use crate::metadata::Metadata;
use crate::process::{cargo, stream_last_line};
use crate::report::Outcome;
use crate::tree::Tree;

/// Definitions whose `tests:` must pass, beside what `tests/` holds.
const EXAMPLES: &[&str] = &[
    "examples/claim.yaml",
    "examples/hello_world.yaml",
    "examples/insurance_claim.yaml",
    "examples/purchase_request.yaml",
    "examples/shipment.yaml",
];

/// Where scenarios run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// The memory store.
    Memory,
    /// A MariaDB server, through one of the two stores; scenarios have tenants of their own.
    Mysql {
        /// `sqlx` or `diesel`.
        backend: &'static str,
    },
    /// A PostgreSQL server, through one of the two stores; scenarios have tenants of their own.
    Postgres {
        /// `sqlx` or `diesel`.
        backend: &'static str,
    },
    /// A fresh SQLite file, through one of the two stores.
    Sqlite {
        /// `sqlx` or `diesel`.
        backend: &'static str,
    },
}

impl Place {
    /// The name of the part in the report.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Memory => "scenarios".to_owned(),
            Self::Mysql { backend } => format!("scenarios on MariaDB ({backend})"),
            Self::Postgres { backend } => format!("scenarios on PostgreSQL ({backend})"),
            Self::Sqlite { backend } => format!("scenarios on SQLite ({backend})"),
        }
    }
}

/// Runs all scenarios in one place.
///
/// # Errors
/// Files cannot be listed, or cargo not be run.
pub(crate) fn run(place: Place, databases: &Databases) -> anyhow::Result<Outcome> {
    let mut args: Vec<String> = ["run", "--quiet", "-p", "signoff-cli", "--", "test"]
        .map(str::to_owned)
        .to_vec();
    let store = match place {
        Place::Memory => None,
        Place::Mysql { backend } => match databases.url(Kind::Mysql) {
            Ok(url) => Some((url.to_owned(), backend)),
            Err(why) => return Ok(Outcome::Skipped(why.to_owned())),
        },
        Place::Postgres { backend } => match databases.url(Kind::Postgres) {
            Ok(url) => Some((url.to_owned(), backend)),
            Err(why) => return Ok(Outcome::Skipped(why.to_owned())),
        },
        Place::Sqlite { backend } => Some((fresh_sqlite(backend)?, backend)),
    };
    if let Some((url, backend)) = store {
        args.extend(["--store".to_owned(), url]);
        args.extend(["--backend".to_owned(), backend.to_owned()]);
    }
    args.extend(files(&Tree::open()?)?);
    let (outcome, last_line) = stream_last_line(&mut cargo(args.iter().map(String::as_str)))?;
    Ok(judge(outcome, &last_line))
}

/// The example definitions, `tests/**/*.scenario.yaml`, and other YAML under `tests/` that has `tests:`.
fn files(tree: &Tree) -> anyhow::Result<Vec<String>> {
    let mut files: Vec<String> = EXAMPLES.iter().map(|path| (*path).to_owned()).collect();
    for path in tree.with_extension(&["yaml"]) {
        if !path.starts_with("tests/") {
            continue;
        }
        let is_scenario = path.ends_with(".scenario.yaml")
            || tree
                .text(path)?
                .lines()
                .any(|line| line.starts_with("tests:"));
        if is_scenario {
            files.push(path.to_owned());
        }
    }
    Ok(files)
}

/// The titles of the scenarios in a file, in its order.
pub(crate) fn titles(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.trim_start().trim_start_matches("- ");
        let title = line.strip_prefix("scenario:")?.trim();
        let quoted = ['"', '\'']
            .iter()
            .find_map(|quote| title.strip_prefix(*quote)?.strip_suffix(*quote));
        Some(quoted.unwrap_or(title))
    })
}

fn fresh_sqlite(backend: &str) -> anyhow::Result<String> {
    let folder = Metadata::load()?
        .target_directory
        .join("scenarios")
        .join(backend);
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(format!("sqlite:{}", folder.join("signoff.db").display()))
}

/// A run that ended well but played nothing has not shown anything.
fn judge(outcome: Outcome, last_line: &str) -> Outcome {
    match (outcome, passed_count(last_line)) {
        (Outcome::Passed, None) => Outcome::Failed(format!(
            "expected `N passed, N failed` as the last line, found `{last_line}`"
        )),
        (Outcome::Passed, Some(0)) => Outcome::Failed("no scenario ran".to_owned()),
        (Outcome::Failed(_), Some(_)) => Outcome::Failed(last_line.trim().to_owned()),
        (outcome, _) => outcome,
    }
}

/// `12` of `12 passed, 0 failed`.
fn passed_count(line: &str) -> Option<u64> {
    let (passed, failed) = line.trim().split_once(" passed, ")?;
    failed.strip_suffix(" failed")?.parse::<u64>().ok()?;
    passed.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    #[test]
    fn scenario_files_and_definitions_with_tests_are_found() {
        let (_folder, tree) = tree::sample(&[
            ("tests/flows/a.scenario.yaml", "scenario: a\n"),
            ("tests/flows/defined.yaml", "kind: flow\ntests:\n"),
            ("tests/flows/plain.yaml", "kind: flow\n"),
            ("docs/other.scenario.yaml", "scenario: a\n"),
        ]);
        assert_eq!(
            files(&tree).unwrap(),
            [
                "examples/claim.yaml",
                "examples/hello_world.yaml",
                "examples/insurance_claim.yaml",
                "examples/purchase_request.yaml",
                "examples/shipment.yaml",
                "tests/flows/a.scenario.yaml",
                "tests/flows/defined.yaml"
            ]
        );
    }

    #[test]
    fn titles_come_in_order_and_without_quotes() {
        let text = "# scenario: no\ntests:\n  - scenario: plain\n  - scenario: \"with: colon\"\n    scenarios: none\n";
        assert_eq!(titles(text).collect::<Vec<_>>(), ["plain", "with: colon"]);
    }

    #[test]
    fn run_is_judged_by_its_last_line_too() {
        let failed = |why: &str| Outcome::Failed(why.to_owned());
        for (outcome, last_line, expected) in [
            (Outcome::Passed, "3 passed, 0 failed", Outcome::Passed),
            (
                Outcome::Passed,
                "0 passed, 0 failed",
                failed("no scenario ran"),
            ),
            (
                Outcome::Passed,
                "",
                failed("expected `N passed, N failed` as the last line, found ``"),
            ),
            (
                failed("exit code 1"),
                "2 passed, 1 failed",
                failed("2 passed, 1 failed"),
            ),
            (failed("exit code 101"), "", failed("exit code 101")),
        ] {
            assert_eq!(judge(outcome, last_line), expected, "{last_line}");
        }
    }
}

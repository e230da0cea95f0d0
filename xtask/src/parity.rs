//! `cargo xtask parity`: which test holds which feature.
//!
//! `tests/parity.toml` is written by hand; `docs/parity.md` is generated from it and from the feature lists.

mod evidence;
mod ledger;
mod page;

use std::process::ExitCode;

use crate::features::{self, List};
use crate::metadata::Metadata;
use crate::parity::evidence::Tests;
use crate::parity::ledger::Ledger;
use crate::tree::Tree;

/// The hand-written file.
pub(crate) const LEDGER: &str = "tests/parity.toml";

/// The generated page.
pub(crate) const PAGE: &str = "docs/parity.md";

/// Regenerates the page.
///
/// # Errors
/// The lists or the ledger cannot be read, or the page not written.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let tree = Tree::open()?;
    let (lists, ledger) = load(&tree)?;
    if tree.write(PAGE, &page::render(&lists, &ledger))? {
        eprintln!("wrote {PAGE}");
    }
    println!("{}", counts(&lists, &ledger));
    Ok(ExitCode::SUCCESS)
}

/// What the parity check found.
#[derive(Debug)]
pub(crate) struct Checked {
    /// What is wrong.
    pub(crate) problems: Vec<String>,
    /// `parity: 12 of 232 approvals and steps, 0 of 187 flows`.
    pub(crate) counts: String,
}

/// Checks the ledger's ids, its evidence and the generated page.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn check(tree: &Tree, metadata: &Metadata) -> anyhow::Result<Checked> {
    check_folders(tree, &metadata.folders())
}

fn check_folders(tree: &Tree, folders: &[(&str, String)]) -> anyhow::Result<Checked> {
    let (lists, ledger) = load(tree)?;
    let mut problems = ledger.compare_ids(&lists);
    let tests = Tests::collect(tree, folders)?;
    for (id, entries) in ledger.entries() {
        problems.extend(evidence::check(tree, &tests, id, entries));
    }
    if tree.text(PAGE).ok() != Some(page::render(&lists, &ledger)) {
        problems.push(format!(
            "{PAGE} is out of date: run `cargo xtask parity` (or `cargo xtask fix`)"
        ));
    }
    Ok(Checked {
        problems,
        counts: counts(&lists, &ledger),
    })
}

fn load(tree: &Tree) -> anyhow::Result<(Vec<List>, Ledger)> {
    Ok((features::load(tree)?, Ledger::load(tree)?))
}

fn counts(lists: &[List], ledger: &Ledger) -> String {
    let each: Vec<String> = lists
        .iter()
        .map(|list| {
            format!(
                "{} of {} {}",
                ledger.held(list),
                list.features.len(),
                list.source.name
            )
        })
        .collect();
    format!("parity: {}", each.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    const APPROVALS: (&str, &str) = (
        "docs/features/approvals_and_steps.md",
        "### Definitions\nA1. One.\nA2. Two.\n",
    );
    const FLOWS: (&str, &str) = ("docs/features/flows.md", "### Start\nV1. Begin.\n");
    const SCENARIO: (&str, &str) = (
        "tests/approvals/basic.scenario.yaml",
        "scenario: two stages are approved\nsteps: []\n",
    );
    const UNIT: (&str, &str) = (
        "crates/core/src/vote.rs",
        "//! Votes.\n#[test]\nfn second_vote_is_refused() {}\n",
    );

    /// The problems of a repository with this ledger, apart from those of the page.
    #[track_caller]
    fn check(ledger: &str, expected: &[&str]) {
        let (_folder, tree) = tree::sample(&[APPROVALS, FLOWS, SCENARIO, UNIT, (LEDGER, ledger)]);
        let folders = [("signoff-core", "crates/core".to_owned())];
        let mut problems = check_folders(&tree, &folders).unwrap().problems;
        problems.retain(|problem| !problem.starts_with(PAGE));
        assert_eq!(problems, expected);
    }

    #[test]
    fn complete_ledger_with_real_evidence_has_no_problem() {
        check("A1 = []\nA2 = []\nV1 = []\n", &[]);
        check(
            "A1 = ['scenario:tests/approvals/basic.scenario.yaml#two stages are approved']\n\
             A2 = ['test:signoff-core::second_vote_is_refused']\nV1 = []\n",
            &[],
        );
    }

    #[test]
    fn missing_unknown_and_misplaced_ids_are_problems() {
        check(
            "A1 = []\nV1 = []\n",
            &["tests/parity.toml: A2 is missing (add `A2 = []`)"],
        );
        check(
            "A1 = []\nA2 = []\nV1 = []\nV2 = []\n",
            &["tests/parity.toml: V2 is in no feature list"],
        );
        check(
            "A2 = []\nA1 = []\nV1 = []\n",
            &["tests/parity.toml: A2 is out of order: A1 comes first"],
        );
    }

    #[test]
    fn evidence_that_does_not_exist_is_a_problem() {
        let problem_of = |entry: &str, problem: &str| {
            check(&format!("A1 = ['{entry}']\nA2 = []\nV1 = []\n"), &[problem]);
        };
        problem_of(
            "scenario:tests/none.yaml#x",
            "A1: `tests/none.yaml` does not exist",
        );
        problem_of(
            "scenario:tests/approvals/basic.scenario.yaml#other",
            "A1: `tests/approvals/basic.scenario.yaml` has no scenario `other`",
        );
        problem_of(
            "test:signoff-core::first_vote",
            "A1: package `signoff-core` has no test `first_vote`",
        );
        problem_of(
            "test:signoff-none::first_vote",
            "A1: there is no package `signoff-none`",
        );
        problem_of(
            "seen by hand",
            "A1: `seen by hand` is neither `scenario:<path>#<title>` nor `test:<package>::<function>`",
        );
    }

    #[test]
    fn repeated_evidence_is_a_problem() {
        check(
            "A1 = ['test:signoff-core::second_vote_is_refused', 'test:signoff-core::second_vote_is_refused']\nA2 = []\nV1 = []\n",
            &["A1: `test:signoff-core::second_vote_is_refused` stands twice"],
        );
    }

    #[test]
    fn page_out_of_date_is_a_problem_until_it_is_rendered() {
        let ledger = (LEDGER, "A1 = []\nA2 = []\nV1 = []\n");
        let (_folder, tree) = tree::sample(&[APPROVALS, FLOWS, ledger]);
        let problems = check_folders(&tree, &[]).unwrap().problems;
        assert_eq!(
            problems,
            ["docs/parity.md is out of date: run `cargo xtask parity` (or `cargo xtask fix`)"]
        );

        let (lists, ledger) = load(&tree).unwrap();
        tree.write(PAGE, &page::render(&lists, &ledger)).unwrap();
        assert!(check_folders(&tree, &[]).unwrap().problems.is_empty());
    }

    #[test]
    fn counts_name_both_lists() {
        let ledger = "A1 = []\nA2 = ['test:signoff-core::second_vote_is_refused']\nV1 = []\n";
        let (_folder, tree) = tree::sample(&[APPROVALS, FLOWS, (LEDGER, ledger)]);
        assert_eq!(
            check_folders(&tree, &[]).unwrap().counts,
            "parity: 1 of 2 approvals and steps, 0 of 1 flows"
        );
    }
}

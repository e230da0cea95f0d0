//! `cargo xtask tidy`: the rules of the repository that the compiler doesn't know.
//!
//! One file per rule; each answers with [`Findings`].

mod codes;
mod edges;
mod forbidden;
mod headers;
mod links;
mod markers;
mod sizes;

use std::process::ExitCode;

use crate::metadata::Metadata;
use crate::parity;
use crate::patterns;
use crate::report::Outcome;
use crate::tree::Tree;

/// What one rule found.
#[derive(Debug)]
pub(crate) struct Findings {
    rule: &'static str,
    problems: Vec<String>,
    notes: Vec<String>,
    skipped: Option<String>,
}

impl Findings {
    fn new(rule: &'static str) -> Self {
        Self {
            rule,
            problems: Vec::new(),
            notes: Vec::new(),
            skipped: None,
        }
    }

    /// Something that fails tidy.
    fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    /// Something to know.
    fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// The rule could not be checked.
    fn skip(mut self, why: impl Into<String>) -> Self {
        self.skipped = Some(why.into());
        self
    }

    fn print(&self) {
        let state = match (&self.skipped, self.problems.len()) {
            (Some(why), _) => format!("skipped: {why}"),
            (None, 0) => "ok".to_owned(),
            (None, 1) => "1 problem".to_owned(),
            (None, n_problems) => format!("{n_problems} problems"),
        };
        println!("{:10} {state}", self.rule);
        for problem in &self.problems {
            println!("  error: {problem}");
        }
        for note in &self.notes {
            println!("  note: {note}");
        }
    }
}

/// Checks every rule and prints what they found.
///
/// # Errors
/// The files cannot be listed or read.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    Ok(match outcome()? {
        Outcome::Passed | Outcome::Skipped(_) => ExitCode::SUCCESS,
        Outcome::Failed(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    })
}

/// As [`run`], as a part of a larger report.
///
/// # Errors
/// The files cannot be listed or read.
pub(crate) fn outcome() -> anyhow::Result<Outcome> {
    let tree = Tree::open()?;
    let metadata = Metadata::load()?;
    let all = [
        edges::check(&metadata.packages),
        sizes::check(&tree)?,
        headers::check(&tree)?,
        check_parity(&tree, &metadata)?,
        check_patterns(&tree)?,
        codes::check(&tree)?,
        markers::check(&tree)?,
        forbidden::check(&tree)?,
        links::check(&tree)?,
    ];
    for findings in &all {
        findings.print();
    }
    Ok(summary(&all))
}

fn check_parity(tree: &Tree, metadata: &Metadata) -> anyhow::Result<Findings> {
    let checked = parity::check(tree, metadata)?;
    let mut findings = Findings::new("parity");
    findings.problems = checked.problems;
    findings.note(checked.counts);
    Ok(findings)
}

fn check_patterns(tree: &Tree) -> anyhow::Result<Findings> {
    let checked = patterns::check(tree)?;
    let mut findings = Findings::new("patterns");
    findings.problems = checked.problems;
    findings.note(checked.counts);
    Ok(findings)
}

fn summary(all: &[Findings]) -> Outcome {
    let n_problems: usize = all.iter().map(|findings| findings.problems.len()).sum();
    let rules: Vec<&str> = all
        .iter()
        .filter(|findings| !findings.problems.is_empty())
        .map(|findings| findings.rule)
        .collect();
    match n_problems {
        0 => Outcome::Passed,
        1 => Outcome::Failed(format!("1 problem ({})", rules.join(", "))),
        _ => Outcome::Failed(format!("{n_problems} problems ({})", rules.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_counts_problems_and_names_their_rules() {
        let mut edges = Findings::new("edges");
        let mut sizes = Findings::new("sizes");
        sizes.note("a.rs has 500 lines");
        let skipped = Findings::new("codes").skip("no such subcommand");
        assert_eq!(summary(&[sizes, skipped]), Outcome::Passed);

        edges.problem("a");
        edges.problem("b");
        let mut links = Findings::new("links");
        links.problem("c");
        assert_eq!(
            summary(&[edges, links]),
            Outcome::Failed("3 problems (edges, links)".to_owned())
        );
    }
}

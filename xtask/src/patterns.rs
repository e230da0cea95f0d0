//! `cargo xtask patterns`: which definition shows which workflow pattern.
//!
//! The definitions are in `tests/patterns`; `docs/patterns.md` is generated from them.

mod list;
mod page;
mod shown;

use std::process::ExitCode;

use crate::patterns::shown::Shown;
use crate::tree::Tree;

/// Where the definitions are.
const FOLDER: &str = "tests/patterns";

/// The generated page.
pub(crate) const PAGE: &str = "docs/patterns.md";

/// Regenerates the page.
///
/// # Errors
/// A definition cannot be read, or the page not written.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let tree = Tree::open()?;
    let (shown, _) = shown::load(&tree)?;
    if tree.write(PAGE, &page::render(&shown))? {
        eprintln!("wrote {PAGE}");
    }
    println!("{}", counts(&shown));
    Ok(ExitCode::SUCCESS)
}

/// What the check of the patterns found.
#[derive(Debug)]
pub(crate) struct Checked {
    /// What is wrong.
    pub(crate) problems: Vec<String>,
    /// `patterns: 43 of 43 control flow, 23 of 43 resources`.
    pub(crate) counts: String,
}

/// Checks the names of the definitions, and the generated page.
///
/// # Errors
/// A definition cannot be read.
pub(crate) fn check(tree: &Tree) -> anyhow::Result<Checked> {
    let (shown, mut problems) = shown::load(tree)?;
    if tree.text(PAGE).ok() != Some(page::render(&shown)) {
        problems.push(format!(
            "{PAGE} is out of date: run `cargo xtask patterns` (or `cargo xtask fix`)"
        ));
    }
    Ok(Checked {
        problems,
        counts: counts(&shown),
    })
}

fn counts(shown: &[Shown]) -> String {
    let each: Vec<String> = list::CATALOGS
        .iter()
        .map(|catalog| {
            let (held, all) = shown::count(shown, catalog);
            format!("{held} of {all} {}", catalog.name)
        })
        .collect();
    format!("patterns: {}", each.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    const SEQUENCE: (&str, &str) = (
        "tests/patterns/01_sequence.yaml",
        "# Pattern 1: Sequence. One after another.\nkind: flow\ntests:\n  - scenario: one after another\n",
    );

    /// The problems of a repository with this definition, apart from those of the page.
    #[track_caller]
    fn check_one(file: &str, text: &str, expected: &[&str]) {
        let (_folder, tree) = tree::sample(&[SEQUENCE, (file, text)]);
        let mut problems = check(&tree).unwrap().problems;
        problems.retain(|problem| !problem.starts_with(PAGE));
        assert_eq!(problems, expected);
    }

    #[test]
    fn page_out_of_date_is_a_problem_until_it_is_rendered() {
        let (_folder, tree) = tree::sample(&[SEQUENCE]);
        assert_eq!(
            check(&tree).unwrap().problems,
            ["docs/patterns.md is out of date: run `cargo xtask patterns` (or `cargo xtask fix`)"]
        );

        let (shown, _) = shown::load(&tree).unwrap();
        tree.write(PAGE, &page::render(&shown)).unwrap();
        let checked = check(&tree).unwrap();
        assert!(checked.problems.is_empty());
        assert_eq!(
            checked.counts,
            "patterns: 1 of 43 control flow, 0 of 43 resources"
        );
    }

    #[test]
    fn file_that_is_no_pattern_is_a_problem() {
        for file in ["44_none", "x_sequence", "r00_none", "sequence"] {
            check_one(
                &format!("tests/patterns/{file}.yaml"),
                "",
                &[&format!(
                    "tests/patterns/{file}.yaml: begin its name with the number of a pattern, `07_` or `r07_`"
                )],
            );
        }
    }

    #[test]
    fn first_line_says_which_pattern_it_is() {
        check_one(
            "tests/patterns/r27_delegation.yaml",
            "# Resource pattern 27: Delegation. Given away.\n",
            &[],
        );
        for text in ["", "kind: flow\n", "# Pattern 2: Parallel.\n"] {
            check_one(
                "tests/patterns/02_parallel_split.yaml",
                text,
                &[
                    "tests/patterns/02_parallel_split.yaml: expected `# Pattern 2: Parallel split. …` in the first line",
                ],
            );
        }
    }

    #[test]
    fn second_definition_of_a_pattern_is_a_problem() {
        check_one(
            "tests/patterns/01_row.yaml",
            "# Pattern 1: Sequence. Again.\n",
            &[
                "tests/patterns/01_sequence.yaml: `tests/patterns/01_row.yaml` shows the pattern already",
            ],
        );
    }
}

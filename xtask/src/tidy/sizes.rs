//! No source file grows without bound; tests and generated code aside.

use super::Findings;
use crate::tree::Tree;

/// Lines above which a file fails.
const LIMIT: usize = 700;

/// Lines above which a file is worth a thought.
const NOTE: usize = 400;

/// Files that may be longer, each with the reason.
const EXEMPT: &[(&str, &str)] = &[(
    "crates/core/src/event.rs",
    "one variant for each event of the closed list",
)];

/// Counts the lines of every source file.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn check(tree: &Tree) -> anyhow::Result<Findings> {
    check_exempting(tree, EXEMPT)
}

fn check_exempting(tree: &Tree, exempt: &[(&str, &str)]) -> anyhow::Result<Findings> {
    let mut findings = Findings::new("sizes");
    for path in tree.with_extension(&["rs"]).filter(|path| !is_test(path)) {
        let text = tree.text(path)?;
        if is_generated(&text) {
            continue;
        }
        let n_lines = code_lines(&text);
        let reason = exempt.iter().find(|(exempted, _)| *exempted == path);
        match reason {
            Some((_, reason)) if n_lines > LIMIT => {
                findings.note(format!("{path} has {n_lines} lines, exempt: {reason}"));
            }
            Some(_) => findings.problem(format!("{path} needs its exemption no more")),
            None if n_lines > LIMIT => {
                findings.problem(format!("{path} has {n_lines} lines, above {LIMIT}"));
            }
            None if n_lines > NOTE => findings.note(format!("{path} has {n_lines} lines")),
            None => {}
        }
    }
    Ok(findings)
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/")
        || path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.ends_with("_tests.rs")
}

fn is_generated(text: &str) -> bool {
    text.lines().take(3).any(|line| line.contains("@generated"))
}

/// The lines above the inline test module.
fn code_lines(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    lines
        .windows(2)
        .position(|pair| {
            pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
        })
        .unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    #[test]
    fn long_files_fail_and_longish_ones_are_noted() {
        let longish = "x\n".repeat(401);
        let long = "x\n".repeat(701);
        let generated = format!("// @generated\n{long}");
        let (_folder, tree) = tree::sample(&[
            ("a/at_note.rs", &"x\n".repeat(400)),
            ("a/long.rs", &long),
            ("a/longish.rs", &longish),
            ("a/generated.rs", &generated),
            ("a/tests/it/long.rs", &long),
            ("tests/src/long.rs", &long),
        ]);
        let findings = check(&tree).unwrap();
        assert_eq!(findings.problems, ["a/long.rs has 701 lines, above 700"]);
        assert_eq!(findings.notes, ["a/longish.rs has 401 lines"]);
    }

    #[test]
    fn exemption_is_noted_with_its_reason_and_reported_when_unneeded() {
        let (_folder, tree) =
            tree::sample(&[("a/long.rs", &"x\n".repeat(701)), ("a/short.rs", "x\n")]);
        let exempt = [("a/long.rs", "one table"), ("a/short.rs", "once long")];
        let findings = check_exempting(&tree, &exempt).unwrap();
        assert_eq!(
            findings.notes,
            ["a/long.rs has 701 lines, exempt: one table"]
        );
        assert_eq!(
            findings.problems,
            ["a/short.rs needs its exemption no more"]
        );
    }

    #[test]
    fn inline_tests_do_not_count() {
        assert_eq!(code_lines("a\nb\n\n#[cfg(test)]\nmod tests {\n}\n"), 3);
        assert_eq!(code_lines("a\n#[cfg(test)]\nmod tests;\nb\n"), 4);
    }
}

//! Unfinished work is either written down with its area, and listed here, or not committed.

use super::Findings;
use crate::tree::Tree;

/// Comment markers: fine with an area in parentheses, a problem without. Split, so that this file passes.
const MARKERS: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// Macros that stand for missing code.
const STUBS: [&str; 2] = [concat!("to", "do!"), concat!("unimpl", "emented!")];

const EXTENSIONS: &[&str] = &[
    "css", "html", "mjs", "rs", "sh", "sql", "toml", "yaml", "yml",
];

/// Looks for markers and stubs in sources.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn check(tree: &Tree) -> anyhow::Result<Findings> {
    let mut findings = Findings::new("markers");
    for path in tree.with_extension(EXTENSIONS) {
        for (idx, line) in tree.text(path)?.lines().enumerate() {
            let place = format!("{path}:{}: {}", idx + 1, line.trim());
            match judge(line) {
                Verdict::Clean => {}
                Verdict::WithArea => findings.note(place),
                Verdict::Bare => findings.problem(place),
            }
        }
    }
    Ok(findings)
}

#[derive(Debug, Eq, PartialEq)]
enum Verdict {
    Clean,
    WithArea,
    Bare,
}

fn judge(line: &str) -> Verdict {
    if STUBS.iter().any(|stub| after_word(line, stub).is_some()) {
        return Verdict::Bare;
    }
    let mut verdict = Verdict::Clean;
    for marker in MARKERS {
        match after_word(line, marker) {
            Some(rest) if rest.starts_with('(') => verdict = Verdict::WithArea,
            Some(rest) if !rest.starts_with(is_word) => return Verdict::Bare,
            _ => {}
        }
    }
    verdict
}

/// What follows the first occurrence of `word` that does not continue another word.
fn after_word<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    line.match_indices(word)
        .find(|(at, _)| !line[..*at].ends_with(is_word))
        .map(|(at, _)| &line[at + word.len()..])
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    #[test]
    fn marker_with_an_area_is_listed_and_without_one_is_a_problem() {
        let [todo, fixme] = MARKERS;
        let text = format!("// {todo}(store): batch.\n// {fixme} later\nlet x = 1;\n");
        let (_folder, tree) = tree::sample(&[("src/a.rs", &text), ("docs/a.md", &text)]);
        let findings = check(&tree).unwrap();
        assert_eq!(
            findings.notes,
            [format!("src/a.rs:1: // {todo}(store): batch.")]
        );
        assert_eq!(findings.problems, [format!("src/a.rs:2: // {fixme} later")]);
    }

    #[test]
    fn stubs_are_problems_and_other_words_are_not() {
        let [todo_macro, unimplemented] = STUBS;
        let [todo, _] = MARKERS;
        for (line, verdict) in [
            (format!("    {todo_macro}()"), Verdict::Bare),
            (format!("{unimplemented}(\"x\")"), Verdict::Bare),
            (format!("my_{todo_macro}()"), Verdict::Clean),
            (format!("{todo}S: list"), Verdict::Clean),
            ("todo = \"warn\"".to_owned(), Verdict::Clean),
        ] {
            assert_eq!(judge(&line), verdict, "{line}");
        }
    }
}

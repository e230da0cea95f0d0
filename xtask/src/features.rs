//! The feature lists in `docs/features`: every behaviour that a test must hold, with an id.

use anyhow::{Context as _, bail, ensure};

use crate::tree::Tree;

/// A list, and how its ids begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    /// The file.
    pub(crate) path: &'static str,
    /// The letter before each number.
    pub(crate) letter: char,
    /// What its features are called in counts and headings.
    pub(crate) name: &'static str,
}

/// The lists, in the order of `tests/parity.toml`.
pub(crate) const SOURCES: [Source; 2] = [
    Source {
        path: "docs/features/approvals_and_steps.md",
        letter: 'A',
        name: "approvals and steps",
    },
    Source {
        path: "docs/features/flows.md",
        letter: 'V',
        name: "flows",
    },
];

/// One list, read.
#[derive(Debug)]
pub(crate) struct List {
    /// Where it came from.
    pub(crate) source: Source,
    /// Its features in order of their ids.
    pub(crate) features: Vec<Feature>,
}

/// A line of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Feature {
    /// `A17`, `V3`.
    pub(crate) id: String,
    /// The heading above it.
    pub(crate) heading: String,
    /// What must hold.
    pub(crate) text: String,
}

/// Reads all lists.
///
/// # Errors
/// A file is missing, or its ids are not 1, 2, 3 …
pub(crate) fn load(tree: &Tree) -> anyhow::Result<Vec<List>> {
    SOURCES
        .into_iter()
        .map(|source| {
            let features = parse(&tree.text(source.path)?, source.letter)
                .with_context(|| format!("cannot read {}", source.path))?;
            Ok(List { source, features })
        })
        .collect()
}

fn parse(text: &str, letter: char) -> anyhow::Result<Vec<Feature>> {
    let mut heading = String::new();
    let mut features: Vec<Feature> = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("### ") {
            title.trim().clone_into(&mut heading);
        } else if let Some((number, text)) = numbered(line, letter) {
            let expected = features.len() + 1;
            ensure!(
                number == expected,
                "expected {letter}{expected}, found {letter}{number}"
            );
            ensure!(!heading.is_empty(), "{letter}{number} has no heading");
            features.push(Feature {
                id: format!("{letter}{number}"),
                heading: heading.clone(),
                text: text.trim().to_owned(),
            });
        }
    }
    if features.is_empty() {
        bail!("no line begins with {letter}1");
    }
    Ok(features)
}

/// `A12. Some text` as `(12, " Some text")`.
fn numbered(line: &str, letter: char) -> Option<(usize, &str)> {
    let (number, text) = line.strip_prefix(letter)?.split_once('.')?;
    Some((number.parse().ok()?, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
# Features (A1-A3)

About this list. A1 is mentioned here.

### First
A1. One thing. [x]
A2. Another | thing.

### Second
A3. A third.
Total: 3 items.
";

    #[test]
    fn ids_texts_and_headings_are_read() {
        let features = parse(LIST, 'A').unwrap();
        let rows: Vec<_> = features
            .iter()
            .map(|f| (f.id.as_str(), f.heading.as_str(), f.text.as_str()))
            .collect();
        assert_eq!(
            rows,
            [
                ("A1", "First", "One thing. [x]"),
                ("A2", "First", "Another | thing."),
                ("A3", "Second", "A third."),
            ]
        );
    }

    #[test]
    fn gaps_repetitions_and_strays_are_refused() {
        for (text, message) in [
            ("### H\nA1. a\nA3. b\n", "expected A2, found A3"),
            ("### H\nA1. a\nA1. b\n", "expected A2, found A1"),
            ("A1. a\n", "A1 has no heading"),
            ("### H\nV1. a\n", "no line begins with A1"),
        ] {
            let error = parse(text, 'A').unwrap_err().to_string();
            assert_eq!(error, message, "{text}");
        }
    }

    #[test]
    fn own_lists_are_complete() {
        let lists = load(&Tree::open().unwrap()).unwrap();
        let counts: Vec<_> = lists.iter().map(|list| list.features.len()).collect();
        assert_eq!(counts, [232, 187]);
    }
}

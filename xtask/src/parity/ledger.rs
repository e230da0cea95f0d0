//! `tests/parity.toml`: each feature's id with the tests that hold it.

use anyhow::Context as _;
use toml::{Table, Value};

use super::LEDGER;
use crate::features::List;
use crate::tree::Tree;

/// The file, read; ids in the order of the file.
#[derive(Debug)]
pub(crate) struct Ledger {
    rows: Vec<(String, Vec<String>)>,
}

impl Ledger {
    /// Reads the ledger.
    ///
    /// # Errors
    /// The file is missing, no TOML, or a value is not a list of strings.
    pub(crate) fn load(tree: &Tree) -> anyhow::Result<Self> {
        Self::parse(&tree.text(LEDGER)?).with_context(|| format!("cannot read {LEDGER}"))
    }

    /// The ids with their evidence.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.rows
            .iter()
            .map(|(id, entries)| (id.as_str(), entries.as_slice()))
    }

    /// The evidence of an id; none for one that is not in the ledger.
    pub(crate) fn evidence(&self, id: &str) -> &[String] {
        self.entries()
            .find(|(known, _)| *known == id)
            .map_or(&[], |(_, entries)| entries)
    }

    /// How many features of a list have evidence.
    pub(crate) fn held(&self, list: &List) -> usize {
        list.features
            .iter()
            .filter(|feature| !self.evidence(&feature.id).is_empty())
            .count()
    }

    /// Says which ids are missing, unknown or out of order.
    pub(crate) fn compare_ids(&self, lists: &[List]) -> Vec<String> {
        let expected: Vec<&str> = lists
            .iter()
            .flat_map(|list| &list.features)
            .map(|feature| feature.id.as_str())
            .collect();
        let found: Vec<&str> = self.entries().map(|(id, _)| id).collect();

        let missing = expected
            .iter()
            .filter(|id| !found.contains(id))
            .map(|id| format!("{LEDGER}: {id} is missing (add `{id} = []`)"));
        let unknown = found
            .iter()
            .filter(|id| !expected.contains(id))
            .map(|id| format!("{LEDGER}: {id} is in no feature list"));
        let in_order = expected.iter().filter(|id| found.contains(id));
        let as_found = found.iter().filter(|id| expected.contains(id));
        let misplaced = in_order
            .zip(as_found)
            .find(|(first, found)| first != found)
            .map(|(first, found)| {
                format!("{LEDGER}: {found} is out of order: {first} comes first")
            });
        missing.chain(unknown).chain(misplaced).collect()
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let table: Table = text.parse()?;
        let rows = table
            .into_iter()
            .map(|(id, value)| {
                let entries = strings(value)
                    .with_context(|| format!("expected {id} to be a list of strings"))?;
                Ok((id, entries))
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(Self { rows })
    }
}

fn strings(value: Value) -> Option<Vec<String>> {
    let Value::Array(items) = value else {
        return None;
    };
    items
        .into_iter()
        .map(|item| match item {
            Value::String(text) => Some(text),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_the_file_is_kept() {
        let ledger = Ledger::parse("# Definitions\nA2 = []\nA10 = ['x', 'y']\nA1 = []\n").unwrap();
        let ids: Vec<_> = ledger.entries().map(|(id, _)| id).collect();
        assert_eq!(ids, ["A2", "A10", "A1"]);
        assert_eq!(ledger.evidence("A10"), ["x", "y"]);
        assert!(ledger.evidence("A3").is_empty());
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in ["A1 = 'x'\n", "A1 = [1]\n", "A1 = []\nA1 = []\n", "A1 []\n"] {
            assert!(Ledger::parse(text).is_err(), "{text}");
        }
    }
}

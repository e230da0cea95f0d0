//! Ids and names of other modelers become keys.

use std::collections::BTreeSet;

/// The longest key.
const LONGEST: usize = 64;

/// Whether `text` is a key: `[a-z][a-z0-9_]*`, at most 64 characters.
fn is_key(text: &str) -> bool {
    let mut chars = text.chars();
    text.len() <= LONGEST
        && chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The key nearest to `text`, which may be one: `Order received` becomes `order_received`.
pub(super) fn key(text: &str) -> String {
    if is_key(text) {
        return text.to_owned();
    }
    let mut key = String::new();
    let mut before = '_';
    for c in text.chars() {
        let starts_word = c.is_ascii_uppercase() && before.is_ascii_lowercase();
        let separates = starts_word || !c.is_ascii_alphanumeric();
        if separates && !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
        if c.is_ascii_alphanumeric() {
            key.push(c.to_ascii_lowercase());
        }
        before = c;
        if key.len() >= LONGEST - 2 {
            break;
        }
    }
    let key = key.trim_end_matches('_');
    if is_key(key) {
        key.to_owned()
    } else {
        format!("n_{key}").trim_end_matches('_').to_owned()
    }
}

/// Keys that differ from each other.
#[derive(Debug, Default)]
pub(super) struct Names {
    used: BTreeSet<String>,
    /// Where the search for the next free number goes on.
    number: usize,
}

impl Names {
    /// The key nearest to `wanted` that is free; from now on it is not.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        let wanted = key(wanted);
        if self.used.insert(wanted.clone()) {
            return wanted;
        }
        loop {
            self.number += 1;
            let number = format!("_{}", self.number);
            // Keys are ASCII.
            let stem = &wanted[..wanted.len().min(LONGEST - number.len())];
            let key = format!("{stem}{number}");
            if self.used.insert(key.clone()) {
                return key;
            }
        }
    }

    /// A free key for what is added after `key`.
    pub(super) fn after(&mut self, key: &str, what: &str) -> String {
        let stem = &key[..key.len().min(LONGEST - 1 - what.len())];
        self.take(&format!("{stem}_{what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_becomes_a_key() {
        for (text, expected) in [
            ("approve", "approve"),
            ("a__b_", "a__b_"),
            ("Order received", "order_received"),
            ("orderReceived", "order_received"),
            ("Activity_0x1f", "activity_0x1f"),
            ("1st", "n_1st"),
            ("طلب", "n"),
            ("", "n"),
        ] {
            assert_eq!(key(text), expected, "{text}");
        }
        assert!(is_key(&key(&"Ab".repeat(100))));
    }

    #[test]
    fn a_key_that_is_taken_gets_a_number() {
        let mut names = Names::default();
        let long = "x".repeat(LONGEST);
        let taken = ["a", "A", "a_1", &long, &long].map(|wanted| names.take(wanted));
        assert_eq!(taken[..3], ["a", "a_1", "a_1_2"]);
        assert!(taken.iter().all(|key| is_key(key)));
        assert!(is_key(&names.after(&long, "split")));
    }
}

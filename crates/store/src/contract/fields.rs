//! Finding and ordering instances by their data.

use serde_json::{Value, json};
use signoff_core::change::field_key;

/// A bound above every truth, number and text.
const TOP: &str = "z";

/// What a field of the data must be.
///
/// What is compared with is a text as people write it: one that reads as a number means the number
/// too, and `true` and `false` the truths. Texts compare by their letters as stored, by the first 200.
/// An instance is found by the fields that its definition lists as `indexed`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FieldFilter {
    /// The place in the data: keys with dots between them.
    pub name: String,
    /// What is asked of it.
    pub test: FieldTest,
}

/// What is asked of a field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FieldTest {
    /// It is one of these.
    AnyOf(Vec<String>),
    /// It is this or greater.
    AtLeast(String),
    /// It is this or less.
    AtMost(String),
    /// It is a text with this in it; letters of ASCII in either case.
    Contains(String),
    /// It is there, or not.
    Exists(bool),
    /// It is greater.
    Greater(String),
    /// It is less.
    Less(String),
    /// It is none of these, or not there.
    NoneOf(Vec<String>),
}

/// How a list of instances is ordered.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum InstanceOrder {
    /// The earliest started first.
    Earliest,
    /// By a field of the data, then by id; those without the field are not in the list.
    Field {
        /// The place in the data.
        name: String,
        /// Whether the greatest comes first.
        descending: bool,
    },
    /// The latest started first.
    #[default]
    Started,
}

/// What [`FieldFilter`] asks of stored keys, for those who write a store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// Whether no key may be so, or none be there.
    pub not: bool,
    /// From the first on, below the second.
    pub ranges: Vec<(String, String)>,
    /// What must be in the text, in small letters of ASCII.
    pub part: Option<String>,
}

impl FieldFilter {
    /// The field is this.
    #[must_use]
    pub fn equals(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            test: FieldTest::AnyOf(vec![value.into()]),
        }
    }

    /// The name as it may be stored: what has U+0000 in it is the name of no field.
    #[must_use]
    pub fn stored_name(&self) -> String {
        self.name.replace('\0', "\u{fffd}")
    }

    /// What it asks of stored keys.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let mut part = None;
        let ranges = match &self.test {
            FieldTest::AnyOf(values) | FieldTest::NoneOf(values) => values
                .iter()
                .flat_map(|value| keys(value))
                .map(|key| (key.clone(), after(&key)))
                .collect(),
            FieldTest::AtLeast(value) => above(value, |key| key),
            FieldTest::AtMost(value) => below(value, |key| after(&key)),
            // No stored text has it.
            FieldTest::Contains(text) if text.contains('\0') => Vec::new(),
            FieldTest::Contains(text) => {
                part = Some(text.to_ascii_lowercase());
                vec![("t".to_owned(), "u".to_owned())]
            }
            FieldTest::Exists(_) => vec![(String::new(), TOP.to_owned())],
            FieldTest::Greater(value) => above(value, |key| after(&key)),
            FieldTest::Less(value) => below(value, |key| key),
        };
        let not = matches!(self.test, FieldTest::NoneOf(_) | FieldTest::Exists(false));
        Wanted { not, ranges, part }
    }
}

impl Wanted {
    /// Whether an instance with this key, or without one, is meant.
    #[must_use]
    pub fn holds(&self, key: Option<&str>) -> bool {
        let found = key.is_some_and(|key| {
            let within = |(from, to): &(String, String)| from.as_str() <= key && key < to.as_str();
            let text = key.get(1..).unwrap_or_default().to_ascii_lowercase();
            let has = |part: &String| text.contains(part.as_str());
            self.ranges.iter().any(within) && self.part.as_ref().is_none_or(has)
        });
        found != self.not
    }

    /// The least and the greatest that a key can be.
    #[must_use]
    pub fn bounds(&self) -> Option<(&str, &str)> {
        let from = self.ranges.iter().map(|(from, _)| from.as_str()).min()?;
        let to = self.ranges.iter().map(|(_, to)| to.as_str()).max()?;
        (!self.not).then_some((from, to))
    }

    /// As JSON, with the name of the field: `[name, not, [[from, below]], part]`.
    #[must_use]
    pub fn to_json(&self, name: &str) -> Value {
        json!([name, u8::from(self.not), self.ranges, self.part])
    }
}

/// The keys of everything that a text may mean.
fn keys(text: &str) -> Vec<String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    let values = [
        Some(Value::from(text)),
        number.map(Value::from),
        text.parse::<bool>().ok().map(Value::from),
    ];
    values.iter().flatten().filter_map(field_key).collect()
}

/// The least key above this one.
fn after(key: &str) -> String {
    format!("{key}\u{1}")
}

/// From each meaning on, to the end of its kind.
fn above(text: &str, bound: impl Fn(String) -> String) -> Vec<(String, String)> {
    let keys = keys(text).into_iter();
    keys.map(|key| {
        let end = match key.as_bytes().first() {
            Some(b'b') => "c",
            Some(b'n') => "o",
            _ => "u",
        };
        (bound(key), end.to_owned())
    })
    .collect()
}

/// From the beginning of the kind to each meaning.
fn below(text: &str, bound: impl Fn(String) -> String) -> Vec<(String, String)> {
    let keys = keys(text).into_iter();
    keys.map(|key| (key.chars().take(1).collect(), bound(key)))
        .collect()
}

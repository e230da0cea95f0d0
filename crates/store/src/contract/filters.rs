//! What lists are narrowed by.
//!
//! No stored text holds U+0000, so a filter with one in it finds nothing, or leaves nothing out.

use jiff::Timestamp;

use crate::contract::{InstanceFilter, InstanceOrder, TaskFilter};

/// Which words a text may be.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Choice {
    /// Any.
    #[default]
    Any,
    /// None of these.
    NoneOf(Vec<String>),
    /// One of these.
    OneOf(Vec<String>),
}

impl Choice {
    /// This word alone.
    #[must_use]
    pub fn of(word: impl Into<String>) -> Self {
        Self::OneOf(vec![word.into()])
    }

    /// Whether the text may be this word.
    #[must_use]
    pub fn holds(&self, word: &str) -> bool {
        let has = |words: &[String]| words.iter().any(|one| one == word);
        match self {
            Self::Any => true,
            Self::NoneOf(words) => !has(words),
            Self::OneOf(words) => has(words),
        }
    }

    /// The one word that it may be, or `None` in the second place when there are none or several.
    pub(crate) fn at_most_one(&self) -> Option<Option<&str>> {
        match self {
            Self::Any => Some(None),
            Self::OneOf(words) => match words.as_slice() {
                [word] if !has_nul(word) => Some(Some(word)),
                _ => None,
            },
            Self::NoneOf(_) => None,
        }
    }

    /// What it must be one of, and what none of, each as a JSON list.
    pub(crate) fn lists(&self) -> (Option<String>, Option<String>) {
        let json = |words: &[String]| {
            let words = words.iter().filter(|word| !has_nul(word));
            serde_json::Value::from_iter(words.map(String::as_str)).to_string()
        };
        match self {
            Self::Any => (None, None),
            Self::NoneOf(words) => (None, Some(json(words))),
            Self::OneOf(words) => (Some(json(words)), None),
        }
    }
}

impl From<Option<String>> for Choice {
    fn from(word: Option<String>) -> Self {
        word.map_or(Self::Any, Self::of)
    }
}

/// From a moment on and before another; without one, without an end there.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Period {
    /// At this moment or later.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub before: Option<Timestamp>,
}

impl Period {
    /// Before a moment.
    #[must_use]
    pub const fn before(moment: Timestamp) -> Self {
        Self {
            from: None,
            before: Some(moment),
        }
    }

    /// Whether every moment is in it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.from.is_none() && self.before.is_none()
    }

    /// Whether a moment is in it; what has none is in the open one alone.
    #[must_use]
    pub fn holds(&self, moment: Option<Timestamp>) -> bool {
        let Some(moment) = moment else {
            return self.is_open();
        };
        self.from.is_none_or(|from| from <= moment)
            && self.before.is_none_or(|before| moment < before)
    }
}

impl InstanceFilter {
    /// Whether it asks for what no instance can have.
    #[must_use]
    pub fn finds_nothing(&self) -> bool {
        let subject = self.subject.as_ref();
        let texts = [
            self.search.as_deref(),
            self.business_key.as_deref(),
            self.subject_type.as_deref(),
            subject.map(|subject| subject.kind.as_str()),
            subject.map(|subject| subject.id.as_str()),
            self.requester.as_ref().map(|person| person.as_str()),
            match &self.order {
                InstanceOrder::Field { name, .. } => Some(name),
                InstanceOrder::Earliest | InstanceOrder::Started => None,
            },
        ];
        texts.into_iter().flatten().any(has_nul)
    }
}

impl TaskFilter {
    /// Whether it asks for what no task can have.
    #[must_use]
    pub fn finds_nothing(&self) -> bool {
        let texts = [
            self.search.as_deref(),
            self.business_key.as_deref(),
            self.subject_type.as_deref(),
            self.outcome.as_deref(),
            self.node.as_deref(),
            self.requester.as_ref().map(|person| person.as_str()),
        ];
        texts.into_iter().flatten().any(has_nul)
    }
}

fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

//! What is wrong with a definition.

use std::fmt;

use crate::pointer::Pointer;

/// How much a [`Problem`] matters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// The definition cannot be published.
    Error,
    /// The definition can be published; its author should look again.
    Warning,
}

/// A place in the text of a definition; both count from 1, columns count characters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// One thing that is wrong with a definition, with the place and a way out.
///
/// Checks return all problems at once, never only the first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// The stable code, snake_case; each has a page in `docs/errors`.
    pub code: &'static str,
    /// Whether it stops the definition from being published.
    pub severity: Severity,
    /// Where in the document.
    pub path: Pointer,
    /// Where in the text; known when the document was read from text.
    pub position: Option<Position>,
    /// What is wrong, as a lowercase fragment without a final period.
    pub message: String,
    /// What to do about it, when that is known.
    pub help: Option<String>,
}

impl Problem {
    /// An error at `path`.
    #[must_use]
    pub fn error(code: &'static str, path: Pointer, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            path,
            position: None,
            message: message.into(),
            help: None,
        }
    }

    /// A warning at `path`.
    #[must_use]
    pub fn warning(code: &'static str, path: Pointer, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, path, message)
        }
    }

    /// The same problem with a way out.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// Whether it stops the definition from being published.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Position { line, column }) = self.position {
            write!(f, "{line}:{column}: ")?;
        }
        write!(f, "{}: {}", self.code, self.message)?;
        if !self.path.is_root() {
            write!(f, " (at {})", self.path)?;
        }
        Ok(())
    }
}

/// As much of what somebody wrote as fits into a sentence.
#[must_use]
pub fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Of `known`, the word nearest to `word`, when one is near enough to be a likely slip.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 128 {
        return None;
    }
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 2)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

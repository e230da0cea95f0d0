//! Marks: how far a running instance is.

use super::words::Words;

/// What became of a node in an instance: that it is open, or its last outcome.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Mark {
    /// It was withdrawn.
    Cancelled,
    /// It is done.
    Completed,
    /// It could not go on.
    Failed,
    /// A token is there: somebody or something works on it, or it waits.
    Open,
    /// Somebody said no.
    Rejected,
    /// It was left out.
    Skipped,
}

impl Mark {
    /// Every mark.
    pub const ALL: &[Self] = &[
        Self::Cancelled,
        Self::Completed,
        Self::Failed,
        Self::Open,
        Self::Rejected,
        Self::Skipped,
    ];

    /// The name: `cancelled`, `completed` and so on.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Open => "open",
            Self::Rejected => "rejected",
            Self::Skipped => "skipped",
        }
    }

    pub(super) const fn word(self, words: &Words) -> &'static str {
        match self {
            Self::Cancelled => words.cancelled,
            Self::Completed => words.completed,
            Self::Failed => words.failed,
            Self::Open => words.open,
            Self::Rejected => words.rejected,
            Self::Skipped => words.skipped,
        }
    }
}

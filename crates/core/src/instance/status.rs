//! Where an instance stands in its life.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::actor::By;

/// Where an instance stands in its life.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[non_exhaustive]
pub enum InstanceStatus {
    /// Somebody stopped it.
    Cancelled {
        /// When.
        at: Timestamp,
        /// Who.
        by: By,
        /// Why.
        reason: String,
    },
    /// It came to its end.
    Completed {
        /// When.
        at: Timestamp,
    },
    /// It came to a failing end.
    Failed {
        /// When.
        at: Timestamp,
        /// Its code.
        code: String,
    },
    /// People said no.
    Rejected {
        /// When.
        at: Timestamp,
        /// Who said the last no.
        by: By,
        /// Why.
        reason: String,
    },
    /// It goes on.
    Running,
}

impl InstanceStatus {
    /// The word as stored and shown.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Cancelled { .. } => "cancelled",
            Self::Completed { .. } => "completed",
            Self::Failed { .. } => "failed",
            Self::Rejected { .. } => "rejected",
            Self::Running => "running",
        }
    }

    /// Whether it goes on.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self, Self::Running)
    }

    /// When it ended.
    #[must_use]
    pub const fn ended_at(&self) -> Option<Timestamp> {
        match self {
            Self::Cancelled { at, .. }
            | Self::Completed { at }
            | Self::Failed { at, .. }
            | Self::Rejected { at, .. } => Some(*at),
            Self::Running => None,
        }
    }
}

/// What a person said of a task.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// A question was answered.
    Answered,
    /// Yes.
    Approved,
    /// Done.
    Completed,
    /// No.
    Rejected,
    /// Once more, from a stage.
    Resubmitted,
}

impl Outcome {
    /// The word as stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Approved => "approved",
            Self::Completed => "completed",
            Self::Rejected => "rejected",
            Self::Resubmitted => "resubmitted",
        }
    }
}

//! Where an instance stands in its life.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    actor::By,
    change::JobRow,
    id::{ActivationId, InstanceId, NodeKey},
    instance::ChildEnd,
};

/// Where an instance stands in its life.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
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
    /// Nothing moves and nothing fires until somebody resumes it.
    OnHold(Box<Hold>),
    /// It is attached to its subject and has not been started.
    Pending {
        /// The way to start that will be taken, where it is not the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start: Option<NodeKey>,
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

/// An instance on hold.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Hold {
    /// Since when.
    pub since: Timestamp,
    /// Who held it.
    pub by: By,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The jobs of its job nodes, to run when it goes on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<JobRow>,
    /// What it was told meanwhile, in order; it takes effect when it goes on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub news: Vec<News>,
}

/// What an instance on hold is told by its jobs and children.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum News {
    /// A child ended.
    ChildEnded {
        /// The activation that waits.
        activation: ActivationId,
        /// The child.
        child: InstanceId,
        /// How.
        end: ChildEnd,
    },
    /// A child raised a code.
    CodeRaised {
        /// The activation that waits.
        activation: ActivationId,
        /// The child.
        child: InstanceId,
        /// The code.
        code: String,
    },
    /// A job failed for good.
    JobFailed {
        /// The activation that waits.
        activation: ActivationId,
        /// The host's code.
        code: String,
        /// What went wrong.
        message: String,
    },
    /// A job returned.
    JobReturned {
        /// The activation that waits.
        activation: ActivationId,
        /// What it gave.
        value: Value,
    },
}

impl News {
    /// The activation that waits for it.
    #[must_use]
    pub const fn activation(&self) -> ActivationId {
        match self {
            Self::ChildEnded { activation, .. }
            | Self::CodeRaised { activation, .. }
            | Self::JobFailed { activation, .. }
            | Self::JobReturned { activation, .. } => *activation,
        }
    }
}

impl InstanceStatus {
    /// The words of all, in the order of a life.
    pub const WORDS: [&str; 7] = [
        "pending",
        "running",
        "on_hold",
        "completed",
        "rejected",
        "cancelled",
        "failed",
    ];

    /// The word as stored and shown, one of [`WORDS`](Self::WORDS).
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Cancelled { .. } => "cancelled",
            Self::Completed { .. } => "completed",
            Self::Failed { .. } => "failed",
            Self::OnHold(_) => "on_hold",
            Self::Pending { .. } => "pending",
            Self::Rejected { .. } => "rejected",
            Self::Running => "running",
        }
    }

    /// Whether it has ended, however it did.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.ended_at().is_some()
    }

    /// Whether a job of the activation has told something that takes effect when it is resumed.
    pub(crate) fn has_news_of(&self, activation: ActivationId) -> bool {
        matches!(self, Self::OnHold(hold) if hold.news.iter().any(|news| {
            matches!(news, News::JobFailed { .. } | News::JobReturned { .. })
                && news.activation() == activation
        }))
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
            Self::OnHold(_) | Self::Pending { .. } | Self::Running => None,
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
    /// Not like this: the requester is to correct it.
    Returned,
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
            Self::Returned => "returned",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::variants;

    #[test]
    fn the_words_are_those_of_every_status() {
        let (at, by) = (Timestamp::UNIX_EPOCH, By::Engine);
        let every = [
            InstanceStatus::Pending { start: None },
            InstanceStatus::Running,
            InstanceStatus::OnHold(Box::new(Hold {
                since: at,
                by: by.clone(),
                reason: None,
                jobs: Vec::new(),
                news: Vec::new(),
            })),
            InstanceStatus::Completed { at },
            InstanceStatus::Rejected {
                at,
                by: by.clone(),
                reason: "no".to_owned(),
            },
            InstanceStatus::Cancelled {
                at,
                by,
                reason: "no".to_owned(),
            },
            InstanceStatus::Failed {
                at,
                code: "late".to_owned(),
            },
        ];
        for status in &every {
            let stored = serde_json::to_value(status).unwrap();
            assert_eq!(stored["status"], status.as_str());
        }
        assert_eq!(every.map(|status| status.as_str()), InstanceStatus::WORDS);
        let mut words = InstanceStatus::WORDS;
        words.sort_unstable();
        let read = variants::words::<InstanceStatus>(json!({"status": "?"}));
        assert_eq!(read, words, "one is missing");
    }
}

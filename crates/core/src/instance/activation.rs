//! One visit of a node by a token.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    actor::By,
    change::SubscriptionKind,
    id::{ActivationId, IncidentId, JobId, NodeKey, PersonId, RoleId, ScopeId},
    instance::{Children, Compensation, Given, Item, Timer},
};

/// One visit of a node by a token.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Activation {
    /// Its id.
    pub id: ActivationId,
    /// The node that is visited.
    pub node: NodeKey,
    /// The scope that the token is in; `None` outside every split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeId>,
    /// The last approval node on the token's way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NodeKey>,
    /// The activation that its token came from; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ActivationId>,
    /// The items of the branches that it is in, the innermost last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// What it was given.
    #[serde(default, skip_serializing_if = "Given::is_empty")]
    pub given: Given,
    /// The `first` whose token it shares with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub race: Option<ActivationId>,
    /// Whether no way leads from here to a join of its scope any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stray: bool,
    /// The lock that it has or waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<String>,
    /// How far it came.
    pub state: ActivationState,
    /// Who decided in it so far, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actors: Vec<PersonId>,
    /// For whom they decided, where that is somebody else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub principals: Vec<PersonId>,
    /// Who gave a task of it away, or had it taken away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub givers: Vec<PersonId>,
    /// The moments that it waits for, and those of its boundaries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<Alarm>,
    /// What the kind of its node keeps.
    pub body: Body,
}

/// The moments that an activation waits for: one job wakes it at the earliest.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Alarm {
    /// The job.
    pub job: JobId,
    /// When, and what then; earliest first.
    pub due: Vec<(Timestamp, Timer)>,
}

/// How far an activation came.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivationState {
    /// It is over.
    Ended,
    /// It could not go on; the incident says why.
    Failed(IncidentId),
    /// The definition has no such node any more; the incident says so.
    Obsolete(IncidentId),
    /// It works or waits.
    Running,
    /// It cannot begin yet: somebody else has its lock, or it is not enabled.
    Waiting,
}

/// What the kind of its node keeps.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// The entries of an approval node, in the order of the definition.
    Approval(Vec<EntryState>),
    /// Instances of another workflow.
    Children(Children),
    /// What is still to be taken back, newest first.
    Compensating {
        /// The scope of the handlers.
        scope: ScopeId,
        /// Those that have not begun.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left: Vec<Compensation>,
    },
    /// A job that is under way; it has the id of the activation.
    Job,
    /// Nothing.
    Plain,
    /// A message or a signal is waited for; the host itself when it has no name.
    Subscribed {
        /// Which of the two.
        kind: SubscriptionKind,
        /// The name.
        name: String,
        /// Which one of that name.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        key: String,
    },
}

/// How far an entry of an approval node came.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// It is over.
    Done,
    /// People are asked.
    Open(OpenEntry),
    /// It has not been opened yet.
    Pending,
}

/// An entry while people are asked.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OpenEntry {
    /// Whose votes count: one task each. Empty for an offer, whose first decision counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<PersonId>,
    /// Those of them who are asked later, level by level.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<Vec<PersonId>>,
    /// Approvals that complete it.
    pub needed: u32,
    /// The natural persons who may not decide here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<PersonId>,
    /// The roles above the one that is asked, where whoever has one of them may decide instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub higher: Vec<RoleId>,
    /// Whom the directory named when it was asked last, where the members change with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed: Option<Vec<PersonId>>,
    /// The votes so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<Vote>,
}

/// One counted vote.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Vote {
    /// Who decided.
    pub by: By,
    /// Whether it was a yes.
    pub approve: bool,
}

impl Activation {
    /// The incident that keeps it, when an operator must do something about it.
    #[must_use]
    pub const fn incident(&self) -> Option<IncidentId> {
        match self.state {
            ActivationState::Failed(incident) | ActivationState::Obsolete(incident) => {
                Some(incident)
            }
            ActivationState::Ended | ActivationState::Running | ActivationState::Waiting => None,
        }
    }

    /// Whether it is not over.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state != ActivationState::Ended
    }

    /// The entries, of an approval node.
    #[must_use]
    pub fn entries(&self) -> &[EntryState] {
        match &self.body {
            Body::Approval(entries) => entries,
            _ => &[],
        }
    }

    /// The entry `index`, while people are asked.
    #[must_use]
    pub fn open_entry(&self, index: u16) -> Option<&OpenEntry> {
        match self.entries().get(usize::from(index))? {
            EntryState::Open(entry) => Some(entry),
            EntryState::Done | EntryState::Pending => None,
        }
    }
}

impl OpenEntry {
    /// How many vote: an offer counts as one.
    #[must_use]
    pub fn voters(&self) -> u32 {
        u32::try_from(self.members.len()).unwrap_or(u32::MAX).max(1)
    }

    /// Approvals so far.
    #[must_use]
    pub fn approvals(&self) -> u32 {
        self.count(true)
    }

    /// Rejections so far.
    #[must_use]
    pub fn rejections(&self) -> u32 {
        self.count(false)
    }

    fn count(&self, approve: bool) -> u32 {
        let votes = self
            .votes
            .iter()
            .filter(|vote| vote.approve == approve)
            .count();
        u32::try_from(votes).unwrap_or(u32::MAX)
    }
}

//! To another version of a definition: what a host says, and what it is told.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use signoff_core::{
    command::Removed as CoreRemoved,
    id::{ActivationId, InstanceId, NodeKey, PersonId, TenantId, WorkflowKey},
    refusal::Refusal,
};

use crate::{call::Who, once::Once};

/// How instances come to another version of their definition.
///
/// A visit stays as it is where its node is in the new version, in the same splits, and waits for the
/// same; its tasks stay with who has them. Where it waits for something else it begins anew.
///
/// # Example
/// ```
/// let plan = signoff::Migration::to_newest().node("review", "legal_review").anew("pay");
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Migration {
    /// The version; the newest when not given. An older one may be named too.
    #[serde(default)]
    pub to: Option<u32>,
    /// Where nodes went, an old key to a new one. A node that is not named stays under its key, else
    /// goes to the one that says `was` of it.
    #[serde(default)]
    pub nodes: BTreeMap<NodeKey, NodeKey>,
    /// Old keys of nodes whose visits begin anew, though they could stay as they are.
    #[serde(default)]
    pub anew: BTreeSet<NodeKey>,
    /// What becomes of visits of nodes that are gone.
    #[serde(default)]
    pub removed: Removed,
    /// Keys of the data that are set with it.
    #[serde(default)]
    pub data: Map<String, Value>,
}

/// What becomes of visits of nodes that another version lacks.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Removed {
    /// They are withdrawn together with their tokens.
    Cancel,
    /// They stay as obsolete, each with an incident: an operator withdraws or moves them.
    #[default]
    Obsolete,
    /// There may be none: the migration is refused.
    Refuse,
}

impl From<Removed> for CoreRemoved {
    fn from(removed: Removed) -> Self {
        match removed {
            Removed::Cancel => Self::Cancel,
            Removed::Obsolete => Self::Obsolete,
            Removed::Refuse => Self::Refuse,
        }
    }
}

impl Migration {
    /// To the newest version, nodes by their keys.
    #[must_use]
    pub fn to_newest() -> Self {
        Self::default()
    }

    /// To that version, nodes by their keys.
    #[must_use]
    pub fn to_version(version: u32) -> Self {
        Self {
            to: Some(version),
            ..Self::default()
        }
    }

    /// Says where a node went.
    #[must_use]
    pub fn node(mut self, old: impl Into<NodeKey>, new: impl Into<NodeKey>) -> Self {
        self.nodes.insert(old.into(), new.into());
        self
    }

    /// Says that visits of a node begin anew.
    #[must_use]
    pub fn anew(mut self, node: impl Into<NodeKey>) -> Self {
        self.anew.insert(node.into());
        self
    }

    /// Says what becomes of visits of nodes that are gone.
    #[must_use]
    pub fn removed(self, removed: Removed) -> Self {
        Self { removed, ..self }
    }

    /// Sets a key of the data with it.
    #[must_use]
    pub fn data(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.data.insert(key.into(), value.into());
        self
    }
}

/// Many instances of a workflow that are to be migrated.
#[derive(Clone, Debug)]
pub struct MigrateAll {
    pub(crate) tenant: TenantId,
    pub(crate) by: Who,
    pub(crate) workflow: WorkflowKey,
    pub(crate) from: Option<u32>,
    pub(crate) plan: Migration,
    pub(crate) dry_run: bool,
    pub(crate) once: Option<Once>,
}

impl MigrateAll {
    /// Every running instance of the workflow that is not of the plan's version yet.
    #[must_use]
    pub fn of(workflow: impl Into<WorkflowKey>, plan: Migration) -> Self {
        Self {
            tenant: TenantId::default(),
            by: Who::Host,
            workflow: workflow.into(),
            from: None,
            plan,
            dry_run: false,
            once: None,
        }
    }

    /// The tenant; `default` when not given.
    #[must_use]
    pub fn tenant(self, tenant: impl Into<TenantId>) -> Self {
        Self {
            tenant: tenant.into(),
            ..self
        }
    }

    /// The person who acts; the host when not given.
    #[must_use]
    pub fn by(self, person: impl Into<PersonId>) -> Self {
        Self {
            by: Who::Person(person.into()),
            ..self
        }
    }

    /// Only instances of that version.
    #[must_use]
    pub fn from_version(self, version: u32) -> Self {
        Self {
            from: Some(version),
            ..self
        }
    }

    /// Under a name: each instance is migrated once, however often this is tried.
    #[must_use]
    pub fn once(self, once: Once) -> Self {
        Self {
            once: Some(once),
            ..self
        }
    }

    /// Says what would become of each, and writes nothing.
    #[must_use]
    pub fn dry_run(self, dry_run: bool) -> Self {
        Self { dry_run, ..self }
    }
}

/// What became of an instance, or would.
#[derive(Clone, Debug)]
pub struct MigratedInstance {
    /// The instance.
    pub id: InstanceId,
    /// The version that it ran by.
    pub from: u32,
    /// What became of its visits, or why it stays on its version.
    pub outcome: Result<Vec<MigratedVisit>, Refusal>,
}

/// What becomes of a visit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MigratedVisit {
    /// The activation that there was.
    pub activation: ActivationId,
    /// The node, by its key in the new version; by its old one where it is gone.
    pub node: NodeKey,
    /// What becomes of it.
    pub becomes: Becomes,
}

/// What becomes of a visit.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    /// It is over; its token entered the node anew.
    Anew,
    /// It is withdrawn.
    Cancelled,
    /// It came to its end: what it waited for holds in the new version.
    Completed,
    /// It goes on as it was.
    Kept,
    /// Its node is gone.
    Obsolete,
}

impl Becomes {
    /// The word, snake_case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anew => "anew",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::Kept => "kept",
            Self::Obsolete => "obsolete",
        }
    }
}

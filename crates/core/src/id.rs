//! Identifiers: who, what and which, each a type of its own.

use std::{borrow::Borrow, fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps the text.
            #[must_use]
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// An isolated customer of one installation; no query ever crosses it.
    TenantId
    /// The key of a workflow, unique per tenant.
    WorkflowKey
    /// The key of a node in a graph.
    NodeKey
    /// The key of a group of nodes, such as a pipeline.
    GroupKey
    /// A person of the directory.
    PersonId
    /// A role of the directory.
    RoleId
    /// A message, named by its sender: the same one is never delivered twice.
    MessageId
}

impl Default for TenantId {
    /// The tenant of an installation that has only one: `default`.
    fn default() -> Self {
        Self::from("default")
    }
}

macro_rules! uuids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps the id.
            #[must_use]
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The id.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

uuids! {
    /// One run of a definition.
    InstanceId
    /// One visit of a node by a token.
    ActivationId
    /// One unit of work for a person.
    TaskId
    /// The tokens of one split.
    ScopeId
    /// One piece of durable work.
    JobId
    /// One matter for an operator.
    IncidentId
    /// One file that somebody uploaded.
    FileId
    /// One action that is kept beside the definitions of a workflow.
    ActionId
    /// One substitution.
    SubstitutionId
}

/// What stands before the id of a file where data or a form refer to it.
const FILE: &str = "file:";

impl FileId {
    /// What data and forms hold in place of the file: `file:` and its id.
    #[must_use]
    pub fn reference(self) -> String {
        format!("{FILE}{self}")
    }

    /// The file that a text refers to, if it is such a reference.
    #[must_use]
    pub fn referred(text: &str) -> Option<Self> {
        let id = text.strip_prefix(FILE).filter(|id| id.len() == 36)?;
        let id = Uuid::try_parse(id).ok().map(Self)?;
        // One spelling only: what is compared is the text.
        (id.reference() == text).then_some(id)
    }
}

/// The id of one command, from which the ids of all that it creates are derived.
///
/// Its last 24 bits are zero and left to a counter, so derived ids are unique without randomness and
/// sort by the time of their command, then by the order of creation.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct CommandId(Uuid);

impl CommandId {
    /// How many ids one command can create.
    pub const MAX_DERIVED: u32 = (1 << 24) - 1;

    /// Takes a version 7 UUID; its last 24 bits are dropped.
    #[must_use]
    pub fn new(id: Uuid) -> Self {
        Self(Uuid::from_u128(
            id.as_u128() & !u128::from(Self::MAX_DERIVED),
        ))
    }

    /// The id as a UUID.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The `n`-th id of this command, from 1; beyond [`MAX_DERIVED`](Self::MAX_DERIVED) it repeats.
    #[must_use]
    pub fn derive(self, n: u32) -> Uuid {
        Uuid::from_u128(self.0.as_u128() | u128::from(n & Self::MAX_DERIVED))
    }
}

/// The names of one published version of a workflow.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct DefinitionId {
    /// The workflow.
    pub workflow: WorkflowKey,
    /// The version, from 1.
    pub version: u32,
}

impl fmt::Display for DefinitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.workflow, self.version)
    }
}

/// The host's business object that an instance is about.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Subject {
    /// The host's name for the type of object.
    #[serde(rename = "type")]
    pub kind: String,
    /// The object's id, any text.
    pub id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_sort_by_command_then_order() {
        let first = CommandId::new(Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_01ff_ffff));
        let second = CommandId::new(Uuid::from_u128(0x0191_0000_0001_7000_8000_0000_0000_0000));
        let ids = [first.derive(1), first.derive(2), second.derive(1)];
        assert!(ids.is_sorted());
        assert_eq!(first.uuid().as_u128() & 0xff_ffff, 0);
    }
}

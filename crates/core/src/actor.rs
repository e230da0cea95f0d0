//! Who acts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    id::{PersonId, RoleId},
    principal::Principal,
};

/// Who acted, as the history keeps it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The engine itself: a timer or a job.
    Engine,
    /// The program that embeds the engine.
    Host,
    /// A person.
    Person(PersonId),
}

impl By {
    /// The person, when one acted.
    #[must_use]
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Person(id) => Some(id),
            Self::Engine | Self::Host => None,
        }
    }

    /// `engine`, `host` or `person`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Host => "host",
            Self::Person(_) => "person",
        }
    }
}

/// Who acts, with the rights that the directory gives at this moment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Actor {
    /// The engine itself: a timer or a job.
    Engine,
    /// The program that embeds the engine; may do all, audited.
    Host,
    /// A person.
    Person(Person),
}

impl Actor {
    /// Who acts, as the history keeps it.
    #[must_use]
    pub fn by(&self) -> By {
        match self {
            Self::Engine => By::Engine,
            Self::Host => By::Host,
            Self::Person(person) => By::Person(person.id.clone()),
        }
    }

    /// The person, when one acts.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Person(person) => Some(person),
            Self::Engine | Self::Host => None,
        }
    }

    /// Whether this actor may do all: the host, the engine, a tenant's admin.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        match self {
            Self::Engine | Self::Host => true,
            Self::Person(person) => person.admin && person.active,
        }
    }
}

/// A person as the directory knows it now.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Person {
    /// The person's id.
    pub id: PersonId,
    /// The roles that the person has, ancestors not included.
    pub roles: BTreeSet<RoleId>,
    /// Whether the person is active; others may do nothing and get no task.
    pub active: bool,
    /// Whether the person is an admin of the tenant.
    pub admin: bool,
    /// The department that the person belongs to.
    pub department: Option<String>,
    /// The team that the person belongs to.
    pub team: Option<String>,
}

impl Default for PersonId {
    fn default() -> Self {
        Self::from("")
    }
}

impl Person {
    /// Whether `principal` means this person.
    #[must_use]
    pub fn is(&self, principal: &Principal) -> bool {
        match principal {
            Principal::Anyone => true,
            Principal::Role(role) => self.roles.contains(role),
            Principal::User(id) => *id == self.id,
        }
    }
}

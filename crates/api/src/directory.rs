//! The host's answer to who exists, who has a role, who leads whom.

mod memory;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
};

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    actor::Person,
    graph::{Permission, Unit},
    id::{PersonId, RoleId, Subject, TenantId},
    text::Text,
};

pub use self::memory::MemoryDirectory;

/// An error of the host's own.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The host's answer to who exists, who has a role, who leads whom.
///
/// Asked at the moment of each command, never through the engine's transaction.
///
/// # Example: everybody may do everything
/// ```
/// use signoff::{BoxError, Directory, PersonId, Profile, RoleId, TenantId};
///
/// #[derive(Debug)]
/// struct Everybody;
///
/// #[async_trait::async_trait]
/// impl Directory for Everybody {
///     async fn profile(&self, _: &TenantId, id: &PersonId) -> Result<Option<Profile>, BoxError> {
///         Ok(Some(Profile { id: id.clone(), active: true, admin: true, ..Profile::default() }))
///     }
///     async fn members(&self, _: &TenantId, _: &RoleId) -> Result<Vec<PersonId>, BoxError> {
///         Ok(vec!["ann".into()])
///     }
/// }
/// ```
#[async_trait]
pub trait Directory: Debug + Send + Sync {
    /// The person; `None` when there is none of that id.
    ///
    /// # Errors
    /// When the directory cannot be asked; the command fails and nothing is written.
    async fn profile(
        &self,
        tenant: &TenantId,
        person: &PersonId,
    ) -> Result<Option<Profile>, BoxError>;

    /// The active persons who have the role; empty when there are none or no such role.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    async fn members(&self, tenant: &TenantId, role: &RoleId) -> Result<Vec<PersonId>, BoxError>;

    /// The name of a department, or of whatever else pipelines refer to: the host's type and id.
    /// `None` when there is none, or the directory does not know such things.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    async fn department_name(
        &self,
        _tenant: &TenantId,
        _department: &Subject,
    ) -> Result<Option<Text>, BoxError> {
        Ok(None)
    }

    /// Takes note of the permissions that a definition asks for, before it is published: roles that
    /// people can be given from then on. Told again each time such a definition is published; what is
    /// told of a role replaces what was told of it before. Does nothing unless the host does.
    ///
    /// # Errors
    /// When the directory cannot take note; nothing is published.
    async fn register_permissions(
        &self,
        _tenant: &TenantId,
        _permissions: &[Permission],
    ) -> Result<(), BoxError> {
        Ok(())
    }

    /// Several persons, those that exist, in any order. One by one unless the host does better.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    async fn profiles(
        &self,
        tenant: &TenantId,
        people: &BTreeSet<PersonId>,
    ) -> Result<Vec<Profile>, BoxError> {
        let mut found = Vec::with_capacity(people.len());
        for id in people {
            found.extend(self.profile(tenant, id).await?);
        }
        Ok(found)
    }

    /// The role above the role, for hierarchies of roles; `None` at the top.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    async fn role_parent(
        &self,
        _tenant: &TenantId,
        _role: &RoleId,
    ) -> Result<Option<RoleId>, BoxError> {
        Ok(None)
    }

    /// Who leads the department or the team of that name.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    async fn head(
        &self,
        _tenant: &TenantId,
        _unit: Unit,
        _name: &str,
    ) -> Result<Option<PersonId>, BoxError> {
        Ok(None)
    }

    /// Who stands in for whom at a moment, by principal; chains are followed by the engine.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    async fn substitutions(
        &self,
        _tenant: &TenantId,
        _at: Timestamp,
    ) -> Result<BTreeMap<PersonId, PersonId>, BoxError> {
        Ok(BTreeMap::new())
    }

    /// Whether nobody and no role exists besides those that it knows: publishing a definition that
    /// names others is then an error, else a warning.
    fn is_complete(&self) -> bool {
        false
    }

    /// Everybody, for pages that offer a choice of persons; empty when the directory does not list.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    async fn list(&self, _tenant: &TenantId) -> Result<Vec<Profile>, BoxError> {
        Ok(Vec::new())
    }
}

/// Somebody stands in for somebody who is out of office, in `[from, until)`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Substitution {
    /// Who is away.
    pub principal: PersonId,
    /// Who stands in.
    pub substitute: PersonId,
    /// From then on.
    pub from: Timestamp,
    /// Until then, that moment excluded; until further notice when not given.
    pub until: Option<Timestamp>,
}

impl Substitution {
    /// Whether it holds at the moment.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// A person as the directory knows it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Profile {
    /// The person's id.
    pub id: PersonId,
    /// The name for people; the id when empty.
    pub name: String,
    /// Where mail goes; no mail without one.
    pub email: Option<String>,
    /// The language, such as `ar`; `en` when not known.
    pub locale: Option<String>,
    /// The roles that the person has.
    pub roles: BTreeSet<RoleId>,
    /// Who leads the person.
    pub manager: Option<PersonId>,
    /// The department that the person belongs to.
    pub department: Option<String>,
    /// The team that the person belongs to.
    pub team: Option<String>,
    /// Whether the person may act and is given tasks.
    pub active: bool,
    /// Whether the person is an admin of the tenant.
    pub admin: bool,
}

impl Profile {
    /// The name for people.
    #[must_use]
    pub fn display_name(&self) -> &str {
        if self.name.is_empty() {
            self.id.as_str()
        } else {
            &self.name
        }
    }

    /// What the machine knows of the person.
    #[must_use]
    pub fn person(&self) -> Person {
        Person {
            id: self.id.clone(),
            roles: self.roles.clone(),
            active: self.active,
            admin: self.admin,
            department: self.department.clone(),
            team: self.team.clone(),
        }
    }
}

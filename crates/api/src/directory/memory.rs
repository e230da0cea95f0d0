//! A directory in memory: for tests, demos and small hosts.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    graph::{Permission, Unit},
    id::{PersonId, RoleId, Subject, TenantId},
    text::Text,
};

use crate::directory::{BoxError, Directory, Profile, Substitution};

/// A directory in memory, the same for every tenant.
///
/// # Example: who leads whom, and who stands in
/// ```
/// use signoff::{MemoryDirectory, Profile, Substitution, core::graph::Unit};
///
/// let person = |id: &str| Profile { id: id.into(), active: true, ..Profile::default() };
/// let ann = Profile { manager: Some("max".into()), team: Some("a".to_owned()), ..person("ann") };
/// let directory = MemoryDirectory::new([ann, person("max"), person("eve")]);
/// directory.put_role_parent("clerk", "manager");
/// directory.put_head(Unit::Team, "a", "max");
/// directory.put_substitution(Substitution {
///     principal: "max".into(),
///     substitute: "eve".into(),
///     from: "2026-07-01T00:00:00Z".parse()?,
///     until: Some("2026-08-01T00:00:00Z".parse()?),
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryDirectory {
    books: RwLock<Books>,
    complete: bool,
}

#[derive(Debug, Default)]
struct Books {
    people: BTreeMap<PersonId, Profile>,
    parents: BTreeMap<RoleId, RoleId>,
    heads: BTreeMap<(Unit, String), PersonId>,
    substitutions: Vec<Substitution>,
    departments: BTreeMap<Subject, Text>,
    permissions: BTreeMap<RoleId, Permission>,
}

impl MemoryDirectory {
    /// A directory of these people.
    #[must_use]
    pub fn new(people: impl IntoIterator<Item = Profile>) -> Self {
        let directory = Self::default();
        for profile in people {
            directory.put(profile);
        }
        directory
    }

    /// The same directory, which knows everybody: a definition that names others is not published.
    #[must_use]
    pub fn complete(self) -> Self {
        Self {
            complete: true,
            ..self
        }
    }

    /// Names a department, or whatever else pipelines refer to.
    pub fn name_department(&self, department: Subject, name: Text) {
        self.write(|books| books.departments.insert(department, name));
    }

    /// The permissions that definitions ask for, by role.
    #[must_use]
    pub fn permissions(&self) -> Vec<Permission> {
        self.read(|books| books.permissions.values().cloned().collect())
    }

    /// Adds a person, or replaces the one of that id.
    pub fn put(&self, profile: Profile) {
        self.write(|books| books.people.insert(profile.id.clone(), profile));
    }

    /// Puts a role below another one.
    pub fn put_role_parent(&self, role: impl Into<RoleId>, parent: impl Into<RoleId>) {
        self.write(|books| books.parents.insert(role.into(), parent.into()));
    }

    /// Says who leads a department or a team.
    pub fn put_head(&self, unit: Unit, name: impl Into<String>, head: impl Into<PersonId>) {
        self.write(|books| books.heads.insert((unit, name.into()), head.into()));
    }

    /// Says who stands in for whom; of several that hold at a moment, the one said last counts.
    pub fn put_substitution(&self, substitution: Substitution) {
        self.write(|books| books.substitutions.push(substitution));
    }

    fn read<T>(&self, read: impl FnOnce(&Books) -> T) -> T {
        read(&self.books.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, write: impl FnOnce(&mut Books) -> T) {
        let mut books = self.books.write().unwrap_or_else(PoisonError::into_inner);
        write(&mut books);
    }
}

#[async_trait]
impl Directory for MemoryDirectory {
    async fn profile(&self, _: &TenantId, person: &PersonId) -> Result<Option<Profile>, BoxError> {
        Ok(self.read(|books| books.people.get(person).cloned()))
    }

    async fn members(&self, _: &TenantId, role: &RoleId) -> Result<Vec<PersonId>, BoxError> {
        Ok(self.read(|books| {
            let people = books.people.values();
            let holders = people.filter(|profile| profile.active && profile.roles.contains(role));
            holders.map(|profile| profile.id.clone()).collect()
        }))
    }

    async fn department_name(
        &self,
        _: &TenantId,
        department: &Subject,
    ) -> Result<Option<Text>, BoxError> {
        Ok(self.read(|books| books.departments.get(department).cloned()))
    }

    async fn register_permissions(
        &self,
        _: &TenantId,
        permissions: &[Permission],
    ) -> Result<(), BoxError> {
        self.write(|books| {
            for permission in permissions {
                let role = permission.role.clone();
                books.permissions.insert(role, permission.clone());
            }
        });
        Ok(())
    }

    async fn role_parent(&self, _: &TenantId, role: &RoleId) -> Result<Option<RoleId>, BoxError> {
        Ok(self.read(|books| books.parents.get(role).cloned()))
    }

    async fn head(
        &self,
        _: &TenantId,
        unit: Unit,
        name: &str,
    ) -> Result<Option<PersonId>, BoxError> {
        Ok(self.read(|books| books.heads.get(&(unit, name.to_owned())).cloned()))
    }

    async fn substitutions(
        &self,
        _: &TenantId,
        at: Timestamp,
    ) -> Result<BTreeMap<PersonId, PersonId>, BoxError> {
        Ok(self.read(|books| {
            let all = books.substitutions.iter();
            let in_force = all.filter(|substitution| substitution.holds(at));
            in_force
                .map(|found| (found.principal.clone(), found.substitute.clone()))
                .collect()
        }))
    }

    fn is_complete(&self) -> bool {
        self.complete
    }

    async fn list(&self, _: &TenantId) -> Result<Vec<Profile>, BoxError> {
        Ok(self.read(|books| books.people.values().cloned().collect()))
    }
}

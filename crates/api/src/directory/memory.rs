//! A directory in memory: for tests, demos and small hosts.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use async_trait::async_trait;
use signoff_core::{
    id::{PersonId, RoleId, Subject, TenantId},
    text::Text,
};

use crate::directory::{BoxError, Directory, Profile};

/// A directory in memory, the same for every tenant.
#[derive(Debug, Default)]
pub struct MemoryDirectory {
    people: RwLock<BTreeMap<PersonId, Profile>>,
    departments: RwLock<BTreeMap<Subject, Text>>,
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

    /// Adds a person, or replaces the one of that id.
    pub fn put(&self, profile: Profile) {
        let mut people = self.people.write().unwrap_or_else(PoisonError::into_inner);
        people.insert(profile.id.clone(), profile);
    }

    /// Names a department, or whatever else pipelines refer to.
    pub fn name_department(&self, department: Subject, name: Text) {
        let names = self.departments.write();
        let mut names = names.unwrap_or_else(PoisonError::into_inner);
        names.insert(department, name);
    }

    fn read<T>(&self, read: impl FnOnce(&BTreeMap<PersonId, Profile>) -> T) -> T {
        read(&self.people.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Directory for MemoryDirectory {
    async fn profile(&self, _: &TenantId, person: &PersonId) -> Result<Option<Profile>, BoxError> {
        Ok(self.read(|people| people.get(person).cloned()))
    }

    async fn members(&self, _: &TenantId, role: &RoleId) -> Result<Vec<PersonId>, BoxError> {
        Ok(self.read(|people| {
            let holders = people
                .values()
                .filter(|profile| profile.active && profile.roles.contains(role));
            holders.map(|profile| profile.id.clone()).collect()
        }))
    }

    async fn department_name(
        &self,
        _: &TenantId,
        department: &Subject,
    ) -> Result<Option<Text>, BoxError> {
        let names = self.departments.read();
        let names = names.unwrap_or_else(PoisonError::into_inner);
        Ok(names.get(department).cloned())
    }

    async fn list(&self, _: &TenantId) -> Result<Vec<Profile>, BoxError> {
        Ok(self.read(|people| people.values().cloned().collect()))
    }
}

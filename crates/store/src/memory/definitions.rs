//! Definitions in memory.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{TenantId, WorkflowKey};

use crate::{
    contract::{DefinitionRow, Definitions, Published, WorkflowRow},
    error::Result,
    memory::{MemoryStore, books::Books},
};

impl Books {
    fn publish(&mut self, tenant: &TenantId, row: &DefinitionRow) -> Published {
        let key = (tenant.clone(), row.workflow.clone());
        let latest = self
            .workflows
            .get(&key)
            .map_or(0, |workflow| workflow.latest);
        let place = |version| (tenant.clone(), row.workflow.clone(), version);
        if self
            .definitions
            .get(&place(latest))
            .is_some_and(|old| old.hash == row.hash)
        {
            return Published::Same(latest);
        }
        let version = latest + 1;
        let workflow = self.workflows.entry(key).or_insert_with(|| WorkflowRow {
            key: row.workflow.clone(),
            active: true,
            latest: version,
            title: String::new(),
        });
        workflow.latest = version;
        workflow.title.clone_from(&row.title);
        let stored = DefinitionRow {
            version,
            ..row.clone()
        };
        self.definitions.insert(place(version), stored);
        Published::New(version)
    }
}

#[async_trait]
impl Definitions for MemoryStore {
    async fn publish(
        &self,
        tenant: &TenantId,
        definitions: &[DefinitionRow],
    ) -> Result<Vec<Published>> {
        let mut books = self.books();
        Ok(definitions
            .iter()
            .map(|row| books.publish(tenant, row))
            .collect())
    }

    async fn definition(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        version: Option<u32>,
    ) -> Result<Option<DefinitionRow>> {
        let books = self.books();
        let latest = || {
            books
                .workflows
                .get(&(tenant.clone(), workflow.clone()))
                .map(|row| row.latest)
        };
        Ok(version
            .or_else(latest)
            .and_then(|version| {
                books
                    .definitions
                    .get(&(tenant.clone(), workflow.clone(), version))
            })
            .cloned())
    }

    async fn definition_as_of(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        published: Timestamp,
    ) -> Result<Option<DefinitionRow>> {
        let books = self.books();
        let place = |version| (tenant.clone(), workflow.clone(), version);
        let mut versions = books.definitions.range(place(0)..=place(u32::MAX)).rev();
        let found = versions.find(|(_, row)| row.published_at <= published);
        Ok(found.map(|(_, row)| row.clone()))
    }

    async fn workflow(&self, tenant: &TenantId, key: &WorkflowKey) -> Result<Option<WorkflowRow>> {
        Ok(self
            .books()
            .workflows
            .get(&(tenant.clone(), key.clone()))
            .cloned())
    }

    async fn workflows(&self, tenant: &TenantId) -> Result<Vec<WorkflowRow>> {
        let books = self.books();
        let first = (tenant.clone(), WorkflowKey::from(""));
        Ok(books
            .workflows
            .range(first..)
            .take_while(|((owner, _), _)| owner == tenant)
            .map(|(_, row)| row.clone())
            .collect())
    }

    async fn set_active(&self, tenant: &TenantId, key: &WorkflowKey, active: bool) -> Result<bool> {
        let mut books = self.books();
        let row = books.workflows.get_mut(&(tenant.clone(), key.clone()));
        Ok(row.map(|row| row.active = active).is_some())
    }
}

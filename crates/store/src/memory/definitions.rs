//! Definitions in memory.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    change::Rows,
    id::{TenantId, WorkflowKey},
};

use crate::{
    contract::{
        DefinitionRow, Definitions, Published, StartsOf, WorkflowChange, WorkflowRow,
        WorkflowStatus,
    },
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
        let used = self.dropped.remove(&key).map_or(0, |(latest, _)| latest);
        let workflow = self.workflow_or_new(&key);
        let version = workflow.latest.max(used) + 1;
        if workflow.status == WorkflowStatus::Draft {
            workflow.status = WorkflowStatus::Active;
        }
        workflow.latest = version;
        workflow.title.clone_from(&row.title);
        let stored = DefinitionRow {
            version,
            ..row.clone()
        };
        self.definitions.insert(place(version), stored);
        Published::New(version)
    }

    /// The workflow; an empty draft when there is none, its numbers going on where they were.
    pub(super) fn workflow_or_new(&mut self, key: &(TenantId, WorkflowKey)) -> &mut WorkflowRow {
        let edits = self.dropped.get(key).map_or(0, |(_, edits)| *edits);
        self.workflows
            .entry(key.clone())
            .or_insert_with(|| WorkflowRow {
                key: key.1.clone(),
                status: WorkflowStatus::Draft,
                hidden: false,
                owner: None,
                latest: 0,
                edits,
                has_draft: false,
                title: String::new(),
            })
    }

    /// Whether a new instance comes too late for its workflow: its version was dropped, or it was to be
    /// the newest of an active one. Of workflows that were never here, the books say nothing else.
    pub(super) fn is_gone(&self, rows: &Rows) -> bool {
        let row = &rows.instance;
        let workflow = WorkflowKey::from(row.workflow.as_str());
        let key = (row.tenant.clone(), workflow);
        let stands = self.workflows.get(&key);
        let is_newest = |newest| stands.is_some_and(|row| row.is_active() && row.latest == newest);
        if !rows.newest.is_none_or(is_newest) {
            return true;
        }
        if stands.is_none() && !self.dropped.contains_key(&key) {
            return false;
        }
        let place = (key.0, key.1, row.definition);
        !self.definitions.contains_key(&place)
    }

    fn workflow_drop(&mut self, key: &(TenantId, WorkflowKey)) -> bool {
        let used = self
            .instances
            .iter()
            .any(|((tenant, _), kept)| *tenant == key.0 && kept.row.workflow == key.1.as_str());
        if used {
            return false;
        }
        let Some(row) = self.workflows.remove(key) else {
            return false;
        };
        let used = self.dropped.get(key).map_or(0, |(latest, _)| *latest);
        self.drafts.remove(key);
        self.definitions
            .retain(|(tenant, workflow, _), _| (tenant, workflow) != (&key.0, &key.1));
        self.schedules.set(&key.0, &key.1, &[]);
        self.dropped
            .insert(key.clone(), (row.latest.max(used), row.edits + 1));
        true
    }
}

#[async_trait]
impl Definitions for MemoryStore {
    async fn publish(
        &self,
        tenant: &TenantId,
        definitions: &[DefinitionRow],
        starts: &[StartsOf],
    ) -> Result<Vec<Published>> {
        let mut books = self.books();
        let rows = definitions.iter();
        let published = rows.map(|row| books.publish(tenant, row)).collect();
        for StartsOf { workflow, rows } in starts {
            books.schedules.set(tenant, workflow, rows);
        }
        Ok(published)
    }

    async fn publish_draft(
        &self,
        tenant: &TenantId,
        definition: &DefinitionRow,
        starts: &[(String, Timestamp)],
        revision: u64,
    ) -> Result<Option<Published>> {
        let mut books = self.books();
        let key = (tenant.clone(), definition.workflow.clone());
        if !books.draft_drop(&key, revision) {
            return Ok(None);
        }
        books.schedules.set(tenant, &key.1, starts);
        Ok(Some(books.publish(tenant, definition)))
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

    async fn workflow_change(
        &self,
        tenant: &TenantId,
        key: &WorkflowKey,
        change: &WorkflowChange,
    ) -> Result<bool> {
        let mut books = self.books();
        let Some(row) = books.workflows.get_mut(&(tenant.clone(), key.clone())) else {
            return Ok(false);
        };
        row.status = change.status.unwrap_or(row.status);
        row.hidden = change.hidden.unwrap_or(row.hidden);
        if let Some(owner) = &change.owner {
            row.owner.clone_from(owner);
        }
        Ok(true)
    }

    async fn workflow_drop(&self, tenant: &TenantId, key: &WorkflowKey) -> Result<bool> {
        Ok(self.books().workflow_drop(&(tenant.clone(), key.clone())))
    }
}

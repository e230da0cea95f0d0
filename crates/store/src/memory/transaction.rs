//! A transaction in memory: what it touched is a copy of its own until it is finished.

use std::{any::Any, collections::BTreeSet, fmt};

use async_trait::async_trait;
use signoff_core::{
    change::Rows,
    id::{InstanceId, PersonId, Subject, TenantId, WorkflowKey},
};

use crate::{
    contract::{Instances, Load, Loaded, OwnedTx, Target, UnitOfWork},
    error::Result,
    memory::{
        MemoryStore,
        books::{Books, Kept, subject},
        check::{check, check_consumed, check_requests},
    },
};

/// A transaction of a [`MemoryStore`].
pub(super) struct MemoryTx {
    store: MemoryStore,
    /// The instances that the transaction changed, as it sees them.
    touched: Books,
    /// What it will have written.
    written: Vec<Rows>,
    /// The turns that it took: counted at once, and given back when it is dropped.
    turns: Vec<(TenantId, String, PersonId)>,
    host: (),
}

impl fmt::Debug for MemoryTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTx")
            .field("written", &self.written.len())
            .finish_non_exhaustive()
    }
}

impl MemoryTx {
    pub(super) fn new(store: MemoryStore) -> Self {
        Self {
            store,
            touched: Books::default(),
            written: Vec::new(),
            turns: Vec::new(),
            host: (),
        }
    }

    fn has_touched(&self, tenant: &TenantId, id: InstanceId) -> bool {
        self.touched.instances.contains_key(&(tenant.clone(), id))
    }
}

impl Books {
    /// Copies one instance with its open tasks, without its history and jobs, which no load gives.
    fn adopt(&mut self, books: &Self, tenant: &TenantId, id: InstanceId) {
        let key = (tenant.clone(), id);
        let Some(kept) = books.instances.get(&key) else {
            return;
        };
        if let Some(exclusive) = &kept.row.exclusive {
            self.exclusive
                .insert((tenant.clone(), exclusive.clone()), id);
        }
        if let Some(key) = kept.row.business_key.clone() {
            self.keyed
                .insert((tenant.clone(), key, kept.row.started_at, id));
        }
        if let Some(subject) = subject(&kept.row) {
            self.subjects
                .insert((tenant.clone(), subject, kept.row.started_at, id));
        }
        for task in books.task_lists.open_of(tenant, id) {
            if let Some(row) = books.tasks.get(&(tenant.clone(), task)) {
                self.put_task(row.clone());
            }
        }
        self.instances.insert(
            key,
            Kept {
                row: kept.row.clone(),
                activations: kept.activations.clone(),
                history: Vec::new(),
                jobs: BTreeSet::new(),
                fields: kept.fields.clone(),
            },
        );
    }
}

#[async_trait]
impl UnitOfWork for MemoryTx {
    async fn load(&mut self, load: &Load) -> Result<Option<Loaded>> {
        let books = self.store.books();
        let id = match load.target {
            Target::Instance(id) => Some(id),
            Target::Task(id) => {
                let key = (load.tenant.clone(), id);
                let task = self
                    .touched
                    .tasks
                    .get(&key)
                    .or_else(|| books.tasks.get(&key));
                task.map(|task| task.instance)
            }
        };
        let Some(id) = id.filter(|id| self.has_touched(&load.tenant, *id)) else {
            return Ok(books.load(load));
        };
        // A task that was closed before the transaction is not among the copies.
        if let Target::Task(task) = load.target
            && let Some(row) = books.tasks.get(&(load.tenant.clone(), task))
            && !self
                .touched
                .tasks
                .contains_key(&(load.tenant.clone(), task))
        {
            debug_assert_eq!(row.instance, id, "a task stays in its instance");
            self.touched.put_task(row.clone());
        }
        Ok(self.touched.load(load))
    }

    async fn running(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
    ) -> Result<Option<InstanceId>> {
        let books = self.store.books();
        let stored = books.running(tenant, workflow, subject, |id| {
            !self.has_touched(tenant, id)
        });
        let own = self.touched.running(tenant, workflow, subject, |_| true);
        let latest = stored
            .into_iter()
            .chain(own)
            .max_by_key(|row| (row.started_at, row.id));
        Ok(latest.map(|row| row.id))
    }

    async fn keyed(
        &mut self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        key: &str,
    ) -> Result<Option<InstanceId>> {
        let books = self.store.books();
        let stored = books.keyed(tenant, workflow, key, |id| !self.has_touched(tenant, id));
        let own = self.touched.keyed(tenant, workflow, key, |_| true);
        let latest = stored
            .into_iter()
            .chain(own)
            .max_by_key(|row| (row.started_at, row.id));
        Ok(latest.map(|row| row.id))
    }

    async fn turn(
        &mut self,
        tenant: &TenantId,
        pool: &str,
        members: &[PersonId],
    ) -> Result<PersonId> {
        let next = self.store.turn(tenant, pool, members).await?;
        let taken = (tenant.clone(), pool.to_owned(), next.clone());
        self.turns.push(taken);
        Ok(next)
    }

    async fn commit(&mut self, changes: &[Rows]) -> Result<()> {
        let books = self.store.books();
        check(
            changes,
            |tenant, id| {
                self.touched
                    .version(tenant, id)
                    .or_else(|| books.version(tenant, id))
            },
            |tenant, key| {
                let stored = books
                    .holder(tenant, key)
                    .filter(|id| !self.has_touched(tenant, *id));
                self.touched.holder(tenant, key).or(stored)
            },
            |row| {
                let own = self.touched.unique(row, |_| true);
                own.or_else(|| books.unique(row, |_| true))
            },
            |rows| books.is_gone(rows),
        )?;
        check_consumed(changes, |tenant, id| {
            let own = self.touched.messages.is_waiting(tenant, id);
            own.or_else(|| books.messages.is_waiting(tenant, id))
                .unwrap_or(false)
        })?;
        check_requests(changes, |tenant, id| {
            self.touched.is_answered(tenant, id) || books.is_answered(tenant, id)
        })?;
        for rows in changes {
            let (tenant, id) = (&rows.instance.tenant, rows.instance.id);
            if !self.touched.instances.contains_key(&(tenant.clone(), id)) {
                self.touched.adopt(&books, tenant, id);
            }
            for message in &rows.consumed {
                self.touched
                    .messages
                    .adopt(&books.messages, tenant, message);
            }
            self.touched.apply(rows);
            self.written.push(rows.clone());
        }
        Ok(())
    }

    fn host(&mut self) -> &mut (dyn Any + Send) {
        &mut self.host
    }
}

#[async_trait]
impl OwnedTx for MemoryTx {
    async fn finish(mut self: Box<Self>) -> Result<()> {
        let written = self.store.books().commit(&self.written);
        if written.is_ok() {
            self.turns.clear();
        }
        written
    }
}

impl Drop for MemoryTx {
    fn drop(&mut self) {
        let mut books = self.store.books();
        for (tenant, pool, person) in self.turns.drain(..) {
            books.give_back(tenant, pool, &person);
        }
    }
}

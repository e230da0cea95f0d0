//! The newest versions of workflows, as they were when something was started last.
//!
//! They may be stale where several engines share a database: a start that goes by one commits only while
//! the workflow is still active and the version still its newest, and no refusal of it is told.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use signoff_core::id::{TenantId, WorkflowKey};

type Books = HashMap<TenantId, HashMap<WorkflowKey, u32>>;

/// The newest versions of active workflows.
#[derive(Debug)]
pub(crate) struct Newest {
    /// At most so many tenants, and so many workflows of each.
    most: usize,
    books: Mutex<Books>,
}

impl Newest {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            books: Mutex::default(),
        }
    }

    pub(super) fn get(&self, tenant: &TenantId, workflow: &WorkflowKey) -> Option<u32> {
        self.books().get(tenant)?.get(workflow).copied()
    }

    pub(super) fn put(&self, tenant: &TenantId, workflow: &WorkflowKey, version: u32) {
        if self.most == 0 {
            return;
        }
        let mut books = self.books();
        if !books.contains_key(tenant) && books.len() >= self.most {
            books.clear();
        }
        let known = books.entry(tenant.clone()).or_default();
        if !known.contains_key(workflow) && known.len() >= self.most {
            known.clear();
        }
        known.insert(workflow.clone(), version);
    }

    pub(super) fn forget(&self, tenant: &TenantId, workflow: &WorkflowKey) {
        if let Some(known) = self.books().get_mut(tenant) {
            known.remove(workflow);
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

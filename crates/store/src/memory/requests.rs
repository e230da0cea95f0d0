//! Answered requests in memory.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{change::Rows, id::TenantId};

use crate::{
    contract::{AnsweredRequest, Requests},
    error::Result,
    memory::{MemoryStore, books::Books},
};

impl Books {
    pub(super) fn is_answered(&self, tenant: &TenantId, id: &str) -> bool {
        self.requests.contains_key(&(tenant.clone(), id.to_owned()))
    }

    pub(super) fn answer(&mut self, rows: &Rows) {
        let Some(request) = &rows.request else {
            return;
        };
        let key = (rows.instance.tenant.clone(), request.id.clone());
        let answered = AnsweredRequest {
            request: request.clone(),
            instance: rows.instance.id,
            version: rows.instance.version,
            at: rows.history.at,
        };
        self.requests.insert(key, answered);
    }
}

#[async_trait]
impl Requests for MemoryStore {
    async fn request(&self, tenant: &TenantId, id: &str) -> Result<Option<AnsweredRequest>> {
        let key = (tenant.clone(), id.to_owned());
        Ok(self.books().requests.get(&key).cloned())
    }

    async fn requests_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        let mut books = self.books();
        let known = books.requests.len();
        books.requests.retain(|(owner, _), answered| {
            answered.at >= before || tenant.is_some_and(|tenant| tenant != owner)
        });
        let dropped = known.saturating_sub(books.requests.len());
        Ok(u64::try_from(dropped).unwrap_or(u64::MAX))
    }
}

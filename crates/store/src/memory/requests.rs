//! Answered requests in memory.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{change::Rows, id::TenantId};

use crate::{
    contract::{AnsweredRequest, KeptRequest, Requests},
    error::{Error, ErrorKind, Result},
    memory::{MemoryStore, books::Books},
};

impl Books {
    pub(super) fn is_answered(&self, tenant: &TenantId, id: &str) -> bool {
        let key = (tenant.clone(), id.to_owned());
        self.requests.contains_key(&key) || self.kept_requests.contains_key(&key)
    }

    /// A kept request that has no answer.
    fn under_way(&mut self, tenant: &TenantId, id: &str) -> Option<&mut KeptRequest> {
        let kept = self.kept_requests.get_mut(&(tenant.clone(), id.to_owned()));
        kept.filter(|kept| kept.answer.is_none())
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

    async fn request_begin(
        &self,
        tenant: &TenantId,
        request: &KeptRequest,
    ) -> Result<Option<KeptRequest>> {
        let mut books = self.books();
        let key = (tenant.clone(), request.id.clone());
        if let Some(kept) = books.kept_requests.get(&key) {
            return Ok(Some(kept.clone()));
        }
        if books.requests.contains_key(&key) {
            let message = "the id of the request is taken";
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        let begun = KeptRequest {
            taken_over: 0,
            answer: None,
            ..request.clone()
        };
        books.kept_requests.insert(key, begun);
        Ok(None)
    }

    async fn request_take_over(
        &self,
        tenant: &TenantId,
        id: &str,
        taken_over: u64,
    ) -> Result<bool> {
        let mut books = self.books();
        let kept = books.under_way(tenant, id);
        let kept = kept.filter(|kept| kept.taken_over == taken_over);
        Ok(kept.map(|kept| kept.taken_over += 1).is_some())
    }

    async fn request_answer(&self, tenant: &TenantId, id: &str, answer: &str) -> Result<bool> {
        let mut books = self.books();
        let kept = books.under_way(tenant, id);
        Ok(kept
            .map(|kept| kept.answer = Some(answer.to_owned()))
            .is_some())
    }

    async fn request_forget(&self, tenant: &TenantId, id: &str, taken_over: u64) -> Result<bool> {
        let mut books = self.books();
        let kept = books.under_way(tenant, id);
        let forgotten = kept.is_some_and(|kept| kept.taken_over == taken_over);
        if forgotten {
            books.kept_requests.remove(&(tenant.clone(), id.to_owned()));
        }
        Ok(forgotten)
    }

    async fn requests_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        let mut books = self.books();
        let stays =
            |owner: &TenantId, at| at >= before || tenant.is_some_and(|tenant| tenant != owner);
        let known = books.requests.len() + books.kept_requests.len();
        let all = &mut *books;
        all.requests
            .retain(|(owner, _), answered| stays(owner, answered.at));
        all.kept_requests
            .retain(|(owner, _), kept| stays(owner, kept.at));
        let left = books.requests.len() + books.kept_requests.len();
        let dropped = known.saturating_sub(left);
        Ok(u64::try_from(dropped).unwrap_or(u64::MAX))
    }
}

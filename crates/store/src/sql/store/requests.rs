//! Answered requests.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::TenantId;

use super::Calls as _;
use crate::{
    contract::{AnsweredRequest, KeptRequest, Requests},
    error::{Error, ErrorKind, Result},
    sql::{
        Driver,
        read::{kept_request_row, request_row},
        statements,
    },
};

#[async_trait]
impl<D: Driver> Requests for D {
    async fn request(&self, tenant: &TenantId, id: &str) -> Result<Option<AnsweredRequest>> {
        let bound = statements::request(tenant, id);
        let row = self.row("read a request", bound).await?;
        row.map(request_row).transpose()
    }

    async fn request_begin(
        &self,
        tenant: &TenantId,
        request: &KeptRequest,
    ) -> Result<Option<KeptRequest>> {
        let begin = statements::begin_request(tenant, request);
        match self.change("keep a request", vec![begin]).await {
            // Where no statement can leave a taken id alone.
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            Err(error) => return Err(error),
            Ok(0) => {}
            Ok(_) => return Ok(None),
        }
        let bound = statements::kept_request(tenant, &request.id);
        let row = self.row("read a request", bound).await?;
        let taken = || Error::new(ErrorKind::Conflict, "the id of the request is taken");
        row.map(kept_request_row)
            .transpose()?
            .ok_or_else(taken)
            .map(Some)
    }

    async fn request_take_over(
        &self,
        tenant: &TenantId,
        id: &str,
        taken_over: u64,
    ) -> Result<bool> {
        let take = statements::take_over_request(tenant, id, count(taken_over));
        Ok(self.change("take a request over", vec![take]).await? > 0)
    }

    async fn request_answer(&self, tenant: &TenantId, id: &str, answer: &str) -> Result<bool> {
        let answer = statements::answer_request(tenant, id, answer);
        Ok(self.change("keep an answer", vec![answer]).await? > 0)
    }

    async fn request_forget(&self, tenant: &TenantId, id: &str, taken_over: u64) -> Result<bool> {
        let forget = statements::forget_request(tenant, id, count(taken_over));
        Ok(self.change("forget a request", vec![forget]).await? > 0)
    }

    async fn requests_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        let drop = statements::drop_requests(tenant, before);
        self.change("drop requests", vec![drop]).await
    }
}

/// A number of times as columns hold it.
fn count(taken_over: u64) -> i64 {
    i64::try_from(taken_over).unwrap_or(i64::MAX)
}

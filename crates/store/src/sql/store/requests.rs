//! Answered requests.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::TenantId;

use super::Calls as _;
use crate::{
    contract::{AnsweredRequest, Requests},
    error::Result,
    sql::{Driver, read::request_row, statements},
};

#[async_trait]
impl<D: Driver> Requests for D {
    async fn request(&self, tenant: &TenantId, id: &str) -> Result<Option<AnsweredRequest>> {
        let bound = statements::request(tenant, id);
        let row = self.row("read a request", bound).await?;
        row.map(request_row).transpose()
    }

    async fn requests_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        let drop = statements::drop_requests(tenant, before);
        self.change("drop requests", vec![drop]).await
    }
}

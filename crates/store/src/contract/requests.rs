//! Requests that their senders named: done once, however often they are sent.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    change::RequestRow,
    id::{InstanceId, TenantId},
};

use crate::error::Result;

/// A request that was answered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AnsweredRequest {
    /// The request.
    pub request: RequestRow,
    /// The instance that it changed.
    pub instance: InstanceId,
    /// The version that it made.
    pub version: u64,
    /// When.
    pub at: Timestamp,
}

/// Keeping which requests were answered. They are added by commits only, with the change that
/// answers them; while a commit with one is under way, another with the same waits for it where the
/// database lets it, and conflicts.
#[async_trait]
pub trait Requests {
    /// The request of that id, when it was answered.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn request(&self, tenant: &TenantId, id: &str) -> Result<Option<AnsweredRequest>>;

    /// Drops requests that were answered before a moment, of one tenant or of all; how many. Their ids
    /// mean new requests from then on.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn requests_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64>;
}

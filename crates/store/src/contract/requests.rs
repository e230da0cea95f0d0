//! Requests that their senders named: done once, however often they are sent.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    change::RequestRow,
    id::{InstanceId, TenantId},
};
use uuid::Uuid;

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

/// A request that changes no instance, or several: it is kept before it is done, and its answer after.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeptRequest {
    /// Its id; never one of a request that a commit answers.
    pub id: String,
    /// The hash of what it asks.
    pub hash: String,
    /// The id that belongs to what it makes, however often that is tried.
    pub resource: Uuid,
    /// How often somebody else took it over, because nothing was heard of whoever did it.
    pub taken_over: u64,
    /// What it was answered with; `None` while it is under way.
    pub answer: Option<String>,
    /// When it was begun.
    pub at: Timestamp,
}

/// Keeping which requests were answered. Those that change one instance are added by commits only, with
/// the change that answers them; while a commit with one is under way, another with the same waits
/// for it where the database lets it, and conflicts. The others are kept in two steps.
#[async_trait]
pub trait Requests {
    /// The request of that id, when a commit answered it.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn request(&self, tenant: &TenantId, id: &str) -> Result<Option<AnsweredRequest>>;

    /// Keeps a request that is going to be done, with no answer and taken over by nobody. Gives the one
    /// that has the id already, if any; then nothing is written.
    ///
    /// # Errors
    /// `Conflict` when the id is one of a request that a commit answered; `Unavailable`, `Corrupt`,
    /// `Other`.
    async fn request_begin(
        &self,
        tenant: &TenantId,
        request: &KeptRequest,
    ) -> Result<Option<KeptRequest>>;

    /// Counts a request without an answer as taken over, if it was `taken_over` so often; `false` when
    /// not: somebody else did, or it has its answer, or it is forgotten.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn request_take_over(&self, tenant: &TenantId, id: &str, taken_over: u64)
    -> Result<bool>;

    /// Keeps the answer of a request that has none; `false` when it has one or is forgotten. Who was
    /// slow may still answer: the first answer stays.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn request_answer(&self, tenant: &TenantId, id: &str, answer: &str) -> Result<bool>;

    /// Forgets a request without an answer that was taken over so often; `false` when there is none.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn request_forget(&self, tenant: &TenantId, id: &str, taken_over: u64) -> Result<bool>;

    /// Drops requests that were answered, or begun, before a moment, of one tenant or of all; how many. Their ids
    /// mean new requests from then on.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn requests_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64>;
}

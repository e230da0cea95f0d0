//! Messages between instances and from outside, and who waits for them.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    change::{MessageRow, SubscriptionKind, SubscriptionRow},
    id::{ActivationId, InstanceId, MessageId, TenantId},
};

use crate::error::Result;

/// Which subscribers, and which part of them. Everything named must hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SubscriberFilter {
    /// The tenant; subscriptions of others are never seen.
    pub tenant: TenantId,
    /// What they wait for.
    pub kind: SubscriptionKind,
    /// The name of the message or signal.
    pub name: String,
    /// The key that they wait for, exactly; any when `None`.
    pub key: Option<String>,
    /// Only those who wait since then or longer.
    pub until: Timestamp,
    /// After which subscriber: since when it waits, and its activation. From the beginning when
    /// `None`.
    pub after: Option<(Timestamp, ActivationId)>,
    /// At most so many.
    pub limit: u32,
}

/// Keeping messages and finding who waits for them. Subscriptions are added and dropped, and
/// messages consumed, by commits only.
#[async_trait]
pub trait Messages {
    /// Keeps a message durably, before anybody gets it; `false`, and nothing changes, when the tenant
    /// has a message of that id already, consumed or not. Called twice with the same message, the
    /// second call gives `false`; of concurrent calls, exactly one gives `true`.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn message_add(&self, message: &MessageRow) -> Result<bool>;

    /// The messages that one who begins to wait at `now` may consume: of that name and key, neither
    /// consumed nor expired (one that expires at `now` is), the earliest sent first, then by id; at
    /// most 100.
    ///
    /// It reserves nothing: who consumes a message is decided by the commit.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn messages(
        &self,
        tenant: &TenantId,
        name: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Vec<MessageRow>>;

    /// The message and the instance that consumed it, if any; `None` when the tenant has none of that
    /// id. A message is kept for a time after it was consumed or has expired, so that none is delivered twice.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn message(
        &self,
        tenant: &TenantId,
        id: &MessageId,
    ) -> Result<Option<(MessageRow, Option<InstanceId>)>>;

    /// Drops messages that were consumed or expired before a moment, of one tenant or of all, at most
    /// 1,000; how many. Their ids can be sent again from then on.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn messages_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64>;

    /// Who waits, the longest first, then by activation. Asked again after the last of a part, with
    /// the same `until`, it gives each who waits all the while exactly once.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn subscribers(&self, filter: &SubscriberFilter) -> Result<Vec<SubscriptionRow>>;
}

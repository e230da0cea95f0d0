//! Messages, and who waits for them.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    change::{MessageRow, SubscriptionRow},
    id::{InstanceId, MessageId, TenantId},
};
use signoff_store::{
    Messages, Result, SubscriberFilter,
    sql::{
        read::{message_row, subscription_row},
        sqlite,
    },
};

use super::SqliteStore;

#[async_trait]
impl Messages for SqliteStore {
    async fn message_add(&self, message: &MessageRow) -> Result<bool> {
        let add = sqlite::add_message(message).into();
        let done = self.writer().write("keep a message", vec![add]).await?;
        Ok(done.changed > 0)
    }

    async fn messages_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        let drop = sqlite::drop_messages(tenant, before).into();
        let done = self.writer().write("drop messages", vec![drop]).await?;
        Ok(u64::try_from(done.changed).unwrap_or_default())
    }

    async fn messages(
        &self,
        tenant: &TenantId,
        name: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Vec<MessageRow>> {
        let bound = sqlite::messages(tenant, name, key, now);
        let rows = self.readers().rows("list messages", bound).await?;
        rows.into_iter()
            .map(|row| Ok(message_row(tenant, row)?.0))
            .collect()
    }

    async fn message(
        &self,
        tenant: &TenantId,
        id: &MessageId,
    ) -> Result<Option<(MessageRow, Option<InstanceId>)>> {
        let bound = sqlite::message(tenant, id);
        let row = self.readers().row("read a message", bound).await?;
        row.map(|row| message_row(tenant, row)).transpose()
    }

    async fn subscribers(&self, filter: &SubscriberFilter) -> Result<Vec<SubscriptionRow>> {
        let bound = sqlite::subscribers(filter);
        let rows = self.readers().rows("list subscribers", bound).await?;
        rows.into_iter()
            .map(|row| subscription_row(filter, row))
            .collect()
    }
}

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

use super::{SqliteStore, columns::Columns};

#[async_trait]
impl Messages for SqliteStore {
    async fn message_add(&self, message: &MessageRow) -> Result<bool> {
        let add = sqlite::add_message(message).into();
        Ok(self.writer().write("keep a message", vec![add]).await? > 0)
    }

    async fn messages_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        let drop = sqlite::drop_messages(tenant, before).into();
        let dropped = self.writer().write("drop messages", vec![drop]).await?;
        Ok(dropped)
    }

    async fn messages(
        &self,
        tenant: &TenantId,
        name: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Vec<MessageRow>> {
        let bound = sqlite::messages(tenant, name, key, now);
        let rows = self.read("list messages", bound).await?;
        rows.iter()
            .map(|row| Ok(message_row(tenant, Columns::of(row))?.0))
            .collect()
    }

    async fn message(
        &self,
        tenant: &TenantId,
        id: &MessageId,
    ) -> Result<Option<(MessageRow, Option<InstanceId>)>> {
        let rows = self
            .read("read a message", sqlite::message(tenant, id))
            .await?;
        let row = rows.first().map(Columns::of);
        row.map(|row| message_row(tenant, row)).transpose()
    }

    async fn subscribers(&self, filter: &SubscriberFilter) -> Result<Vec<SubscriptionRow>> {
        let rows = self
            .read("list subscribers", sqlite::subscribers(filter))
            .await?;
        rows.iter()
            .map(|row| subscription_row(filter, Columns::of(row)))
            .collect()
    }
}

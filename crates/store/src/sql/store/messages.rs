//! Messages, and who waits for them.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::{
    change::{MessageRow, SubscriptionRow},
    id::{InstanceId, MessageId, TenantId},
};

use super::Calls as _;
use crate::{
    contract::{Messages, SubscriberFilter},
    error::{ErrorKind, Result},
    sql::{
        Driver,
        read::{message_row, subscription_row},
        statements,
    },
};

#[async_trait]
impl<D: Driver> Messages for D {
    async fn message_add(&self, message: &MessageRow) -> Result<bool> {
        let add = statements::add_message(message);
        match self.change("keep a message", vec![add]).await {
            // Where no statement can leave a taken id alone.
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(false),
            added => Ok(added? > 0),
        }
    }

    async fn messages_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        let drop = statements::drop_messages(tenant, before);
        self.change("drop messages", vec![drop]).await
    }

    async fn messages(
        &self,
        tenant: &TenantId,
        name: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Vec<MessageRow>> {
        let bound = statements::messages(tenant, name, key, now);
        let rows = self.rows("list messages", bound).await?;
        rows.into_iter()
            .map(|row| Ok(message_row(tenant, row)?.0))
            .collect()
    }

    async fn message(
        &self,
        tenant: &TenantId,
        id: &MessageId,
    ) -> Result<Option<(MessageRow, Option<InstanceId>)>> {
        let bound = statements::message(tenant, id);
        let row = self.row("read a message", bound).await?;
        row.map(|row| message_row(tenant, row)).transpose()
    }

    async fn subscribers(&self, filter: &SubscriberFilter) -> Result<Vec<SubscriptionRow>> {
        let bound = statements::subscribers(filter);
        let rows = self.rows("list subscribers", bound).await?;
        rows.into_iter()
            .map(|row| subscription_row(filter, row))
            .collect()
    }
}

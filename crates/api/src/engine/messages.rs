//! Messages: each for one activation that waits for it, now or later.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use signoff_core::{
    change::{MessageRow, SubscriptionKind, SubscriptionRow},
    command::Delivery,
    graph::Trigger,
    id::{InstanceId, MessageId, NodeKey, PersonId, TenantId, WorkflowKey},
    limits::MESSAGE_BYTES,
    refusal::{Refusal, RefusalCode},
};
use signoff_store::SubscriberFilter;

use crate::{
    call::{Call, Made, Start, Who},
    engine::{Engine, door, is_conflict},
    error::{Error, ErrorKind, NotDone},
};

/// How many who wait are looked at together.
const PAGE: u32 = 100;

/// A message for one activation that waits for it, now or later.
///
/// It is kept until somebody consumes it or it expires, and consumed exactly once. Without
/// [`by`](Self::by) it is the host that sends.
///
/// # Example
/// ```
/// use signoff::Message;
///
/// let paid = Message::new("paid").key("invoice-17").id("bank-4711").payload(&serde_json::json!({"amount": 12}))?;
/// # Ok::<(), signoff::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Message {
    tenant: TenantId,
    by: Who,
    id: Option<MessageId>,
    name: String,
    key: String,
    payload: Value,
    expires_at: Option<Timestamp>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sent {
    /// An instance took it: one that waited, or one that it started.
    Delivered(InstanceId),
    /// A message of that id was sent and consumed before.
    Duplicate,
    /// Nobody waits for it yet: it is kept.
    Kept,
}

/// What became of giving a message to those who wait.
enum Given {
    /// Somebody has consumed it before.
    Gone,
    /// Nobody waits for it.
    Left,
    /// Nobody took it, and somebody said why.
    Refused(Refusal),
    /// This instance took it.
    Taken(InstanceId),
}

impl Message {
    /// A message of that name, without key and payload.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            tenant: TenantId::default(),
            by: Who::Host,
            id: None,
            name: name.into(),
            key: String::new(),
            payload: Value::Null,
            expires_at: None,
        }
    }

    /// The tenant; `default` when not given.
    #[must_use]
    pub fn tenant(self, tenant: impl Into<TenantId>) -> Self {
        Self {
            tenant: tenant.into(),
            ..self
        }
    }

    /// The person who sends it: a manager of the instance that takes it.
    #[must_use]
    pub fn by(self, person: impl Into<PersonId>) -> Self {
        Self {
            by: Who::Person(person.into()),
            ..self
        }
    }

    /// Its id: sent twice, it is delivered once. A new one when not given. It is known for seven days
    /// after the message was taken or has expired.
    #[must_use]
    pub fn id(self, id: impl Into<MessageId>) -> Self {
        Self {
            id: Some(id.into()),
            ..self
        }
    }

    /// Which one of its name it is: the text that the receiver's `key` gives.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            ..self
        }
    }

    /// What it says.
    ///
    /// # Errors
    /// When `payload` cannot be turned into JSON.
    pub fn payload(self, payload: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        let payload = to_json(payload)?;
        Ok(Self { payload, ..self })
    }

    /// From when on nobody gets it any more; never when not given.
    #[must_use]
    pub fn expires_at(self, moment: Timestamp) -> Self {
        Self {
            expires_at: Some(moment),
            ..self
        }
    }
}

pub(super) fn to_json(value: &(impl Serialize + ?Sized)) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|error| {
        let message = "failed to turn a payload into JSON";
        Error::new(ErrorKind::Serialization, message).caused_by(error)
    })
}

impl Engine {
    /// Sends a message: to one who waits for it, else to a workflow that begins with it, else it is
    /// kept until somebody waits for it.
    ///
    /// A sender that saw no answer sends it again with the same id. What follows in the instance that
    /// takes it is not the sender's: a node that fails there waits with an incident.
    ///
    /// # Errors
    /// Refused: `not_permitted` when a person neither manages somebody who waits nor is an admin,
    /// `limit_exceeded` when it is too long: nothing is kept. `limit_exceeded` when it does not fit into
    /// the data of the receiver, `form_invalid` and whatever else the workflow that would begin with it
    /// says: the message is kept all the same, and tried again when it is sent again with its id.
    /// Failed: store or directory.
    pub async fn send(&self, message: Message) -> Result<Sent, NotDone> {
        door::tenant(&message.tenant)?;
        door::by(&message.by)?;
        check_sizes(&message.name, &message.key, message.id.as_ref())?;
        self.check_size(&message.payload)?;
        let row = MessageRow {
            tenant: message.tenant.clone(),
            id: message
                .id
                .unwrap_or_else(|| self.inner().clock.command_id().derive(1).to_string().into()),
            name: message.name,
            key: message.key,
            payload: message.payload.to_string(),
            sent_at: self.inner().clock.now(),
            expires_at: message.expires_at,
        };
        self.may_send(&message.by, &row).await?;
        let store = &self.inner().store;
        if store.message_add(&row).await? {
            return self.hand_out(&message.by, &row).await;
        }
        match store.message(&row.tenant, &row.id).await? {
            // It is the first one that counts, whatever the second says.
            Some((first, None)) => self.hand_out(&message.by, &first).await,
            _ => Ok(Sent::Duplicate),
        }
    }

    /// A person who is no admin sends only to those who wait and whom the person manages.
    async fn may_send(&self, by: &Who, row: &MessageRow) -> Result<(), NotDone> {
        let Who::Person(id) = by else {
            return Ok(());
        };
        let refused = |message: String| {
            let refusal = Refusal::new(RefusalCode::NotPermitted, message);
            Err(NotDone::Refused(refusal))
        };
        let Some(person) = self
            .person(&row.tenant, id)
            .await?
            .filter(|found| found.active)
        else {
            return refused(format!("`{id}` may not send messages"));
        };
        if person.admin {
            return Ok(());
        }
        for subscriber in self.subscribers_of(row).await? {
            let found = self.instance(&row.tenant, subscriber.instance).await?;
            let managers = found
                .iter()
                .flat_map(|view| view.definition.graph.managers());
            if managers.into_iter().any(|manager| person.is(manager)) {
                return Ok(());
            }
        }
        refused(format!("nobody whom `{id}` manages waits for this"))
    }

    async fn subscribers_of(&self, row: &MessageRow) -> Result<Vec<SubscriptionRow>, Error> {
        let filter = SubscriberFilter {
            tenant: row.tenant.clone(),
            kind: SubscriptionKind::Message,
            name: row.name.clone(),
            key: Some(row.key.clone()),
            until: self.inner().clock.now(),
            after: None,
            limit: PAGE,
        };
        Ok(self.inner().store.subscribers(&filter).await?)
    }

    /// Gives a kept message to one who waits for it, or starts a workflow with it.
    async fn hand_out(&self, by: &Who, row: &MessageRow) -> Result<Sent, NotDone> {
        let now = self.inner().clock.now();
        if row.expires_at.is_some_and(|at| at <= now) {
            return Ok(Sent::Kept);
        }
        match self.give(by, row).await? {
            Given::Taken(instance) => Ok(Sent::Delivered(instance)),
            Given::Gone => Ok(Sent::Duplicate),
            Given::Refused(refusal) => Err(NotDone::Refused(refusal)),
            Given::Left => self.start_by_message(row).await,
        }
    }

    /// Gives a message to the first of those who wait that takes it.
    async fn give(&self, by: &Who, row: &MessageRow) -> Result<Given, NotDone> {
        let mut given = Given::Left;
        for subscriber in self.subscribers_of(row).await? {
            match self.give_to(by, row, &subscriber).await {
                Ok(instance) => return Ok(Given::Taken(instance)),
                Err(NotDone::Refused(refusal)) if is_late(&refusal) => {
                    // Somebody was faster than we: with this message, or with another one there.
                    if self.is_consumed(row).await? {
                        return Ok(Given::Gone);
                    }
                }
                Err(NotDone::Refused(refusal)) => given = Given::Refused(refusal),
                Err(failed) => return Err(failed),
            }
        }
        Ok(given)
    }

    async fn is_consumed(&self, row: &MessageRow) -> Result<bool, Error> {
        let found = self.inner().store.message(&row.tenant, &row.id).await?;
        Ok(found.is_none_or(|(_, consumed_by)| consumed_by.is_some()))
    }

    async fn give_to(
        &self,
        by: &Who,
        row: &MessageRow,
        to: &SubscriptionRow,
    ) -> Result<InstanceId, NotDone> {
        let delivery = Delivery {
            kind: SubscriptionKind::Message,
            name: row.name.clone(),
            message: Some(row.id.clone()),
            payload: payload(&row.payload),
        };
        let mut call =
            Call::deliver(to.instance, to.activation, delivery).tenant(row.tenant.clone());
        call.by = by.clone();
        self.call(call).await.map(|done| done.id())
    }

    /// An activation begins to wait: messages that were sent before are given to those who wait.
    pub(crate) async fn give_kept(
        &self,
        tenant: &TenantId,
        name: &str,
        key: &str,
    ) -> Result<(), NotDone> {
        let store = &self.inner().store;
        let now = self.inner().clock.now();
        for row in store.messages(tenant, name, key, now).await? {
            match self.give(&Who::Engine, &row).await? {
                Given::Taken(_) | Given::Gone => {}
                Given::Left => return Ok(()),
                Given::Refused(refusal) => {
                    tracing::warn!(%refusal, message = %row.id, "a kept message is not taken");
                }
            }
        }
        Ok(())
    }

    async fn start_by_message(&self, row: &MessageRow) -> Result<Sent, NotDone> {
        let begins =
            |trigger: &Trigger| matches!(trigger, Trigger::Message(name) if *name == row.name);
        let Some((workflow, way)) = self
            .starts_with(&row.tenant, begins)
            .await?
            .into_iter()
            .next()
        else {
            return Ok(Sent::Kept);
        };
        let mut start = Start::of(workflow).tenant(row.tenant.clone()).at(way);
        start.by = Who::Engine;
        start.data = std::sync::Arc::new(object(payload(&row.payload)));
        start.made = Made {
            message: Some(row.id.clone()),
            ..Made::default()
        };
        match self.start(start).await {
            Ok(done) => Ok(Sent::Delivered(done.id())),
            // Sent twice at once: the other one began it.
            Err(NotDone::Failed(error)) if is_conflict(&error) => Ok(Sent::Duplicate),
            Err(other) => Err(other),
        }
    }

    /// The ways to start of active workflows that are begun like that, by key.
    pub(super) async fn starts_with(
        &self,
        tenant: &TenantId,
        begins: impl Fn(&Trigger) -> bool,
    ) -> Result<Vec<(WorkflowKey, NodeKey)>, Error> {
        let mut found = Vec::new();
        for row in self.inner().store.workflows(tenant).await? {
            if !row.is_active() {
                continue;
            }
            let definition = self.definition(tenant, &row.key, Some(row.latest)).await?;
            let Some(definition) = definition else {
                continue;
            };
            let starts = definition.graph.starts();
            let starts = starts.filter(|start| begins(&start.trigger));
            found.extend(starts.map(|start| (row.key.clone(), start.key.clone())));
        }
        Ok(found)
    }

    pub(super) fn check_size(&self, payload: &Value) -> Result<(), NotDone> {
        let size = payload.to_string().len();
        let limit = self.inner().settings.limits.form_bytes;
        if size <= limit {
            return Ok(());
        }
        Err(too_long("payload", size, limit))
    }
}

pub(super) fn check_sizes(name: &str, key: &str, id: Option<&MessageId>) -> Result<(), NotDone> {
    let id = id.map_or("", MessageId::as_str);
    for (what, text) in [("name", name), ("key", key), ("id", id)] {
        if text.len() > MESSAGE_BYTES {
            return Err(too_long(what, text.len(), MESSAGE_BYTES));
        }
    }
    Ok(door::message(name, key, id)?)
}

fn too_long(what: &str, size: usize, limit: usize) -> NotDone {
    NotDone::Refused(Refusal::new(
        RefusalCode::LimitExceeded,
        format!("the {what} is {size} bytes long, {limit} are allowed"),
    ))
}

fn is_late(refusal: &Refusal) -> bool {
    matches!(
        refusal.code,
        RefusalCode::Conflict
            | RefusalCode::NotFound
            | RefusalCode::NotOpen
            | RefusalCode::NotRunning
            | RefusalCode::OnHold
            | RefusalCode::UnknownMessage
    )
}

fn payload(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// What begins an instance is its data, when it is an object.
pub(super) fn object(payload: Value) -> Value {
    match payload {
        Value::Object(_) => payload,
        _ => Value::Null,
    }
}

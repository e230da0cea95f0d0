//! Messages and signals: what instances hear from outside.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use signoff_core::{
    change::{MessageRow, SubscriptionKind, SubscriptionRow},
    command::Delivery,
    graph::Trigger,
    id::{InstanceId, MessageId, NodeKey, PersonId, TenantId, WorkflowKey},
    refusal::{Refusal, RefusalCode},
};
use signoff_store::SubscriberFilter;

use crate::{
    call::{Call, Made, Start, Who},
    engine::Engine,
    error::{Error, ErrorKind, NotDone},
};

/// How many who wait are looked at together.
const PAGE: u32 = 100;
/// The longest name, key or id of a message, in bytes.
const LONGEST: usize = 1_000;

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

/// A signal for all who wait for it at this moment.
///
/// # Example
/// ```
/// use signoff::Signal;
///
/// let closed = Signal::new("year_closed");
/// ```
#[derive(Clone, Debug)]
pub struct Signal {
    tenant: TenantId,
    by: Who,
    name: String,
    payload: Value,
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

    /// Its id: sent twice, it is delivered once. A new one when not given.
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

impl Signal {
    /// A signal of that name, without payload.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            tenant: TenantId::default(),
            by: Who::Host,
            name: name.into(),
            payload: Value::Null,
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

    /// The person who throws it: it reaches the instances that the person manages.
    #[must_use]
    pub fn by(self, person: impl Into<PersonId>) -> Self {
        Self {
            by: Who::Person(person.into()),
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

    pub(crate) fn thrown(tenant: TenantId, name: String, payload: Value) -> Self {
        Self {
            tenant,
            by: Who::Engine,
            name,
            payload,
        }
    }
}

fn to_json(value: &(impl Serialize + ?Sized)) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|error| {
        let message = "failed to turn a payload into JSON";
        Error::new(ErrorKind::Serialization, message).caused_by(error)
    })
}

impl Engine {
    /// Sends a message: to one who waits for it, else to a workflow that begins with it, else it is
    /// kept until somebody waits for it.
    ///
    /// A sender that saw no answer sends it again with the same id.
    ///
    /// # Errors
    /// Refused: `not_permitted` when a person neither manages the receiver nor is an admin,
    /// `limit_exceeded`. Failed: store or directory.
    pub async fn send(&self, message: Message) -> Result<Sent, NotDone> {
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
        if !store.message_add(&row).await? {
            let before = store.message(&row.tenant, &row.id).await?;
            if before.is_none_or(|(_, consumed_by)| consumed_by.is_some()) {
                return Ok(Sent::Duplicate);
            }
        }
        self.hand_out(&message.by, &row).await
    }

    /// A person who is no admin sends only to those who wait and whom the person manages.
    async fn may_send(&self, by: &Who, row: &MessageRow) -> Result<(), NotDone> {
        let Who::Person(id) = by else {
            return Ok(());
        };
        let person = self.person(&row.tenant, id).await?;
        let unlimited = person.is_some_and(|person| person.active && person.admin);
        if unlimited || !self.subscribers_of(row).await?.is_empty() {
            return Ok(());
        }
        Err(NotDone::Refused(Refusal::new(
            RefusalCode::NotPermitted,
            format!("nobody waits for this, and `{id}` may not leave it here"),
        )))
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
        let mut refused = None;
        for subscriber in self.subscribers_of(row).await? {
            match self.give(by, row, &subscriber).await {
                Ok(instance) => return Ok(Sent::Delivered(instance)),
                // It was faster than we, or ended meanwhile.
                Err(NotDone::Refused(refusal)) if is_late(&refusal) => {}
                Err(NotDone::Refused(refusal)) => refused = Some(refusal),
                Err(failed) => return Err(failed),
            }
        }
        if let Some(refusal) = refused {
            return Err(NotDone::Refused(refusal));
        }
        self.start_by_message(row).await
    }

    async fn give(
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

    /// An activation begins to wait: a message that was sent before is given to it.
    pub(crate) async fn give_kept(
        &self,
        tenant: &TenantId,
        name: &str,
        key: &str,
    ) -> Result<(), NotDone> {
        let store = &self.inner().store;
        let now = self.inner().clock.now();
        for row in store.messages(tenant, name, key, now).await? {
            let waiting = self.subscribers_of(&row).await?;
            let Some(first) = waiting.first() else {
                return Ok(());
            };
            match self.give(&Who::Engine, &row, first).await {
                Ok(_) => {}
                Err(NotDone::Refused(refusal)) if is_late(&refusal) => {}
                Err(NotDone::Refused(refusal)) => {
                    tracing::warn!(%refusal, message = %row.id, "a kept message is not taken");
                }
                Err(failed) => return Err(failed),
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
        Ok(Sent::Delivered(self.start(start).await?.id()))
    }

    /// The ways to start of active workflows that are begun like that, by key.
    async fn starts_with(
        &self,
        tenant: &TenantId,
        begins: impl Fn(&Trigger) -> bool,
    ) -> Result<Vec<(WorkflowKey, NodeKey)>, Error> {
        let mut found = Vec::new();
        for row in self.inner().store.workflows(tenant).await? {
            if !row.active {
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

    /// Throws a signal; gives how many heard it: activations that waited, and workflows that began.
    ///
    /// # Errors
    /// Refused: `limit_exceeded`. Failed: store or directory.
    pub async fn signal(&self, signal: Signal) -> Result<usize, NotDone> {
        let now = self.inner().clock.now();
        self.signal_at(signal, now).await
    }

    pub(crate) async fn signal_at(&self, signal: Signal, at: Timestamp) -> Result<usize, NotDone> {
        check_sizes(&signal.name, "", None)?;
        self.check_size(&signal.payload)?;
        let mut heard = 0;
        let mut filter = SubscriberFilter {
            tenant: signal.tenant.clone(),
            kind: SubscriptionKind::Signal,
            name: signal.name.clone(),
            key: None,
            until: at,
            after: None,
            limit: PAGE,
        };
        // All who wait now, before any of them moves: one that comes back hears the next one only.
        let mut waiting = Vec::new();
        loop {
            let page = self.inner().store.subscribers(&filter).await?;
            let Some(last) = page.last() else { break };
            filter.after = Some((last.since, last.activation));
            waiting.extend(page);
        }
        for subscriber in waiting {
            let delivery = Delivery {
                kind: SubscriptionKind::Signal,
                name: signal.name.clone(),
                message: None,
                payload: signal.payload.clone(),
            };
            let mut call = Call::deliver(subscriber.instance, subscriber.activation, delivery)
                .tenant(signal.tenant.clone());
            call.by = signal.by.clone();
            match self.call(call).await {
                Ok(_) => heard += 1,
                Err(NotDone::Refused(refusal)) => {
                    tracing::debug!(%refusal, "a signal is not heard");
                }
                Err(failed) => return Err(failed),
            }
        }
        Ok(heard + self.start_by_signal(&signal).await?)
    }

    async fn start_by_signal(&self, signal: &Signal) -> Result<usize, NotDone> {
        if let Who::Person(_) = signal.by {
            return Ok(0);
        }
        let begins =
            |trigger: &Trigger| matches!(trigger, Trigger::Signal(name) if *name == signal.name);
        let mut started = 0;
        for (workflow, way) in self.starts_with(&signal.tenant, begins).await? {
            let mut start = Start::of(workflow).tenant(signal.tenant.clone()).at(way);
            start.by = Who::Engine;
            start.data = std::sync::Arc::new(object(signal.payload.clone()));
            match self.start(start).await {
                Ok(_) => started += 1,
                Err(NotDone::Refused(refusal)) => {
                    tracing::warn!(%refusal, signal = %signal.name, "a signal starts nothing");
                }
                Err(failed) => return Err(failed),
            }
        }
        Ok(started)
    }

    fn check_size(&self, payload: &Value) -> Result<(), NotDone> {
        let size = payload.to_string().len();
        let limit = self.inner().settings.limits.form_bytes;
        if size <= limit {
            return Ok(());
        }
        Err(too_long("payload", size, limit))
    }
}

fn check_sizes(name: &str, key: &str, id: Option<&MessageId>) -> Result<(), NotDone> {
    let id = id.map_or("", MessageId::as_str);
    for (what, text) in [("name", name), ("key", key), ("id", id)] {
        if text.len() > LONGEST {
            return Err(too_long(what, text.len(), LONGEST));
        }
    }
    Ok(())
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
            | RefusalCode::UnknownMessage
    )
}

fn payload(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// What begins an instance is its data, when it is an object.
fn object(payload: Value) -> Value {
    match payload {
        Value::Object(_) => payload,
        _ => Value::Null,
    }
}

//! What ran about a subject last, and how the statuses of an instance changed.

use jiff::Timestamp;
use serde_json::{Map, Value};
use signoff_core::{
    actor::By,
    event::{Event, HistoryEntry},
    id::{InstanceId, NodeKey, Subject, TenantId, WorkflowKey},
};
use signoff_store::{InstanceFilter, PageRequest};

use crate::{
    engine::{Engine, InstanceView},
    error::Error,
};

/// One change of a step's status.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusMoment {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: By,
    /// The step.
    pub step: NodeKey,
    /// The status that it had; none when the step begins.
    pub from: Option<String>,
    /// The status that it got.
    pub to: String,
    /// The step that the transition leads to which the status took; none when it took none.
    pub transition: Option<NodeKey>,
    /// The remark or the reason that was given.
    pub reason: Option<String>,
    /// The keys of the instance's metadata that were set with it.
    pub metadata: Map<String, Value>,
}

impl Engine {
    /// The instance about a subject that started last, of one workflow where one is named; with
    /// everything that lives in it. `None` when nothing has ever run about it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn latest_of(
        &self,
        tenant: &TenantId,
        subject: &Subject,
        workflow: Option<&WorkflowKey>,
    ) -> Result<Option<InstanceView>, Error> {
        let filter = InstanceFilter {
            subject: Some(subject.clone()),
            workflow: workflow.map(ToString::to_string).into(),
            ..InstanceFilter::default()
        };
        let page = PageRequest {
            limit: 1,
            after: None,
        };
        let found = self.inner().store.instances(tenant, &filter, &page).await?;
        match found.items.first() {
            Some(row) => self.instance(tenant, row.id).await,
            None => Ok(None),
        }
    }

    /// How the statuses of an instance's steps changed, from the beginning; empty for an instance
    /// without steps.
    ///
    /// # Errors
    /// As [`history`](Self::history).
    pub async fn status_history(
        &self,
        tenant: &TenantId,
        id: InstanceId,
    ) -> Result<Vec<StatusMoment>, Error> {
        let history = self.history(tenant, id).await?;
        Ok(history.iter().flat_map(moments).collect())
    }
}

/// The changes of one command.
fn moments(entry: &HistoryEntry) -> impl Iterator<Item = StatusMoment> {
    let events = entry.events.iter();
    let why = events.clone().find_map(reason);
    let mut metadata = Map::new();
    for event in events.clone() {
        if let Event::MetadataSet { values } = event {
            metadata.extend(values.clone());
        }
    }
    let taken = |of: &_| {
        entry.events.iter().find_map(|event| match event {
            Event::TransitionTaken { activation, to, .. } if activation == of => Some(to.clone()),
            _ => None,
        })
    };
    events.filter_map(move |event| match event {
        Event::StatusSet {
            activation,
            node,
            status,
            from,
            comment,
        } => Some(StatusMoment {
            at: entry.at,
            by: entry.by.clone(),
            step: node.clone(),
            from: from.clone(),
            to: status.clone(),
            transition: taken(activation),
            reason: comment.clone().or_else(|| why.clone()),
            metadata: metadata.clone(),
        }),
        _ => None,
    })
}

/// Why a command was given that changes statuses among other things.
fn reason(event: &Event) -> Option<String> {
    match event {
        Event::InstanceCancelled { reason } | Event::InstanceRejected { reason, .. } => {
            Some(reason.clone())
        }
        Event::InstanceHeld { reason, .. } => reason.clone(),
        Event::DecisionMade(decision) => decision.reason.clone(),
        _ => None,
    }
}

//! Rows made by hand.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use signoff_core::{
    change::{
        HistoryRow, IncidentRow, JobRow, JobWork, MessageRow, Rows, SubscriptionKind,
        SubscriptionRow, TaskOp,
    },
    id::{ActivationId, IncidentId, InstanceId, JobId, Subject, TaskId, TenantId},
    instance::{ActivationRow, InstanceRow, TaskRow},
    principal::Principal,
};
use uuid::Uuid;

use crate::{
    contract::{IncidentFilter, Load, Loaded, PageRequest, Part, Store, Target},
    error::ErrorKind,
};

pub(super) type Tested = Arc<dyn Store>;

/// An id; greater numbers make greater ids.
pub(super) fn uuid(n: u32) -> Uuid {
    Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0000 + u128::from(n))
}

pub(super) fn instance_id(n: u32) -> InstanceId {
    InstanceId::new(uuid(n))
}

pub(super) fn task_id(n: u32) -> TaskId {
    TaskId::new(uuid(n))
}

pub(super) fn activation_id(n: u32) -> ActivationId {
    ActivationId::new(uuid(n))
}

pub(super) fn job_id(n: u32) -> JobId {
    JobId::new(uuid(n))
}

/// A moment so many seconds after a fixed one, with nanoseconds.
pub(super) fn at(seconds: i64) -> Timestamp {
    let zero: Timestamp = "2026-01-01T00:00:00.123456789Z".parse().unwrap();
    zero + SignedDuration::from_secs(seconds)
}

pub(super) fn tenant() -> TenantId {
    TenantId::from("acme")
}

pub(super) fn subject(id: &str) -> Subject {
    Subject {
        kind: "order".to_owned(),
        id: id.to_owned(),
    }
}

/// The first change of the instance `n`, which starts `n` seconds after the fixed moment.
pub(super) fn start(n: u32) -> Rows {
    let instance = InstanceRow {
        tenant: tenant(),
        id: instance_id(n),
        version: 1,
        workflow: "expense".to_owned(),
        definition: 3,
        status: "running".to_owned(),
        title: r#"{"en":"Expense"}"#.to_owned(),
        subject_type: None,
        subject_id: None,
        exclusive: None,
        business_key: None,
        unique_key: None,
        requester: None,
        parent: None,
        started_at: at(i64::from(n)),
        changed_at: at(i64::from(n)),
        ended_at: None,
        state: r#"{"live":1}"#.to_owned(),
        data: Some(r#"{"amount":1200.50}"#.to_owned()),
        forms: Some("{}".to_owned()),
    };
    Rows {
        before: 0,
        history: HistoryRow {
            tenant: instance.tenant.clone(),
            instance: instance.id,
            version: 1,
            at: instance.changed_at,
            person: Some("ann".into()),
            body: r#"{"events":["instance_started"]}"#.to_owned(),
        },
        instance,
        tasks: Vec::new(),
        activations: Vec::new(),
        dropped_activations: Vec::new(),
        jobs: Vec::new(),
        dropped_jobs: Vec::new(),
        incidents: Vec::new(),
        resolved_incidents: Vec::new(),
        subscriptions: Vec::new(),
        dropped_subscriptions: Vec::new(),
        consumed: Vec::new(),
        fields: None,
        request: None,
        newest: None,
    }
}

/// The same for another tenant.
pub(super) fn of_tenant(mut rows: Rows, tenant: &TenantId) -> Rows {
    rows.instance.tenant = tenant.clone();
    rows.history.tenant = tenant.clone();
    for (_, row) in &mut rows.tasks {
        row.tenant = tenant.clone();
    }
    for (_, row) in &mut rows.activations {
        row.tenant = tenant.clone();
    }
    for row in &mut rows.jobs {
        row.tenant = tenant.clone();
    }
    for row in &mut rows.incidents {
        row.tenant = tenant.clone();
    }
    for row in &mut rows.subscriptions {
        row.tenant = tenant.clone();
    }
    rows
}

/// The next change of the same instance: nothing but the version, the moment and the history.
pub(super) fn next(rows: &Rows) -> Rows {
    let mut instance = rows.instance.clone();
    instance.version += 1;
    instance.changed_at += SignedDuration::from_secs(1);
    instance.data = None;
    instance.forms = None;
    Rows {
        before: rows.instance.version,
        history: HistoryRow {
            version: instance.version,
            at: instance.changed_at,
            person: None,
            body: format!(r#"{{"events":[{}]}}"#, instance.version),
            ..rows.history.clone()
        },
        instance,
        tasks: Vec::new(),
        activations: Vec::new(),
        dropped_activations: Vec::new(),
        jobs: Vec::new(),
        dropped_jobs: Vec::new(),
        incidents: Vec::new(),
        resolved_incidents: Vec::new(),
        subscriptions: Vec::new(),
        dropped_subscriptions: Vec::new(),
        consumed: Vec::new(),
        fields: None,
        request: None,
        newest: None,
    }
}

/// An open task `n` of the activation `activation`, which nobody has.
pub(super) fn task(rows: &Rows, n: u32, activation: u32) -> TaskRow {
    TaskRow {
        tenant: rows.instance.tenant.clone(),
        id: task_id(n),
        instance: rows.instance.id,
        activation: activation_id(activation),
        node: "review".to_owned(),
        number: n,
        state: "ready".to_owned(),
        assignee: None,
        candidates: vec![role("clerk")],
        opened_at: at(i64::from(n)),
        due_at: Some(at(1_000_000)),
        closed_at: None,
        closed_by: None,
        outcome: None,
        body: format!(r#"{{"task":{n}}}"#),
        activation_body: None,
    }
}

/// The same task, held by somebody.
pub(super) fn held(task: TaskRow, by: &str) -> TaskRow {
    TaskRow {
        state: "assigned".to_owned(),
        assignee: Some(by.into()),
        candidates: Vec::new(),
        ..task
    }
}

/// The same task, closed by somebody so many seconds after the fixed moment.
pub(super) fn closed(task: TaskRow, by: &str, seconds: i64) -> TaskRow {
    TaskRow {
        state: "completed".to_owned(),
        candidates: Vec::new(),
        closed_at: Some(at(seconds)),
        closed_by: Some(by.into()),
        outcome: Some("approved".to_owned()),
        activation_body: None,
        ..task
    }
}

pub(super) fn role(id: &str) -> Principal {
    Principal::Role(id.into())
}

pub(super) fn user(id: &str) -> Principal {
    Principal::User(id.into())
}

pub(super) fn insert(task: TaskRow) -> (TaskOp, TaskRow) {
    (TaskOp::Insert, task)
}

/// The task as stored, and as it becomes.
pub(super) fn update(old: &TaskRow, new: TaskRow) -> (TaskOp, TaskRow) {
    let candidates = old.candidates.clone();
    (TaskOp::Update { candidates }, new)
}

pub(super) fn activation(rows: &Rows, n: u32) -> ActivationRow {
    ActivationRow {
        tenant: rows.instance.tenant.clone(),
        id: activation_id(n),
        instance: rows.instance.id,
        node: "join".to_owned(),
        body: format!(r#"{{"activation":{n}}}"#),
    }
}

/// A job that is due so many seconds after the fixed moment.
pub(super) fn job(rows: &Rows, n: u32, due: i64) -> JobRow {
    JobRow {
        tenant: rows.instance.tenant.clone(),
        id: job_id(n),
        instance: rows.instance.id,
        due_at: at(due),
        work: work(n),
    }
}

pub(super) fn work(n: u32) -> JobWork {
    JobWork::Wake {
        task: task_id(n),
        activation: activation_id(n),
        entry: 1,
    }
}

pub(super) fn incident(rows: &Rows, n: u32, opened: i64) -> IncidentRow {
    IncidentRow {
        tenant: rows.instance.tenant.clone(),
        id: IncidentId::new(uuid(n)),
        instance: rows.instance.id,
        code: "job_failed".to_owned(),
        message: "connection refused".to_owned(),
        node: Some("review".to_owned()),
        opened_at: at(opened),
    }
}

/// A subscription of the activation `n`, which waits since `n` seconds after the fixed moment.
pub(super) fn subscription(
    rows: &Rows,
    n: u32,
    (kind, name, key): (SubscriptionKind, &str, &str),
) -> SubscriptionRow {
    SubscriptionRow {
        tenant: rows.instance.tenant.clone(),
        instance: rows.instance.id,
        activation: activation_id(n),
        kind,
        name: name.to_owned(),
        key: key.to_owned(),
        since: at(i64::from(n)),
    }
}

/// A message that was sent so many seconds after the fixed moment and never expires.
pub(super) fn message(id: &str, (name, key): (&str, &str), sent: i64) -> MessageRow {
    MessageRow {
        tenant: tenant(),
        id: id.into(),
        name: name.to_owned(),
        key: key.to_owned(),
        payload: format!(r#"{{"id":"{id}"}}"#),
        sent_at: at(sent),
        expires_at: None,
    }
}

/// Commits what must be accepted.
pub(super) async fn commit(store: &Tested, changes: &[Rows]) {
    store.commit_now(changes).await.unwrap();
}

/// Commits what must conflict.
pub(super) async fn conflict(store: &Tested, changes: &[Rows]) {
    let error = store.commit_now(changes).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
}

pub(super) fn load_of(rows: &Rows, part: Part) -> Load {
    Load {
        tenant: rows.instance.tenant.clone(),
        target: Target::Instance(rows.instance.id),
        part,
    }
}

/// Everything of the instance.
pub(super) async fn all(store: &Tested, rows: &Rows) -> Option<Loaded> {
    store.load(&load_of(rows, Part::All)).await.unwrap()
}

/// The first page of all incidents.
pub(super) async fn incidents_of(store: &Tested, tenant: &TenantId) -> Vec<IncidentRow> {
    let (all, first) = (IncidentFilter::default(), PageRequest::default());
    store.incidents(tenant, &all, &first).await.unwrap().items
}

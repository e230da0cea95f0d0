//! Rows made by hand.

use jiff::Timestamp;
use signoff_core::{
    change::{HistoryRow, Rows, TaskOp},
    id::{ActivationId, InstanceId, TaskId},
    instance::{InstanceRow, TaskRow},
};
use signoff_store::{Instances, Load, Part, Target};
use uuid::Uuid;

pub(crate) fn uuid(n: u32) -> Uuid {
    Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0000 + u128::from(n))
}

fn now() -> Timestamp {
    "2026-01-01T00:00:00.123456789Z".parse().unwrap()
}

/// The first change of the instance `n`.
pub(crate) fn start(n: u32) -> Rows {
    let instance = InstanceRow {
        tenant: "acme".into(),
        id: InstanceId::new(uuid(n)),
        version: 1,
        workflow: "expense".to_owned(),
        definition: 1,
        status: "running".to_owned(),
        title: "\"Expense\"".to_owned(),
        subject_type: None,
        subject_id: None,
        exclusive: None,
        business_key: None,
        unique_key: None,
        requester: None,
        parent: None,
        started_at: now(),
        changed_at: now(),
        ended_at: None,
        state: "{}".to_owned(),
        data: Some("{}".to_owned()),
        forms: Some("{}".to_owned()),
    };
    Rows {
        before: 0,
        history: HistoryRow {
            tenant: instance.tenant.clone(),
            instance: instance.id,
            version: 1,
            at: now(),
            person: Some("ann".into()),
            body: "{}".to_owned(),
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

/// The next change of the same instance.
pub(crate) fn next(rows: &Rows) -> Rows {
    let mut next = rows.clone();
    next.before = rows.instance.version;
    next.instance.version += 1;
    next.history.version += 1;
    next.tasks.clear();
    next
}

/// An open task of the instance.
pub(crate) fn task(rows: &Rows, n: u32) -> (TaskOp, TaskRow) {
    let row = TaskRow {
        tenant: rows.instance.tenant.clone(),
        id: TaskId::new(uuid(n)),
        instance: rows.instance.id,
        activation: ActivationId::new(uuid(n)),
        node: "review".to_owned(),
        number: n,
        state: "ready".to_owned(),
        assignee: None,
        candidates: Vec::new(),
        opened_at: now(),
        due_at: None,
        closed_at: None,
        closed_by: None,
        outcome: None,
        body: "{}".to_owned(),
        activation_body: None,
    };
    (TaskOp::Insert, row)
}

pub(crate) fn load_of(rows: &Rows) -> Load {
    Load {
        tenant: rows.instance.tenant.clone(),
        target: Target::Instance(rows.instance.id),
        part: Part::All,
    }
}

/// The version that is stored, 0 when there is none.
pub(crate) async fn version(store: &dyn Instances, rows: &Rows) -> u64 {
    let loaded = store.load(&load_of(rows)).await.unwrap();
    loaded.map_or(0, |loaded| loaded.rows.instance.version)
}

//! One of each event; `is_sampled` breaks when one is missing.

use std::sync::Arc;

use serde_json::json;

use super::{
    activation_id, decision, given, incident_id, items, moment, opened, scope_id, started, task_id,
    timers, uuid,
};
use crate::{
    actor::By,
    change::{JobRow, JobWork, NodeJob, SubscriptionKind},
    event::{Event, NodeEntered, ScopeReopened, TokenParked},
    graph::Retry,
    id::{ActivationId, DefinitionId, InstanceId, JobId, NodeKey},
    instance::{ChildEnd, Compensation, News, Outcome, Parked, ParkedState, Timer},
};

/// One sample of each event of the closed list.
pub(super) fn events() -> Vec<Event> {
    [
        of_instances(),
        of_nodes(),
        of_tokens(),
        of_people(),
        of_what_waits(),
        of_children(),
    ]
    .concat()
}

pub(super) fn compensation() -> Compensation {
    Compensation {
        node: node(),
        handler: "undo_review".into(),
        items: items(),
    }
}

fn node() -> NodeKey {
    NodeKey::from("review")
}

fn child() -> InstanceId {
    InstanceId::new(uuid(12))
}

fn job() -> JobRow {
    JobRow {
        tenant: started().tenant,
        id: JobId::new(uuid(2)),
        instance: InstanceId::new(uuid(1)),
        due_at: moment(12),
        work: JobWork::Node(Box::new(NodeJob {
            activation: activation_id(),
            name: "reserve".to_owned(),
            with: json!({"sku": "x"}),
            retry: Retry::default(),
            timeout: None,
        })),
    }
}

fn of_instances() -> Vec<Event> {
    vec![
        Event::InstanceAttached(Box::new(started())),
        Event::InstanceBegun {
            requester: Some("ann".into()),
        },
        Event::InstanceHeld {
            reason: Some("a strike".to_owned()),
            jobs: vec![job()],
        },
        Event::InstanceResumed,
        Event::MetadataSet {
            values: [
                ("box".to_owned(), json!(7)),
                ("old".to_owned(), json!(null)),
            ]
            .into_iter()
            .collect(),
        },
        Event::NewsKept(News::JobReturned {
            activation: activation_id(),
            value: json!({"ok": true}),
        }),
        Event::NewsKept(News::JobFailed {
            activation: activation_id(),
            code: "no_stock".to_owned(),
            message: "there is none".to_owned(),
        }),
        Event::NewsKept(News::ChildEnded {
            activation: activation_id(),
            child: child(),
            end: ChildEnd::Cancelled,
        }),
        Event::NewsKept(News::CodeRaised {
            activation: activation_id(),
            child: child(),
            code: "late".to_owned(),
        }),
        Event::DataSet {
            values: [("amount".to_owned(), json!(12.5))].into_iter().collect(),
        },
        Event::IncidentOpened {
            incident: incident_id(),
            code: "no_approver".to_owned(),
            message: "nobody active is in the role `clerk`".to_owned(),
            activation: Some(activation_id()),
            task: None,
        },
        Event::IncidentResolved {
            incident: incident_id(),
        },
        Event::InstanceCancelled {
            reason: "not needed".to_owned(),
        },
        Event::InstanceCompleted,
        Event::InstanceFailed {
            code: "no_stock".to_owned(),
        },
        Event::InstanceRejected {
            by: By::Host,
            reason: "too dear".to_owned(),
        },
        Event::InstanceMigrated {
            definition: DefinitionId {
                workflow: "purchase_request".into(),
                version: 4,
            },
            nodes: [(node(), "second_review".into())].into_iter().collect(),
        },
        Event::InstanceReopened { tokens: 1 },
        Event::InstanceStarted(Box::new(started())),
        Event::OutcomeSet {
            outcome: "sent".to_owned(),
        },
    ]
}

fn of_nodes() -> Vec<Event> {
    let (node, activation) = (node(), activation_id());
    let entered = NodeEntered {
        activation,
        node: node.clone(),
        scope: Some(scope_id()),
        from: Some("first".into()),
        entries: 2,
        after: Some(ActivationId::new(uuid(10))),
        items: items(),
        given: given(),
        race: Some(ActivationId::new(uuid(11))),
        stray: true,
    };
    let at = |of: fn(ActivationId, NodeKey) -> Event| of(activation, node.clone());
    vec![
        Event::ErrorCaught {
            activation,
            node: node.clone(),
            code: "no_stock".to_owned(),
            message: "there is none".to_owned(),
        },
        Event::FunctionReturned {
            activation,
            into: Some("result".to_owned()),
            value: json!({"ok": true}),
        },
        Event::GroupSkipped {
            group: "management".into(),
            nodes: vec![node.clone()],
        },
        at(|activation, node| Event::NodeCancelled { activation, node }),
        at(|activation, node| Event::NodeCompleted {
            activation,
            node,
            artifact: Some(Arc::new(json!({"type": "فاتورة", "id": 7}))),
        }),
        at(|activation, node| Event::NodeRejected { activation, node }),
        at(|activation, node| Event::NodeRevived { activation, node }),
        at(|activation, node| Event::NodeUndone { activation, node }),
        Event::NodeDisabled { activation },
        Event::NodeEnabled { activation },
        Event::NodeEntered(Box::new(entered)),
        Event::NodeFailed {
            activation,
            node: node.clone(),
            incident: incident_id(),
        },
        Event::NodeResubmitted {
            activation,
            node: node.clone(),
            to: "first".into(),
        },
        Event::NodeReturned {
            activation,
            node: node.clone(),
        },
        Event::NodeObsolete {
            activation,
            node: node.clone(),
            incident: incident_id(),
        },
        Event::NodeRetried { activation },
        Event::NodeSkipped {
            node,
            activation: Some(activation),
        },
    ]
}

fn of_tokens() -> Vec<Event> {
    let (activation, scope) = (activation_id(), scope_id());
    let reopened = ScopeReopened {
        scope,
        split: "split".into(),
        parent: None,
        from: Some(node()),
        items: items(),
        branches: 3,
    };
    let parked = TokenParked {
        activation,
        token: Parked {
            node: node(),
            state: ParkedState::Undone,
            scope: Some(scope),
            from: Some("first".into()),
            items: items(),
            given: given(),
            after: Some(ActivationId::new(uuid(10))),
        },
        join: Some("join".into()),
    };
    vec![
        Event::BranchAdded { scope },
        Event::BranchEnded {
            scope: Some(scope),
            stray: true,
        },
        Event::TokenStrayed { scope },
        Event::JoinArrived {
            join: "join".into(),
            scope,
            from: Some(node()),
            after: Some(activation),
        },
        Event::JoinFired {
            join: "join".into(),
            scope,
        },
        Event::RaceOpened { race: activation },
        Event::RaceWon {
            race: ActivationId::new(uuid(11)),
            activation,
        },
        Event::ScopeClosed { scope },
        Event::ScopeOpened {
            scope,
            activation,
            branches: 3,
        },
        Event::ScopeReopened(Box::new(reopened)),
        Event::SideOpened { scope, activation },
        Event::TokenParked(Box::new(parked)),
        Event::TokenUnparked {
            activation,
            back: true,
        },
    ]
}

#[expect(
    clippy::too_many_lines,
    reason = "one sample for each event of the closed list"
)]
fn of_people() -> Vec<Event> {
    let (task, activation) = (task_id(), activation_id());
    vec![
        Event::CheckedIn {
            task,
            by: By::Person("rita".into()),
            comment: Some("arrived".to_owned()),
        },
        Event::ActionRequested {
            run: "archive".to_owned(),
        },
        Event::Commented {
            task: Some(task),
            text: "تم".to_owned(),
        },
        Event::DecisionMade(decision()),
        Event::EntryClosed {
            activation,
            entry: 0,
            outcome: Outcome::Rejected,
        },
        Event::EntryOpened {
            activation,
            entry: 0,
            members: vec!["bob".into(), "rita".into()],
            later: vec![vec!["rita".into()]],
            needed: 2,
            excluded: vec!["ann".into()],
            higher: vec!["manager".into()],
            followed: Some(vec!["bob".into(), "rita".into()]),
        },
        Event::EscalationFailed { task, level: 2 },
        Event::StatusSet {
            activation,
            node: node(),
            status: "complete".to_owned(),
            from: Some("received".to_owned()),
            comment: Some("all there".to_owned()),
        },
        Event::TransitionFailed {
            activation,
            node: node(),
            to: "payout".into(),
            message: "no such field: `amount`".to_owned(),
        },
        Event::TransitionTaken {
            activation,
            node: node(),
            to: "payout".into(),
            priority: -10,
        },
        Event::InfoAnswered {
            task,
            by: By::Person("ann".into()),
            text: "من ميزانية العام".to_owned(),
        },
        Event::TaskCancelled { task },
        Event::TaskClaimed {
            task,
            by: "rita".into(),
        },
        Event::TaskDelegated {
            task,
            from: "rita".into(),
            to: "bob".into(),
            reason: "on leave".to_owned(),
        },
        Event::EntryChanged {
            activation: activation_id(),
            entry: 0,
            members: vec!["bob".into(), "rita".into()],
            later: vec![vec!["rita".into()]],
            needed: 2,
            followed: Some(vec!["bob".into()]),
            reason: Some("four eyes".to_owned()),
        },
        Event::TaskEscalated {
            task,
            level: 1,
            assignee: None,
            candidates: vec!["user:max".parse().unwrap(), "user:moe".parse().unwrap()],
            reason: Some("too large for me".to_owned()),
        },
        Event::TaskOffered {
            task,
            candidates: vec!["role:clerk".parse().unwrap(), "user:ليلى".parse().unwrap()],
            reason: Some("she knows the budget".to_owned()),
        },
        Event::TaskOpened(Box::new(opened())),
        Event::TaskReleased { task },
        Event::TaskTransferred {
            task,
            from: Some("rita".into()),
            to: "eve".into(),
            reason: Some("new team".to_owned()),
        },
        Event::TaskRetimed {
            task,
            timers: timers(),
        },
        Event::TaskDrafted {
            task,
            form: Some(Arc::new(json!({"code": "BDG"}))),
        },
        Event::TaskResumed { task },
        Event::TaskSnoozed {
            task,
            until: moment(12),
        },
        Event::TaskStarted { task },
        Event::TaskSuspended {
            task,
            reason: Some("wait for the papers".to_owned()),
        },
        Event::TaskWoken { task },
    ]
}

fn of_what_waits() -> Vec<Event> {
    let activation = activation_id();
    let lock = || "dock:7".to_owned();
    vec![
        Event::ConditionWatched { activation },
        Event::JobOrdered {
            activation,
            due_at: Some(moment(9)),
        },
        Event::LockAwaited {
            activation,
            lock: lock(),
        },
        Event::LockTaken {
            activation,
            lock: lock(),
        },
        Event::MessageReceived {
            activation,
            message: Some("order-17".into()),
            into: Some("order".to_owned()),
            value: json!({"n": 1}),
        },
        Event::SignalThrown {
            activation,
            name: "stop".to_owned(),
        },
        Event::SubscriptionOpened {
            activation,
            kind: SubscriptionKind::Message,
            name: "order".to_owned(),
            key: "17".to_owned(),
        },
        Event::TimerFired {
            activation,
            task: Some(task_id()),
            timer: Timer::Escalate,
        },
        Event::TimerFired {
            activation,
            task: None,
            timer: Timer::Boundary(1),
        },
        Event::TimersArmed {
            activation,
            job: JobId::new(uuid(7)),
            due: vec![(moment(10), Timer::Boundary(1)), (moment(11), Timer::Own)],
        },
    ]
}

fn of_children() -> Vec<Event> {
    let activation = activation_id();
    vec![
        Event::ChildAdded {
            activation,
            given: given(),
        },
        Event::ChildEnded {
            activation,
            child: child(),
            end: ChildEnd::Failed {
                code: "rejected".to_owned(),
                message: "too dear".to_owned(),
            },
        },
        Event::ChildOrdered {
            activation,
            child: child(),
            place: 1,
        },
        Event::ChildrenPlanned {
            activation,
            definition: started().definition,
            children: vec![given()],
        },
        Event::CodeRaised {
            activation,
            code: "late".to_owned(),
        },
        Event::CompensationBegun {
            activation,
            scope: scope_id(),
            left: vec![compensation()],
        },
        Event::CompensationNoted(compensation()),
        Event::CompensationRun {
            activation,
            scope: scope_id(),
        },
    ]
}

/// Breaks when an event is added: add a sample above, and run with `UPDATE=1`.
#[expect(
    clippy::too_many_lines,
    reason = "one sample for each event of the closed list"
)]
pub(super) const fn is_sampled(event: &Event) -> bool {
    match event {
        Event::ActionRequested { .. }
        | Event::BranchAdded { .. }
        | Event::BranchEnded { .. }
        | Event::CheckedIn { .. }
        | Event::ChildAdded { .. }
        | Event::ChildEnded { .. }
        | Event::ChildOrdered { .. }
        | Event::ChildrenPlanned { .. }
        | Event::CodeRaised { .. }
        | Event::Commented { .. }
        | Event::CompensationBegun { .. }
        | Event::CompensationNoted(_)
        | Event::CompensationRun { .. }
        | Event::ConditionWatched { .. }
        | Event::DataSet { .. }
        | Event::DecisionMade(_)
        | Event::EntryClosed { .. }
        | Event::EntryOpened { .. }
        | Event::ErrorCaught { .. }
        | Event::EscalationFailed { .. }
        | Event::FunctionReturned { .. }
        | Event::GroupSkipped { .. }
        | Event::IncidentOpened { .. }
        | Event::IncidentResolved { .. }
        | Event::InfoAnswered { .. }
        | Event::InstanceAttached(_)
        | Event::InstanceBegun { .. }
        | Event::InstanceCancelled { .. }
        | Event::InstanceCompleted
        | Event::InstanceFailed { .. }
        | Event::InstanceHeld { .. }
        | Event::InstanceRejected { .. }
        | Event::InstanceMigrated { .. }
        | Event::InstanceReopened { .. }
        | Event::InstanceResumed
        | Event::InstanceStarted(_)
        | Event::JobOrdered { .. }
        | Event::JoinArrived { .. }
        | Event::JoinFired { .. }
        | Event::LockAwaited { .. }
        | Event::LockTaken { .. }
        | Event::MessageReceived { .. }
        | Event::MetadataSet { .. }
        | Event::NewsKept(_)
        | Event::NodeCancelled { .. }
        | Event::NodeCompleted { .. }
        | Event::NodeDisabled { .. }
        | Event::NodeEnabled { .. }
        | Event::NodeEntered(_)
        | Event::NodeFailed { .. }
        | Event::NodeRejected { .. }
        | Event::NodeResubmitted { .. }
        | Event::NodeReturned { .. }
        | Event::NodeObsolete { .. }
        | Event::NodeRetried { .. }
        | Event::NodeRevived { .. }
        | Event::NodeSkipped { .. }
        | Event::NodeUndone { .. }
        | Event::OutcomeSet { .. }
        | Event::RaceOpened { .. }
        | Event::RaceWon { .. }
        | Event::ScopeClosed { .. }
        | Event::ScopeOpened { .. }
        | Event::ScopeReopened(_)
        | Event::SideOpened { .. }
        | Event::SignalThrown { .. }
        | Event::StatusSet { .. }
        | Event::SubscriptionOpened { .. }
        | Event::TransitionFailed { .. }
        | Event::TransitionTaken { .. }
        | Event::TaskCancelled { .. }
        | Event::TaskClaimed { .. }
        | Event::TaskDelegated { .. }
        | Event::TaskDrafted { .. }
        | Event::EntryChanged { .. }
        | Event::TaskEscalated { .. }
        | Event::TaskOffered { .. }
        | Event::TaskOpened(_)
        | Event::TaskReleased { .. }
        | Event::TaskTransferred { .. }
        | Event::TaskRetimed { .. }
        | Event::TaskResumed { .. }
        | Event::TaskSnoozed { .. }
        | Event::TaskStarted { .. }
        | Event::TaskSuspended { .. }
        | Event::TaskWoken { .. }
        | Event::TimerFired { .. }
        | Event::TimersArmed { .. }
        | Event::TokenParked(_)
        | Event::TokenStrayed { .. }
        | Event::TokenUnparked { .. } => true,
    }
}

//! The stored forms in `testdata/records`: they must decode, and be written the same, for ever.
//!
//! `UPDATE=1` writes the files anew. A file that changes then is a change of what is stored: read
//! the rules of [`event`](super) first.

use std::{fmt::Debug, fs, path::PathBuf};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{
    change::{
        ActionCall, ActionContext, ActionsJob, Addressee, IncidentRow, JobRow, JobWork,
        ResolvedAction,
    },
    graph::{ActionEvent, OnFailure, Retry},
    id::JobId,
    instance::{
        Activation, ActivationState, Alarm, Body, CheckIn, Closing, EntryState, Escalation,
        OpenEntry, Task, Vote,
    },
};

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0001_7000_8000_0000_0000_0000 + n)
}

fn activation_id() -> ActivationId {
    ActivationId::new(uuid(2))
}

fn task_id() -> TaskId {
    TaskId::new(uuid(3))
}

fn scope_id() -> ScopeId {
    ScopeId::new(uuid(4))
}

fn incident_id() -> IncidentId {
    IncidentId::new(uuid(5))
}

fn moment(hour: i8) -> Timestamp {
    let text = format!("2026-01-05T{hour:02}:30:00.123456Z");
    text.parse().unwrap()
}

fn timers() -> Timers {
    Timers {
        due: Some(moment(12)),
        overdue: false,
        remind: vec![moment(10), moment(11)],
        escalation: Some(Escalation {
            at: moment(13),
            level: 1,
            levels: 3,
            every: jiff::SignedDuration::from_hours(72),
        }),
    }
}

fn started() -> InstanceStarted {
    InstanceStarted {
        tenant: TenantId::default(),
        instance: InstanceId::new(uuid(1)),
        definition: DefinitionId {
            workflow: "purchase_request".into(),
            version: 3,
        },
        title: Text::from(json!({"ar": "طلب", "en": "Request"})),
        subject: Some(Subject {
            kind: "purchase_request".to_owned(),
            id: "17".to_owned(),
        }),
        requester: Some("ann".into()),
        data: Arc::new(json!({"z": 1, "a": {"n": -1.5, "l": [null, true, "é"]}})),
        metadata: Arc::new(json!({"source": "import"})),
        exclusive: true,
    }
}

fn decision() -> Decision {
    Decision {
        task: task_id(),
        activation: activation_id(),
        node: "review".into(),
        entry: 1,
        by: By::Person("bob".into()),
        on_behalf_of: Some("rita".into()),
        outcome: Outcome::Approved,
        comment: Some("fine".to_owned()),
        reason: None,
        form: Some(Arc::new(json!({"code": "BDG-1"}))),
    }
}

fn opened() -> TaskOpened {
    TaskOpened {
        task: task_id(),
        activation: activation_id(),
        node: "review".into(),
        entry: 0,
        number: 1,
        duty: None,
        assignee: None,
        candidates: vec!["role:clerk".parse().unwrap(), "user:bob".parse().unwrap()],
        timers: timers(),
    }
}

/// One of each; `is_sampled` breaks when one is missing.
#[expect(
    clippy::too_many_lines,
    reason = "one sample for each event of the closed list"
)]
fn events() -> Vec<Event> {
    let node = || NodeKey::from("review");
    let activation = activation_id();
    let task = task_id();
    vec![
        Event::BranchEnded {
            scope: Some(scope_id()),
        },
        Event::CheckedIn {
            task,
            by: By::Person("rita".into()),
            comment: Some("arrived".to_owned()),
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
            needed: 2,
            excluded: vec!["ann".into()],
        },
        Event::EscalationFailed { task, level: 2 },
        Event::FunctionReturned {
            activation,
            into: Some("result".to_owned()),
            value: json!({"ok": true}),
        },
        Event::GroupSkipped {
            group: "management".into(),
            nodes: vec![node()],
        },
        Event::IncidentOpened {
            incident: incident_id(),
            code: "no_approver".to_owned(),
            message: "nobody active is in the role `clerk`".to_owned(),
            activation: Some(activation),
            task: None,
        },
        Event::InstanceCancelled {
            reason: "not needed".to_owned(),
        },
        Event::InstanceCompleted,
        Event::InstanceRejected {
            by: By::Host,
            reason: "too dear".to_owned(),
        },
        Event::InstanceStarted(Box::new(started())),
        Event::JoinArrived {
            join: "join".into(),
            scope: scope_id(),
            from: Some(node()),
        },
        Event::NodeCancelled {
            activation,
            node: node(),
        },
        Event::NodeCompleted {
            activation,
            node: node(),
        },
        Event::NodeEntered {
            activation,
            node: node(),
            scope: None,
            from: None,
            entries: 2,
        },
        Event::NodeFailed {
            activation,
            node: node(),
            incident: incident_id(),
        },
        Event::NodeRejected {
            activation,
            node: node(),
        },
        Event::NodeResubmitted {
            activation,
            node: node(),
            to: "first".into(),
        },
        Event::NodeSkipped { node: node() },
        Event::ScopeClosed { scope: scope_id() },
        Event::ScopeOpened {
            scope: scope_id(),
            activation,
            branches: 3,
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
        Event::TaskEscalated {
            task,
            level: 1,
            assignee: None,
            candidates: vec!["user:max".parse().unwrap(), "user:moe".parse().unwrap()],
        },
        Event::TaskOpened(Box::new(opened())),
        Event::TaskReleased { task },
        Event::TimerFired {
            activation: activation_id(),
            task: Some(task),
            timer: Timer::Escalate,
        },
        Event::TimerFired {
            activation: activation_id(),
            task: None,
            timer: Timer::Boundary(1),
        },
        Event::DataSet {
            values: [("amount".to_owned(), json!(12.5))].into_iter().collect(),
        },
        Event::JobOrdered {
            activation: activation_id(),
        },
        Event::SideOpened {
            scope: scope_id(),
            activation: activation_id(),
        },
        Event::TimersArmed {
            activation: activation_id(),
            job: JobId::new(uuid(7)),
            due: vec![(moment(10), 1), (moment(11), 0)],
        },
    ]
}

/// Breaks when an event is added: add it here, to `events` above, and run with `UPDATE=1`.
const fn is_sampled(event: &Event) -> bool {
    match event {
        Event::BranchEnded { .. }
        | Event::CheckedIn { .. }
        | Event::DataSet { .. }
        | Event::DecisionMade(_)
        | Event::EntryClosed { .. }
        | Event::EntryOpened { .. }
        | Event::EscalationFailed { .. }
        | Event::FunctionReturned { .. }
        | Event::GroupSkipped { .. }
        | Event::IncidentOpened { .. }
        | Event::InstanceCancelled { .. }
        | Event::InstanceCompleted
        | Event::InstanceRejected { .. }
        | Event::InstanceStarted(_)
        | Event::JobOrdered { .. }
        | Event::JoinArrived { .. }
        | Event::NodeCancelled { .. }
        | Event::NodeCompleted { .. }
        | Event::NodeEntered { .. }
        | Event::NodeFailed { .. }
        | Event::NodeRejected { .. }
        | Event::NodeResubmitted { .. }
        | Event::NodeSkipped { .. }
        | Event::ScopeClosed { .. }
        | Event::ScopeOpened { .. }
        | Event::SideOpened { .. }
        | Event::TaskCancelled { .. }
        | Event::TaskClaimed { .. }
        | Event::TaskDelegated { .. }
        | Event::TaskEscalated { .. }
        | Event::TaskOpened(_)
        | Event::TaskReleased { .. }
        | Event::TimerFired { .. }
        | Event::TimersArmed { .. } => true,
    }
}

/// `value` is what the file `name` holds, both ways.
#[track_caller]
fn check<T>(name: &str, value: &T)
where
    T: Debug + DeserializeOwned + PartialEq + Serialize,
{
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/records")
        .join(format!("{name}.json"));
    let text = serde_json::to_string(value).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, format!("{text}\n")).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let decoded: T = serde_json::from_str(&stored).unwrap();
    assert_eq!(decoded, *value, "{name} decodes to what it was");
    assert_eq!(stored.trim_end(), text, "{name} is written as it was");
}

#[test]
fn every_event_keeps_its_stored_form() {
    let events = events();
    for event in &events {
        assert!(is_sampled(event));
        let value = serde_json::to_value(event).unwrap();
        assert_eq!(value["event"], event.name(), "the stored name is the name");
        match event {
            Event::TimerFired { task: None, .. } => check("boundary_timer_fired", event),
            other => check(&format!("event_{}", other.name()), event),
        }
    }
    let mut names: Vec<&str> = events.iter().map(Event::name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 34, "one sample of each");
    check(
        "history_entry",
        &HistoryEntry {
            version: 2,
            command: CommandId::new(uuid(0)),
            at: moment(9),
            by: By::Engine,
            events,
        },
    );
}

fn task() -> Task {
    Task {
        id: task_id(),
        activation: activation_id(),
        node: "review".into(),
        entry: 1,
        number: 7,
        duty: Some("rita".into()),
        assignee: Some("bob".into()),
        candidates: vec!["role:clerk".parse().unwrap()],
        delegators: vec!["rita".into()],
        check_in: Some(CheckIn {
            by: By::Person("rita".into()),
            at: moment(10),
        }),
        opened_at: moment(9),
        timers: timers(),
        closing: None,
    }
}

#[test]
fn every_task_keeps_its_stored_form() {
    let least = Task {
        duty: None,
        assignee: None,
        candidates: Vec::new(),
        delegators: Vec::new(),
        check_in: None,
        timers: Timers::default(),
        ..task()
    };
    let closed = |closing| Task {
        closing: Some(closing),
        ..least.clone()
    };
    check("task", &task());
    check("task_least", &least);
    check(
        "task_cancelled",
        &closed(Closing::Cancelled { at: moment(11) }),
    );
    let completed = Closing::Completed {
        by: By::Host,
        at: moment(11),
        outcome: Outcome::Resubmitted,
    };
    check("task_completed", &closed(completed));
}

#[test]
fn every_activation_keeps_its_stored_form() {
    let open = OpenEntry {
        members: vec!["bob".into(), "rita".into()],
        needed: 2,
        excluded: vec!["ann".into()],
        votes: vec![Vote {
            by: By::Person("rita".into()),
            approve: true,
        }],
    };
    let running = Activation {
        id: activation_id(),
        node: "review".into(),
        scope: Some(scope_id()),
        from: Some("first".into()),
        state: ActivationState::Running,
        actors: vec!["rita".into()],
        principals: vec!["eve".into()],
        alarm: Some(Alarm {
            job: JobId::new(uuid(7)),
            due: vec![(moment(10), 1)],
        }),
        body: Body::Approval(vec![
            EntryState::Done,
            EntryState::Open(open),
            EntryState::Pending,
        ]),
    };
    check("activation", &running);
    let failed = Activation {
        scope: None,
        from: None,
        state: ActivationState::Failed(incident_id()),
        actors: Vec::new(),
        principals: Vec::new(),
        alarm: None,
        body: Body::Plain,
        ..running
    };
    check("activation_failed", &failed);
}

fn context() -> ActionContext {
    ActionContext {
        workflow: "purchase_request".to_owned(),
        workflow_title: Text::from_key("purchase_request"),
        node: Some("review".to_owned()),
        node_title: Some(Text::from_key("review")),
        title: Text::from(json!({"ar": "طلب", "en": "Request"})),
        status: "running".to_owned(),
        subject_type: Some("purchase_request".to_owned()),
        subject_id: Some("17".to_owned()),
        requester: Some("ann".into()),
        actor: By::Person("rita".into()),
        task: Some(task_id()),
        reason: Some("too dear".to_owned()),
        comment: Some("sorry".to_owned()),
        due: Some(moment(12)),
        to: Some("final".to_owned()),
    }
}

#[test]
fn every_job_keeps_its_stored_form() {
    let wake = JobWork::Wake {
        task: task_id(),
        activation: activation_id(),
        entry: 1,
    };
    let calls = [
        ActionCall::Mail {
            template: "approved".to_owned(),
            subject: Some("Re: Request".to_owned()),
            to: vec![Addressee::Person("ann".into())],
            cc: vec![Addressee::Address("x@example.com".to_owned())],
            with: json!({"n": 1}),
        },
        ActionCall::Run {
            name: "reserve_budget".to_owned(),
            with: json!(null),
        },
    ];
    let actions = (0..).zip(calls).map(|(index, call)| ResolvedAction {
        index,
        call,
        on_failure: OnFailure::Stop,
        retry: Retry::default(),
    });
    let actions = JobWork::Actions(Box::new(ActionsJob {
        event: ActionEvent::AfterApprove,
        context: context(),
        actions: actions.collect(),
    }));
    check("job_wake", &wake);
    check("job_actions", &actions);
    check(
        "job_row",
        &JobRow {
            tenant: TenantId::default(),
            id: JobId::new(uuid(6)),
            instance: InstanceId::new(uuid(1)),
            due_at: moment(12),
            work: wake,
        },
    );
    check(
        "incident_row",
        &IncidentRow {
            tenant: TenantId::default(),
            id: incident_id(),
            instance: InstanceId::new(uuid(1)),
            code: "no_approver".to_owned(),
            message: "nobody".to_owned(),
            node: Some("review".to_owned()),
            opened_at: moment(9),
        },
    );
}

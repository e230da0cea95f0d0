//! The stored forms in `testdata/records`: they must decode, and be written the same, for ever.
//!
//! `UPDATE=1` writes the files anew. A file that changes then is a change of what is stored: read
//! the rules of [`event`](super) first.

mod samples;

use std::{fmt::Debug, fs, path::PathBuf, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use uuid::Uuid;

use self::samples::{events, is_sampled};
use super::*;
use crate::{
    change::{
        ActionCall, ActionContext, ActionsJob, Addressee, ChildJob, IncidentRow, JobRow, JobWork,
        NodeJob, ResolvedAction,
    },
    graph::{ActionEvent, OnFailure, Retry},
    id::{JobId, Subject, TenantId},
    instance::{
        Activation, ActivationState, Alarm, Body, CheckIn, Children, Closing, Delegation,
        EntryState, Escalation, Item, OpenEntry, Parent, Question, Task, Timers, Vote,
    },
    text::Text,
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
            later: vec![moment(14)],
        }),
        stopped: Some(moment(9)),
        snoozed: Some(moment(9)),
    }
}

fn parent() -> Parent {
    Parent {
        instance: InstanceId::new(uuid(8)),
        activation: ActivationId::new(uuid(9)),
        awaits: true,
        wants_data: true,
    }
}

fn items() -> Vec<Item> {
    let item = |name: Option<&str>, value| Item {
        name: name.map(str::to_owned),
        value: Arc::new(value),
    };
    vec![
        item(None, json!(1)),
        item(Some("line"), json!({"sku": "x"})),
    ]
}

fn given() -> Given {
    Given {
        data: Some(Arc::new(json!({"k": 1}))),
        seed: Some(Arc::new(json!("s"))),
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
        business_key: Some("INV-17".to_owned()),
        unique: true,
        follows: false,
        start: Some("by_message".into()),
        parent: Some(parent()),
        seed: Some(Arc::new(json!([1, "two"]))),
        artifact: Some(Arc::new(json!({"invoice": 9}))),
        message: Some("order-17".into()),
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
        own_form: true,
    }
}

fn question() -> Question {
    Question {
        about: TaskId::new(uuid(11)),
        by: By::Person("rita".into()),
        text: "which budget?".to_owned(),
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
        question: Some(question()),
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
            Event::NewsKept(News::JobFailed { .. }) => check("news_of_failure", event),
            Event::NewsKept(News::ChildEnded { .. }) => check("news_of_child", event),
            Event::NewsKept(News::CodeRaised { .. }) => check("news_of_code", event),
            other => check(&format!("event_{}", other.name()), event),
        }
    }
    let mut names: Vec<&str> = events.iter().map(Event::name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, stored_names(), "one record of each");
    assert_eq!(names, Event::NAMES, "one name of each");
    let read = crate::variants::words::<Event>(json!({"event": "?"}));
    assert_eq!(names, read, "one sample of each");
    check(
        "history_entry",
        &HistoryEntry {
            version: 2,
            command: crate::id::CommandId::new(uuid(0)),
            at: moment(9),
            by: By::Engine,
            events: events.into_iter().take(3).collect(),
        },
    );
}

/// The events that have a record, by name.
fn stored_names() -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/records");
    let files = fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files
        .filter_map(|file| {
            let name = file.strip_prefix("event_")?.strip_suffix(".json")?;
            Some(name.to_owned())
        })
        .collect();
    names.sort_unstable();
    names
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
        delegations: vec![Delegation {
            from: "rita".into(),
            to: "bob".into(),
            at: moment(10),
            reason: "on leave".to_owned(),
        }],
        escalated: 1,
        question: Some(question()),
        check_in: Some(CheckIn {
            by: By::Person("rita".into()),
            at: moment(10),
        }),
        opened_at: moment(9),
        left: Some(IncidentId::new(uuid(17))),
        started_at: Some(moment(10)),
        suspended_at: Some(moment(11)),
        draft: Some(Arc::new(json!({"code": "BDG"}))),
        assigned_at: Some(moment(10)),
        timers: timers(),
        closing: None,
    }
}

#[test]
fn every_task_keeps_its_stored_form() {
    let least = Task {
        duty: None,
        assignee: None,
        assigned_at: None,
        candidates: Vec::new(),
        delegations: Vec::new(),
        escalated: 0,
        question: None,
        check_in: None,
        left: None,
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
        later: vec![vec!["eve".into()]],
        members: vec!["bob".into(), "rita".into()],
        needed: 2,
        excluded: vec!["ann".into()],
        higher: vec!["manager".into()],
        followed: Some(vec!["bob".into()]),
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
        after: Some(ActivationId::new(uuid(10))),
        items: items(),
        given: given(),
        race: Some(ActivationId::new(uuid(11))),
        stray: true,
        lock: Some("dock:7".to_owned()),
        state: ActivationState::Running,
        actors: vec!["rita".into()],
        principals: vec!["eve".into()],
        givers: vec!["bob".into()],
        alarm: Some(Alarm {
            job: JobId::new(uuid(7)),
            due: vec![(moment(10), Timer::Boundary(1)), (moment(11), Timer::Own)],
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
        after: None,
        items: Vec::new(),
        given: Given::default(),
        race: None,
        lock: None,
        state: ActivationState::Failed(incident_id()),
        actors: Vec::new(),
        principals: Vec::new(),
        givers: Vec::new(),
        alarm: None,
        body: Body::Plain,
        ..running
    };
    check("activation_failed", &failed);
    for (name, body) in bodies() {
        let waiting = Activation {
            state: ActivationState::Waiting,
            body,
            ..failed.clone()
        };
        check(&format!("activation_{name}"), &waiting);
    }
}

fn bodies() -> [(&'static str, Body); 4] {
    let children = Children {
        definition: started().definition,
        total: 4,
        completed: 1,
        left: vec![given(), Given::default()],
        live: [(InstanceId::new(uuid(12)), 1)].into(),
        results: [(0, Arc::new(json!({"sum": 3})))].into(),
    };
    let left = vec![samples::compensation()];
    [
        ("children", Body::Children(children)),
        (
            "compensating",
            Body::Compensating {
                scope: scope_id(),
                left,
            },
        ),
        ("job", Body::Job),
        (
            "subscribed",
            Body::Subscribed {
                kind: SubscriptionKind::Signal,
                name: "stop".to_owned(),
                key: "17".to_owned(),
            },
        ),
    ]
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
        meta: None,
        reason: Some("too dear".to_owned()),
        comment: Some("sorry".to_owned()),
        due: Some(moment(12)),
        to: Some("final".to_owned()),
    }
}

/// Jobs besides actions and wake-ups.
fn works() -> [(&'static str, JobWork); 7] {
    let (child, activation) = (InstanceId::new(uuid(12)), activation_id());
    let parent_id = parent().instance;
    let node = NodeJob {
        activation,
        name: "bill".to_owned(),
        with: json!({"n": 1}),
        retry: Retry::default(),
        timeout: Some(jiff::SignedDuration::from_mins(5)),
    };
    let start = ChildJob {
        child,
        definition: started().definition,
        given: given(),
        parent: parent(),
        requester: Some("ann".into()),
    };
    let data = Some(Arc::new(json!({"sum": 3})));
    [
        (
            "cancel_child",
            JobWork::CancelChild {
                child,
                reason: "not needed".to_owned(),
            },
        ),
        (
            "end_child",
            JobWork::EndChild {
                parent: parent_id,
                activation,
                child,
                end: ChildEnd::Completed { data },
            },
        ),
        ("node", JobWork::Node(Box::new(node))),
        (
            "raise",
            JobWork::Raise {
                parent: parent_id,
                activation,
                child,
                code: "late".to_owned(),
            },
        ),
        ("ring", JobWork::Ring { activation }),
        (
            "signal",
            JobWork::Signal {
                name: "stop".to_owned(),
                payload: json!({"why": "rain"}),
                thrown_at: None,
            },
        ),
        ("start_child", JobWork::StartChild(Box::new(start))),
    ]
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
        gave_up: index > 0,
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
    for (name, work) in works() {
        check(&format!("job_{name}"), &work);
    }
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

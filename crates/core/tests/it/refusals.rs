//! Refusals: checked in one order; what is wrong in several ways is refused for the first.

use std::sync::Arc;

use serde_json::json;
use signoff_core::{
    command::{Answer, Command, HandOver, Return, Start, TaskRef},
    graph::{Behaviour, EntrySpec, Exclusion, Graph, IfRunning, Need, StartRule},
    id::{ActivationId, InstanceId, Subject, TaskId},
    refusal::RefusalCode as Code,
};
use uuid::Uuid;

use crate::{
    graphs::{approval, builder, each, form, graph, role, row},
    toy::schema,
    world::World,
};

const PEOPLE: &str = "ann clerk; rita clerk; bob clerk; eve; zed- clerk; root*";

fn rules() -> Graph {
    let entry = EntrySpec {
        exclude: vec![Exclusion::Requester, Exclusion::ActorOf("first".into())],
        behaviour: Behaviour::Submit,
        form: form("code"),
        ..role("clerk")
    };
    graph(row([
        approval("first", [role("clerk")]),
        approval("a", [entry]),
    ]))
}

/// An instance at `a`, requested by ann, decided by bob before.
fn at_a() -> World {
    let mut world = World::started(rules(), PEOPLE);
    world.approve("bob", "first").unwrap();
    world
}

/// The same, ended.
fn ended() -> World {
    let mut world = at_a();
    world.cancel("ann").unwrap();
    world
}

/// The same with the task of `a` in rita's hands.
fn claimed() -> World {
    let mut world = at_a();
    world.claim("rita", "a").unwrap();
    world
}

fn nowhere() -> TaskRef {
    TaskRef {
        task: TaskId::new(Uuid::from_u128(7)),
        activation: ActivationId::new(Uuid::from_u128(8)),
        entry: 0,
    }
}

/// One of the peers has voted.
fn voted() -> World {
    let graph = graph([approval("vote", [each("clerk", Need::All)])]);
    let mut world = World::started(graph, PEOPLE);
    world.approve("rita", "vote").unwrap();
    world
}

/// The command of `verb to=X why=X form=JSON`; what is not given is missing.
fn say(task: TaskRef, words: &[&str]) -> Command {
    let given = |key: &str| words.iter().find_map(|word| word.strip_prefix(key));
    let reason = given("why=").map_or_else(|| " \n".to_owned(), str::to_owned);
    let answer = Answer {
        comment: None,
        reason: Some(reason.clone()),
        form: given("form=").map(|form| Arc::new(serde_json::from_str(form).unwrap())),
        to: None,
    };
    let to = given("to=");
    match words[0] {
        "answer" => Command::Answer(task, reason),
        "approve" => Command::Approve(task, answer),
        "request_info" => {
            let to = to.map(Into::into);
            Command::RequestInfo(task, HandOver { to, reason })
        }
        "assign" | "transfer" => {
            let to = to.map(Into::into);
            let over = HandOver { to, reason };
            match words[0] {
                "assign" => Command::Assign(task, over),
                _ => Command::Transfer(task, over),
            }
        }
        "comment" => Command::Comment(Some(task), reason),
        "escalate" => Command::Escalate(task, reason),
        "withdraw" => Command::Withdraw { reason },
        "claim" => Command::Claim(task),
        "delegate" => {
            let to = to.map(Into::into);
            Command::Delegate(task, HandOver { to, reason })
        }
        "reject" => Command::Reject(task, answer),
        "release" => Command::Release(task),
        "resubmit" => {
            let to = to.map(Into::into);
            Command::Resubmit(task, Return { to, reason })
        }
        "wake" => Command::Wake(task),
        verb => unreachable!("{verb}"),
    }
}

/// Given a world, who says what of which task, and why not.
const TABLE: &str = r#"
# The instance comes first, whoever asks for whatever.
ended   eve   a       approve form=[]               not_running
ended   ann   nowhere delegate                      not_running
ended   ghost a       wake                          not_running
ended   eve   a       transfer                      not_running
ended   eve   nowhere assign                        not_running
ended   eve   a       escalate                      not_running
ended   eve   a       comment                       not_running
ended   eve   a       withdraw                      not_running
# Then the task; `first` is closed.
at_a    eve   first   approve                       not_open
at_a    ann   nowhere reject                        not_open
at_a    eve   nowhere wake                          not_open
at_a    bob   first   claim                         not_open
at_a    eve   first   transfer                      not_open
at_a    eve   first   assign                        not_open
at_a    bob   nowhere escalate                      not_open
# Then who has it, for those who might.
claimed bob   a       approve                       already_claimed
claimed ann   a       reject                        already_claimed
claimed ann   a       release                       already_claimed
claimed rita  a       claim                         already_claimed
claimed root  a       claim                         already_claimed
claimed bob   a       transfer to=eve               already_claimed
claimed ann   a       escalate                      already_claimed
# Then who may.
claimed eve   a       claim                         not_permitted
claimed eve   a       reject                        not_permitted
at_a    eve   a       delegate to=ann               not_permitted
at_a    zed   a       approve                       not_permitted
at_a    ghost a       resubmit to=nowhere           not_permitted
at_a    rita  a       wake                          not_permitted
at_a    host  a       claim                         not_permitted
at_a    host  a       delegate                      not_permitted
at_a    host  a       transfer                      not_permitted
at_a    eve   a       transfer                      not_permitted
at_a    rita  a       assign                        not_permitted
at_a    eve   a       escalate                      not_permitted
at_a    eve   a       comment                       not_permitted
at_a    rita  a       withdraw                      not_permitted
# Then separation of duties, of the actor and of the target.
at_a    ann   a       approve form=[]               self_approval
at_a    ann   a       delegate to=ghost             self_approval
at_a    bob   a       reject                        separation_of_duties
at_a    bob   a       resubmit to=nowhere           separation_of_duties
at_a    rita  a       delegate to=ann               self_approval
at_a    rita  a       delegate to=bob               separation_of_duties
at_a    ann   a       transfer to=ghost             self_approval
at_a    rita  a       transfer to=ann               self_approval
at_a    bob   a       escalate                      separation_of_duties
at_a    root  a       assign to=ann                 self_approval
at_a    root  a       assign to=bob                 separation_of_duties
# Then who is meant, why, and where to.
at_a    rita  a       delegate to=ghost             unknown_user
at_a    rita  a       transfer to=ghost             unknown_user
at_a    root  a       assign to=ghost               unknown_user
at_a    rita  a       transfer                      target_required
at_a    root  a       assign                        target_required
at_a    rita  a       transfer to=zed               target_invalid
at_a    rita  a       transfer to=rita              target_invalid
at_a    root  a       assign to=zed                 target_invalid
claimed root  a       assign to=rita                target_invalid
at_a    rita  a       escalate                      no_approver
at_a    rita  a       comment                       reason_required
at_a    rita  a       request_info to=ghost         unknown_user
at_a    rita  a       request_info                  reason_required
at_a    rita  a       request_info why=x to=zed     target_invalid
at_a    rita  a       request_info why=x to=rita    target_invalid
at_a    rita  a       request_info why=much_too_long limit_exceeded
at_a    eve   a       request_info why=x            not_permitted
at_a    eve   a       answer why=x                  not_permitted
at_a    bob   a       request_info why=x            separation_of_duties
at_a    rita  a       answer why=x                  unknown_outcome
at_a    ann   a       withdraw                      reason_required
at_a    rita  a       delegate                      reason_required
at_a    rita  a       delegate to=zed               reason_required
at_a    rita  a       reject form=[]                reason_required
at_a    rita  a       resubmit to=nowhere           reason_required
at_a    rita  a       delegate why=x                target_required
at_a    rita  a       delegate to=zed why=x         target_invalid
at_a    rita  a       delegate to=rita why=x        target_invalid
at_a    rita  a       resubmit to=nowhere why=x     target_invalid
at_a    rita  a       release                       target_invalid
# Then the form.
at_a    rita  a       approve                       form_required
at_a    rita  a       approve form={}               form_required
at_a    rita  a       reject why=no form={}         form_not_allowed
at_a    rita  a       approve form=[]               form_invalid
at_a    rita  a       approve form={"code":1}       form_invalid
# Size comes last: a reason of more than ten bytes.
at_a    rita  a       resubmit to=nowhere why=much_too_long   target_invalid
at_a    rita  a       resubmit why=much_too_long              limit_exceeded
at_a    rita  a       delegate why=much_too_long              target_required
at_a    rita  a       delegate to=zed why=much_too_long       target_invalid
at_a    rita  a       delegate to=eve why=much_too_long       limit_exceeded
at_a    rita  a       reject why=much_too_long form={}        form_not_allowed
at_a    rita  a       reject why=much_too_long                limit_exceeded
at_a    rita  a       transfer to=eve why=much_too_long       limit_exceeded
at_a    root  a       assign to=eve why=much_too_long         limit_exceeded
at_a    rita  a       comment why=much_too_long               limit_exceeded
at_a    ann   a       withdraw why=much_too_long              limit_exceeded
# Whoever has voted hears it before anything else; a hand-over is no vote.
voted   rita  vote    approve form=[]               already_decided
voted   rita  vote    reject                        already_decided
voted   rita  vote    resubmit                      already_decided
voted   rita  vote    delegate                      not_permitted
voted   rita  vote    claim                         not_permitted
"#;

#[test]
fn the_first_thing_wrong_is_the_reason() {
    let rows = TABLE
        .lines()
        .filter(|row| !row.is_empty() && !row.starts_with('#'));
    for row in rows {
        let words: Vec<&str> = row.split_whitespace().collect();
        let [given, who, on, words @ .., expected] = words.as_slice() else {
            unreachable!("{row}")
        };
        let mut world = match *given {
            "at_a" => at_a(),
            "claimed" => claimed(),
            "ended" => ended(),
            _ => voted(),
        };
        world.settings.limits.comment_bytes = 10;
        let task = match *on {
            "nowhere" => nowhere(),
            "vote" => world.task(on, "bob"),
            on => world.task(on, who),
        };
        let before = world.store.instance.clone();
        let found = world.run(who, say(task, words));
        assert_eq!(found.map_err(Code::as_str), Err(*expected), "{row}");
        assert_eq!(world.store.instance, before, "a refusal writes nothing");
    }
}

fn ruled() -> World {
    let (source, schema) = schema(&["title"]);
    let start = StartRule {
        by: vec!["role:clerk".parse().unwrap()],
        if_running: IfRunning::Refuse,
        ..StartRule::default()
    };
    let graph = builder([approval("a", [role("clerk")])])
        .data(Some(signoff_core::graph::DataSchema { source, schema }))
        .subject(Some("order".to_owned()))
        .start(start)
        .build()
        .unwrap();
    World::new(graph, PEOPLE)
}

fn about(kind: &str) -> Option<Subject> {
    Some(Subject {
        kind: kind.to_owned(),
        id: "1".to_owned(),
    })
}

#[test]
fn a_start_is_checked_in_order_too() {
    let good = || json!({"title": "x"});
    for (who, requester, subject, data, running, expected) in [
        (
            "eve",
            None,
            about("other"),
            json!([]),
            true,
            Err(Code::NotPermitted),
        ),
        ("zed", None, None, good(), false, Err(Code::NotPermitted)),
        (
            "rita",
            Some("bob"),
            None,
            good(),
            false,
            Err(Code::NotPermitted),
        ),
        (
            "rita",
            None,
            about("other"),
            json!([]),
            true,
            Err(Code::TargetInvalid),
        ),
        (
            "rita",
            None,
            about("order"),
            json!([]),
            true,
            Err(Code::FormInvalid),
        ),
        (
            "rita",
            None,
            about("order"),
            json!({}),
            true,
            Err(Code::FormInvalid),
        ),
        (
            "rita",
            None,
            about("order"),
            json!({"title": 1}),
            true,
            Err(Code::FormInvalid),
        ),
        (
            "rita",
            None,
            about("order"),
            good(),
            true,
            Err(Code::AlreadyStarted),
        ),
        ("rita", None, about("order"), good(), false, Ok(())),
        ("rita", None, None, good(), true, Ok(())),
        ("rita", Some("rita"), None, good(), false, Ok(())),
        ("root", Some("eve"), None, good(), false, Ok(())),
        ("host", Some("eve"), None, good(), false, Ok(())),
        ("host", None, None, good(), false, Ok(())),
    ] {
        let mut world = ruled();
        world.running = running.then(|| InstanceId::new(Uuid::from_u128(9)));
        world.subject = subject.clone();
        let start = Start {
            requester: requester.map(Into::into),
            ..world.start_of(data)
        };
        let found = world.run(who, Command::Start(Box::new(start)));
        assert_eq!(
            found.map(|_| ()),
            expected,
            "{who} for {requester:?} about {subject:?}"
        );
    }
}

#[test]
fn the_subject_holds_its_place_until_the_end() {
    let mut world = ruled();
    world.subject = about("order");
    world.start("rita", json!({"title": "x"})).unwrap();
    let exclusive = |world: &World| world.store.instance.clone().unwrap().exclusive;
    assert_eq!(
        exclusive(&world).as_deref(),
        Some("[\"toy\",\"order\",\"1\"]")
    );
    world.approve("bob", "a").unwrap();
    assert_eq!(exclusive(&world), None);
}

#[test]
fn a_business_key_is_a_short_text_that_every_database_keeps() {
    let long = |length| "ك".repeat(length);
    for (key, refused) in [
        ("INV-17".to_owned(), None),
        (" \" %_\\' ".to_owned(), None),
        (long(255), None),
        (long(256), Some(Code::LimitExceeded)),
        (String::new(), Some(Code::FormInvalid)),
        ("INV\u{0}17".to_owned(), Some(Code::TextInvalid)),
    ] {
        let mut world = ruled();
        world.subject = about("order");
        let start = Start {
            business_key: Some(key.clone()),
            ..world.start_of(json!({"title": "x"}))
        };
        let started = world.run("rita", Command::Start(Box::new(start)));
        let kept = world
            .instance
            .as_ref()
            .and_then(|found| found.business_key());
        assert_eq!(kept, refused.is_none().then_some(key.as_str()));
        if let Some(code) = refused {
            assert_eq!(started.unwrap_err(), code, "{key}");
            let fields = world.refusal.unwrap().fields;
            assert_eq!(fields[0].pointer.as_str(), "/business_key");
        }
    }
}

#[test]
fn a_business_key_is_unique_where_the_definition_says_so() {
    let other = InstanceId::new(Uuid::from_u128(9));
    for (unique, key, keyed, running, expected) in [
        (true, Some("k"), Some(other), None, Err(Code::NotUnique)),
        (
            true,
            Some("k"),
            Some(other),
            Some(other),
            Err(Code::AlreadyStarted),
        ),
        (true, Some("k"), None, None, Ok(())),
        (true, None, Some(other), None, Ok(())),
        (false, Some("k"), Some(other), None, Ok(())),
    ] {
        let start = StartRule {
            if_running: IfRunning::Refuse,
            unique,
            ..StartRule::default()
        };
        let graph = builder([approval("a", [role("clerk")])]).start(start);
        let mut world = World::new(graph.build().unwrap(), PEOPLE);
        (world.keyed, world.running, world.subject) = (keyed, running, about("order"));
        let start = Start {
            business_key: key.map(str::to_owned),
            ..world.start_of(json!({}))
        };
        let found = world.run("rita", Command::Start(Box::new(start)));
        assert_eq!(found.map(|_| ()), expected, "{unique} {key:?} {keyed:?}");
        let row = world.store.instance.as_ref();
        let stored = row.and_then(|row| row.unique_key.as_deref());
        assert_eq!(stored, key.filter(|_| unique && expected.is_ok()));
        if expected == Err(Code::NotUnique) {
            let told = world.refusal.unwrap().message;
            assert!(told.contains(&other.to_string()), "{told}");
        }
    }
}

#[test]
fn a_task_is_found_only_in_its_own_place() {
    let graph = graph([crate::graphs::together("a", [role("clerk"), role("clerk")])]);
    let mut world = World::started(graph, PEOPLE);
    let tasks = world.tasks_ever("a");
    let garbled = [
        TaskRef {
            entry: tasks[1].entry,
            ..tasks[0]
        },
        TaskRef {
            entry: 7,
            ..tasks[0]
        },
        TaskRef {
            activation: nowhere().activation,
            ..tasks[0]
        },
    ];
    for task in garbled {
        for verb in ["approve", "claim", "wake"] {
            let found = world.run("host", say(task, &[verb]));
            assert_eq!(found, Err(Code::NotOpen), "{verb} of {task:?}");
        }
    }
}

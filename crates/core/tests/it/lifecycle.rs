//! An instance before its start and on hold, a task that is begun, snoozed, suspended.

use jiff::SignedDuration;
use serde_json::json;
use signoff_core::{
    command::{Begins, Command, Force, Start, TaskRef},
    graph::{EntrySpec, Escalate, IfRunning, Node, StartRule, Who},
    id::Subject,
    refusal::RefusalCode as Code,
};

use crate::{
    flow_nodes::does,
    graphs::{approval, builder, form, graph, job, left_after, role, row, task, user},
    kinds::{receive, timer},
    world::World,
};

const PEOPLE: &str = "ann clerk; bob clerk; rita clerk; max boss";

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

fn started(nodes: impl IntoIterator<Item = Node>) -> World {
    World::started(graph(nodes), PEOPLE)
}

/// A task that is due after four hours and goes to bob after six.
fn due() -> Node {
    let entry = EntrySpec {
        due: Some(hours(4).into()),
        remind: vec![hours(1).into()],
        escalate: Some(Escalate {
            after: Some(hours(6).into()),
            to: Who::User("bob".into()),
            levels: 1,
        }),
        ..user("rita")
    };
    approval("a", [entry])
}

fn hold(world: &mut World) {
    world.run("host", Command::Hold(None)).unwrap();
}

fn suspend(task: TaskRef) -> Command {
    Command::Suspend(task, None)
}

#[test]
fn nothing_fires_on_hold_and_every_moment_moves_by_the_time_held() {
    let mut world = started([due()]);
    world.advance(hours(2));
    hold(&mut world);
    assert_eq!(world.next_timer(), None);
    assert!(world.advance(hours(100)).is_empty());
    world.run("host", Command::Resume).unwrap();
    let first = world.next_timer().unwrap().0;
    assert_eq!(first, world.now.checked_add(hours(1)).unwrap());
    assert_eq!(world.advance(hours(1)), ["timer_fired"]);
    assert_eq!(world.advance(hours(1)), ["timer_fired"]);
    assert!(world.advance(hours(2)).contains(&"task_escalated"));
}

#[test]
fn boundaries_and_timer_nodes_stand_still_on_hold() {
    let nodes = [
        left_after(1, "late", does("a").next("t")),
        does("late"),
        timer("t", 2),
    ];
    let mut world = started(nodes);
    hold(&mut world);
    assert!(world.advance(hours(5)).is_empty());
    world.run("host", Command::Resume).unwrap();
    world.complete("rita", "a").unwrap();
    assert_eq!(world.at(), ["t"]);
    hold(&mut world);
    assert!(world.advance(hours(5)).is_empty());
    world.run("host", Command::Resume).unwrap();
    assert!(world.advance(hours(1)).is_empty());
    world.advance(hours(1));
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_job_under_way_may_finish_on_hold_and_its_token_moves_on_resume() {
    for (result, at) in [(Ok(json!(7)), "b"), (Err("no"), "c")] {
        let mut world = started(row([job("c"), does("b")]));
        let id = world.job("c");
        hold(&mut world);
        let told = crate::world::finished(id, result);
        assert_eq!(world.run("engine", told.clone()), Ok(vec!["news_kept"]));
        assert_eq!(world.run("engine", told), Err(Code::NotOpen));
        assert_eq!(world.at(), ["c"]);
        world.run("host", Command::Resume).unwrap();
        assert_eq!(world.at(), [at]);
        assert!(world.jobs().is_empty(), "it does not run once more");
    }
}

#[test]
fn a_job_that_has_not_run_is_put_aside_and_moved_with_the_rest() {
    let mut world = started(row([job("c"), does("b")]));
    hold(&mut world);
    assert!(world.jobs().is_empty());
    world.now = world.now.checked_add(hours(9)).unwrap();
    world.run("host", Command::Resume).unwrap();
    let due = world.store.jobs.values().map(|job| job.due_at).max();
    assert_eq!(due, Some(world.now));
    world.finish("c", Ok(json!(1))).unwrap();
    assert_eq!(world.at(), ["b"]);
}

#[test]
fn messages_are_not_heard_on_hold_and_looked_for_on_resume() {
    let mut world = started(row([receive("m", "paid", None), does("b")]));
    hold(&mut world);
    assert!(world.store.subscriptions.is_empty());
    assert_eq!(world.send("m", "paid", json!(1)), Err(Code::OnHold));
    world.run("host", Command::Resume).unwrap();
    assert_eq!(world.store.subscriptions.len(), 1);
    world.send("m", "paid", json!(1)).unwrap();
    assert_eq!(world.at(), ["b"]);
}

#[test]
fn on_hold_only_resume_cancel_and_metadata_are_accepted() {
    let mut world = started([task("a", role("clerk"))]);
    hold(&mut world);
    assert_eq!(world.claim("bob", "a"), Err(Code::OnHold));
    assert_eq!(world.complete("bob", "a"), Err(Code::OnHold));
    assert_eq!(world.cancel_task("host", "a"), Err(Code::OnHold));
    assert_eq!(world.jump("host", None, "a"), Err(Code::OnHold));
    assert_eq!(world.run("host", Command::Hold(None)), Err(Code::OnHold));
    let values = json!({"box": 7}).as_object().unwrap().clone();
    world.run("host", Command::SetMetadata(values)).unwrap();
    assert_eq!(world.at(), ["a"]);
    world.cancel("ann").unwrap();
    assert_eq!(world.run("host", Command::Resume), Err(Code::NotRunning));
    assert_eq!(
        world.run("host", Command::Hold(None)),
        Err(Code::NotRunning)
    );
}

#[test]
fn who_may_act_there_may_hold_and_resume() {
    let mut world = started([task("a", role("clerk"))]);
    assert_eq!(
        world.run("max", Command::Hold(None)),
        Err(Code::NotPermitted)
    );
    world.run("bob", Command::Hold(None)).unwrap();
    assert_eq!(world.run("max", Command::Resume), Err(Code::NotPermitted));
    world.run("bob", Command::Resume).unwrap();
    assert_eq!(world.run("bob", Command::Resume), Err(Code::NotOnHold));
}

#[test]
fn a_suspended_task_stands_still_and_the_rest_goes_on() {
    let mut world = started([due()]);
    world.advance(hours(2));
    world.on_task("host", "a", suspend).unwrap();
    assert_eq!(world.on_task("host", "a", suspend), Err(Code::OnHold));
    assert_eq!(world.approve("rita", "a"), Err(Code::OnHold));
    assert_eq!(
        world.on_task("rita", "a", Command::ResumeTask),
        Err(Code::NotPermitted)
    );
    assert!(world.advance(hours(50)).is_empty());
    // The hold lies within the time that the task is suspended.
    hold(&mut world);
    world.advance(hours(10));
    world.run("host", Command::Resume).unwrap();
    assert!(world.advance(hours(40)).is_empty());
    world.on_task("host", "a", Command::ResumeTask).unwrap();
    let first = world.next_timer().unwrap().0;
    assert_eq!(first, world.now.checked_add(hours(1)).unwrap());
    assert_eq!(
        world.on_task("host", "a", Command::ResumeTask),
        Err(Code::NotOnHold)
    );
    world.approve("rita", "a").unwrap();
}

#[test]
fn time_that_a_task_stands_still_for_two_reasons_counts_once() {
    for answered_first in [true, false] {
        let mut world = started([due()]);
        let due_in = |world: &World| {
            let found = world.open("a").next().unwrap();
            found.timers.due.unwrap().duration_since(world.now)
        };
        let left = due_in(&world);
        world.ask("rita", "a", Some("ann")).unwrap();
        world.advance(hours(2));
        world.on_task("host", "a", suspend).unwrap();
        world.advance(hours(3));
        let answer = |world: &mut World| world.say("ann", "a").unwrap();
        if answered_first {
            answer(&mut world);
            world.advance(hours(5));
        }
        world.on_task("host", "a", Command::ResumeTask).unwrap();
        if !answered_first {
            world.advance(hours(5));
            answer(&mut world);
        }
        assert_eq!(due_in(&world), left, "answered first: {answered_first}");
        assert!(world.next_timer().is_some());
    }
}

#[test]
fn a_snoozed_task_wakes_at_its_moment_and_its_clock_goes_on() {
    let mut world = started([due()]);
    let until = world.now.checked_add(hours(5)).ok();
    let snooze = |task| Command::Snooze(task, until);
    assert_eq!(world.on_task("bob", "a", snooze), Err(Code::NotPermitted));
    let never = |task| Command::Snooze(task, None);
    assert_eq!(world.on_task("rita", "a", never), Err(Code::TargetRequired));
    let past = Some(world.now);
    let over = |task| Command::Snooze(task, past);
    assert_eq!(world.on_task("rita", "a", over), Err(Code::TargetInvalid));
    world.on_task("rita", "a", snooze).unwrap();
    let state = |world: &World| world.open("a").next().unwrap().state().as_str();
    assert_eq!(state(&world), "snoozed");
    assert_eq!(world.advance(hours(4)), ["timer_fired"; 2]);
    assert_eq!(state(&world), "snoozed");
    world.advance(hours(1));
    assert_eq!(state(&world), "assigned");
    assert_eq!(
        world.on_task("rita", "a", Command::Unsnooze),
        Err(Code::TargetInvalid)
    );
}

#[test]
fn work_on_a_task_begins_once_and_ends_with_a_new_holder() {
    let mut world = started([task("a", role("clerk"))]);
    assert_eq!(
        world.on_task("host", "a", Command::StartWork),
        Err(Code::NotPermitted)
    );
    world.on_task("bob", "a", Command::StartWork).unwrap();
    assert_eq!(
        world.on_task("bob", "a", Command::StartWork),
        Err(Code::AlreadyStarted)
    );
    assert_eq!(
        world.on_task("rita", "a", Command::StartWork),
        Err(Code::AlreadyClaimed)
    );
    let state = |world: &World| world.open("a").next().unwrap().state().as_str();
    assert_eq!(state(&world), "in_progress");
    assert_eq!(world.cancel("ann"), Err(Code::NotCancellable));
    world.release("bob", "a").unwrap();
    assert_eq!(state(&world), "ready");
    world.on_task("rita", "a", Command::StartWork).unwrap();
    let reason = "not needed".to_owned();
    let force = Force::Yes;
    world.run("ann", Command::Cancel { reason, force }).unwrap();
    assert_eq!(world.status(), "cancelled");
}

#[test]
fn a_draft_needs_a_form_and_is_an_object_of_bounded_size() {
    let with_form = EntrySpec {
        form: form("size"),
        ..role("clerk")
    };
    let mut world = started(row([task("a", with_form), does("b")]));
    world.settings.limits.form_bytes = 30;
    let save = |form: serde_json::Value| move |task| Command::SaveDraft(task, Some(form.into()));
    assert_eq!(
        world.on_task("bob", "a", save(json!([1]))),
        Err(Code::FormInvalid)
    );
    let long = json!({"size": "x".repeat(30)});
    assert_eq!(
        world.on_task("bob", "a", save(long)),
        Err(Code::LimitExceeded)
    );
    world.on_task("bob", "a", save(json!({"size": 1}))).unwrap();
    assert_eq!(world.assignees("a"), ["bob"]);
    world.release("bob", "a").unwrap();
    assert!(world.open("a").next().unwrap().draft.is_some());
    world
        .on_task("rita", "a", |task| Command::SaveDraft(task, None))
        .unwrap();
    assert!(world.open("a").next().unwrap().draft.is_none());
    world
        .complete_form("rita", "a", json!({"size": "x"}))
        .unwrap();
    assert_eq!(
        world.on_task("rita", "b", save(json!({}))),
        Err(Code::FormNotAllowed)
    );
}

/// A start that only clerks may take, one at a time for a subject.
fn guarded() -> World {
    let rule = StartRule {
        by: vec!["role:clerk".parse().unwrap()],
        if_running: IfRunning::Refuse,
        ..StartRule::default()
    };
    let graph = builder([does("a")]).start(rule).build().unwrap();
    let mut world = World::new(graph, PEOPLE);
    world.subject = Some(Subject {
        kind: "order".to_owned(),
        id: "7".to_owned(),
    });
    world
}

#[test]
fn what_is_attached_waits_until_it_is_started_once() {
    let mut world = guarded();
    assert_eq!(world.attach("host"), Ok(vec!["instance_attached"]));
    assert_eq!((world.status(), world.at().len()), ("pending", 0));
    let attached = world.instance.as_ref().unwrap().started_at();
    assert!(world.store.instance.as_ref().unwrap().exclusive.is_some());
    assert_eq!(world.jump("host", None, "a"), Err(Code::NotRunning));
    world.now = world.now.checked_add(hours(3)).unwrap();
    assert_eq!(world.run("max", Command::Begin), Err(Code::NotPermitted));
    let names = world.run("bob", Command::Begin).unwrap();
    assert!(
        names.starts_with(&["instance_begun", "node_entered"]),
        "{names:?}"
    );
    let instance = world.instance.as_ref().unwrap();
    assert_eq!(instance.started_at(), world.now);
    assert_eq!(instance.started_by().person(), Some(&"bob".into()));
    assert_eq!(instance.requester(), Some(&"bob".into()));
    assert_eq!(world.store.instance.as_ref().unwrap().started_at, attached);
    assert_eq!(world.run("bob", Command::Begin), Err(Code::AlreadyStarted));
    assert!(world.refusal.as_ref().unwrap().message.contains("running"));
    let again = Start {
        begins: Begins::Later,
        ..world.start_of(json!({}))
    };
    let again = Command::Start(Box::new(again));
    assert_eq!(world.run("host", again), Err(Code::AlreadyStarted));
}

#[test]
fn what_is_attached_can_be_cancelled_before_it_starts() {
    let mut world = guarded();
    world.attach("bob").unwrap();
    world.cancel("bob").unwrap();
    assert_eq!(world.run("bob", Command::Begin), Err(Code::AlreadyStarted));
}

#[test]
fn metadata_are_merged_and_null_removes() {
    let mut world = started([does("a")]);
    let set = |values: serde_json::Value| Command::SetMetadata(values.as_object().unwrap().clone());
    world
        .run("host", set(json!({"a": 1, "b": {"c": 2}})))
        .unwrap();
    world
        .run("host", set(json!({"b": null, "d": "é"})))
        .unwrap();
    let metadata = world.instance.as_ref().unwrap().metadata().clone();
    assert_eq!(metadata, json!({"a": 1, "d": "é"}));
    assert_eq!(world.run("rita", set(json!({}))), Err(Code::NotPermitted));
    world.settings.limits.metadata_bytes = 10;
    assert_eq!(
        world.run("host", set(json!({"e": "xxxxxxxxxx"}))),
        Err(Code::LimitExceeded)
    );
    world.cancel("ann").unwrap();
    assert_eq!(
        world.run("host", set(json!({"e": 1}))),
        Err(Code::NotRunning)
    );
}

//! Timers: reminders, due dates, escalation.

use jiff::SignedDuration;
use signoff_core::{
    command::Command,
    graph::{EntrySpec, Escalate, Exclusion, Graph, Led, Need, WhenDue, Who},
    refusal::RefusalCode as Code,
};

use crate::{
    graphs::{approval, each, graph, role, user},
    world::World,
};

const PEOPLE: &str =
    "ann >top; rita clerk >max; bob clerk >moe; max >top; moe >top; top; vip boss; zed-";

const fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

fn timed(entry: EntrySpec) -> EntrySpec {
    EntrySpec {
        due: Some(hours(48).into()),
        remind: vec![hours(24).into(), hours(4).into()],
        ..entry
    }
}

fn escalating(entry: EntrySpec, to: Who, levels: u32) -> Graph {
    let escalate = Escalate {
        after: Some(hours(72).into()),
        to,
        levels,
    };
    let entry = EntrySpec {
        escalate: Some(escalate),
        ..entry
    };
    graph([approval("a", [entry])])
}

#[test]
fn reminders_come_before_the_due_moment_and_each_once() {
    let mut world = World::started(graph([approval("a", [timed(user("rita"))])]), PEOPLE);
    assert_eq!(world.advance(hours(23)), [""; 0]);
    assert_eq!(world.advance(hours(1)), ["timer_fired"]);
    assert_eq!(world.advance(hours(20)), ["timer_fired"]);
    assert_eq!(world.advance(hours(4)), ["timer_fired"]);
    assert_eq!(world.advance(hours(1_000)), [""; 0]);
    assert!(world.next_wake().is_none());
    world.approve("rita", "a").unwrap();
}

#[test]
fn reminders_before_the_opening_are_dropped() {
    let entry = EntrySpec {
        due: Some(hours(2).into()),
        ..timed(user("rita"))
    };
    let mut world = World::started(
        graph([approval(
            "a",
            [EntrySpec {
                due: Some(hours(2).into()),
                ..entry
            }],
        )]),
        PEOPLE,
    );
    assert_eq!(world.advance(hours(48)), ["timer_fired"]);
}

#[test]
fn a_decision_takes_the_wake_up_with_it() {
    let mut world = World::started(
        graph([approval("a", [timed(each("clerk", Need::All))])]),
        PEOPLE,
    );
    assert_eq!(world.store.jobs.len(), 2);
    world.approve("rita", "a").unwrap();
    assert_eq!(world.store.jobs.len(), 1);
    world.reject("bob", "a").unwrap();
    assert_eq!(world.store.jobs.len(), 0);
}

#[test]
fn a_delegated_task_keeps_its_moments() {
    let mut world = World::started(graph([approval("a", [timed(user("rita"))])]), PEOPLE);
    let before = world.next_wake();
    world.delegate("rita", "a", "bob").unwrap();
    assert_eq!(world.next_wake(), before);
}

#[test]
fn a_task_climbs_level_by_level() {
    let mut world = World::started(
        escalating(user("rita"), Who::ManagerOf(Led::Assignee, 1), 3),
        PEOPLE,
    );
    let first = world.task("a", "rita");
    for expected in ["max", "top"] {
        assert_eq!(world.advance(hours(72)), ["timer_fired", "task_escalated"]);
        assert_eq!(world.assignees("a"), [expected]);
        assert_eq!(world.task("a", expected), first);
    }
    let events = world.advance(hours(72));
    assert_eq!(
        events,
        ["timer_fired", "escalation_failed", "incident_opened"]
    );
    assert_eq!(world.assignees("a"), ["top"], "the task stays");
    assert_eq!(world.incidents(), ["no_escalation"]);
    assert_eq!(
        world.advance(hours(1_000)),
        [""; 0],
        "three levels and no more"
    );
    assert_eq!(world.approve("rita", "a"), Err(Code::NotPermitted));
    world.approve("top", "a").unwrap();
    let result = &world.instance.as_ref().unwrap().results()["a"];
    assert_eq!(result.principals, ["rita".into()]);
}

#[test]
fn late_levels_fire_one_by_one() {
    let mut world = World::started(
        escalating(user("rita"), Who::ManagerOf(Led::Assignee, 1), 2),
        PEOPLE,
    );
    let (_, task) = world.next_wake().unwrap();
    world.now = world.now.checked_add(hours(1_000)).unwrap();
    world.run("engine", Command::Wake(task)).unwrap();
    assert_eq!(world.assignees("a"), ["max"]);
    world.run("host", Command::Wake(task)).unwrap();
    assert_eq!(world.assignees("a"), ["top"]);
    assert_eq!(world.run("engine", Command::Wake(task)), Err(Code::NotOpen));
}

#[test]
fn an_offer_goes_to_the_managers_of_all_candidates() {
    let mut world = World::started(
        escalating(role("clerk"), Who::ManagerOf(Led::Assignee, 1), 3),
        PEOPLE,
    );
    world.advance(hours(72));
    assert_eq!(world.assignees("a"), ["?"]);
    assert_eq!(world.approve("rita", "a"), Err(Code::NotPermitted));
    world.claim("moe", "a").unwrap();
    assert_eq!(world.approve("max", "a"), Err(Code::AlreadyClaimed));
    world.advance(hours(72));
    assert_eq!(world.assignees("a"), ["top"], "the manager of the assignee");
}

#[test]
fn an_escalation_finds_whom_it_means() {
    for (to, expected) in [
        (Who::User("vip".into()), Some("vip")),
        (Who::Role("boss".into()), Some("?")),
        (Who::Requester, Some("ann")),
        (Who::ManagerOf(Led::Requester, 1), Some("top")),
        (Who::User("zed".into()), None),
        (Who::User("rita".into()), None),
        (Who::Role("vacant".into()), None),
        (Who::ActorOf("a".into()), None),
    ] {
        let mut world = World::started(escalating(user("rita"), to.clone(), 1), PEOPLE);
        world.advance(hours(72));
        assert_eq!(world.assignees("a"), [expected.unwrap_or("rita")], "{to:?}");
        assert_eq!(world.incidents().is_empty(), expected.is_some(), "{to:?}");
    }
}

#[test]
fn nobody_who_may_not_decide_gets_the_task() {
    for to in [
        Who::Requester,
        Who::User("ann".into()),
        Who::ManagerOf(Led::Assignee, 1),
    ] {
        let entry = EntrySpec {
            exclude: vec![Exclusion::Requester],
            ..user("kid")
        };
        let mut world = World::started(escalating(entry, to.clone(), 1), "ann; kid >ann");
        world.advance(hours(72));
        assert_eq!(world.assignees("a"), ["kid"], "{to:?}");
        assert_eq!(world.incidents(), ["no_escalation"]);
    }
}

#[test]
fn a_stale_wake_up_is_refused() {
    let mut world = World::started(graph([approval("a", [timed(user("rita"))])]), PEOPLE);
    let (_, task) = world.next_wake().unwrap();
    assert_eq!(
        world.run("engine", Command::Wake(task)),
        Err(Code::NotOpen),
        "too early"
    );
    assert_eq!(
        world.run("rita", Command::Wake(task)),
        Err(Code::NotPermitted)
    );
    world.resubmit("rita", "a", None).unwrap();
    world.now = world.now.checked_add(hours(100)).unwrap();
    assert_eq!(
        world.run("engine", Command::Wake(task)),
        Err(Code::NotOpen),
        "closed"
    );
    world.approve("rita", "a").unwrap();
    assert_eq!(
        world.run("engine", Command::Wake(task)),
        Err(Code::NotRunning)
    );
}

#[test]
fn timers_due_at_one_moment_fire_in_their_order() {
    let escalate = Escalate {
        after: Some(hours(2).into()),
        to: Who::ManagerOf(Led::Assignee, 1),
        levels: 1,
    };
    let entry = EntrySpec {
        due: Some(hours(2).into()),
        escalate: Some(escalate),
        ..user("rita")
    };
    let mut world = World::started(graph([approval("a", [entry])]), PEOPLE);
    assert_eq!(
        world.advance(hours(2)),
        ["timer_fired", "timer_fired", "task_escalated"]
    );
}

fn overdue(entry: EntrySpec, rule: WhenDue) -> World {
    let entry = EntrySpec {
        due: Some(hours(48).into()),
        when_due: Some(rule),
        ..entry
    };
    World::started(graph([approval("a", [entry])]), PEOPLE)
}

#[test]
fn what_is_due_is_approved_or_rejected_by_the_engine() {
    let mut world = overdue(user("rita"), WhenDue::Approve);
    world.advance(hours(48));
    assert_eq!(world.status(), "completed");
    let result = &world.instance.as_ref().unwrap().results()["a"];
    assert!(result.actors.is_empty() && result.principals.is_empty());

    let mut world = overdue(each("clerk", Need::All), WhenDue::Reject);
    world.approve("bob", "a").unwrap();
    world.advance(hours(48));
    assert_eq!(world.status(), "rejected");

    let mut world = overdue(each("clerk", Need::All), WhenDue::Approve);
    world.approve("bob", "a").unwrap();
    world.advance(hours(48));
    assert_eq!(world.status(), "completed", "the votes that were missing");
}

#[test]
fn what_is_due_is_delegated_and_the_vote_stays() {
    let mut world = overdue(
        user("rita"),
        WhenDue::Delegate(Who::ManagerOf(Led::Assignee, 1)),
    );
    let task = world.task("a", "rita");
    assert_eq!(world.advance(hours(48)), ["timer_fired", "task_delegated"]);
    assert_eq!(world.task("a", "max"), task);
    assert_eq!(world.approve("rita", "a"), Err(Code::NotPermitted));
    world.approve("max", "a").unwrap();
    let result = &world.instance.as_ref().unwrap().results()["a"];
    assert_eq!(result.principals, ["rita".into()]);
}

#[test]
fn what_is_due_and_nobody_has_goes_to_whom_the_rule_names() {
    let mut world = overdue(role("clerk"), WhenDue::Delegate(Who::User("vip".into())));
    assert_eq!(world.advance(hours(48)), ["timer_fired", "task_escalated"]);
    assert_eq!(world.assignees("a"), ["vip"]);

    let mut world = overdue(user("rita"), WhenDue::Delegate(Who::User("zed".into())));
    world.advance(hours(48));
    assert_eq!(world.assignees("a"), ["rita"], "whoever left gets nothing");
    assert_eq!(world.incidents(), ["no_escalation"]);
}

#[test]
fn what_is_due_climbs_a_level() {
    let climbing = |after: Option<i64>| {
        let escalate = Escalate {
            after: after.map(|after| hours(after).into()),
            to: Who::ManagerOf(Led::Assignee, 1),
            levels: 2,
        };
        let entry = EntrySpec {
            escalate: Some(escalate),
            ..user("rita")
        };
        overdue(entry, WhenDue::Escalate)
    };
    let mut world = climbing(None);
    assert_eq!(world.advance(hours(48)), ["timer_fired", "task_escalated"]);
    assert_eq!(world.assignees("a"), ["max"]);
    assert_eq!(world.advance(hours(1_000)), [""; 0]);

    let mut world = climbing(Some(72));
    world.advance(hours(48));
    assert_eq!(world.assignees("a"), ["max"]);
    world.advance(hours(1_000));
    assert_eq!(world.assignees("a"), ["top"], "two levels and no more");

    let mut world = climbing(Some(10));
    world.advance(hours(20));
    assert_eq!(world.assignees("a"), ["top"]);
    assert_eq!(
        world.advance(hours(28)),
        ["timer_fired"],
        "only overdue: every level was climbed"
    );
}

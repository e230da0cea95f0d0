//! Nodes that wait for something from outside: messages, signals, moments, conditions, the host.

use jiff::SignedDuration;
use serde_json::json;
use signoff_core::{
    change::SubscriptionKind,
    command::Command,
    graph::{StartRule, Trigger},
    refusal::RefusalCode as Code,
};

use crate::{
    flow_nodes::{PEOPLE, does},
    graphs::{builder, function, graph, join, left_after, row, split},
    kinds::{
        alone, catch, fail, given, on_error, outcome, receive, receive_code, set, throw, timer,
        wait, while_holds,
    },
    world::World,
};

const fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

#[test]
fn a_message_completes_its_receiver_and_is_consumed() {
    let nodes = row([receive("order", "new_order", Some("n")), does("last")]);
    let mut world = World::new(graph(nodes), PEOPLE);
    world.start("ann", json!({"n": 17})).unwrap();
    let waits: Vec<_> = world.store.subscriptions.values().collect();
    assert_eq!(
        (waits[0].name.as_str(), waits[0].key.as_str()),
        ("new_order", "17")
    );
    assert_eq!(
        world.send("order", "old_order", json!(1)),
        Err(Code::UnknownMessage)
    );
    let events = world
        .send("order", "new_order", json!({"sku": "x"}))
        .unwrap();
    assert_eq!(events[..2], ["message_received", "node_completed"]);
    assert_eq!(world.data(), json!({"n": 17, "order": {"sku": "x"}}));
    assert_eq!(world.store.consumed.len(), 1);
    assert_eq!(
        world.send("order", "new_order", json!(1)),
        Err(Code::NotOpen)
    );
}

#[test]
fn the_host_completes_a_node_that_waits_for_it() {
    let mut world = World::started(graph(row([receive_code("code"), does("a")])), PEOPLE);
    assert!(world.store.subscriptions.is_empty(), "no message finds it");
    let say = |world: &mut World, who: &str| {
        world.deliver(who, "code", SubscriptionKind::Message, "", json!(5))
    };
    assert_eq!(say(&mut world, "rita"), Err(Code::NotPermitted));
    say(&mut world, "host").unwrap();
    assert_eq!(world.data(), json!({"code": 5}));
    assert_eq!(world.at(), ["a"]);
}

#[test]
fn a_signal_is_thrown_to_all_and_caught_by_who_waits() {
    let nodes = row([throw("tell", "go"), catch("hear", "go"), does("a")]);
    let mut world = World::started(graph(nodes), PEOPLE);
    assert_eq!(world.ordered(), ["signal"]);
    assert_eq!(world.at(), ["hear"], "an earlier signal is lost");
    let signal = SubscriptionKind::Signal;
    assert_eq!(
        world.deliver("engine", "hear", SubscriptionKind::Message, "go", json!(1)),
        Err(Code::UnknownMessage)
    );
    world
        .deliver("engine", "hear", signal, "go", json!("x"))
        .unwrap();
    assert_eq!(world.data(), json!({"hear": "x"}));
    assert_eq!(world.at(), ["a"]);
}

#[test]
fn an_oversized_message_is_refused_or_fails_its_node() {
    let mut world = World::started(graph([receive("m", "m", None)]), PEOPLE);
    world.settings.limits.form_bytes = 10;
    let long = || json!("12345678901");
    assert_eq!(world.send("m", "m", long()), Err(Code::LimitExceeded));
    world.settings.limits.form_bytes = 100;
    world.settings.limits.data_bytes = 10;
    assert_eq!(
        world.deliver("host", "m", SubscriptionKind::Message, "m", long()),
        Err(Code::LimitExceeded)
    );
    world.send("m", "m", long()).unwrap();
    assert_eq!(world.incidents(), ["node_failed"]);
    assert!(world.store.subscriptions.is_empty());
    world.settings.limits.data_bytes = 100;
    world.retry("host", "m").unwrap();
    assert_eq!(world.store.subscriptions.len(), 1);
}

#[test]
fn a_timer_goes_on_when_its_moment_comes() {
    let mut world = World::started(graph(row([timer("t", 3), does("a")])), PEOPLE);
    let ring = Command::Ring(world.at_node("t"));
    assert_eq!(world.run("engine", ring.clone()), Err(Code::NotOpen));
    let events = world.advance(hours(3));
    assert_eq!(events[..2], ["timer_fired", "node_completed"]);
    assert_eq!(world.at(), ["a"]);
    assert_eq!(world.run("engine", ring), Err(Code::NotOpen));
}

#[test]
fn a_boundary_before_the_moment_of_a_timer_comes_first() {
    let nodes = [
        left_after(2, "late", timer("t", 3).next("a")),
        does("a"),
        does("late"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.advance(hours(3));
    assert_eq!(world.at(), ["late"]);
}

/// The moment may come while somebody else has the lock.
#[test]
fn a_timer_that_had_to_wait_for_its_lock_goes_on_at_once() {
    let nodes = [
        split("s", &["a", "t"]),
        alone("m", None, does("a")).next("j"),
        alone("m", None, timer("t", 3)).next("j"),
        join("j").next("last"),
        does("last"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.advance(hours(5));
    assert_eq!(world.at(), ["a", "t"]);
    world.complete("rita", "a").unwrap();
    assert_eq!(world.at(), ["last"]);
}

#[test]
fn a_condition_is_looked_at_after_every_change() {
    let nodes = [
        split("s", &["w", "f"]),
        wait("w", "ready").next("j"),
        does("f").next("say"),
        set("say", "ready = true").next("j"),
        join("j").next("last"),
        does("last"),
    ];
    let mut world = World::started(graph(nodes.clone()), PEOPLE);
    world.complete("rita", "f").unwrap();
    assert_eq!(world.at(), ["last"]);
    let mut world = World::started(graph(nodes.clone()), PEOPLE);
    world.set_data("host", json!({"ready": false})).unwrap();
    assert_eq!(world.at(), ["f", "w"]);
    world.set_data("host", json!({"ready": true})).unwrap();
    assert_eq!(world.at(), ["f"]);
    let mut world = World::new(graph(nodes), PEOPLE);
    world.start("ann", json!({"ready": true})).unwrap();
    assert_eq!(world.at(), ["f"], "one that holds is not waited for");
}

#[test]
fn a_condition_that_cannot_be_worked_out_fails_its_node() {
    let nodes = [split("s", &["w", "a"]), wait("w", "ready"), does("a")];
    let mut world = World::started(graph(nodes), PEOPLE);
    assert_eq!(
        world.set_data("host", json!({"ready": 7})),
        Err(Code::NodeFailed)
    );
    world.set_data("engine", json!({"ready": 7})).unwrap();
    assert_eq!(world.incidents(), ["node_failed"]);
    world.set_data("host", json!({"ready": true})).unwrap();
    assert_eq!(world.at(), ["a", "w"], "what failed waits for an operator");
    world.retry("host", "w").unwrap();
    assert_eq!(world.at(), ["a"]);
}

#[test]
fn a_task_is_open_only_while_its_condition_holds() {
    let nodes = row([while_holds("stock >= 1", does("pick")), does("last")]);
    let mut world = World::started(graph(nodes), PEOPLE);
    assert_eq!((world.open("pick").count(), world.at().len()), (0, 1));
    let events = world.set_data("host", json!({"stock": 2})).unwrap();
    assert_eq!(
        events,
        ["data_set", "node_enabled", "entry_opened", "task_opened"]
    );
    let before = world.task("pick", "rita");
    let events = world.set_data("host", json!({"stock": 0})).unwrap();
    assert_eq!(events, ["data_set", "task_cancelled", "node_disabled"]);
    assert_eq!(world.complete("rita", "pick"), Err(Code::NotOpen));
    world.set_data("host", json!({"stock": 1})).unwrap();
    assert_ne!(world.task("pick", "rita"), before, "a new task");
    world.complete("rita", "pick").unwrap();
    assert_eq!(world.at(), ["last"]);
    assert!(world.instance.as_ref().unwrap().watching().is_empty());
}

#[test]
fn assignments_see_those_before_them() {
    let nodes = row([
        set("s", "a = 1; b = a; c.d.e = b; c.d.f = c.d.e; a = 2"),
        does("x"),
    ]);
    let mut world = World::new(graph(nodes), PEOPLE);
    world.start("ann", json!({"a": 0, "c": 5})).unwrap();
    assert_eq!(
        world.data(),
        json!({"a": 2, "b": 1, "c": {"d": {"e": 1, "f": 1}}})
    );
}

#[test]
fn an_assignment_that_fails_refuses_fails_or_is_caught() {
    let nodes = row([set("s", "a = missing"), does("x")]);
    let mut world = World::new(graph(nodes), PEOPLE);
    assert_eq!(world.start("ann", json!({})), Err(Code::NodeFailed));
    world.start("engine", json!({})).unwrap();
    assert_eq!(world.at(), ["s"]);
    let caught = on_error(None, "late", set("s", "a = missing").next("x"));
    let nodes = [caught, does("x"), does("late")];
    let world = World::started(graph(nodes), PEOPLE);
    assert_eq!(world.at(), ["late"]);
}

#[test]
fn an_error_is_caught_by_its_code_and_in_order() {
    let nodes = |caught: &[(Option<&str>, &str)]| {
        let node = function("f").next("x");
        let node = caught
            .iter()
            .fold(node, |node, (code, next)| on_error(*code, next, node));
        graph([node, does("x"), does("y"), does("z")])
    };
    for (caught, expected) in [
        (vec![(Some("broken"), "y"), (None, "z")], Ok("y")),
        (vec![(None, "z"), (Some("broken"), "y")], Ok("z")),
        (vec![(Some("other"), "y"), (None, "z")], Ok("z")),
        (vec![(Some("other"), "y")], Err(Code::NodeFailed)),
    ] {
        let mut world = World::new(nodes(&caught), PEOPLE).function("f", Err("no"));
        let found = world.start("ann", json!({}));
        match expected {
            Ok(node) => assert_eq!(world.at(), [node], "{found:?}"),
            Err(code) => assert_eq!(found, Err(code)),
        }
    }
}

#[test]
fn the_last_outcome_named_is_the_instances() {
    let nodes = [
        split("s", &["a", "b"]),
        does("a").next("won"),
        does("b").next("lost"),
        outcome("won", "won"),
        outcome("lost", "lost"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    world.complete("rita", "b").unwrap();
    world.complete("rita", "a").unwrap();
    assert_eq!(world.status(), "completed");
    assert_eq!(world.instance.as_ref().unwrap().outcome(), Some("won"));
}

#[test]
fn a_failing_end_withdraws_everything() {
    let nodes = [
        split("s", &["a", "b"]),
        does("a").next("bad"),
        does("b"),
        fail("bad", "no_stock"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    let events = world.complete("rita", "a").unwrap();
    assert_eq!(*events.last().unwrap(), "instance_failed");
    assert_eq!(world.status(), "failed");
    assert_eq!(world.complete("rita", "b"), Err(Code::NotRunning));
}

#[test]
fn a_visit_sees_what_it_was_given_and_the_way_wins() {
    let seen = crate::graphs::function_with(
        "f",
        &json!({"a": "${ task.data.a }", "b": "${ task.data.b }", "s": "${ task.seed }"}),
    );
    let node = given(&[("a", "1"), ("b", "2")], Some("3"), seen);
    let mut first = does("first").next("f");
    first.passes.data = vec![("b".to_owned(), crate::toy::condition("20"))];
    let mut world = World::started(graph([first, node]), PEOPLE);
    world.complete("rita", "first").unwrap();
    assert_eq!(world.data()["f"], json!({"a": 1, "b": 20, "s": 3}));
}

#[test]
fn each_way_to_start_has_its_first_node_and_its_people() {
    let start = |key: &str, first: &str, trigger: Trigger| StartRule {
        key: key.into(),
        first: Some(first.into()),
        trigger,
        ..StartRule::default()
    };
    let graph = builder([does("a"), does("b"), does("c")])
        .start(start("by_hand", "a", Trigger::Person))
        .other_starts(vec![
            start("by_message", "b", Trigger::Message("m".to_owned())),
            start("by_code", "c", Trigger::Code),
        ])
        .build()
        .unwrap();
    for (way, who, expected) in [
        (None, "ann", Ok("a")),
        (Some("by_hand"), "ann", Ok("a")),
        (Some("by_message"), "engine", Ok("b")),
        (Some("by_message"), "ann", Err(Code::NotPermitted)),
        (Some("by_message"), "root", Err(Code::NotPermitted)),
        (Some("by_code"), "host", Ok("c")),
        (Some("by_magic"), "host", Err(Code::NotFound)),
    ] {
        let mut world = World::new(graph.clone(), PEOPLE);
        let mut start = world.start_of(json!({}));
        start.start = way.map(Into::into);
        start.message = (who == "engine").then(|| "m1".into());
        let found = world.run(who, Command::Start(Box::new(start)));
        match expected {
            Ok(node) => assert_eq!(world.at(), [node]),
            Err(code) => assert_eq!(found, Err(code), "{way:?} {who}"),
        }
        assert_eq!(world.store.consumed.len(), usize::from(who == "engine"));
    }
}

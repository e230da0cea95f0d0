//! What managers may do to an instance that runs, or has run.

use serde_json::{Value, json};
use signoff_core::{
    command::{Command, Place},
    graph::{Graph, JoinNeed, Node, Rest},
    id::ActivationId,
    refusal::RefusalCode as Code,
};

use crate::{
    flow_nodes::{PEOPLE, does},
    graphs::{
        approval, builder, choice, end, function, graph, job, join, role, row, split, terminate,
        user,
    },
    kinds::{first, join_of, split_each, throw},
    operate::on,
    toy::schema,
    world::World,
};

/// `a`, then branches `b` and `c`, then `last`.
fn nodes() -> Vec<Node> {
    vec![
        does("a").next("s"),
        split("s", &["b", "c"]),
        does("b").next("b2"),
        does("b2").next("j"),
        job("c").next("j"),
        join("j").next("last"),
        does("last"),
    ]
}

fn at(world: &World) -> String {
    world.at().join(" ")
}

fn world(steps: &[&str]) -> World {
    let mut world = World::started(graph(nodes()), PEOPLE);
    for node in steps {
        match *node {
            "c" => world.finish("c", Ok(json!(1))).unwrap(),
            node => world.complete("rita", node).unwrap(),
        };
    }
    world
}

type Do = fn(&mut World, &str) -> crate::world::Outcome;
type End = fn(&mut World);

const COMMANDS: &[(&str, Do)] = &[
    ("cancel_task", |world, who| world.cancel_task(who, "b")),
    ("skip", |world, who| world.skip(who, "b")),
    ("jump", |world, who| world.jump(who, Some("b"), "b2")),
    ("jump all", |world, who| world.jump(who, None, "a")),
    ("retry", |world, who| world.retry(who, "c")),
    ("revive", |world, who| world.revive(who, "c")),
    ("undo", |world, who| world.undo(who, "a2")),
    ("set_data", |world, who| {
        world.set_data(who, json!({"n": 1}))
    }),
    ("add_branch", |world, who| {
        world.add_branch(who, "b", json!(1))
    }),
];

/// `b` waits, `c` has failed, `a2` is undone by nobody yet.
fn troubled(managers: &[&str]) -> World {
    let nodes = [
        split("s", &["b", "c", "a2"]),
        does("a2").next("a3"),
        does("a3").next("j"),
        does("b").next("b2"),
        does("b2").next("j"),
        job("c").next("j"),
        join("j").next("a"),
        does("a"),
        choice("never", &[], Some("a")),
    ];
    let managers = managers.iter().map(|name| name.parse().unwrap()).collect();
    let graph = builder(nodes).managers(managers).build().unwrap();
    let mut world = World::started(graph, PEOPLE);
    world.finish("c", Err("no")).unwrap();
    world.complete("rita", "a2").unwrap();
    world.cancel_task("host", "a3").unwrap();
    world
}

#[test]
fn only_managers_admins_and_the_host_operate() {
    for (name, act) in COMMANDS {
        for (who, managers, expected) in [
            ("ann", &[][..], Err(Code::NotPermitted)),
            ("rita", &["role:clerk"], Err(Code::NotPermitted)),
            ("zed", &["role:clerk"], Err(Code::NotPermitted)),
            ("bob", &["role:clerk"], Ok(())),
            ("root", &["role:clerk"], Ok(())),
            ("host", &[], Ok(())),
            ("engine", &[], Ok(())),
        ] {
            let found = act(&mut troubled(managers), who).map(|_| ());
            assert_eq!(found, expected, "{name} by {who}");
        }
    }
}

#[test]
fn what_is_over_is_not_operated() {
    for (name, act) in COMMANDS {
        let mut world = troubled(&[]);
        world.cancel("ann").unwrap();
        let expected = match *name {
            "jump all" => Ok(()),
            _ => Err(Code::NotRunning),
        };
        assert_eq!(act(&mut world, "host").map(|_| ()), expected, "{name}");
    }
}

#[test]
fn operating_on_nothing_is_refused() {
    let mut world = world(&[]);
    let gone = Place::Activation(ActivationId::new(uuid::Uuid::from_u128(7)));
    let why = || "why".to_owned();
    for (command, expected) in [
        (
            Command::CancelTask(gone.clone(), Some(why())),
            Code::NotCancellable,
        ),
        (
            Command::CancelTask(on("b"), Some(why())),
            Code::NotCancellable,
        ),
        (Command::Skip(on("b"), why()), Code::NotSkippable),
        (Command::Skip(on("a"), String::new()), Code::ReasonRequired),
        (Command::Retry(on("a")), Code::NotRevivable),
        (Command::Revive(on("a")), Code::NotRevivable),
        (Command::Revive(gone.clone()), Code::NotRevivable),
        (Command::Undo(on("a")), Code::NotUndoable),
        (Command::Undo(gone), Code::NotUndoable),
    ] {
        let found = world.run("host", command.clone());
        assert_eq!(found, Err(expected), "{command:?}");
    }
    assert_eq!(world.jump("host", Some("b"), "a"), Err(Code::NotOpen));
    assert_eq!(
        world.jump("host", Some("a"), "nowhere"),
        Err(Code::TargetInvalid)
    );
    assert_eq!(world.jump("host", Some("a"), "b"), Err(Code::TargetInvalid));
    assert_eq!(world.jump("host", None, "b2"), Err(Code::TargetInvalid));
    assert_eq!(world.add_branch("host", "b", json!(1)), Err(Code::NotOpen));
    assert_eq!(
        world.add_branch("host", "nowhere", json!(1)),
        Err(Code::TargetInvalid)
    );
}

#[test]
fn a_withdrawn_task_parks_its_token_and_may_be_revived() {
    let mut world = world(&[]);
    let events = world.cancel_task("host", "a").unwrap();
    assert_eq!(
        events,
        [
            "task_cancelled",
            "node_cancelled",
            "token_parked",
            "branch_ended"
        ]
    );
    assert_eq!((at(&world), world.status()), (String::new(), "running"));
    assert_eq!(world.complete("rita", "a"), Err(Code::NotOpen));
    let events = world.revive("host", "a").unwrap();
    assert_eq!(events[..2], ["token_unparked", "node_entered"]);
    assert_eq!(world.revive("host", "a"), Err(Code::NotRevivable));
    world.complete("rita", "a").unwrap();
    assert_eq!(at(&world), "b c");
}

#[test]
fn a_branch_that_is_withdrawn_is_not_waited_for() {
    let mut world = world(&["a"]);
    world.cancel_task("host", "b").unwrap();
    world.finish("c", Ok(json!(1))).unwrap();
    assert_eq!((at(&world), world.parked().len()), ("last".to_owned(), 0));
    assert_eq!(world.revive("host", "b"), Err(Code::NotRevivable));
}

#[test]
fn what_failed_is_withdrawn_skipped_or_tried_again() {
    let failed = || {
        let mut world = world(&["a"]);
        world.finish("c", Err("no")).unwrap();
        world.complete("rita", "b").unwrap();
        world.complete("rita", "b2").unwrap();
        assert_eq!(at(&world), "c");
        world
    };
    for (name, act, expected) in [
        (
            "cancel_task",
            (|world, who| world.cancel_task(who, "c")) as Do,
            "last",
        ),
        ("skip", |world, who| world.skip(who, "c"), "last"),
        ("retry", |world, who| world.retry(who, "c"), "c"),
        ("revive", |world, who| world.revive(who, "c"), "c"),
        ("jump", |world, who| world.jump(who, Some("c"), "b"), "b"),
    ] {
        let mut world = failed();
        act(&mut world, "host").unwrap();
        assert_eq!(at(&world), expected, "{name}");
        assert_eq!(world.incidents(), [""; 0], "{name} settles it");
    }
}

#[test]
fn an_approval_that_found_nobody_keeps_its_votes_when_it_is_tried_again() {
    let node = approval("a", [user("rita"), role("boss")]);
    let mut world = World::started(graph([node]), PEOPLE);
    world.approve("rita", "a").unwrap();
    assert_eq!(world.incidents(), ["no_approver"]);
    world.directory = crate::directory::Directory::of("ann; rita; max boss");
    let events = world.retry("host", "a").unwrap();
    assert_eq!(
        events,
        [
            "incident_resolved",
            "node_retried",
            "entry_opened",
            "task_opened"
        ]
    );
    world.approve("max", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_skipped_task_goes_on_as_if_it_were_done() {
    let mut world = world(&[]);
    let events = world.skip("host", "a").unwrap();
    assert_eq!(events[..2], ["task_cancelled", "node_skipped"]);
    assert_eq!(at(&world), "b c");
    assert_eq!(
        world.skip("host", "c").map(|_| at(&world)),
        Ok("b".to_owned())
    );
    world.skip("host", "b").unwrap();
    world.skip("host", "b2").unwrap();
    assert_eq!(world.skip("host", "last"), Err(Code::NotSkippable));
}

#[test]
fn a_jump_moves_one_token_within_its_scope() {
    let mut world = world(&["a"]);
    world.jump("host", Some("b"), "b2").unwrap();
    assert_eq!(at(&world), "b2 c");
    world.jump("host", Some("c"), "b").unwrap();
    world.complete("rita", "b2").unwrap();
    assert_eq!(
        world.jump("host", Some("b"), "j"),
        Err(Code::TargetInvalid),
        "a join stands in the scope around"
    );
    world.skip("host", "b").unwrap();
    world.complete("rita", "b2").unwrap();
    assert_eq!(
        world.jump("host", Some("last"), "b"),
        Err(Code::TargetInvalid)
    );
}

#[test]
fn a_jump_of_all_withdraws_everything_and_opens_what_has_ended() {
    let ends: [(&str, End); 4] = [
        ("running", |_| {}),
        ("completed", |world| {
            for node in ["b", "b2"] {
                world.complete("rita", node).unwrap();
            }
            world.finish("c", Ok(json!(1))).unwrap();
            world.complete("rita", "last").unwrap();
        }),
        ("cancelled", |world| drop(world.cancel("ann").unwrap())),
        ("running", |world| {
            drop(world.finish("c", Err("no")).unwrap())
        }),
    ];
    for (name, ends) in ends {
        let mut world = world(&["a"]);
        ends(&mut world);
        assert_eq!(world.status(), name);
        let events = world.jump("host", None, "last").unwrap();
        assert!(events.contains(&"instance_reopened"));
        assert_eq!((at(&world), world.status()), ("last".to_owned(), "running"));
        assert_eq!(world.incidents(), [""; 0]);
        world.complete("rita", "last").unwrap();
        assert_eq!(world.status(), "completed");
    }
}

#[test]
fn one_of_those_who_race_may_be_moved() {
    let nodes = [
        first("f", &["a", "b"]),
        does("a").next("last"),
        job("b").next("last"),
        does("last").next("late"),
        does("late"),
    ];
    for (from, to) in [("a", "late"), ("b", "last")] {
        let mut world = World::started(graph(nodes.clone()), PEOPLE);
        world.jump("host", Some(from), to).unwrap();
        assert_eq!((at(&world), world.jobs().len()), (to.to_owned(), 0));
    }
}

#[test]
fn data_set_by_hand_fit_their_schema() {
    let (source, schema) = schema(&["title"]);
    let graph = builder([does("a")])
        .data(Some(signoff_core::graph::DataSchema { source, schema }))
        .build()
        .unwrap();
    let mut world = World::new(graph, PEOPLE);
    world.start("ann", json!({"title": "x"})).unwrap();
    assert_eq!(
        world.set_data("host", json!({"title": 1})),
        Err(Code::FormInvalid)
    );
    world
        .set_data("host", json!({"title": "y", "n": [1]}))
        .unwrap();
    assert_eq!(world.data(), json!({"title": "y", "n": [1]}));
    world.settings.limits.data_bytes = 30;
    let long = json!({"n": "1234567890"});
    assert_eq!(world.set_data("host", long), Err(Code::LimitExceeded));
}

#[test]
fn one_more_branch_is_waited_for_too() {
    let nodes = |need| {
        graph([
            split_each("s", "lines", "a"),
            crate::graphs::guarded(does("a"), "true").next("j"),
            join_of("j", need, Rest::Absorb).next("last"),
            does("last"),
        ])
    };
    let start = |need| {
        let mut world = World::new(nodes(need), PEOPLE);
        world.start("ann", json!({"lines": [1, 2]})).unwrap();
        world
    };
    let mut world = start(JoinNeed::All);
    let events = world.add_branch("host", "a", json!("more")).unwrap();
    assert_eq!(events[..2], ["branch_added", "node_entered"]);
    let items = world.instance.as_ref().unwrap().activations();
    let items: Vec<Value> = items
        .map(|found| Value::clone(&found.items[0].value))
        .collect();
    assert_eq!(items, [json!(1), json!(2), json!("more")]);
    for _ in 0..3 {
        assert_ne!(at(&world), "last");
        world.complete("rita", "a").unwrap();
    }
    assert_eq!(at(&world), "last");
    assert_eq!(world.add_branch("host", "a", json!(1)), Err(Code::NotOpen));
    let mut world = start(JoinNeed::Any);
    world.complete("rita", "a").unwrap();
    assert_eq!(at(&world), "a last");
    assert_eq!(
        world.add_branch("host", "a", json!(1)),
        Err(Code::NotOpen),
        "it has fired"
    );
}

fn straight() -> Graph {
    let mut nodes = row([does("a"), function("f"), does("b"), does("c")]);
    nodes[3].next = Some("over".into());
    nodes.push(end("over"));
    graph(nodes)
}

#[test]
fn a_visit_is_undone_once_nothing_of_it_is_left() {
    let mut world = World::started(straight(), PEOPLE);
    world.complete("rita", "a").unwrap();
    assert_eq!(
        world.undo("host", "a"),
        Err(Code::NotUndoable),
        "`f` came of it"
    );
    assert_eq!(
        world.undo("host", "f"),
        Err(Code::NotUndoable),
        "`b` came of it"
    );
    world.cancel_task("host", "b").unwrap();
    world.undo("host", "f").unwrap();
    assert_eq!(world.parked(), ["f"]);
    let events = world.undo("host", "a").unwrap();
    assert_eq!(events, ["token_unparked", "node_undone", "token_parked"]);
    assert_eq!(world.parked(), ["a"]);
    assert_eq!(world.undo("host", "a"), Err(Code::NotUndoable), "twice");
    world.revive("host", "a").unwrap();
    world.complete("rita", "a").unwrap();
    assert_eq!(at(&world), "b");
}

#[test]
fn undoing_the_last_node_opens_what_has_completed() {
    let mut world = World::started(straight(), PEOPLE);
    for node in ["a", "b", "c"] {
        world.complete("rita", node).unwrap();
    }
    assert_eq!(world.undo("host", "b"), Err(Code::NotUndoable));
    assert_eq!(world.status(), "completed");
    let events = world.undo("host", "c").unwrap();
    let reopened = [
        "instance_reopened",
        "node_undone",
        "node_undone",
        "token_parked",
    ];
    assert_eq!(events, reopened, "the end goes back with what led to it");
    world.revive("host", "c").unwrap();
    world.complete("rita", "c").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_split_is_undone_with_its_scope() {
    let mut world = world(&["a"]);
    assert_eq!(world.undo("host", "s"), Err(Code::NotUndoable));
    world.cancel_task("host", "b").unwrap();
    assert_eq!(world.undo("host", "s"), Err(Code::NotUndoable));
    world.cancel_task("host", "c").unwrap();
    let events = world.undo("host", "s").unwrap();
    let expected = [
        "scope_closed",
        "branch_ended",
        "node_undone",
        "token_parked",
    ];
    assert!(events.ends_with(&expected), "{events:?}");
    assert_eq!(world.parked(), ["s"]);
    world.revive("host", "s").unwrap();
    assert_eq!(at(&world), "b c");
}

#[test]
fn a_split_with_a_branch_that_was_added_is_not_undone_under_it() {
    let mut world = world(&["a"]);
    let before = [world.at_node("b"), world.at_node("c")];
    world.add_branch("host", "b", json!(1)).unwrap();
    for activation in before.into_iter().chain([world.at_node("b")]) {
        assert_eq!(world.undo("host", "s"), Err(Code::NotUndoable));
        let place = Place::Activation(activation);
        world
            .run("host", Command::CancelTask(place, Some("why".to_owned())))
            .unwrap();
    }
    world.undo("host", "s").unwrap();
    assert_eq!(world.parked(), ["s"]);
}

#[test]
fn a_join_is_undone_into_the_tokens_of_its_branches() {
    let mut world = world(&["a", "b", "b2", "c"]);
    world.cancel_task("host", "last").unwrap();
    let events = world.undo("host", "j").unwrap();
    assert_eq!(
        events,
        [
            "token_unparked",
            "node_undone",
            "scope_reopened",
            "token_parked",
            "token_parked"
        ]
    );
    assert_eq!(world.parked(), ["c", "b2"]);
    for node in ["b2", "c"] {
        world.revive("host", node).unwrap();
    }
    world.complete("rita", "b2").unwrap();
    world.finish("c", Ok(json!(1))).unwrap();
    assert_eq!(at(&world), "last");
    world.cancel_task("host", "last").unwrap();
    world.undo("host", "j").unwrap();
    assert_eq!(
        world.parked(),
        ["b2", "c"],
        "those who arrived the second time"
    );
}

/// Whoever arrived and is taken back has not arrived.
#[test]
fn an_arrival_that_is_undone_does_not_count() {
    for need in [JoinNeed::Count(2), JoinNeed::All] {
        let mut nodes = vec![split("s", &["b", "c", "d"])];
        nodes.extend(["b", "c", "d"].map(|key| does(key).next("j")));
        nodes.extend([
            join_of("j", need.clone(), Rest::Cancel).next("last"),
            does("last"),
        ]);
        let mut world = World::started(graph(nodes), PEOPLE);
        world.complete("rita", "b").unwrap();
        let events = world.undo("host", "b").unwrap();
        assert_eq!(events, ["node_undone", "token_parked"]);
        world.revive("host", "b").unwrap();
        world.complete("rita", "b").unwrap();
        assert_eq!(at(&world), "c d", "it arrived once");
        world.complete("rita", "c").unwrap();
        let expected = if let JoinNeed::All = need {
            "d"
        } else {
            "last"
        };
        assert_eq!(at(&world), expected);
    }
}

#[test]
fn a_join_with_branches_on_their_way_is_not_undone() {
    let mut nodes = vec![split("s", &["b", "c"])];
    nodes.extend(["b", "c"].map(|key| does(key).next("j")));
    nodes.extend([
        join_of("j", JoinNeed::Any, Rest::Absorb).next("last"),
        does("last"),
    ]);
    let mut world = World::started(graph(nodes), PEOPLE);
    world.complete("rita", "b").unwrap();
    assert_eq!(
        world.undo("host", "b"),
        Err(Code::NotUndoable),
        "the join has fired"
    );
    world.cancel_task("host", "last").unwrap();
    assert_eq!(world.undo("host", "j"), Err(Code::NotUndoable));
    world.complete("rita", "c").unwrap();
    world.undo("host", "j").unwrap();
    assert_eq!(world.parked(), ["b", "c"]);
    world.revive("host", "c").unwrap();
    world.complete("rita", "c").unwrap();
    assert_eq!(at(&world), "last");
}

/// A token that passes a join outside every scope closes no scope.
#[test]
fn a_join_that_was_passed_outside_every_scope_is_undone_alone() {
    let nodes = [
        split("s", &["a", "j"]),
        does("a").next("j"),
        join_of("j", JoinNeed::Any, Rest::Absorb).next("b"),
        does("b").next("j"),
    ];
    let mut world = World::started(graph(nodes), PEOPLE);
    for node in ["a", "b"] {
        world.complete("rita", node).unwrap();
    }
    world.cancel_task("host", "b").unwrap();
    let events = world.undo("host", "j").unwrap();
    assert_eq!(events, ["token_unparked", "node_undone", "token_parked"]);
    assert_eq!(world.parked(), ["j"]);
}

#[test]
fn undoing_the_start_stops_an_instance_of_which_nothing_is_left() {
    let mut world = world(&["a"]);
    assert_eq!(world.undo("host", "start"), Err(Code::NotUndoable));
    for node in ["b", "c"] {
        world.cancel_task("host", node).unwrap();
    }
    assert_eq!(
        world.undo("host", "start"),
        Err(Code::NotUndoable),
        "`a` was done"
    );
    world.undo("host", "s").unwrap();
    world.undo("host", "a").unwrap();
    world.undo("host", "start").unwrap();
    assert_eq!(world.status(), "cancelled");
    let mut world = World::started(graph([does("a").next("x"), terminate("x")]), PEOPLE);
    world.complete("rita", "a").unwrap();
    assert_eq!(world.undo("host", "start"), Err(Code::NotUndoable));
}

#[test]
fn what_has_no_way_on_and_runs_at_once_is_not_operated() {
    let mut world = World::started(graph(row([throw("t", "s"), does("a")])), PEOPLE);
    for act in [World::skip, World::cancel_task, World::retry] {
        assert!(act(&mut world, "host", "t").is_err());
    }
}

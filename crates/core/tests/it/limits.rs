//! Limits: each can be lowered, and beyond it a command is refused.

use serde_json::{Value, json};
use signoff_core::{
    command::{Answer, Command, Force},
    graph::{Behaviour, EntrySpec, Graph, Need},
    limits::Limits,
    refusal::RefusalCode as Code,
};

use crate::{
    graphs::{approval, choice, each, form, function, graph, join, row, split, user},
    world::World,
};

const PEOPLE: &str = "ann; rita clerk; bob clerk; eve clerk";

#[track_caller]
fn check_start(graph: Graph, data: Value, limits: Limits, expected: Result<(), Code>) {
    let mut world = World::new(graph, PEOPLE);
    world.settings.limits = limits;
    assert_eq!(world.start("ann", data).map(|_| ()), expected, "{limits:?}");
}

fn one() -> Graph {
    graph([approval("a", [user("rita")])])
}

#[test]
fn automatic_steps_are_bounded() {
    let chain = || graph(row(["f", "g", "h"].map(function)));
    for (automatic_steps, expected) in [(3, Ok(())), (2, Err(Code::LimitExceeded))] {
        let limits = Limits {
            automatic_steps,
            ..Limits::default()
        };
        check_start(chain(), json!({}), limits, expected);
    }
    let endless = graph([choice("round", &[("true", "round")], None)]);
    let limits = Limits {
        automatic_steps: 100,
        ..Limits::default()
    };
    check_start(endless, json!({}), limits, Err(Code::LimitExceeded));
}

#[test]
fn a_loop_of_skipped_nodes_ends() {
    let mut a = crate::graphs::guarded(approval("a", [user("rita")]), "false");
    a.next = Some("a".into());
    check_start(
        graph([a]),
        json!({}),
        Limits::default(),
        Err(Code::LimitExceeded),
    );
}

#[test]
fn live_activations_are_bounded() {
    let mut nodes = vec![split("s", &["a", "b"])];
    nodes.extend(["a", "b"].map(|key| approval(key, [user("rita")]).next("j")));
    nodes.push(join("j"));
    for (live_activations, expected) in [(2, Ok(())), (1, Err(Code::LimitExceeded))] {
        let limits = Limits {
            live_activations,
            ..Limits::default()
        };
        check_start(graph(nodes.clone()), json!({}), limits, expected);
    }
}

#[test]
fn the_depth_of_splits_is_bounded() {
    let nodes = [
        split("s1", &["s2"]),
        split("s2", &["s3"]),
        split("s3", &["a"]),
        approval("a", [user("rita")]),
    ];
    for (split_depth, expected) in [(3, Ok(())), (2, Err(Code::LimitExceeded))] {
        let limits = Limits {
            split_depth,
            ..Limits::default()
        };
        check_start(graph(nodes.clone()), json!({}), limits, expected);
    }
}

#[test]
fn frozen_members_are_bounded() {
    for (members, expected) in [(3, Ok(())), (2, Err(Code::LimitExceeded))] {
        let limits = Limits {
            members,
            ..Limits::default()
        };
        let asked = graph([approval("a", [each("clerk", Need::Quorum(1))])]);
        check_start(asked, json!({}), limits, expected);
    }
}

#[test]
fn data_and_metadata_are_bounded() {
    let limits = Limits {
        data_bytes: 10,
        ..Limits::default()
    };
    check_start(
        one(),
        json!({"k": "1234"}),
        limits,
        Err(Code::LimitExceeded),
    );
    check_start(one(), json!({"k": 1}), limits, Ok(()));
    check_start(one(), Value::Null, limits, Ok(()));
    for wrong in [json!([]), json!("text"), json!(1)] {
        check_start(one(), wrong, limits, Err(Code::FormInvalid));
    }
    let mut world = World::new(one(), PEOPLE);
    world.settings.limits.metadata_bytes = 5;
    let mut start = world.start_of(json!({}));
    start.metadata = std::sync::Arc::new(json!({"a": "bc"}));
    let found = world.run("ann", Command::Start(Box::new(start)));
    assert_eq!(found, Err(Code::LimitExceeded));
}

#[test]
fn what_functions_return_counts_as_data() {
    let mut world =
        World::new(graph([function("big")]), PEOPLE).function("big", Ok(json!("x".repeat(100))));
    world.settings.limits.data_bytes = 50;
    assert_eq!(world.start("ann", json!({})), Err(Code::LimitExceeded));
    assert_eq!(world.start("engine", json!({})).map(|_| ()), Ok(()));
    assert_eq!(world.incidents(), ["node_failed"]);
}

#[test]
fn forms_comments_and_reasons_are_bounded() {
    let entry = EntrySpec {
        behaviour: Behaviour::Submit,
        form: form("code"),
        ..user("rita")
    };
    let mut world = World::started(graph([approval("a", [entry])]), PEOPLE);
    world.settings.limits.form_bytes = 20;
    world.settings.limits.comment_bytes = 10;
    let large = json!({"code": "12345678901234567890"});
    assert_eq!(
        world.approve_form("rita", "a", large),
        Err(Code::LimitExceeded)
    );
    let answer = |reason: Option<&str>, comment: Option<&str>, form: Option<Value>| Answer {
        reason: reason.map(str::to_owned),
        comment: comment.map(str::to_owned),
        form: form.map(std::sync::Arc::new),
        to: None,
    };
    let task = world.task("a", "rita");
    let filled = || Some(json!({"code": "x"}));
    for command in [
        Command::Approve(task, answer(None, Some("much too long"), filled())),
        Command::Reject(task, answer(Some("much too long"), None, None)),
        Command::Reject(task, answer(Some("no"), Some("much too long"), None)),
        Command::Cancel {
            reason: "much too long".to_owned(),
            force: Force::No,
        },
    ] {
        let who = if matches!(command, Command::Cancel { .. }) {
            "ann"
        } else {
            "rita"
        };
        assert_eq!(
            world.run(who, command.clone()),
            Err(Code::LimitExceeded),
            "{command:?}"
        );
    }
    let command = Command::Approve(task, answer(None, Some("short"), filled()));
    world.run("rita", command).unwrap();
}

//! `kind: steps`: what a document means, and every problem at its place.

use serde_json::{Value, json};
use signoff_core::graph::{NodeKind, OnReject};

use crate::documents::{problems, publish, with};

/// Two steps with one transition, in which each case changes something.
fn base() -> Value {
    json!({
        "format": "signoff/v1",
        "kind": "steps",
        "key": "doc",
        "data": {"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]},
        "steps": [
            {"key": "a", "initial": true, "statuses": [
                {"key": "new", "default": true},
                {"key": "done", "completion": true},
            ]},
            {"key": "b", "final": true, "statuses": [
                {"key": "new", "default": true},
                {"key": "done", "completion": true},
            ]},
        ],
        "transitions": [{"from": "a", "to": "b"}],
    })
}

#[test]
fn a_good_document_has_no_problems() {
    assert_eq!(problems(&base()), []);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a row for each wrong thing")]
fn one_wrong_thing_in_steps_is_one_problem_at_its_place() {
    let other = |from: &str, priority: i64| json!({"from": from, "to": "b", "priority": priority});
    for (place, value, code, path) in [
        ("/steps/1/key", json!("a b"), "invalid_key", "/steps/1/key"),
        ("/steps/1/key", json!("a"), "duplicate_key", "/steps/1/key"),
        ("/steps/0/initial", json!(false), "invalid_shape", "/steps"),
        (
            "/steps/0/initial",
            json!("yes"),
            "wrong_type",
            "/steps/0/initial",
        ),
        (
            "/steps/1/initial",
            json!(true),
            "invalid_shape",
            "/steps/1/initial",
        ),
        (
            "/steps/0/summary",
            json!("${ nowhere }"),
            "unknown_field",
            "/steps/0/summary",
        ),
        (
            "/steps/1/result",
            json!({"ar": "${ n"}),
            "invalid_condition",
            "/steps/1/result/ar",
        ),
        (
            "/steps/0/statuses/0/default",
            json!(false),
            "invalid_shape",
            "/steps/0/statuses",
        ),
        (
            "/steps/0/statuses/1/default",
            json!(true),
            "invalid_shape",
            "/steps/0/statuses/1/default",
        ),
        (
            "/steps/0/statuses/0/hold",
            json!(true),
            "invalid_shape",
            "/steps/0/statuses/0/default",
        ),
        (
            "/steps/0/statuses/1/key",
            json!("new"),
            "duplicate_key",
            "/steps/0/statuses/1/key",
        ),
        (
            "/steps/0/statuses/1/completion",
            json!(false),
            "no_way_to_end",
            "/steps/0/statuses",
        ),
        (
            "/steps/0/statuses/1/hold",
            json!(true),
            "unknown_key",
            "/steps/0/statuses/1/hold",
        ),
        (
            "/steps/0/statuses/1/colour",
            json!("red"),
            "unknown_key",
            "/steps/0/statuses/1/colour",
        ),
        ("/steps/0/user", json!(""), "missing_who", "/steps/0/user"),
        (
            "/transitions/0/to",
            json!("c"),
            "dangling_reference",
            "/transitions/0/to",
        ),
        (
            "/transitions/0/to",
            json!(7),
            "wrong_type",
            "/transitions/0/to",
        ),
        (
            "/transitions/0/when",
            json!("m == 1"),
            "unknown_field",
            "/transitions/0/when",
        ),
        (
            "/transitions/0/priority",
            json!("high"),
            "wrong_type",
            "/transitions/0/priority",
        ),
        (
            "/transitions/0/priority",
            json!(1e9),
            "wrong_type",
            "/transitions/0/priority",
        ),
        (
            "/transitions/0/on_reject",
            json!("leave"),
            "unknown_value",
            "/transitions/0/on_reject",
        ),
        (
            "/transitions/0/required",
            json!([1]),
            "wrong_type",
            "/transitions/0/required/0",
        ),
        (
            "/transitions/0/from",
            json!(["a", "c"]),
            "dangling_reference",
            "/transitions/0/from/1",
        ),
        (
            "/transitions/0/from",
            json!(["a", 7]),
            "wrong_type",
            "/transitions/0/from/1",
        ),
        (
            "/transitions/0/from",
            json!([]),
            "empty_list",
            "/transitions/0/from",
        ),
        (
            "/transitions/0/from",
            json!(["a", "a"]),
            "duplicate_key",
            "/transitions/0",
        ),
        (
            "/transitions/0/on_reject",
            json!({"move": ["a", "c"]}),
            "dangling_reference",
            "/transitions/0/on_reject/move/1",
        ),
        (
            "/transitions/0/by",
            json!(["boss"]),
            "invalid_principal",
            "/transitions/0/by/0",
        ),
        (
            "/transitions/0/by",
            json!([{"team": "a", "role": "b"}]),
            "unknown_key",
            "/transitions/0/by/0/role",
        ),
        (
            "/transitions/0/by",
            json!([{"levels": 2}]),
            "missing_who",
            "/transitions/0/by/0",
        ),
        (
            "/transitions/0/by",
            json!([{"from": "1 +"}]),
            "invalid_condition",
            "/transitions/0/by/0/from",
        ),
        (
            "/transitions/0/by",
            json!([{"actor_of": "c"}]),
            "dangling_reference",
            "/transitions/0/by/0/actor_of",
        ),
        (
            "/transitions/0/meta",
            json!([]),
            "wrong_type",
            "/transitions/0/meta",
        ),
        (
            "/transitions/0/validate",
            json!(true),
            "wrong_type",
            "/transitions/0/validate",
        ),
        (
            "/transitions/-",
            other("a", 0),
            "duplicate_key",
            "/transitions/1",
        ),
        (
            "/transitions/-",
            other("b", 0),
            "invalid_shape",
            "/transitions/1",
        ),
        (
            "/steps/0/statuses/0/color",
            json!("red"),
            "invalid_color",
            "/steps/0/statuses/0/color",
        ),
        (
            "/steps/0/approvals",
            json!([]),
            "empty_list",
            "/steps/0/approvals",
        ),
        (
            "/transitions/0/approvals",
            json!([]),
            "empty_list",
            "/transitions/0/approvals",
        ),
        ("/nodes", json!({}), "invalid_shape", "/nodes"),
    ] {
        let document = with(base(), place, value);
        let found = problems(&document);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|problem| (problem.code, problem.path.as_str()))
            .collect();
        assert!(found.contains(&(code, path)), "{place}: {found:?}");
    }
    assert_eq!(problems(&with(base(), "/transitions/-", other("a", 1))), []);
}

#[test]
fn a_transition_leaves_one_step_several_or_any() {
    let plain = |key: &str| {
        json!({"key": key, "statuses": [
            {"key": "new", "default": true}, {"key": "done", "completion": true},
        ]})
    };
    let mut document = with(base(), "/steps/-", plain("c"));
    document = with(document, "/steps/-", plain("d"));
    document["transitions"] = json!([
        {"from": "a", "to": "c"},
        {"from": ["a", "c"], "to": "d", "priority": 1},
        {"from": "*", "to": "b", "when": "n >= 1"},
        {"from": "d", "to": "b"},
    ]);
    let graph = publish(&document).unwrap().graph;
    let ways = |key: &str| {
        let NodeKind::Step(step) = &graph.node(&key.into()).unwrap().kind else {
            panic!("a step")
        };
        let ways = step.transitions.iter().map(|way| match &way.when {
            Some(_) => format!("{} if", way.to),
            None => way.to.to_string(),
        });
        ways.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(ways("a"), "d, c, b if");
    assert_eq!(ways("c"), "d, b if");
    assert_eq!(ways("d"), "b", "its own comes in place of the one from any");
    assert_eq!(ways("b"), "", "what is final is not left");
}

#[test]
fn the_permissions_of_steps_and_transitions_are_listed() {
    let mut document = with(base(), "/steps/0/permission", json!(true));
    document["steps"][0]["title"] = json!({"en": "First", "ar": "أول"});
    let by = json!([{"permission": true}]);
    document = with(document, "/transitions/0/by", by.clone());
    let more = json!({"from": "a", "to": "b", "priority": 1, "by": by});
    document = with(document, "/transitions/-", more);
    let graph = publish(&document).unwrap().graph;
    let found = graph.permissions().map(|permission| {
        let title = permission.title.for_locale("en").to_owned();
        (permission.role.to_string(), title)
    });
    let found: Vec<(String, String)> = found.collect();
    let told = |role: &str, title: &str| (role.to_owned(), title.to_owned());
    assert_eq!(
        found,
        [
            told("doc.a", "Doc – First"),
            told("doc.a_to_b", "Doc – First – B")
        ]
    );
}

#[test]
fn a_step_that_nothing_leaves_or_reaches_is_told() {
    let lost = json!({"key": "c", "statuses": [
        {"key": "new", "default": true}, {"key": "done", "completion": true},
    ]});
    let found = problems(&with(base(), "/steps/-", lost));
    let found: Vec<&str> = found.iter().map(|problem| problem.code).collect();
    assert!(found.contains(&"no_way_to_end"), "{found:?}");
}

#[test]
fn approvals_of_a_transition_stand_between_its_steps() {
    let approvals = json!([{"role": "boss"}, {"role": "chief", "on_reject": "reject"}]);
    let document = with(base(), "/transitions/0/approvals", approvals);
    let graph = publish(&document).unwrap().graph;
    let NodeKind::Step(step) = &graph.node(&"a".into()).unwrap().kind else {
        panic!("a step")
    };
    assert_eq!(step.transitions[0].next().as_str(), "a_to_b");
    let gate = graph.node(&"a_to_b".into()).unwrap();
    assert_eq!(gate.next.as_ref().unwrap().as_str(), "b");
    let NodeKind::Approval(approval) = &gate.kind else {
        panic!("an approval")
    };
    let on_reject: Vec<&OnReject> = approval
        .entries
        .iter()
        .map(|entry| &entry.on_reject)
        .collect();
    assert_eq!(on_reject, [&OnReject::Stay("a".into()), &OnReject::Reject]);
}

#[test]
fn approvals_of_a_last_step_come_before_the_end() {
    let document = with(base(), "/steps/1/approvals", json!([{"role": "boss"}]));
    let graph = publish(&document).unwrap().graph;
    let NodeKind::Step(step) = &graph.node(&"b".into()).unwrap().kind else {
        panic!("a step")
    };
    assert_eq!(step.gate.as_ref().unwrap().as_str(), "b_approval");
    assert_eq!(graph.node(&"b_approval".into()).unwrap().next, None);
    let document = with(document, "/steps/0/approvals", json!([{"role": "clerk"}]));
    let graph = publish(&document).unwrap().graph;
    let keys: Vec<&str> = graph.nodes().map(|node| node.key.as_str()).collect();
    assert_eq!(
        keys,
        ["a", "a_to_b", "b", "b_approval"],
        "each after its step"
    );
}

#[test]
fn a_step_that_had_another_key_is_known_by_it_with_the_approvals_around_it() {
    let approvals = || json!([{"user": "ann"}]);
    let mut document = with(base(), "/steps/0/was", json!("first"));
    document = with(document, "/steps/1/was", json!(["last", "end"]));
    document = with(document, "/steps/1/approvals", approvals());
    document = with(document, "/transitions/0/approvals", approvals());
    let graph = publish(&document).unwrap().graph;
    let was = |key: &str| {
        let node = graph.node(&key.into()).unwrap();
        let keys = node.was.iter().map(|key| key.as_str());
        keys.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(was("a"), "first");
    assert_eq!(was("b"), "last end");
    let around = "a_to_last a_to_end first_to_b first_to_last first_to_end";
    assert_eq!(was("a_to_b"), around);
    assert_eq!(was("b_approval"), "last_approval end_approval");
}

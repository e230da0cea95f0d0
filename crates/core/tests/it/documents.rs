//! Documents: every problem at once, each with its code and place.

use serde_json::{Value, json};
use signoff_core::{
    codes::PROBLEMS,
    compile::{Compiled, Languages, compile},
    document::Document,
    graph::{Duty, IfRunning, Need, NodeKind, OnReject, Opening},
    problem::{Problem, Severity},
};

use crate::toy::{Toy, ToySchemas, ToyZones};

/// Reads and compiles.
pub(crate) fn publish(value: &Value) -> Result<Compiled, Vec<Problem>> {
    let document = Document::read(value)?;
    let languages = Languages {
        conditions: &Toy,
        schemas: &ToySchemas,
        zones: &ToyZones,
    };
    compile(&document, languages)
}

/// The worked example, as JSON.
pub(crate) fn example() -> Value {
    serde_json::from_str(include_str!("../../testdata/purchase_request.json")).unwrap()
}

/// A document with one stage, in which each case changes something.
fn base() -> Value {
    json!({
        "format": "signoff/v1",
        "kind": "approval",
        "key": "doc",
        "data": {"type": "object", "required": ["n"], "properties": {"n": {"type": "number"}, "opt": {}}},
        "forms": {"review": {"type": "object"}},
        "pipelines": [{"key": "p", "stages": [{"key": "s", "approvals": [{"role": "clerk"}]}]}],
    })
}

/// The document with `value` at a place that may be new; `null` takes it away.
pub(crate) fn with(mut document: Value, place: &str, value: Value) -> Value {
    let (parent, key) = place.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(fields) if value.is_null() => drop(fields.shift_remove(key)),
        Value::Object(fields) => drop(fields.insert(key.to_owned(), value)),
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        other => unreachable!("{place} lies in {other}"),
    }
    document
}

#[track_caller]
pub(crate) fn problems(document: &Value) -> Vec<Problem> {
    let problems = match publish(document) {
        Ok(compiled) => compiled.warnings,
        Err(problems) => problems,
    };
    for problem in &problems {
        assert!(PROBLEMS.contains(&problem.code), "{problem:?}");
    }
    problems
}

#[track_caller]
fn check(document: &Value, expected: &[(&str, &str)]) {
    let found = problems(document);
    let mut found: Vec<(&str, &str)> = found
        .iter()
        .map(|problem| (problem.code, problem.path.as_str()))
        .collect();
    found.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected, "{document:#}");
}

const STAGE: &str = "/pipelines/0/stages/0";
const ENTRY: &str = "/pipelines/0/stages/0/approvals/0";

#[test]
fn good_documents_have_no_problems() {
    check(&base(), &[]);
    check(&example(), &[]);
}

#[test]
fn one_wrong_thing_is_one_problem_at_its_place() {
    let text = include_str!("../../testdata/problems.txt")
        .replace("$stage", STAGE)
        .replace("$entry", ENTRY);
    let rows = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    for row in rows {
        let (place, rest) = row.split_once(" = ").unwrap();
        let (value, problem) = rest.rsplit_once(" -> ").unwrap();
        let (code, path) = problem.split_once(' ').unwrap_or((problem, ""));
        let value = serde_json::from_str(value).unwrap();
        check(&with(base(), place, value), &[(code, path)]);
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let document = json!({
        "format": "signoff/v9",
        "kind": "approval",
        "key": "Doc",
        "tittle": "x",
        "managers": ["boss", 5],
        "pipelines": [
            {"key": "p", "stages": [{"key": "s", "approvals": [{"role": "a", "dew": "P1D"}, {}]}]},
            {"stages": [{"key": "S"}]},
        ],
    });
    check(
        &document,
        &[
            ("unknown_key", "/tittle"),
            ("unknown_value", "/format"),
            ("invalid_key", "/key"),
            ("invalid_principal", "/managers/0"),
            ("wrong_type", "/managers/1"),
            ("unknown_key", "/pipelines/0/stages/0/approvals/0/dew"),
            ("missing_who", "/pipelines/0/stages/0/approvals/1"),
            ("missing_key", "/pipelines/1"),
            ("missing_key", "/pipelines/1/stages/0"),
            ("invalid_key", "/pipelines/1/stages/0/key"),
        ],
    );
}

#[test]
fn an_inherited_problem_is_told_once() {
    let two = json!([{"key": "p", "stages": [
        {"key": "s", "approvals": [{"role": "a"}, {"role": "b"}]},
        {"key": "t", "approvals": [{"role": "a"}]},
    ]}]);
    let document = with(base(), "/pipelines", two);
    for (defaults, code, path) in [
        (json!({"form": "absent"}), "unknown_form", "/defaults/form"),
        (
            json!({"exclude": [{"actor_of": "x"}]}),
            "dangling_reference",
            "/defaults/exclude/0/actor_of",
        ),
        (
            json!({"on_reject": {"to": "x"}}),
            "dangling_reference",
            "/defaults/on_reject/to",
        ),
        (
            json!({"due": "P1D", "remind": ["P2D"]}),
            "invalid_duration",
            "/defaults/remind",
        ),
    ] {
        check(
            &with(document.clone(), "/defaults", defaults),
            &[(code, path)],
        );
    }
}

#[test]
fn slips_are_answered_with_the_nearest_word() {
    for (place, value, near) in [
        ("/tittle", json!("x"), "title"),
        ("/kind", json!("aproval"), "approval"),
        ("/defaults", json!({"exlude": []}), "exclude"),
        ("/pipelines/0/stagse", json!([]), "stages"),
        ("/pipelines/0/stages/0/colour", json!("#fff"), "color"),
        (
            "/pipelines/0/stages/0/approvals/0/escalte",
            json!({}),
            "escalate",
        ),
        (
            "/pipelines/0/stages/0/approvals/0/select",
            json!("roundrobin"),
            "round_robin",
        ),
        (
            "/pipelines/0/stages/0/approvals/0/form",
            json!("reviw"),
            "review",
        ),
        (
            "/pipelines/0/stages/0/approvals/0/on_reject",
            json!({"to": "S"}),
            "s",
        ),
        ("/actions", json!({"after_aprove": []}), "after_approve"),
        ("/pipelines/0/stages/0/when", json!("nn"), "n"),
    ] {
        let found = problems(&with(base(), place, value));
        let help = found.first().and_then(|problem| problem.help.as_deref());
        assert_eq!(
            help,
            Some(format!("did you mean `{near}`?").as_str()),
            "{place}: {found:?}"
        );
    }
}

#[test]
fn warnings_do_not_stop_a_document() {
    let document = with(base(), &format!("{STAGE}/when"), json!("opt || absent"));
    let compiled = publish(&document).unwrap();
    let found: Vec<_> = compiled
        .warnings
        .iter()
        .map(|warning| (warning.severity, warning.code))
        .collect();
    let warning = Severity::Warning;
    assert_eq!(
        found,
        [(warning, "optional_field"), (warning, "unknown_field")]
    );
}

#[test]
fn deep_nesting_is_a_problem_and_no_overflow() {
    for (levels, expected) in [
        (62, &[][..]),
        (64, &[("limit_exceeded", "")]),
        (1_000, &[("limit_exceeded", "")]),
    ] {
        let deep = (1..levels).fold(json!({}), |inner, _| json!({ "x": inner }));
        check(&with(base(), "/data", deep), expected);
    }
}

#[test]
fn the_approvals_of_one_list_are_bounded() {
    for (entries, expected) in [
        (1_000, None),
        (1_001, Some("limit_exceeded")),
        (70_000, Some("limit_exceeded")),
    ] {
        let list = format!("{STAGE}/approvals");
        let document = with(base(), &list, vec![json!({"user": "a"}); entries].into());
        let found = problems(&document);
        assert_eq!(
            found.first().map(|problem| problem.code),
            expected,
            "{entries}"
        );
        assert!(found.iter().all(|problem| problem.path.as_str() == list));
    }
}

#[test]
fn megabytes_in_any_place_stay_out_of_messages() {
    let long = "x".repeat(1 << 20);
    for (place, value) in [
        (format!("/{long}"), json!(1)),
        ("/key".to_owned(), json!(long)),
        ("/kind".to_owned(), json!(long)),
        ("/format".to_owned(), json!(long)),
        ("/managers".to_owned(), json!([long])),
        ("/defaults".to_owned(), json!({ &long: 1 })),
        ("/forms".to_owned(), json!({ &long: {} })),
        ("/actions".to_owned(), json!({ &long: [] })),
        (format!("{STAGE}/color"), json!(long)),
        (format!("{ENTRY}/due"), json!(long)),
        (format!("{ENTRY}/due"), json!(format!("P{long}"))),
        (format!("{ENTRY}/form"), json!(long)),
        (format!("{ENTRY}/select"), json!(long)),
        (format!("{ENTRY}/on_reject"), json!({"to": long})),
        (format!("{ENTRY}/exclude"), json!([{"actor_of": long}])),
        (format!("{ENTRY}/manager_of"), json!(long)),
        (format!("{STAGE}/when"), json!(format!("forms.{long}"))),
        (format!("{STAGE}/when"), json!(long)),
    ] {
        let found = problems(&with(base(), &place, value));
        assert!(!found.is_empty(), "{}", &place[..place.len().min(80)]);
        for problem in found {
            let help = problem.help.as_ref().map_or(0, String::len);
            assert!(problem.message.len() + help < 600, "{}", problem.code);
        }
    }
}

#[test]
fn a_document_becomes_the_graph_it_says() {
    let compiled = publish(&example()).unwrap();
    let graph = compiled.graph;
    let nodes: Vec<(&str, Option<&str>)> = graph
        .nodes()
        .map(|node| {
            (
                node.key.as_str(),
                node.next.as_ref().map(|next| next.as_str()),
            )
        })
        .collect();
    assert_eq!(
        nodes,
        [
            ("initial_review", Some("budget_approval")),
            ("budget_approval", Some("final_sign_off")),
            ("final_sign_off", Some("executive_approval")),
            ("executive_approval", None),
        ]
    );
    assert_eq!(graph.start().if_running, IfRunning::Refuse);
    let groups: Vec<_> = graph
        .groups()
        .map(|group| (group.key.as_str(), group.when.is_some()))
        .collect();
    assert_eq!(groups, [("finance", false), ("management", true)]);
    let duties: Vec<Duty> = graph
        .nodes()
        .filter_map(|node| match &node.kind {
            NodeKind::Approval(approval) => Some(approval.entries[0].duty),
            _ => None,
        })
        .collect();
    assert_eq!(
        duties,
        [
            Duty::RoundRobin,
            Duty::Offer,
            Duty::Offer,
            Duty::Each(Need::All)
        ]
    );
}

#[test]
fn entry_keys_are_inherited_key_by_key() {
    let document = json!({
        "format": "signoff/v1",
        "kind": "approval",
        "key": "doc",
        "defaults": {"due": "P1D", "select": "consensus", "on_reject": "resubmit"},
        "pipelines": [{
            "key": "p",
            "select": "majority",
            "mode": "parallel",
            "approvals": [{"role": "a"}, {"role": "b", "select": "anyone", "on_reject": "reject"}],
        }],
    });
    let graph = publish(&document).unwrap().graph;
    let NodeKind::Approval(node) = &graph.node(&"p".into()).unwrap().kind else {
        unreachable!("a pipeline with approvals is an approval node")
    };
    assert_eq!(node.opening, Opening::Together);
    let found: Vec<_> = node
        .entries
        .iter()
        .map(|entry| (entry.duty, entry.on_reject.clone()))
        .collect();
    assert_eq!(
        found,
        [
            (Duty::Each(Need::Majority), OnReject::Resubmit),
            (Duty::Offer, OnReject::Reject)
        ]
    );
    assert!(
        node.entries
            .iter()
            .all(|entry| entry.due.is_some_and(|due| due.to_string() == "PT24H"))
    );
}

//! Drafts: edits, order, shapes, and what is missing first.

#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

use serde_json::{Value, json};
use signoff_definition::draft::{
    Draft, Edit, ElementKind, MAX_ELEMENT_BYTES, MAX_META_BYTES, Strategy,
};

fn draft(document: Value) -> Draft {
    Draft::new(document, None).unwrap()
}

fn edits(edits: Value) -> Vec<Edit> {
    serde_json::from_value(edits).unwrap()
}

fn edited(document: Value, with: Value) -> Value {
    let mut draft = draft(document);
    draft.edit(&edits(with)).unwrap();
    draft.document
}

/// Refused with the code and the words; the draft is as it was.
#[track_caller]
fn refused(document: Value, with: Value, code: &str, words: &str) {
    let mut draft = draft(document);
    let before = draft.clone();
    let problems = draft.edit(&edits(with)).unwrap_err();
    assert_eq!(problems[0].code, code, "{problems:?}");
    assert!(problems[0].message.contains(words), "{problems:?}");
    assert_eq!(draft, before, "a refused edit changes nothing");
}

/// The keys of the pipelines, each with those of its stages.
fn keys(document: &Value) -> Vec<(String, Vec<String>)> {
    let key = |value: &Value| value["key"].as_str().unwrap().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let pipelines = list(&document["pipelines"]);
    let stages = |pipeline: &Value| list(&pipeline["stages"]).iter().map(key).collect();
    pipelines
        .iter()
        .map(|pipeline| (key(pipeline), stages(pipeline)))
        .collect()
}

#[track_caller]
fn has(document: &Value, expected: &[(&str, &[&str])]) {
    let found = keys(document);
    let found: Vec<(&str, Vec<&str>)> = found
        .iter()
        .map(|(key, stages)| (key.as_str(), stages.iter().map(String::as_str).collect()))
        .collect();
    let expected: Vec<(&str, Vec<&str>)> = expected
        .iter()
        .map(|(key, stages)| (*key, stages.to_vec()))
        .collect();
    assert_eq!(found, expected);
}

fn two() -> Value {
    json!({"kind": "approval", "key": "leave", "pipelines": [
        {"key": "hr", "stages": [{"key": "review"}, {"key": "sign"}]},
        {"key": "finance", "stages": [{"key": "pay"}]},
    ]})
}

#[test]
fn pipelines_and_stages_are_added_moved_and_removed() {
    let add = json!([
        {"edit": "add_pipeline", "pipeline": {"key": "legal"}, "order": 1},
        {"edit": "add_stage", "pipeline": "hr", "stage": {"key": "check"}, "order": 2},
        {"edit": "add_stage", "pipeline": "hr", "stage": {}},
    ]);
    let all: &[&str] = &["review", "check", "sign", "hr_stage_1"];
    has(
        &edited(two(), add),
        &[("legal", &[]), ("hr", all), ("finance", &["pay"])],
    );
    let moved = json!([
        {"edit": "move_pipeline", "pipeline": "hr", "order": 9},
        {"edit": "move_stage", "stage": "sign", "order": 1},
        {"edit": "move_stage", "stage": "review", "order": 1, "pipeline": "finance"},
    ]);
    has(
        &edited(two(), moved),
        &[("finance", &["review", "pay"]), ("hr", &["sign"])],
    );
    let removed = json!([
        {"edit": "remove_stage", "stage": "review"},
        {"edit": "remove_pipeline", "pipeline": "finance"},
    ]);
    has(&edited(two(), removed), &[("hr", &["sign"])]);
}

#[test]
fn the_order_is_that_of_the_list_unless_it_is_given() {
    let document = |orders: [Value; 3]| {
        let stages: Vec<Value> = ["a", "b", "c"]
            .iter()
            .zip(orders)
            .map(|(key, order)| json!({"key": key, "order": order}))
            .collect();
        json!({"kind": "approval", "pipelines": [{"key": "p", "order": 0, "stages": stages}]})
    };
    for (orders, expected) in [
        ([json!(0), json!(0), Value::Null], ["a", "b", "c"]),
        ([json!(3), json!(1), json!(2)], ["b", "c", "a"]),
        ([json!(0), json!(7), json!(2)], ["c", "b", "a"]),
    ] {
        let draft = draft(document(orders));
        has(&draft.document, &[("p", &expected)]);
        assert!(!draft.document.to_string().contains("order"));
        let outline = draft.outline(&[]);
        let orders: Vec<usize> = outline.pipelines[0]
            .stages
            .iter()
            .map(|stage| stage.order)
            .collect();
        assert_eq!(orders, [1, 2, 3]);
    }
    let taken = Draft::new(document([json!(2), json!(2), json!(1)]), None).unwrap_err();
    assert_eq!(taken[0].code, "duplicate_key");
    assert_eq!(taken[0].path.as_str(), "/pipelines/0/stages/1/order");
    assert!(
        taken[0].message.contains("order 2 of the stage `b`"),
        "{taken:?}"
    );
    let wrong = Draft::new(document([json!("first"), json!(2), json!(1)]), None).unwrap_err();
    assert_eq!(wrong[0].code, "wrong_type");
}

#[test]
fn a_number_of_stages_makes_them_in_order_and_inactive() {
    let add = json!([{"edit": "add_pipeline", "pipeline": {"key": "hr", "number_of_stages": 3}}]);
    let mut made = draft(json!({"kind": "approval", "key": "leave"}));
    made.edit(&edits(add)).unwrap();
    has(
        &made.document,
        &[("hr", &["hr_stage_1", "hr_stage_2", "hr_stage_3"])],
    );
    let outline = made.outline(&[]);
    for (place, stage) in outline.pipelines[0].stages.iter().enumerate() {
        assert_eq!((stage.order, stage.is_active), (place + 1, false));
        assert_eq!(stage.title.for_locale("en"), format!("Stage {}", place + 1));
        assert_eq!(
            stage.title.for_locale("ar"),
            format!("المرحلة {}", place + 1)
        );
    }
    let more =
        json!([{"edit": "change_pipeline", "pipeline": "hr", "with": {"number_of_stages": 4}}]);
    assert_eq!(keys(&edited(made.document, more))[0].1.len(), 4);
    for wrong in [json!(101), json!(-1), json!("three")] {
        let add = json!([{"edit": "add_pipeline", "pipeline": {"number_of_stages": wrong}}]);
        refused(two(), add, "wrong_type", "up to 100");
    }
}

#[test]
fn an_edit_merges_key_by_key() {
    let stage = json!({"key": "review", "color": "#ff0000", "escalate": {"after": "P1D", "levels": 2},
        "approvals": [{"user": "rita"}]});
    let document = json!({"kind": "approval", "title": {"en": "Leave", "ar": "إجازة"},
        "pipelines": [{"key": "hr", "stages": [stage]}]});
    let with = json!([
        {"edit": "change_stage", "stage": "review", "with": {
            "title": "Review", "color": null, "escalate": {"levels": 3}}},
        {"edit": "merge", "with": {"title": {"en": "Leave request"}, "subject": "leave"}},
        {"edit": "change_pipeline", "pipeline": "hr", "with": {"key": "people"}},
    ]);
    let document = edited(document, with);
    let expected = json!({"key": "review", "escalate": {"after": "P1D", "levels": 3},
        "approvals": [{"user": "rita"}], "title": "Review"});
    assert_eq!(document["pipelines"][0]["stages"][0], expected);
    assert_eq!(document["pipelines"][0]["key"], "people");
    assert_eq!(
        document["title"],
        json!({"en": "Leave request", "ar": "إجازة"})
    );
    assert_eq!(document["subject"], "leave");
}

#[test]
fn a_shape_of_another_strategy_is_refused_with_its_name() {
    let stages = json!({"kind": "approval", "pipelines": [{"key": "p", "stages": [{"key": "s"}]}]});
    let pipelines =
        json!({"kind": "approval", "pipelines": [{"key": "p", "approvals": [{"user": "a"}]}]});
    let approvals = json!({"kind": "approval", "approvals": [{"user": "a"}]});
    let mixed = json!({"kind": "approval", "pipelines": [
        {"key": "p", "stages": [{"key": "s"}]}, {"key": "q", "approvals": [{"user": "a"}]}]});
    let empty = json!({"kind": "approval"});
    for (document, fits) in [
        (&stages, &[1][..]),
        (&pipelines, &[2]),
        (&approvals, &[3]),
        (&mixed, &[]),
        (&empty, &[1, 2, 3]),
    ] {
        for strategy in Strategy::ALL {
            let number = strategy.number();
            match Draft::new(document.clone(), Some(strategy)) {
                Ok(_) => assert!(fits.contains(&number), "{number} {document}"),
                Err(problems) => {
                    assert!(!fits.contains(&number), "{number} {document}");
                    assert_eq!(problems[0].code, "invalid_shape");
                    let name = format!("strategy {number} (");
                    assert!(problems[0].message.starts_with(&name), "{problems:?}");
                }
            }
        }
    }
    assert_eq!(
        draft(empty.clone()).strategy,
        Some(Strategy::Stages),
        "the first is the default"
    );
    assert_eq!(draft(approvals.clone()).strategy, Some(Strategy::Approvals));
    let add_stage = json!([{"edit": "add_stage", "pipeline": "p", "stage": {}}]);
    refused(
        pipelines.clone(),
        add_stage.clone(),
        "invalid_shape",
        "strategy 2 (pipelines with approvals) takes no stages",
    );
    refused(
        approvals.clone(),
        add_stage,
        "invalid_shape",
        "strategy 3 (approvals alone) takes no stages",
    );
    let add = json!([{"edit": "add_pipeline", "pipeline": {"key": "q"}}]);
    refused(
        approvals,
        add,
        "invalid_shape",
        "strategy 3 (approvals alone) takes no pipelines",
    );
    let number =
        json!([{"edit": "change_pipeline", "pipeline": "p", "with": {"number_of_stages": 2}}]);
    refused(pipelines.clone(), number, "invalid_shape", "strategy 2");
    let merge = json!([{"edit": "merge", "with": {"approvals": [{"user": "a"}]}}]);
    refused(
        stages.clone(),
        merge,
        "invalid_shape",
        "strategy 1 (pipelines with stages) takes no approvals",
    );
    let other = json!([{"edit": "set_strategy", "strategy": 3}]);
    refused(stages, other, "invalid_shape", "strategy 3");
    let unknown = json!([{"edit": "set_strategy", "strategy": 4}]);
    refused(pipelines, unknown, "unknown_value", "`4`");
    let mut turned = draft(empty);
    turned
        .edit(&edits(json!([
            {"edit": "set_strategy", "strategy": 2},
            {"edit": "add_pipeline", "pipeline": {"key": "p", "approvals": [{"user": "a"}]}},
        ])))
        .unwrap();
    assert_eq!(turned.strategy, Some(Strategy::Pipelines));
}

#[test]
fn edits_are_all_or_none_and_tell_what_is_not_there() {
    let good = json!({"edit": "remove_stage", "stage": "review"});
    for (bad, code, words) in [
        (
            json!({"edit": "remove_stage", "stage": "nope"}),
            "dangling_reference",
            "no stage `nope`",
        ),
        (
            json!({"edit": "move_pipeline", "pipeline": "nope", "order": 1}),
            "dangling_reference",
            "no pipeline `nope`",
        ),
        (
            json!({"edit": "add_stage", "pipeline": "hr", "stage": {"key": "pay"}}),
            "duplicate_key",
            "`pay` is taken",
        ),
        (
            json!({"edit": "change_stage", "stage": "sign", "with": {"key": "pay"}}),
            "duplicate_key",
            "`pay` is taken",
        ),
        (
            json!({"edit": "merge", "with": {"key": "other"}}),
            "misplaced_key",
            "`key` of a workflow does not change",
        ),
        (
            json!({"edit": "merge", "with": {"pipelines": "none"}}),
            "wrong_type",
            "no list",
        ),
    ] {
        let with = if code == "wrong_type" {
            json!([bad, {"edit": "add_pipeline", "pipeline": {}}])
        } else {
            json!([good, bad])
        };
        refused(two(), with, code, words);
    }
    for malformed in [
        json!({"edit": "paint"}),
        json!({"edit": "remove_stage"}),
        json!({"edit": "remove_stage", "stage": "a", "b": 1}),
    ] {
        assert!(serde_json::from_value::<Edit>(malformed).is_err());
    }
}

#[test]
fn the_first_thing_that_is_missing_is_named() {
    let filled = json!([{"user": "a"}]);
    for (document, kind, key, words) in [
        (
            json!({"kind": "approval", "key": "w"}),
            ElementKind::Workflow,
            "w",
            "the workflow `w` has no pipelines",
        ),
        (
            json!({"key": "w", "pipelines": [{"key": "p"}]}),
            ElementKind::Pipeline,
            "p",
            "the pipeline `p` has no stages",
        ),
        (
            json!({"key": "w", "pipelines": [
                {"key": "p", "stages": [{"key": "s", "approvals": filled}, {"key": "t", "approvals": []}]}, {"key": "q"}]}),
            ElementKind::Stage,
            "t",
            "the stage `t` of the pipeline `p` is not active: it has no approvals",
        ),
        (
            json!({"key": "w", "pipelines": [{"key": "p", "approvals": filled}, {"key": "q"}]}),
            ElementKind::Pipeline,
            "q",
            "the pipeline `q` has no approvals",
        ),
    ] {
        let outline = draft(document).outline(&[]);
        let first = outline.first.unwrap();
        assert_eq!(
            (first.kind, first.key.as_str(), first.message.as_str()),
            (kind, key, words)
        );
    }
    let third = Draft::new(json!({"key": "w"}), Some(Strategy::Approvals)).unwrap();
    assert_eq!(
        third.outline(&[]).first.unwrap().message,
        "the workflow `w` has no approvals"
    );
    for complete in [
        json!({"approvals": filled}),
        json!({"pipelines": [{"key": "p", "approvals": filled}]}),
        json!({"pipelines": [{"key": "p", "stages": [{"key": "s", "approvals": filled}]}]}),
        json!({"kind": "flow", "nodes": {}}),
    ] {
        let outline = draft(complete).outline(&[]);
        assert_eq!(outline.first, None);
        assert!(
            outline
                .pipelines
                .iter()
                .all(|pipeline| pipeline.is_complete)
        );
    }
}

#[test]
fn a_stage_is_active_while_it_has_valid_approvals() {
    let mut edited = draft(two());
    let is_active = |draft: &Draft| draft.outline(&[]).pipelines[0].stages[0].is_active;
    assert!(!is_active(&edited));
    for (approvals, active) in [(json!([{"user": "a"}]), true), (Value::Null, false)] {
        let with =
            json!([{"edit": "change_stage", "stage": "review", "with": {"approvals": approvals}}]);
        edited.edit(&edits(with)).unwrap();
        assert_eq!(is_active(&edited), active);
    }
    let with =
        json!([{"edit": "change_stage", "stage": "review", "with": {"approvals": [{"role": 5}]}}]);
    edited.edit(&edits(with)).unwrap();
    let path =
        signoff_core::pointer::Pointer::from_encoded("/pipelines/0/stages/0/approvals/0/role");
    let problem = signoff_core::problem::Problem::error("wrong_type", path, "expected a string");
    let outline = edited.outline(&[problem]);
    assert!(!outline.pipelines[0].stages[0].is_active);
    assert_eq!(outline.pipelines[0].stages[0].color, "#3498db");
}

#[test]
fn parts_have_size_limits_with_a_clear_message() {
    let with = |key: &str, bytes: usize| {
        let stage = json!({"key": "s", key: {"note": "س".repeat(bytes / 2)}});
        json!({"kind": "approval", "pipelines": [{"key": "p", "stages": [stage]}]})
    };
    assert!(Draft::new(with("meta", MAX_META_BYTES - 100), None).is_ok());
    assert!(Draft::new(with("forms", MAX_ELEMENT_BYTES - 100), None).is_ok());
    for (key, bytes, what) in [
        (
            "meta",
            MAX_META_BYTES,
            "the metadata of the stage `s` takes",
        ),
        (
            "forms",
            MAX_ELEMENT_BYTES,
            "the configuration of the stage `s` takes",
        ),
    ] {
        let problems = Draft::new(with(key, bytes), None).unwrap_err();
        assert_eq!(problems[0].code, "limit_exceeded");
        assert!(problems[0].message.starts_with(what), "{problems:?}");
        assert!(
            problems[0].message.contains(&bytes.to_string()),
            "{problems:?}"
        );
    }
}

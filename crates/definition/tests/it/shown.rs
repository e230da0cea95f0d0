//! Fields and sub-forms that are asked only where another field says so.

use serde_json::{Value, json};

use crate::schema::{check, check_refused};

const HIDDEN: &str = "is not asked for here";

/// A drop-down and a multi-choice with sub-forms, one of them inside another.
fn travel() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["by", "car", "plate", "visa"],
        "properties": {
            "by": {"enum": ["car", "plane", 5, true]},
            "places": {"type": "array", "items": {"type": "string"}},
            "car": {
                "type": "object",
                "shown_when": {"by": ["car", "5"]},
                "required": ["owner", "company"],
                "properties": {
                    "owner": {"enum": ["own", "rented"]},
                    "company": {"type": "string", "shown_when": {"owner": "rented"}},
                },
            },
            "plate": {"type": "string", "shown_when": {"car": "never"}},
            "visa": {"type": "string", "minLength": 2, "shown_when": {"places": "فاس"}},
            "night": {"type": "boolean", "shown_when": {"by": true, "places": "Cairo"}},
        },
    })
}

#[test]
fn a_sub_form_is_asked_where_the_choice_is_its_trigger_and_nowhere_else() {
    let travel = travel();
    check(&travel, &json!({"by": "plane"}), &[]);
    check(&travel, &json!({"by": "plane", "car": null}), &[]);
    check(
        &travel,
        &json!({"by": "plane", "car": {"owner": "own"}}),
        &[("/car", "shown_when", HIDDEN)],
    );
    check(
        &travel,
        &json!({"by": "car"}),
        &[("/car", "required", "is required")],
    );
    check(&travel, &json!({"by": "car", "car": {"owner": "own"}}), &[]);
    check(
        &travel,
        &json!({"by": "plane", "more": 1}),
        &[("/more", "additional_properties", "is not a known field")],
    );
}

#[test]
fn a_list_shows_what_it_contains_and_values_are_compared_as_text() {
    let travel = travel();
    check(&travel, &json!({"by": 5, "car": {"owner": "own"}}), &[]);
    check(
        &travel,
        &json!({"by": 5}),
        &[("/car", "required", "is required")],
    );
    let both = json!({"by": "plane", "places": ["Cairo", "فاس"]});
    check(&travel, &both, &[("/visa", "required", "is required")]);
    let short = json!({"by": "plane", "places": ["فاس"], "visa": "x"});
    check(
        &travel,
        &short,
        &[("/visa", "min_length", "must have at least 2 characters")],
    );
    check(
        &travel,
        &json!({"by": true, "places": ["Cairo"], "night": true}),
        &[],
    );
    let one = json!({"by": true, "places": [], "night": true});
    check(&travel, &one, &[("/night", "shown_when", HIDDEN)]);
}

#[test]
fn sub_forms_have_sub_forms_and_what_depends_on_a_hidden_field_is_hidden() {
    let travel = travel();
    let rented = json!({"by": "car", "car": {"owner": "rented"}});
    check(
        &travel,
        &rented,
        &[("/car/company", "required", "is required")],
    );
    let own = json!({"by": "car", "car": {"owner": "own", "company": "x"}});
    check(&travel, &own, &[("/car/company", "shown_when", HIDDEN)]);
    let hidden = json!({"by": "plane", "plate": "x"});
    check(&travel, &hidden, &[("/plate", "shown_when", HIDDEN)]);
    let chain = json!({"properties": {
        "a": {},
        "b": {"shown_when": {"a": 1}},
        "c": {"shown_when": {"b": 2}},
    }});
    check(&chain, &json!({"a": 1, "b": 2, "c": 3}), &[]);
    check(
        &chain,
        &json!({"a": 0, "b": 2, "c": 3}),
        &[("/b", "shown_when", HIDDEN)],
    );
    check(
        &chain,
        &json!({"a": 0, "c": 3}),
        &[("/c", "shown_when", HIDDEN)],
    );
}

#[test]
fn conditions_that_mean_nothing_are_refused_in_place() {
    let with = |field: Value| json!({"properties": {"a": {}, "b": field}});
    for (condition, place) in [
        (json!({}), ""),
        (json!("a"), ""),
        (json!({"x": 1}), "/x"),
        (json!({"b": 1}), "/b"),
        (json!({"a": null}), "/a"),
        (json!({"a": []}), "/a"),
        (json!({"a": [[1]]}), "/a"),
    ] {
        let place = format!("/properties/b/shown_when{place}");
        check_refused(
            &with(json!({"shown_when": condition})),
            &place,
            "shown_when",
        );
    }
    check_refused(
        &with(json!({"shown_when": {"a": 1}, "default": 1})),
        "/properties/b/default",
        "shown_when",
    );
    check_refused(
        &json!({"items": {"shown_when": {"a": 1}}}),
        "/items/shown_when",
        "shown_when",
    );
    let circle = json!({"properties": {
        "a": {"shown_when": {"b": 1}},
        "b": {"shown_when": {"a": 1}},
        "c": {},
    }});
    let errors = signoff_core::schemas::Schemas::compile(&signoff_definition::JsonSchemas, &circle);
    assert_eq!(errors.unwrap_err().len(), 2);
}

//! Schemas that could cost too much, and values that do.

use serde_json::{Map, json};
use signoff_core::schemas::Schemas;
use signoff_definition::JsonSchemas;

use crate::schema::{check, check_refused, compile};

#[test]
fn patterns_are_bounded_in_size_number_and_time() {
    let long = "x".repeat(1_025);
    check_refused(&json!({"pattern": long}), "/pattern", "pattern");
    let many: Vec<_> = (0..101)
        .map(|n| json!({"pattern": n.to_string()}))
        .collect();
    check_refused(&json!({"anyOf": many}), "/anyOf/100/pattern", "pattern");
    check_refused(&json!({"pattern": "(a{1000}){1000}"}), "/pattern", "format");

    let value = json!(format!("{}!", "a".repeat(100_000)));
    for pattern in ["^(a+)+$", "^(a|a)*$", r"^(\w*\w*)*$", "(.*)*x"] {
        let errors = compile(&json!({"pattern": pattern})).check(&value);
        assert_eq!(errors.len(), 1, "{pattern}");
    }
    check(
        &json!({"pattern": r"^[\p{L}\p{M} ]{1,100}$"}),
        &json!("مراجعة مالية"),
        &[],
    );
    check(&json!({"format": "regex"}), &json!("("), &[]);
}

#[test]
fn trees_are_allowed() {
    let tree = json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "left": {"$ref": "#"},
            "right": {"$ref": "#"},
            "children": {"type": "array", "items": {"$ref": "#"}},
        },
        "additionalProperties": false,
    });
    check(
        &tree,
        &json!({"name": "a", "left": {"name": "b"}, "children": [{"name": "c", "children": [{}]}]}),
        &[("/children/0/children/0/name", "required", "is required")],
    );
    let rule = json!({
        "anyOf": [
            {"type": "string"},
            {"properties": {"all": {"items": {"$ref": "#"}}}, "required": ["all"]},
            {"properties": {"any": {"items": {"$ref": "#"}}}, "required": ["any"]},
        ],
    });
    check(
        &rule,
        &json!({"all": ["a", {"any": ["b", {"all": []}]}]}),
        &[],
    );
}

#[test]
fn schemas_that_never_end_are_refused() {
    check_refused(&json!({"$ref": "#"}), "", "ref");
    check_refused(&json!({"allOf": [{"$ref": "#"}]}), "", "ref");
    let circle = json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"not": {"$ref": "#/$defs/a"}}}});
    check_refused(&circle, "", "ref");
}

#[test]
fn schemas_that_double_with_every_level_are_refused() {
    let again = json!({"$ref": "#"});
    for schema in [
        json!({"anyOf": [{"items": again}, {"items": again, "maxItems": 3}]}),
        json!({"items": again, "contains": again}),
        json!({"additionalProperties": again, "patternProperties": {"a": again}}),
        json!({"properties": {"a": again}, "allOf": [{"additionalProperties": again}]}),
        json!({"properties": {"a": {"allOf": [again, again]}}}),
    ] {
        let errors = JsonSchemas.compile(&schema).expect_err("is refused");
        assert_eq!(errors[0].code, "ref", "{schema}");
    }
}

#[test]
fn references_do_not_multiply_a_schema() {
    let mut defs = Map::new();
    for level in 0..40 {
        let next = json!({"$ref": format!("#/$defs/a{}", level + 1)});
        defs.insert(format!("a{level}"), json!({"allOf": [next, next]}));
    }
    defs.insert("a40".to_owned(), json!({"type": "string"}));
    check_refused(&json!({"$ref": "#/$defs/a0", "$defs": defs}), "", "ref");
}

#[test]
fn deep_and_large_schemas_and_values_are_refused() {
    let mut deep = json!({});
    for _ in 0..40 {
        deep = json!({"items": {"not": deep}});
    }
    check_refused(&deep, "", "limit");
    check_refused(&json!({"enum": vec![1; 20_000]}), "", "limit");
    let chain: Map<_, _> = (0..1_000)
        .map(|n| {
            (
                format!("a{n}"),
                json!({"$ref": format!("#/$defs/a{}", n + 1)}),
            )
        })
        .chain([("a1000".to_owned(), json!(true))])
        .collect();
    check_refused(&json!({"$ref": "#/$defs/a0", "$defs": chain}), "", "ref");

    let nested = |depth| (0..depth).fold(json!(1), |value, _| json!([value]));
    let tree = compile(&json!({"items": {"$ref": "#"}}));
    assert_eq!(tree.check(&nested(64)), []);
    assert_eq!(tree.check(&nested(65))[0].code, "limit");
    let flat = compile(&json!({"type": "array"}));
    assert_eq!(flat.check(&nested(128)), []);
    assert_eq!(flat.check(&nested(129))[0].code, "limit");
}

#[test]
fn the_deepest_schema_fits_a_small_stack() {
    let check = || {
        let again = (0..13).fold(
            json!({"items": {"$ref": "#"}, "type": ["array", "null"]}),
            |inner, _| json!({"allOf": [inner]}),
        );
        let value = (0..63).fold(json!([1]), |value, _| json!([value]));
        let errors = compile(&again).check(&value);
        assert_eq!(errors.len(), 1);
        let finite = (0..31).fold(
            json!({"type": "null"}),
            |inner, _| json!({"properties": {"a": inner}}),
        );
        let value = (0..31).fold(json!(1), |value, _| json!({"a": value}));
        assert_eq!(compile(&finite).check(&value).len(), 1);
    };
    let small = std::thread::Builder::new().stack_size(1 << 20);
    small.spawn(check).unwrap().join().unwrap();
}

#[test]
fn much_work_tells_only_the_first_error() {
    let parts: Vec<_> = (0..200).map(|_| json!({"type": "string"})).collect();
    let schema = compile(&json!({"items": {"allOf": parts}}));
    assert_eq!(schema.check(&json!(vec![1; 1_000])).len(), 100);
    assert_eq!(schema.check(&json!(vec![1; 10_000])).len(), 1);
    assert_eq!(schema.check(&json!(vec!["x"; 10_000])), []);
    assert_eq!(schema.check(&json!(vec![1; 150_000]))[0].code, "limit");
}

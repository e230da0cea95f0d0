//! JSON Schema: what is compiled, what is refused, what a value is told.

use std::sync::Arc;

use serde_json::{Value, json};
use signoff_core::schemas::{FieldError, Schema, Schemas};
use signoff_definition::JsonSchemas;

#[track_caller]
pub(crate) fn compile(schema: &Value) -> Arc<dyn Schema> {
    match JsonSchemas.compile(schema) {
        Ok(schema) => schema,
        Err(errors) => panic!("{schema}\n{errors:?}"),
    }
}

/// Checks the errors of `value`: pointer, code and message.
#[track_caller]
pub(crate) fn check(schema: &Value, value: &Value, expected: &[(&str, &str, &str)]) {
    let errors = compile(schema).check(value);
    let found: Vec<_> = errors
        .iter()
        .map(|error| {
            let FieldError {
                pointer,
                code,
                message,
            } = error;
            (pointer.as_str(), code.as_str(), message.as_str())
        })
        .collect();
    assert_eq!(found, expected, "{schema} {value}");
}

/// Checks that `schema` is refused at one place with one code.
#[track_caller]
pub(crate) fn check_refused(schema: &Value, place: &str, code: &str) {
    let errors = JsonSchemas.compile(schema).expect_err("is refused");
    let found: Vec<_> = errors
        .iter()
        .map(|error| (error.pointer.as_str(), error.code.as_str()))
        .collect();
    assert_eq!(found, [(place, code)], "{errors:?}");
    assert!(
        errors
            .iter()
            .all(|error| error.message.chars().count() <= 200)
    );
}

#[test]
fn a_form_tells_every_field_what_it_lacks() {
    let schema = json!({
        "type": "object",
        "required": ["title", "amount", "a/b"],
        "properties": {
            "title": {"type": "string", "maxLength": 3},
            "amount": {"type": "number", "minimum": 0},
            "a/b": {"type": "boolean"},
            "kind": {"enum": ["low", "high"]},
            "code": {"type": "string", "pattern": "^BDG-[0-9]{4}$"},
            "lines": {"type": "array", "items": {"type": "object", "required": ["sku"]}},
        },
        "additionalProperties": false,
    });
    check(
        &schema,
        &json!({"title": "abc", "amount": 1, "a/b": true}),
        &[],
    );
    check(
        &schema,
        &json!({"title": "abcd", "kind": "x", "code": "BDG", "lines": [{}], "more": 1, "most": 2}),
        &[
            ("/amount", "required", "is required"),
            ("/a~1b", "required", "is required"),
            ("/title", "max_length", "must have at most 3 characters"),
            ("/kind", "enum", "must be one of low, high"),
            (
                "/code",
                "pattern",
                "does not match the pattern `^BDG-[0-9]{4}$`",
            ),
            ("/lines/0/sku", "required", "is required"),
            ("/more", "additional_properties", "is not a known field"),
            ("/most", "additional_properties", "is not a known field"),
        ],
    );
}

/// Schema, value, and pointer, code and message of the error.
const WORDS: &[[&str; 5]] = &[
    [
        r#"{"type": "string"}"#,
        "1",
        "",
        "type",
        "must be of type string",
    ],
    [
        r#"{"type": ["string", "null"]}"#,
        "1",
        "",
        "type",
        "must be of type null or string",
    ],
    [r#"{"const": "a"}"#, "1", "", "const", "must be a"],
    [
        r#"{"enum": ["a", 2]}"#,
        "1",
        "",
        "enum",
        "must be one of a, 2",
    ],
    [
        r#"{"minimum": 2.5}"#,
        "1",
        "",
        "minimum",
        "must be at least 2.5",
    ],
    [r#"{"maximum": 2}"#, "3", "", "maximum", "must be at most 2"],
    [
        r#"{"exclusiveMinimum": 2}"#,
        "2",
        "",
        "exclusive_minimum",
        "must be more than 2",
    ],
    [
        r#"{"exclusiveMaximum": 2}"#,
        "2",
        "",
        "exclusive_maximum",
        "must be less than 2",
    ],
    [
        r#"{"multipleOf": 2}"#,
        "3",
        "",
        "multiple_of",
        "must be a multiple of 2",
    ],
    [
        r#"{"minLength": 1}"#,
        r#""""#,
        "",
        "min_length",
        "must have at least 1 character",
    ],
    [
        r#"{"minItems": 2}"#,
        "[]",
        "",
        "min_items",
        "must have at least 2 items",
    ],
    [
        r#"{"maxItems": 0}"#,
        "[1]",
        "",
        "max_items",
        "must have at most 0 items",
    ],
    [
        r#"{"minProperties": 1}"#,
        "{}",
        "",
        "min_properties",
        "must have at least 1 field",
    ],
    [
        r#"{"maxProperties": 0}"#,
        r#"{"a": 1}"#,
        "",
        "max_properties",
        "must have at most 0 fields",
    ],
    [
        r#"{"uniqueItems": true}"#,
        "[1, 1]",
        "",
        "unique_items",
        "has an item twice",
    ],
    [
        r#"{"contains": {"const": 1}}"#,
        "[2]",
        "",
        "contains",
        "does not have the items that it must have",
    ],
    [
        r#"{"pattern": "^a$"}"#,
        r#""b""#,
        "",
        "pattern",
        "does not match the pattern `^a$`",
    ],
    [
        r#"{"not": {"type": "string"}}"#,
        r#""b""#,
        "",
        "not",
        "has a form that is not allowed",
    ],
    [
        r#"{"anyOf": [{"const": 1}, {"const": 2}]}"#,
        "3",
        "",
        "any_of",
        "fits none of the allowed forms",
    ],
    [
        r#"{"oneOf": [{"const": 1}]}"#,
        "3",
        "",
        "one_of",
        "fits none of the allowed forms",
    ],
    [
        r#"{"oneOf": [true, true]}"#,
        "3",
        "",
        "one_of",
        "fits more than one of the allowed forms",
    ],
    [
        r#"{"properties": {"a": false}}"#,
        r#"{"a": 3}"#,
        "/a",
        "false_schema",
        "is not allowed here",
    ],
    [
        r#"{"prefixItems": [true], "items": false}"#,
        "[1, 2]",
        "/1",
        "items",
        "is not allowed here",
    ],
    [
        r#"{"additionalProperties": false}"#,
        r#"{"a~/": 1}"#,
        "/a~0~1",
        "additional_properties",
        "is not a known field",
    ],
    [
        r#"{"unevaluatedProperties": false}"#,
        r#"{"a": 1}"#,
        "/a",
        "unevaluated_properties",
        "is not a known field",
    ],
    [
        r#"{"unevaluatedItems": false}"#,
        "[1]",
        "",
        "unevaluated_items",
        "has items that are not allowed",
    ],
    [
        r#"{"propertyNames": {"maxLength": 1}}"#,
        r#"{"ab": 1}"#,
        "",
        "property_names",
        "has a field whose name must have at most 1 character",
    ],
    [
        r#"{"dependentRequired": {"a": ["b"]}}"#,
        r#"{"a": 1}"#,
        "/b",
        "required",
        "is required",
    ],
    [
        r#"{"if": {"required": ["a"]}, "then": {"required": ["b"]}}"#,
        r#"{"a": 1}"#,
        "/b",
        "required",
        "is required",
    ],
    [
        r##"{"$ref": "#/$defs/a", "$defs": {"a": {"type": "null"}}}"##,
        "1",
        "",
        "type",
        "must be of type null",
    ],
    [
        r##"{"$ref": "#a", "$defs": {"x": {"$anchor": "a", "type": "null"}}}"##,
        "1",
        "",
        "type",
        "must be of type null",
    ],
    [
        r##"{"$ref": "#/$defs/a%20b", "$defs": {"a b": {"type": "null"}}}"##,
        "1",
        "",
        "type",
        "must be of type null",
    ],
];

#[test]
fn a_field_that_is_called_like_a_keyword_is_refused_too() {
    let schema = json!({"properties": {"additionalProperties": false, "items": false}});
    check(
        &schema,
        &json!({"additionalProperties": 1}),
        &[(
            "/additionalProperties",
            "false_schema",
            "is not allowed here",
        )],
    );
    assert!(!compile(&schema).check(&json!({"items": {}})).is_empty());
}

#[test]
fn every_keyword_has_words() {
    for [schema, value, pointer, code, message] in WORDS {
        let json = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
        check(&json(schema), &json(value), &[(pointer, code, message)]);
    }
}

#[test]
fn formats_are_asserted() {
    for (format, good, bad) in [
        ("date", "2026-02-28", "2026-02-30"),
        ("date-time", "2026-01-05T09:00:00Z", "2026-01-05 09:00"),
        ("decimal", "10.50", "10,50"),
        (
            "file",
            "file:01900000-0000-7000-8000-000000000000",
            "01900000-0000-7000-8000-000000000000",
        ),
        ("duration", "P1DT2H", "1 day"),
        ("email", "ann@example.com", "ann"),
        ("ipv4", "127.0.0.1", "127.0.0.256"),
        ("time", "09:00:00Z", "25:00:00Z"),
        ("uri", "https://example.com", "example com"),
        ("uuid", "019a0000-0000-7000-8000-000000000000", "019a"),
    ] {
        let schema = compile(&json!({"format": format}));
        assert_eq!(schema.check(&json!(good)), [], "{format}");
        let errors = schema.check(&json!(bad));
        assert_eq!(errors.len(), 1, "{format}");
        assert_eq!(errors[0].code, "format", "{format}");
        assert_eq!(schema.check(&json!(5)), [], "formats speak of strings");
    }
    check(&json!({"format": "our-own"}), &json!("anything"), &[]);
    check(
        &json!({"format": "decimal"}),
        &json!("x"),
        &[("", "format", "must be a decimal number like 10.50")],
    );
}

#[test]
fn large_values_are_not_repeated() {
    let long = "x".repeat(100_000);
    let schemas = [
        json!({"type": "number"}),
        json!({"maxLength": 3}),
        json!({"enum": [long]}),
        json!({"const": long}),
        json!({"pattern": format!("^{}$", "y".repeat(1_000))}),
        json!({"anyOf": [{"type": "null"}]}),
        json!({"format": "date"}),
    ];
    for schema in schemas {
        for error in compile(&schema).check(&json!(format!("{long}!"))) {
            assert!(error.message.chars().count() <= 200, "{error:?}");
        }
    }
}

#[test]
fn at_most_a_hundred_errors_are_told() {
    let errors = compile(&json!({"items": {"type": "string"}})).check(&json!(vec![1; 5_000]));
    assert_eq!(errors.len(), 100);
    assert_eq!(errors[99].pointer.as_str(), "/99");
}

#[test]
fn localised_texts_are_allowed_where_schemas_stand() {
    let schema = json!({
        "title": {"en": "Form", "ar": "نموذج"},
        "properties": {"title": {"type": "string", "description": {"ar": "عنوان"}}},
        "required": ["title"],
    });
    check(&schema, &json!({"title": "x"}), &[]);
    check(
        &schema,
        &json!({"title": 1}),
        &[("/title", "type", "must be of type string")],
    );
    check_refused(&json!({"title": {"en": 1}}), "/title", "type");
    check_refused(
        &json!({"properties": {"a": {"title": 5}}}),
        "/properties/a/title",
        "type",
    );
}

#[test]
fn invalid_schemas_are_refused_in_place() {
    for (schema, place, code) in [
        (json!("x"), "", "type"),
        (json!(null), "", "type"),
        (json!({"type": "strin"}), "/type", "any_of"),
        (
            json!({"properties": {"a": {"minimum": "x"}}}),
            "/properties/a/minimum",
            "type",
        ),
        (json!({"properties": {"a": 5}}), "/properties/a", "type"),
        (json!({"required": "a"}), "/required", "type"),
        (json!({"maxLength": -1}), "/maxLength", "minimum"),
        (
            json!({"properties": {"a": {"pattern": "("}}}),
            "/properties/a/pattern",
            "format",
        ),
        (json!({"pattern": "(?=x)"}), "/pattern", "format"),
        (json!({"pattern": r"(a)\1"}), "/pattern", "format"),
        (
            json!({"patternProperties": {"(": true}}),
            "/patternProperties/(",
            "format",
        ),
        (
            json!({"$ref": "https://example.com/s.json"}),
            "/$ref",
            "ref",
        ),
        (
            json!({"items": {"$ref": "other.json#/a"}}),
            "/items/$ref",
            "ref",
        ),
        (json!({"$ref": "file:///etc/passwd"}), "/$ref", "ref"),
        (json!({"$ref": "#/$defs/none"}), "/$ref", "ref"),
        (json!({"$ref": "#none"}), "/$ref", "ref"),
        (
            json!({"$ref": "#/const", "const": {"type": "string"}}),
            "/$ref",
            "ref",
        ),
        (json!({"$dynamicRef": "#a"}), "/$dynamicRef", "dynamic_ref"),
        (
            json!({"$schema": "http://json-schema.org/draft-07/schema#"}),
            "/$schema",
            "schema",
        ),
        (
            json!({"items": {"$id": "https://example.com/x"}}),
            "/items/$id",
            "id",
        ),
    ] {
        check_refused(&schema, place, code);
    }
}

#[test]
fn all_errors_of_a_schema_are_told() {
    let schema = json!({"properties": {"a": {"minimum": "x"}, "b": {"type": 1}}});
    assert_eq!(JsonSchemas.compile(&schema).unwrap_err().len(), 2);
    let schema = json!({"properties": {"a": {"$ref": "x"}, "b": {"$ref": "y"}}});
    assert_eq!(JsonSchemas.compile(&schema).unwrap_err().len(), 2);
}

#[test]
fn the_draft_may_be_named() {
    let schema = json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.com/x", "type": "null"});
    check(&schema, &json!(null), &[]);
}

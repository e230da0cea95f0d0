//! YAML: what is read, and what is refused.

use serde_json::{Value, json};
use signoff_definition::{Format, parse};

use crate::{check_problem, problems};

#[track_caller]
fn check(text: &str, value: &Value) {
    match parse(text, Format::Yaml) {
        Ok(parsed) => assert_eq!(&parsed.value, value, "{text}"),
        Err(problems) => panic!("{text}\n{problems:?}"),
    }
}

#[test]
fn scalars_follow_the_core_schema() {
    check(
        "a: no\nb: yes\nc: 'true'\nd: true\ne: 12\nf: \"12\"\ng: 1.5\nh:\ni: ~\nj: on\n",
        &json!({"a": "no", "b": "yes", "c": "true", "d": true, "e": 12, "f": "12", "g": 1.5,
                "h": null, "i": null, "j": "on"}),
    );
}

#[test]
fn styles_of_text_are_read() {
    check(
        "a: |\n  x\n  y\nb: >\n  x\n  y\nc: \"\\u00e9\\n\"\nd: 'it''s'\ne: x\n  y\n",
        &json!({"a": "x\ny\n", "b": "x y\n", "c": "é\n", "d": "it's", "e": "x y"}),
    );
}

#[test]
fn the_order_of_the_text_is_kept() {
    let parsed = parse("b: 1\na: 2\n", Format::Yaml).unwrap();
    assert_eq!(parsed.value.to_string(), r#"{"b":1,"a":2}"#);
}

#[test]
fn aliases_stand_for_their_anchors() {
    check(
        "a: &x {k: [1]}\nb: *x\nc: [*x, &y z, *y]\n*y : key\n",
        &json!({"a": {"k": [1]}, "b": {"k": [1]}, "c": [{"k": [1]}, "z", "z"], "z": "key"}),
    );
}

#[test]
fn an_anchor_may_be_given_again() {
    check("[&a 1, *a, &a 2, *a]", &json!([1, 1, 2, 2]));
}

#[test]
fn tags_of_the_core_schema_decide() {
    check(
        "[!!str 12, !!int '12', !!float 1, !!bool 'true', !!null '', !!seq [], !!map {}, ! 12]",
        &json!(["12", 12, 1.0, true, null, [], {}, "12"]),
    );
}

#[test]
fn marks_around_a_document_are_allowed() {
    check(
        "\u{feff}%YAML 1.2\n--- # start\na: 1\n...\n# end\n",
        &json!({"a": 1}),
    );
    check("a: 1\r\nb: [x,]\r\n", &json!({"a": 1, "b": ["x"]}));
}

#[test]
fn a_root_that_is_no_mapping_is_read() {
    check("just text", &json!("just text"));
    check("- 1\n-\n", &json!([1, null]));
}

#[test]
fn json_is_yaml() {
    check(
        r#"{"a": [1, true, null, "x\/\n"]}"#,
        &json!({"a": [1, true, null, "x/\n"]}),
    );
}

#[test]
fn problems_have_code_and_place() {
    for (text, code, place) in [
        ("", "syntax", (1, 1)),
        ("# nothing\n", "syntax", (1, 1)),
        ("a: 1\nb: 2\na: 3\n", "duplicate_key", (3, 1)),
        ("{a: 1, 'a': 2}", "duplicate_key", (1, 8)),
        ("1: x\n", "invalid_key", (1, 1)),
        ("true: x\n", "invalid_key", (1, 1)),
        ("~: x\n", "invalid_key", (1, 1)),
        ("? [a]\n: x\n", "invalid_key", (1, 3)),
        ("? {a: b}\n: x\n", "invalid_key", (1, 3)),
        ("b: &b {x: 1}\nc:\n  <<: *b\n", "invalid_key", (3, 3)),
        ("a: 99999999999999999999\n", "invalid_number", (1, 4)),
        ("a: [.inf]\n", "invalid_number", (1, 5)),
        ("a: .nan\n", "invalid_number", (1, 4)),
        ("a: !custom 1\n", "invalid_tag", (1, 4)),
        ("a: !!int x\n", "invalid_tag", (1, 4)),
        ("a: !!seq {}\n", "invalid_tag", (1, 4)),
        ("a: !!set {}\n", "invalid_tag", (1, 4)),
        ("a: !!binary aGk=\n", "invalid_tag", (1, 4)),
        ("a: 1\n---\nb: 2\n", "multiple_documents", (2, 1)),
        ("a: *nope\n", "syntax", (1, 4)),
        ("a: &a [*a]\n", "syntax", (1, 8)),
        ("a: 'x\n\n", "syntax", (1, 4)),
        ("a: b: c\n", "syntax", (1, 5)),
        ("a:\n\tb: 1\n", "syntax", (2, 1)),
        ("a:\n  - b\n \t- c\n", "syntax", (3, 2)),
        ("a: [1, 2\n", "syntax", (1, 9)),
        ("a: }\n", "syntax", (1, 4)),
        ("a: @x\n", "syntax", (1, 4)),
        ("a: 1\nb\n", "syntax", (2, 2)),
        ("a: x\u{0}y\n", "syntax", (1, 5)),
    ] {
        check_problem(text, Format::Yaml, code, place);
    }
}

#[test]
fn all_problems_of_values_are_told() {
    insta::assert_snapshot!(
        problems("a:\n  - k: .inf\n  - {k: 1, k: 2}\nb/c: !x 1\n2: 3\na: 1\n", Format::Yaml).join("\n"),
        @r"
    2:8: invalid_number: infinity and not-a-number have no form in JSON (at /a/0/k)
    3:12: duplicate_key: the key `k` is given twice, first at 3:6 (at /a/1/k)
    4:6: invalid_tag: the tag `!x` is unknown or does not fit the value (at /b~1c)
    5:1: invalid_key: the key is not a string
    6:1: duplicate_key: the key `a` is given twice, first at 1:1 (at /a)
    "
    );
}

#[test]
fn errors_of_form_say_what_to_do() {
    let texts = [
        "a:\n\tb: 1\n",
        "when: a: b\n",
        "a: [b\nc: d\n",
        "a: 1\nb\n",
        "a: *b\n",
        "a: \"b\" c\n",
        "a: - b\n",
        "a: 1}\n]\n",
        "a: [b c: d, e: f: g]\n",
        "a: \"\n",
        "a: %b\n",
        "a: \"\\d\"\n",
        "a:\n  - b\n c: d\n",
        "a:\n  - b\n \t- c\n",
    ];
    let told: Vec<_> = texts
        .iter()
        .map(|text| match parse(text, Format::Yaml) {
            Ok(parsed) => format!("{text:?}\n  {}", parsed.value),
            Err(problems) => {
                let problem = &problems[0];
                let help = problem.help.as_deref().unwrap_or("-");
                format!("{text:?}\n  {problem}\n  {help}")
            }
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

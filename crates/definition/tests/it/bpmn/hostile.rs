//! Hostile documents cost little and are refused with a place.

use std::fmt::Write as _;

use signoff_definition::{bpmn, limits};

use super::{process, refused};

/// Checks code and place of the only problem of the document.
#[track_caller]
fn check(xml: &str, code: &str, place: (u32, u32)) {
    let problems = bpmn::import(xml).unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|problem| {
            let at = problem.position.unwrap();
            (problem.code, (at.line, at.column))
        })
        .collect();
    let shown: String = xml.chars().take(200).collect();
    assert_eq!(found, [(code, place)], "{shown}\n{problems:?}");
}

#[test]
fn what_is_not_well_formed_is_told() {
    for (xml, place) in [
        ("", (1, 1)),
        ("<a>", (1, 1)),
        ("<a>\n <b></a>", (2, 5)),
        ("<a/><b/>", (1, 5)),
        ("<a/>text", (1, 5)),
        ("<a b='1' b='2'/>", (1, 1)),
        ("<a b=1/>", (1, 1)),
        ("<a>\r\n\r\n&gone;</a>", (3, 1)),
        ("<a>&#7;</a>", (1, 4)),
        ("<a b='&#0;'/>", (1, 1)),
        ("<a b='&#7;'/>", (1, 1)),
        ("<a b='&gone;'/>", (1, 1)),
        ("<a>\n\u{7}</a>", (2, 1)),
        ("<x:a/>", (1, 1)),
    ] {
        check(xml, "syntax", place);
    }
}

#[test]
fn document_types_and_entities_are_refused() {
    let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>\n<d>&b;</d>";
    check(bomb, "syntax", (2, 1));
    let file = "<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><d/>";
    check(file, "syntax", (1, 1));
}

#[test]
fn limits_end_the_reading() {
    let large = "x".repeat(limits::MAX_TEXT_BYTES + 1);
    check(&large, "limit_exceeded", (1, 1));
    let deep = "<a>".repeat(limits::MAX_DEPTH + 1);
    let column = u32::try_from(3 * limits::MAX_DEPTH + 1).unwrap();
    check(&deep, "limit_exceeded", (1, column));
    let many = format!("<d>{}</d>", "<a/>".repeat(limits::MAX_NODES));
    let column = u32::try_from(4 * limits::MAX_NODES).unwrap();
    check(&many, "limit_exceeded", (1, column));
    let mut wide = "<a".to_owned();
    for n in 0..1_000 {
        write!(wide, " b{n}=''").unwrap();
    }
    check(&(wide + "/>"), "limit_exceeded", (1, 1));
}

#[test]
fn problems_are_told_up_to_a_number() {
    let many = "<gone/>".repeat(2 * limits::MAX_PROBLEMS);
    assert_eq!(refused(&many).len(), limits::MAX_PROBLEMS);
}

#[test]
fn circles_of_gateways_that_do_nothing_are_refused() {
    let circle = "<exclusiveGateway id=\"a\"/><exclusiveGateway id=\"b\"/>\
                  <sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"b\"/>\
                  <sequenceFlow id=\"g\" sourceRef=\"b\" targetRef=\"a\"/>";
    assert_eq!(refused(circle), [("not_supported_yet", 4)]);
}

#[test]
fn a_long_chain_of_gateways_costs_little() {
    let mut chain = "<startEvent id=\"g0\"/><endEvent id=\"g5000\"/>".to_owned();
    for n in 1..5_000 {
        write!(chain, "<exclusiveGateway id=\"g{n}\"/>").unwrap();
    }
    for n in 1..=5_000 {
        let before = n - 1;
        write!(
            chain,
            "<sequenceFlow id=\"f{n}\" sourceRef=\"g{before}\" targetRef=\"g{n}\"/>"
        )
        .unwrap();
    }
    let document = bpmn::import(&process(&chain)).unwrap();
    assert_eq!(document["nodes"]["g0"]["next"], "g5000");
}

#[test]
fn extensions_are_read_like_any_definition() {
    let extended = |extension: &str| {
        format!(
            "<startEvent id=\"s\"/>\n<endEvent id=\"e\"><extensionElements xmlns:s=\"https://github.com/signoff-rs/signoff/bpmn/v1\">\
             \n{extension}</extensionElements></endEvent>"
        )
    };
    let deep = "[".repeat(100) + &"]".repeat(100);
    for (extension, code) in [
        ("<s:end>{</s:end>", "syntax"),
        ("<s:end>[]</s:end>", "syntax"),
        ("<s:end>{\"a\": 1, \"a\": 2}</s:end>", "duplicate_key"),
        (
            &format!("<s:end>{{\"a\": {deep}}}</s:end>"),
            "limit_exceeded",
        ),
        ("<s:gone/>", "unknown_value"),
        ("<s:way/>", "unknown_value"),
        ("<s:end/><s:end/>", "unknown_value"),
    ] {
        assert_eq!(refused(&extended(extension)), [(code, 6)], "{extension}");
    }
}

#[test]
fn extensions_do_not_change_the_structure() {
    let rest =
        "{\"end\": {\"outcome\": \"x\"}, \"next\": \"gone\", \"task\": {}, \"on_error\": []}";
    let elements = format!(
        "<startEvent id=\"s\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"e\"><extensionElements>\
         <s:way xmlns:s=\"https://github.com/signoff-rs/signoff/bpmn/v1\">{{\"to\": \"gone\", \"when\": \"false\", \"seed\": 1}}</s:way>\
         </extensionElements></sequenceFlow><endEvent id=\"e\"><extensionElements>\
         <s:end xmlns:s=\"https://github.com/signoff-rs/signoff/bpmn/v1\">{rest}</s:end></extensionElements></endEvent>"
    );
    let nodes = super::nodes(&elements);
    let expected = serde_json::json!({
        "s": {"start": {}, "next": {"to": "e", "seed": 1}},
        "e": {"end": {"outcome": "x"}},
    });
    assert_eq!(nodes, expected);
}

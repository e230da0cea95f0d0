//! The drawings of the examples, as files. `UPDATE=1` writes them anew: look at them then.

use std::{fs, path::Path};

use signoff_core::id::NodeKey;
use signoff_definition::diagram::{Diagram, Direction, Mark, SvgOptions, TextOptions, Theme};

use super::graphs;

#[track_caller]
fn check(file: &str, drawn: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/diagrams")
        .join(file);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, drawn).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(stored, drawn, "{file}");
}

#[test]
fn examples_are_drawn_as_before() {
    for name in ["hello_world", "shipment", "purchase_request", "claim"] {
        let diagram = Diagram::of(&graphs::example(name));
        check(&format!("{name}.svg"), &diagram.svg(&SvgOptions::default()));
        check(&format!("{name}.mmd"), &diagram.mermaid());
        check(&format!("{name}.dot"), &diagram.dot());
    }
}

#[test]
fn a_chart_of_steps_names_statuses_and_transitions_in_every_form() {
    let diagram = Diagram::of(&graphs::example("claim"));
    let svg = diagram.svg(&SvgOptions::default());
    for text in [diagram.mermaid(), diagram.dot(), svg] {
        for part in [
            "Intake",
            "Received",
            "On hold",
            "Withdrawn",
            "Payout",
            "claim.amount",
        ] {
            assert!(text.contains(part), "{part}");
        }
    }
    let links = diagram.mermaid().matches("-->").count();
    assert_eq!(links, 7, "five transitions, the start and the end");
}

#[test]
fn every_kind_of_node_is_drawn_as_before() {
    let diagram = Diagram::of(&graphs::sample("everything"));
    check("everything.svg", &diagram.svg(&SvgOptions::default()));
    check("everything.mmd", &diagram.mermaid());
    check("everything.dot", &diagram.dot());
}

#[test]
fn marks_in_arabic_are_drawn_as_before() {
    let marks = [
        ("initial_review", Mark::Completed),
        ("budget_approval", Mark::Skipped),
        ("final_sign_off", Mark::Open),
    ];
    let options = SvgOptions {
        direction: Direction::Rtl,
        theme: Theme::Dark,
        locale: "ar".to_owned(),
        marks: marks.map(|(key, mark)| (NodeKey::from(key), mark)).into(),
    };
    let diagram = Diagram::of(&graphs::example("purchase_request"));
    check("purchase_request.ar.svg", &diagram.svg(&options));
    let options = TextOptions {
        direction: Direction::Rtl,
        locale: "ar".to_owned(),
    };
    check("purchase_request.ar.mmd", &diagram.mermaid_with(&options));
    check("purchase_request.ar.dot", &diagram.dot_with(&options));
}

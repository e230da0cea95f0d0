//! Titles that try to be something else.

use signoff_core::{
    graph::{Graph, GraphBuilder, Group, Node, NodeKind},
    text::Text,
};
use signoff_definition::diagram::{Diagram, Direction, SvgOptions, TextOptions};

use super::picture::Picture;

const TITLES: &[&str] = &[
    "end",
    "\"quoted\"]) --> x[(\"",
    "first\nsecond\r\n\tthird",
    "%%{init: {\"theme\": \"dark\"}}%%",
    "</text><script>alert(1)</script>&amp;&#x41;",
    "]]> <!-- --> <![CDATA[",
    "back\\slash\\\" \\N \\G",
    "#quot;#35;`md`;",
    "graph TD; subgraph x",
    "موافقة \"الميزانية\" النهائية",
    "\u{202e}turned\u{2066}\u{0}\u{1b}[31m\u{ffff}",
    "👩‍👩‍👧‍👦 審査",
    "",
    " ",
];

/// Each title is the title of the graph's only node, of its group, and of the graph.
fn graph(title: &str) -> Graph {
    let title = Text::Plain(title.to_owned());
    let mut node = Node::new(r#"k"ey<&]"#, NodeKind::Fail(r#"co"de"#.to_owned()));
    node.title = title.clone();
    node.group = Some("g".into());
    node.color = Some("red\"/><script>".to_owned());
    GraphBuilder::new("a \"b\" <c>")
        .title(title.clone())
        .group(Group {
            key: "g".into(),
            title,
            texts: signoff_core::graph::Texts::default(),
            department: None,
            when: None,
            next: None,
            actions: signoff_core::graph::ActionTable::new(),
        })
        .node(node)
        .build()
        .unwrap()
}

#[test]
fn a_picture_shows_them_as_text() {
    for title in TITLES {
        for direction in [Direction::Ltr, Direction::Rtl] {
            let svg = Diagram::of(&graph(title)).svg(&SvgOptions {
                direction,
                locale: "en\" onload=\"x".to_owned(),
                ..SvgOptions::default()
            });
            let picture = Picture::read(&svg);
            assert_eq!(picture.shapes.len(), 2, "{title}");
            assert_eq!(picture.shapes[1].node.as_deref(), Some(r#"k"ey<&]"#));
            assert!(!svg.contains("<script"), "{svg}");
            assert!(!svg.contains("onload=\"x"), "{svg}");
        }
    }
}

#[test]
fn mermaid_sees_letters_and_numbers_of_signs() {
    for title in TITLES {
        let text = Diagram::of(&graph(title)).mermaid();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 7, "a title adds no line: {text}");
        assert_eq!(lines[0], "flowchart LR");
        assert_eq!(lines[3], "    n0 --> n1");
        assert_eq!(lines[6], "    end");
        for (line, before, after) in [
            (lines[2], "    n1(((\"", "\")))"),
            (lines[4], "    subgraph g0[\"", "\"]"),
        ] {
            let label = line
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after));
            let label = label
                .unwrap_or_else(|| panic!("{line}"))
                .replace("<br/>", "");
            let plain = |char: char| {
                !char.is_control() && (!char.is_ascii_punctuation() || "#;,-.:_".contains(char))
            };
            assert!(label.chars().all(plain), "{label}");
            for part in label.split('#').skip(1) {
                let number = part
                    .split_once(';')
                    .map(|(number, _)| number.parse::<u32>());
                assert!(matches!(number, Some(Ok(33..=126))), "{label}");
            }
        }
    }
}

#[test]
fn dot_sees_quoted_strings() {
    for title in TITLES {
        let text = Diagram::of(&graph(title)).dot_with(&TextOptions {
            direction: Direction::Rtl,
            ..TextOptions::default()
        });
        let mut rest = text.as_str();
        let mut outside = String::new();
        while let Some((before, after)) = rest.split_once('"') {
            outside.push_str(before);
            rest = after_string(after);
        }
        outside.push_str(rest);
        assert_eq!(
            outside,
            "digraph  {\n    graph [rankdir=RL, label=];\n    node [shape=box, style=rounded];\n    \
             n0 [label=, shape=circle, style=solid];\n    n1 [label=, shape=circle, style=bold];\n    \
             n0 -> n1;\n    subgraph cluster_0 { label=; n1; }\n}\n",
            "{text}"
        );
    }
}

/// What follows the quoted string that has just begun.
#[track_caller]
fn after_string(text: &str) -> &str {
    let mut escaped = false;
    for (at, char) in text.char_indices() {
        match char {
            '"' if !escaped => return &text[at + 1..],
            '\\' => escaped = !escaped,
            char => {
                assert!(!char.is_control(), "{text}");
                escaped = false;
            }
        }
    }
    panic!("the string has no end: {text}");
}

#[test]
fn what_dot_escapes_is_what_was_written() {
    let text = Diagram::of(&graph("a\\\"b & \\N")).dot();
    assert!(
        text.contains(r#"label="a\\\"b &amp; \\N\nco\"de""#),
        "{text}"
    );
}

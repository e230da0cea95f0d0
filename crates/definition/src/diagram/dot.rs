//! The language of Graphviz.

use super::{
    face::{Face, Ring},
    options::{Direction, TextOptions},
    outline::{Item, Outline},
    plain,
};

/// Writes the graph. Boundaries, which Graphviz doesn't know, are dashed edges with a label.
pub(super) fn write(outline: &Outline, options: &TextOptions) -> String {
    let direction = match options.direction {
        Direction::Ltr => "LR",
        Direction::Rtl => "RL",
    };
    let locale = options.locale.as_str();
    let mut lines = vec![
        format!("digraph {} {{", quoted(&outline.key)),
        format!(
            "    graph [rankdir={direction}, label={}];",
            quoted(&plain::of(&outline.title, locale))
        ),
        "    node [shape=box, style=rounded];".to_owned(),
    ];
    for (index, item) in outline.items.iter().enumerate() {
        let label = quoted_lines(&plain::label(item, locale));
        lines.push(format!("    n{index} [label={label}{}];", shape(item)));
    }
    for link in &outline.links {
        let mut attributes = Vec::new();
        if let Some(label) = &link.label {
            attributes.push(format!("label={}", quoted(&plain::of(label, locale))));
        }
        if link.boundary.is_some() {
            attributes.push("style=dashed".to_owned());
        }
        let attributes = if attributes.is_empty() {
            String::new()
        } else {
            format!(" [{}]", attributes.join(", "))
        };
        lines.push(format!("    n{} -> n{}{attributes};", link.from, link.to));
    }
    lines.extend(clusters(outline, locale));
    lines.push("}\n".to_owned());
    lines.join("\n")
}

fn clusters(outline: &Outline, locale: &str) -> Vec<String> {
    let mut members = vec![Vec::new(); outline.frames.len()];
    for (index, item) in outline.items.iter().enumerate() {
        if let Some(frame) = item.frame {
            members[frame].push(format!("n{index};"));
        }
    }
    let clusters = members
        .iter()
        .enumerate()
        .filter(|(_, members)| !members.is_empty());
    clusters
        .map(|(index, members)| {
            let title = quoted_lines(&plain::frame_label(&outline.frames[index], locale));
            let members = members.join(" ");
            format!("    subgraph cluster_{index} {{ label={title}; {members} }}")
        })
        .collect()
}

const fn shape(item: &Item) -> &'static str {
    match &item.face {
        Face::Event {
            ring: Ring::Thin, ..
        } => ", shape=circle, style=solid",
        Face::Event {
            ring: Ring::Double, ..
        } => ", shape=doublecircle, style=solid",
        Face::Event {
            ring: Ring::Thick, ..
        } => ", shape=circle, style=bold",
        Face::Gateway(_) => ", shape=diamond, style=solid",
        Face::Task { markers, .. } if markers.is_empty() => "",
        Face::Task { .. } => ", peripheries=2",
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn quoted_lines(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    format!("\"{}\"", lines.join("\\n"))
}

/// Graphviz reads `\` as the begin of an escape and `&` as the begin of an entity.
fn escaped(text: &str) -> String {
    let visible = super::measure::one_line(text);
    visible
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('&', "&amp;")
}

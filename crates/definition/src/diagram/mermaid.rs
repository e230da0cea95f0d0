//! Mermaid flowcharts.

use std::fmt::Write as _;

use super::{
    face::{Face, Ring},
    options::{Direction, TextOptions},
    outline::{Item, Outline},
    plain,
};

/// Writes the flowchart. Boundaries, which Mermaid doesn't know, are dotted edges with a label.
pub(super) fn write(outline: &Outline, options: &TextOptions) -> String {
    let direction = match options.direction {
        Direction::Ltr => "LR",
        Direction::Rtl => "RL",
    };
    let locale = options.locale.as_str();
    let mut lines = vec![format!("flowchart {direction}")];
    for (index, item) in outline.items.iter().enumerate() {
        lines.push(format!("    n{index}{}", shape(item, locale)));
    }
    for link in &outline.links {
        let arrow = if link.boundary.is_some() {
            "-.->"
        } else {
            "-->"
        };
        let label = link.label.as_ref().map(|label| plain::of(label, locale));
        let label = label.filter(|label| !label.is_empty());
        let label = label.map_or_else(String::new, |label| format!("|{}|", quoted(&label)));
        lines.push(format!("    n{} {arrow}{label} n{}", link.from, link.to));
    }
    let mut members = vec![Vec::new(); outline.frames.len()];
    for (index, item) in outline.items.iter().enumerate() {
        if let Some(frame) = item.frame {
            members[frame].push(index);
        }
    }
    for (index, members) in members
        .iter()
        .enumerate()
        .filter(|(_, members)| !members.is_empty())
    {
        let title = quoted_lines(&plain::frame_label(&outline.frames[index], locale));
        lines.push(format!("    subgraph g{index}[{title}]"));
        lines.extend(members.iter().map(|member| format!("        n{member}")));
        lines.push("    end".to_owned());
    }
    lines.push(String::new());
    lines.join("\n")
}

fn shape(item: &Item, locale: &str) -> String {
    let label = quoted_lines(&plain::label(item, locale));
    match &item.face {
        Face::Event {
            ring: Ring::Thin, ..
        } => format!("(({label}))"),
        Face::Event {
            ring: Ring::Thick, ..
        } => format!("((({label})))"),
        Face::Event {
            ring: Ring::Double, ..
        } => format!("([{label}])"),
        Face::Gateway(_) => format!("{{{label}}}"),
        Face::Task { markers, .. } if markers.is_empty() => format!("({label})"),
        Face::Task { .. } => format!("[[{label}]]"),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn quoted_lines(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    format!("\"{}\"", lines.join("<br/>"))
}

/// Every sign that could mean something to Mermaid or to HTML is written as its number.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_ascii_punctuation() && !matches!(char, ',' | '-' | '.' | ':' | '_') {
            // Writing to a string never fails.
            let _ = write!(out, "#{};", u32::from(char));
        } else {
            out.push(char);
        }
    }
    out
}

//! Problems as people read them in a terminal.

use std::fmt::Write;

use signoff_core::problem::{Position, Problem, Severity};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::lines::Lines;

/// The widest excerpt of a line, in columns of the terminal.
const MAX_WIDTH: usize = 100;

/// What stands before a place in a long line, in columns of the terminal.
const MAX_BEFORE: usize = 60;

/// All `problems` with the lines of `text` they stand at, in the order given, a blank line between
/// them; empty without problems.
///
/// Each starts with `file:line:column: error[code]: message`, or without the place when the
/// problem has none, followed by the line of the text with a caret below the place and by
/// `= help: …`.
/// Long lines are cut. Control and bidirectional formatting characters never reach the terminal.
#[must_use]
pub fn render(file_name: &str, text: &str, problems: &[Problem]) -> String {
    let lines = Lines::new(text);
    let rendered: Vec<_> = problems
        .iter()
        .map(|problem| block(file_name, &lines, problem))
        .collect();
    rendered.join("\n")
}

/// `problem` in one line: `file:line:column: error[code]: message; help: …`, for logs and editors.
#[must_use]
pub fn render_line(file_name: &str, problem: &Problem) -> String {
    let mut line = header(file_name, problem);
    if let Some(help) = &problem.help {
        line.push_str("; help: ");
        line.push_str(&printable(help));
    }
    line
}

fn block(file_name: &str, lines: &Lines<'_>, problem: &Problem) -> String {
    let mut block = header(file_name, problem);
    block.push('\n');
    let place = problem.position;
    let excerpt = place.and_then(|at| Some((at, lines.get(at.line)?)));
    let number = excerpt.map_or_else(String::new, |(at, _)| at.line.to_string());
    let margin = " ".repeat(number.len());
    if let Some((at, line)) = excerpt {
        let (source, caret) = cut(line, at);
        block.push_str(&format_lines(&margin, &number, &source, caret));
    }
    if let Some(help) = &problem.help {
        let help = printable(help);
        block.push_str(&margin);
        block.push_str(" = help: ");
        block.push_str(&help);
        block.push('\n');
    }
    block
}

fn format_lines(margin: &str, number: &str, source: &str, caret: usize) -> String {
    let source = source.trim_end();
    let caret = " ".repeat(caret);
    let source_gap = if source.is_empty() { "" } else { " " };
    format!("{margin} |\n{number} |{source_gap}{source}\n{margin} | {caret}^\n")
}

fn header(file_name: &str, problem: &Problem) -> String {
    let mut header = printable(file_name);
    if let Some(Position { line, column }) = problem.position {
        let _infallible = write!(header, ":{line}:{column}");
    }
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let message = printable(&problem.message);
    let _infallible = write!(header, ": {severity}[{}]: {message}", problem.code);
    if problem.position.is_none() && !problem.path.is_root() {
        let path = printable(problem.path.as_str());
        let _infallible = write!(header, " (at {path})");
    }
    header
}

/// The part of `line` around `at` and the column of the terminal, from 0, where `at` is in it.
fn cut(line: &str, at: Position) -> (String, usize) {
    let n_before = usize::try_from(at.column).map_or(usize::MAX, |column| column.saturating_sub(1));
    let split = line
        .char_indices()
        .nth(n_before)
        .map_or(line.len(), |(idx, _)| idx);
    let before = printable(&line[..split]);
    let mut shown = String::new();
    let mut width = 0;
    for c in before.chars().rev() {
        let c_width = c.width().unwrap_or_default();
        if width + c_width > MAX_BEFORE && before.width() > MAX_BEFORE {
            shown.push('…');
            break;
        }
        width += c_width;
        shown.push(c);
    }
    let mut shown: String = shown.chars().rev().collect();
    let caret = shown.width();
    let mut width = caret;
    for c in line[split..].chars() {
        let c = printable_char(c);
        width += c.width().unwrap_or_default();
        if width > MAX_WIDTH {
            shown.push('…');
            break;
        }
        shown.push(c);
    }
    (shown, caret)
}

fn printable(text: &str) -> String {
    text.chars().map(printable_char).collect()
}

/// White space becomes a space; what would command the terminal or reorder the text, a mark.
fn printable_char(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => ' ',
        '\u{200e}'
        | '\u{200f}'
        | '\u{061c}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

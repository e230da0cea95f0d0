//! Errors of form in the words of someone who writes definitions.

use std::ops::RangeInclusive;

use saphyr_parser::ScanError;
use signoff_core::problem::Position;

use crate::{limits::MAX_DEPTH, lines::Lines};

/// Code, place, message and help for an error of the scanner.
pub(crate) fn explain(
    error: &ScanError,
    lines: &Lines<'_>,
) -> (&'static str, Position, String, Option<&'static str>) {
    let marker = error.marker();
    let at = lines.position(marker.line().saturating_sub(1), marker.col());
    let at = lines.back_to_text(at);
    if error.info().contains("recursion limit") {
        let message = format!("more than {MAX_DEPTH} levels of lists and mappings");
        return ("limit_exceeded", at, message, None);
    }
    let says_tab = error.info().contains("tab");
    let last = if says_tab { u32::MAX } else { at.line };
    if let Some(at) = indenting_tab(at.line..=last, lines) {
        let message = "a tab is used for indentation".to_owned();
        return ("syntax", at, message, Some("indent with spaces"));
    }
    for (words, message, help) in KNOWN {
        if error.info().contains(words) {
            return ("syntax", at, (*message).to_owned(), Some(help));
        }
    }
    ("syntax", at, error.info().to_owned(), None)
}

/// The first tab that indents one of `wanted` lines.
fn indenting_tab(wanted: RangeInclusive<u32>, lines: &Lines<'_>) -> Option<Position> {
    for line in wanted {
        let mut indentation = lines
            .get(line)?
            .chars()
            .take_while(|c| matches!(c, ' ' | '\t'));
        if let Some(column) = indentation.position(|c| c == '\t') {
            let column = u32::try_from(column).ok()?.checked_add(1)?;
            return Some(Position { line, column });
        }
    }
    None
}

/// Words of the scanner, what to say instead, and what to do.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "mapping values are not allowed",
        "a `:` is not allowed here",
        "put text that contains `: ` in quotes, or check the indentation",
    ),
    (
        "illegal placement of ':'",
        "a `:` is not allowed here",
        "check that every bracket and quote before it is closed",
    ),
    (
        "simple key expect",
        "a key without `:`",
        "write `key: value`, or indent the line to continue the text above",
    ),
    (
        "unknown anchor",
        "the alias has no anchor",
        "mark a value before it with `&name`, or put text that starts with `*` in quotes",
    ),
    (
        "did not find expected key",
        "expected a key of the mapping",
        "start all entries of one mapping in the same column",
    ),
    (
        "block sequence entries are not allowed",
        "a list item is not allowed here",
        "start the list on a line of its own",
    ),
    (
        "did not find expected '-'",
        "expected an item of the list",
        "start all items of one list in the same column",
    ),
    (
        "invalid indentation",
        "the line is not indented far enough",
        "indent it further than the line that opened the bracket or quote",
    ),
    (
        "misplaced bracket",
        "a closing bracket without an opening one",
        "remove it, or put text that contains brackets in quotes",
    ),
    (
        "did not find expected ',' or",
        "expected `,` or the closing bracket",
        "separate the entries with commas and close the bracket",
    ),
    (
        "found unexpected end of stream",
        "the quote is never closed",
        "close it, or double a quote that belongs to the text",
    ),
    (
        "invalid trailing content after",
        "text follows the closing quote",
        "put the whole text in quotes, or none of it",
    ),
    (
        "unexpected character",
        "text cannot start with this character",
        "put the text in quotes",
    ),
    (
        "unknown escape",
        "the escape is unknown",
        "write `\\\\` for a backslash, or use single quotes",
    ),
];

//! The lines of a text.

use signoff_core::problem::Position;

/// The lines of a text without their ends: `\n`, `\r\n` or `\r`, as YAML has it.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    lines: Vec<Line<'a>>,
}

#[derive(Debug)]
struct Line<'a> {
    text: &'a str,
    n_chars: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut lines = Vec::new();
        let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        while let Some(at) = rest.find(['\n', '\r']) {
            lines.push(Line::new(&rest[..at]));
            let end = if rest[at..].starts_with("\r\n") { 2 } else { 1 };
            rest = &rest[at + end..];
        }
        lines.push(Line::new(rest));
        Self { lines }
    }

    /// The text of line `line`, counted from 1.
    pub(crate) fn get(&self, line: u32) -> Option<&'a str> {
        let idx = usize::try_from(line).ok()?.checked_sub(1)?;
        self.lines.get(idx).map(|line| line.text)
    }

    /// The place of a character; both count from 0. Places outside of the text move to its end,
    /// those behind a line to the end of the line.
    pub(crate) fn position(&self, line: usize, column: usize) -> Position {
        let last = self.lines.len().saturating_sub(1);
        let (line, column) = if line > last {
            (last, usize::MAX)
        } else {
            (line, column)
        };
        let n_chars = self.lines.get(line).map_or(0, |line| line.n_chars);
        Position {
            line: number(line),
            column: number(column.min(n_chars)),
        }
    }

    /// `at`, or the end of the last line that says something when nothing follows `at`.
    pub(crate) fn back_to_text(&self, at: Position) -> Position {
        let said = |line: &Line<'_>| !line.text.trim().is_empty();
        let Some(last) = self.lines.iter().rposition(said) else {
            return at;
        };
        if number(last) < at.line {
            return self.position(last, usize::MAX);
        }
        at
    }
}

impl<'a> Line<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            n_chars: text.chars().count(),
        }
    }
}

/// Counts from 1 what counted from 0.
fn number(idx: usize) -> u32 {
    u32::try_from(idx).map_or(u32::MAX, |number| number.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_counts() {
        let lines = Lines::new("\u{feff}a\nb\r\nc\rd");
        let texts: Vec<_> = (1..=5).map(|line| lines.get(line)).collect();
        assert_eq!(texts, [Some("a"), Some("b"), Some("c"), Some("d"), None]);
    }

    #[test]
    fn places_outside_move_to_the_text() {
        let lines = Lines::new("ab\n\n");
        let place = |line, column| lines.position(line, column);
        assert_eq!(place(0, 9), Position { line: 1, column: 3 });
        assert_eq!(place(9, 9), Position { line: 3, column: 1 });
        assert_eq!(
            lines.back_to_text(place(9, 9)),
            Position { line: 1, column: 3 }
        );
    }
}

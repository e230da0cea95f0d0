//! How wide texts are, and how they are made to fit. No font is known, so widths are on the safe
//! side of what usual fonts take.

use signoff_core::text::Text;
use unicode_width::UnicodeWidthChar as _;

use super::layout::whole;

/// What stands for the rest of a text.
const REST: char = '…';

/// The width of `text` in pixels, in letters of `size` pixels.
pub(super) fn width(text: &str, size: i64) -> i64 {
    let hundredths: i64 = text.chars().map(char_width).sum();
    (hundredths * size + 99) / 100
}

/// A character's width in hundredths of the letters' size.
fn char_width(char: char) -> i64 {
    match char {
        ' ' | '!' | '\'' | '(' | ')' | ',' | '.' | ':' | ';' | 'I' | '[' | ']' | 'f' | 'i'
        | 'j' | 'l' | 'r' | 't' | '|' => 38,
        '%' | '@' | 'M' | 'W' | 'm' | 'w' => 92,
        'A'..='Z' => 72,
        // Arabic letters are narrow where they join.
        '\u{600}'..='\u{6ff}' if char.width() == Some(1) => 50,
        _ => match char.width() {
            None | Some(0) => 0,
            Some(1) => 56,
            Some(_) => 102,
        },
    }
}

/// The text on one line: without what breaks lines, and without signs that nobody sees.
pub(super) fn one_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|char| {
            if char.is_control() || is_hidden(char) {
                ' '
            } else {
                char
            }
        })
        .collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    words.join(" ")
}

/// Signs that turn the direction of what follows, and what no XML may hold.
const fn is_hidden(char: char) -> bool {
    matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// The text on one line of at most `room` pixels.
pub(super) fn shorten(text: &str, room: i64, size: i64) -> String {
    wrap(text, room, size, 1).pop().unwrap_or_default()
}

/// The text on at most `most` lines of at most `room` pixels each.
pub(super) fn wrap(text: &str, room: i64, size: i64, most: usize) -> Vec<String> {
    let text = one_line(text);
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        if lines.len() + 1 == most {
            lines.push(cut(rest, room, size));
            break;
        }
        let (line, after) = break_line(rest, room, size);
        lines.push(line.to_owned());
        rest = after.trim_start();
    }
    lines
}

/// How many bytes of the text fit, at least one character.
fn fitting(text: &str, room: i64, size: i64) -> usize {
    let mut taken = 0;
    for (at, char) in text.char_indices() {
        taken += char_width(char);
        if taken * size > room * 100 && at > 0 {
            return at;
        }
    }
    text.len()
}

/// Splits at the last space that fits, else in the middle of the word.
fn break_line(text: &str, room: i64, size: i64) -> (&str, &str) {
    let fits = fitting(text, room, size);
    if fits == text.len() {
        return (text, "");
    }
    let (head, tail) = text.split_at(fits);
    if tail.starts_with(' ') {
        return (head, tail);
    }
    match head.rfind(' ') {
        Some(space) => text.split_at(space),
        None => (head, tail),
    }
}

fn cut(text: &str, room: i64, size: i64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let room = room - width(&REST.to_string(), size);
    let kept = &text[..fitting(text, room, size)];
    format!("{}{REST}", kept.trim_end())
}

/// The most that `measure` gives for the text in any language.
pub(super) fn most(text: &Text, measure: impl Fn(&str) -> i64) -> i64 {
    let widest = match text {
        Text::Plain(text) => Some(measure(text)),
        Text::Localized(texts) => texts.values().map(|text| measure(text)).max(),
    };
    widest.unwrap_or(0)
}

/// On how many lines the text goes in any language.
pub(super) fn lines(text: &Text, room: i64, size: i64, at_most: usize) -> i64 {
    most(text, |text| whole(wrap(text, room, size, at_most).len()))
}

/// Whether the first letter is of a script that is written from right to left.
pub(super) fn is_rtl(text: &str) -> bool {
    let first = text.chars().find(|char| char.is_alphabetic());
    first.is_some_and(|char| {
        matches!(char, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_go_on_two_lines_at_most() {
        for (text, expected) in [
            ("", &[][..]),
            ("Short", &["Short"]),
            ("Final finance sign-off", &["Final finance", "sign-off"]),
            ("one\ntwo\tthree", &["one two three"]),
            (
                "The quick brown fox jumps over the lazy dog",
                &["The quick", "brown fox ju…"],
            ),
            (
                "Donaudampfschifffahrtsgesellschaft",
                &["Donaudampfsch", "ifffahrtsgesell…"],
            ),
            (
                "الموافقة المالية النهائية على الطلب الكبير",
                &["الموافقة", "المالية النهائ…"],
            ),
            (
                "審査と承認と最終確認と支払い",
                &["審査と承認と最", "終確認と支払い"],
            ),
        ] {
            let lines = wrap(text, 100, 13, 2);
            assert_eq!(lines, expected, "{text}");
            assert!(lines.iter().all(|line| width(line, 13) <= 100), "{lines:?}");
        }
    }

    #[test]
    fn the_direction_is_that_of_the_first_letter() {
        for (text, rtl) in [
            ("role: x", false),
            ("الدور: clerk", true),
            ("1 (א)", true),
            ("12", false),
        ] {
            assert_eq!(is_rtl(text), rtl, "{text}");
        }
    }
}

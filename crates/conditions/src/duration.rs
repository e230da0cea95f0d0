//! ISO 8601 durations of fixed length: `P1D` is 24 hours, `P1W` seven days.

use cel_interpreter::common::types::CelDuration;

use crate::error;

const DAY: i64 = 86_400;

/// The fields in the order that they may come in: whether after the `T`, letter, seconds.
const FIELDS: [(bool, char, i64); 5] = [
    (false, 'W', 7 * DAY),
    (false, 'D', DAY),
    (true, 'H', 3600),
    (true, 'M', 60),
    (true, 'S', 1),
];

/// The text in the form that CEL reads, such as `86400s` for `P1D`; `None` when `text` does not
/// look like ISO 8601 at all.
pub(crate) fn to_cel(text: &str) -> Option<Result<String, String>> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let body = rest.strip_prefix('P')?;
    let date = body.split('T').next().unwrap_or_default();
    if date.contains(['Y', 'M']) {
        return Some(Err(
            "months and years have no fixed length and need a calendar".to_owned(),
        ));
    }
    let malformed = || format!("not an ISO 8601 duration: {}", error::shortened(text));
    Some(
        seconds(body)
            .map(|seconds| format!("{sign}{seconds}s"))
            .ok_or_else(malformed),
    )
}

/// The decimal seconds of what follows the `P`.
fn seconds(body: &str) -> Option<String> {
    let mut total = 0_i64;
    let mut fraction = "";
    let mut in_time = false;
    let mut fields = FIELDS.iter();
    let mut number_at = 0;
    for (at, letter) in body.char_indices() {
        if letter.is_ascii_digit() || letter == '.' {
            continue;
        }
        let number = &body[number_at..at];
        number_at = at + letter.len_utf8();
        if letter == 'T' && !in_time && number.is_empty() {
            in_time = true;
            continue;
        }
        let (_, _, length) = fields.find(|(time, name, _)| (*time, *name) == (in_time, letter))?;
        let whole = match number.split_once('.') {
            // Only seconds have a fraction, down to nanoseconds.
            Some((whole, parts)) => {
                let is_fraction = (1..=9).contains(&parts.len()) && !parts.contains('.');
                if letter != 'S' || !is_fraction {
                    return None;
                }
                fraction = parts;
                whole
            }
            None => number,
        };
        let count: i64 = whole.parse().ok()?;
        total = total.checked_add(count.checked_mul(*length)?)?;
    }
    // Something was read, up to the end, and a `T` had something after it.
    if number_at != body.len() || body.is_empty() || body.ends_with('T') {
        return None;
    }
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{total}{point}{fraction}"))
}

/// The duration in ISO 8601, days at most: `P1DT12H`, `-PT0.5S`, `PT0S`.
pub(crate) fn to_iso(duration: &CelDuration) -> String {
    let length = duration.inner().abs();
    let (seconds, nanos) = (length.num_seconds(), length.subsec_nanos());
    let sign = if *duration.inner() == length { "" } else { "-" };
    let mut text = format!("{sign}P");
    let push = |text: &mut String, count: i64, letter: char| {
        if count != 0 {
            text.push_str(&format!("{count}{letter}"));
        }
    };
    push(&mut text, seconds / DAY, 'D');
    if seconds % DAY == 0 && nanos == 0 && seconds != 0 {
        return text;
    }
    text.push('T');
    push(&mut text, seconds % DAY / 3600, 'H');
    push(&mut text, seconds % 3600 / 60, 'M');
    if nanos != 0 {
        let fraction = format!("{nanos:09}");
        let fraction = fraction.trim_end_matches('0');
        text.push_str(&format!("{}.{fraction}S", seconds % 60));
    } else if seconds % 60 != 0 || seconds == 0 {
        text.push_str(&format!("{}S", seconds % 60));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_durations_become_seconds() {
        for (text, expected) in [
            ("P1D", Some("86400s")),
            ("P2W", Some("1209600s")),
            ("PT1H30M", Some("5400s")),
            ("-P1DT0.5S", Some("-86400.5s")),
            ("PT0S", Some("0s")),
            ("P", None),
            ("PT", None),
            ("P1DT", None),
            ("P1", None),
            ("PD", None),
            ("P1H", None),
            ("PT1M1H", None),
            ("PT1.5H", None),
            ("PT1.S", None),
            ("PT1.1.1S", None),
            ("P1D1D", None),
            ("P99999999999999999999D", None),
            ("P9223372036854775807D", None),
            ("P1é", None),
        ] {
            let read = to_cel(text).unwrap().ok();
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn months_and_years_need_a_calendar() {
        for text in ["P1M", "P1Y2D", "-P3M"] {
            let error = to_cel(text).unwrap().unwrap_err();
            assert!(error.contains("calendar"), "{text}: {error}");
        }
        assert_eq!(to_cel("PT3M"), Some(Ok("180s".to_owned())));
    }

    #[test]
    fn other_texts_are_left_to_the_library() {
        assert_eq!(to_cel("24h"), None);
        assert_eq!(to_cel(""), None);
    }
}

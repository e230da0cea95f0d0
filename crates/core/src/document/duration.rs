//! Durations as written: ISO 8601.

use jiff::{SignedDuration, Span};
use serde_json::Value;

use crate::{document::reader::Sink, pointer::Pointer, problem::Problem};

/// The longest duration: ten years of 365 days.
const LONGEST: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

/// An ISO 8601 duration such as `P2D` or `PT4H`; a day is 24 hours, a week 7 days.
pub(super) fn read(value: &Value, path: &Pointer, sink: &Sink) -> Option<SignedDuration> {
    let invalid = |message: String, help: &str| {
        sink.push(Problem::error("invalid_duration", path.clone(), message).help(help));
        None
    };
    let text = match value {
        Value::String(text) => text,
        Value::Object(_) => {
            sink.not_yet(path, "a duration in working days");
            return None;
        }
        other => {
            sink.wrong_type(path, "a duration such as `P2D`", other);
            return None;
        }
    };
    let shown: String = text.chars().take(80).collect();
    let span: Span = match text.parse() {
        Ok(span) if text.starts_with(['P', 'p']) => span,
        _ => {
            return invalid(
                format!("`{shown}` is not a duration"),
                "write ISO 8601: `P2D` is two days, `PT4H` four hours",
            );
        }
    };
    if span.get_years() != 0 || span.get_months() != 0 {
        return invalid(
            format!("`{shown}` has years or months, whose length differs"),
            "write days",
        );
    }
    match span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()) {
        Ok(duration) if !duration.is_positive() => invalid(
            format!("`{shown}` is not longer than nothing"),
            "write a positive duration",
        ),
        Ok(duration) if duration <= LONGEST => Some(duration),
        _ => invalid(format!("`{shown}` is too long"), "at most 3650 days"),
    }
}

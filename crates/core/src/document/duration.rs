//! Durations as written: ISO 8601, or working time.

use jiff::{SignedDuration, Span};
use serde_json::Value;

use crate::{
    calendar::Period,
    document::{
        keys,
        reader::{Fields, Sink},
    },
    pointer::Pointer,
    problem::{Problem, shown},
};

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
        other => {
            sink.wrong_type(path, "a duration such as `P2D`", other);
            return None;
        }
    };
    let shown = shown(text);
    let span = iso(text, path, sink)?;
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

/// How long, by the clocks of the document: a duration, or `{working_days: 2, working_hours: 4}`.
pub(super) fn period(value: &Value, path: &Pointer, sink: &Sink) -> Option<Period> {
    if value.is_object() {
        return working(value, path, sink);
    }
    let clocks = sink.clocks();
    let span = match value.as_str() {
        Some(text) if !clocks.zone => {
            let span = iso(text, path, sink)?;
            if span.get_years() != 0 || span.get_months() != 0 {
                let message = format!(
                    "`{}` has years or months, whose length differs",
                    shown(text)
                );
                sink.push(
                    Problem::error("invalid_duration", path.clone(), message)
                        .help("write days, or say by whose clocks with `time_zone`"),
                );
                return None;
            }
            return read(value, path, sink).map(Period::Exact);
        }
        Some(text) => iso(text, path, sink)?,
        None => return read(value, path, sink).map(Period::Exact),
    };
    civil(span).or_else(|| {
        let text = value.as_str().unwrap_or_default();
        let message = format!(
            "`{}` is not longer than nothing and at most ten years",
            shown(text)
        );
        sink.push(
            Problem::error("invalid_duration", path.clone(), message)
                .help("write a positive duration of at most ten years"),
        );
        None
    })
}

/// A span by the clocks of a zone: hours and less are elapsed time.
fn civil(span: Span) -> Option<Period> {
    const MOST_DAYS: i32 = 10 * 366;
    let months = i32::from(span.get_years()).checked_mul(12)?;
    let months = months.checked_add(span.get_months())?;
    let days = span
        .get_weeks()
        .checked_mul(7)?
        .checked_add(span.get_days())?;
    let time = span.years(0).months(0).weeks(0).days(0);
    let time = SignedDuration::try_from(time).ok()?;
    let positive = months >= 0 && days >= 0 && !time.is_negative();
    let nothing = months == 0 && days == 0 && time.is_zero();
    let fits = months <= 120 && days <= MOST_DAYS && time <= LONGEST;
    (positive && !nothing && fits).then_some(match (months, days) {
        (0, 0) => Period::Exact(time),
        _ => Period::Civil { months, days, time },
    })
}

fn working(value: &Value, path: &Pointer, sink: &Sink) -> Option<Period> {
    const MOST_DAYS: u32 = 2_500;
    const MOST_HOURS: u32 = 20_000;
    let fields = Fields::read(value, path, &[keys::WORKING], sink)?;
    if !sink.clocks().calendar {
        sink.push(
            Problem::error(
                "missing_calendar",
                path.clone(),
                "working time is counted, and the document has no `calendar`",
            )
            .help("say at the top when people work: `calendar: {working_days: [monday, …]}`"),
        );
        return None;
    }
    let number = |key, most| match fields.get(key) {
        None => Some(0),
        Some(_) => fields.number(key, 0, most),
    };
    let days = number("working_days", MOST_DAYS)?;
    let minutes = number("working_hours", MOST_HOURS)?.saturating_mul(60);
    if days == 0 && minutes == 0 {
        sink.push(
            Problem::error(
                "invalid_duration",
                path.clone(),
                "the working time is not longer than nothing",
            )
            .help("write `{working_days: 2}` or `{working_hours: 4}`"),
        );
        return None;
    }
    Some(Period::Working { days, minutes })
}

fn iso(text: &str, path: &Pointer, sink: &Sink) -> Option<Span> {
    match text.parse() {
        Ok(span) if text.starts_with(['P', 'p']) => Some(span),
        _ => {
            let message = format!("`{}` is not a duration", shown(text));
            sink.push(
                Problem::error("invalid_duration", path.clone(), message)
                    .help("write ISO 8601: `P2D` is two days, `PT4H` four hours"),
            );
            None
        }
    }
}

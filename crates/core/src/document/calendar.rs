//! `calendar`: when people work.

use jiff::civil::Date;
use serde_json::Value;

use crate::{
    calendar::{Holidays, Hours, Week},
    document::{
        keys,
        reader::{Fields, Sink},
    },
    pointer::Pointer,
    problem::{Problem, shown},
};

/// Holidays of one calendar, each day of a range counted.
const MOST_HOLIDAYS: usize = 2_000;
/// Working hours of one day.
const MOST_HOURS: usize = 24;

pub(super) fn read(fields: &Fields<'_>) -> Option<Week> {
    let path = fields.at("calendar");
    let value = fields.get("calendar")?;
    let inner = Fields::read(value, &path, &[keys::CALENDAR], fields.sink())?;
    inner.required("working_days");
    Some(Week {
        days: days(&inner),
        hours: hours(&inner),
        holidays: holidays(&inner),
    })
}

fn days(fields: &Fields<'_>) -> [bool; 7] {
    let mut days = [false; 7];
    let listed = fields.list("working_days");
    if listed.is_empty() && fields.get("working_days").is_some_and(Value::is_array) {
        fields.sink().push(Problem::error(
            "empty_list",
            fields.at("working_days"),
            "nobody works on any day",
        ));
    }
    for (value, path) in listed {
        let Some(word) = value.as_str() else {
            fields.sink().wrong_type(&path, "a day of the week", value);
            continue;
        };
        let lower = word.to_lowercase();
        let found = keys::WEEKDAYS.iter().position(|day| **day == lower);
        match found.and_then(|index| days.get_mut(index)) {
            Some(day) => *day = true,
            None => {
                let sink = fields.sink();
                sink.unknown_word(&path, "day of the week", word, keys::WEEKDAYS);
            }
        }
    }
    days
}

fn hours(fields: &Fields<'_>) -> Vec<Hours> {
    let path = fields.at("hours");
    let sink = fields.sink();
    let read = |value: &Value, path: &Pointer| span(value, path, sink);
    let mut hours: Vec<Hours> = match fields.get("hours") {
        None => return vec![Hours::WHOLE_DAY],
        Some(Value::Array(items)) if items.is_empty() || items.len() > MOST_HOURS => {
            sink.push(Problem::error(
                "invalid_calendar",
                path,
                format!("a day has from 1 to {MOST_HOURS} working hours"),
            ));
            return Vec::new();
        }
        Some(Value::Array(items)) => {
            let places = items.iter().enumerate();
            places
                .filter_map(|(index, item)| read(item, &path.index(index)))
                .collect()
        }
        Some(value) => read(value, &path).into_iter().collect(),
    };
    hours.sort_unstable();
    if let Some([_, later]) = hours
        .windows(2)
        .find(|pair| matches!(pair, [one, two] if two.from < one.until))
        .and_then(|pair| <&[Hours; 2]>::try_from(pair).ok())
    {
        let message = format!(
            "working hours overlap: those from {} begin before others end",
            clock(later.from)
        );
        sink.push(Problem::error("invalid_calendar", path, message));
    }
    hours
}

fn span(value: &Value, path: &Pointer, sink: &Sink) -> Option<Hours> {
    let fields = Fields::read(value, path, &[keys::HOURS], sink)?;
    fields.required("from");
    fields.required("to");
    let hours = Hours {
        from: minute(&fields, "from")?,
        until: minute(&fields, "to")?,
    };
    if hours.from >= hours.until {
        sink.push(
            Problem::error(
                "invalid_calendar",
                path.clone(),
                format!(
                    "working hours from {} to {} do not end after they begin",
                    clock(hours.from),
                    clock(hours.until)
                ),
            )
            .help("write a night in two parts, each on its own day: to `24:00`, and from `00:00`"),
        );
        return None;
    }
    Some(hours)
}

/// `08:30` in minutes; `24:00` ends a day.
fn minute(fields: &Fields<'_>, key: &str) -> Option<u16> {
    let text = fields.string(key)?;
    let read = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        let two = |digits: &str| {
            let plain = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
            plain.then(|| digits.parse::<u16>().ok()).flatten()
        };
        let (hour, minute) = (two(hour)?, two(minute)?);
        let total = hour * 60 + minute;
        (minute < 60 && total <= Hours::WHOLE_DAY.until).then_some(total)
    };
    let found = read(text);
    if found.is_none() {
        let shown = shown(text);
        fields.sink().push(
            Problem::error(
                "invalid_calendar",
                fields.at(key),
                format!("`{shown}` is not a time of the day"),
            )
            .help("write hours and minutes: `08:30`"),
        );
    }
    found
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn holidays(fields: &Fields<'_>) -> Holidays {
    let mut holidays = Holidays::default();
    let sink = fields.sink();
    for (value, path) in fields.list("holidays") {
        match value {
            Value::String(text) => holiday(text, &path, sink, &mut holidays),
            Value::Object(_) => range(value, &path, sink, &mut holidays),
            other => sink.wrong_type(&path, "a day such as `2026-09-23`", other),
        }
        if holidays.once.len() + holidays.yearly.len() > MOST_HOLIDAYS {
            sink.push(Problem::error(
                "limit_exceeded",
                fields.at("holidays"),
                format!("a calendar has at most {MOST_HOLIDAYS} holidays"),
            ));
            return Holidays::default();
        }
    }
    holidays
}

/// `2026-09-23`, or `09-23` of every year.
fn holiday(text: &str, path: &Pointer, sink: &Sink, holidays: &mut Holidays) {
    // A leap year has every day that a year can have.
    if let (5, Ok(date)) = (text.len(), format!("2024-{text}").parse::<Date>()) {
        holidays.yearly.insert((date.month(), date.day()));
    } else if let Some(date) = date(text, path, sink) {
        holidays.once.insert(date);
    }
}

fn range(value: &Value, path: &Pointer, sink: &Sink, holidays: &mut Holidays) {
    let Some(fields) = Fields::read(value, path, &[keys::HOURS], sink) else {
        return;
    };
    fields.required("from");
    fields.required("to");
    let day = |key: &str| date(fields.string(key)?, &fields.at(key), sink);
    let (Some(from), Some(to)) = (day("from"), day("to")) else {
        return;
    };
    if from > to {
        sink.push(Problem::error(
            "invalid_calendar",
            path.clone(),
            format!("the holidays from {from} to {to} end before they begin"),
        ));
        return;
    }
    let days = from
        .series(jiff::ToSpan::day(1))
        .take_while(|day| *day <= to);
    holidays.once.extend(days.take(MOST_HOLIDAYS + 1));
}

fn date(text: &str, path: &Pointer, sink: &Sink) -> Option<Date> {
    let found = text.parse().ok().filter(|_| text.len() == 10);
    if found.is_none() {
        let shown = shown(text);
        sink.push(
            Problem::error(
                "invalid_calendar",
                path.clone(),
                format!("`{shown}` is not a day"),
            )
            .help("write year, month and day: `2026-09-23`; `09-23` is that day of every year"),
        );
    }
    found
}

//! Days: `date(…)` and `business_days(…)`.
//!
//! A day is the timestamp of its midnight in UTC, wherever it was asked for: so days compare, and
//! durations can be added to them.

use std::collections::BTreeSet;

use cel_interpreter::{
    ExecutionError,
    common::{
        types::{CelInt, CelList, CelString, CelTimestamp},
        value::{CowVal, Val},
    },
};
use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use crate::error::{function, shortened};

/// `date(moment)` and `date(moment, zone)`.
pub(crate) const DATE: &str = "date";
/// `business_days(from, to)`, then the holidays, then the days of the weekend.
pub(crate) const BUSINESS_DAYS: &str = "business_days";

/// Saturday and Sunday, as `getDayOfWeek` counts.
const WEEKEND: [u32; 2] = [6, 0];

const UTC: Zone = Zone::Named(Tz::UTC);

type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

#[expect(clippy::needless_pass_by_value, reason = "the shape of an overload")]
pub(crate) fn date<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let zone = match args.get(1) {
        None => UTC,
        Some(zone) => {
            let name = text(zone.as_ref(), DATE, "a time zone such as `Europe/Warsaw`")?;
            let unknown = || function(DATE, format!("not a time zone: {}", shortened(name)));
            Zone::read(name).ok_or_else(unknown)?
        }
    };
    let day = day(DATE, first(&args, 0)?, zone)?;
    let midnight = day.and_time(NaiveTime::MIN).and_utc().fixed_offset();
    Ok(CowVal::owned(CelTimestamp::from(midnight)))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of an overload")]
pub(crate) fn business_days<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let from = day(BUSINESS_DAYS, first(&args, 0)?, UTC)?;
    let to = day(BUSINESS_DAYS, first(&args, 1)?, UTC)?;
    let mut holidays = BTreeSet::new();
    for holiday in items(args.get(2), "a list of holidays")? {
        holidays.insert(day(BUSINESS_DAYS, holiday.as_ref(), UTC)?);
    }
    let mut weekend = BTreeSet::new();
    for day in items(args.get(3), "a list of days of the week")? {
        let number = day.downcast_ref::<CelInt>().map(|day| *day.inner());
        match number.and_then(|day| u32::try_from(day).ok()) {
            Some(day) if day < 7 => weekend.insert(day),
            _ => {
                return Err(function(
                    BUSINESS_DAYS,
                    "a day of the week is 0 (Sunday) to 6",
                ));
            }
        };
    }
    if args.len() < 4 {
        weekend.extend(WEEKEND);
    }
    let (first, last, sign) = if from <= to {
        (from, to, 1)
    } else {
        (to, from, -1)
    };
    Ok(CowVal::owned(CelInt::from(
        sign * count(first, last, &holidays, &weekend),
    )))
}

/// The working days from `first` up to the one before `last`.
fn count(
    first: NaiveDate,
    last: NaiveDate,
    holidays: &BTreeSet<NaiveDate>,
    weekend: &BTreeSet<u32>,
) -> i64 {
    let works = |day: &NaiveDate| !weekend.contains(&day.weekday().num_days_from_sunday());
    let days = (last - first).num_days();
    let weeks = days / 7;
    let each_week = 7 - i64::try_from(weekend.len()).unwrap_or(0);
    let rest = u64::try_from(days % 7).unwrap_or(0);
    let begin = u64::try_from(weeks * 7).unwrap_or(0);
    let rest = (begin..begin + rest)
        .filter_map(|n| first.checked_add_days(Days::new(n)))
        .filter(works)
        .count();
    let free = holidays.range(first..last).filter(|day| works(day)).count();
    weeks * each_week + i64::try_from(rest).unwrap_or(0) - i64::try_from(free).unwrap_or(0)
}

/// The day of a timestamp, of the text of one, or of a text such as `2026-03-01`.
fn day(name: &str, value: &dyn Val, zone: Zone) -> Result<NaiveDate, ExecutionError> {
    if let Some(moment) = value.downcast_ref::<CelTimestamp>() {
        return Ok(zone.day(*moment.inner()));
    }
    let text = text(value, name, "a timestamp, or a day such as `2026-03-01`")?;
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(zone.day(moment));
    }
    let day: Option<NaiveDate> = text.parse().ok();
    day.filter(|day| text.len() == 10 && (1..=9999).contains(&day.year()))
        .ok_or_else(|| function(name, format!("not a day: {}", shortened(text))))
}

/// A zone by its name, or as a difference such as `+02:00`.
#[derive(Clone, Copy, Debug)]
enum Zone {
    Named(Tz),
    Fixed(FixedOffset),
}

impl Zone {
    fn read(name: &str) -> Option<Self> {
        let named = name.parse().map(Self::Named).ok();
        named.or_else(|| name.parse().map(Self::Fixed).ok())
    }

    fn day(self, moment: DateTime<FixedOffset>) -> NaiveDate {
        match self {
            Self::Named(zone) => moment.with_timezone(&zone).date_naive(),
            Self::Fixed(zone) => moment.with_timezone(&zone).date_naive(),
        }
    }
}

fn first<'a, 'v>(
    args: &'a [CowVal<'_, 'v>],
    at: usize,
) -> Result<&'a (dyn Val + 'v), ExecutionError> {
    let missing = || ExecutionError::InternalError("an argument is missing".to_owned());
    args.get(at).map(AsRef::as_ref).ok_or_else(missing)
}

fn text<'a>(value: &'a dyn Val, name: &str, wanted: &str) -> Result<&'a str, ExecutionError> {
    match value.downcast_ref::<CelString<'_>>() {
        Some(text) => Ok(text.inner()),
        None => Err(function(name, format!("expected {wanted}"))),
    }
}

fn items<'a, 'v>(
    list: Option<&'a CowVal<'_, 'v>>,
    wanted: &str,
) -> Result<&'a [Box<dyn Val + 'v>], ExecutionError> {
    match list.map(|list| list.downcast_ref::<CelList<'_>>()) {
        None => Ok(&[]),
        Some(Some(list)) => Ok(list.inner()),
        Some(None) => Err(function(BUSINESS_DAYS, format!("expected {wanted}"))),
    }
}

//! How long, as a definition says it.

use std::{cmp::Ordering, fmt};

use jiff::{SignedDuration, Span, Timestamp};

use super::Calendar;

/// How long: elapsed time, days of the clock on the wall, or working time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Period {
    /// Elapsed time.
    Exact(SignedDuration),
    /// Months, then days, by the calendar's zone; then elapsed time.
    ///
    /// A day that the month lacks is the last of the month; a moment that clocks jump over is the
    /// moment after the jump by as much.
    Civil {
        /// Months, twelve to a year.
        months: i32,
        /// Days, seven to a week.
        days: i32,
        /// Elapsed time.
        time: SignedDuration,
    },
    /// Working days, then working time.
    Working {
        /// Working days.
        days: u32,
        /// Minutes of working time.
        minutes: u32,
    },
}

impl From<SignedDuration> for Period {
    fn from(time: SignedDuration) -> Self {
        Self::Exact(time)
    }
}

impl Period {
    /// The moment that lies this long after `from`; `None` past the end of time.
    ///
    /// Working time that begins outside working hours counts from when they open.
    #[must_use]
    pub fn after(self, calendar: &Calendar, from: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Exact(time) => from.checked_add(time).ok(),
            Self::Civil { months, days, time } => {
                let zoned = from.to_zoned(calendar.zone().clone());
                let there = zoned.checked_add(span(months, days)?).ok()?;
                there.timestamp().checked_add(time).ok()
            }
            Self::Working { days, minutes } => calendar.forward(from, days, minutes),
        }
    }

    /// The moment that lies this long before `until`; `None` before the beginning of time.
    ///
    /// Working time that ends outside working hours counts back from when they closed.
    #[must_use]
    pub fn before(self, calendar: &Calendar, until: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Exact(time) => until.checked_sub(time).ok(),
            Self::Civil { months, days, time } => {
                let zoned = until.to_zoned(calendar.zone().clone());
                let there = zoned.checked_sub(span(months, days)?).ok()?;
                there.timestamp().checked_sub(time).ok()
            }
            Self::Working { days, minutes } => calendar.backward(until, days, minutes),
        }
    }

    /// This period so many times.
    #[must_use]
    pub fn times(self, n: u32) -> Option<Self> {
        let signed = i32::try_from(n).ok()?;
        Some(match self {
            Self::Exact(time) => Self::Exact(time.checked_mul(signed)?),
            Self::Civil { months, days, time } => Self::Civil {
                months: months.checked_mul(signed)?,
                days: days.checked_mul(signed)?,
                time: time.checked_mul(signed)?,
            },
            Self::Working { days, minutes } => Self::Working {
                days: days.checked_mul(n)?,
                minutes: minutes.checked_mul(n)?,
            },
        })
    }
}

impl PartialOrd for Period {
    /// Which is longer, where that does not depend on when they begin.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        fn of(orders: [Ordering; 3]) -> Option<Ordering> {
            let differing = |order: &&Ordering| **order != Ordering::Equal;
            let first = orders.iter().find(differing).copied();
            let first = first.unwrap_or(Ordering::Equal);
            let same = |order: &Ordering| *order == first || *order == Ordering::Equal;
            orders.iter().all(same).then_some(first)
        }
        match (self, other) {
            (Self::Exact(one), Self::Exact(two)) => Some(one.cmp(two)),
            (
                Self::Civil { months, days, time },
                Self::Civil {
                    months: other_months,
                    days: other_days,
                    time: other_time,
                },
            ) => of([
                months.cmp(other_months),
                days.cmp(other_days),
                time.cmp(other_time),
            ]),
            (
                Self::Working { days, minutes },
                Self::Working {
                    days: other_days,
                    minutes: other_minutes,
                },
            ) => of([
                days.cmp(other_days),
                minutes.cmp(other_minutes),
                Ordering::Equal,
            ]),
            _ => None,
        }
    }
}

impl fmt::Display for Period {
    /// ISO 8601; working time in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(time) => write!(f, "{time}"),
            Self::Civil { months, days, time } => {
                let span = Span::new().try_months(*months);
                let span = span.and_then(|span| span.try_days(*days));
                let time = Span::try_from(*time).and_then(|time| {
                    time.round(
                        jiff::SpanRound::new()
                            .largest(jiff::Unit::Hour)
                            .smallest(jiff::Unit::Second),
                    )
                });
                match (span, time) {
                    (Ok(span), Ok(time)) if time.is_zero() => write!(f, "{span}"),
                    (Ok(span), Ok(time)) if span.is_zero() => write!(f, "{time}"),
                    (Ok(span), Ok(time)) => {
                        write!(f, "{span}{}", time.to_string().trim_start_matches('P'))
                    }
                    _ => f.write_str("P"),
                }
            }
            Self::Working { days, minutes: 0 } => write!(f, "{days} working days"),
            Self::Working { days, minutes } => {
                if *days > 0 {
                    write!(f, "{days} working days and ")?;
                }
                match minutes % 60 {
                    0 => write!(f, "{} working hours", minutes / 60),
                    _ => write!(f, "{minutes} working minutes"),
                }
            }
        }
    }
}

fn span(months: i32, days: i32) -> Option<Span> {
    Span::new().try_months(months).ok()?.try_days(days).ok()
}

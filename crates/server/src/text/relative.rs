//! Times as people say them.

use jiff::Timestamp;

use crate::text::{Locale, fill};

/// A moment as a page shows it: relative, with the exact time beside.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) relative: String,
    pub(crate) exact: String,
    pub(crate) machine: String,
}

impl Moment {
    pub(crate) fn new(locale: Locale, now: Timestamp, at: Timestamp) -> Self {
        Self {
            relative: relative(locale, now, at),
            exact: at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            machine: at.to_string(),
        }
    }
}

/// How far `at` is from `now`: `in 2 days`, `3 hours ago`; beyond two months the date.
pub(crate) fn relative(locale: Locale, now: Timestamp, at: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    let words = locale.words();
    // Rounded to the nearest unit: a task that was given two days is due in two days, not in one.
    let minutes = (seconds.unsigned_abs() + 30) / 60;
    let (n, unit) = match minutes {
        0 => return words.just_now.to_owned(),
        1..60 => (minutes, &UNITS[0]),
        60..1410 => ((minutes + 30) / 60, &UNITS[1]),
        1410..87_840 => ((minutes + 720) / 1440, &UNITS[2]),
        _ => return at.strftime("%Y-%m-%d").to_string(),
    };
    let span = unit.of(locale, n);
    fill(
        if seconds > 0 {
            words.in_time
        } else {
            words.ago
        },
        &[("time", &span)],
    )
}

/// A unit of time with the plural forms of each language.
struct Unit {
    /// One, and any other number.
    english: [&'static str; 2],
    /// One, two, three to ten, and any other number.
    arabic: [&'static str; 4],
}

const UNITS: [Unit; 3] = [
    Unit {
        english: ["minute", "minutes"],
        arabic: ["دقيقة", "دقيقتين", "دقائق", "دقيقة"],
    },
    Unit {
        english: ["hour", "hours"],
        arabic: ["ساعة", "ساعتين", "ساعات", "ساعة"],
    },
    Unit {
        english: ["day", "days"],
        arabic: ["يوم", "يومين", "أيام", "يومًا"],
    },
];

impl Unit {
    fn of(&self, locale: Locale, n: u64) -> String {
        match (locale, n) {
            (Locale::Ar, 1) => self.arabic[0].to_owned(),
            (Locale::Ar, 2) => self.arabic[1].to_owned(),
            (Locale::Ar, 3..=10) => format!("{n} {}", self.arabic[2]),
            (Locale::Ar, _) => format!("{n} {}", self.arabic[3]),
            (Locale::En, 1) => format!("1 {}", self.english[0]),
            (Locale::En, _) => format!("{n} {}", self.english[1]),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn distances_are_said_in_the_largest_unit_that_fits() {
        let now: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
        for (seconds, english, arabic) in [
            (10, "just now", "الآن"),
            (-60, "1 minute ago", "قبل دقيقة"),
            (-50 * 60, "50 minutes ago", "قبل 50 دقيقة"),
            (2 * 3600, "in 2 hours", "خلال ساعتين"),
            (48 * 3600 - 40, "in 2 days", "خلال يومين"),
            (-5 * 86_400, "5 days ago", "قبل 5 أيام"),
            (100 * 86_400, "2026-04-15", "2026-04-15"),
        ] {
            let at = now + SignedDuration::from_secs(seconds);
            assert_eq!(relative(Locale::En, now, at), english);
            assert_eq!(relative(Locale::Ar, now, at), arabic);
        }
    }
}

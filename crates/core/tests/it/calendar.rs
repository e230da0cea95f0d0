//! Calendars: every period against somebody who walks minute by minute and looks at the clock.

use std::collections::BTreeSet;

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, DateTime, date},
    tz::TimeZone,
};
use proptest::prelude::{Strategy, any, prop, prop_assert_eq, proptest};
use signoff_core::calendar::{Calendar, Holidays, Hours, Period, Week};

const ZONES: &[&str] = &[
    "UTC0",
    "<+03>-3",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "EST5EDT,M3.2.0,M11.1.0",
    // Clocks jump at midnight: that day has no 00:30.
    "EET-2EEST,M4.5.5/0,M10.5.4/24",
];

fn calendar(zone: &str, days: [bool; 7], hours: &[(u16, u16)], holidays: &[Date]) -> Calendar {
    let hours = hours.iter().map(|(from, until)| Hours {
        from: *from,
        until: *until,
    });
    let week = Week {
        days,
        hours: hours.collect(),
        holidays: Holidays {
            once: holidays.iter().copied().collect(),
            yearly: BTreeSet::from([(2, 29), (12, 25)]),
        },
    };
    Calendar::new(TimeZone::posix(zone).unwrap(), week)
}

fn clock(calendar: &Calendar, at: Timestamp) -> DateTime {
    calendar.zone().to_datetime(at)
}

/// Whether the minute that begins at `at` is working time.
fn works(calendar: &Calendar, at: Timestamp) -> bool {
    let clock = clock(calendar, at);
    let minute = u16::try_from(clock.hour()).unwrap() * 60 + u16::try_from(clock.minute()).unwrap();
    let mut hours = calendar.week().hours.iter();
    calendar.week().works_on(clock.date())
        && hours.any(|hours| (hours.from..hours.until).contains(&minute))
}

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

/// Walks to the first working minute, then day by day, then minute by minute.
fn walk(calendar: &Calendar, from: Timestamp, days: u32, working: u32) -> Timestamp {
    let mut at = from;
    while !works(calendar, at) {
        at += minutes(1);
    }
    let time = clock(calendar, at).time();
    let mut date = clock(calendar, at).date();
    let mut left = days;
    while left > 0 {
        date = date.tomorrow().unwrap();
        left -= u32::from(calendar.week().works_on(date));
    }
    if days > 0 {
        // The first minute of that day at which the clock shows as much or more.
        let goal = date.to_datetime(time);
        at = calendar
            .zone()
            .to_timestamp(date.to_datetime(jiff::civil::Time::midnight()))
            .unwrap();
        at -= minutes(180);
        while clock(calendar, at) < goal {
            at += minutes(1);
        }
    }
    let mut left = working;
    while left > 0 {
        left -= u32::from(works(calendar, at));
        at += minutes(1);
    }
    at
}

/// The same backwards: a minute is what lies before a moment.
fn walk_back(calendar: &Calendar, until: Timestamp, working: u32) -> Timestamp {
    let mut at = until;
    while !works(calendar, at - minutes(1)) {
        at -= minutes(1);
    }
    let mut left = working;
    while left > 0 {
        at -= minutes(1);
        left -= u32::from(works(calendar, at));
    }
    at
}

fn weeks() -> impl Strategy<Value = Calendar> {
    // Whoever works at night has clocks that jump while working: whole days only.
    let hours = prop::sample::select(vec![
        vec![(0, 1440)],
        vec![(8 * 60, 16 * 60)],
        vec![(9 * 60, 12 * 60), (13 * 60 + 30, 17 * 60 + 45)],
        vec![(7 * 60, 8 * 60), (20 * 60, 1440)],
    ]);
    let days = any::<[bool; 7]>().prop_map(|mut days| {
        days[3] |= days == [false; 7];
        days
    });
    let holidays = prop::collection::vec(0..700_i64, 0..6);
    let zone = prop::sample::select(ZONES);
    (zone, days, hours, holidays).prop_map(|(zone, days, hours, holidays)| {
        let first = date(2027, 1, 1);
        let holidays: Vec<Date> = holidays.iter().map(|day| first + day.days()).collect();
        calendar(zone, days, &hours, &holidays)
    })
}

fn moments() -> impl Strategy<Value = Timestamp> {
    let first: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
    (0..700 * 1_440_i64).prop_map(move |minute| first + minutes(minute))
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(200))]

    #[test]
    fn working_time_is_what_a_walker_finds(
        calendar in weeks(), from in moments(), days in 0..6_u32, working in 0..3_000_u32,
    ) {
        let period = Period::Working { days, minutes: working };
        prop_assert_eq!(period.after(&calendar, from), Some(walk(&calendar, from, days, working)));
    }

    #[test]
    fn working_time_before_is_what_a_walker_finds(
        calendar in weeks(), until in moments(), working in 0..3_000_u32,
    ) {
        let period = Period::Working { days: 0, minutes: working };
        prop_assert_eq!(period.before(&calendar, until), Some(walk_back(&calendar, until, working)));
    }

    #[test]
    fn working_days_lead_there_and_back(calendar in weeks(), from in moments(), days in 1..9_u32) {
        let period = Period::Working { days, minutes: 0 };
        let there = period.after(&calendar, from).unwrap();
        let back = period.before(&calendar, there).unwrap();
        let begun = Period::Working { days: 0, minutes: 0 }.after(&calendar, from).unwrap();
        let same = |one: Timestamp, two: Timestamp| {
            clock(&calendar, one).date() == clock(&calendar, two).date()
        };
        // The opening of a day and the closing of the one before are the same to who comes back.
        let closed = Period::Working { days: 0, minutes: 0 }.before(&calendar, begun).unwrap();
        prop_assert_eq!(same(back, begun) || same(back, closed) || back == closed, true);
    }
}

fn riyadh() -> Calendar {
    let sunday_to_thursday = [true, true, true, true, false, false, true];
    calendar(
        "<+03>-3",
        sunday_to_thursday,
        &[(480, 960)],
        &[date(2026, 9, 23)],
    )
}

/// What `period` after a moment comes to, by the clock.
#[track_caller]
fn check(calendar: &Calendar, from: &str, period: Period, expected: &str) {
    let from: DateTime = from.parse().unwrap();
    let from = calendar.zone().to_timestamp(from).unwrap();
    let there = period.after(calendar, from).unwrap();
    let found = clock(calendar, there).strftime("%F %R").to_string();
    assert_eq!(found, expected, "{period} after {from}");
}

#[test]
fn friday_and_saturday_are_no_working_days_where_they_are_the_weekend() {
    let two = Period::Working {
        days: 2,
        minutes: 0,
    };
    // A Wednesday: Thursday and Sunday follow.
    check(&riyadh(), "2026-09-09T10:00", two, "2026-09-13 10:00");
    // A Friday counts from Sunday's opening.
    check(&riyadh(), "2026-09-11T12:00", two, "2026-09-15 08:00");
    // After closing, from the next opening; the national day is a holiday.
    check(&riyadh(), "2026-09-21T17:00", two, "2026-09-27 08:00");
    let hours = Period::Working {
        days: 0,
        minutes: 600,
    };
    check(&riyadh(), "2026-09-10T15:00", hours, "2026-09-14 09:00");
}

#[test]
fn a_month_ends_where_it_ends() {
    let month = |months| Period::Civil {
        months,
        days: 0,
        time: SignedDuration::ZERO,
    };
    for (from, months, expected) in [
        ("2027-01-31T09:00", 1, "2027-02-28 09:00"),
        ("2028-01-31T09:00", 1, "2028-02-29 09:00"),
        ("2028-02-29T09:00", 12, "2029-02-28 09:00"),
        ("2027-01-31T09:00", 2, "2027-03-31 09:00"),
    ] {
        check(&riyadh(), from, month(months), expected);
    }
    let berlin = calendar(ZONES[2], [true; 7], &[(0, 1440)], &[]);
    let until: Timestamp = "2027-03-31T07:00:00Z".parse().unwrap();
    let back = month(1).before(&berlin, until).unwrap();
    assert_eq!(
        back.to_string(),
        "2027-02-28T08:00:00Z",
        "09:00 in Berlin, both times"
    );
}

#[test]
fn a_day_is_a_day_of_the_clock_and_24_hours_are_24_hours() {
    let berlin = calendar(ZONES[2], [true; 7], &[(0, 1440)], &[]);
    let day = Period::Civil {
        months: 0,
        days: 1,
        time: SignedDuration::ZERO,
    };
    let hours = Period::Exact(SignedDuration::from_hours(24));
    check(&berlin, "2027-03-27T12:00", day, "2027-03-28 12:00");
    check(&berlin, "2027-03-27T12:00", hours, "2027-03-28 13:00");
    check(&berlin, "2027-10-30T12:00", day, "2027-10-31 12:00");
    check(&berlin, "2027-10-30T12:00", hours, "2027-10-31 11:00");
    // 02:30 does not happen that day: the clock shows as much after the jump.
    check(&berlin, "2027-03-27T02:30", day, "2027-03-28 03:30");
}

#[test]
fn periods_are_shown_as_they_are_written() {
    let civil = |months, days, hours| Period::Civil {
        months,
        days,
        time: SignedDuration::from_hours(hours),
    };
    for (period, shown) in [
        (Period::Exact(SignedDuration::from_hours(48)), "PT48H"),
        (civil(1, 2, 0), "P1M2D"),
        (civil(0, 2, 4), "P2DT4H"),
        (
            Period::Working {
                days: 2,
                minutes: 0,
            },
            "2 working days",
        ),
        (
            Period::Working {
                days: 0,
                minutes: 240,
            },
            "4 working hours",
        ),
    ] {
        assert_eq!(period.to_string(), shown);
    }
}

#[test]
fn a_calendar_without_working_time_gives_no_moment() {
    let never = calendar("UTC0", [false; 7], &[(0, 1440)], &[]);
    let now: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
    let period = Period::Working {
        days: 1,
        minutes: 0,
    };
    assert_eq!(period.after(&never, now), None);
    assert_eq!(period.before(&never, now), None);
}

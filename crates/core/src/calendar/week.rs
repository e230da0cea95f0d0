//! The working time of a week, and the holidays.

use std::collections::BTreeSet;

use jiff::civil::Date;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// The working time of a week, and the holidays.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Week {
    /// Whether each day is a working day, Monday first.
    pub days: [bool; 7],
    /// The working hours of a working day, earliest first, none of them overlapping.
    pub hours: Vec<Hours>,
    /// The days on which nobody works.
    pub holidays: Holidays,
}

/// Working hours, by the clock on the wall.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Hours {
    /// From this minute of the day, 0 to 1439.
    pub from: u16,
    /// Until this minute of the day, 1 to 1440.
    pub until: u16,
}

/// Days on which nobody works.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Holidays {
    /// Days of one year.
    pub once: BTreeSet<Date>,
    /// Months and days of every year.
    pub yearly: BTreeSet<(i8, i8)>,
}

impl Hours {
    /// A whole day.
    pub const WHOLE_DAY: Self = Self {
        from: 0,
        until: DAY,
    };

    /// Whether the day ends with them.
    #[must_use]
    pub const fn to_midnight(self) -> bool {
        self.until >= DAY
    }
}

impl Default for Week {
    /// Every minute of every day.
    fn default() -> Self {
        Self {
            days: [true; 7],
            hours: vec![Hours::WHOLE_DAY],
            holidays: Holidays::default(),
        }
    }
}

impl Week {
    /// Whether somebody works on that day.
    #[must_use]
    pub fn works_on(&self, date: Date) -> bool {
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        let holidays = &self.holidays;
        self.days.get(weekday).copied().unwrap_or(false)
            && !holidays.once.contains(&date)
            && !holidays.yearly.contains(&(date.month(), date.day()))
    }
}

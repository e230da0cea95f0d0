//! Calendars: which time is working time, and which moment lies a period away.
//!
//! Pure computations on given moments. The rules of a time zone come in with the calendar; nothing
//! here reads the clock or the zones of the machine.

mod period;
mod walk;
mod week;
mod zones;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone},
};

pub use self::{
    period::Period,
    week::{Holidays, Hours, Week},
    zones::Zones,
};

/// A time zone, and the working time in it.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    week: Week,
}

impl Default for Calendar {
    /// UTC, in which every minute is working time.
    fn default() -> Self {
        Self::new(TimeZone::UTC, Week::default())
    }
}

impl Calendar {
    /// The working time of `week`, by the clocks of `zone`.
    #[must_use]
    pub const fn new(zone: TimeZone, week: Week) -> Self {
        Self { zone, week }
    }

    /// The time zone.
    #[must_use]
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The working time of a week, and the holidays.
    #[must_use]
    pub const fn week(&self) -> &Week {
        &self.week
    }

    /// The first moment at which the clocks of the zone show `civil` or more. Where they show it
    /// twice, the earlier one; where they jump over it, the moment of the jump.
    fn moment(&self, civil: DateTime) -> Option<Timestamp> {
        let found = self.zone.to_ambiguous_timestamp(civil);
        let earlier = found.earlier().ok()?;
        match found.offset() {
            AmbiguousOffset::Gap { .. } => {
                let mut jumps = self.zone.following(earlier);
                jumps.next().map(|jump| jump.timestamp())
            }
            AmbiguousOffset::Fold { .. } | AmbiguousOffset::Unambiguous { .. } => Some(earlier),
        }
    }

    fn date_of(&self, moment: Timestamp) -> Date {
        self.zone.to_datetime(moment).date()
    }
}

//! Whose clocks count, and when people work.

use jiff::tz::TimeZone;

use crate::{
    calendar::Calendar,
    compile::Compiler,
    problem::{Problem, nearest, shown},
};

impl Compiler<'_> {
    pub(super) fn calendar(&mut self) -> Calendar {
        let week = self.document.calendar.clone().unwrap_or_default();
        // No day at all is told where the days are read.
        let week_has_days = week.days.contains(&true);
        let calendar = Calendar::new(self.zone(), week);
        if week_has_days && !calendar.has_working_time() {
            self.problems.push(
                Problem::error(
                    "invalid_calendar",
                    crate::pointer::Pointer::root().key("calendar"),
                    "the holidays leave no working time",
                )
                .help("give holidays of one year with their year: `2026-09-23`"),
            );
        }
        calendar
    }

    fn zone(&mut self) -> TimeZone {
        let Some(name) = &self.document.time_zone else {
            return TimeZone::UTC;
        };
        let zones = self.languages.zones;
        if let Some(zone) = zones.find(&name.value) {
            return zone;
        }
        let shown = shown(&name.value);
        let problem = Problem::error(
            "unknown_time_zone",
            name.path.clone(),
            format!("`{shown}` is not a known time zone"),
        );
        let near = nearest(&name.value, zones.names());
        self.problems.push(match near {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("write an IANA name such as `Asia/Riyadh`"),
        });
        TimeZone::UTC
    }
}

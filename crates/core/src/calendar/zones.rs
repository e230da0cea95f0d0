//! The port to the time zones of the world.

use std::fmt;

use jiff::tz::TimeZone;

/// Knows the rules of time zones by their names.
pub trait Zones: fmt::Debug + Send + Sync {
    /// The zone of that IANA name, such as `Asia/Riyadh`; `None` when there is none.
    fn find(&self, name: &str) -> Option<TimeZone>;

    /// All names, to find the one that was meant.
    fn names(&self) -> Vec<&str>;
}

//! What the SQL stores share: the statements, their stored forms, and a store over any driver.
//!
//! A crate that brings a database implements [`Driver`], [`Connection`] and [`Transaction`], and has
//! a [`Store`](crate::Store) by that; for a transaction of the host it implements [`Connection`].
//!
//! Ids are stored as 16 bytes or as the database's type for them, times as nanoseconds since 1970 in
//! 64 bits: exact from 1677-09-21 to 2262-04-11; a moment outside is stored as the nearest inside.
//! Texts that are no JSON must not hold U+0000; in JSON it is escaped and survives.

mod commit;
mod driver;
mod failed;
mod group_commit;
mod read;
mod row;
mod statement;
mod statements;
mod store;
mod unit;
mod writer_queue;

use jiff::Timestamp;

pub use self::{
    driver::{Connection, Dialect, Driver, Transaction, Written},
    failed::{Cause, Failed, cannot},
    group_commit::{
        Courier, Errand, GROUP_CONNECTIONS, GROUP_LIFETIME, GROUP_SETTINGS, GroupCommit,
    },
    row::{Cell, Row},
    statement::{Arg, Bound, Sql},
    statements::CONFLICT,
    writer_queue::{AskedBy, WriterQueue},
};

/// The stored form of a moment.
#[must_use]
pub fn nanos(at: Timestamp) -> i64 {
    let nanos = at.as_nanosecond();
    i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
}

/// The moment of a stored form.
#[must_use]
pub fn timestamp(nanos: i64) -> Timestamp {
    // Every i64 is within the range of a timestamp.
    Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_nanoseconds_and_stay_in_range() {
        for text in [
            "2026-01-01T00:00:00.123456789Z",
            "1969-12-31T23:59:59.999999999Z",
        ] {
            let at: Timestamp = text.parse().unwrap();
            assert_eq!(timestamp(nanos(at)), at);
        }
        assert_eq!(nanos(Timestamp::MAX), i64::MAX);
        assert_eq!(nanos(Timestamp::MIN), i64::MIN);
        assert!(timestamp(i64::MIN) < timestamp(i64::MAX));
    }
}

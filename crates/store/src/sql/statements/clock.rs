//! The clock of the database.

use crate::sql::{Bound, Sql};

// The moment of the statement, in nanoseconds since 1970. SQLite has the clock of the machine.
static NOW: Sql = Sql::new("SELECT NULL")
    .postgres("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) * 1000")
    .mysql("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6)) * 1000");

/// What time it is there, if it has a clock.
pub(crate) fn now() -> Bound {
    Bound::new(&NOW)
}

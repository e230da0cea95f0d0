//! What becomes of a database that lacks tables.

/// What becomes of a database that lacks tables.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SchemaOnOpen {
    /// They are made; on SQLite a missing file is created, on PostgreSQL a missing schema.
    Apply,
    /// Opening fails with `Schema`, or `Unavailable` where there is no file.
    Check,
}

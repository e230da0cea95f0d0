//! What a database that speaks as PostgreSQL does can do.

use crate::{
    contract::Capabilities,
    schema::{self, Schema},
};

/// What a database that speaks as PostgreSQL does can do.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum PostgresProfile {
    /// All that PostgreSQL 13 and newer can.
    #[default]
    Full,
    /// What distributed databases that are compatible can too: it does without skipping locked rows,
    /// notifications, statements that change several tables, and advisory locks.
    Plain,
}

impl PostgresProfile {
    /// The tables, and the runner that makes them.
    #[must_use]
    pub const fn schema(self) -> Schema {
        match self {
            Self::Full => schema::POSTGRES,
            Self::Plain => schema::POSTGRES_PLAIN,
        }
    }

    /// What the store may use.
    #[must_use]
    pub const fn capabilities(self) -> Capabilities {
        match self {
            Self::Full => Capabilities::POSTGRES,
            Self::Plain => Capabilities::POSTGRES_PLAIN,
        }
    }
}

//! What a database can do.

use signoff_store::{
    Capabilities,
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
    pub(super) fn capabilities(self) -> Capabilities {
        let mut capabilities = Capabilities::NONE;
        capabilities.durable = true;
        capabilities.shared = true;
        capabilities.transactions = true;
        capabilities.returning = true;
        if self == Self::Full {
            capabilities.skip_locked = true;
            capabilities.notify = true;
            capabilities.multi_statement_cte = true;
            capabilities.advisory_lock = true;
        }
        capabilities
    }
}

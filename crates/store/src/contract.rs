//! The storage contract: what the engine needs from a database, and nothing about workflows.

mod actions;
mod bindings;
mod definitions;
mod drafts;
mod fields;
mod files;
mod filters;
mod instances;
mod jobs;
mod messages;
mod page;
mod queries;
mod requests;
mod schedules;
mod stream;
mod substitutions;
mod unit;

use async_trait::async_trait;
use jiff::Timestamp;

pub use self::{
    actions::{ActionRow, ActionScope, Actions},
    bindings::{BindingRow, Bindings},
    definitions::{
        DefinitionRow, Definitions, Published, StartsOf, WorkflowChange, WorkflowRow,
        WorkflowStatus,
    },
    drafts::{DraftRow, Drafts},
    fields::{FieldFilter, FieldTest, InstanceOrder, Wanted},
    files::{FileRow, Files, sha256},
    filters::{Choice, Period},
    instances::{Instances, Load, Loaded, Part, Target},
    jobs::{ClaimedJob, Failure, JobSummary, Jobs, Lease},
    messages::{Messages, SubscriberFilter},
    page::{Cursor, Page, PageRequest},
    queries::{
        IncidentFilter, InstanceCount, InstanceFilter, InstanceSummary, NodeCount, PersonCount,
        Queries, Statistics, StatisticsFilter, TaskFilter, TaskSummary, Whose,
    },
    requests::{AnsweredRequest, KeptRequest, Requests},
    schedules::{ScheduleRow, Schedules},
    stream::{EntryFilter, Positioned, Stream},
    substitutions::{SubstitutionFilter, SubstitutionRow, Substitutions},
    unit::{OwnedTx, UnitOfWork},
};
use crate::error::Result;

/// Everything that a database does for the engine.
///
/// Split by use: bound functions by the part that they need.
#[async_trait]
pub trait Store:
    Actions
    + Bindings
    + Definitions
    + Drafts
    + Files
    + Instances
    + Jobs
    + Messages
    + Queries
    + Requests
    + Schedules
    + Stream
    + Substitutions
    + std::fmt::Debug
    + Send
    + Sync
{
    /// What this database can do; declared, never guessed from a name.
    fn capabilities(&self) -> Capabilities;

    /// What time it is at the database; `None` where it has no clock but that of this machine. Engines on
    /// machines whose clocks differ go by it, so that none takes the claim of another for over.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn now(&self) -> Result<Option<Timestamp>> {
        Ok(None)
    }

    /// Tells all processes that [listen](Self::announced) that there may be work; soon, and once for
    /// many calls. Nothing where the database [cannot](Capabilities::notify): whoever looks for work
    /// also looks now and then by itself.
    fn announce(&self) {}

    /// Waits until any process announced work; for ever where the database cannot tell.
    async fn announced(&self) {
        std::future::pending().await
    }
}

/// What a database can do.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Capabilities {
    /// The state outlives the process.
    pub durable: bool,
    /// Several engine processes may work on it at once.
    pub shared: bool,
    /// Engine functions and hosts can take part in one of its transactions.
    pub transactions: bool,
    /// A statement can skip rows that another transaction has locked.
    pub skip_locked: bool,
    /// Other processes can be told at once that there is work.
    pub notify: bool,
    /// A statement that changes rows can give them.
    pub returning: bool,
    /// One statement can change several tables.
    pub multi_statement_cte: bool,
    /// Locks that belong to no row.
    pub advisory_lock: bool,
}

impl Capabilities {
    /// Nothing.
    pub const NONE: Self = Self {
        durable: false,
        shared: false,
        transactions: false,
        skip_locked: false,
        notify: false,
        returning: false,
        multi_statement_cte: false,
        advisory_lock: false,
    };

    /// What SQLite can do.
    pub const SQLITE: Self = Self {
        durable: true,
        shared: true,
        transactions: true,
        returning: true,
        ..Self::NONE
    };

    /// What databases can do that are compatible with PostgreSQL, distributed ones among them.
    pub const POSTGRES_PLAIN: Self = Self::SQLITE;

    /// What PostgreSQL 13 and newer can do.
    pub const POSTGRES: Self = Self {
        skip_locked: true,
        notify: true,
        multi_statement_cte: true,
        advisory_lock: true,
        ..Self::POSTGRES_PLAIN
    };

    /// What MySQL 8 and MariaDB 10.6 and newer can do.
    pub const MYSQL: Self = Self {
        durable: true,
        shared: true,
        transactions: true,
        skip_locked: true,
        advisory_lock: true,
        ..Self::NONE
    };

    /// What both can do.
    #[must_use]
    pub const fn least(self, other: Self) -> Self {
        Self {
            durable: self.durable && other.durable,
            shared: self.shared && other.shared,
            transactions: self.transactions && other.transactions,
            skip_locked: self.skip_locked && other.skip_locked,
            notify: self.notify && other.notify,
            returning: self.returning && other.returning,
            multi_statement_cte: self.multi_statement_cte && other.multi_statement_cte,
            advisory_lock: self.advisory_lock && other.advisory_lock,
        }
    }
}

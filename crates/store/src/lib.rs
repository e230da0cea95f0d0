//! Signoff's storage contract, its SQL schema, a memory store and the conformance suite.
//!
//! An engine needs the traits of the contract, [`Store`] above all, and a store that keeps them:
//! [`MemoryStore`], or one of the crates `signoff-store-sqlx` and `signoff-store-diesel`. Who writes
//! a store finds the tables in [`schema`], statements and stored forms in [`sql`], and the suite
//! that every store runs in [`conformance`](crate#features).
//!
//! # Features
//! - `conformance`: the module `conformance`, a public suite of cases for any store.

#[cfg(feature = "conformance")]
pub mod conformance;
mod contract;
mod error;
mod memory;
mod place;
mod profile;
pub mod schema;
pub mod sql;

pub use self::{
    contract::{
        ActionRow, ActionScope, Actions, AnsweredRequest, BindingRow, Bindings, Capabilities,
        Choice, ClaimedJob, Cursor, DefinitionRow, Definitions, DraftRow, Drafts, EntryFilter,
        Failure, FieldFilter, FieldTest, FileRow, Files, IncidentFilter, InstanceCount,
        InstanceFilter, InstanceOrder, InstanceSummary, Instances, JobSummary, Jobs, KeptRequest,
        Lease, Load, Loaded, Messages, NodeCount, OwnedTx, Page, PageRequest, Part, Period,
        PersonCount, Positioned, Published, Queries, Requests, ScheduleRow, Schedules, StartsOf,
        Statistics, StatisticsFilter, Store, Stream, SubscriberFilter, SubstitutionFilter,
        SubstitutionRow, Substitutions, Target, TaskFilter, TaskSummary, UnitOfWork, Wanted, Whose,
        WorkflowChange, WorkflowRow, WorkflowStatus, sha256,
    },
    error::{Error, ErrorKind, Result},
    memory::MemoryStore,
    place::{InstancePlace, List, Place, Way},
    profile::PostgresProfile,
};

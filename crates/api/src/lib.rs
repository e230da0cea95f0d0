//! An embeddable workflow and approval engine.
//!
//! A team links Signoff into its service, keeps it in its own database, and gets business processes
//! with people in them: stages and approvals by role, delegation, resubmission, conditions, deadlines
//! and escalation, mail, an inbox, a history. Definitions are files that carry their own tests.
//!
//! What it is not: it has no users and passwords of its own (the host's [`Directory`] answers who
//! exists), spawns nothing by itself, and is no message broker.
//!
//! # Example: one approval
//! ```
//! use signoff::{Call, Engine, Format, MemoryDirectory, Profile, Start, TenantId, store::MemoryStore};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let person = |id: &str| Profile { id: id.into(), active: true, ..Profile::default() };
//! let engine = Engine::builder()
//!     .store(MemoryStore::default())
//!     .directory(MemoryDirectory::new([person("ann"), person("max")]))
//!     .build()?;
//! let definition = "{format: signoff/v1, kind: approval, key: leave, approvals: [{user: max}]}";
//! engine.publish(&TenantId::default(), &[(definition, Format::Yaml)]).await?;
//!
//! let started = engine.start(Start::of("leave").by("ann")).await?;
//! let done = engine.call(Call::approve(started.opened[0]).by("max")).await?;
//! assert_eq!(done.instance.status().as_str(), "completed");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Concepts
//! A [`Definition`] is one published version of a workflow; an instance is one run of it, about an
//! optional [`Subject`] of the host's. People decide its tasks: a [`Call`] is accepted and written
//! whole, or refused with a stable code ([`Refusal`]) and nothing written. [`NotDone`] tells a "no" from
//! a failure, and `?` passes both on. [`Engine::within`] joins a transaction that the host holds.
//!
//! A [`Worker`] sends what the engine has to send after the commit and fires deadlines; run one, or
//! call [`Engine::tick`]. A [`TenantRouter`] keeps tenants in databases of their own.
//!
//! # Features
//!
//! | feature | gives |
//! | --- | --- |
//! | `mail` (default) | mail by SMTP and into a folder |
//! | `sqlx-sqlite` (default) | the store on sqlx and SQLite, as [`sqlx`] |
//! | `sqlx-postgres` | the store on sqlx and PostgreSQL |
//! | `sqlx-mysql` | the store on sqlx and MySQL or MariaDB |
//! | `diesel-sqlite` | the store on diesel and SQLite, as `diesel` |
//! | `diesel-postgres` | the store on diesel-async and PostgreSQL |
//! | `diesel-postgres-sync` | the same, and hosts on diesel's synchronous connection; needs libpq |
//! | `diesel-mysql` | the store on diesel-async and MySQL or MariaDB |
//! | `testing` | the test kit: scenarios on a virtual clock |
//!
//! # Where next
//! The examples in the repository, in order of their numbers; `docs/errors` for every code.

mod binding;
mod call;
mod clock;
mod directory;
mod engine;
mod error;
mod function;
pub mod lists;
mod mail;
mod migration;
mod once;
mod router;
#[cfg(feature = "testing")]
pub mod testing;
mod worker;

/// What people read: how far instances are, who was asked, what was said, how long it takes.
pub mod reading {
    pub use signoff_core::reading::{
        ApprovalSummary, Asked, EntryStructure, FieldAnswer, GroupStructure, GroupSummary,
        GroupTitle, Position, Progress, Said, StageState, StageStructure, Structure, Tally,
    };

    pub use crate::engine::{
        Approval, CatalogueStatus, EntryDetail, EntryState, FilledForm, GroupDetail,
        InstanceDetail, Load, MyApprovals, MyCounts, NodeStatistics, Overview, Report, StageDetail,
        StatusMoment, SystemReport, Upcoming, VisitDetail, Waiting, WorkflowStatistics,
        WorkflowStatuses,
    };
}

pub use signoff_actions as actions;
pub use signoff_core as core;
pub use signoff_core::{
    id::{FileId, InstanceId, NodeKey, PersonId, RoleId, Subject, TaskId, TenantId, WorkflowKey},
    problem::Problem,
    refusal::{Refusal, RefusalCode},
};
pub use signoff_definition as definition;
pub use signoff_definition::Format;
pub use signoff_store as store;
#[cfg(any(
    feature = "diesel-mysql",
    feature = "diesel-postgres",
    feature = "diesel-sqlite"
))]
pub use signoff_store_diesel as diesel;
#[cfg(any(
    feature = "sqlx-mysql",
    feature = "sqlx-postgres",
    feature = "sqlx-sqlite"
))]
pub use signoff_store_sqlx as sqlx;

pub use self::{
    binding::Binding,
    call::{Call, Start},
    clock::{Clock, SystemClock, VirtualClock},
    directory::{BoxError, Directory, MemoryDirectory, Profile, Substitution},
    engine::{
        Attempt, Builder, Comment, Content, Definition, Done, DraftReport, DraftView, Engine,
        Entries, EntriesOf, Entry, InstanceView, Message, NewAction, PublishedDefinition, Retry,
        RunAction, Sent, Signal, Startable, StatusChoice, StepStatuses, StoredAction, TaskView,
        Unsuccessful, Upload, Visit, VisitState, VisitView, WayChoice, Within, WorkflowItem,
        Workflows, validate, validate_together,
    },
    error::{Error, ErrorKind, NotDone},
    function::{Function, FunctionContext},
    migration::{Becomes, MigrateAll, MigratedInstance, MigratedVisit, Migration, Removed},
    once::Once,
    router::{StoreDown, TenantMap, TenantRouter},
    worker::Worker,
};

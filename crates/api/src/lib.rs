//! An embeddable workflow and approval engine.

mod call;
mod clock;
mod directory;
mod engine;
mod error;
mod function;
mod mail;
#[cfg(feature = "testing")]
pub mod testing;
mod worker;

pub use signoff_actions as actions;
pub use signoff_core as core;
pub use signoff_core::{
    id::{InstanceId, NodeKey, PersonId, RoleId, Subject, TaskId, TenantId, WorkflowKey},
    problem::Problem,
    refusal::{Refusal, RefusalCode},
};
pub use signoff_definition as definition;
pub use signoff_definition::Format;
pub use signoff_store as store;
#[cfg(feature = "diesel-sqlite")]
pub use signoff_store_diesel as diesel;
#[cfg(feature = "sqlx-sqlite")]
pub use signoff_store_sqlx as sqlx;

pub use self::{
    call::{Call, Start},
    clock::{Clock, SystemClock, VirtualClock},
    directory::{BoxError, Directory, MemoryDirectory, Profile},
    engine::{
        Builder, Definition, Done, Engine, InstanceView, PublishedDefinition, TaskView, Within,
        validate,
    },
    error::{Error, ErrorKind, NotDone},
    function::{Function, FunctionContext},
    worker::Worker,
};

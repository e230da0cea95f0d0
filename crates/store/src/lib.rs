//! Signoff's storage contract, its SQL schema, a memory store and the conformance suite.

mod contract;
mod error;

pub use self::{
    contract::{
        Capabilities, ClaimedJob, Cursor, DefinitionRow, Definitions, Failure, IncidentFilter, InstanceFilter,
        InstanceSummary, Instances, Jobs, Lease, Load, Loaded, OwnedTx, Page, PageRequest, Part, Published,
        Queries, Store, Target, TaskFilter, TaskSummary, UnitOfWork, Whose, WorkflowRow,
    },
    error::{Error, ErrorKind, Result},
};

//! What people read: how far instances are, who was asked and what was said, who must act now.
//!
//! Each call asks the store a fixed number of questions, however many approvals or instances it is
//! about; compiled definitions are kept.

mod answers;
mod briefs;
mod catalogue;
mod detail;
mod mine;
mod overview;
mod statistics;
mod subjects;

pub use self::{
    answers::FilledForm,
    catalogue::{CatalogueStatus, WorkflowStatuses},
    detail::{
        Approval, EntryDetail, EntryState, GroupDetail, InstanceDetail, StageDetail, Upcoming,
        VisitDetail,
    },
    mine::{MyApprovals, MyCounts},
    overview::{Overview, Waiting},
    statistics::{Load, NodeStatistics, Report, SystemReport, WorkflowStatistics},
    subjects::StatusMoment,
};

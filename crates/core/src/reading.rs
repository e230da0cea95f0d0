//! What people read of definitions and instances: worked out from their state, nothing of it stored.
//!
//! Statuses and states are matched one by one here, so a new one cannot be forgotten.

mod answers;
mod brief;
mod position;
mod progress;
mod stages;
mod structure;
mod tally;

pub use self::{
    answers::FieldAnswer,
    brief::{
        Phase, Visited, brief_of_group, brief_of_instance, brief_of_node, brief_of_visit,
        reads_visit,
    },
    position::{GroupTitle, Position},
    progress::Progress,
    stages::{StageState, group_state, stage_states},
    structure::{
        ApprovalSummary, Asked, DEFAULT_COLOR, EntryStructure, GroupStructure, GroupSummary,
        StageStructure, Structure, known_persons,
    },
    tally::{Said, Tally, percent_of, said, said_by},
};

//! Tests of the core: scenarios and random runs of the machine, stored forms, documents.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod actions;
mod agreement;
mod approvals;
mod blocks;
mod boundaries;
mod calendar;
mod check;
mod children;
mod delegation;
mod directory;
mod documents;
mod facts;
mod flow;
mod flow_documents;
mod flow_ends;
mod flow_nodes;
mod fuzz;
mod graphs;
mod hand_over;
mod hostile;
mod joins;
mod kinds;
mod laws;
mod lifecycle;
mod limits;
mod matrix;
mod membership;
mod migration;
mod migration_wild;
mod operate;
mod operators;
mod pieces;
mod planned;
mod random;
mod records;
mod reference;
mod refusals;
mod resubmission;
mod returns;
mod separation;
mod sharing;
mod steps;
mod steps_documents;
mod steps_random;
mod steps_wild;
mod store;
mod timers;
mod toy;
mod transitions;
mod votes;
mod waiting;
mod wild;
mod world;

//! The server through its router: REST, pages, and who may do what.

#![expect(clippy::too_many_lines, reason = "a story is told in one go")]
#![expect(
    clippy::unwrap_used,
    reason = "helpers of the tests are not inside test functions"
)]

mod acts;
mod app;
mod audit;
mod bindings;
mod bpmn;
mod by_data;
#[path = "../../../api/tests/it/counted.rs"]
#[expect(dead_code, reason = "these tests break nothing")]
mod counted;
mod diagram;
mod drafts;
mod every_post;
mod files;
mod flow_pages;
mod flows;
mod gate;
mod hand_over;
mod incidents;
mod listing;
mod mailbox;
mod migrations;
mod once;
mod pages;
mod possible;
mod reading;
mod related;
mod rest;
mod searches;
mod steps;
mod stored;
mod visits;
mod workflows;

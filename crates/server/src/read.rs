//! What people read of instances and tasks: names, sentences, stages, data. No rule is decided here.

mod data;
mod forms;
mod names;
mod schema;
mod stages;
mod story;
mod titles;
mod waiting;

pub(crate) use self::{
    data::{Row, headline, rows},
    forms::{asked_data, form_of, is_completed_by_form, prefill, start_schema, without},
    names::Names,
    schema::{Property, in_language, localized, properties},
    stages::{Stage, color, stages, title_in_sentence, title_of},
    story::{Line, people_of, story},
    titles::{Titles, workflow_title},
    waiting::{holders, people_in, situation},
};

//! What people read of instances and tasks: names, sentences, stages, data. No rule is decided here.

mod data;
mod names;
mod schema;
mod stages;
mod story;
mod waiting;

pub(crate) use self::{
    data::{Row, headline, rows},
    names::Names,
    schema::{Property, localized, properties},
    stages::{Stage, color, entry_of, stages, title_of},
    story::{Line, people_of, story},
    waiting::{holders, people_in, situation},
};

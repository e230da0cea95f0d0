//! A task of a flow: a person does something and fills fields of the data.

use crate::graph::EntrySpec;

/// A node where one person does something.
#[derive(Clone, Debug)]
pub struct TaskNode {
    /// Who is asked, by when, and what is filled.
    pub entry: EntrySpec,
    /// What its form fills.
    pub fills: Fills,
    /// Whether its token goes back to the approval that it came from, which opens anew, and not on.
    pub goes_back: bool,
}

/// What the form of a task fills.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Fills {
    /// Fields of the instance's data.
    #[default]
    Data,
    /// A form of its own: `forms.<node>`.
    Form,
}

//! A task of a flow: a person does something and fills fields of the data.

use crate::graph::EntrySpec;

/// A node where one person does something.
///
/// The form of its entry lists the fields of the data that are filled.
#[derive(Clone, Debug)]
pub struct TaskNode {
    /// Who is asked, by when, and what is filled.
    pub entry: EntrySpec,
}

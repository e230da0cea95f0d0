//! Rows of counts.

use crate::{
    contract::{InstanceCount, NodeCount, PersonCount},
    error::Result,
    sql::Row,
};

/// Instances of one workflow in one status.
pub(crate) fn instance_count(mut row: Row) -> Result<InstanceCount> {
    Ok(InstanceCount {
        workflow: row.text()?,
        status: row.text()?,
        count: row.number()?,
        ended: row.number()?,
        total_ms: row.number()?,
        longest_ms: row.number()?,
    })
}

/// Tasks of one node.
pub(crate) fn node_count(mut row: Row) -> Result<NodeCount> {
    Ok(NodeCount {
        workflow: row.text()?,
        node: row.text()?,
        open: row.number()?,
        overdue: row.number()?,
        done: row.number()?,
        total_ms: row.number()?,
        longest_ms: row.number()?,
    })
}

/// Tasks of one person.
pub(crate) fn person_count(mut row: Row) -> Result<PersonCount> {
    Ok(PersonCount {
        person: row.text()?,
        open: row.number()?,
        overdue: row.number()?,
        done: row.number()?,
        total_ms: row.number()?,
    })
}

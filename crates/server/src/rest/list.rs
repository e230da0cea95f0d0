//! Lists: `{items, next_cursor}`.

use serde::Serialize;
use signoff::store::{Cursor, PageRequest};

use crate::fault::Fault;

/// A part of a list.
#[derive(Debug, Serialize)]
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
    pub(super) next_cursor: Option<String>,
}

/// Which part: 50 items when no limit is given, at most 500.
pub(super) fn page(limit: Option<u32>, cursor: Option<String>) -> Result<PageRequest, Fault> {
    let limit = limit.unwrap_or(50);
    if !(1..=500).contains(&limit) {
        return Err(Fault::malformed(format!(
            "expected a limit from 1 to 500, found {limit}"
        )));
    }
    Ok(PageRequest {
        limit,
        after: cursor.map(Cursor),
    })
}

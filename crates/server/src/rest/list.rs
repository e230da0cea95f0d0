//! Lists: `{items, next_cursor, prev_cursor}`, and `total` where it was asked for.

use serde::Serialize;
use signoff::{
    lists,
    store::{Page, PageRequest},
};

use crate::fault::Fault;

/// A part of a list.
#[derive(Debug, Serialize)]
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
    pub(super) next_cursor: Option<String>,
    /// Where the part before this one is.
    pub(super) prev_cursor: Option<String>,
    /// How many items the whole list has, when that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total: Option<u64>,
}

impl<T> List<T> {
    /// A list that is told whole.
    pub(super) fn whole(items: Vec<T>) -> Self {
        Self {
            items,
            next_cursor: None,
            prev_cursor: None,
            total: None,
        }
    }

    /// A part of a list, of which these items were made.
    pub(super) fn part<F>(items: Vec<T>, page: Page<F>) -> Self {
        Self {
            items,
            next_cursor: page.next.map(|cursor| cursor.0),
            prev_cursor: page.prev.map(|cursor| cursor.0),
            total: None,
        }
    }

    /// The same with the length of the whole list.
    pub(super) fn total(self, total: Option<u64>) -> Self {
        Self { total, ..self }
    }
}

/// Which part: 50 items when no limit is given, at most 500.
pub(super) fn page(limit: Option<u32>, cursor: Option<String>) -> Result<PageRequest, Fault> {
    Ok(lists::page(limit, cursor)?)
}

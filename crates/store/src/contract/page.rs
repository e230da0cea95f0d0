//! Keyset paging: stable under writes.

/// Which part of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PageRequest {
    /// At most so many items; 50, at most 500.
    pub limit: u32,
    /// Where the page begins: a cursor of a page before, in either direction; the first page when `None`.
    pub after: Option<Cursor>,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            limit: 50,
            after: None,
        }
    }
}

/// Where a page of a list begins, and whether it is read from there on or back: the sort key and the id
/// of the item beside it. Opaque to callers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cursor(pub String);

/// A part of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
    /// Where the page before this one begins; `None` on the first.
    pub prev: Option<Cursor>,
}

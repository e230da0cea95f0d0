//! Keyset paging: stable under writes.

/// Which part of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PageRequest {
    /// At most so many items; 50, at most 500.
    pub limit: u32,
    /// After which item; from the beginning when `None`.
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

/// A place in a list: the sort key and the id of the last item seen. Opaque to callers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cursor(pub String);

/// A part of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Where the next part begins; `None` at the end.
    pub next: Option<Cursor>,
}

//! What a cursor holds.

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    contract::{Cursor, InstanceOrder, InstanceSummary, Page, PageRequest},
    error::{Error, ErrorKind, Result},
};

/// The lists that are read in parts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum List {
    /// Closed tasks, the latest closed first.
    ClosedTasks,
    /// Incidents, the latest first.
    Incidents,
    /// Instances, the latest started first.
    Instances,
    /// Open tasks, the earliest opened first.
    OpenTasks,
}

/// A place in a list: what a [`Cursor`] holds, for those who write a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place {
    /// Which list.
    pub list: List,
    /// The sort key of the last item seen, in nanoseconds since 1970.
    pub at: i64,
    /// Its id.
    pub id: Uuid,
}

impl List {
    const fn code(self) -> &'static str {
        match self {
            Self::ClosedTasks => "c",
            Self::Incidents => "x",
            Self::Instances => "i",
            Self::OpenTasks => "o",
        }
    }

    /// The place before the first item.
    #[must_use]
    pub const fn beginning(self) -> Place {
        match self {
            Self::ClosedTasks | Self::Incidents | Self::Instances => Place {
                list: self,
                at: i64::MAX,
                id: Uuid::max(),
            },
            Self::OpenTasks => Place {
                list: self,
                at: i64::MIN,
                id: Uuid::nil(),
            },
        }
    }
}

impl Place {
    /// The place of an item.
    #[must_use]
    pub fn new(list: List, at: Timestamp, id: Uuid) -> Self {
        Self {
            list,
            at: crate::sql::nanos(at),
            id,
        }
    }

    /// The place in text.
    #[must_use]
    pub fn to_cursor(self) -> Cursor {
        Cursor(format!(
            "{}.{}.{}",
            self.list.code(),
            self.at,
            self.id.simple()
        ))
    }

    /// Where a page of one of `lists` begins: the first of them when the request names no place.
    ///
    /// # Errors
    /// `Other` when the cursor is not one of `lists`, or `lists` is empty.
    pub fn of(page: &PageRequest, lists: &[List]) -> Result<Self> {
        let place = match &page.after {
            None => lists.first().map(|list| list.beginning()),
            Some(Cursor(text)) => lists.iter().find_map(|list| Self::parse(*list, text)),
        };
        place.ok_or_else(|| Error::new(ErrorKind::Other, "the cursor is not one of this list"))
    }

    fn parse(list: List, text: &str) -> Option<Self> {
        let (at, id) = text
            .strip_prefix(list.code())?
            .strip_prefix('.')?
            .split_once('.')?;
        Some(Self {
            list,
            at: at.parse().ok()?,
            id: id.parse().ok()?,
        })
    }
}

/// A place in a list of instances, in whatever order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum InstancePlace {
    /// Behind the instance with this key of the field, and this id; at the beginning when `None`.
    Field(Option<(String, Uuid)>),
    /// In the list of the latest started.
    Started(Place),
}

impl InstancePlace {
    /// Where a page of the list begins.
    ///
    /// # Errors
    /// `Other` when the cursor is not one of the list.
    pub fn of(page: &PageRequest, order: &InstanceOrder) -> Result<Self> {
        if *order == InstanceOrder::Started {
            return Place::of(page, &[List::Instances]).map(Self::Started);
        }
        let Some(Cursor(text)) = &page.after else {
            return Ok(Self::Field(None));
        };
        let parsed = text
            .strip_prefix("f.")
            .and_then(|rest| rest.split_once('.'))
            .and_then(|(id, key)| Some((key.to_owned(), id.parse().ok()?)));
        match parsed {
            Some(place) => Ok(Self::Field(Some(place))),
            None => Err(Error::new(
                ErrorKind::Other,
                "the cursor is not one of this list",
            )),
        }
    }
}

impl Page<InstanceSummary> {
    /// The first `size` instances of those that were read, each with the key that it is ordered by,
    /// if it is ordered by one.
    #[must_use]
    pub fn of_instances(mut read: Vec<(InstanceSummary, Option<String>)>, size: usize) -> Self {
        let more = read.len() > size;
        read.truncate(size);
        let cursor = |(row, key): &(InstanceSummary, Option<String>)| match key {
            Some(key) => Cursor(format!("f.{}.{key}", row.id.uuid().simple())),
            None => Place::new(List::Instances, row.started_at, row.id.uuid()).to_cursor(),
        };
        let next = read.last().filter(|_| more).map(cursor);
        let items = read.into_iter().map(|(row, _)| row).collect();
        Self { items, next }
    }
}

impl PageRequest {
    /// How many items to give: the limit, within 1 and 500.
    #[must_use]
    pub fn size(&self) -> usize {
        usize::try_from(self.limit.clamp(1, 500)).unwrap_or(500)
    }
}

impl<T> Page<T> {
    /// The page of at most `size` items out of `items`, which may hold more: then another follows.
    #[must_use]
    pub fn cut(mut items: Vec<T>, size: usize, place: impl FnOnce(&T) -> Place) -> Self {
        let more = items.len() > size;
        items.truncate(size);
        let next = items
            .last()
            .filter(|_| more)
            .map(|last| place(last).to_cursor());
        Self { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_of_its_list_only() {
        let place = Place::new(
            List::OpenTasks,
            "2026-01-01T00:00:00.123456789Z".parse().unwrap(),
            Uuid::max(),
        );
        let page = |after| PageRequest { limit: 1, after };
        let lists = [List::ClosedTasks, List::OpenTasks];
        assert_eq!(
            Place::of(&page(Some(place.to_cursor())), &lists).unwrap(),
            place
        );
        assert_eq!(
            Place::of(&page(None), &lists).unwrap(),
            List::ClosedTasks.beginning()
        );
        for bad in ["", "o", "o.1", "o.x.y", "z.1.2", "o..", "💥"] {
            let bad = page(Some(Cursor(bad.to_owned())));
            assert!(Place::of(&bad, &lists).is_err(), "{bad:?}");
        }
        assert!(Place::of(&page(Some(place.to_cursor())), &[List::Instances]).is_err());
    }
}

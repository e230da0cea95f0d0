//! What a cursor holds.

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    contract::{Cursor, InstanceOrder, InstanceSummary, Page, PageRequest, TaskFilter},
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

/// Which way a page is read from its place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// What comes before it, the nearest first: against the order of the list.
    Back,
    /// What comes after it, in the order of the list.
    On,
}

impl Way {
    /// What a cursor of a page before begins with.
    const MARK: char = '-';

    /// The other one.
    const fn turned(self) -> Self {
        match self {
            Self::Back => Self::On,
            Self::On => Self::Back,
        }
    }

    /// The place where a list begins that is read this way.
    #[must_use]
    pub const fn edge(self, list: List) -> Place {
        match self {
            Self::Back => list.end(),
            Self::On => list.beginning(),
        }
    }
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

impl List {
    /// The place after the last item.
    #[must_use]
    pub const fn end(self) -> Place {
        let beginning = match self {
            Self::ClosedTasks | Self::Incidents | Self::Instances => Self::OpenTasks,
            Self::OpenTasks => Self::ClosedTasks,
        };
        Place {
            list: self,
            ..beginning.beginning()
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

    /// Where a page of one of `lists` begins, and which way it is read: on from the first of them when
    /// the request names no place.
    ///
    /// # Errors
    /// `Other` when the cursor is not one of `lists`, or `lists` is empty.
    pub fn of(page: &PageRequest, lists: &[List]) -> Result<(Self, Way)> {
        let (text, way) = page.cursor();
        let place = match text {
            None => lists.first().map(|list| list.beginning()),
            Some(text) => lists.iter().find_map(|list| Self::parse(*list, text)),
        };
        place.map(|place| (place, way)).ok_or_else(not_of_this_list)
    }

    /// The same where the lists are read against their order, the last of them first.
    ///
    /// # Errors
    /// As [`Place::of`].
    pub fn against(page: &PageRequest, lists: &[List]) -> Result<(Self, Way)> {
        let (place, way) = Self::of(page, lists)?;
        let end = lists.last().filter(|_| page.after.is_none());
        Ok((end.map_or(place, |list| list.end()), way.turned()))
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

impl TaskFilter {
    /// Where a page of the tasks begins, and which way the lists of open and of closed ones are read.
    ///
    /// # Errors
    /// `Other` when the cursor is not one of the list.
    pub fn place(&self, page: &PageRequest) -> Result<(Place, Way)> {
        let lists = [List::OpenTasks, List::ClosedTasks];
        match self.reversed {
            true => Place::against(page, &lists),
            false => Place::of(page, &lists),
        }
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
    /// Where a page of the list begins, and which way it is read: where the earliest come first, against
    /// the order of the list of the latest.
    ///
    /// # Errors
    /// `Other` when the cursor is not one of the list.
    pub fn of(page: &PageRequest, order: &InstanceOrder) -> Result<(Self, Way)> {
        let by_start = |(place, way)| (Self::Started(place), way);
        match order {
            InstanceOrder::Earliest => {
                return Place::against(page, &[List::Instances]).map(by_start);
            }
            InstanceOrder::Field { .. } => {}
            InstanceOrder::Started => return Place::of(page, &[List::Instances]).map(by_start),
        }
        let (Some(text), way) = page.cursor() else {
            return Ok((Self::Field(None), Way::On));
        };
        let parsed = text
            .strip_prefix("f.")
            .and_then(|rest| rest.split_once('.'))
            .and_then(|(id, key)| Some((key.to_owned(), id.parse().ok()?)));
        match parsed {
            Some(place) => Ok((Self::Field(Some(place)), way)),
            None => Err(not_of_this_list()),
        }
    }
}

fn not_of_this_list() -> Error {
    Error::new(ErrorKind::Other, "the cursor is not one of this list")
}

impl Page<InstanceSummary> {
    /// As [`Page::of`], of instances with the key that each is ordered by, if it is ordered by one.
    #[must_use]
    pub fn of_instances(read: Vec<(InstanceSummary, Option<String>)>, page: &PageRequest) -> Self {
        let cursor = |(row, key): &(InstanceSummary, Option<String>)| match key {
            Some(key) => Cursor(format!("f.{}.{key}", row.id.uuid().simple())),
            None => Place::new(List::Instances, row.started_at, row.id.uuid()).to_cursor(),
        };
        let Page { items, next, prev } = Page::of(read, page, cursor);
        let items = items.into_iter().map(|(row, _)| row).collect();
        Self { items, next, prev }
    }
}

impl PageRequest {
    /// The text of the cursor, if there is one, and which way it leads.
    fn cursor(&self) -> (Option<&str>, Way) {
        let text = self.after.as_ref().map(|cursor| cursor.0.as_str());
        match text.and_then(|text| text.strip_prefix(Way::MARK)) {
            Some(back) => (Some(back), Way::Back),
            None => (text, Way::On),
        }
    }

    /// How many items to give: the limit, within 1 and 500.
    #[must_use]
    pub fn size(&self) -> usize {
        usize::try_from(self.limit.clamp(1, 500)).unwrap_or(500)
    }
}

impl<T> Page<T> {
    /// The page out of what was read for it, in the order in which it was read: one item more than
    /// its size when another page follows that way.
    #[must_use]
    pub fn of(mut read: Vec<T>, page: &PageRequest, cursor: impl Fn(&T) -> Cursor) -> Self {
        let (size, (_, way)) = (page.size(), page.cursor());
        let more = read.len() > size;
        read.truncate(size);
        let (precedes, follows) = match way {
            Way::Back => (more, true),
            Way::On => (page.after.is_some(), more),
        };
        if way == Way::Back {
            read.reverse();
        }
        let back = |item| Cursor(format!("{}{}", Way::MARK, cursor(item).0));
        Self {
            next: read.last().filter(|_| follows).map(&cursor),
            prev: read.first().filter(|_| precedes).map(back),
            items: read,
        }
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
        let on = place.to_cursor();
        let back = Cursor(format!("-{}", on.0));
        for (cursor, expected) in [
            (Some(on), (place, Way::On)),
            (Some(back), (place, Way::Back)),
            (None, (List::ClosedTasks.beginning(), Way::On)),
        ] {
            assert_eq!(Place::of(&page(cursor), &lists).unwrap(), expected);
        }
        for bad in [
            "", "-", "--o.1.2", "o", "o.1", "o.x.y", "z.1.2", "o..", "💥",
        ] {
            let bad = page(Some(Cursor(bad.to_owned())));
            assert!(Place::of(&bad, &lists).is_err(), "{bad:?}");
        }
        assert!(Place::of(&page(Some(place.to_cursor())), &[List::Instances]).is_err());
    }
}

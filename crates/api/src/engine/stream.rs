//! What happened in a tenant, by position.

use signoff_core::{
    event::{Event, HistoryEntry},
    id::{InstanceId, PersonId, TenantId},
    problem::{nearest, shown},
};
use signoff_store::{EntryFilter, Positioned};

use crate::{
    engine::Engine,
    error::{Error, ErrorKind},
};

/// How many entries one call looks at, at most.
const LOOKS: u32 = 2_000;

/// An accepted command, with its place among all of its tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// From 1, without gaps, and never another one.
    pub position: u64,
    /// Of which instance.
    pub instance: InstanceId,
    /// What was done.
    pub entry: HistoryEntry,
}

/// Which entries are read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EntriesOf {
    /// Only those behind this position; 0 for all.
    pub after: u64,
    /// Only those of this instance.
    pub instance: Option<InstanceId>,
    /// Only what this person did.
    pub person: Option<PersonId>,
    /// Only commands that led to an event of this name, one of [`Event::NAMES`].
    pub event: Option<String>,
}

/// A part of what happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Entries {
    /// The entries, by position.
    pub items: Vec<Entry>,
    /// Where to read on now. `None` when all there is was looked at: whoever follows goes on later from
    /// the last position that they saw.
    pub next: Option<u64>,
}

impl Engine {
    /// What happened in a tenant, in one order that never changes: at most `limit` entries, by position.
    ///
    /// What is committed later gets a greater position, however long its transaction took: so whoever
    /// remembers the last position misses nothing. A call that is asked for what somebody did, or for
    /// one event, looks at no more than 2,000 entries, and may give none and where to read on.
    ///
    /// # Errors
    /// `Request` when no event has the name that is asked for; when the store fails, or holds an entry
    /// that is not what was once written.
    pub async fn entries(
        &self,
        tenant: &TenantId,
        filter: &EntriesOf,
        limit: u32,
    ) -> Result<Entries, Error> {
        filter.check()?;
        let is_narrow = filter.person.is_some() || filter.event.is_some();
        // One more than asked for tells whether there is more.
        let looks = if is_narrow {
            LOOKS
        } else {
            limit.saturating_add(1)
        };
        let stored = EntryFilter {
            after: filter.after,
            instance: filter.instance,
        };
        let found = self.inner().store.entries(tenant, &stored, looks).await?;
        let is_full = u32::try_from(found.len()).is_ok_and(|found| found >= looks);
        let last = found.last().map(|last| last.position);
        let mut next = last.filter(|_| is_full);
        let mut items: Vec<Entry> = Vec::new();
        for one in &found {
            let entry = read(one)?;
            if !filter.wants(&entry) {
                continue;
            }
            if u32::try_from(items.len()).is_ok_and(|count| count >= limit) {
                next = Some(items.last().map_or(filter.after, |last| last.position));
                break;
            }
            items.push(entry);
        }
        Ok(Entries { items, next })
    }
}

impl EntriesOf {
    /// A name that no event has would find nothing, and nobody would know why.
    fn check(&self) -> Result<(), Error> {
        let Some(name) = &self.event else {
            return Ok(());
        };
        if Event::NAMES.contains(&name.as_str()) {
            return Ok(());
        }
        let found = shown(name);
        let message = match nearest(name, Event::NAMES) {
            Some(near) => format!("unknown event `{found}`; did you mean `{near}`?"),
            None => {
                let known = Event::NAMES.join("`, `");
                format!("unknown event `{found}`; known are `{known}`")
            }
        };
        Err(Error::new(ErrorKind::Request, message))
    }

    fn wants(&self, entry: &Entry) -> bool {
        let entry = &entry.entry;
        let person = self.person.as_ref();
        let event = self.event.as_deref();
        person.is_none_or(|person| entry.by.person() == Some(person))
            && event.is_none_or(|name| entry.events.iter().any(|event| event.name() == name))
    }
}

fn read(found: &Positioned) -> Result<Entry, Error> {
    let row = &found.entry;
    let entry = serde_json::from_str(&row.body).map_err(|error| {
        let message = format!(
            "cannot read history entry {} of `{}`",
            row.version, row.instance
        );
        Error::new(ErrorKind::Store, message).caused_by(error)
    })?;
    Ok(Entry {
        position: found.position,
        instance: row.instance,
        entry,
    })
}

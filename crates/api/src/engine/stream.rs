//! What happened in a tenant, by position.

use signoff_core::{
    event::HistoryEntry,
    id::{InstanceId, PersonId, TenantId},
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
    /// Only commands that led to an event of this name, such as `decision_made`.
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
    /// When the store fails, or holds an entry that is not what was once written.
    pub async fn entries(
        &self,
        tenant: &TenantId,
        filter: &EntriesOf,
        limit: u32,
    ) -> Result<Entries, Error> {
        let is_narrow = filter.person.is_some() || filter.event.is_some();
        let looks = if is_narrow { LOOKS } else { limit };
        let stored = EntryFilter {
            after: filter.after,
            instance: filter.instance,
        };
        let found = self.inner().store.entries(tenant, &stored, looks).await?;
        let is_full = u32::try_from(found.len()).is_ok_and(|found| found >= looks);
        let last = found.last().map(|last| last.position);
        let mut next = last.filter(|_| is_full);
        let mut items = Vec::new();
        for one in &found {
            let entry = read(one)?;
            if !filter.wants(&entry) {
                continue;
            }
            items.push(entry);
            if u32::try_from(items.len()).is_ok_and(|count| count >= limit) {
                if last > Some(one.position) {
                    next = Some(one.position);
                }
                break;
            }
        }
        Ok(Entries { items, next })
    }
}

impl EntriesOf {
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

//! Rows of the stream of a tenant.

use std::collections::BTreeMap;

use jiff::Timestamp;
use signoff_core::id::{InstanceId, TenantId};

use crate::{
    contract::Positioned,
    error::Result,
    sql::{Row, read::history_row, statements::EntryKey},
};

/// An entry that has no position yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewEntry {
    pub(crate) instance: InstanceId,
    version: u64,
    at: Timestamp,
    /// Whether the one before it has none either.
    is_behind: bool,
}

/// An entry that has no position yet.
pub(crate) fn new_entry(mut row: Row) -> Result<NewEntry> {
    Ok(NewEntry {
        instance: InstanceId::new(row.id()?),
        version: row.number()?,
        at: row.time()?,
        is_behind: row.number::<i64>()? != 0,
    })
}

/// An entry with its position.
pub(crate) fn positioned(tenant: &TenantId, mut row: Row) -> Result<Positioned> {
    let position = row.number()?;
    let instance = InstanceId::new(row.id()?);
    let entry = history_row(tenant, instance, row)?;
    Ok(Positioned { position, entry })
}

/// Those that may be numbered now, in order: by moment, but of one instance by version, although its
/// clock may have gone back. One that comes behind another that was not found must wait.
pub(crate) fn in_order(found: &[NewEntry]) -> Vec<EntryKey> {
    let mut of_instance: BTreeMap<InstanceId, BTreeMap<u64, &NewEntry>> = BTreeMap::new();
    for entry in found {
        let versions = of_instance.entry(entry.instance).or_default();
        versions.insert(entry.version, entry);
    }
    let mut order = Vec::with_capacity(found.len());
    for (instance, versions) in of_instance {
        let mut before: Option<(u64, Timestamp)> = None;
        for (version, entry) in versions {
            let follows = before.is_some_and(|(before, _)| before + 1 == version);
            if entry.is_behind && !follows {
                break;
            }
            let at = before.map_or(entry.at, |(_, at)| at.max(entry.at));
            before = Some((version, at));
            order.push((at, instance, version));
        }
    }
    order.sort_unstable();
    let keys = order.into_iter();
    keys.map(|(_, instance, version)| (instance, version))
        .collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn entry((instance, version, at): (u128, u64, i64), is_behind: bool) -> NewEntry {
        NewEntry {
            instance: InstanceId::new(Uuid::from_u128(instance)),
            version,
            at: Timestamp::from_second(at).unwrap(),
            is_behind,
        }
    }

    #[track_caller]
    fn check(found: &[NewEntry], expected: &[(u128, u64)]) {
        let keys = in_order(found).into_iter();
        let keys: Vec<_> = keys
            .map(|(id, version)| (id.uuid().as_u128(), version))
            .collect();
        assert_eq!(keys, expected);
    }

    #[test]
    fn entries_stand_by_moment_and_those_of_an_instance_by_version() {
        check(&[], &[]);
        let found = [
            entry((1, 1, 10), false),
            entry((1, 2, 30), true),
            entry((2, 7, 20), false),
        ];
        check(&found, &[(1, 1), (2, 7), (1, 2)]);
        // A clock went back.
        let found = [
            entry((1, 2, 5), true),
            entry((1, 1, 30), false),
            entry((2, 7, 20), false),
        ];
        check(&found, &[(2, 7), (1, 1), (1, 2)]);
    }

    #[test]
    fn an_entry_behind_one_that_was_not_found_waits() {
        let found = [
            entry((1, 3, 5), true),
            entry((1, 4, 6), true),
            entry((2, 1, 9), false),
        ];
        check(&found, &[(2, 1)]);
        check(&found[..2], &[]);
        let found = [entry((1, 3, 5), false), entry((1, 5, 6), true)];
        check(&found, &[(1, 3)]);
    }
}

//! What happened in a tenant has one order, and whoever reads it misses nothing.

use std::{collections::BTreeMap, slice::from_ref};

use futures_util::future::join;
use jiff::SignedDuration;
use signoff_core::{
    change::Rows,
    id::{InstanceId, TenantId},
};

use super::{
    at_once,
    sample::{Tested, commit, next, of_tenant, start, tenant},
};
use crate::contract::{EntryFilter, Positioned};

async fn read(store: &Tested, after: u64, limit: u32) -> Vec<Positioned> {
    let filter = EntryFilter {
        after,
        instance: None,
    };
    store.entries(&tenant(), &filter, limit).await.unwrap()
}

/// That the entries have the positions behind `after`, without gap, and those of each instance stand in
/// the order of its history, from its first one on.
#[track_caller]
fn check(after: u64, entries: &[Positioned]) {
    let mut versions: BTreeMap<InstanceId, u64> = BTreeMap::new();
    for (found, position) in entries.iter().zip(after + 1..) {
        assert_eq!(found.position, position);
        let version = versions.entry(found.entry.instance).or_default();
        *version += 1;
        assert_eq!(found.entry.version, *version, "{:?}", found.entry);
    }
}

pub(super) async fn entries_have_positions_without_gap(store: Tested) {
    assert_eq!(read(&store, 0, 9).await, []);
    assert_eq!(store.last_position(&tenant()).await.unwrap(), 0);
    let (one, two) = (start(1), start(2));
    let changes = [one.clone(), two.clone(), next(&one), next(&two)];
    for change in &changes {
        commit(&store, from_ref(change)).await;
    }
    let found = read(&store, 0, 9).await;
    check(0, &found);
    assert_eq!(found.len(), 4);
    for change in &changes {
        let entry = found.iter().find(|found| {
            let entry = &found.entry;
            (entry.instance, entry.version) == (change.history.instance, change.history.version)
        });
        assert_eq!(entry.map(|found| &found.entry), Some(&change.history));
    }
    for after in 0..6_u32 {
        let (at, rest) = (u64::from(after), &found[usize::min(after as usize, 4)..]);
        assert_eq!(read(&store, at, 9).await, rest);
        assert_eq!(read(&store, at, 1).await, rest[..usize::min(rest.len(), 1)]);
        assert_eq!(read(&store, at, 0).await, []);
    }
    assert_eq!(store.last_position(&tenant()).await.unwrap(), 4);
    // A moment before all others gives no position before them.
    let mut third = next(&next(&one));
    third.history.at -= SignedDuration::from_hours(1);
    commit(&store, from_ref(&third)).await;
    assert_eq!(store.last_position(&tenant()).await.unwrap(), 5);
    let all = read(&store, 0, 9).await;
    assert_eq!(all[..4], found);
    assert_eq!(all[4].entry, third.history);
    let of_one = EntryFilter {
        after: 1,
        instance: Some(one.instance.id),
    };
    let mine = store.entries(&tenant(), &of_one, 9).await.unwrap();
    let expected = all
        .iter()
        .filter(|found| found.position > 1 && found.entry.instance == one.instance.id);
    assert!(mine.iter().eq(expected), "{mine:?}");
    assert_eq!(
        store.entries(&tenant(), &of_one, 1).await.unwrap(),
        mine[..1]
    );
}

pub(super) async fn each_tenant_has_positions_of_its_own(store: Tested) {
    let tenants = ["acme", "globex", "مؤسسة"].map(TenantId::from);
    for tenant in &tenants {
        let rows = of_tenant(start(1), tenant);
        commit(&store, from_ref(&rows)).await;
        commit(&store, &[next(&rows)]).await;
    }
    let all = EntryFilter::default();
    for tenant in &tenants {
        let found = store.entries(tenant, &all, 9).await.unwrap();
        check(0, &found);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|found| found.entry.tenant == *tenant));
    }
    let nobody = store.entries(&"other".into(), &all, 9).await.unwrap();
    assert_eq!(nobody, []);
}

pub(super) async fn an_instance_whose_clock_goes_back_keeps_its_order(store: Tested) {
    let mut rows = start(1);
    let mut changes = vec![rows.clone()];
    for back in 1..=40 {
        rows = next(&rows);
        let mut change = rows.clone();
        change.history.at -= SignedDuration::from_mins(back);
        changes.push(change);
    }
    commit(&store, &changes).await;
    let found = read(&store, 0, 100).await;
    check(0, &found);
    assert_eq!(found.len(), 41);
}

pub(super) async fn what_is_committed_late_is_not_skipped(store: Tested) {
    // Where one writes at a time, nobody commits while a transaction is open.
    if !store.capabilities().skip_locked {
        return;
    }
    let (early, known) = (start(1), start(2));
    commit(&store, from_ref(&known)).await;
    let mut slow = store.begin(&tenant()).await.unwrap();
    slow.commit(&[early.clone(), next(&known)]).await.unwrap();
    let mut slower = store.begin(&tenant()).await.unwrap();
    slower.commit(&[start(3)]).await.unwrap();
    commit(&store, &[start(4)]).await;
    let first = read(&store, 0, 9).await;
    check(0, &first);
    assert_eq!(first.len(), 2, "those of open transactions are not seen");
    slow.finish().await.unwrap();
    commit(&store, &[start(5)]).await;
    let second = read(&store, 2, 9).await;
    assert_eq!(second.len(), 3);
    drop(slower);
    commit(&store, &[next(&early)]).await;
    let third = read(&store, 5, 9).await;
    assert_eq!(third.len(), 1);
    let all = [first, second, third].concat();
    check(0, &all);
    assert_eq!(
        read(&store, 0, 99).await,
        all,
        "a transaction that never ends leaves no gap"
    );
}

/// Instances `n * 100` and the following ones, each with three entries, one commit after another.
async fn write(store: &Tested, n: u32) {
    for instance in 0..6 {
        let mut rows: Rows = start(n * 100 + instance);
        commit(store, from_ref(&rows)).await;
        for _ in 0..2 {
            rows = next(&rows);
            commit(store, from_ref(&rows)).await;
        }
    }
}

/// What somebody reads who remembers the last position, until there are so many.
async fn follow(store: &Tested, count: usize) -> Vec<Positioned> {
    let mut found: Vec<Positioned> = Vec::new();
    while found.len() < count {
        let after = found.last().map_or(0, |last| last.position);
        found.extend(read(store, after, 7).await);
    }
    found
}

pub(super) async fn those_who_follow_while_others_write_miss_nothing(one: Tested, other: Tested) {
    const WRITERS: u32 = 6;
    let count = WRITERS as usize * 18;
    let writing = at_once(WRITERS, |n| {
        let store = if n % 2 == 0 { &one } else { &other }.clone();
        async move { write(&store, n + 1).await }
    });
    let reading = at_once(4, |n| {
        let store = if n % 2 == 0 { &one } else { &other }.clone();
        async move { follow(&store, count).await }
    });
    let (_, followed) = join(writing, reading).await;
    let all = read(&one, 0, 1_000).await;
    check(0, &all);
    assert_eq!(all.len(), count);
    for found in followed {
        assert!(found == all, "each sees the same, once");
    }
    assert_eq!(other.last_position(&tenant()).await.unwrap(), count as u64);
}

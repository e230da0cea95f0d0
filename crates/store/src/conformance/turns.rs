//! Turns of a pool go to who had the fewest.

use std::collections::BTreeMap;

use signoff_core::id::PersonId;

use super::{
    at_once,
    sample::{Tested, tenant},
};

fn members(names: &[&str]) -> Vec<PersonId> {
    names.iter().map(|name| PersonId::from(*name)).collect()
}

async fn take(store: &Tested, pool: &str, names: &[&str], turns: usize) -> Vec<String> {
    let mut taken = Vec::new();
    for _ in 0..turns {
        let turn = store.turn(&tenant(), pool, &members(names)).await.unwrap();
        taken.push(turn.as_str().to_owned());
    }
    taken
}

pub(super) async fn turns_go_round(store: Tested) {
    assert_eq!(
        take(&store, "clerks", &["max", "ann", "eve"], 4).await,
        ["ann", "eve", "max", "ann"]
    );
    // Who comes later catches up; who has left is not asked.
    assert_eq!(
        take(&store, "clerks", &["max", "new"], 4).await,
        ["new", "max", "new", "max"]
    );
    assert_eq!(
        take(&store, "clerks", &["ann", "max"], 2).await,
        ["ann", "ann"]
    );
    assert_eq!(
        take(&store, "زملاء", &["سلمى", "Ω"], 3).await,
        ["Ω", "سلمى", "Ω"]
    );
}

pub(super) async fn turns_taken_at_once_are_fair(store: Tested) {
    let names = ["a", "b", "c", "d", "e"];
    let taken = at_once(53, |_| {
        let store = store.clone();
        async move {
            store
                .turn(&tenant(), "clerks", &members(&names))
                .await
                .unwrap()
        }
    })
    .await;
    let mut counts: BTreeMap<PersonId, u32> = BTreeMap::new();
    for person in taken {
        *counts.entry(person).or_default() += 1;
    }
    let counts: Vec<u32> = counts.into_values().collect();
    assert_eq!(counts, [11, 11, 11, 10, 10]);
}

pub(super) async fn pools_do_not_share_turns(store: Tested) {
    assert_eq!(take(&store, "clerks", &["ann", "max"], 1).await, ["ann"]);
    assert_eq!(take(&store, "bosses", &["ann", "max"], 1).await, ["ann"]);
    let theirs = store
        .turn(&"globex".into(), "clerks", &members(&["ann", "max"]))
        .await
        .unwrap();
    assert_eq!(theirs.as_str(), "ann");
    assert_eq!(take(&store, "clerks", &["ann", "max"], 1).await, ["max"]);
}

pub(super) async fn an_empty_pool_has_no_turn(store: Tested) {
    store.turn(&tenant(), "clerks", &[]).await.unwrap_err();
    assert_eq!(take(&store, "clerks", &["ann"], 1).await, ["ann"]);
}

pub(super) async fn a_turn_of_a_dropped_transaction_is_given_back(store: Tested) {
    let (tenant, both) = (tenant(), members(&["ann", "max"]));
    {
        let mut tx = store.begin(&tenant).await.unwrap();
        let turn = tx.turn(&tenant, "clerks", &both).await.unwrap();
        assert_eq!(turn.as_str(), "ann");
    }
    assert_eq!(
        take(&store, "clerks", &["ann", "max"], 2).await,
        ["ann", "max"]
    );
    let mut tx = store.begin(&tenant).await.unwrap();
    let turn = tx.turn(&tenant, "clerks", &both).await.unwrap();
    assert_eq!(turn.as_str(), "ann");
    tx.finish().await.unwrap();
    assert_eq!(take(&store, "clerks", &["ann", "max"], 1).await, ["max"]);
}

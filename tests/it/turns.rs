//! Two engines on one database take turns as one would.

use std::{collections::BTreeMap, sync::Arc};

use signoff::{Engine, Start, store::Store};
use signoff_tests::{builder, person, publish};
use tokio::task::JoinSet;

const STARTS: usize = 12;

async fn engines(folder: &std::path::Path) -> Vec<(&'static str, [Engine; 2])> {
    let sqlx = |name: &str| signoff::sqlx::SqliteStore::open(folder.join(name));
    let diesel = |name: &str| signoff::diesel::SqliteStore::open(folder.join(name));
    let engine = |store: Arc<dyn Store>| {
        let people = ["a", "b", "c", "d"].map(|name| person(name, &["all"]));
        builder(store, people.into()).build().unwrap()
    };
    let one = Arc::new(sqlx("one.db").await.unwrap());
    let other = Arc::new(sqlx("one.db").await.unwrap());
    let third = Arc::new(diesel("two.db").await.unwrap());
    let fourth = Arc::new(diesel("two.db").await.unwrap());
    vec![
        ("sqlx", [engine(one), engine(other)]),
        ("diesel", [engine(third), engine(fourth)]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_engines_on_one_database_never_give_the_same_turn() {
    let folder = tempfile::tempdir().unwrap();
    for (name, pair) in engines(folder.path()).await {
        publish(
            &pair[0],
            "{format: signoff/v1, kind: approval, key: turns, approvals: [{role: all, select: round_robin}]}",
        )
        .await;
        let mut calls = JoinSet::new();
        for n in 0..STARTS {
            let engine = pair[n % 2].clone();
            calls.spawn(async move { engine.start(Start::of("turns").by("a")).await.unwrap() });
        }
        let mut turns = BTreeMap::<String, usize>::new();
        for started in calls.join_all().await {
            let assignee = started.instance.tasks().next().unwrap().assignee.clone();
            *turns.entry(assignee.unwrap().to_string()).or_default() += 1;
        }
        let fair = BTreeMap::from(["a", "b", "c", "d"].map(|who| (who.to_owned(), STARTS / 4)));
        assert_eq!(turns, fair, "{name}");
    }
}

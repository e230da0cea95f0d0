//! Commits that are sent together, while connections and the store go away.

use std::slice::from_ref;

use diesel_async::AsyncPgConnection;
use signoff_core::change::Rows;
use signoff_store::{ErrorKind, Instances, Result};
use signoff_store_diesel::{PostgresOptions, PostgresStore};
use tokio::task::{JoinHandle, yield_now};

use crate::{
    servers::{Place, run_sql},
    support::{next, start, version},
};

/// A store that sends all commits as those that wait.
async fn store_at(url: &str) -> PostgresStore {
    let options = PostgresOptions {
        commits_alone: 0,
        max_connections: 4,
        ..PostgresOptions::default()
    };
    PostgresStore::open_with(url, options).await.unwrap()
}

/// Begins commits of a change each.
fn commits(
    store: &PostgresStore,
    changes: impl IntoIterator<Item = Rows>,
) -> Vec<JoinHandle<Result<()>>> {
    let commit = |rows: Rows| {
        let store = store.clone();
        tokio::spawn(async move { store.commit_now(&[rows]).await })
    };
    changes.into_iter().map(commit).collect()
}

#[tokio::test]
async fn connections_that_are_cut_lose_nothing() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let name = format!("diesel-cut-{}", std::process::id());
    let join = if place.url.contains('?') { '&' } else { '?' };
    let store = store_at(&format!("{}{join}application_name={name}", place.url)).await;
    let cut = format!(
        "count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{name}'"
    );
    store.commit_now(&[start(100)]).await.unwrap();
    // An error when there is none to cut.
    run_sql::<AsyncPgConnection>(&place.url, &format!("SELECT 1 / {cut}")).await;
    let writers: Vec<_> = (1..=20)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut rows = start(n);
                for _ in 0..10 {
                    // It is the only one that changes this instance: at a conflict it was there.
                    while let Err(error) = store.commit_now(from_ref(&rows)).await {
                        if error.kind() == ErrorKind::Conflict {
                            break;
                        }
                        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
                    }
                    rows = next(&rows);
                }
            })
        })
        .collect();
    for _ in 0..10 {
        run_sql::<AsyncPgConnection>(&place.url, &format!("SELECT {cut}")).await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    for n in 1..=20 {
        assert_eq!(version(&store, &start(n)).await, 10);
    }
}

#[tokio::test]
async fn a_change_that_the_database_refuses_fails_alone() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let store = store_at(&place.url).await;
    let mut changes: Vec<_> = (1..=6).map(start).collect();
    changes[3].instance.title = "\"a\0b\"".to_owned();
    for (index, commit) in commits(&store, changes).into_iter().enumerate() {
        let end = commit.await.unwrap().err().map(|error| error.kind());
        assert_eq!(end, (index == 3).then_some(ErrorKind::Other), "{index}");
    }
}

#[tokio::test]
async fn who_waits_while_the_store_is_closed_is_told() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let other = store_at(&place.url).await;
    for round in 0..4 {
        let store = store_at(&place.url).await;
        let first = 100 * round;
        let begun = commits(&store, (first..first + 60).map(start));
        for _ in 0..10 * round {
            yield_now().await;
        }
        store.close().await;
        for (n, commit) in (first..).zip(begun) {
            match commit.await.unwrap() {
                Ok(()) => assert_eq!(version(&other, &start(n)).await, 1),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}"),
            }
        }
    }
}

//! One file, used by this store and by the one on sqlx at once.

use std::{slice::from_ref, sync::Arc};

use signoff_store::{ErrorKind, Store};
use signoff_store_diesel::SqliteStore;
use tempfile::TempDir;

use crate::support::{load_of, next, start, task, version};

/// The two stores on one file, the one that opens it first in front.
async fn both(diesel_first: bool) -> ([Arc<dyn Store>; 2], TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signoff.db");
    let (on_diesel, on_sqlx): (Arc<dyn Store>, Arc<dyn Store>) = if diesel_first {
        let on_diesel = SqliteStore::open(&path).await.unwrap();
        let on_sqlx = signoff_store_sqlx::SqliteStore::open(&path).await.unwrap();
        (Arc::new(on_diesel), Arc::new(on_sqlx))
    } else {
        let on_sqlx = signoff_store_sqlx::SqliteStore::open(&path).await.unwrap();
        let on_diesel = SqliteStore::open(&path).await.unwrap();
        (Arc::new(on_diesel), Arc::new(on_sqlx))
    };
    let stores = if diesel_first {
        [on_diesel, on_sqlx]
    } else {
        [on_sqlx, on_diesel]
    };
    (stores, folder)
}

#[tokio::test]
async fn each_sees_what_the_other_commits() {
    for diesel_first in [true, false] {
        let ([one, two], _folder) = both(diesel_first).await;
        let mut rows = start(1);
        rows.instance.title = "\"Über 💶\"".to_owned();
        rows.tasks = vec![task(&rows, 2)];
        one.commit_now(from_ref(&rows)).await.unwrap();
        let load = load_of(&rows);
        let loaded = two.load(&load).await.unwrap();
        assert_eq!(loaded, one.load(&load).await.unwrap());
        assert_eq!(loaded.map(|loaded| loaded.rows.tasks.len()), Some(1));
        two.commit_now(&[next(&rows)]).await.unwrap();
        assert_eq!(version(&*one, &rows).await, 2);
        let error = one.commit_now(&[next(&rows)]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }
}

#[tokio::test]
async fn turns_of_both_go_round() {
    let ([one, two], _folder) = both(true).await;
    let members = ["ann", "bob", "eve"].map(Into::into);
    let tenant = "acme".into();
    for expected in &members {
        assert_eq!(
            one.turn(&tenant, "clerks", &members).await.unwrap(),
            *expected
        );
    }
    for expected in &members {
        assert_eq!(
            two.turn(&tenant, "clerks", &members).await.unwrap(),
            *expected
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_write_at_once_and_lose_nothing() {
    let (stores, _folder) = both(true).await;
    let mut commits = tokio::task::JoinSet::new();
    for n in 0..40 {
        let store = Arc::clone(&stores[n as usize % 2]);
        commits.spawn(async move {
            let mut rows = start(n);
            store.commit_now(from_ref(&rows)).await.unwrap();
            for _ in 0..5 {
                rows = next(&rows);
                store.commit_now(from_ref(&rows)).await.unwrap();
            }
        });
    }
    commits.join_all().await;
    for n in 0..40 {
        for store in &stores {
            assert_eq!(version(&**store, &start(n)).await, 6);
        }
    }
}

//! One database, used by this store and by the one on sqlx at once.

use std::{slice::from_ref, sync::Arc};

use signoff_store::{ErrorKind, Store};

use crate::{
    servers::Place,
    support::{load_of, next, start, task, version},
};

/// The two stores on one database, the one that makes its tables in front.
async fn both(diesel_first: bool) -> Option<([Arc<dyn Store>; 2], Place)> {
    async fn on_diesel(url: &str) -> Arc<dyn Store> {
        Arc::new(signoff_store_diesel::MySqlStore::open(url).await.unwrap())
    }
    async fn on_sqlx(url: &str) -> Arc<dyn Store> {
        Arc::new(signoff_store_sqlx::MySqlStore::open(url).await.unwrap())
    }

    let place = Place::mysql().await?;
    let url = &place.url;
    let stores = if diesel_first {
        [on_diesel(url).await, on_sqlx(url).await]
    } else {
        [on_sqlx(url).await, on_diesel(url).await]
    };
    Some((stores, place))
}

#[tokio::test]
async fn each_sees_what_the_other_commits() {
    for diesel_first in [true, false] {
        let Some(([one, two], _place)) = both(diesel_first).await else {
            return;
        };
        let mut rows = start(1);
        rows.instance.title = "\"Über 💶 طلب\"".to_owned();
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_write_at_once_and_lose_nothing() {
    let Some((stores, _place)) = both(true).await else {
        return;
    };
    let members = ["ann", "bob", "eve", "joe"].map(Into::into);
    let mut commits = tokio::task::JoinSet::new();
    for n in 0..40 {
        let store = Arc::clone(&stores[n as usize % 2]);
        let members = members.clone();
        commits.spawn(async move {
            let mut rows = start(n);
            store.commit_now(from_ref(&rows)).await.unwrap();
            for _ in 0..5 {
                rows = next(&rows);
                store.commit_now(from_ref(&rows)).await.unwrap();
            }
            store
                .turn(&"acme".into(), "clerks", &members)
                .await
                .unwrap()
        });
    }
    let turns = commits.join_all().await;
    for member in &members {
        let count = turns.iter().filter(|turn| *turn == member).count();
        assert_eq!(count, 10, "the turns of both go round");
    }
    for n in 0..40 {
        for store in &stores {
            assert_eq!(version(&**store, &start(n)).await, 6);
        }
    }
}

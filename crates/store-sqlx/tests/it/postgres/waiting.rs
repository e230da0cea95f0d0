//! What a transaction holds keeps only those waiting who want it.

use std::slice::from_ref;

use futures_util::{FutureExt, future::join_all};
use signoff_store::{ErrorKind, Instances};
use signoff_store_sqlx::{PostgresOptions, PostgresStore};

use super::place::Place;
use crate::support::{next, start, version};

#[tokio::test]
async fn a_row_that_is_held_keeps_no_other_commit_waiting() {
    for commits_alone in [0, 1] {
        let Some(place) = Place::fresh() else { return };
        let options = PostgresOptions {
            commits_alone,
            max_connections: 3,
            ..place.options()
        };
        let store = PostgresStore::open_with(&place.url, options).await.unwrap();
        let all: Vec<_> = (1..=8).map(start).collect();
        for rows in &all {
            store.commit_now(from_ref(rows)).await.unwrap();
        }
        let held = next(&all[0]);
        let mut transaction = store.begin(&held.instance.tenant).await.unwrap();
        transaction.commit(from_ref(&held)).await.unwrap();

        let commit = async |rows| store.commit_now(&[next(rows)]).await;
        // One statement has all of them, be it after the first went alone.
        let mut waits = Box::pin(commit(&all[0]));
        assert!((&mut waits).now_or_never().is_none());
        let others = join_all(all[1..].iter().map(commit));
        for done in others.await {
            done.unwrap();
        }
        for rows in &all[1..] {
            assert_eq!(version(&store, rows).await, 2);
        }
        assert!((&mut waits).now_or_never().is_none(), "it still waits");
        transaction.finish().await.unwrap();
        let lost = waits.await.unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::Conflict);
    }
}

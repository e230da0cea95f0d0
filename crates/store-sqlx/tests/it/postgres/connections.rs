//! Connections that end, and those that there are too few of.

use std::{slice::from_ref, sync::atomic::Ordering, time::Duration};

use futures_util::{FutureExt, future::join_all};
use signoff_store::{Definitions, ErrorKind, Instances};
use signoff_store_sqlx::{PostgresOptions, PostgresStore};
use tokio::runtime;

use super::place::Place;
use crate::{
    support::{next, start, version},
    way::Way,
};

/// A store whose connections have a name.
async fn store_named(place: &Place, name: &str) -> PostgresStore {
    let url = format!("{}?application_name={name}", place.url);
    let options = place.options();
    PostgresStore::open_with(&url, options).await.unwrap()
}

/// How many connections have the name.
async fn count(place: &Place, name: &str) -> i64 {
    let pool = place.pool().await;
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
    let count = sqlx::query_scalar(sql).bind(name);
    let count = count.fetch_one(&pool).await.unwrap();
    pool.close().await;
    count
}

/// Ends every connection of that name, as a server does that is restarted.
async fn cut(place: &Place, name: &str) {
    let pool = place.pool().await;
    let sql =
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1";
    let ended = sqlx::query_scalar(sql).bind(name);
    let ended: Vec<bool> = ended.fetch_all(&pool).await.unwrap();
    assert!(ended.iter().all(|ended| *ended));
    assert_eq!(ended.len(), 4, "it had all its connections");
    pool.close().await;
}

/// Makes the store open all its connections, and give them back.
async fn fill(store: &PostgresStore) {
    let mut held = Vec::new();
    for _ in 0..store.pool().options().get_max_connections() {
        held.push(store.begin(&"acme".into()).await.unwrap());
    }
    let n = held.len();
    drop(held);
    idle(store, n).await;
}

/// Waits until so many connections were given back, which a task of each does.
async fn idle(store: &PostgresStore, n: usize) {
    while store.pool().num_idle() < n {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn connections_that_ended_while_idle_are_not_noticed() {
    let Some(place) = Place::fresh() else { return };
    let name = place.name("idle");
    let store = store_named(&place, &name).await;
    let rows = start(1);
    fill(&store).await;
    cut(&place, &name).await;
    store.commit_now(from_ref(&rows)).await.unwrap();
    fill(&store).await;
    cut(&place, &name).await;
    assert_eq!(version(&store, &rows).await, 1);
    fill(&store).await;
    cut(&place, &name).await;
    let mut tx = store.begin(&"acme".into()).await.unwrap();
    tx.commit(&[next(&rows)]).await.unwrap();
    tx.finish().await.unwrap();
    fill(&store).await;
    cut(&place, &name).await;
    let changes = [start(2), next(&next(&rows))];
    store.commit_now(&changes).await.unwrap();
    assert_eq!(version(&store, &rows).await, 3);
}

#[tokio::test]
async fn a_connection_stays_for_the_next_statement_and_ends_with_the_store() {
    let Some(place) = Place::fresh() else { return };
    let name = place.name("stays");
    let store = store_named(&place, &name).await;
    let mut rows = start(1);
    store.commit_now(from_ref(&rows)).await.unwrap();
    for n in 2..=9 {
        rows = next(&rows);
        store.commit_now(from_ref(&rows)).await.unwrap();
        assert_eq!(version(&store, &rows).await, n);
        assert_eq!((store.pool().size(), store.pool().num_idle()), (1, 0));
    }
    // A transaction takes it, and the pool has it afterwards.
    let tx = store.begin(&rows.instance.tenant).await.unwrap();
    tx.finish().await.unwrap();
    idle(&store, 1).await;
    assert_eq!(version(&store, &rows).await, 9);
    assert_eq!(count(&place, &name).await, 1);
    store.close().await;
    assert_eq!(count(&place, &name).await, 0);
}

#[tokio::test]
async fn connections_that_stay_keep_nobody_waiting() {
    for max_connections in [1, 2, 3, 6] {
        let Some(place) = Place::fresh() else { return };
        let options = PostgresOptions {
            max_connections,
            acquire_timeout: Duration::from_secs(20),
            ..place.options()
        };
        let store = PostgresStore::open_with(&place.url, options).await.unwrap();
        let commit = async |n| {
            let rows = start(n);
            store.commit_now(from_ref(&rows)).await.unwrap();
            let mut tx = store.begin(&rows.instance.tenant).await.unwrap();
            tx.commit(&[next(&rows)]).await.unwrap();
            tx.finish().await.unwrap();
            assert_eq!(version(&store, &rows).await, 2);
        };
        join_all((1..=24).map(commit)).await;
        // Half of them are for whoever uses the pool.
        let mut held = Vec::new();
        for _ in 0..max_connections.div_ceil(2) {
            held.push(store.pool().acquire().await.unwrap());
        }
    }
}

#[tokio::test]
async fn a_connection_whose_statement_was_given_up_does_not_stay() {
    let Some(place) = Place::fresh() else { return };
    let store = place.store().await;
    let rows = start(1);
    store.commit_now(from_ref(&rows)).await.unwrap();
    let changes = [next(&rows)];
    let mut given_up = Box::pin(store.commit_now(&changes));
    assert!((&mut given_up).now_or_never().is_none());
    drop(given_up);
    let tenant = &rows.instance.tenant;
    let other = store.definition(tenant, &"none".into(), None).await;
    assert!(
        other.unwrap().is_none(),
        "the answer is that of another statement"
    );
    let found = version(&store, &rows).await;
    assert!((1..=2).contains(&found), "{found}");
}

#[test]
fn a_store_ends_without_a_runtime_too() {
    let Some(place) = Place::fresh() else { return };
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.unwrap();
    let store = runtime.block_on(async {
        let store = place.store().await;
        store.commit_now(&[start(1)]).await.unwrap();
        assert_eq!(store.pool().num_idle(), 0, "it stays");
        store
    });
    drop(store);
    drop(runtime);
}

#[tokio::test]
async fn a_transaction_whose_connection_ended_keeps_nothing() {
    let Some(place) = Place::fresh() else { return };
    let store = place.store().await;
    let rows = start(1);
    let mut tx = store.begin(&"acme".into()).await.unwrap();
    tx.commit(from_ref(&rows)).await.unwrap();
    let connection: &mut sqlx::PgConnection = tx.host().downcast_mut().unwrap();
    let id: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(connection)
        .await
        .unwrap();
    sqlx::query("SELECT pg_terminate_backend($1, 5000)")
        .bind(id)
        .execute(&place.pool().await)
        .await
        .unwrap();
    let error = tx.finish().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert_eq!(version(&store, &rows).await, 0);
    store.commit_now(from_ref(&rows)).await.unwrap();
}

#[tokio::test]
async fn too_few_connections_are_unavailable_and_can_be_tried_again() {
    let Some(place) = Place::fresh() else { return };
    let options = PostgresOptions {
        max_connections: 1,
        acquire_timeout: Duration::from_secs(1),
        ..place.options()
    };
    let store = PostgresStore::open_with(&place.url, options).await.unwrap();
    let rows = start(1);
    let tx = store.begin(&"acme".into()).await.unwrap();
    let error = store.commit_now(from_ref(&rows)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.is_retryable());
    drop(tx);
    // The connection rolls back before it is given back.
    while store.commit_now(from_ref(&rows)).await.is_err() {}
    assert_eq!(version(&store, &rows).await, 1);
}

#[tokio::test]
async fn a_statement_that_waits_for_too_long_is_unavailable() {
    let Some(place) = Place::fresh() else { return };
    let options = PostgresOptions {
        statement_timeout: Duration::from_millis(500),
        ..place.options()
    };
    let one = place.store().await;
    let rows = start(1);
    one.commit_now(from_ref(&rows)).await.unwrap();
    let two = PostgresStore::open_with(&place.url, options).await.unwrap();
    let mut tx = one.begin(&"acme".into()).await.unwrap();
    tx.commit(&[next(&rows)]).await.unwrap();
    let error = two.commit_now(&[next(&rows)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    drop(tx);
    two.commit_now(&[next(&rows)]).await.unwrap();
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_done_once() {
    let Some(place) = Place::fresh() else { return };
    let way = Way::to(&place.url, 64 * 1024).await;
    let options = PostgresOptions {
        max_connections: 1,
        ..place.options()
    };
    let store = PostgresStore::open_with(&way.url, options).await.unwrap();
    let rows = start(1);
    // Prepared, so that the next answer is that of the commit itself.
    store.commit_now(from_ref(&rows)).await.unwrap();
    let second = next(&rows);
    store.commit_now(from_ref(&second)).await.unwrap();
    let third = next(&second);
    idle(&store, 1).await;
    way.is_deaf.store(true, Ordering::SeqCst);
    let error = store.commit_now(from_ref(&third)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.is_retryable());
    way.is_deaf.store(false, Ordering::SeqCst);
    let version = version(&store, &rows).await;
    let again = store.commit_now(&[third]).await;
    assert_eq!(version, 3, "it was done");
    assert_eq!(again.unwrap_err().kind(), ErrorKind::Conflict);
}

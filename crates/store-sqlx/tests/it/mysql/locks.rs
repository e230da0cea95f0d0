//! Those who stand in each other's way.

use std::{slice::from_ref, time::Duration};

use signoff_core::change::Rows;
use signoff_store::{ErrorKind, Instances, UnitOfWork};
use signoff_store_sqlx::{MySqlOptions, MySqlStore, mysql};

use super::database::Database;
use crate::support::{load_of, next, start, version};

async fn two() -> Option<(MySqlStore, Rows, Rows, Database)> {
    let database = Database::new().await?;
    let store = database.store().await;
    let (one, two) = (start(1), start(2));
    store.commit_now(&[one.clone(), two.clone()]).await.unwrap();
    Some((store, one, two, database))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_told_to_the_host_and_undoes_all() {
    let Some((store, one, two, database)) = two().await else {
        return;
    };
    let pool = database.pool().await;
    sqlx::raw_sql("CREATE TABLE request (id BIGINT PRIMARY KEY) ENGINE = InnoDB")
        .execute(&pool)
        .await
        .unwrap();
    let mut host = pool.begin().await.unwrap();
    sqlx::raw_sql("INSERT INTO request VALUES (17)")
        .execute(&mut *host)
        .await
        .unwrap();
    let mut unit = mysql(&mut host);
    unit.commit(&[next(&one)]).await.unwrap();
    // The other one has changed more, so it is the host's transaction that the database ends.
    let mut other = store.begin(&"acme".into()).await.unwrap();
    other
        .commit(&[
            next(&two),
            start(11),
            start(12),
            start(13),
            start(14),
            start(15),
        ])
        .await
        .unwrap();
    let waiting = tokio::spawn(async move {
        let result = other.commit(&[next(&one)]).await;
        (result, other)
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let error = unit.commit(&[next(&two)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let text = error.to_string();
    assert!(
        text.contains("what the host wrote in it is undone"),
        "{text}"
    );
    // Nothing more goes through: it would be written at once.
    let error = unit.commit(&[start(20)]).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    host.rollback().await.unwrap();
    let (result, other) = waiting.await.unwrap();
    result.unwrap();
    other.finish().await.unwrap();
    assert_eq!(version(&store, &start(20)).await, 0);
    assert_eq!(version(&store, &start(1)).await, 2);
    let requests: i64 = sqlx::query_scalar("SELECT count(*) FROM request")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(requests, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_that_cross_are_tried_again() {
    let Some((store, one, two, _database)) = two().await else {
        return;
    };
    let (mut one, mut two) = (one, two);
    for _ in 0..40 {
        let (ahead, back) = ([next(&one), next(&two)], [next(&two), next(&one)]);
        let (first, second) = tokio::join!(store.commit_now(&ahead), store.commit_now(&back));
        let kinds = [first, second].map(|done| done.err().map(|error| error.kind()));
        assert!(
            kinds == [None, Some(ErrorKind::Conflict)]
                || kinds == [Some(ErrorKind::Conflict), None],
            "{kinds:?}"
        );
        (one, two) = (next(&one), next(&two));
    }
    assert_eq!(version(&store, &one).await, one.instance.version);
}

#[tokio::test]
async fn a_row_that_stays_locked_is_unavailable_and_can_be_tried_again() {
    let Some(database) = Database::new().await else {
        return;
    };
    let options = MySqlOptions {
        lock_timeout: Duration::from_secs(1),
        ..MySqlOptions::default()
    };
    let store = MySqlStore::open_with(&database.url(), options)
        .await
        .unwrap();
    let rows = start(1);
    store.commit_now(from_ref(&rows)).await.unwrap();
    let mut tx = store.begin(&"acme".into()).await.unwrap();
    assert!(tx.load(&load_of(&rows)).await.unwrap().is_some());
    let error = store.commit_now(&[next(&rows)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.is_retryable());
    // Only the statement was undone: the transaction that waited goes on.
    let mut late = store.begin(&"acme".into()).await.unwrap();
    late.commit(&[start(2)]).await.unwrap();
    assert!(late.commit(&[next(&rows)]).await.is_err());
    drop(tx);
    late.commit(&[next(&rows)]).await.unwrap();
    late.finish().await.unwrap();
    assert_eq!(version(&store, &rows).await, 2);
    assert_eq!(version(&store, &start(2)).await, 1);
}

//! Taking part in a transaction of the host.

use std::slice::from_ref;

use signoff_store::{ErrorKind, Instances, UnitOfWork};
use signoff_store_sqlx::{SqliteStore, sqlite};
use sqlx::{
    SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use tempfile::TempDir;

use crate::support::{load_of, next, start, version};

/// A host with a table of its own and Signoff's in one file.
async fn host() -> (SqliteStore, SqlitePool, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .busy_timeout(std::time::Duration::from_millis(10));
    let pool = SqlitePoolOptions::new()
        .max_connections(2)
        .connect_with(options)
        .await
        .unwrap();
    sqlx::raw_sql("CREATE TABLE request (id INTEGER)")
        .execute(&pool)
        .await
        .unwrap();
    (store, pool, folder)
}

async fn requests(pool: &SqlitePool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM request")
        .fetch_one(pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn both_are_kept_when_the_host_commits() {
    let (store, pool, _folder) = host().await;
    let rows = start(1);
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    sqlx::query("INSERT INTO request VALUES (17)")
        .execute(&mut *tx)
        .await
        .unwrap();
    let mut unit = sqlite(&mut tx);
    unit.commit(from_ref(&rows)).await.unwrap();
    assert!(unit.load(&load_of(&rows)).await.unwrap().is_some());
    assert_eq!(
        version(&store, &rows).await,
        0,
        "nobody sees what is not committed"
    );
    tx.commit().await.unwrap();
    assert_eq!(
        (version(&store, &rows).await, requests(&pool).await),
        (1, 1)
    );
}

#[tokio::test]
async fn neither_is_kept_when_the_host_rolls_back() {
    let (store, pool, _folder) = host().await;
    let rows = start(1);
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    sqlx::query("INSERT INTO request VALUES (17)")
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlite(&mut tx).commit(from_ref(&rows)).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(
        (version(&store, &rows).await, requests(&pool).await),
        (0, 0)
    );
}

#[tokio::test]
async fn a_conflict_leaves_the_transaction_of_the_host_usable() {
    let (store, pool, _folder) = host().await;
    let (one, two) = (start(1), start(2));
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    sqlx::query("INSERT INTO request VALUES (17)")
        .execute(&mut *tx)
        .await
        .unwrap();
    let mut unit = sqlite(&mut tx);
    unit.commit(from_ref(&one)).await.unwrap();
    for refused in [vec![one.clone()], vec![two.clone(), one.clone()]] {
        let error = unit.commit(&refused).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }
    unit.commit(&[next(&one)]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(version(&store, &one).await, 2);
    assert_eq!(version(&store, &two).await, 0);
    assert_eq!(requests(&pool).await, 1);
}

#[tokio::test]
async fn the_host_writes_through_the_unit_of_work() {
    let (store, pool, _folder) = host().await;
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let mut unit = sqlite(&mut tx);
    let connection = unit.host().downcast_mut::<SqliteConnection>().unwrap();
    sqlx::query("INSERT INTO request VALUES (17)")
        .execute(connection)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(requests(&pool).await, 1);

    for (finish, expected) in [(false, 1), (true, 2)] {
        let mut tx = store.begin(&"acme".into()).await.unwrap();
        let connection = tx.host().downcast_mut::<SqliteConnection>().unwrap();
        sqlx::query("INSERT INTO request VALUES (18)")
            .execute(connection)
            .await
            .unwrap();
        if finish {
            tx.finish().await.unwrap();
        } else {
            drop(tx);
        }
        store.commit_now(&[start(u32::from(finish))]).await.unwrap();
        assert_eq!(requests(&pool).await, expected);
    }
}

#[tokio::test]
async fn a_connection_in_no_transaction_is_refused() {
    let (store, pool, _folder) = host().await;
    let mut connection = pool.acquire().await.unwrap();
    let error = sqlite(&mut connection)
        .commit(&[start(1)])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("BEGIN IMMEDIATE"), "{error}");
    assert_eq!(version(&store, &start(1)).await, 0);
}

#[tokio::test]
async fn a_deferred_transaction_that_is_too_late_is_told_what_to_do() {
    let (store, pool, _folder) = host().await;
    let rows = start(1);
    let mut tx = pool.begin().await.unwrap();
    let mut unit = sqlite(&mut tx);
    assert_eq!(unit.load(&load_of(&rows)).await.unwrap(), None);
    store.commit_now(&[start(2)]).await.unwrap();
    let error = unit.commit(&[rows]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("BEGIN IMMEDIATE"), "{error}");
}

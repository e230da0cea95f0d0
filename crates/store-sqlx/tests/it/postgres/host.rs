//! Taking part in a transaction of the host.

use std::slice::from_ref;

use signoff_store::{ErrorKind, Instances, UnitOfWork};
use signoff_store_sqlx::{PostgresProfile, PostgresStore, postgres};
use sqlx::{PgConnection, PgPool};

use super::place::Place;
use crate::support::{load_of, next, start, version};

/// A host with a table of its own and Signoff's in one schema.
async fn host() -> Option<(PostgresStore, PgPool, Place)> {
    let place = Place::fresh()?;
    let store = place.store().await;
    let pool = place.pool().await;
    sqlx::raw_sql("CREATE TABLE request (id INTEGER)")
        .execute(&pool)
        .await
        .unwrap();
    Some((store, pool, place))
}

async fn requests(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM request")
        .fetch_one(pool)
        .await
        .unwrap()
}

async fn add_request(connection: &mut PgConnection) {
    sqlx::query("INSERT INTO request VALUES (17)")
        .execute(connection)
        .await
        .unwrap();
}

#[tokio::test]
async fn both_are_kept_when_the_host_commits() {
    let Some((store, pool, _place)) = host().await else {
        return;
    };
    let rows = start(1);
    let mut tx = pool.begin().await.unwrap();
    add_request(&mut tx).await;
    let mut unit = postgres(&mut tx);
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
    let Some((store, pool, _place)) = host().await else {
        return;
    };
    let rows = start(1);
    let mut tx = pool.begin().await.unwrap();
    add_request(&mut tx).await;
    postgres(&mut tx).commit(from_ref(&rows)).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(
        (version(&store, &rows).await, requests(&pool).await),
        (0, 0)
    );
}

#[tokio::test]
async fn a_conflict_leaves_the_transaction_of_the_host_usable() {
    for profile in [PostgresProfile::Full, PostgresProfile::Plain] {
        let Some((store, pool, _place)) = host().await else {
            return;
        };
        let (one, two) = (start(1), start(2));
        let mut tx = pool.begin().await.unwrap();
        add_request(&mut tx).await;
        let mut unit = postgres(&mut tx).profile(profile);
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
}

#[tokio::test]
async fn the_host_writes_through_the_unit_of_work() {
    let Some((store, pool, _place)) = host().await else {
        return;
    };
    let mut tx = pool.begin().await.unwrap();
    let mut unit = postgres(&mut tx);
    add_request(unit.host().downcast_mut().unwrap()).await;
    tx.commit().await.unwrap();
    assert_eq!(requests(&pool).await, 1);

    for (finish, expected) in [(false, 1), (true, 2)] {
        let mut tx = store.begin(&"acme".into()).await.unwrap();
        add_request(tx.host().downcast_mut().unwrap()).await;
        if finish {
            tx.finish().await.unwrap();
        } else {
            drop(tx);
        }
        assert_eq!(requests(&pool).await, expected);
    }
}

#[tokio::test]
async fn a_connection_in_no_transaction_is_refused() {
    let Some((store, pool, _place)) = host().await else {
        return;
    };
    let mut connection = pool.acquire().await.unwrap();
    let error = postgres(&mut connection)
        .commit(&[start(1)])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no transaction"), "{error}");
    assert_eq!(version(&store, &start(1)).await, 0);
}

#[tokio::test]
async fn whoever_is_late_waits_and_gets_a_conflict() {
    let Some((store, pool, _place)) = host().await else {
        return;
    };
    let rows = start(1);
    store.commit_now(from_ref(&rows)).await.unwrap();
    let mut tx = pool.begin().await.unwrap();
    let mut unit = postgres(&mut tx);
    unit.load(&load_of(&rows)).await.unwrap();
    let late = tokio::spawn({
        let (store, rows) = (store.clone(), next(&rows));
        async move { store.commit_now(&[rows]).await }
    });
    unit.commit(&[next(&rows)]).await.unwrap();
    assert!(!late.is_finished(), "the row is locked since the load");
    tx.commit().await.unwrap();
    let error = late.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(version(&store, &rows).await, 2);
}

#[tokio::test]
async fn a_stricter_transaction_of_the_host_is_told_what_to_do() {
    let Some((store, pool, _place)) = host().await else {
        return;
    };
    let rows = start(1);
    store.commit_now(from_ref(&rows)).await.unwrap();
    let strict = "BEGIN ISOLATION LEVEL REPEATABLE READ";
    let mut tx = pool.begin_with(strict).await.unwrap();
    sqlx::query("SELECT 1 FROM request")
        .execute(&mut *tx)
        .await
        .unwrap();
    store.commit_now(&[next(&rows)]).await.unwrap();
    let error = postgres(&mut tx).commit(&[next(&rows)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(
        error.to_string().contains("begin its transaction anew"),
        "{error}"
    );
}

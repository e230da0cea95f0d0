//! Taking part in a transaction of the host.

use std::slice::from_ref;

use signoff_store::{ErrorKind, Instances, UnitOfWork};
use signoff_store_sqlx::{MySqlStore, mysql};
use sqlx::{Connection, MySqlConnection, MySqlPool};

use super::database::Database;
use crate::support::{load_of, next, start, version};

/// A host with a table of its own and Signoff's in one database.
async fn host() -> Option<(MySqlStore, MySqlPool, Database)> {
    let database = Database::new().await?;
    let store = database.store().await;
    let pool = database.pool().await;
    sqlx::raw_sql("CREATE TABLE request (id BIGINT PRIMARY KEY) ENGINE = InnoDB")
        .execute(&pool)
        .await
        .unwrap();
    Some((store, pool, database))
}

async fn insert(connection: &mut MySqlConnection, id: i64) {
    sqlx::query("INSERT INTO request VALUES (?)")
        .bind(id)
        .execute(connection)
        .await
        .unwrap();
}

async fn requests(pool: &MySqlPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM request")
        .fetch_one(pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn both_are_kept_when_the_host_commits() {
    let Some((store, pool, _database)) = host().await else {
        return;
    };
    let rows = start(1);
    let mut tx = pool.begin().await.unwrap();
    insert(&mut tx, 17).await;
    let mut unit = mysql(&mut tx);
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
    let Some((store, pool, _database)) = host().await else {
        return;
    };
    let rows = start(1);
    let mut tx = pool.begin().await.unwrap();
    insert(&mut tx, 17).await;
    mysql(&mut tx).commit(from_ref(&rows)).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(
        (version(&store, &rows).await, requests(&pool).await),
        (0, 0)
    );
}

#[tokio::test]
async fn a_conflict_leaves_the_transaction_of_the_host_usable() {
    let Some((store, pool, _database)) = host().await else {
        return;
    };
    let (one, two) = (start(1), start(2));
    let mut tx = pool.begin().await.unwrap();
    insert(&mut tx, 17).await;
    let mut unit = mysql(&mut tx);
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
    let Some((store, pool, _database)) = host().await else {
        return;
    };
    let mut tx = pool.begin().await.unwrap();
    let mut unit = mysql(&mut tx);
    let connection = unit.host().downcast_mut::<MySqlConnection>().unwrap();
    insert(connection, 1).await;
    tx.commit().await.unwrap();
    assert_eq!(requests(&pool).await, 1);

    for (finish, expected) in [(false, 1), (true, 2)] {
        let mut tx = store.begin(&"acme".into()).await.unwrap();
        let connection = tx.host().downcast_mut::<MySqlConnection>().unwrap();
        insert(connection, 2).await;
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
    let Some((store, pool, _database)) = host().await else {
        return;
    };
    let mut connection = pool.acquire().await.unwrap();
    let error = mysql(&mut connection)
        .commit(&[start(1)])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("begin one"), "{error}");
    assert_eq!(version(&store, &start(1)).await, 0);
    // A session that commits nothing by itself is always in one.
    sqlx::raw_sql("SET autocommit = 0")
        .execute(&mut *connection)
        .await
        .unwrap();
    mysql(&mut connection).commit(&[start(1)]).await.unwrap();
    assert_eq!(version(&store, &start(1)).await, 0);
    sqlx::raw_sql("COMMIT")
        .execute(&mut *connection)
        .await
        .unwrap();
    assert_eq!(version(&store, &start(1)).await, 1);
}

#[tokio::test]
async fn a_session_that_would_cut_texts_is_refused() {
    let Some((store, pool, database)) = host().await else {
        return;
    };
    for unfit in ["SET sql_mode = ''", "SET NAMES latin1"] {
        let mut connection = MySqlConnection::connect(&database.url()).await.unwrap();
        sqlx::raw_sql(unfit).execute(&mut connection).await.unwrap();
        let mut tx = connection.begin().await.unwrap();
        let error = mysql(&mut tx).commit(&[start(1)]).await.unwrap_err();
        assert!(error.to_string().contains("STRICT_TRANS_TABLES"), "{error}");
        tx.commit().await.unwrap();
    }
    assert_eq!(version(&store, &start(1)).await, 0);
    drop(pool);
}

#[tokio::test]
async fn a_host_that_reads_a_moment_of_its_own_gets_a_conflict_for_what_others_changed() {
    let Some((store, pool, _database)) = host().await else {
        return;
    };
    let rows = start(1);
    store.commit_now(from_ref(&rows)).await.unwrap();
    // REPEATABLE READ, as servers come: what is read first is what is seen.
    let mut tx = pool.begin().await.unwrap();
    let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM signoff_instance")
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    assert_eq!(seen, 1);
    store.commit_now(&[next(&rows)]).await.unwrap();
    let mut unit = mysql(&mut tx);
    let error = unit.commit(&[next(&rows)]).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Unavailable),
        "{error}"
    );
    tx.rollback().await.unwrap();
    assert_eq!(version(&store, &rows).await, 2);
}

//! Taking part in a transaction of the host.

use std::slice::from_ref;

use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncConnection, AsyncMysqlConnection, SimpleAsyncConnection};
use signoff_store::{ErrorKind, Instances, UnitOfWork};
use signoff_store_diesel::{MySqlStore, mysql};

use super::fresh;
use crate::{
    servers::Place,
    support::{load_of, next, start, version},
};

/// A host with a table of its own beside Signoff's.
async fn host() -> Option<(MySqlStore, AsyncMysqlConnection, Place)> {
    let (store, place) = fresh().await?;
    let mut connection = AsyncMysqlConnection::establish(&place.url).await.unwrap();
    run(&mut connection, "CREATE TABLE request (id INTEGER)").await;
    Some((store, connection, place))
}

async fn run(connection: &mut AsyncMysqlConnection, sql: &str) {
    connection.batch_execute(sql).await.unwrap();
}

async fn insert(connection: &mut AsyncMysqlConnection) {
    // Not for the whole file: it gives `load` to everything.
    use diesel_async::RunQueryDsl;

    let insert = sql_query("INSERT INTO request VALUES (17)");
    assert_eq!(insert.execute(connection).await.unwrap(), 1);
}

async fn requests(connection: &mut AsyncMysqlConnection) -> i64 {
    use diesel_async::RunQueryDsl;

    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let count = sql_query("SELECT count(*) AS count FROM request");
    let count: Count = count.get_result(connection).await.unwrap();
    count.count
}

#[tokio::test]
async fn both_are_kept_when_the_host_commits() {
    let Some((store, mut connection, _place)) = host().await else {
        return;
    };
    let rows = start(1);
    connection
        .transaction(async |connection| {
            insert(connection).await;
            let mut unit = mysql(connection);
            unit.commit(from_ref(&rows)).await.unwrap();
            assert!(unit.load(&load_of(&rows)).await.unwrap().is_some());
            diesel::QueryResult::Ok(())
        })
        .await
        .unwrap();
    assert_eq!(
        (
            version(&store, &rows).await,
            requests(&mut connection).await
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn neither_is_kept_when_the_host_rolls_back() {
    let Some((store, mut connection, _place)) = host().await else {
        return;
    };
    let rows = start(1);
    // A transaction that diesel knows nothing of.
    run(&mut connection, "BEGIN").await;
    insert(&mut connection).await;
    let mut unit = mysql(&mut connection);
    unit.commit(from_ref(&rows)).await.unwrap();
    assert_eq!(
        version(&store, &rows).await,
        0,
        "nobody sees what is not committed"
    );
    run(&mut connection, "ROLLBACK").await;
    assert_eq!(
        (
            version(&store, &rows).await,
            requests(&mut connection).await
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn a_conflict_leaves_the_transaction_of_the_host_usable() {
    let Some((store, mut connection, _place)) = host().await else {
        return;
    };
    let (one, two) = (start(1), start(2));
    run(&mut connection, "BEGIN").await;
    insert(&mut connection).await;
    let mut unit = mysql(&mut connection);
    unit.commit(from_ref(&one)).await.unwrap();
    for refused in [vec![one.clone()], vec![two.clone(), one.clone()]] {
        let error = unit.commit(&refused).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }
    unit.commit(&[next(&one), two.clone()]).await.unwrap();
    assert!(unit.host().is::<AsyncMysqlConnection>());
    run(&mut connection, "COMMIT").await;
    assert_eq!(version(&store, &one).await, 2);
    assert_eq!(version(&store, &two).await, 1);
    assert_eq!(requests(&mut connection).await, 1);
}

#[tokio::test]
async fn a_connection_in_no_transaction_is_refused() {
    let Some((store, mut connection, _place)) = host().await else {
        return;
    };
    let error = mysql(&mut connection)
        .commit(&[start(1)])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("in no transaction"), "{error}");
    assert_eq!(version(&store, &start(1)).await, 0);
}

#[tokio::test]
async fn a_host_writes_in_a_transaction_of_the_engine() {
    let Some((store, mut connection, _place)) = host().await else {
        return;
    };
    for (finish, expected) in [(false, 0), (true, 2)] {
        let mut tx = store.begin(&"acme".into()).await.unwrap();
        let lent = tx.host().downcast_mut::<AsyncMysqlConnection>().unwrap();
        insert(lent).await;
        // Diesel's own transactions become savepoints.
        let refused = lent
            .transaction(async |inside| {
                insert(inside).await;
                Err::<(), _>(diesel::result::Error::RollbackTransaction)
            })
            .await;
        assert!(refused.is_err());
        lent.transaction(async |inside| {
            insert(inside).await;
            diesel::QueryResult::Ok(())
        })
        .await
        .unwrap();
        if finish {
            tx.finish().await.unwrap();
        } else {
            drop(tx);
        }
        store.commit_now(&[start(u32::from(finish))]).await.unwrap();
        assert_eq!(requests(&mut connection).await, expected);
    }
}

#[tokio::test]
async fn a_transaction_left_open_inside_is_not_committed() {
    use diesel_async::{AnsiTransactionManager, TransactionManager};

    let Some((store, mut connection, _place)) = host().await else {
        return;
    };
    let mut tx = store.begin(&"acme".into()).await.unwrap();
    let lent = tx.host().downcast_mut::<AsyncMysqlConnection>().unwrap();
    AnsiTransactionManager::begin_transaction(lent)
        .await
        .unwrap();
    insert(lent).await;
    let error = tx.finish().await.unwrap_err();
    assert!(error.to_string().contains("still open"), "{error}");
    store.commit_now(&[start(1)]).await.unwrap();
    assert_eq!(requests(&mut connection).await, 0);
}

#[tokio::test]
async fn a_session_that_would_cut_texts_is_refused() {
    let Some((_store, mut connection, _place)) = host().await else {
        return;
    };
    run(&mut connection, "SET sql_mode = ''").await;
    run(&mut connection, "START TRANSACTION").await;
    let error = mysql(&mut connection)
        .commit(&[start(1)])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("sql_mode"), "{error}");
}

#[tokio::test]
async fn a_deadlock_ends_the_part_in_the_transaction_of_the_host() {
    let Some((store, mut connection, _place)) = host().await else {
        return;
    };
    let (one, two) = (start(1), start(2));
    store.commit_now(&[one.clone(), two.clone()]).await.unwrap();
    let mut other = store.begin(&"acme".into()).await.unwrap();
    other
        .commit(&[next(&two), start(3), start(4)])
        .await
        .unwrap();
    run(
        &mut connection,
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
    )
    .await;
    run(&mut connection, "START TRANSACTION").await;
    let mut unit = mysql(&mut connection);
    unit.commit(&[next(&one)]).await.unwrap();
    let changes = ([next(&two)], [next(&one)]);
    let (ours, theirs) =
        futures_util::future::join(unit.commit(&changes.0), other.commit(&changes.1)).await;
    // Who wrote more is spared.
    theirs.unwrap();
    let error = ours.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(
        error.to_string().contains("begin its transaction anew"),
        "{error}"
    );
    let error = unit.commit(&[start(5)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    other.finish().await.unwrap();
    assert_eq!(
        version(&store, &start(5)).await,
        0,
        "nothing is written outside"
    );
}

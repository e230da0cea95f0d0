//! Taking part in a transaction of the host, without any runtime.

use std::{path::Path, slice::from_ref};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection,
    sql_query, sql_types::BigInt,
};
use futures_util::FutureExt;
use signoff_store::{ErrorKind, Instances, UnitOfWork};
use signoff_store_diesel::{SqliteStore, sqlite};
use tempfile::TempDir;

use crate::support::{load_of, next, start, version};

/// What a future gives that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("it waits for nothing")
}

/// A host with a table of its own and Signoff's in one file.
async fn host() -> (SqliteStore, SqliteConnection, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let mut connection = connect(&path);
    connection
        .batch_execute("CREATE TABLE request (id INTEGER)")
        .unwrap();
    (store, connection, folder)
}

fn connect(path: &Path) -> SqliteConnection {
    SqliteConnection::establish(path.to_str().unwrap()).unwrap()
}

fn insert(connection: &mut SqliteConnection) {
    let insert = sql_query("INSERT INTO request VALUES (17)");
    assert_eq!(insert.execute(connection).unwrap(), 1);
}

fn requests(connection: &mut SqliteConnection) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let count = sql_query("SELECT count(*) AS count FROM request");
    count.get_result::<Count>(connection).unwrap().count
}

#[tokio::test]
async fn both_are_kept_when_the_host_commits() {
    let (store, mut connection, _folder) = host().await;
    let rows = start(1);
    connection
        .immediate_transaction(|connection| {
            insert(connection);
            let mut unit = sqlite(connection);
            now(unit.commit(from_ref(&rows))).unwrap();
            assert!(now(unit.load(&load_of(&rows))).unwrap().is_some());
            diesel::QueryResult::Ok(())
        })
        .unwrap();
    assert_eq!(
        (version(&store, &rows).await, requests(&mut connection)),
        (1, 1)
    );
}

#[tokio::test]
async fn neither_is_kept_when_the_host_rolls_back() {
    let (store, mut connection, _folder) = host().await;
    let rows = start(1);
    // A transaction that diesel knows nothing of.
    connection.batch_execute("BEGIN IMMEDIATE").unwrap();
    insert(&mut connection);
    now(sqlite(&mut connection).commit(from_ref(&rows))).unwrap();
    assert_eq!(
        version(&store, &rows).await,
        0,
        "nobody sees what is not committed"
    );
    connection.batch_execute("ROLLBACK").unwrap();
    assert_eq!(
        (version(&store, &rows).await, requests(&mut connection)),
        (0, 0)
    );
}

#[test]
fn a_host_needs_no_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let store = runtime.block_on(SqliteStore::open(&path)).unwrap();
    drop(runtime);
    let mut connection = connect(&path);
    let (rows, subject) = (start(1), start(1).instance);
    connection
        .immediate_transaction(|connection| {
            let mut unit = sqlite(connection);
            now(unit.commit(from_ref(&rows))).unwrap();
            let members = ["ann", "bob"].map(Into::into);
            let turn = now(unit.turn(&subject.tenant, "clerks", &members)).unwrap();
            assert_eq!(turn, members[0]);
            let empty = now(unit.turn(&subject.tenant, "clerks", &[])).unwrap_err();
            assert_eq!(empty.kind(), ErrorKind::Other);
            diesel::QueryResult::Ok(())
        })
        .unwrap();
    let mut unit = sqlite(&mut connection);
    assert!(unit.host().is::<SqliteConnection>());
    assert_eq!(
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(version(&store, &rows)),
        1
    );
}

#[tokio::test]
async fn a_conflict_leaves_the_transaction_of_the_host_usable() {
    let (store, mut connection, _folder) = host().await;
    let (one, two) = (start(1), start(2));
    connection
        .immediate_transaction(|connection| {
            insert(connection);
            let mut unit = sqlite(connection);
            now(unit.commit(from_ref(&one))).unwrap();
            for refused in [vec![one.clone()], vec![two.clone(), one.clone()]] {
                let error = now(unit.commit(&refused)).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Conflict);
            }
            now(unit.commit(&[next(&one), two.clone()])).unwrap();
            diesel::QueryResult::Ok(())
        })
        .unwrap();
    assert_eq!(version(&store, &one).await, 2);
    assert_eq!(version(&store, &two).await, 1);
    assert_eq!(requests(&mut connection), 1);
}

#[tokio::test]
async fn a_host_writes_in_a_transaction_of_the_engine() {
    let (store, mut connection, _folder) = host().await;
    for (finish, expected) in [(false, 0), (true, 2)] {
        let mut tx = store.begin(&"acme".into()).await.unwrap();
        let lent = tx.host().downcast_mut::<SqliteConnection>().unwrap();
        insert(lent);
        // Diesel's own transactions become savepoints.
        let refused = lent.transaction(|inside| {
            insert(inside);
            Err::<(), _>(diesel::result::Error::RollbackTransaction)
        });
        assert!(refused.is_err());
        lent.transaction(|inside| {
            insert(inside);
            diesel::QueryResult::Ok(())
        })
        .unwrap();
        if finish {
            tx.finish().await.unwrap();
        } else {
            drop(tx);
        }
        store.commit_now(&[start(u32::from(finish))]).await.unwrap();
        assert_eq!(requests(&mut connection), expected);
    }
}

#[tokio::test]
async fn a_transaction_left_open_inside_is_not_committed() {
    use diesel::connection::{AnsiTransactionManager, TransactionManager};
    let (store, mut connection, _folder) = host().await;
    let mut tx = store.begin(&"acme".into()).await.unwrap();
    let lent = tx.host().downcast_mut::<SqliteConnection>().unwrap();
    AnsiTransactionManager::begin_transaction(lent).unwrap();
    insert(lent);
    let error = tx.finish().await.unwrap_err();
    assert!(error.to_string().contains("still open"), "{error}");
    store.commit_now(&[start(1)]).await.unwrap();
    assert_eq!(requests(&mut connection), 0);
}

#[tokio::test]
async fn a_connection_in_no_transaction_is_refused() {
    let (store, mut connection, _folder) = host().await;
    let error = now(sqlite(&mut connection).commit(&[start(1)])).unwrap_err();
    assert!(error.to_string().contains("BEGIN IMMEDIATE"), "{error}");
    assert_eq!(version(&store, &start(1)).await, 0);
}

#[tokio::test]
async fn a_deferred_transaction_that_is_too_late_is_told_what_to_do() {
    let (store, mut connection, _folder) = host().await;
    let rows = start(1);
    connection.batch_execute("BEGIN").unwrap();
    let mut unit = sqlite(&mut connection);
    assert_eq!(now(unit.load(&load_of(&rows))).unwrap(), None);
    store.commit_now(&[start(2)]).await.unwrap();
    let error = now(unit.commit(&[rows])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("BEGIN IMMEDIATE"), "{error}");
}

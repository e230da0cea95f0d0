//! Taking part in a transaction of the host on a synchronous connection, without any runtime.

use std::slice::from_ref;

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use futures_util::FutureExt;
use signoff_store::{ErrorKind, UnitOfWork};
use signoff_store_diesel::pg_sync;

use super::fresh;
use crate::support::{load_of, next, start, version};

/// What a future gives that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("it waits for nothing")
}

#[tokio::test]
async fn both_or_neither_are_kept_without_a_runtime() {
    let Some((store, place)) = fresh().await else {
        return;
    };
    let mut connection = PgConnection::establish(&place.url).unwrap();
    let (one, two) = (start(1), start(2));
    connection
        .transaction(|connection| {
            let mut unit = pg_sync(connection);
            now(unit.commit(from_ref(&one))).unwrap();
            let error = now(unit.commit(from_ref(&one))).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Conflict);
            now(unit.commit(&[next(&one)])).unwrap();
            assert!(now(unit.load(&load_of(&one))).unwrap().is_some());
            let members = ["ann", "bob"].map(Into::into);
            let turn = now(unit.turn(&one.instance.tenant, "clerks", &members)).unwrap();
            assert_eq!(turn, members[0]);
            assert!(unit.host().is::<PgConnection>());
            diesel::QueryResult::Ok(())
        })
        .unwrap();
    connection.batch_execute("BEGIN").unwrap();
    now(pg_sync(&mut connection).commit(from_ref(&two))).unwrap();
    connection.batch_execute("ROLLBACK").unwrap();
    assert_eq!(version(&store, &one).await, 2);
    assert_eq!(version(&store, &two).await, 0);
}

#[tokio::test]
async fn a_connection_in_no_transaction_is_refused() {
    let Some((store, place)) = fresh().await else {
        return;
    };
    let mut connection = PgConnection::establish(&place.url).unwrap();
    let error = now(pg_sync(&mut connection).commit(&[start(1)])).unwrap_err();
    assert!(error.to_string().contains("in no transaction"), "{error}");
    assert_eq!(version(&store, &start(1)).await, 0);
}

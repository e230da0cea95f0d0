//! Connections that end, and those that there are too few of.

use std::{
    slice::from_ref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use signoff_store::{ErrorKind, Instances};
use signoff_store_sqlx::{PostgresOptions, PostgresStore};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::place::Place;
use crate::support::{next, start, version};

/// Ends every connection of a store, as a server does that is restarted.
async fn cut(store: &PostgresStore, place: &Place) {
    let mut ids = Vec::new();
    let mut held = Vec::new();
    while let Some(mut connection) = store.pool().try_acquire() {
        let id: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        ids.push(id);
        held.push(connection);
    }
    drop(held);
    let pool = place.pool().await;
    for id in ids {
        sqlx::query("SELECT pg_terminate_backend($1, 5000)")
            .bind(id)
            .execute(&pool)
            .await
            .unwrap();
    }
}

/// Makes the store open all its connections.
async fn fill(store: &PostgresStore) {
    let mut held = Vec::new();
    for _ in 0..store.pool().options().get_max_connections() {
        held.push(store.pool().acquire().await.unwrap());
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
    let store = place.store().await;
    let rows = start(1);
    fill(&store).await;
    cut(&store, &place).await;
    store.commit_now(from_ref(&rows)).await.unwrap();
    fill(&store).await;
    cut(&store, &place).await;
    assert_eq!(version(&store, &rows).await, 1);
    fill(&store).await;
    cut(&store, &place).await;
    let mut tx = store.begin(&"acme".into()).await.unwrap();
    tx.commit(&[next(&rows)]).await.unwrap();
    tx.finish().await.unwrap();
    fill(&store).await;
    cut(&store, &place).await;
    let changes = [start(2), next(&next(&rows))];
    store.commit_now(&changes).await.unwrap();
    assert_eq!(version(&store, &rows).await, 3);
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

/// A way to the server that can lose its answers.
async fn way(place: &Place, deaf: Arc<AtomicBool>) -> String {
    let options: sqlx::postgres::PgConnectOptions = place.url.parse().unwrap();
    let server = (options.get_host().to_owned(), options.get_port());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let there = TcpStream::connect(server.clone()).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = there.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
            let deaf = Arc::clone(&deaf);
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 * 1024];
                while let Ok(n @ 1..) = from_server.read(&mut buffer).await {
                    if deaf.load(Ordering::SeqCst) {
                        break;
                    }
                    to_client.write_all(&buffer[..n]).await.unwrap();
                }
            });
        }
    });
    let user = options.get_username();
    let database = options.get_database().unwrap_or(user);
    format!("postgres://{user}@127.0.0.1:{port}/{database}?sslmode=disable")
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_done_once() {
    let Some(place) = Place::fresh() else { return };
    let deaf = Arc::new(AtomicBool::new(false));
    let url = way(&place, Arc::clone(&deaf)).await;
    let options = PostgresOptions {
        max_connections: 1,
        ..place.options()
    };
    let store = PostgresStore::open_with(&url, options).await.unwrap();
    let rows = start(1);
    // Prepared, so that the next answer is that of the commit itself.
    store.commit_now(from_ref(&rows)).await.unwrap();
    let second = next(&rows);
    store.commit_now(from_ref(&second)).await.unwrap();
    let third = next(&second);
    idle(&store, 1).await;
    deaf.store(true, Ordering::SeqCst);
    let error = store.commit_now(from_ref(&third)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.is_retryable());
    deaf.store(false, Ordering::SeqCst);
    let version = version(&store, &rows).await;
    let again = store.commit_now(&[third]).await;
    assert_eq!(version, 3, "it was done");
    assert_eq!(again.unwrap_err().kind(), ErrorKind::Conflict);
}

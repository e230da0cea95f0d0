//! Opening databases, good and bad, and what becomes of connections.

use std::{slice::from_ref, time::Duration};

use diesel_async::AsyncPgConnection;
use signoff_store::{ErrorKind, Instances};
use signoff_store_diesel::{PostgresOptions, PostgresStore, SchemaOnOpen};

use super::fresh;
use crate::{
    servers::{Place, run_sql},
    support::{load_of, next, start, version},
};

#[tokio::test]
async fn missing_tables_can_be_refused() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let options = PostgresOptions {
        schema: SchemaOnOpen::Check,
        ..PostgresOptions::default()
    };
    let error = PostgresStore::open_with(&place.url, options.clone()).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Schema);
    let open = || PostgresStore::open(&place.url);
    for store in futures_util::future::join_all([open(), open(), open()]).await {
        store.unwrap();
    }
    PostgresStore::open_with(&place.url, options).await.unwrap();
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_named_without_its_password() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let server = place.url.split('?').next().unwrap();
    let (host, _) = server.rsplit_once('/').unwrap();
    for (url, kind, name) in [
        (
            "postgres://ann:secret@127.0.0.1:1/signoff",
            ErrorKind::Unavailable,
            "127.0.0.1:1/signoff",
        ),
        (
            &format!("{host}/no_such_database"),
            ErrorKind::Other,
            "no_such_database",
        ),
    ] {
        let error = PostgresStore::open(url).await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(text.contains(name) && !text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn encryption_that_is_demanded_is_refused_and_not_left_out() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let with = |mode: &str| {
        let sign = if place.url.contains('?') { '&' } else { '?' };
        format!("{}{sign}sslmode={mode}", place.url)
    };
    for mode in ["require", "verify-ca", "verify-full"] {
        let error = PostgresStore::open(&with(mode)).await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Other, "{text}");
        assert!(
            text.contains("encrypted") && text.contains("sqlx"),
            "{text}"
        );
    }
    for mode in ["disable", "allow", "prefer"] {
        PostgresStore::open(&with(mode)).await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_the_server_ends_is_replaced() {
    let Some((store, place)) = fresh().await else {
        return;
    };
    let rows = start(1);
    store.commit_now(from_ref(&rows)).await.unwrap();
    let mut tx = store.begin(&"acme".into()).await.unwrap();
    tx.commit(&[next(&rows)]).await.unwrap();
    // Those of this test's schema alone.
    let schema = place.url.rsplit_once("%3D").unwrap().1;
    let end = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_locks
         WHERE relation = '{schema}.signoff_instance'::regclass AND pid <> pg_backend_pid()"
    );
    run_sql::<AsyncPgConnection>(&place.url, &end).await;
    let error = tx.commit(&[start(2)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    drop(tx);
    assert_eq!(version(&store, &rows).await, 1);
    store.commit_now(&[next(&rows)]).await.unwrap();
}

#[tokio::test]
async fn a_statement_that_waits_for_too_long_is_unavailable() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let options = PostgresOptions {
        statement_timeout: Duration::from_millis(500),
        ..PostgresOptions::default()
    };
    let one = PostgresStore::open(&place.url).await.unwrap();
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
async fn who_gets_no_connection_in_time_is_told_so() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let options = PostgresOptions {
        max_connections: 1,
        acquire_timeout: Duration::from_secs(1),
        ..PostgresOptions::default()
    };
    let store = PostgresStore::open_with(&place.url, options).await.unwrap();
    let tx = store.begin(&"acme".into()).await.unwrap();
    let error = store.load(&load_of(&start(1))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    drop(tx);
    assert_eq!(version(&store, &start(1)).await, 0);
    let other = store.clone();
    store.close().await;
    let error = other.load(&load_of(&start(1))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("closed"), "{error}");
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_nothing_open() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let options = PostgresOptions {
        max_connections: 1,
        ..PostgresOptions::default()
    };
    let store = PostgresStore::open_with(&place.url, options).await.unwrap();
    for millis in 0..20 {
        let tx = async {
            let mut tx = store.begin(&"acme".into()).await.unwrap();
            tx.commit(&[start(50)]).await.unwrap();
            tx.commit(&[start(51)]).await.unwrap();
            tokio::time::sleep(Duration::from_secs(5)).await;
        };
        let _ = tokio::time::timeout(Duration::from_millis(millis), tx).await;
        assert_eq!(version(&store, &start(50)).await, 0);
    }
    store.commit_now(&[start(50), start(51)]).await.unwrap();
}

#[tokio::test]
async fn of_two_that_wait_for_each_other_one_is_told_to_try_again() {
    let Some((store, _place)) = fresh().await else {
        return;
    };
    let (one, two) = (start(1), start(2));
    store.commit_now(&[one.clone(), two.clone()]).await.unwrap();
    let mut first = store.begin(&"acme".into()).await.unwrap();
    let mut second = store.begin(&"acme".into()).await.unwrap();
    first.commit(&[next(&one)]).await.unwrap();
    second.commit(&[next(&two)]).await.unwrap();
    let both = futures_util::future::join(
        async { (first.commit(&[next(&two)]).await, drop(first)).0 },
        async { (second.commit(&[next(&one)]).await, drop(second)).0 },
    );
    let (first, second) = both.await;
    let kinds = [first, second].map(|done| done.err().map(|error| error.kind()));
    assert!(kinds.contains(&Some(ErrorKind::Unavailable)), "{kinds:?}");
    assert!(kinds.contains(&None), "{kinds:?}");
}

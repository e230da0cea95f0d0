//! Opening databases, good and bad, and what becomes of connections.

use std::{slice::from_ref, time::Duration};

use diesel_async::AsyncMysqlConnection;
use signoff_store::{ErrorKind, Instances};
use signoff_store_diesel::{MySqlOptions, MySqlStore, SchemaOnOpen};

use super::fresh;
use crate::{
    servers::{Place, run_sql},
    support::{load_of, next, start, version},
};

#[tokio::test]
async fn missing_tables_can_be_refused() {
    let Some(place) = Place::mysql().await else {
        return;
    };
    let options = MySqlOptions {
        schema: SchemaOnOpen::Check,
        ..MySqlOptions::default()
    };
    let error = MySqlStore::open_with(&place.url, options.clone()).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Schema);
    let open = || MySqlStore::open(&place.url);
    for store in futures_util::future::join_all([open(), open(), open()]).await {
        store.unwrap();
    }
    MySqlStore::open_with(&place.url, options).await.unwrap();
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_named_without_its_password() {
    let Some(place) = Place::mysql().await else {
        return;
    };
    let server = place.url.split('?').next().unwrap();
    let (host, _) = server.rsplit_once('/').unwrap();
    for (url, kind, name) in [
        (
            "mysql://ann:secret@127.0.0.1:1/signoff",
            ErrorKind::Unavailable,
            "127.0.0.1:1/signoff",
        ),
        (
            &format!("{host}/no_such_database"),
            ErrorKind::Other,
            "no_such_database",
        ),
    ] {
        let error = MySqlStore::open(url).await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(text.contains(name) && !text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn encryption_that_is_demanded_is_refused_and_not_left_out() {
    let Some(place) = Place::mysql().await else {
        return;
    };
    for word in [
        "ssl-mode=REQUIRED",
        "ssl-mode=VERIFY_CA",
        "require_ssl=true",
    ] {
        let url = format!("{}?{word}", place.url);
        let error = MySqlStore::open(&url).await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Other, "{text}");
        assert!(
            text.contains("encrypted") && text.contains("sqlx"),
            "{text}"
        );
    }
    for word in ["ssl-mode=DISABLED", "ssl-mode=PREFERRED"] {
        let url = format!("{}?{word}", place.url);
        MySqlStore::open(&url).await.unwrap();
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
    let id = "SELECT connection_id() AS id";
    let lent = tx.host().downcast_mut::<AsyncMysqlConnection>().unwrap();
    let id = number(lent, id).await;
    run_sql::<AsyncMysqlConnection>(&place.url, &format!("KILL {id}")).await;
    let error = tx.commit(&[start(2)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    drop(tx);
    assert_eq!(version(&store, &rows).await, 1);
    store.commit_now(&[next(&rows)]).await.unwrap();
}

async fn number(connection: &mut AsyncMysqlConnection, sql: &str) -> i64 {
    use diesel_async::RunQueryDsl;

    #[derive(diesel::QueryableByName)]
    struct One {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        id: i64,
    }
    let one: One = diesel::sql_query(sql).get_result(connection).await.unwrap();
    one.id
}

#[tokio::test]
async fn who_gets_no_connection_in_time_is_told_so() {
    let Some(place) = Place::mysql().await else {
        return;
    };
    let options = MySqlOptions {
        connections: 1,
        acquire_timeout: Duration::from_secs(1),
        ..MySqlOptions::default()
    };
    let store = MySqlStore::open_with(&place.url, options).await.unwrap();
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
    let Some(place) = Place::mysql().await else {
        return;
    };
    let options = MySqlOptions {
        connections: 1,
        ..MySqlOptions::default()
    };
    let store = MySqlStore::open_with(&place.url, options).await.unwrap();
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

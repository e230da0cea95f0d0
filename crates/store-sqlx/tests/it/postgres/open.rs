//! Opening databases, good and bad.

use std::slice::from_ref;

use signoff_store::{ErrorKind, Instances};
use signoff_store_sqlx::{PostgresOptions, PostgresProfile, PostgresStore, SchemaOnOpen};

use super::place::Place;
use crate::support::{load_of, next, start, version};

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let Some(place) = Place::fresh() else { return };
    let rows = start(1);
    let store = place.store().await;
    store
        .commit_now(&[rows.clone(), next(&rows)])
        .await
        .unwrap();
    let before = store.load(&load_of(&rows)).await.unwrap();
    store.close().await;
    let store = place.store().await;
    assert_eq!(store.load(&load_of(&rows)).await.unwrap(), before);
}

#[tokio::test]
async fn two_stores_on_one_database_see_each_other() {
    let Some(place) = Place::fresh() else { return };
    let one = place.store().await;
    let two = place.store_of(PostgresProfile::Plain).await;
    let rows = start(1);
    one.commit_now(from_ref(&rows)).await.unwrap();
    assert_eq!(version(&two, &rows).await, 1);
    two.commit_now(&[next(&rows)]).await.unwrap();
    assert_eq!(version(&one, &rows).await, 2);
    let error = one.commit_now(&[next(&rows)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_named_without_the_password() {
    // Nothing listens there.
    let url = "postgres://ann:secret@127.0.0.1:1/app";
    let error = PostgresStore::open(url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let text = error.to_string();
    assert!(text.contains("127.0.0.1:1/app"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    let error = PostgresStore::open("not an address").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Other);
    assert!(error.to_string().contains("address"), "{error}");
}

#[tokio::test]
async fn the_next_schema_is_accepted_and_later_ones_refused() {
    let Some(place) = Place::fresh() else { return };
    place.store().await.close().await;
    place.run("INSERT INTO signoff_schema_version SELECT max(version) + 1, 'next', 'x', 0 FROM signoff_schema_version").await;
    place.store().await.close().await;
    place.run("INSERT INTO signoff_schema_version SELECT max(version) + 1, 'later', 'x', 0 FROM signoff_schema_version").await;
    let error = PostgresStore::open_with(&place.url, place.options())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(
        error.to_string().contains("newer version of the program"),
        "{error}"
    );
}

#[tokio::test]
async fn missing_tables_can_be_refused() {
    let Some(place) = Place::fresh() else { return };
    let options = PostgresOptions {
        schema: SchemaOnOpen::Check,
        ..place.options()
    };
    let refused = PostgresStore::open_with(&place.url, options.clone()).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Schema);
    place.store().await.close().await;
    PostgresStore::open_with(&place.url, options).await.unwrap();
}

#[tokio::test]
async fn two_programs_may_make_the_tables_at_once() {
    for profile in [PostgresProfile::Full, PostgresProfile::Plain] {
        let Some(place) = Place::fresh() else { return };
        let stores = (
            place.store_of(profile),
            place.store_of(profile),
            place.store_of(profile),
        );
        let (one, two, three) = tokio::join!(stores.0, stores.1, stores.2);
        let rows = start(1);
        one.commit_now(from_ref(&rows)).await.unwrap();
        assert_eq!(version(&two, &rows).await, 1);
        assert_eq!(version(&three, &rows).await, 1);
    }
}

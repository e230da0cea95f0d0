//! Work is announced to other processes, whatever library they are on.

use std::{sync::Arc, time::Duration};

use signoff_store::Store;
use signoff_store_diesel::{PostgresOptions, PostgresProfile, PostgresStore};
use tokio::time::timeout;

use super::fresh;
use crate::servers::Place;

/// Long enough for any machine; a test that fails waits so long.
const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn stores_of_either_library_hear_that_there_is_work() {
    let Some((one, place)) = fresh().await else {
        return;
    };
    let on_sqlx = signoff_store_sqlx::PostgresStore::open(&place.url).await;
    let others: [Arc<dyn Store>; 2] = [
        Arc::new(PostgresStore::open(&place.url).await.unwrap()),
        Arc::new(on_sqlx.unwrap()),
    ];
    for other in others {
        let hears = tokio::spawn(async move { other.announced().await });
        // It may not listen yet, so it is said again until it is heard.
        let heard = timeout(LONG, async {
            while !hears.is_finished() {
                Store::announce(&one);
                tokio::task::yield_now().await;
            }
        });
        heard.await.unwrap();
    }
}

#[tokio::test]
async fn a_store_hears_what_one_on_sqlx_announces() {
    let Some((one, place)) = fresh().await else {
        return;
    };
    let on_sqlx = signoff_store_sqlx::PostgresStore::open(&place.url)
        .await
        .unwrap();
    let hears = tokio::spawn(async move { Store::announced(&one).await });
    let heard = timeout(LONG, async {
        while !hears.is_finished() {
            Store::announce(&on_sqlx);
            tokio::task::yield_now().await;
        }
    });
    heard.await.unwrap();
}

#[tokio::test]
async fn a_plain_database_tells_nothing() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let options = PostgresOptions {
        profile: PostgresProfile::Plain,
        ..PostgresOptions::default()
    };
    let store = PostgresStore::open_with(&place.url, options).await.unwrap();
    Store::announce(&store);
    let heard = timeout(Duration::ZERO, Store::announced(&store)).await;
    assert!(heard.is_err());
}

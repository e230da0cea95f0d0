//! Work is announced to other processes.

use std::time::Duration;

use signoff_store::Store as _;
use signoff_store_sqlx::PostgresProfile;
use tokio::time::timeout;

use super::place::Place;

/// Long enough for any machine; a test that fails waits so long.
const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn another_store_hears_that_there_is_work() {
    let Some(place) = Place::fresh() else { return };
    let (one, other) = (place.store().await, place.store().await);
    let hears = tokio::spawn(async move {
        other.announced().await;
        other
    });
    // It may not listen yet, so it is said again until it is heard.
    let heard = timeout(LONG, async {
        while !hears.is_finished() {
            one.announce();
            tokio::task::yield_now().await;
        }
    });
    heard.await.unwrap();
    hears.await.unwrap().close().await;
    one.close().await;
}

#[tokio::test]
async fn a_plain_database_tells_nothing() {
    let Some(place) = Place::fresh() else { return };
    let store = place.store_of(PostgresProfile::Plain).await;
    store.announce();
    let heard = timeout(Duration::ZERO, store.announced()).await;
    assert!(heard.is_err());
}

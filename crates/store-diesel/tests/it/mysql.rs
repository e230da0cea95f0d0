//! MySQL or MariaDB.

mod given_up;
mod host;
mod open;
mod shared;
mod suite;

use signoff_store_diesel::MySqlStore;

use crate::servers::Place;

/// A store with a place of its own, if there is a server.
async fn fresh() -> Option<(MySqlStore, Place)> {
    let place = Place::mysql().await?;
    let store = MySqlStore::open(&place.url).await.unwrap();
    Some((store, place))
}

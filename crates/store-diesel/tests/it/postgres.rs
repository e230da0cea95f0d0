//! PostgreSQL.

mod bell;
mod given_up;
mod group_commit;
mod host;
mod open;
mod shared;
mod suite;
#[cfg(feature = "postgres-sync")]
mod sync;

use signoff_store_diesel::PostgresStore;

use crate::servers::Place;

/// A store with a place of its own, if there is a server.
async fn fresh() -> Option<(PostgresStore, Place)> {
    let place = Place::postgres().await?;
    let store = PostgresStore::open(&place.url).await.unwrap();
    Some((store, place))
}

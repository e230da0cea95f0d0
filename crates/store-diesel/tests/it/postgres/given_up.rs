//! Connections whose statements are given up half-way.

use std::time::Duration;

use signoff_store_diesel::{PostgresOptions, PostgresStore};

use crate::{given_up::leaves_nothing_to_others, servers::Place};

#[tokio::test]
async fn what_was_given_up_leaves_nothing_to_others() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let open = async |url: &str| {
        let options = PostgresOptions {
            max_connections: 1,
            acquire_timeout: Duration::from_secs(10),
            ..PostgresOptions::default()
        };
        PostgresStore::open_with(url, options).await.unwrap()
    };
    leaves_nothing_to_others(&place.url, open).await;
}

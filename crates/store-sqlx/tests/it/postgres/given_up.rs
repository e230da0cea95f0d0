//! Connections whose statements are given up half-way.

use std::time::Duration;

use signoff_store_sqlx::{PostgresOptions, PostgresStore};

use super::place::Place;
use crate::given_up::leaves_nothing_to_others;

#[tokio::test]
async fn what_was_given_up_leaves_nothing_to_others() {
    let Some(place) = Place::fresh() else {
        return;
    };
    let open = async |url: &str| {
        let options = PostgresOptions {
            max_connections: 1,
            acquire_timeout: Duration::from_secs(10),
            ..place.options()
        };
        PostgresStore::open_with(url, options).await.unwrap()
    };
    leaves_nothing_to_others(&place.url, open).await;
}

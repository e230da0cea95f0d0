//! Connections whose statements are given up half-way.

use std::time::Duration;

use signoff_store_sqlx::{MySqlOptions, MySqlStore};

use super::database::Database;
use crate::given_up::leaves_nothing_to_others;

#[tokio::test]
async fn what_was_given_up_leaves_nothing_to_others() {
    let Some(place) = Database::new().await else {
        return;
    };
    let open = async |url: &str| {
        let options = MySqlOptions {
            connections: 1,
            acquire_timeout: Duration::from_secs(10),
            ..MySqlOptions::default()
        };
        MySqlStore::open_with(url, options).await.unwrap()
    };
    leaves_nothing_to_others(&place.url(), open).await;
}

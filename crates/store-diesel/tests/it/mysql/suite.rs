//! The suite of the contract.

use std::{env, sync::Arc};

use async_trait::async_trait;
use signoff_store::{Store, conformance::Builder};
use signoff_store_diesel::MySqlStore;

use crate::servers::{Place, unset};

#[derive(Debug)]
struct InDatabase;

#[async_trait]
impl Builder for InDatabase {
    type Guard = Place;

    fn missing(&self) -> Option<String> {
        let server = env::var(Place::MYSQL);
        server.is_err().then(|| unset(Place::MYSQL))
    }

    async fn build(&self) -> (Arc<dyn Store>, Place) {
        let place = Place::mysql().await.unwrap();
        let store = MySqlStore::open(&place.url).await.unwrap();
        (Arc::new(store), place)
    }

    async fn again(&self, _store: &Arc<dyn Store>, place: &Place) -> Arc<dyn Store> {
        Arc::new(MySqlStore::open(&place.url).await.unwrap())
    }
}

signoff_store::conformance_tests!(InDatabase);

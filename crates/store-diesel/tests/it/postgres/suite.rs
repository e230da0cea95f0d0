//! The suite of the contract, in both profiles.

use std::{env, sync::Arc};

use async_trait::async_trait;
use signoff_store::{Store, conformance::Builder};
use signoff_store_diesel::{PostgresOptions, PostgresProfile, PostgresStore};

use crate::servers::{Place, unset};

#[derive(Debug)]
struct InSchema(PostgresProfile);

#[async_trait]
impl Builder for InSchema {
    type Guard = Place;

    fn missing(&self) -> Option<String> {
        let server = env::var(Place::POSTGRES);
        server.is_err().then(|| unset(Place::POSTGRES))
    }

    async fn build(&self) -> (Arc<dyn Store>, Place) {
        let place = Place::postgres().await.unwrap();
        let options = PostgresOptions {
            profile: self.0,
            ..PostgresOptions::default()
        };
        let store = PostgresStore::open_with(&place.url, options).await.unwrap();
        (Arc::new(store), place)
    }

    async fn again(&self, _store: &Arc<dyn Store>, place: &Place) -> Arc<dyn Store> {
        let options = PostgresOptions {
            profile: self.0,
            ..PostgresOptions::default()
        };
        let store = PostgresStore::open_with(&place.url, options).await;
        Arc::new(store.unwrap())
    }
}

mod full {
    use super::{InSchema, PostgresProfile};

    signoff_store::conformance_tests!(InSchema(PostgresProfile::Full));
}

mod plain {
    use super::{InSchema, PostgresProfile};

    signoff_store::conformance_tests!(InSchema(PostgresProfile::Plain));
}

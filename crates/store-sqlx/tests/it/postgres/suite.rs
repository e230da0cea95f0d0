//! The suite of the contract.

use std::sync::Arc;

use async_trait::async_trait;
use signoff_store::{Store, conformance::Builder};
use signoff_store_sqlx::PostgresProfile;

use super::place::{self, Place};

#[derive(Debug)]
struct InSchema(PostgresProfile);

#[async_trait]
impl Builder for InSchema {
    type Guard = Place;

    fn missing(&self) -> Option<String> {
        place::missing()
    }

    async fn build(&self) -> (Arc<dyn Store>, Place) {
        let place = Place::fresh().unwrap();
        let store = place.store_of(self.0).await;
        (Arc::new(store), place)
    }

    async fn again(&self, _store: &Arc<dyn Store>, place: &Place) -> Arc<dyn Store> {
        Arc::new(place.store_of(self.0).await)
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

//! The suite of the contract.

use std::sync::Arc;

use async_trait::async_trait;
use signoff_store::{Store, conformance::Builder};
use signoff_store_sqlx::{PostgresOptions, PostgresProfile, PostgresStore};

use super::place::{self, Place};

/// The profile, and how many commits go alone.
#[derive(Debug)]
struct InSchema(PostgresProfile, u32);

impl InSchema {
    async fn open(&self, place: &Place) -> Arc<dyn Store> {
        let options = PostgresOptions {
            profile: self.0,
            commits_alone: self.1,
            ..place.options()
        };
        Arc::new(PostgresStore::open_with(&place.url, options).await.unwrap())
    }
}

#[async_trait]
impl Builder for InSchema {
    type Guard = Place;

    fn missing(&self) -> Option<String> {
        place::missing()
    }

    async fn build(&self) -> (Arc<dyn Store>, Place) {
        let place = Place::fresh().unwrap();
        (self.open(&place).await, place)
    }

    async fn again(&self, _store: &Arc<dyn Store>, place: &Place) -> Arc<dyn Store> {
        self.open(place).await
    }
}

mod full {
    use super::{InSchema, PostgresProfile};

    signoff_store::conformance_tests!(InSchema(PostgresProfile::Full, 4));
}

mod plain {
    use super::{InSchema, PostgresProfile};

    signoff_store::conformance_tests!(InSchema(PostgresProfile::Plain, 4));
}

/// Each commit is sent as those are that waited for each other.
mod together {
    use super::{InSchema, PostgresProfile};

    signoff_store::conformance_tests!(InSchema(PostgresProfile::Full, 0));
}

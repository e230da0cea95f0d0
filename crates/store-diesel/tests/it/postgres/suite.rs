//! The suite of the contract, in both profiles.

use std::{env, sync::Arc};

use async_trait::async_trait;
use signoff_store::{Store, conformance::Builder};
use signoff_store_diesel::{PostgresOptions, PostgresProfile, PostgresStore};

use crate::servers::{Place, unset};

/// The profile, and how many commits go alone.
#[derive(Debug)]
struct InSchema(PostgresProfile, u32);

impl InSchema {
    async fn open(&self, place: &Place) -> Arc<dyn Store> {
        let options = PostgresOptions {
            profile: self.0,
            commits_alone: self.1,
            ..PostgresOptions::default()
        };
        Arc::new(PostgresStore::open_with(&place.url, options).await.unwrap())
    }
}

#[async_trait]
impl Builder for InSchema {
    type Guard = Place;

    fn missing(&self) -> Option<String> {
        let server = env::var(Place::POSTGRES);
        server.is_err().then(|| unset(Place::POSTGRES))
    }

    async fn build(&self) -> (Arc<dyn Store>, Place) {
        let place = Place::postgres().await.unwrap();
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

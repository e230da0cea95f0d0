//! The suite of the contract.

use std::sync::Arc;

use async_trait::async_trait;
use signoff_store::{Store, conformance::Builder};

use super::database::{Database, VARIABLE, server};

#[derive(Debug)]
struct OnServer;

#[async_trait]
impl Builder for OnServer {
    type Guard = Database;

    async fn build(&self) -> (Arc<dyn Store>, Database) {
        let database = Database::new().await.unwrap();
        (Arc::new(database.store().await), database)
    }

    fn missing(&self) -> Option<String> {
        server().is_none().then(|| format!("{VARIABLE} is not set"))
    }
}

signoff_store::conformance_tests!(OnServer);

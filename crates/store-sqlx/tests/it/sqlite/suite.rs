//! The suite of the contract.

use std::sync::Arc;

use async_trait::async_trait;
use signoff_store::{Store, conformance::Builder};
use signoff_store_sqlx::SqliteStore;
use tempfile::TempDir;

#[derive(Debug)]
struct InFile;

#[async_trait]
impl Builder for InFile {
    type Guard = TempDir;

    async fn build(&self) -> (Arc<dyn Store>, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("signoff.db"))
            .await
            .unwrap();
        (Arc::new(store), folder)
    }

    async fn again(&self, _store: &Arc<dyn Store>, folder: &TempDir) -> Arc<dyn Store> {
        let store = SqliteStore::open(folder.path().join("signoff.db")).await;
        Arc::new(store.unwrap())
    }
}

signoff_store::conformance_tests!(InFile);

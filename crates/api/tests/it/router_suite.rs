//! The suite of the contract, on routers over two stores.

use std::sync::Arc;

use async_trait::async_trait;
use signoff::{
    TenantId, TenantRouter,
    store::{MemoryStore, Store, conformance::Builder},
};

/// The suite's own tenant lives alone, the others together.
pub(crate) fn router() -> TenantRouter {
    TenantRouter::new(|tenant: &TenantId| {
        let name = match tenant.as_str() {
            "acme" => "one",
            _ => "two",
        };
        Some(name.to_owned())
    })
}

mod memory {
    use super::*;

    #[derive(Debug)]
    struct TwoInMemory;

    #[async_trait]
    impl Builder for TwoInMemory {
        type Guard = ();

        async fn build(&self) -> (Arc<dyn Store>, ()) {
            let router = router();
            router.add("one", MemoryStore::new());
            router.add("two", MemoryStore::new());
            (Arc::new(router), ())
        }
    }

    signoff::store::conformance_tests!(TwoInMemory);
}

#[cfg(feature = "sqlx-sqlite")]
mod files {
    use signoff::sqlx::SqliteStore;
    use tempfile::TempDir;

    use super::*;

    #[derive(Debug)]
    struct TwoFiles;

    #[async_trait]
    impl Builder for TwoFiles {
        type Guard = TempDir;

        async fn build(&self) -> (Arc<dyn Store>, TempDir) {
            let folder = tempfile::tempdir().unwrap();
            let router = router();
            let one = folder.path().join("one.db");
            router.add("one", SqliteStore::open(one).await.unwrap());
            let two = folder.path().join("two.db");
            router.add_opened_by("two", move || SqliteStore::open(two.clone()));
            router.open().await.unwrap();
            (Arc::new(router), folder)
        }
    }

    signoff::store::conformance_tests!(TwoFiles);
}

//! The stores that everything runs on.

use std::sync::Arc;

use signoff::store::{MemoryStore, Store};
use tempfile::TempDir;

/// A store with what keeps its file alive.
pub(crate) struct Opened {
    pub(crate) name: &'static str,
    pub(crate) store: Arc<dyn Store>,
    _folder: Option<TempDir>,
}

/// Every store, fresh.
pub(crate) async fn every() -> Vec<Opened> {
    let sqlx = tempfile::tempdir().unwrap();
    let diesel = tempfile::tempdir().unwrap();
    vec![
        Opened {
            name: "memory",
            store: Arc::new(MemoryStore::default()),
            _folder: None,
        },
        Opened {
            name: "sqlx on SQLite",
            store: Arc::new(
                signoff::sqlx::SqliteStore::open(sqlx.path().join("t.db"))
                    .await
                    .unwrap(),
            ),
            _folder: Some(sqlx),
        },
        Opened {
            name: "diesel on SQLite",
            store: Arc::new(
                signoff::diesel::SqliteStore::open(diesel.path().join("t.db"))
                    .await
                    .unwrap(),
            ),
            _folder: Some(diesel),
        },
    ]
}

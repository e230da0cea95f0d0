//! The stores that everything runs on.

use std::{any::Any, sync::Arc};

use signoff::store::{MemoryStore, Store};

use crate::servers::{Database, Schema};

/// A store with what keeps its file alive.
pub(crate) struct Opened {
    pub(crate) name: &'static str,
    pub(crate) store: Arc<dyn Store>,
    _place: Box<dyn Any + Send + Sync>,
}

/// Every store, fresh.
pub(crate) async fn every() -> Vec<Opened> {
    let mut every = vec![memory(), sqlx_sqlite().await, diesel_sqlite().await];
    every.extend(sqlx_postgres().await);
    every.extend(diesel_postgres().await);
    every.extend(sqlx_mysql().await);
    every.extend(diesel_mysql().await);
    every
}

pub(crate) fn memory() -> Opened {
    Opened {
        name: "memory",
        store: Arc::new(MemoryStore::default()),
        _place: Box::new(()),
    }
}

pub(crate) async fn sqlx_sqlite() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let store = signoff::sqlx::SqliteStore::open(folder.path().join("t.db")).await;
    Opened {
        name: "sqlx on SQLite",
        store: Arc::new(store.unwrap()),
        _place: Box::new(folder),
    }
}

pub(crate) async fn diesel_sqlite() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let store = signoff::diesel::SqliteStore::open(folder.path().join("t.db")).await;
    Opened {
        name: "diesel on SQLite",
        store: Arc::new(store.unwrap()),
        _place: Box::new(folder),
    }
}

/// PostgreSQL where there is a server to test on; else says that it is skipped.
pub(crate) async fn sqlx_postgres() -> Option<Opened> {
    let schema = Schema::fresh()?;
    let store = schema.sqlx(signoff::sqlx::PostgresProfile::Full).await;
    Some(Opened {
        name: "sqlx on PostgreSQL",
        store: Arc::new(store),
        _place: Box::new(schema),
    })
}

pub(crate) async fn diesel_postgres() -> Option<Opened> {
    let schema = Schema::fresh()?;
    let store = schema.diesel(signoff::diesel::PostgresProfile::Full).await;
    Some(Opened {
        name: "diesel on PostgreSQL",
        store: Arc::new(store),
        _place: Box::new(schema),
    })
}

/// MySQL or MariaDB where there is a server to test on; else says that it is skipped.
pub(crate) async fn sqlx_mysql() -> Option<Opened> {
    let database = Database::fresh()?;
    let store = database.sqlx().await;
    Some(Opened {
        name: "sqlx on MySQL",
        store: Arc::new(store),
        _place: Box::new(database),
    })
}

pub(crate) async fn diesel_mysql() -> Option<Opened> {
    let database = Database::fresh()?;
    let store = database.diesel().await;
    Some(Opened {
        name: "diesel on MySQL",
        store: Arc::new(store),
        _place: Box::new(database),
    })
}

//! The stores that everything runs on.

use std::{any::Any, sync::Arc};

use signoff::store::{MemoryStore, Store};
use signoff_tests::POSTGRES;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

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

/// A schema of its own on the server, dropped with it.
#[derive(Debug)]
pub(crate) struct Schema {
    url: String,
    pub(crate) name: String,
}

impl Schema {
    pub(crate) fn fresh() -> Option<Self> {
        let Ok(url) = std::env::var(POSTGRES) else {
            eprintln!("skipped: {POSTGRES} is not set");
            return None;
        };
        let name = format!("signoff_trial_{}", uuid::Uuid::now_v7().simple());
        Some(Self { url, name })
    }

    /// A store in it, with few connections, because many tests run at once.
    pub(crate) async fn sqlx(
        &self,
        profile: signoff::sqlx::PostgresProfile,
    ) -> signoff::sqlx::PostgresStore {
        let options = signoff::sqlx::PostgresOptions {
            max_connections: 4,
            in_schema: Some(self.name.clone()),
            profile,
            ..signoff::sqlx::PostgresOptions::default()
        };
        let store = signoff::sqlx::PostgresStore::open_with(&self.url, options);
        store.await.unwrap()
    }

    /// The same by the other library.
    pub(crate) async fn diesel(
        &self,
        profile: signoff::diesel::PostgresProfile,
    ) -> signoff::diesel::PostgresStore {
        let options = signoff::diesel::PostgresOptions {
            max_connections: 4,
            in_schema: Some(self.name.clone()),
            profile,
            ..signoff::diesel::PostgresOptions::default()
        };
        let store = signoff::diesel::PostgresStore::open_with(&self.url, options);
        store.await.unwrap()
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let url = self.url.clone();
        let sql = format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", self.name);
        // A thread of its own: the test may be inside a runtime.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&url).await?;
                let wait = "SET lock_timeout = '10s'";
                sqlx::raw_sql(wait).execute(&mut connection).await?;
                let dropped = sqlx::raw_sql(AssertSqlSafe(sql));
                dropped.execute(&mut connection).await.map(|_| ())
            })
        });
        // A schema that is left behind disturbs nobody.
        let _left = dropping.join();
    }
}

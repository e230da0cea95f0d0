//! What the tests of the whole share: small worlds to run engines in.

pub mod crash;

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use signoff::{
    Builder, Clock, Engine, Format, MemoryDirectory, Profile, SystemClock, TenantId,
    core::id::CommandId, diesel, sqlx, store::Store,
};

/// A person with roles and an address.
#[must_use]
pub fn person(id: &str, roles: &[&str]) -> Profile {
    Profile {
        id: id.into(),
        email: Some(format!("{id}@example.com")),
        roles: roles.iter().map(|role| (*role).into()).collect(),
        active: true,
        ..Profile::default()
    }
}

/// An engine on `store` with these people, still to be finished.
#[must_use]
pub fn builder(store: Arc<dyn Store>, people: Vec<Profile>) -> Builder {
    Engine::builder()
        .shared_store(store)
        .directory(MemoryDirectory::new(people))
}

/// Publishes a definition for the default tenant.
///
/// # Panics
/// When the definition has errors or the store fails.
#[expect(clippy::expect_used, reason = "a failing helper fails the test")]
pub async fn publish(engine: &Engine, definition: &str) {
    engine
        .publish(&TenantId::default(), &[(definition, Format::Yaml)])
        .await
        .expect("the definition publishes");
}

/// Names the PostgreSQL server that tests may use.
pub const POSTGRES: &str = "SIGNOFF_TEST_POSTGRES";

/// Names the server of MySQL or MariaDB that tests may use, with a database of it.
pub const MYSQL: &str = "SIGNOFF_TEST_MYSQL";

/// The address of another database of the same server.
#[must_use]
pub fn mysql(server: &str, database: &str) -> String {
    let (server, _) = server.rsplit_once('/').unwrap_or((server, ""));
    format!("{server}/{database}")
}

/// Opens a store: `sqlx:PATH` or `diesel:PATH`, files of SQLite, or on the servers that tests may use
/// `sqlx-postgres:SCHEMA`, `diesel-postgres:SCHEMA`, `sqlx-mysql:DATABASE` and
/// `diesel-mysql:DATABASE`.
///
/// # Errors
/// When it cannot be opened.
///
/// # Panics
/// When the address has another form.
pub async fn open(address: &str) -> signoff::store::Result<Arc<dyn Store>> {
    Ok(match address.split_once(':') {
        Some(("sqlx", path)) => Arc::new(sqlx::SqliteStore::open(path).await?),
        Some(("sqlx-postgres", schema)) => {
            let url = std::env::var(POSTGRES).unwrap_or_default();
            let options = sqlx::PostgresOptions {
                in_schema: Some(schema.to_owned()),
                ..sqlx::PostgresOptions::default()
            };
            Arc::new(sqlx::PostgresStore::open_with(&url, options).await?)
        }
        Some(("diesel-postgres", schema)) => {
            let url = std::env::var(POSTGRES).unwrap_or_default();
            let options = diesel::PostgresOptions {
                in_schema: Some(schema.to_owned()),
                ..diesel::PostgresOptions::default()
            };
            Arc::new(diesel::PostgresStore::open_with(&url, options).await?)
        }
        Some(("sqlx-mysql", database)) => {
            let server = std::env::var(MYSQL).unwrap_or_default();
            Arc::new(sqlx::MySqlStore::open(&mysql(&server, database)).await?)
        }
        Some(("diesel-mysql", database)) => {
            let server = std::env::var(MYSQL).unwrap_or_default();
            Arc::new(diesel::MySqlStore::open(&mysql(&server, database)).await?)
        }
        Some(("diesel", path)) => Arc::new(diesel::SqliteStore::open(path).await?),
        _ => panic!("`{address}` is no store"),
    })
}

/// The clock of a machine that goes wrong by so much.
#[derive(Clone, Copy, Debug)]
pub struct Wrong(pub SignedDuration);

impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.0
    }

    fn command_id(&self) -> CommandId {
        SystemClock.command_id()
    }

    fn is_of_machine(&self) -> bool {
        true
    }
}

/// The clock of the machine, so far ahead.
#[derive(Clone, Copy, Debug)]
pub struct Ahead(pub Duration);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.0
    }

    fn command_id(&self) -> CommandId {
        SystemClock.command_id()
    }
}

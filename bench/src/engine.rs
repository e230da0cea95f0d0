//! An engine as a host would build it: real store, people with roles, functions.

use std::{path::Path, sync::Arc};

use anyhow::bail;
use serde_json::Value;
use signoff::{Engine, Format, MemoryDirectory, Profile, TenantId, store::Store};
use signoff_store_sqlx::{SqliteOptions, SqliteStore, Synchronous};

use crate::{
    inbox,
    settings::{Backend, Place, Settings},
};

/// The engine of a run, its definition published.
pub(crate) async fn engine(settings: &Settings) -> anyhow::Result<Engine> {
    let engine = Engine::builder()
        .shared_store(open(settings).await?)
        .directory(MemoryDirectory::new(people()))
        .function("step", async |_| Ok(Value::from(1)))
        .action("errand", async |_| Ok(Value::Null))
        .build()?;
    let definition = settings.workload.definition();
    engine
        .publish(&TenantId::default(), &[(definition, Format::Yaml)])
        .await?;
    Ok(engine)
}

fn people() -> Vec<Profile> {
    let person = |id: String, role: &str| Profile {
        id: id.into(),
        roles: [role.into()].into(),
        active: true,
        ..Profile::default()
    };
    let named = [("ann", "asker"), ("amy", "first"), ("ben", "second")];
    let named = named.map(|(id, role)| person(id.to_owned(), role));
    let clerks = (0..inbox::PEOPLE).map(|n| person(inbox::clerk(n), "clerk"));
    named.into_iter().chain(clerks).collect()
}

async fn open(settings: &Settings) -> anyhow::Result<Arc<dyn Store>> {
    match &settings.place {
        Place::Sqlite { path, full } => open_sqlite(path, *full, settings.backend).await,
        Place::Postgres { url } => open_postgres(url, settings).await,
        Place::Mysql { url } => open_mysql(url, settings).await,
    }
}

async fn open_sqlite(path: &Path, full: bool, backend: Backend) -> anyhow::Result<Arc<dyn Store>> {
    Ok(match backend {
        Backend::Sqlx => {
            let synchronous = if full {
                Synchronous::Full
            } else {
                Synchronous::Normal
            };
            let options = SqliteOptions {
                synchronous,
                ..SqliteOptions::default()
            };
            Arc::new(SqliteStore::open_with(path, options).await?)
        }
        Backend::Diesel => {
            use signoff::diesel::{SqliteOptions, SqliteStore, Synchronous};
            let synchronous = if full {
                Synchronous::Full
            } else {
                Synchronous::Normal
            };
            let options = SqliteOptions {
                synchronous,
                ..SqliteOptions::default()
            };
            Arc::new(SqliteStore::open_with(path, options).await?)
        }
    })
}

/// Connections for all clients, and a few for reading beside them.
fn connections(settings: &Settings) -> anyhow::Result<u32> {
    Ok(u32::try_from(settings.clients)?.saturating_add(4))
}

async fn open_postgres(url: &str, settings: &Settings) -> anyhow::Result<Arc<dyn Store>> {
    let max_connections = connections(settings)?;
    Ok(match settings.backend {
        Backend::Sqlx => {
            use signoff_store_sqlx::{PostgresOptions, PostgresStore};
            let options = PostgresOptions {
                max_connections,
                ..PostgresOptions::default()
            };
            Arc::new(PostgresStore::open_with(url, options).await?)
        }
        Backend::Diesel => {
            use signoff_store_diesel::{PostgresOptions, PostgresStore};
            let options = PostgresOptions {
                max_connections,
                ..PostgresOptions::default()
            };
            Arc::new(PostgresStore::open_with(url, options).await?)
        }
    })
}

async fn open_mysql(url: &str, settings: &Settings) -> anyhow::Result<Arc<dyn Store>> {
    match settings.backend {
        Backend::Sqlx => bail!("the sqlx store does not open {url} yet"),
        Backend::Diesel => {
            use signoff_store_diesel::{MySqlOptions, MySqlStore};
            let options = MySqlOptions {
                connections: connections(settings)?,
                ..MySqlOptions::default()
            };
            Ok(Arc::new(MySqlStore::open_with(url, options).await?))
        }
    }
}

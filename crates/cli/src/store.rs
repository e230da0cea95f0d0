//! The store that a URL names.

use std::{path::Path, sync::Arc};

use signoff::{Builder, Engine, MemoryDirectory, TenantId, store::Store};

use crate::{
    args::{Backend, Kept},
    exit::{Exit, Failure},
};

/// Where a store is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'u> {
    /// A MySQL or MariaDB database, by its whole URL.
    MySql(&'u str),
    /// A PostgreSQL database, by its whole URL.
    Postgres(&'u str),
    /// A file.
    Sqlite(&'u Path),
}

/// What `sqlite:FILE`, `postgres://…` or `mysql://…` names.
pub(crate) fn place(url: &str) -> Result<Place<'_>, Failure> {
    if let Some(file) = url.strip_prefix("sqlite:") {
        return Ok(Place::Sqlite(Path::new(file)));
    }
    let is_of = |schemes: [&str; 2]| schemes.iter().any(|scheme| url.starts_with(scheme));
    if is_of(["postgres://", "postgresql://"]) {
        return Ok(Place::Postgres(url));
    }
    if is_of(["mysql://", "mariadb://"]) {
        return Ok(Place::MySql(url));
    }
    let message =
        format!("`{url}` is not a store: write `sqlite:FILE`, `postgres://…` or `mysql://…`");
    Err(Failure::failed("unknown_store", message).exit(Exit::Usage))
}

impl Place<'_> {
    /// The library that is taken where none is named: the faster one, as `cargo xtask bench` tells, but
    /// for a server one that can encrypt.
    const fn usual_backend(self) -> Backend {
        match self {
            Self::MySql(_) | Self::Postgres(_) => Backend::Sqlx,
            Self::Sqlite(_) => Backend::Diesel,
        }
    }

    /// Refuses a file that is not there.
    pub(crate) fn known(self) -> Result<Self, Failure> {
        match self {
            Self::Sqlite(file) if !file.exists() => {
                let message = format!("there is no file `{}`", file.display());
                Err(Failure::failed("file_not_found", message).exit(Exit::NotFound))
            }
            place => Ok(place),
        }
    }
}

/// Opens what the URL names; a file must be there.
pub(crate) async fn open_known(
    url: &str,
    backend: Option<Backend>,
) -> Result<Arc<dyn Store>, Failure> {
    place(url)?.known()?;
    open(url, backend).await
}

/// An engine that acts on what is kept there, which must be there, and whose it is.
pub(crate) async fn engine(kept: &Kept) -> Result<(Engine, TenantId), Failure> {
    let engine = builder(kept).await?.build()?;
    Ok((engine, TenantId::from(kept.tenant.as_str())))
}

/// The same where no instance changes: what only the host has is not missed.
pub(crate) async fn tool(kept: &Kept) -> Result<(Engine, TenantId), Failure> {
    let engine = builder(kept).await?.tool().build()?;
    Ok((engine, TenantId::from(kept.tenant.as_str())))
}

async fn builder(kept: &Kept) -> Result<Builder, Failure> {
    let store = open_known(&kept.store, kept.backend).await?;
    let builder = Engine::builder().shared_store(store);
    Ok(builder.directory(MemoryDirectory::new([])))
}

/// Opens what the URL names; makes a file where there is none.
pub(crate) async fn open(url: &str, backend: Option<Backend>) -> Result<Arc<dyn Store>, Failure> {
    let failed = |error: signoff::store::Error| Failure::failed(error.code(), error.to_string());
    let place = place(url)?;
    let backend = backend.unwrap_or_else(|| place.usual_backend());
    Ok(match (place, backend) {
        (Place::MySql(url), Backend::Sqlx) => {
            let store = signoff::sqlx::MySqlStore::open(url).await;
            Arc::new(store.map_err(failed)?)
        }
        (Place::MySql(url), Backend::Diesel) => {
            let store = signoff::diesel::MySqlStore::open(url).await;
            Arc::new(store.map_err(failed)?)
        }
        (Place::Postgres(url), Backend::Sqlx) => {
            let store = signoff::sqlx::PostgresStore::open(url).await;
            Arc::new(store.map_err(failed)?)
        }
        (Place::Postgres(url), Backend::Diesel) => {
            let store = signoff::diesel::PostgresStore::open(url).await;
            Arc::new(store.map_err(failed)?)
        }
        (Place::Sqlite(path), Backend::Sqlx) => {
            let store = signoff::sqlx::SqliteStore::open(path).await;
            Arc::new(store.map_err(failed)?)
        }
        (Place::Sqlite(path), Backend::Diesel) => {
            let store = signoff::diesel::SqliteStore::open(path).await;
            Arc::new(store.map_err(failed)?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_opened_by_diesel_and_a_server_by_sqlx() {
        let by = |url| place(url).unwrap().usual_backend();
        assert_eq!(by("sqlite:a.db"), Backend::Diesel);
        for url in ["postgres://h/d", "mysql://h/d"] {
            assert_eq!(by(url), Backend::Sqlx);
        }
    }

    #[test]
    fn a_url_names_a_place_by_its_scheme() {
        assert!(
            matches!(place("sqlite:a.db"), Ok(Place::Sqlite(file)) if file == Path::new("a.db"))
        );
        for url in ["postgres://localhost/app", "postgresql://localhost/app"] {
            assert!(matches!(place(url), Ok(Place::Postgres(named)) if named == url));
        }
        for url in ["mysql://localhost/app", "mariadb://localhost/app"] {
            assert!(matches!(place(url), Ok(Place::MySql(named)) if named == url));
        }
        for url in ["memory", "a.db", "oracle://localhost/app", ""] {
            assert!(place(url).is_err(), "{url}");
        }
    }
}

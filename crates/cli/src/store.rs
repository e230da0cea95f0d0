//! The store that a URL names.

use std::sync::Arc;

use signoff::store::Store;

use crate::{
    args::Backend,
    exit::{Exit, Failure},
};

/// The file of `sqlite:FILE`.
pub(crate) fn file(url: &str) -> Result<&str, Failure> {
    url.strip_prefix("sqlite:").ok_or_else(|| {
        let message = format!("`{url}` is not a store: write `sqlite:FILE`");
        Failure::failed("unknown_store", message).exit(Exit::Usage)
    })
}

/// What is said of a file that must be there.
pub(crate) fn no_file(file: &str) -> Failure {
    Failure::failed("file_not_found", format!("there is no file `{file}`")).exit(Exit::NotFound)
}

/// Opens `sqlite:FILE`, which must be there.
pub(crate) async fn open_known(url: &str, backend: Backend) -> Result<Arc<dyn Store>, Failure> {
    if let Some(file) = url.strip_prefix("sqlite:")
        && !std::path::Path::new(file).exists()
    {
        return Err(no_file(file));
    }
    open(url, backend).await
}

/// Opens `sqlite:FILE`; makes it where there is none.
pub(crate) async fn open(url: &str, backend: Backend) -> Result<Arc<dyn Store>, Failure> {
    let path = file(url)?;
    let failed = |error: signoff::store::Error| Failure::failed(error.code(), error.to_string());
    Ok(match backend {
        Backend::Sqlx => {
            let store = signoff::sqlx::SqliteStore::open(path).await;
            Arc::new(store.map_err(failed)?)
        }
        Backend::Diesel => {
            let store = signoff::diesel::SqliteStore::open(path).await;
            Arc::new(store.map_err(failed)?)
        }
    })
}

//! The store that a URL names.

use std::sync::Arc;

use signoff::store::Store;

use crate::{
    args::Backend,
    exit::{Exit, Failure},
};

/// Opens `sqlite:FILE`, which must be there.
pub(crate) async fn open_known(url: &str, backend: Backend) -> Result<Arc<dyn Store>, Failure> {
    if let Some(file) = url.strip_prefix("sqlite:")
        && !std::path::Path::new(file).exists()
    {
        let message = format!("there is no file `{file}`");
        return Err(Failure::failed("file_not_found", message).exit(Exit::NotFound));
    }
    open(url, backend).await
}

/// Opens `sqlite:FILE`; makes it where there is none.
pub(crate) async fn open(url: &str, backend: Backend) -> Result<Arc<dyn Store>, Failure> {
    let Some(path) = url.strip_prefix("sqlite:") else {
        let message = format!("`{url}` is not a store: write `sqlite:FILE`");
        return Err(Failure::failed("unknown_store", message).exit(Exit::Usage));
    };
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

//! The connections that commit several changes at once.

use std::sync::Arc;

use async_trait::async_trait;
use signoff_store::sql::{
    Bound, Courier, Errand, Failed, GROUP_CONNECTIONS, GROUP_LIFETIME, GroupCommit, Written,
};
use sqlx::{
    Postgres,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::runtime::Handle;

use super::options::PostgresOptions;
use crate::connections::Connections;

struct Sends(Arc<Connections<Postgres>>);

/// The group commit, and its connections.
pub(super) fn open(
    connect: &PgConnectOptions,
    options: &PostgresOptions,
) -> (GroupCommit, Arc<Connections<Postgres>>) {
    let pool = PgPoolOptions::new()
        .max_connections(GROUP_CONNECTIONS)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .max_lifetime(GROUP_LIFETIME)
        .connect_lazy_with(options.to_commit(connect));
    let connections = Arc::new(Connections::new(pool, GROUP_CONNECTIONS));
    let sends = Sends(Arc::clone(&connections));
    (GroupCommit::new(options.commits_alone, sends), connections)
}

#[async_trait]
impl Courier for Sends {
    async fn write(&self, bound: &Bound) -> Result<Written, Failed> {
        self.0.get().await?.write(bound).await
    }

    fn spawn(&self, work: Errand) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(work);
        }
    }
}

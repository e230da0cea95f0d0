//! The connections that commit several changes at once.

use async_trait::async_trait;
use signoff_store::sql::{
    Bound, Courier, Errand, Failed, GROUP_CONNECTIONS, GROUP_LIFETIME, GroupCommit, Written,
};
use sqlx::{
    PgPool, Postgres,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::runtime::Handle;

use super::options::PostgresOptions;
use crate::statement::{self, failed};

struct Connections(PgPool);

/// The group commit, and its connections.
pub(super) fn open(connect: &PgConnectOptions, options: &PostgresOptions) -> (GroupCommit, PgPool) {
    let pool = PgPoolOptions::new()
        .max_connections(GROUP_CONNECTIONS)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .max_lifetime(GROUP_LIFETIME)
        .connect_lazy_with(options.to_commit(connect));
    let group_commit = GroupCommit::new(options.commits_alone, Connections(pool.clone()));
    (group_commit, pool)
}

#[async_trait]
impl Courier for Connections {
    async fn write(&self, bound: &Bound) -> Result<Written, Failed> {
        let mut connection = self.0.acquire().await.map_err(failed::<Postgres>)?;
        statement::write(&mut *connection, bound).await
    }

    fn spawn(&self, work: Errand) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(work);
        }
    }
}

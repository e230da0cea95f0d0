//! The connections that commit several changes at once.

use async_trait::async_trait;
use diesel_async::AsyncPgConnection;
use signoff_store::sql::{
    Bound, Courier, Errand, Failed, GROUP_CONNECTIONS, GROUP_LIFETIME, GroupCommit, Written,
};
use tokio::runtime::Handle;

use super::options::PostgresOptions;
use crate::pool::Pool;

struct Connections(Pool<AsyncPgConnection>);

/// The group commit, and its connections.
pub(super) fn open(
    url: &str,
    options: &PostgresOptions,
) -> Result<(GroupCommit, Pool<AsyncPgConnection>), Failed> {
    let pool = Pool::of_age(
        url,
        options.committing_session(),
        GROUP_CONNECTIONS,
        options.acquire_timeout,
        GROUP_LIFETIME,
    )?;
    let group_commit = GroupCommit::new(options.commits_alone, Connections(pool.clone()));
    Ok((group_commit, pool))
}

#[async_trait]
impl Courier for Connections {
    async fn write(&self, bound: &Bound) -> Result<Written, Failed> {
        self.0.get().await?.write(bound).await
    }

    fn spawn(&self, work: Errand) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(work);
        }
    }
}

//! Making connections, and taking them back.

use std::{fmt, marker::PhantomData, time::Duration};

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use signoff_store::sql::Failed;

use super::{Link, shown};

/// For how long a connection that nobody uses is believed to work. Asking costs a round trip.
const TRUSTED: Duration = Duration::from_secs(30);

/// Makes connections to one database.
pub(crate) struct Lender<C> {
    url: String,
    /// What a new connection runs first.
    session: String,
    /// How long a connection lives.
    lifetime: Duration,
    makes: PhantomData<fn() -> C>,
}

impl<C> Lender<C> {
    pub(super) const fn new(url: String, session: String, lifetime: Duration) -> Self {
        Self {
            url,
            session,
            lifetime,
            makes: PhantomData,
        }
    }
}

impl<C: Link> Manager for Lender<C> {
    type Type = C;
    type Error = Failed;

    async fn create(&self) -> Result<C, Failed> {
        let mut connection = C::connect(&self.url).await?;
        connection.batch(&self.session).await?;
        Ok(connection)
    }

    async fn recycle(&self, connection: &mut C, metrics: &Metrics) -> RecycleResult<Failed> {
        if connection.is_broken() {
            return Err(RecycleError::message("the connection is not idle"));
        }
        if metrics.age() > self.lifetime {
            return Err(RecycleError::message("the connection is old"));
        }
        if metrics.last_used() > TRUSTED {
            connection.batch("SELECT 1").await?;
        }
        Ok(())
    }
}

impl<C> fmt::Debug for Lender<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lender")
            .field("url", &shown(&self.url))
            .finish()
    }
}

//! What the stores ask of a connection of diesel-async.

use diesel_async::{
    AnsiTransactionManager, TransactionManager, pooled_connection::PoolableConnection,
};
use signoff_store::sql::{Bound, Cause, Failed, Row, Written};

/// Does nothing, but only inside a transaction.
const SAVEPOINT: &str = "SAVEPOINT signoff_open; RELEASE SAVEPOINT signoff_open";

/// A connection of diesel-async as the stores use it.
pub(crate) trait Link:
    PoolableConnection<TransactionManager = AnsiTransactionManager> + 'static
{
    /// Begins a transaction.
    const BEGIN: &'static str;

    /// Opens a connection.
    fn connect(url: &str) -> impl Future<Output = Result<Self, Failed>> + Send;

    /// The failure that an error is.
    fn failed(error: diesel::result::Error) -> Failed;

    /// All rows of a statement that reads.
    fn read(&mut self, bound: &Bound) -> impl Future<Output = Result<Vec<Row>, Failed>> + Send;

    /// Runs a statement that writes.
    fn write(&mut self, bound: &Bound) -> impl Future<Output = Result<Written, Failed>> + Send;

    /// Runs statements without parameters.
    fn batch(&mut self, sql: &str) -> impl Future<Output = Result<(), Failed>> + Send {
        async move { self.batch_execute(sql).await.map_err(Self::failed) }
    }

    /// How many transactions are open inside each other, as far as diesel knows.
    fn depth(&mut self) -> u32 {
        let status = AnsiTransactionManager::transaction_manager_status_mut(self);
        let depth = status.transaction_depth().ok().flatten();
        depth.map_or(0, std::num::NonZeroU32::get)
    }
}

/// Whether a connection that a host lends may be used.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Check {
    /// The database ended the transaction: what came now would be outside of it.
    Ended,
    /// A transaction is open.
    Passed,
    /// Nobody asked yet.
    #[default]
    Pending,
}

impl Check {
    /// Fails when no transaction is open on the connection.
    pub(crate) async fn pass<C: Link>(&mut self, connection: &mut C) -> Result<(), Failed> {
        match *self {
            Self::Ended => return Err(Failed::new(Cause::Restart)),
            Self::Passed => return Ok(()),
            Self::Pending => {}
        }
        // A host may have begun by a statement of its own, which diesel knows nothing of. Outside a
        // transaction a savepoint is refused, or gone before it can be released.
        if connection.depth() == 0
            && let Err(error) = connection.batch_execute(SAVEPOINT).await
        {
            let is_outside = error.to_string().contains("SAVEPOINT");
            return Err(if is_outside {
                Failed::new(Cause::NoTransaction)
            } else {
                C::failed(error)
            });
        }
        *self = Self::Passed;
        Ok(())
    }

    /// Remembers what a statement says of the transaction.
    pub(crate) fn learn<T>(&mut self, done: Result<T, Failed>) -> Result<T, Failed> {
        if let Err(failed) = &done
            && failed.cause() == Cause::Restart
        {
            *self = Self::Ended;
        }
        done
    }
}

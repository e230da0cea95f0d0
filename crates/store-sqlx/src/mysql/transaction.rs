//! A transaction of the engine's own.

use std::{any::Any, time::Duration};

use async_trait::async_trait;
use signoff_store::{
    Capabilities,
    sql::{Bound, Cause, Connection, Dialect, Failed, Row, Transaction, Written},
};
use sqlx::{MySql, MySqlConnection, pool::PoolConnection};
use tokio::{runtime::Handle, time::timeout};

use super::session::Session;
use crate::{
    connections::{Busy, Lent},
    statement,
};

/// How long a rollback may take. On a connection on which whoever held the transaction gave up a
/// statement of their own, it may never end.
const PATIENCE: Duration = Duration::from_secs(5);

/// A transaction on a connection that nobody else uses meanwhile. Dropping it rolls back.
#[derive(Debug)]
pub struct MySqlTx {
    /// None once it is over.
    connection: Option<PoolConnection<MySql>>,
    session: Session,
    nothing: (),
}

impl MySqlTx {
    pub(super) async fn begin(lent: Lent<'_, MySql>) -> Result<Self, Failed> {
        let mut begun = Self {
            connection: Some(lent.into_pooled()),
            session: Session::Open,
            nothing: (),
        };
        begun.batch("BEGIN").await?;
        Ok(begun)
    }

    pub(super) async fn commit(mut self) -> Result<(), Failed> {
        self.batch("COMMIT").await?;
        self.connection = None;
        Ok(())
    }

    /// Undoes everything, at once. When it cannot be told to, the connection closes, which undoes it too.
    pub(super) async fn rollback(mut self) {
        if let Some(connection) = self.connection.take() {
            roll_back(connection, &self.session).await;
        }
    }

    /// Its connection, for a statement.
    fn connection(&mut self) -> Result<&mut MySqlConnection, Failed> {
        let connection = self.connection.as_mut();
        let connection = connection.ok_or(Failed::new(Cause::Restart))?;
        self.session.begin()?;
        Ok(connection)
    }
}

/// Gives a connection back after its transaction is undone.
async fn roll_back(mut connection: PoolConnection<MySql>, session: &Session) {
    let done = match session {
        Session::Busy => false,
        Session::Open | Session::Ended => {
            let mut busy = Busy::with(&mut connection);
            let done = statement::batch(busy.connection(), "ROLLBACK");
            match timeout(PATIENCE, done).await {
                Ok(done) => busy.end(done).is_ok(),
                Err(_) => false,
            }
        }
    };
    if !done {
        connection.close_on_drop();
    }
}

impl Drop for MySqlTx {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        let session = std::mem::take(&mut self.session);
        match Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move { roll_back(connection, &session).await });
            }
            Err(_) => drop(connection.detach()),
        }
    }
}

#[async_trait]
impl Connection for MySqlTx {
    fn dialect(&self) -> Dialect {
        Dialect::MySql
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::MYSQL
    }

    async fn read(&mut self, bound: &Bound) -> Result<Vec<Row>, Failed> {
        let rows = statement::read(self.connection()?, bound).await;
        self.session.end(rows)
    }

    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        let written = statement::write(self.connection()?, bound).await;
        self.session.end(written)
    }

    async fn batch(&mut self, sql: &'static str) -> Result<(), Failed> {
        let done = statement::batch(self.connection()?, sql).await;
        self.session.end(done)
    }

    fn driver(&mut self) -> &mut (dyn Any + Send) {
        match &mut self.connection {
            Some(connection) => {
                let connection: &mut MySqlConnection = connection;
                connection
            }
            None => &mut self.nothing,
        }
    }
}

#[async_trait]
impl Transaction for MySqlTx {
    async fn finish(self: Box<Self>) -> Result<(), Failed> {
        (*self).commit().await
    }
}

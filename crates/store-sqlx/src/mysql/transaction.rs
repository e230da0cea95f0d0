//! A transaction of the engine's own.

use std::any::Any;

use async_trait::async_trait;
use signoff_store::{
    Capabilities,
    sql::{Bound, Connection, Dialect, Failed, Row, Transaction, Written},
};
use sqlx::{MySql, MySqlConnection};

use super::session::Session;
use crate::{
    connections::Lent,
    statement::{self, failed},
};

/// A transaction on a connection that nobody else uses meanwhile.
#[derive(Debug)]
pub struct MySqlTx {
    inner: sqlx::Transaction<'static, MySql>,
    session: Session,
}

impl MySqlTx {
    pub(super) async fn begin(lent: Lent<'_, MySql>) -> Result<Self, Failed> {
        Ok(Self {
            inner: begin(lent).await?,
            session: Session::default(),
        })
    }
}

/// Begins a transaction.
pub(super) async fn begin(
    lent: Lent<'_, MySql>,
) -> Result<sqlx::Transaction<'static, MySql>, Failed> {
    let connection = lent.into_pooled();
    statement::begin(async move { sqlx::Transaction::begin(connection, None).await }).await
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
        self.session.check()?;
        let rows = statement::read(&mut *self.inner, bound).await;
        self.session.note(rows)
    }

    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        self.session.check()?;
        let written = statement::write(&mut *self.inner, bound).await;
        self.session.note(written)
    }

    async fn batch(&mut self, sql: &'static str) -> Result<(), Failed> {
        self.session.check()?;
        let done = statement::batch(&mut *self.inner, sql).await;
        self.session.note(done)
    }

    fn driver(&mut self) -> &mut (dyn Any + Send) {
        let connection: &mut MySqlConnection = &mut self.inner;
        connection
    }
}

#[async_trait]
impl Transaction for MySqlTx {
    async fn finish(self: Box<Self>) -> Result<(), Failed> {
        self.session.check()?;
        self.inner.commit().await.map_err(failed::<MySql>)
    }
}

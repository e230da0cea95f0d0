//! Connections.

use diesel::{QueryResult, result::Error};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use signoff_store::sql::{Bound, Failed, Row, Written};

use super::{
    error::{cause, failed},
    statement::{Found, Statement},
};
use crate::{
    error::not_open,
    pool::{Link, without_tls},
};

impl Link for AsyncPgConnection {
    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED";

    async fn connect(url: &str) -> Result<Self, Failed> {
        let mut connection = Self::establish(&without_tls(url)?)
            .await
            .map_err(|error| not_open(error, cause))?;
        // Errors are told apart by their messages; not everybody may choose the language.
        if let Err(error) = connection.batch_execute("SET lc_messages = 'C'").await {
            tracing::debug!(%error, "the messages of the database stay in its language");
        }
        Ok(connection)
    }

    fn failed(error: Error) -> Failed {
        failed(error)
    }

    async fn read(&mut self, bound: &Bound) -> Result<Vec<Row>, Failed> {
        let rows: QueryResult<Vec<Found>> = Statement(bound).load(self).await;
        let rows = rows.map_err(failed)?;
        Ok(rows.into_iter().map(|Found(row)| row).collect())
    }

    async fn write(&mut self, bound: &Bound) -> Result<Written, Failed> {
        let (changed, rows) = if bound.returns() {
            let rows = self.read(bound).await?;
            (rows.len(), rows)
        } else {
            let changed = Statement(bound).execute(self).await.map_err(failed)?;
            (changed, Vec::new())
        };
        let changed = u64::try_from(changed).unwrap_or(u64::MAX);
        Written { changed, rows }.checked(bound)
    }
}

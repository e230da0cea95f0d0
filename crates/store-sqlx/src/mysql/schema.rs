//! A connection to apply the schema on.

use async_trait::async_trait;
use signoff_store::{
    Error, ErrorKind, Result,
    schema::SchemaConnection,
    sql::{Bound, Row, cannot},
};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, MySql, MySqlConnection, mysql::MySqlConnectOptions,
};

use super::options::to_connect;
use crate::statement::{self, failed};

/// A connection that [`schema::MYSQL`](signoff_store::schema::MYSQL) is applied or checked on, without a
/// store.
#[derive(Debug)]
pub struct MySqlSchema(MySqlConnection);

impl MySqlSchema {
    /// Reaches the database that `url` names.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be reached, `Other` when the URL names none, the server is too old or
    /// refuses.
    pub async fn open(url: &str) -> Result<Self> {
        let options = to_connect(url)?;
        Self::open_with(&options)
            .await
            .map_err(|error| of_database(&options, error))
    }

    /// Closes the connection.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn close(self) -> Result<()> {
        let closed = self.0.close().await.map_err(failed::<MySql>);
        closed.map_err(cannot("close the database"))
    }

    pub(super) async fn open_with(options: &MySqlConnectOptions) -> Result<Self> {
        if options.get_database().is_none_or(str::is_empty) {
            return Err(Error::new(ErrorKind::Other, "the URL names no database"));
        }
        let opened = options.connect().await.map_err(failed::<MySql>);
        let mut connection = opened.map_err(cannot("reach it"))?;
        let version: String = sqlx::query_scalar("SELECT VERSION()")
            .fetch_one(&mut connection)
            .await
            .map_err(failed::<MySql>)
            .map_err(cannot("read its version"))?;
        check_version(&version)?;
        Ok(Self(connection))
    }
}

/// Says of which database an error is, without who opened it.
pub(super) fn of_database(options: &MySqlConnectOptions, error: Error) -> Error {
    let (host, port) = (options.get_host(), options.get_port());
    let name = options.get_database().unwrap_or_default();
    let message = format!("cannot open the database `mysql://{host}:{port}/{name}`: {error}");
    Error::new(error.kind(), message).caused_by(error)
}

/// Fails when the server lacks what the statements need: `JSON_TABLE`, `SKIP LOCKED`, and texts that
/// compare by their bytes without padding.
fn check_version(version: &str) -> Result<()> {
    let mut parts = version.split(|letter: char| !letter.is_ascii_digit());
    let mut next = || parts.next().and_then(|part| part.parse::<u32>().ok());
    let found = [next(), next(), next()].map(Option::unwrap_or_default);
    let (kind, least) = if version.contains("MariaDB") {
        ("MariaDB", [10, 6, 0])
    } else {
        ("MySQL", [8, 0, 21])
    };
    if found >= least {
        return Ok(());
    }
    let [major, minor, patch] = least;
    let message = format!(
        "the server is {kind} {version}, {kind} {major}.{minor}.{patch} or newer is needed"
    );
    Err(Error::new(ErrorKind::Other, message))
}

#[async_trait]
impl SchemaConnection for MySqlSchema {
    async fn batch(&mut self, sql: &str) -> Result<()> {
        // The text is that of the migrations, nobody's input.
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.0);
        done.await
            .map_err(failed::<MySql>)
            .map_err(cannot("apply the schema"))?;
        Ok(())
    }

    async fn rows(&mut self, bound: &Bound) -> Result<Vec<Row>> {
        let rows = statement::read(&mut self.0, bound).await;
        rows.map_err(cannot("read the schema version"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_too_old_is_named() {
        for good in [
            "8.0.21",
            "8.4.3-0ubuntu1",
            "9.1.0",
            "10.6.0-MariaDB",
            "10.11.19-MariaDB-0+deb12u1",
            "11.4.2-MariaDB",
        ] {
            assert!(check_version(good).is_ok(), "{good}");
        }
        for (bad, needed) in [
            ("5.7.44", "MySQL 8.0.21"),
            ("8.0.20", "MySQL 8.0.21"),
            ("10.5.27-MariaDB", "MariaDB 10.6.0"),
            ("", "MySQL 8.0.21"),
        ] {
            let error = check_version(bad).unwrap_err().to_string();
            assert!(error.contains(needed), "{error}");
        }
    }
}

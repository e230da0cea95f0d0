//! A connection to apply the schema on.

use async_trait::async_trait;
use signoff_store::{
    Error, ErrorKind, Result,
    schema::SchemaConnection,
    sql::{Bound, Cause, Row, cannot},
};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, Postgres, postgres::PgConnectOptions,
};

use super::options::PostgresOptions;
use crate::{
    SchemaOnOpen,
    statement::{self, failed},
};

/// A connection that [`schema::POSTGRES`](signoff_store::schema::POSTGRES) is applied or checked on,
/// without a store.
#[derive(Debug)]
pub struct PostgresSchema(PgConnection);

impl PostgresSchema {
    /// Connects to a database; with [`SchemaOnOpen::Apply`] the schema that the tables are to be in is
    /// made where there is none.
    ///
    /// # Errors
    /// `Other` when the address or the password is wrong, `Unavailable` when the server cannot be
    /// reached.
    pub async fn open(url: &str, options: &PostgresOptions) -> Result<Self> {
        let (connect, place) = parse(url, options)?;
        Self::open_with(&connect, &place, options).await
    }

    /// Closes the connection.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn close(self) -> Result<()> {
        let closed = self.0.close().await.map_err(failed::<Postgres>);
        closed.map_err(cannot("close the database"))
    }

    pub(super) async fn open_with(
        connect: &PgConnectOptions,
        place: &str,
        options: &PostgresOptions,
    ) -> Result<Self> {
        let what = format!("open the database `{place}`");
        let opened = connect.connect().await.map_err(failed::<Postgres>);
        let mut connection = opened.map_err(cannot(&what))?;
        let Some(name) = options.quoted_schema() else {
            return Ok(Self(connection));
        };
        if options.schema == SchemaOnOpen::Apply {
            let sql = format!("CREATE SCHEMA IF NOT EXISTS {name}");
            let made = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection);
            match made.await.map_err(failed::<Postgres>) {
                // Of those who make it at once, one is told of a conflict.
                Err(failed) if failed.cause() != Cause::Conflict => {
                    return Err(failed.into_error(&what));
                }
                _ => {}
            }
        }
        // Tables of `public` are not those of this schema.
        let sql = format!("SET search_path = {name}");
        let set = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection);
        set.await
            .map_err(failed::<Postgres>)
            .map_err(cannot(&what))?;
        Ok(Self(connection))
    }
}

/// What an address says, and the database without the password, to be named in errors.
pub(super) fn parse(url: &str, options: &PostgresOptions) -> Result<(PgConnectOptions, String)> {
    let place = url.parse::<PgConnectOptions>().map_err(|error| {
        let message = "cannot open the database: its address is not one of PostgreSQL";
        Error::new(ErrorKind::Other, message).caused_by(error)
    })?;
    let name = name_of(&place);
    Ok((options.to_connect(place), name))
}

fn name_of(connect: &PgConnectOptions) -> String {
    let database = connect
        .get_database()
        .unwrap_or_else(|| connect.get_username());
    match connect.get_socket() {
        Some(socket) => format!("{}/{database}", socket.display()),
        None => format!("{}:{}/{database}", connect.get_host(), connect.get_port()),
    }
}

#[async_trait]
impl SchemaConnection for PostgresSchema {
    async fn batch(&mut self, sql: &str) -> Result<()> {
        // The text is that of the migrations, nobody's input.
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.0);
        done.await
            .map_err(failed::<Postgres>)
            .map_err(cannot("apply the schema"))?;
        Ok(())
    }

    async fn rows(&mut self, bound: &Bound) -> Result<Vec<Row>> {
        let rows = statement::read(&mut self.0, bound).await;
        rows.map_err(cannot("read the schema version"))
    }
}

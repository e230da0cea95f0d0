//! Where databases for a measurement are made.

use anyhow::{Context as _, bail};
use sqlx::{Connection as _, MySqlConnection, PgConnection};
use tempfile::TempDir;

use crate::{
    counters::{self, beside},
    settings::{Backend, Place},
};

/// The variables that name servers, durable and otherwise idle.
const POSTGRES: &str = "SIGNOFF_BENCH_POSTGRES";
const MYSQL: &str = "SIGNOFF_BENCH_MYSQL";
/// The stores that open SQLite and PostgreSQL.
const BOTH: &[(&str, Backend)] = &[("sqlx", Backend::Sqlx), ("diesel", Backend::Diesel)];
/// Those that can open MySQL and MariaDB.
const MYSQL_STORES: &[(&str, Backend)] = &[("diesel", Backend::Diesel)];

/// Where databases are made; every commit in them waits for the disk.
#[derive(Debug)]
pub(super) enum Base {
    Sqlite(TempDir),
    Postgres { url: String },
    Mysql { url: String },
}

impl Base {
    pub(super) fn sqlite() -> anyhow::Result<Self> {
        Ok(Self::Sqlite(tempfile::tempdir()?))
    }

    /// SQLite, and PostgreSQL where the environment names a server; or the one that is named.
    pub(super) fn each(name: Option<&str>) -> anyhow::Result<Vec<Self>> {
        let server = || Self::postgres().with_context(|| format!("{POSTGRES} names no server"));
        Ok(match name {
            None => [Some(Self::sqlite()?), Self::postgres()]
                .into_iter()
                .flatten()
                .collect(),
            Some("sqlite") => vec![Self::sqlite()?],
            Some("postgres") => vec![server()?],
            Some(other) => bail!("the database `{other}` is unknown: expected sqlite or postgres"),
        })
    }

    /// The server, if the environment names one.
    pub(super) fn postgres() -> Option<Self> {
        let url = std::env::var(POSTGRES).ok()?;
        Some(Self::Postgres { url })
    }

    /// The server, if the environment names one.
    pub(super) fn mysql() -> Option<Self> {
        let url = std::env::var(MYSQL).ok()?;
        Some(Self::Mysql { url })
    }

    /// The database in rows of the table.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite FULL",
            Self::Postgres { .. } => "PostgreSQL",
            Self::Mysql { .. } => "MariaDB",
        }
    }

    /// The stores that open it.
    pub(super) const fn stores(&self) -> &'static [(&'static str, Backend)] {
        match self {
            Self::Sqlite(_) | Self::Postgres { .. } => BOTH,
            Self::Mysql { .. } => MYSQL_STORES,
        }
    }

    /// An empty database.
    pub(super) async fn make(&self, name: &str) -> anyhow::Result<Place> {
        Ok(match self {
            Self::Sqlite(folder) => Place::Sqlite {
                path: folder.path().join(format!("{name}.db")),
                full: true,
            },
            Self::Postgres { url } => {
                let mut server = counters::connect(url).await?;
                let name = database(name);
                let url = counters::fresh_database(&mut server, url, &name).await?;
                Place::Postgres { url }
            }
            Self::Mysql { url } => {
                let mut server = MySqlConnection::connect(url).await?;
                let name = database(name);
                let make = format!("DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name}");
                let make = sqlx::raw_sql(sqlx::AssertSqlSafe(make));
                make.execute(&mut server).await?;
                Place::Mysql {
                    url: beside(url, &name),
                }
            }
        })
    }

    /// Does at once what the database would do by itself some time after so much was written.
    pub(super) async fn settle(&self, place: &Place) -> anyhow::Result<()> {
        if let Place::Postgres { url } = place {
            let mut database = PgConnection::connect(url).await?;
            let settled = sqlx::raw_sql("VACUUM (ANALYZE)").execute(&mut database);
            settled.await.context("cannot vacuum")?;
            sqlx::raw_sql("CHECKPOINT").execute(&mut database).await?;
        }
        Ok(())
    }

    /// A connection to the server itself, to read its counters.
    pub(super) async fn connect(&self) -> anyhow::Result<PgConnection> {
        match self {
            Self::Sqlite(_) | Self::Mysql { .. } => bail!("{} does not count", self.name()),
            Self::Postgres { url } => counters::connect(url).await,
        }
    }

    /// Drops a database.
    pub(super) async fn drop(&self, name: &str) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(_) => {}
            Self::Postgres { url } => {
                let mut server = counters::connect(url).await?;
                counters::drop_database(&mut server, &database(name)).await?;
            }
            Self::Mysql { url } => {
                let mut server = MySqlConnection::connect(url).await?;
                let drop = format!("DROP DATABASE IF EXISTS {}", database(name));
                let drop = sqlx::raw_sql(sqlx::AssertSqlSafe(drop));
                drop.execute(&mut server).await?;
            }
        }
        Ok(())
    }
}

/// A name that cannot be a keyword.
fn database(name: &str) -> String {
    format!("signoff_bench_{name}")
}

//! Where databases for a measurement are made.

use anyhow::{Context as _, bail};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::{
    counters,
    settings::{Backend, Place},
};

/// The variable that names a PostgreSQL server, durable and otherwise idle.
const POSTGRES: &str = "SIGNOFF_BENCH_POSTGRES";
const SQLITE_STORES: &[(&str, Backend)] = &[("sqlx", Backend::Sqlx), ("diesel", Backend::Diesel)];
/// Those that can open PostgreSQL.
const POSTGRES_STORES: &[(&str, Backend)] = &[];

/// Where databases are made; every commit in them waits for the disk.
#[derive(Debug)]
pub(super) enum Base {
    Sqlite(TempDir),
    Postgres { url: String },
}

impl Base {
    pub(super) fn sqlite() -> anyhow::Result<Self> {
        Ok(Self::Sqlite(tempfile::tempdir()?))
    }

    /// The server, if the environment names one.
    pub(super) fn postgres() -> Option<Self> {
        let url = std::env::var(POSTGRES).ok()?;
        Some(Self::Postgres { url })
    }

    /// The database in rows of the table.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite FULL",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    /// The stores that open it.
    pub(super) const fn stores(&self) -> &'static [(&'static str, Backend)] {
        match self {
            Self::Sqlite(_) => SQLITE_STORES,
            Self::Postgres { .. } => POSTGRES_STORES,
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

    /// A connection to the server itself.
    pub(super) async fn connect(&self) -> anyhow::Result<PgConnection> {
        match self {
            Self::Sqlite(_) => bail!("SQLite has no server"),
            Self::Postgres { url } => counters::connect(url).await,
        }
    }

    /// Drops a database.
    pub(super) async fn drop(&self, name: &str) -> anyhow::Result<()> {
        if let Self::Postgres { url } = self {
            let mut server = counters::connect(url).await?;
            counters::drop_database(&mut server, &database(name)).await?;
        }
        Ok(())
    }
}

/// A name that cannot be a keyword.
fn database(name: &str) -> String {
    format!("signoff_bench_{name}")
}

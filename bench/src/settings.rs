//! The variables that say what to run.

use std::{path::PathBuf, str::FromStr};

use anyhow::{Context as _, bail};

use crate::workload::Workload;

/// What to run.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// `peer workload db`, the first words of each line.
    pub(crate) label: String,
    /// The business work.
    pub(crate) workload: Workload,
    /// The database.
    pub(crate) place: Place,
    /// The library that talks to the database.
    pub(crate) backend: Backend,
    /// Concurrent clients.
    pub(crate) clients: usize,
    /// How long: so many processes, or so many seconds after a warm-up.
    pub(crate) until: Until,
    /// Finished instances to store first.
    pub(crate) preload: usize,
    /// Running instances of W4.
    pub(crate) inbox: usize,
}

/// A database, empty at first.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A file.
    Sqlite {
        path: PathBuf,
        /// Whether every commit reaches the disk: `synchronous = FULL`.
        full: bool,
    },
    /// A database of a PostgreSQL server.
    Postgres { url: String },
    /// A database of a MySQL or MariaDB server.
    Mysql { url: String },
}

/// The library that talks to a database.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Backend {
    Diesel,
    Sqlx,
}

/// How long a workload runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    Count(usize),
    Seconds(f64),
}

impl Settings {
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        let peer = text("BENCH_PEER").unwrap_or_else(|| "signoff".to_owned());
        let workload = text("BENCH_WORKLOAD").map_or(Ok(Workload::W1), |name| name.parse())?;
        let db = text("BENCH_DB").unwrap_or_else(|| "sqlite".to_owned());
        let sqlite = |full| {
            let path = text("BENCH_SQLITE").context("BENCH_SQLITE names no file")?;
            anyhow::Ok(Place::Sqlite {
                path: path.into(),
                full,
            })
        };
        let place = match db.as_str() {
            "sqlite" => sqlite(true)?,
            "sqlite-normal" => sqlite(false)?,
            "pg" => Place::Postgres {
                url: text("BENCH_PG_URL").context("BENCH_PG_URL names no database")?,
            },
            "mysql" => Place::Mysql {
                url: text("BENCH_MYSQL_URL").context("BENCH_MYSQL_URL names no database")?,
            },
            other => bail!(
                "the database `{other}` is unknown: expected sqlite, sqlite-normal, pg or mysql"
            ),
        };
        let count: usize = number("BENCH_COUNT", 0)?;
        Ok(Self {
            label: format!("{peer} {} {db}", workload.name()),
            workload,
            place,
            backend: match text("BENCH_BACKEND").as_deref() {
                None | Some("sqlx") => Backend::Sqlx,
                Some("diesel") => Backend::Diesel,
                Some(other) => bail!("the backend `{other}` is unknown: expected sqlx or diesel"),
            },
            clients: number("BENCH_CLIENTS", 1)?,
            until: match count {
                0 => Until::Seconds(number("BENCH_SECONDS", 5.0)?),
                count => Until::Count(count),
            },
            preload: number("BENCH_PRELOAD", 0)?,
            inbox: number("BENCH_INBOX", 20_000)?,
        })
    }
}

fn text(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn number<T: FromStr>(name: &str, default: T) -> anyhow::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text(name).map_or(Ok(default), |value| {
        value
            .parse()
            .with_context(|| format!("{name} is `{value}`"))
    })
}

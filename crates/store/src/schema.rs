//! The tables of the SQL stores, as data, and the runner that brings a database up to them.
//!
//! The books are kept in a table of our own, `signoff_schema_version`, never in one of the host.
//! A schema only grows: an engine that knows version N works on N and N+1.

use std::fmt::Write as _;

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, ErrorKind, Result},
    sql::{Bound, Row, Sql},
};

/// One step of a schema.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Migration {
    /// Its number, from 1, without gaps.
    pub version: u32,
    /// Its name.
    pub name: &'static str,
    /// What it does: any number of statements.
    pub sql: &'static str,
}

/// A migration as the books of a database have it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Applied {
    /// Its number.
    pub version: u32,
    /// Its name.
    pub name: String,
    /// SHA-256 of its SQL, lowercase hex.
    pub checksum: String,
}

/// The schema of one kind of database.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// The steps, in order.
    pub migrations: &'static [Migration],
    /// Begins what no other runner can be in at the same time; a transaction where the database has
    /// one for what makes tables.
    begin: &'static str,
    /// Ends it, and keeps what was done.
    commit: &'static str,
    /// Ends it after a failure.
    rollback: &'static str,
    /// The moment of the database, in nanoseconds since 1970.
    now: &'static str,
}

/// The schema on SQLite 3.41 or newer.
pub const SQLITE: Schema = Schema {
    migrations: &[Migration {
        version: 1,
        name: "initial",
        sql: include_str!("schema/sqlite/0001_initial.sql"),
    }],
    begin: "BEGIN IMMEDIATE",
    commit: "COMMIT",
    rollback: "ROLLBACK",
    now: "CAST(unixepoch('subsec') * 1000 AS INTEGER) * 1000000",
};

/// The schema on PostgreSQL 13 or newer and what is compatible with it.
pub const POSTGRES: Schema = Schema {
    migrations: &[Migration {
        version: 1,
        name: "initial",
        sql: include_str!("schema/postgres/0001_initial.sql"),
    }],
    // The number is ours: any runner of this schema takes the same.
    begin: "BEGIN; SELECT pg_advisory_xact_lock(4738111622081)",
    commit: "COMMIT",
    rollback: "ROLLBACK",
    now: "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) * 1000000",
};

/// The same where there is no lock that belongs to no row: of those who make the tables at once one
/// succeeds, and the others find them made.
pub const POSTGRES_PLAIN: Schema = Schema {
    begin: "BEGIN",
    ..POSTGRES
};

/// The schema on MySQL 8.0.21 or newer, and MariaDB 10.6 or newer.
///
/// A change of tables commits by itself there, so what was interrupted half-way stays half done: every
/// statement of a migration can be repeated, and the next run does.
pub const MYSQL: Schema = Schema {
    migrations: &[Migration {
        version: 1,
        name: "initial",
        sql: include_str!("schema/mysql/0001_initial.sql"),
    }],
    // Locks of this kind are of the server, so the database is part of their name.
    begin: "DO GET_LOCK(CONCAT('signoff ', LEFT(SHA2(DATABASE(), 256), 40)), 3600)",
    commit: "DO RELEASE_LOCK(CONCAT('signoff ', LEFT(SHA2(DATABASE(), 256), 40)))",
    rollback: "DO RELEASE_LOCK(CONCAT('signoff ', LEFT(SHA2(DATABASE(), 256), 40)))",
    now: "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) * 1000000",
};

const BOOKS: &str = "CREATE TABLE IF NOT EXISTS signoff_schema_version (
    version BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at BIGINT NOT NULL
)";

static EXISTS: Sql = Sql::new(
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'signoff_schema_version'",
)
.postgres("SELECT 1 WHERE to_regclass('signoff_schema_version') IS NOT NULL")
.mysql(
    "SELECT 1 FROM information_schema.tables
WHERE table_schema = database() AND table_name = 'signoff_schema_version'",
);

static APPLIED: Sql =
    Sql::new("SELECT version, name, checksum FROM signoff_schema_version ORDER BY version");

/// What becomes of a database that lacks tables, when a store opens it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SchemaOnOpen {
    /// They are made; on SQLite a missing file is created, on PostgreSQL a missing schema.
    Apply,
    /// Opening fails with `Schema`, or `Unavailable` where there is no file.
    Check,
}

/// How a database stands to a schema.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Status {
    /// What its books hold.
    pub applied: Vec<Applied>,
    /// What it lacks.
    pub missing: Vec<Migration>,
    /// Why this program refuses it, if it does.
    pub refused: Option<String>,
}

/// Where a schema is applied: a connection that nobody else uses meanwhile and that is in no
/// transaction.
#[async_trait]
pub trait SchemaConnection: Send {
    /// Runs statements, any number of them, without parameters.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn batch(&mut self, sql: &str) -> Result<()>;

    /// All rows of a statement that reads.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn rows(&mut self, bound: &Bound) -> Result<Vec<Row>>;
}

/// What the books of a database hold, by version; nothing when there are none.
///
/// # Errors
/// `Unavailable`, `Corrupt`, `Other`.
pub async fn applied(connection: &mut dyn SchemaConnection) -> Result<Vec<Applied>> {
    if connection.rows(&Bound::new(&EXISTS)).await?.is_empty() {
        return Ok(Vec::new());
    }
    let rows = connection.rows(&Bound::new(&APPLIED)).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Applied {
                version: row.number()?,
                name: row.text()?,
                checksum: row.text()?,
            })
        })
        .collect()
}

impl Migration {
    /// SHA-256 of the SQL, lowercase hex.
    #[must_use]
    pub fn checksum(&self) -> String {
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(self.sql.as_bytes()) {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}

impl Schema {
    /// The version that this program brings a database to.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.migrations
            .last()
            .map_or(0, |migration| migration.version)
    }

    /// The schema as it was at a version.
    #[must_use]
    pub fn until(self, version: u32) -> Self {
        let steps = self.migrations.iter();
        let count = steps.filter(|step| step.version <= version).count();
        Self {
            migrations: self.migrations.get(..count).unwrap_or_default(),
            ..self
        }
    }

    /// Applies what is missing, all in one transaction where the database has one for tables; nothing
    /// is done, and nothing locked, when the database is up to date.
    ///
    /// # Errors
    /// `Schema` when the database is of another history or too new, `Unavailable`, `Other`.
    pub async fn apply(&self, connection: &mut dyn SchemaConnection) -> Result<()> {
        if self.missing(&applied(connection).await?)?.is_empty() {
            return Ok(());
        }
        connection.batch(self.begin).await?;
        match self.apply_locked(connection).await {
            Ok(()) => connection.batch(self.commit).await,
            Err(error) => {
                // The first error is the one to tell; a connection that is dropped rolls back too.
                let _ = connection.batch(self.rollback).await;
                // Where there is no lock, somebody else may have been faster.
                match applied(connection).await.map(|rows| self.missing(&rows)) {
                    Ok(Ok([])) => Ok(()),
                    _ => Err(error),
                }
            }
        }
    }

    /// [Applies](Self::apply) what is missing, or [checks](Self::check) that nothing is.
    ///
    /// # Errors
    /// `Schema`, `Unavailable`, `Other`.
    pub async fn open(
        &self,
        connection: &mut dyn SchemaConnection,
        on_open: SchemaOnOpen,
    ) -> Result<()> {
        match on_open {
            SchemaOnOpen::Apply => self.apply(connection).await,
            SchemaOnOpen::Check => self.check(connection).await,
        }
    }

    /// How a database stands to this schema; nothing is written.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    pub async fn status(&self, connection: &mut dyn SchemaConnection) -> Result<Status> {
        let applied = applied(connection).await?;
        Ok(match self.missing(&applied) {
            Ok(missing) => Status {
                missing: missing.to_vec(),
                refused: None,
                applied,
            },
            Err(error) => Status {
                applied,
                missing: Vec::new(),
                refused: Some(error.to_string()),
            },
        })
    }

    /// Checks without writing anything that an engine can work on the database: it is of the version
    /// of this program or of the next.
    ///
    /// # Errors
    /// `Schema` when it cannot, with the command to run, `Unavailable`, `Other`.
    pub async fn check(&self, connection: &mut dyn SchemaConnection) -> Result<()> {
        let missing = self.missing(&applied(connection).await?)?.len();
        if missing == 0 {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Schema,
            format!(
                "the database lacks {missing} of {} schema versions; run `signoff db up`",
                self.migrations.len()
            ),
        ))
    }

    /// What brings a database from a version on (0: nothing) to this one, as plain SQL, the books
    /// included.
    #[must_use]
    pub fn to_sql(&self, from: u32) -> String {
        let steps = self.migrations.iter().filter(|step| step.version > from);
        let steps = steps.map(|step| self.step(step)).collect::<String>();
        if from > 0 {
            return steps;
        }
        format!("{BOOKS};\n\n{steps}")
    }

    async fn apply_locked(&self, connection: &mut dyn SchemaConnection) -> Result<()> {
        connection.batch(BOOKS).await?;
        for migration in self.missing(&applied(connection).await?)? {
            connection.batch(&self.step(migration)).await?;
        }
        Ok(())
    }

    fn step(&self, migration: &Migration) -> String {
        format!(
            "{}\nINSERT INTO signoff_schema_version (version, name, checksum, applied_at) \
             VALUES ({}, '{}', '{}', {});\n",
            migration.sql,
            migration.version,
            migration.name,
            migration.checksum(),
            self.now
        )
    }

    /// What is still to be applied.
    fn missing(&self, applied: &[Applied]) -> Result<&'static [Migration]> {
        for (index, row) in applied.iter().enumerate() {
            let Some(known) = self.migrations.get(index) else {
                continue;
            };
            if row.version != known.version || row.checksum != known.checksum() {
                return Err(Error::new(
                    ErrorKind::Schema,
                    format!(
                        "schema version {} (`{}`) of the database is not `{}` version {} as this program \
                         knows it; restore the database, or use the program that changed it",
                        row.version, row.name, known.name, known.version
                    ),
                ));
            }
        }
        let newest = applied.last().map_or(0, |row| row.version);
        if newest > self.version() + 1 {
            return Err(Error::new(
                ErrorKind::Schema,
                format!(
                    "the database is of schema version {newest}, this program works on {} and {}; \
                     run a newer version of the program",
                    self.version(),
                    self.version() + 1
                ),
            ));
        }
        Ok(self.migrations.get(applied.len()..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Cell, Dialect};

    /// Keeps the books only.
    #[derive(Debug, Default)]
    struct Books {
        rows: Vec<Applied>,
        ran: Vec<String>,
    }

    #[async_trait]
    impl SchemaConnection for Books {
        async fn batch(&mut self, sql: &str) -> Result<()> {
            for migration in SQLITE.migrations {
                if sql.starts_with(migration.sql) {
                    self.rows
                        .push(row(migration.version, &migration.checksum()));
                }
            }
            self.ran.push(sql.chars().take(12).collect());
            Ok(())
        }

        async fn rows(&mut self, bound: &Bound) -> Result<Vec<Row>> {
            let is_known = bound.text(Dialect::Sqlite).contains("sqlite_master");
            let rows = self.rows.iter().map(|row| {
                Row::new(vec![
                    Cell::Integer(i64::from(row.version)),
                    Cell::Text(row.name.clone()),
                    Cell::Text(row.checksum.clone()),
                ])
            });
            Ok(rows.take(if is_known { 1 } else { usize::MAX }).collect())
        }
    }

    fn row(version: u32, checksum: &str) -> Applied {
        Applied {
            version,
            name: "initial".to_owned(),
            checksum: checksum.to_owned(),
        }
    }

    #[tokio::test]
    async fn a_second_run_does_nothing() {
        let mut books = Books::default();
        assert_eq!(
            SQLITE.check(&mut books).await.unwrap_err().kind(),
            ErrorKind::Schema
        );
        SQLITE.apply(&mut books).await.unwrap();
        assert_eq!(books.rows.len(), SQLITE.migrations.len());
        let ran = books.ran.len();
        SQLITE.apply(&mut books).await.unwrap();
        SQLITE.check(&mut books).await.unwrap();
        assert_eq!(books.ran.len(), ran);
    }

    #[tokio::test]
    async fn the_next_version_is_accepted_and_a_later_one_refused() {
        let mut books = Books::default();
        SQLITE.apply(&mut books).await.unwrap();
        books.rows.push(row(SQLITE.version() + 1, "later"));
        SQLITE.apply(&mut books).await.unwrap();
        books.rows.push(row(SQLITE.version() + 2, "too late"));
        let error = SQLITE.apply(&mut books).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Schema);
        assert!(error.to_string().contains("newer"), "{error}");
    }

    #[tokio::test]
    async fn a_changed_checksum_is_refused() {
        let mut books = Books {
            rows: vec![row(1, "not ours")],
            ran: Vec::new(),
        };
        let error = SQLITE.apply(&mut books).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Schema);
        assert!(
            error.to_string().contains("restore the database"),
            "{error}"
        );
    }
}

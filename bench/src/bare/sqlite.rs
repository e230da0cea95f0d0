//! The bare loop on SQLite.

use std::{collections::VecDeque, path::Path, time::Instant};

use anyhow::{Context as _, ensure};
use sqlx::{Connection as _, SqliteConnection};

use super::{Commit, EVENTS, STATE, id, rates, stand};
use crate::measure::Rates;

const TABLES: &str = "
CREATE TABLE instance (id TEXT PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE task (id TEXT PRIMARY KEY, instance TEXT NOT NULL, state TEXT NOT NULL, assignee TEXT) WITHOUT ROWID;
CREATE TABLE history (instance TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (instance, version)) WITHOUT ROWID;
";
const INSERT: &str = "INSERT INTO instance (id, version, status, state) VALUES (?1, 1, ?2, ?3)";
const UPDATE: &str = "UPDATE instance SET version = version + 1, status = ?3, state = ?4 WHERE id = ?1 AND version = ?2";
const OPEN: &str =
    "INSERT INTO task (id, instance, state, assignee) VALUES (?1, ?2, 'assigned', 'amy')";
const CLOSE: &str = "UPDATE task SET state = 'completed' WHERE id = ?1";
const HISTORY: &str = "INSERT INTO history (instance, version, body) VALUES (?1, ?2, ?3)";
/// Processes on rusqlite.
pub(crate) fn rusqlite(path: &Path, commits: &[Commit], seconds: f64) -> anyhow::Result<Rates> {
    let mut connection = rusqlite::Connection::open(path)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    connection.execute_batch(TABLES)?;
    connection.set_prepared_statement_cache_capacity(32);
    let start = Instant::now();
    let mut each = Vec::new();
    while start.elapsed().as_secs_f64() < seconds {
        let began = Instant::now();
        rusqlite_process(&mut connection, commits)?;
        each.push(began.elapsed());
    }
    Ok(rates(each, start.elapsed()))
}

fn rusqlite_process(
    connection: &mut rusqlite::Connection,
    commits: &[Commit],
) -> anyhow::Result<()> {
    let instance = id();
    let mut open = VecDeque::new();
    for (step, commit) in commits.iter().enumerate() {
        let (status, version) = stand(step, commits)?;
        let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        if step == 0 {
            tx.prepare_cached(INSERT)?
                .execute((&instance, status, STATE))?;
        } else {
            let changed = tx
                .prepare_cached(UPDATE)?
                .execute((&instance, version, status, STATE))?;
            ensure!(changed == 1, "the version was not {version}");
        }
        for _ in 0..commit.opens {
            let task = id();
            tx.prepare_cached(OPEN)?.execute((&task, &instance))?;
            open.push_back(task);
        }
        for _ in 0..commit.closes {
            let task = open.pop_front().context("no task is open")?;
            let changed = tx.prepare_cached(CLOSE)?.execute((&task,))?;
            ensure!(changed == 1, "the task was not there");
        }
        tx.prepare_cached(HISTORY)?
            .execute((&instance, version + 1, EVENTS))?;
        tx.commit()?;
    }
    Ok(())
}

/// Processes on sqlx.
pub(crate) async fn sqlx(path: &Path, commits: &[Commit], seconds: f64) -> anyhow::Result<Rates> {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::raw_sql(TABLES).execute(&mut connection).await?;
    let start = Instant::now();
    let mut each = Vec::new();
    while start.elapsed().as_secs_f64() < seconds {
        let began = Instant::now();
        sqlx_process(&mut connection, commits).await?;
        each.push(began.elapsed());
    }
    Ok(rates(each, start.elapsed()))
}

async fn sqlx_process(connection: &mut SqliteConnection, commits: &[Commit]) -> anyhow::Result<()> {
    let instance = id();
    let mut open = VecDeque::new();
    for (step, commit) in commits.iter().enumerate() {
        let (status, version) = stand(step, commits)?;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        if step == 0 {
            let insert = sqlx::query(INSERT).bind(&instance).bind(status).bind(STATE);
            insert.execute(&mut *tx).await?;
        } else {
            let update = sqlx::query(UPDATE)
                .bind(&instance)
                .bind(version)
                .bind(status)
                .bind(STATE);
            let changed = update.execute(&mut *tx).await?.rows_affected();
            ensure!(changed == 1, "the version was not {version}");
        }
        for _ in 0..commit.opens {
            let task = id();
            let insert = sqlx::query(OPEN).bind(&task).bind(&instance);
            insert.execute(&mut *tx).await?;
            open.push_back(task);
        }
        for _ in 0..commit.closes {
            let task = open.pop_front().context("no task is open")?;
            let close = sqlx::query(CLOSE).bind(&task);
            let changed = close.execute(&mut *tx).await?.rows_affected();
            ensure!(changed == 1, "the task was not there");
        }
        let insert = sqlx::query(HISTORY)
            .bind(&instance)
            .bind(version + 1)
            .bind(EVENTS);
        insert.execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

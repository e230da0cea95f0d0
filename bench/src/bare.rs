//! The bare loop: the minimal durable writes of W1, without any engine.
//!
//! Per transition: the instance row with a version check, a task row, a history row, one commit.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::ensure;
use sqlx::{Connection as _, SqliteConnection};

use crate::measure::Rates;

const TABLES: &str = "
CREATE TABLE instance (id TEXT PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE task (id TEXT PRIMARY KEY, instance TEXT NOT NULL, state TEXT NOT NULL, assignee TEXT) WITHOUT ROWID;
CREATE TABLE history (instance TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (instance, version)) WITHOUT ROWID;
";
const INSERT: &str =
    "INSERT INTO instance (id, version, status, state) VALUES (?1, 1, 'running', ?2)";
const UPDATE: &str = "UPDATE instance SET version = version + 1, status = ?3, state = ?4 WHERE id = ?1 AND version = ?2";
const OPEN: &str =
    "INSERT INTO task (id, instance, state, assignee) VALUES (?1, ?2, 'assigned', 'amy')";
const CLOSE: &str = "UPDATE task SET state = 'completed' WHERE id = ?1";
const HISTORY: &str = "INSERT INTO history (instance, version, body) VALUES (?1, ?2, ?3)";
/// As large as what an engine keeps of such a step.
const STATE: &str = "{\"scopes\":{},\"results\":{\"first\":{\"state\":\"completed\",\"actors\":[\"amy\"]}},\"live\":1,\"numbered\":2}";
const EVENTS: &str = "[{\"event\":\"decision_made\",\"by\":\"amy\"},{\"event\":\"node_completed\",\"node\":\"first\"},{\"event\":\"node_entered\",\"node\":\"second\"},{\"event\":\"task_opened\",\"assignee\":\"ben\"}]";

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// The bare loop on rusqlite: prepared statements on one connection.
pub(crate) fn rusqlite(path: &Path, seconds: f64) -> anyhow::Result<Rates> {
    let mut connection = rusqlite::Connection::open(path)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    connection.execute_batch(TABLES)?;
    connection.set_prepared_statement_cache_capacity(32);
    timed(seconds, || {
        let instance = id();
        let tasks = [id(), id()];
        for step in 0..3_i64 {
            let tx =
                connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            if step == 0 {
                tx.prepare_cached(INSERT)?.execute((&instance, STATE))?;
                tx.prepare_cached(OPEN)?.execute((&tasks[0], &instance))?;
            } else {
                let status = if step == 2 { "completed" } else { "running" };
                let changed = tx
                    .prepare_cached(UPDATE)?
                    .execute((&instance, step, status, STATE))?;
                ensure!(changed == 1, "the version was not {step}");
                tx.prepare_cached(CLOSE)?
                    .execute((&tasks[usize::try_from(step - 1)?],))?;
            }
            tx.prepare_cached(HISTORY)?
                .execute((&instance, step + 1, EVENTS))?;
            tx.commit()?;
        }
        Ok(())
    })
}

/// The bare loop on sqlx: prepared statements on one connection.
pub(crate) async fn sqlx(path: &Path, seconds: f64) -> anyhow::Result<Rates> {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::raw_sql(TABLES).execute(&mut connection).await?;
    let mut rates = Rates {
        transitions: 3,
        ..Rates::default()
    };
    let start = Instant::now();
    while start.elapsed().as_secs_f64() < seconds {
        let began = Instant::now();
        sqlx_process(&mut connection).await?;
        rates.each.push(began.elapsed());
    }
    rates.total = start.elapsed();
    Ok(rates)
}

async fn sqlx_process(connection: &mut SqliteConnection) -> anyhow::Result<()> {
    let instance = id();
    let tasks = [id(), id()];
    for step in 0..3_i64 {
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        if step == 0 {
            sqlx::query(INSERT)
                .bind(&instance)
                .bind(STATE)
                .execute(&mut *tx)
                .await?;
            sqlx::query(OPEN)
                .bind(&tasks[0])
                .bind(&instance)
                .execute(&mut *tx)
                .await?;
        } else {
            let status = if step == 2 { "completed" } else { "running" };
            let update = sqlx::query(UPDATE)
                .bind(&instance)
                .bind(step)
                .bind(status)
                .bind(STATE);
            let changed = update.execute(&mut *tx).await?.rows_affected();
            ensure!(changed == 1, "the version was not {step}");
            sqlx::query(CLOSE)
                .bind(&tasks[usize::try_from(step - 1)?])
                .execute(&mut *tx)
                .await?;
        }
        sqlx::query(HISTORY)
            .bind(&instance)
            .bind(step + 1)
            .bind(EVENTS)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
    }
    Ok(())
}

fn timed(seconds: f64, mut process: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<Rates> {
    let start = Instant::now();
    let mut each: Vec<Duration> = Vec::new();
    while start.elapsed().as_secs_f64() < seconds {
        let began = Instant::now();
        process()?;
        each.push(began.elapsed());
    }
    Ok(Rates {
        each,
        total: start.elapsed(),
        transitions: 3,
    })
}

//! The bare loop on PostgreSQL: five statements per commit, each client on its own connection.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::{Commit, EVENTS, STATE, rates, stand};
use crate::measure::Rates;

/// The tables of the bare loop and of pgbench.
pub(super) const TABLES: &str = "
CREATE TABLE instance (id uuid PRIMARY KEY, version integer NOT NULL, status text NOT NULL, state text NOT NULL);
CREATE TABLE task (id uuid PRIMARY KEY, instance uuid NOT NULL, state text NOT NULL, assignee text);
CREATE TABLE history (instance uuid NOT NULL, version integer NOT NULL, body text NOT NULL, PRIMARY KEY (instance, version));
";
const INSERT: &str = "INSERT INTO instance (id, version, status, state) VALUES ($1, 1, $2, $3)";
const UPDATE: &str = "UPDATE instance SET version = version + 1, status = $3, state = $4 WHERE id = $1 AND version = $2";
const OPEN: &str =
    "INSERT INTO task (id, instance, state, assignee) VALUES ($1, $2, 'assigned', 'amy')";
const CLOSE: &str = "UPDATE task SET state = 'completed' WHERE id = $1";
const HISTORY: &str = "INSERT INTO history (instance, version, body) VALUES ($1, $2, $3)";

/// Makes the tables in an empty database.
pub(crate) async fn make_tables(url: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(TABLES).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Processes by so many clients.
pub(crate) async fn run(
    url: &str,
    commits: &'static [Commit],
    clients: usize,
    seconds: f64,
) -> anyhow::Result<Rates> {
    let mut connections = Vec::new();
    for _ in 0..clients {
        connections.push(PgConnection::connect(url).await?);
    }
    let start = Instant::now();
    let clients: Vec<_> = connections
        .into_iter()
        .map(|connection| tokio::spawn(client(connection, commits, start, seconds)))
        .collect();
    let mut each = Vec::new();
    for client in clients {
        each.extend(client.await??);
    }
    Ok(rates(each, start.elapsed()))
}

async fn client(
    mut connection: PgConnection,
    commits: &[Commit],
    start: Instant,
    seconds: f64,
) -> anyhow::Result<Vec<Duration>> {
    let mut each = Vec::new();
    while start.elapsed().as_secs_f64() < seconds {
        let began = Instant::now();
        process(&mut connection, commits).await?;
        each.push(began.elapsed());
    }
    connection.close().await?;
    Ok(each)
}

async fn process(connection: &mut PgConnection, commits: &[Commit]) -> anyhow::Result<()> {
    let instance = Uuid::now_v7();
    let mut open = VecDeque::new();
    for (step, commit) in commits.iter().enumerate() {
        let (status, version) = stand(step, commits)?;
        let version = i32::try_from(version)?;
        let mut tx = connection.begin().await?;
        let query = if step == 0 {
            sqlx::query(INSERT).bind(instance)
        } else {
            sqlx::query(UPDATE).bind(instance).bind(version)
        };
        let changed = query.bind(status).bind(STATE).execute(&mut *tx).await?;
        ensure!(
            changed.rows_affected() == 1,
            "the version was not {version}"
        );
        for _ in 0..commit.opens {
            let task = Uuid::now_v7();
            let insert = sqlx::query(OPEN).bind(task).bind(instance);
            insert.execute(&mut *tx).await?;
            open.push_back(task);
        }
        for _ in 0..commit.closes {
            let task = open.pop_front().context("no task is open")?;
            let changed = sqlx::query(CLOSE).bind(task).execute(&mut *tx).await?;
            ensure!(changed.rows_affected() == 1, "the task was not there");
        }
        let insert = sqlx::query(HISTORY)
            .bind(instance)
            .bind(version + 1)
            .bind(EVENTS);
        insert.execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

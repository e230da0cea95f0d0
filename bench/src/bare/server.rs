//! The bare loop on a server: five statements per commit, each client on its own connection.

/// The loop for a type of connection, with the statements that are constants where it is written:
/// `TABLES INSERT UPDATE OPEN CLOSE HISTORY`.
macro_rules! bare_loop {
    ($connection:ty) => {
        use std::{
            collections::VecDeque,
            time::{Duration, Instant},
        };

        use anyhow::{Context as _, ensure};
        use sqlx::Connection as _;
        use uuid::Uuid;

        use super::{Commit, EVENTS, STATE, rates, stand};
        use crate::measure::Rates;

        /// Makes the tables in an empty database.
        pub(crate) async fn make_tables(url: &str) -> anyhow::Result<()> {
            let mut connection = <$connection>::connect(url).await?;
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
                connections.push(<$connection>::connect(url).await?);
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
            mut connection: $connection,
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

        async fn process(connection: &mut $connection, commits: &[Commit]) -> anyhow::Result<()> {
            let instance = Uuid::now_v7();
            let mut open = VecDeque::new();
            for (step, commit) in commits.iter().enumerate() {
                let (status, version) = stand(step, commits)?;
                let version = i32::try_from(version)?;
                let mut tx = connection.begin().await?;
                let query = if step == 0 {
                    sqlx::query(INSERT).bind(status).bind(STATE).bind(instance)
                } else {
                    let update = sqlx::query(UPDATE).bind(status).bind(STATE);
                    update.bind(instance).bind(version)
                };
                let changed = query.execute(&mut *tx).await?;
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
    };
}

pub(super) use bare_loop;

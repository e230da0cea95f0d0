//! A place of its own for each test on the servers that the environment names.

use std::{
    env, process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use diesel_async::AsyncConnection;

/// A schema or database of its own, dropped with this.
pub(crate) struct Place {
    pub(crate) url: String,
    drop: Option<Box<dyn FnOnce() + Send + Sync>>,
}

/// Runs statements on a new connection.
pub(crate) async fn run_sql<C: AsyncConnection>(url: &str, sql: &str) {
    let mut connection = C::establish(url).await.unwrap();
    connection.batch_execute(sql).await.unwrap();
}

/// The server that a variable names, or says that a test is skipped.
#[expect(clippy::print_stderr, reason = "a test says that it did not run")]
pub(crate) fn named(variable: &str) -> Option<String> {
    let server = env::var(variable).ok();
    if server.is_none() {
        eprintln!("skipped: {}", unset(variable));
    }
    server
}

pub(crate) fn unset(variable: &str) -> String {
    format!("{variable} is not set")
}

/// A name that nobody else has.
fn fresh() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let (id, n) = (process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    format!("signoff_diesel_{}_{id}_{n}", at.as_micros())
}

/// Runs statements from wherever a place is dropped.
fn run_aside<C: AsyncConnection>(url: &str, sql: &str) {
    thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                let mut connection = C::establish(url).await.unwrap();
                // A test that fails may leave a transaction open.
                let _ = connection.batch_execute(sql).await;
            });
        });
    });
}

#[cfg(feature = "postgres")]
impl Place {
    pub(crate) const POSTGRES: &str = "SIGNOFF_TEST_POSTGRES";

    /// A schema, if there is a server.
    pub(crate) async fn postgres() -> Option<Self> {
        use diesel_async::AsyncPgConnection;

        let server = named(Self::POSTGRES)?;
        let name = fresh();
        run_sql::<AsyncPgConnection>(&server, &format!("CREATE SCHEMA {name}")).await;
        let sign = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{sign}options=-csearch_path%3D{name}");
        let drop = format!(
            "SET lock_timeout = '5s'; SET client_min_messages = error; DROP SCHEMA {name} CASCADE"
        );
        Some(Self {
            url,
            drop: Some(Box::new(move || {
                run_aside::<AsyncPgConnection>(&server, &drop);
            })),
        })
    }
}

#[cfg(feature = "mysql")]
impl Place {
    pub(crate) const MYSQL: &str = "SIGNOFF_TEST_MYSQL";

    /// A database, if there is a server.
    pub(crate) async fn mysql() -> Option<Self> {
        use diesel_async::AsyncMysqlConnection;

        let server = named(Self::MYSQL)?;
        let name = fresh();
        run_sql::<AsyncMysqlConnection>(&server, &format!("CREATE DATABASE {name}")).await;
        let (host, _) = server.rsplit_once('/').unwrap();
        let url = format!("{host}/{name}");
        let drop = format!("SET lock_wait_timeout = 5; DROP DATABASE {name}");
        Some(Self {
            url,
            drop: Some(Box::new(move || {
                run_aside::<AsyncMysqlConnection>(&server, &drop);
            })),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(drop) = self.drop.take() {
            drop();
        }
    }
}

//! A database for one case, on the server that `SIGNOFF_TEST_MYSQL` names.

use std::{env, thread};

use signoff_store_sqlx::MySqlStore;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, MySqlPool, mysql::MySqlPoolOptions};
use uuid::Uuid;

/// Where the tests find a server.
pub(crate) const VARIABLE: &str = "SIGNOFF_TEST_MYSQL";

/// The server, if there is one.
pub(crate) fn server() -> Option<String> {
    env::var(VARIABLE).ok().filter(|url| !url.is_empty())
}

/// A database with nothing in it; it goes with the value.
#[derive(Debug)]
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// A fresh one; says so where there is no server.
    #[expect(clippy::print_stderr, reason = "whoever runs tests looks there")]
    pub(crate) async fn new() -> Option<Self> {
        let Some(server) = server() else {
            eprintln!("skipped: {VARIABLE} is not set");
            return None;
        };
        let name = format!("signoff_{}", Uuid::now_v7().simple());
        // What is not said of a text must not matter: here it would be Latin.
        run(
            &server,
            format!("CREATE DATABASE {name} CHARACTER SET latin1"),
        )
        .await;
        Some(Self { server, name })
    }

    pub(crate) fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }

    pub(crate) async fn store(&self) -> MySqlStore {
        MySqlStore::open(&self.url()).await.unwrap()
    }

    /// Connections of a host.
    pub(crate) async fn pool(&self) -> MySqlPool {
        let options = MySqlPoolOptions::new().max_connections(4);
        options.connect(&self.url()).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let server = self.server.clone();
        // A transaction that was left open is in the way until its connection goes.
        let drop = format!("SET lock_wait_timeout = 5; DROP DATABASE {}", self.name);
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(run(&server, drop));
        });
        // A case that failed has said more than this could.
        let _ = dropping.join();
    }
}

/// Runs statements on a connection of their own.
pub(crate) async fn run(url: &str, sql: String) {
    let mut connection = MySqlConnection::connect(url).await.unwrap();
    let done = sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await;
    done.unwrap();
    connection.close().await.unwrap();
}

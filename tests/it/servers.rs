//! Places on the servers that tests may use, each for one test.

use signoff_tests::{MYSQL, POSTGRES, mysql};
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection};

/// A schema of its own on the server, dropped with it.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) url: String,
    pub(crate) name: String,
}

impl Schema {
    pub(crate) fn fresh() -> Option<Self> {
        let Ok(url) = std::env::var(POSTGRES) else {
            eprintln!("skipped: {POSTGRES} is not set");
            return None;
        };
        let name = format!("signoff_trial_{}", uuid::Uuid::now_v7().simple());
        Some(Self { url, name })
    }

    /// A store in it, with few connections, because many tests run at once.
    pub(crate) async fn sqlx(
        &self,
        profile: signoff::sqlx::PostgresProfile,
    ) -> signoff::sqlx::PostgresStore {
        let options = signoff::sqlx::PostgresOptions {
            max_connections: 4,
            in_schema: Some(self.name.clone()),
            profile,
            ..signoff::sqlx::PostgresOptions::default()
        };
        let store = signoff::sqlx::PostgresStore::open_with(&self.url, options);
        store.await.unwrap()
    }

    /// The same by the other library.
    pub(crate) async fn diesel(
        &self,
        profile: signoff::diesel::PostgresProfile,
    ) -> signoff::diesel::PostgresStore {
        let options = signoff::diesel::PostgresOptions {
            max_connections: 4,
            in_schema: Some(self.name.clone()),
            profile,
            ..signoff::diesel::PostgresOptions::default()
        };
        let store = signoff::diesel::PostgresStore::open_with(&self.url, options);
        store.await.unwrap()
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let url = self.url.clone();
        let sql = format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", self.name);
        aside(async move {
            let mut connection = PgConnection::connect(&url).await?;
            let wait = "SET lock_timeout = '10s'";
            sqlx::raw_sql(wait).execute(&mut connection).await?;
            let dropped = sqlx::raw_sql(AssertSqlSafe(sql));
            dropped.execute(&mut connection).await.map(|_| ())
        })
        // A schema that is left behind disturbs nobody.
        .ok();
    }
}

/// A database of its own on the server, dropped with it.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) name: String,
}

impl Database {
    pub(crate) fn fresh() -> Option<Self> {
        let Ok(server) = std::env::var(MYSQL) else {
            eprintln!("skipped: {MYSQL} is not set");
            return None;
        };
        let name = format!("signoff_trial_{}", uuid::Uuid::now_v7().simple());
        let (url, sql) = (mysql(&server, &name), format!("CREATE DATABASE {name}"));
        aside(async move {
            let mut connection = MySqlConnection::connect(&server).await?;
            let made = sqlx::raw_sql(AssertSqlSafe(sql));
            made.execute(&mut connection).await.map(|_| ())
        })
        .unwrap();
        Some(Self { url, name })
    }

    /// A store in it, with few connections, because many tests run at once.
    pub(crate) async fn sqlx(&self) -> signoff::sqlx::MySqlStore {
        let options = signoff::sqlx::MySqlOptions {
            connections: 4,
            ..signoff::sqlx::MySqlOptions::default()
        };
        let store = signoff::sqlx::MySqlStore::open_with(&self.url, options);
        store.await.unwrap()
    }

    /// The same by the other library.
    pub(crate) async fn diesel(&self) -> signoff::diesel::MySqlStore {
        let options = signoff::diesel::MySqlOptions {
            connections: 4,
            ..signoff::diesel::MySqlOptions::default()
        };
        let store = signoff::diesel::MySqlStore::open_with(&self.url, options);
        store.await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let url = self.url.clone();
        // A transaction that was left open is in the way until its connection goes.
        let sql = format!("SET lock_wait_timeout = 10; DROP DATABASE {}", self.name);
        aside(async move {
            let mut connection = MySqlConnection::connect(&url).await?;
            let dropped = sqlx::raw_sql(AssertSqlSafe(sql));
            dropped.execute(&mut connection).await.map(|_| ())
        })
        // A database that is left behind disturbs nobody.
        .ok();
    }
}

/// Runs it on a thread of its own: the test may be inside a runtime.
fn aside<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let running = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(work)
    });
    running.join().unwrap()
}

//! A schema of its own on the server that `SIGNOFF_TEST_POSTGRES` names.

use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use signoff_store_sqlx::{PostgresOptions, PostgresProfile, PostgresStore};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

/// The variable that names the server.
pub(crate) const VARIABLE: &str = "SIGNOFF_TEST_POSTGRES";

/// A schema that nobody else uses; dropped with it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) url: String,
    schema: String,
}

/// Why there is no place.
pub(crate) fn missing() -> Option<String> {
    match std::env::var(VARIABLE) {
        Ok(_) => None,
        Err(_) => Some(format!("{VARIABLE} is not set")),
    }
}

impl Place {
    /// A place, or nothing after saying why.
    #[expect(clippy::print_stderr, reason = "a test has nowhere else to say it")]
    pub(crate) fn fresh() -> Option<Self> {
        if let Some(missing) = missing() {
            eprintln!("skipped: {missing}");
            return None;
        }
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        Some(Self {
            url: std::env::var(VARIABLE).unwrap(),
            // What was left by a process of the same number that was killed is of another time.
            schema: format!(
                "signoff test {} {n} {}",
                process::id(),
                Uuid::now_v7().simple()
            ),
        })
    }

    /// A name for connections, of this place only.
    pub(crate) fn name(&self, what: &str) -> String {
        let id = self.schema.rsplit(' ').next().unwrap_or_default();
        format!("{what}_{id}")
    }

    /// Options for the schema; few connections, because many tests run at once.
    pub(crate) fn options(&self) -> PostgresOptions {
        PostgresOptions {
            max_connections: 4,
            in_schema: Some(self.schema.clone()),
            ..PostgresOptions::default()
        }
    }

    pub(crate) async fn store(&self) -> PostgresStore {
        self.store_of(PostgresProfile::Full).await
    }

    pub(crate) async fn store_of(&self, profile: PostgresProfile) -> PostgresStore {
        let options = PostgresOptions {
            profile,
            ..self.options()
        };
        PostgresStore::open_with(&self.url, options).await.unwrap()
    }

    /// Connections of a host, into the same schema.
    pub(crate) async fn pool(&self) -> PgPool {
        let options: PgConnectOptions = self.url.parse().unwrap();
        let options = options.options([("search_path", format!("\"{}\"", self.schema))]);
        let pool = PgPoolOptions::new().max_connections(2);
        pool.connect_with(options).await.unwrap()
    }

    /// Runs statements in the schema.
    pub(crate) async fn run(&self, sql: &'static str) {
        let pool = self.pool().await;
        sqlx::raw_sql(sql).execute(&pool).await.unwrap();
        pool.close().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let (url, schema) = (self.url.clone(), self.schema.clone());
        let drop = async move {
            let options: PgConnectOptions = url.parse().unwrap();
            let options =
                options.options([("lock_timeout", "10s"), ("client_min_messages", "warning")]);
            let mut connection = options.disable_statement_logging().connect().await.unwrap();
            let sql = format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE");
            let done = sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut connection)
                .await;
            connection.close().await.unwrap();
            done.unwrap();
        };
        // A thread of its own: the test may be inside a runtime.
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(drop);
        });
        // A place that is left behind disturbs nobody.
        let _ = thread.join();
    }
}

//! A schema of its own on the server that `SIGNOFF_TEST_POSTGRES` names.

use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::UNIX_EPOCH,
};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// A schema that nobody else uses; dropped with it.
pub(crate) struct Place {
    server: String,
    schema: String,
}

impl Place {
    /// A place, or nothing after saying why.
    #[expect(clippy::print_stderr, reason = "whoever runs tests looks there")]
    pub(crate) fn fresh() -> Option<Self> {
        let Ok(server) = std::env::var("SIGNOFF_TEST_POSTGRES") else {
            eprintln!("skipped: SIGNOFF_TEST_POSTGRES is not set");
            return None;
        };
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let now = UNIX_EPOCH.elapsed().unwrap().as_nanos();
        let schema = format!("signoff_test_{}_{n}_{now}", process::id());
        let place = Self { server, schema };
        place
            .run(format!("CREATE SCHEMA {}", place.schema))
            .unwrap();
        Some(place)
    }

    /// Where tables are looked for in the schema alone.
    pub(crate) fn url(&self) -> String {
        let mark = if self.server.contains('?') { '&' } else { '?' };
        let (server, schema) = (&self.server, &self.schema);
        format!("{server}{mark}options=-csearch_path%3D{schema}")
    }

    /// Runs statements on the server.
    fn run(&self, sql: String) -> sqlx::Result<()> {
        let url = self.server.clone();
        let run = async move {
            let mut connection = PgConnection::connect(&url).await?;
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut connection)
                .await?;
            connection.close().await
        };
        // A thread of its own: the test may be inside a runtime.
        let thread = thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?
                .block_on(run)
        });
        thread.join().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What a test leaves open cannot roll back while its thread waits here. A schema left behind
        // disturbs nobody.
        let schema = &self.schema;
        let _ = self.run(format!(
            "SELECT pg_terminate_backend(held.pid) FROM pg_locks AS held
            JOIN pg_class AS of ON of.oid = held.relation
            WHERE held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND of.relnamespace = '{schema}'::regnamespace AND held.pid <> pg_backend_pid();
            DROP SCHEMA {schema} CASCADE"
        ));
    }
}

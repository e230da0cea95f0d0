//! Tenants in two databases of PostgreSQL, on the server that `SIGNOFF_TEST_POSTGRES` names.

use std::sync::Arc;

use async_trait::async_trait;
use signoff::{
    Call, Engine, Format, Start, TenantRouter,
    sqlx::{PostgresOptions, PostgresStore, postgres},
    store::{InstanceFilter, PageRequest, Store, conformance::Builder},
};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions,
};
use uuid::Uuid;

use crate::{router_suite::router, world::people};

const VARIABLE: &str = "SIGNOFF_TEST_POSTGRES";
/// The databases; they stay, and each test has a schema of its own in both.
const DATABASES: [&str; 2] = ["signoff_router_one", "signoff_router_two"];
const LEAVE: &str = "{format: signoff/v1, kind: approval, key: leave, approvals: [{role: lead}]}";

fn missing() -> Option<String> {
    std::env::var(VARIABLE)
        .is_err()
        .then(|| format!("{VARIABLE} is not set"))
}

/// A schema of one name in both databases; dropped with it.
#[derive(Debug)]
struct Schemas {
    server: PgConnectOptions,
    name: String,
}

impl Schemas {
    async fn fresh() -> Self {
        let server: PgConnectOptions = std::env::var(VARIABLE).unwrap().parse().unwrap();
        let mut connection = server.connect().await.unwrap();
        for name in DATABASES {
            let sql = format!("CREATE DATABASE {name}");
            let made = sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut connection)
                .await;
            if let Err(error) = made {
                // Another test was faster, now or long ago.
                let found = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1");
                let found = found.bind(name).fetch_optional(&mut connection).await;
                assert_eq!(found.unwrap(), Some(1_i32), "{error}");
            }
        }
        Self {
            server,
            name: format!("signoff_test_{}", Uuid::now_v7().simple()),
        }
    }

    fn database(&self, name: &str) -> PgConnectOptions {
        self.server.clone().database(name)
    }

    async fn router(&self) -> TenantRouter {
        let router = router();
        for (name, database) in ["one", "two"].into_iter().zip(DATABASES) {
            let options = PostgresOptions {
                max_connections: 4,
                in_schema: Some(self.name.clone()),
                ..PostgresOptions::default()
            };
            let url = self.database(database).to_url_lossy();
            let store = PostgresStore::open_with(url.as_str(), options).await;
            router.add(name, store.unwrap());
        }
        router
    }

    /// The host's own connection to a database.
    async fn host(&self, database: &str) -> PgConnection {
        let options = self.database(database);
        let options = options.options([("search_path", self.name.as_str())]);
        options.connect().await.unwrap()
    }
}

impl Drop for Schemas {
    fn drop(&mut self) {
        let name = self.name.clone();
        let databases = DATABASES.map(|database| self.database(database));
        let drop = async move {
            for options in databases {
                let options = options.options([("lock_timeout", "10s")]);
                let mut connection = options.connect().await.unwrap();
                let sql = format!("DROP SCHEMA IF EXISTS {name} CASCADE");
                let dropped = sqlx::raw_sql(AssertSqlSafe(sql));
                dropped.execute(&mut connection).await.unwrap();
            }
        };
        // A thread of its own: the test may be inside a runtime.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(drop);
        });
        // What is left behind disturbs nobody.
        let _ = thread.join();
    }
}

#[derive(Debug)]
struct TwoDatabases;

#[async_trait]
impl Builder for TwoDatabases {
    type Guard = Schemas;

    fn missing(&self) -> Option<String> {
        missing()
    }

    async fn build(&self) -> (Arc<dyn Store>, Schemas) {
        let schemas = Schemas::fresh().await;
        (Arc::new(schemas.router().await), schemas)
    }
}

mod suite {
    use super::TwoDatabases;

    signoff::store::conformance_tests!(TwoDatabases);
}

async fn count(engine: &Engine, tenant: &str) -> usize {
    let (all, page) = (InstanceFilter::default(), PageRequest::default());
    let found = engine.store().instances(&tenant.into(), &all, &page).await;
    found.unwrap().items.len()
}

#[tokio::test]
async fn each_tenant_has_its_database_and_the_host_its_transaction_there() {
    if let Some(missing) = missing() {
        eprintln!("skipped: {missing}");
        return;
    }
    let schemas = Schemas::fresh().await;
    let router = schemas.router().await;
    let engine = Engine::builder()
        .store(router)
        .directory(people())
        .build()
        .unwrap();
    for (tenant, database, commits) in [
        ("acme", DATABASES[0], true),
        ("globex", DATABASES[1], false),
    ] {
        let documents = [(LEAVE, Format::Yaml)];
        engine.publish(&tenant.into(), &documents).await.unwrap();
        let mut host = schemas.host(database).await;
        let mut tx = host.begin().await.unwrap();
        let start = Start::of("leave").tenant(tenant).by("ann");
        let started = engine.within(&mut postgres(&mut tx)).start(start).await;
        let call = Call::approve(started.unwrap().opened[0]).tenant(tenant);
        let done = engine
            .within(&mut postgres(&mut tx))
            .call(call.by("max"))
            .await;
        assert_eq!(done.unwrap().instance.status().as_str(), "completed");
        match commits {
            true => tx.commit().await.unwrap(),
            false => tx.rollback().await.unwrap(),
        }
        assert_eq!(count(&engine, tenant).await, usize::from(commits));
        for name in DATABASES {
            let mut host = schemas.host(name).await;
            let rows: i64 =
                sqlx::query_scalar("SELECT count(*) FROM signoff_workflow WHERE tenant = $1")
                    .bind(tenant)
                    .fetch_one(&mut host)
                    .await
                    .unwrap();
            assert_eq!(rows, i64::from(name == database), "{tenant} in {name}");
        }
    }
}

//! Tenants in files of their own: in a transaction of the host, and moved from one to another.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use signoff::{
    Call, Engine, Format, Start, TenantId, TenantRouter,
    sqlx::{SqliteStore, sqlite},
    store::{InstanceFilter, Jobs, Lease, PageRequest},
};
use sqlx::{Connection as _, SqliteConnection};

use crate::world::people;

const LEAVE: &str = "
format: signoff/v1
kind: approval
key: leave
approvals: [{role: lead, due: P1D}]
";

/// A router over two files; Globex lives in the second, and Acme too once it has moved.
async fn router(folder: &Path, moved: &Arc<AtomicBool>) -> TenantRouter {
    let moved = Arc::clone(moved);
    let router = TenantRouter::new(move |tenant: &TenantId| {
        let name = match tenant.as_str() {
            "acme" if !moved.load(Ordering::SeqCst) => "one",
            _ => "two",
        };
        Some(name.to_owned())
    });
    for name in ["one", "two"] {
        let store = SqliteStore::open(folder.join(name)).await.unwrap();
        router.add(name, store);
    }
    router
}

async fn engine(router: &TenantRouter) -> Engine {
    let engine = Engine::builder()
        .store(router.clone())
        .directory(people())
        .build()
        .unwrap();
    for tenant in ["acme", "globex"] {
        let documents = [(LEAVE, Format::Yaml)];
        engine.publish(&tenant.into(), &documents).await.unwrap();
    }
    engine
}

async fn open(path: &Path) -> SqliteConnection {
    let url = format!("sqlite:{}", path.display());
    SqliteConnection::connect(&url).await.unwrap()
}

async fn count(engine: &Engine, tenant: &str) -> usize {
    let (all, page) = (InstanceFilter::default(), PageRequest::default());
    let found = engine.store().instances(&tenant.into(), &all, &page).await;
    found.unwrap().items.len()
}

#[tokio::test]
async fn a_transaction_of_the_host_is_one_of_the_tenants_database() {
    let folder = tempfile::tempdir().unwrap();
    let router = router(folder.path(), &Arc::default()).await;
    let engine = engine(&router).await;
    for (tenant, file, commits) in [("acme", "one", true), ("globex", "two", false)] {
        let mut host = open(&folder.path().join(file)).await;
        sqlx::raw_sql("CREATE TABLE request (id INTEGER)")
            .execute(&mut host)
            .await
            .unwrap();
        let mut tx = host.begin_with("BEGIN IMMEDIATE").await.unwrap();
        sqlx::raw_sql("INSERT INTO request VALUES (17)")
            .execute(&mut *tx)
            .await
            .unwrap();
        let start = Start::of("leave").tenant(tenant).by("ann");
        let started = engine.within(&mut sqlite(&mut tx)).start(start).await;
        let call = Call::approve(started.unwrap().opened[0]).tenant(tenant);
        let decided = engine
            .within(&mut sqlite(&mut tx))
            .call(call.by("max"))
            .await;
        assert_eq!(decided.unwrap().instance.status().as_str(), "completed");
        match commits {
            true => tx.commit().await.unwrap(),
            false => tx.rollback().await.unwrap(),
        }
        let requests: i64 = sqlx::query_scalar("SELECT count(*) FROM request")
            .fetch_one(&mut host)
            .await
            .unwrap();
        assert_eq!(requests, i64::from(commits));
        assert_eq!(count(&engine, tenant).await, usize::from(commits));
    }
}

/// As docs/scaling.md says: the rows of the tenant, of each table, in one transaction.
async fn copy(from: &Path, to: &Path, tenant: &str) {
    let mut target = open(to).await;
    sqlx::query("ATTACH ? AS source")
        .bind(from.display().to_string())
        .execute(&mut target)
        .await
        .unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT m.name FROM source.sqlite_schema AS m JOIN pragma_table_info(m.name, 'source') AS c
         WHERE m.type = 'table' AND m.name LIKE 'signoff\\_%' ESCAPE '\\' AND c.name = 'tenant'",
    )
    .fetch_all(&mut target)
    .await
    .unwrap();
    assert!(tables.len() > 15, "{tables:?}");
    let mut tx = target.begin_with("BEGIN IMMEDIATE").await.unwrap();
    for table in &tables {
        let sql = format!("INSERT INTO main.{table} SELECT * FROM source.{table} WHERE tenant = ?");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_tenant_moves_with_all_that_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let moved = Arc::new(AtomicBool::new(false));
    let router = router(folder.path(), &moved).await;
    let engine = engine(&router).await;
    let start = |tenant: &str| engine.start(Start::of("leave").tenant(tenant).by("ann"));
    let ours = start("acme").await.unwrap();
    start("globex").await.unwrap();
    let acme = TenantId::from("acme");
    let before = engine.history(&acme, ours.id()).await.unwrap();
    copy(
        &folder.path().join("one"),
        &folder.path().join("two"),
        "acme",
    )
    .await;
    moved.store(true, Ordering::SeqCst);
    assert_eq!(engine.history(&acme, ours.id()).await.unwrap(), before);
    let call = Call::approve(ours.opened[0]).tenant("acme").by("max");
    // What is left in the old file is nobody's work.
    let due = engine.next_due().await.unwrap().unwrap() + std::time::Duration::from_secs(60);
    let lease = Lease {
        tenant: None,
        behind: None,
        now: due,
        until: due + std::time::Duration::from_secs(60),
        limit: 16,
    };
    let jobs = router.claim(lease).await.unwrap();
    let mut tenants: Vec<_> = jobs.iter().map(|one| one.job.tenant.as_str()).collect();
    tenants.sort_unstable();
    assert_eq!(tenants, ["acme", "globex"], "each once");
    let done = engine.call(call).await.unwrap();
    assert_eq!(done.instance.status().as_str(), "completed");
    assert_eq!(count(&engine, "acme").await, 1);
    assert_eq!(count(&engine, "globex").await, 1);
}

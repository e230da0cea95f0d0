//! Shows the host's own row and its approval in one transaction: both are kept, or neither.
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use serde::Serialize;
use signoff::{
    Engine, Format, MemoryDirectory, NotDone, Profile, Start, TenantId, sqlx::SqliteStore,
};
use sqlx::{Connection as _, SqliteConnection};

const DEFINITION: &str = "
format: signoff/v1
kind: approval
key: purchase_request
subject: purchase_request
data:
  type: object
  required: [amount]
  properties:
    amount: {type: integer, minimum: 1}
approvals: [{role: budget_manager}]
";

/// The host's own record.
#[derive(Serialize)]
struct PurchaseRequest {
    #[serde(skip)]
    id: i64,
    amount: i64,
}

async fn insert_purchase_request(
    tx: &mut SqliteConnection,
    amount: i64,
) -> sqlx::Result<PurchaseRequest> {
    let done = sqlx::query("INSERT INTO purchase_request (amount) VALUES (?)")
        .bind(amount)
        .execute(tx)
        .await?;
    Ok(PurchaseRequest {
        id: done.last_insert_rowid(),
        amount,
    })
}

/// What a request handler of the host does: one transaction for both.
async fn submit(
    engine: &Engine,
    host: &mut SqliteConnection,
    amount: i64,
) -> Result<(), Box<dyn std::error::Error>> {
    // SQLite hosts begin IMMEDIATE: a deferred transaction may find the writer's place taken later.
    let mut tx = host.begin_with("BEGIN IMMEDIATE").await?;
    let request = insert_purchase_request(&mut tx, amount).await?;
    engine
        .within(&mut signoff::sqlx::sqlite(&mut tx))
        .start(
            Start::of("purchase_request")
                .subject("purchase_request", request.id)
                .data(&request)?
                .by("ann"),
        )
        .await?;
    tx.commit().await?;
    engine.nudge();
    Ok(())
}

async fn report(
    engine: &Engine,
    host: &mut SqliteConnection,
    what: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let requests: i64 = sqlx::query_scalar("SELECT count(*) FROM purchase_request")
        .fetch_one(host)
        .await?;
    let page = signoff::store::PageRequest::default();
    let instances = engine
        .store()
        .instances(&TenantId::default(), &Default::default(), &page)
        .await?;
    println!(
        "{what}: {requests} requests, {} instances",
        instances.items.len()
    );
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("host.db");
    let bob = Profile {
        id: "bob".into(),
        roles: ["budget_manager".into()].into(),
        active: true,
        ..Profile::default()
    };
    let ann = Profile {
        id: "ann".into(),
        active: true,
        ..Profile::default()
    };
    let engine = Engine::builder()
        .store(SqliteStore::open(&path).await?)
        .directory(MemoryDirectory::new([ann, bob]))
        .build()?;
    engine
        .publish(&TenantId::default(), &[(DEFINITION, Format::Yaml)])
        .await?;
    let mut host = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await?;
    sqlx::raw_sql(
        "CREATE TABLE purchase_request (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL)",
    )
    .execute(&mut host)
    .await?;

    submit(&engine, &mut host, 1_200).await?;
    report(&engine, &mut host, "committed").await?;

    // The engine says no, so `?` leaves before the commit, and the host's row goes too.
    let error = submit(&engine, &mut host, 0)
        .await
        .expect_err("an amount of 0 does not fit the schema");
    let code = error
        .downcast_ref::<NotDone>()
        .map_or("not the engine's", NotDone::code);
    println!("refused: {code}");
    report(&engine, &mut host, "rolled back").await?;
    Ok(())
}

//! Shows the host's own row and its approval in one transaction, with sqlx on PostgreSQL: both are kept, or
//! neither; and a function of the host that writes its row with the decision.
//!
//! `cargo run -p signoff --features sqlx-postgres --example 02_host_sqlx_postgres postgres://localhost/host`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

#[path = "purchase/request.rs"]
mod purchase;

use async_trait::async_trait;
use purchase::{Failure, Request, say};
use serde_json::Value;
use signoff::{
    Call, Engine, Function, FunctionContext, TaskId, core::facts::FunctionFailure,
    sqlx::PostgresStore,
};
use sqlx::{PgConnection, PgPool};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS purchase_request (
    id TEXT PRIMARY KEY, amount BIGINT NOT NULL, status TEXT NOT NULL
)";

/// What a request handler of the host does: one transaction for both.
async fn submit(engine: &Engine, pool: &PgPool, request: &Request) -> Result<TaskId, Failure> {
    let mut tx = pool.begin().await?;
    sqlx::query("INSERT INTO purchase_request (id, amount, status) VALUES ($1, $2, 'submitted')")
        .bind(&request.id)
        .bind(request.amount)
        .execute(&mut *tx)
        .await?;
    let mut unit = signoff::sqlx::postgres(&mut tx);
    let done = engine.within(&mut unit).start(request.start()?).await?;
    tx.commit().await?;
    engine.nudge();
    Ok(done.opened[0])
}

/// Writes the status into the host's row, in the transaction of the decision, whoever began it.
struct SetStatus;

#[async_trait]
impl Function for SetStatus {
    async fn call(&self, cx: &mut FunctionContext<'_>) -> Result<Value, FunctionFailure> {
        let (id, status) = purchase::new_status(cx.input());
        let connection = cx.tx().host().downcast_mut::<PgConnection>();
        sqlx::query("UPDATE purchase_request SET status = $1 WHERE id = $2")
            .bind(status)
            .bind(id)
            .execute(connection.expect("the store is on sqlx and PostgreSQL"))
            .await
            .map_err(purchase::not_written)?;
        Ok(Value::Null)
    }
}

/// Bob decides in a transaction that the host then commits, or not.
async fn decide(engine: &Engine, pool: &PgPool, task: TaskId, keep: bool) -> Result<(), Failure> {
    let mut tx = pool.begin().await?;
    let mut unit = signoff::sqlx::postgres(&mut tx);
    let call = Call::complete(task).by("bob");
    engine.within(&mut unit).call(call).await?;
    if keep {
        tx.commit().await?;
        engine.nudge();
    }
    Ok(())
}

async fn status(pool: &PgPool, request: &Request) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT status FROM purchase_request WHERE id = $1")
        .bind(&request.id)
        .fetch_optional(pool)
        .await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let url = purchase::url()?;
    let pool = PgPool::connect(&url).await?;
    sqlx::raw_sql(TABLE).execute(&pool).await?;
    let engine = purchase::engine(PostgresStore::open(&url).await?, SetStatus).await?;

    let request = Request::of(1_200);
    let task = submit(&engine, &pool, &request).await?;
    let now = status(&pool, &request).await?;
    say("committed", &engine, &request, now).await?;

    // The engine says no, so `?` leaves before the commit, and the host's row goes too.
    let nothing = Request::of(0);
    let refused = submit(&engine, &pool, &nothing).await;
    let error = refused.expect_err("an amount of 0 does not fit the schema");
    println!("refused: {}", purchase::code(&error));
    let now = status(&pool, &nothing).await?;
    say("rolled back", &engine, &nothing, now).await?;

    for (keep, what) in [
        (false, "decided, rolled back"),
        (true, "decided, committed"),
    ] {
        decide(&engine, &pool, task, keep).await?;
        let now = status(&pool, &request).await?;
        say(what, &engine, &request, now).await?;
    }
    Ok(())
}

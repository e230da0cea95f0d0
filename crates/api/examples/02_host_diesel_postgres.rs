//! Shows the host's own row and its approval in one transaction, with diesel-async on PostgreSQL: both are
//! kept, or neither; and a function of the host that writes its row with the decision.
//!
//! `cargo run -p signoff --features diesel-postgres --example 02_host_diesel_postgres postgres://localhost/host`
#![expect(missing_docs, reason = "the macro of diesel makes public items")]
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

#[path = "purchase/request.rs"]
mod purchase;

use async_trait::async_trait;
use diesel::{OptionalExtension, prelude::*, result::Error::RollbackTransaction};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use purchase::{Failure, Request, say};
use serde_json::Value;
use signoff::{
    Call, Engine, Function, FunctionContext, TaskId, core::facts::FunctionFailure,
    diesel::PostgresStore,
};

diesel::table! {
    purchase_request (id) {
        id -> Text,
        amount -> BigInt,
        status -> Text,
    }
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS purchase_request (
    id TEXT PRIMARY KEY, amount BIGINT NOT NULL, status TEXT NOT NULL
)";

/// What a request handler of the host does: one transaction for both.
async fn submit(
    engine: &Engine,
    connection: &mut AsyncPgConnection,
    request: &Request,
) -> Result<TaskId, Failure> {
    let submitted = (
        purchase_request::id.eq(&request.id),
        purchase_request::amount.eq(request.amount),
        purchase_request::status.eq("submitted"),
    );
    let task = connection.transaction(async |tx| {
        let insert = diesel::insert_into(purchase_request::table).values(submitted);
        insert.execute(tx).await?;
        let mut unit = signoff::diesel::postgres(tx);
        let done = engine.within(&mut unit).start(request.start()?).await?;
        Ok::<_, Failure>(done.opened[0])
    });
    let task = task.await?;
    engine.nudge();
    Ok(task)
}

/// Writes the status into the host's row, in the transaction of the decision, whoever began it.
struct SetStatus;

#[async_trait]
impl Function for SetStatus {
    async fn call(&self, cx: &mut FunctionContext<'_>) -> Result<Value, FunctionFailure> {
        let (id, status) = purchase::new_status(cx.input());
        let connection = cx.tx().host().downcast_mut::<AsyncPgConnection>();
        diesel::update(purchase_request::table.find(id))
            .set(purchase_request::status.eq(status))
            .execute(connection.expect("the store is on diesel and PostgreSQL"))
            .await
            .map_err(purchase::not_written)?;
        Ok(Value::Null)
    }
}

/// Bob decides in a transaction that the host then commits, or not.
async fn decide(
    engine: &Engine,
    connection: &mut AsyncPgConnection,
    task: TaskId,
    keep: bool,
) -> Result<(), Failure> {
    let done = connection.transaction(async |tx| {
        let mut unit = signoff::diesel::postgres(tx);
        let call = Call::complete(task).by("bob");
        engine.within(&mut unit).call(call).await?;
        if !keep {
            return Err(Failure::from(RollbackTransaction));
        }
        Ok(())
    });
    match done.await {
        Err(error) if !error.is::<diesel::result::Error>() => Err(error),
        _ => {
            engine.nudge();
            Ok(())
        }
    }
}

async fn status(
    connection: &mut AsyncPgConnection,
    request: &Request,
) -> QueryResult<Option<String>> {
    let found = purchase_request::table.find(&request.id);
    let status = found.select(purchase_request::status).first(connection);
    status.await.optional()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let url = purchase::url()?;
    let mut host = AsyncPgConnection::establish(&url).await?;
    host.batch_execute(TABLE).await?;
    let engine = purchase::engine(PostgresStore::open(&url).await?, SetStatus).await?;

    let request = Request::of(1_200);
    let task = submit(&engine, &mut host, &request).await?;
    let now = status(&mut host, &request).await?;
    say("committed", &engine, &request, now).await?;

    // The engine says no, so `?` leaves before the commit, and the host's row goes too.
    let nothing = Request::of(0);
    let refused = submit(&engine, &mut host, &nothing).await;
    let error = refused.expect_err("an amount of 0 does not fit the schema");
    println!("refused: {}", purchase::code(&error));
    let now = status(&mut host, &nothing).await?;
    say("rolled back", &engine, &nothing, now).await?;

    for (keep, what) in [
        (false, "decided, rolled back"),
        (true, "decided, committed"),
    ] {
        decide(&engine, &mut host, task, keep).await?;
        let now = status(&mut host, &request).await?;
        say(what, &engine, &request, now).await?;
    }
    Ok(())
}

//! Shows the host's own row and its approval in one transaction, with diesel's synchronous connection
//! to PostgreSQL, which needs libpq: both are kept, or neither; and a function of the host that writes
//! its row with the decision.
//!
//! `cargo run -p signoff --features diesel-postgres-sync --example 02_host_diesel_postgres_sync postgres://localhost/host`
#![expect(missing_docs, reason = "the macro of diesel makes public items")]
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

#[path = "purchase/request.rs"]
mod purchase;

use async_trait::async_trait;
use diesel::{
    OptionalExtension, PgConnection, connection::SimpleConnection, prelude::*,
    result::Error::RollbackTransaction,
};
use purchase::{Failure, Request, say};
use serde_json::Value;
use signoff::{
    Call, Engine, Function, FunctionContext, TaskId, core::facts::FunctionFailure,
    diesel::PostgresStore,
};
use tokio::runtime::Runtime;

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
fn submit(
    runtime: &Runtime,
    engine: &Engine,
    connection: &mut PgConnection,
    request: &Request,
) -> Result<TaskId, Failure> {
    let submitted = (
        purchase_request::id.eq(&request.id),
        purchase_request::amount.eq(request.amount),
        purchase_request::status.eq("submitted"),
    );
    let task = connection.transaction(|tx| {
        let insert = diesel::insert_into(purchase_request::table).values(submitted);
        insert.execute(tx)?;
        let mut unit = signoff::diesel::pg_sync(tx);
        let done = runtime.block_on(engine.within(&mut unit).start(request.start()?))?;
        Ok::<_, Failure>(done.opened[0])
    })?;
    engine.nudge();
    Ok(task)
}

/// Writes the status into the host's row, in the transaction of the decision. A decision that the engine
/// makes in a transaction of its own would come with an `AsyncPgConnection`.
struct SetStatus;

#[async_trait]
impl Function for SetStatus {
    async fn call(&self, cx: &mut FunctionContext<'_>) -> Result<Value, FunctionFailure> {
        let (id, status) = purchase::new_status(cx.input());
        let connection = cx.tx().host().downcast_mut::<PgConnection>();
        diesel::update(purchase_request::table.find(id))
            .set(purchase_request::status.eq(status))
            .execute(connection.expect("every decision is made in a transaction of the host"))
            .map_err(purchase::not_written)?;
        Ok(Value::Null)
    }
}

/// Bob decides in a transaction that the host then commits, or not.
fn decide(
    runtime: &Runtime,
    engine: &Engine,
    connection: &mut PgConnection,
    task: TaskId,
    keep: bool,
) -> Result<(), Failure> {
    let done = connection.transaction(|tx| {
        let mut unit = signoff::diesel::pg_sync(tx);
        let call = Call::complete(task).by("bob");
        runtime.block_on(engine.within(&mut unit).call(call))?;
        if !keep {
            return Err(Failure::from(RollbackTransaction));
        }
        Ok(())
    });
    match done {
        Err(error) if !error.is::<diesel::result::Error>() => Err(error),
        _ => {
            engine.nudge();
            Ok(())
        }
    }
}

fn status(connection: &mut PgConnection, request: &Request) -> QueryResult<Option<String>> {
    let found = purchase_request::table.find(&request.id);
    let status = found.select(purchase_request::status).first(connection);
    status.optional()
}

fn main() -> Result<(), Failure> {
    // The engine's own connections need a runtime; the host does not.
    let runtime = Runtime::new()?;
    let url = purchase::url()?;
    let mut host = PgConnection::establish(&url)?;
    host.batch_execute(TABLE)?;
    let store = runtime.block_on(PostgresStore::open(&url))?;
    let engine = runtime.block_on(purchase::engine(store, SetStatus))?;

    let request = Request::of(1_200);
    let task = submit(&runtime, &engine, &mut host, &request)?;
    let now = status(&mut host, &request)?;
    runtime.block_on(say("committed", &engine, &request, now))?;

    // The engine says no, so `?` leaves before the commit, and the host's row goes too.
    let nothing = Request::of(0);
    let refused = submit(&runtime, &engine, &mut host, &nothing);
    let error = refused.expect_err("an amount of 0 does not fit the schema");
    println!("refused: {}", purchase::code(&error));
    let now = status(&mut host, &nothing)?;
    runtime.block_on(say("rolled back", &engine, &nothing, now))?;

    for (keep, what) in [
        (false, "decided, rolled back"),
        (true, "decided, committed"),
    ] {
        decide(&runtime, &engine, &mut host, task, keep)?;
        let now = status(&mut host, &request)?;
        runtime.block_on(say(what, &engine, &request, now))?;
    }
    Ok(())
}

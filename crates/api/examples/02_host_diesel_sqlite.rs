//! Shows the host's own row and its approval in one transaction, with diesel on SQLite and without any
//! runtime: both are kept, or neither; and a function of the host that writes its row with the
//! decision.
//!
//! `cargo run -p signoff --features diesel-sqlite --example 02_host_diesel_sqlite host.db`
#![expect(missing_docs, reason = "the macro of diesel makes public items")]
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

#[path = "purchase/request.rs"]
mod purchase;

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake},
    thread::{self, Thread},
};

use async_trait::async_trait;
use diesel::{
    OptionalExtension, SqliteConnection, connection::SimpleConnection, prelude::*,
    result::Error::RollbackTransaction,
};
use purchase::{Failure, Request, say};
use serde_json::Value;
use signoff::{
    Call, Engine, Function, FunctionContext, TaskId, core::facts::FunctionFailure,
    diesel::SqliteStore,
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
fn submit(
    engine: &Engine,
    connection: &mut SqliteConnection,
    request: &Request,
) -> Result<TaskId, Failure> {
    let submitted = (
        purchase_request::id.eq(&request.id),
        purchase_request::amount.eq(request.amount),
        purchase_request::status.eq("submitted"),
    );
    // SQLite hosts begin IMMEDIATE: a deferred transaction may find the writer's place taken later.
    let task = connection.immediate_transaction(|tx| {
        let insert = diesel::insert_into(purchase_request::table).values(submitted);
        insert.execute(tx)?;
        let mut unit = signoff::diesel::sqlite(tx);
        let done = block_on(engine.within(&mut unit).start(request.start()?))?;
        Ok::<_, Failure>(done.opened[0])
    })?;
    engine.nudge();
    Ok(task)
}

/// Writes the status into the host's row, in the transaction of the decision, whoever began it.
struct SetStatus;

#[async_trait]
impl Function for SetStatus {
    async fn call(&self, cx: &mut FunctionContext<'_>) -> Result<Value, FunctionFailure> {
        let (id, status) = purchase::new_status(cx.input());
        let connection = cx.tx().host().downcast_mut::<SqliteConnection>();
        diesel::update(purchase_request::table.find(id))
            .set(purchase_request::status.eq(status))
            .execute(connection.expect("the store is on diesel and SQLite"))
            .map_err(purchase::not_written)?;
        Ok(Value::Null)
    }
}

/// Bob decides in a transaction that the host then commits, or not.
fn decide(
    engine: &Engine,
    connection: &mut SqliteConnection,
    task: TaskId,
    keep: bool,
) -> Result<(), Failure> {
    let done = connection.immediate_transaction(|tx| {
        let mut unit = signoff::diesel::sqlite(tx);
        let call = Call::complete(task).by("bob");
        block_on(engine.within(&mut unit).call(call))?;
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

fn status(connection: &mut SqliteConnection, request: &Request) -> QueryResult<Option<String>> {
    let found = purchase_request::table.find(&request.id);
    let status = found.select(purchase_request::status).first(connection);
    status.optional()
}

fn main() -> Result<(), Failure> {
    let path = purchase::url()?;
    let mut host = SqliteConnection::establish(&path)?;
    host.batch_execute(TABLE)?;
    let engine =
        block_on(async { purchase::engine(SqliteStore::open(&path).await?, SetStatus).await })?;

    let request = Request::of(1_200);
    let task = submit(&engine, &mut host, &request)?;
    let now = status(&mut host, &request)?;
    block_on(say("committed", &engine, &request, now))?;

    // The engine says no, so `?` leaves before the commit, and the host's row goes too.
    let nothing = Request::of(0);
    let refused = submit(&engine, &mut host, &nothing);
    let error = refused.expect_err("an amount of 0 does not fit the schema");
    println!("refused: {}", purchase::code(&error));
    let now = status(&mut host, &nothing)?;
    block_on(say("rolled back", &engine, &nothing, now))?;

    for (keep, what) in [
        (false, "decided, rolled back"),
        (true, "decided, committed"),
    ] {
        decide(&engine, &mut host, task, keep)?;
        let now = status(&mut host, &request)?;
        block_on(say(what, &engine, &request, now))?;
    }
    Ok(())
}

/// Waits for a future on this thread: the engine and this store need no runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Arc::new(Unpark(thread::current())).into();
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

//! Functions of the host that write and then fail: nothing of what they wrote stays.

use async_trait::async_trait;
use serde_json::{Value, json};
use signoff::{
    Call, Engine, Format, Function, FunctionContext, Start, TenantId, core::facts::FunctionFailure,
    sqlx::SqliteStore,
};
use sqlx::{SqliteConnection, SqlitePool};

use crate::world::people;

const BOOK: &str = "
format: signoff/v1
kind: flow
key: book
nodes:
  start: {start: {}, next: ask}
  ask: {task: {}, next: look}
  look: {job: look, next: fork}
  fork: {split: [keep, book, keep_too]}
  keep: {function: write, with: {name: keep}, next: met}
  book: {function: write, with: {name: book, fails: true}, next: met}
  keep_too: {function: write, with: {name: keep_too}, next: met}
  met: {join: all, next: end}
  end: {end: {}}
";
const CAUGHT: &str = "
format: signoff/v1
kind: flow
key: caught
nodes:
  start: {start: {}, next: ask}
  ask: {task: {}, next: keep}
  keep: {function: write, with: {name: keep}, next: book}
  book: {function: write, with: {name: book, fails: true}, on_error: {next: by_hand}, next: end}
  by_hand: {task: {}, next: end}
  end: {end: {}}
";

/// Writes a row, and fails after it where it is told to.
#[derive(Debug)]
struct Write;

#[async_trait]
impl Function for Write {
    async fn call(&self, cx: &mut FunctionContext<'_>) -> Result<Value, FunctionFailure> {
        let name = cx.input()["name"].as_str().unwrap().to_owned();
        let fails = cx.input()["fails"] == json!(true);
        let connection = cx.tx().host().downcast_mut::<SqliteConnection>().unwrap();
        sqlx::query("INSERT INTO booking VALUES (?)")
            .bind(name)
            .execute(connection)
            .await
            .unwrap();
        match fails {
            false => Ok(Value::Null),
            true => Err(FunctionFailure {
                code: "no_seat".to_owned(),
                message: "no seat is left".to_owned(),
            }),
        }
    }
}

struct Booked {
    engine: Engine,
    pool: SqlitePool,
    _folder: tempfile::TempDir,
}

async fn booked() -> Booked {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let pool = SqlitePool::connect(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    sqlx::query("CREATE TABLE booking (name TEXT)")
        .execute(&pool)
        .await
        .unwrap();
    let engine = Engine::builder()
        .store(store)
        .directory(people())
        .function_type("write", Write)
        .action("look", |_| async { Ok(Value::Null) })
        .build()
        .unwrap();
    let definitions = [(BOOK, Format::Yaml), (CAUGHT, Format::Yaml)];
    engine
        .publish(&TenantId::default(), &definitions)
        .await
        .unwrap();
    Booked {
        engine,
        pool,
        _folder: folder,
    }
}

impl Booked {
    async fn rows(&self) -> Vec<String> {
        let rows = sqlx::query_scalar("SELECT name FROM booking ORDER BY name");
        rows.fetch_all(&self.pool).await.unwrap()
    }
}

#[tokio::test]
async fn a_function_that_fails_in_the_background_leaves_no_writes_and_the_others_leave_theirs_once()
{
    let booked = booked().await;
    let started = booked
        .engine
        .start(Start::of("book").by("ann"))
        .await
        .unwrap();
    let ask = Call::complete(started.opened[0]).by("ann");
    booked.engine.call(ask).await.unwrap();
    booked.engine.tick().await.unwrap();
    assert_eq!(booked.rows().await, ["keep", "keep_too"]);
    let tenant = TenantId::default();
    let view = booked
        .engine
        .instance(&tenant, started.id())
        .await
        .unwrap()
        .unwrap();
    let failed: Vec<String> = view
        .marks()
        .into_iter()
        .filter(|(_, mark)| mark.as_str() == "failed")
        .map(|(node, _)| node.to_string())
        .collect();
    assert_eq!(failed, ["book"]);
    assert_eq!(view.instance.status().as_str(), "running");
}

#[tokio::test]
async fn a_function_whose_failure_is_caught_leaves_no_writes() {
    let booked = booked().await;
    let started = booked
        .engine
        .start(Start::of("caught").by("ann"))
        .await
        .unwrap();
    let ask = Call::complete(started.opened[0]).by("ann");
    let done = booked.engine.call(ask).await.unwrap();
    assert!(done.events.contains(&"error_caught"), "{:?}", done.events);
    assert_eq!(booked.rows().await, ["keep"]);
}

//! Steps on one database file that several engines share, and that the host writes to as well.

use async_trait::async_trait;
use serde_json::{Value, json};
use signoff::{
    Call, Engine, Format, Function, FunctionContext, InstanceId, NotDone, RefusalCode, Start,
    TaskId, TenantId, core::facts::FunctionFailure, sqlx::SqliteStore,
};
use sqlx::{SqliteConnection, SqlitePool};

use crate::world::people;

const CLAIM: &str = include_str!("../../../../examples/claim.yaml");

async fn engine(path: &std::path::Path) -> Engine {
    let engine = Engine::builder()
        .store(SqliteStore::open(path).await.unwrap())
        .directory(people())
        .build()
        .unwrap();
    let tenant = TenantId::default();
    engine
        .publish(&tenant, &[(CLAIM, Format::Yaml)])
        .await
        .unwrap();
    engine
}

async fn task(engine: &Engine, id: InstanceId) -> TaskId {
    let view = engine.instance(&TenantId::default(), id).await.unwrap();
    view.unwrap().instance.tasks().next().unwrap().id
}

/// A claim at its first step.
async fn claim(engine: &Engine, id: u32) -> InstanceId {
    let data = json!({"claim": {"amount": 1, "is_high_risk": false}});
    let start = Start::of("claim").subject("claim", id).data(&data).unwrap();
    engine.start(start.by("ann")).await.unwrap().id()
}

#[tokio::test]
async fn two_engines_that_complete_one_step_at_once_leave_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    let (one, two) = (engine(&path).await, engine(&path).await);
    for round in 0..8 {
        let id = claim(&one, round).await;
        let open = task(&one, id).await;
        let call = |by: &str| Call::set_status(open, "complete").by(by);
        let (first, second) = tokio::join!(one.call(call("ann")), two.call(call("bob")));
        let mut won = 0;
        for result in [first, second] {
            match result {
                Ok(_) => won += 1,
                Err(NotDone::Refused(refusal)) => assert_eq!(refusal.code, RefusalCode::NotOpen),
                Err(NotDone::Failed(error)) => panic!("{error}"),
            }
        }
        assert_eq!(won, 1, "one leaves the step, the other finds it left");
        let history = two.history(&TenantId::default(), id).await.unwrap();
        let versions: Vec<u64> = history.iter().map(|entry| entry.version).collect();
        assert_eq!(versions, [1, 2], "no version twice, none lost");
    }
}

#[tokio::test]
async fn changes_by_two_engines_of_one_status_follow_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    let (one, two) = (engine(&path).await, engine(&path).await);
    let id = claim(&one, 1).await;
    let open = task(&one, id).await;
    let again = async |engine: &Engine| {
        for _ in 0..10 {
            let call = Call::set_status(open, "received").by("ann");
            engine.call(call).await.unwrap();
        }
    };
    tokio::join!(again(&one), again(&two));
    let history = one.history(&TenantId::default(), id).await.unwrap();
    let versions: Vec<u64> = history.iter().map(|entry| entry.version).collect();
    assert_eq!(versions, (1..=21).collect::<Vec<_>>());
}

/// Orders of the host, whose column `stage` follows the step.
const ORDER: &str = "
format: signoff/v1
kind: steps
key: order
subject: order
data: {type: object, properties: {total: {type: number, default: 1}, secret: {type: number}}}
steps:
  - key: draft
    initial: true
    form: [total]
    statuses: [{key: open, default: true}, {key: ready, completion: true}]
  - key: sent
    final: true
    statuses: [{key: open, default: true}, {key: done, completion: true}]
transitions: [{from: draft, to: sent, validate: move_order}]
";

/// Writes the step into the host's own row, then fails where the row is too large.
#[derive(Debug)]
struct MoveOrder;

#[async_trait]
impl Function for MoveOrder {
    async fn call(&self, cx: &mut FunctionContext<'_>) -> Result<Value, FunctionFailure> {
        let input = cx.input().clone();
        let connection = cx.tx().host().downcast_mut::<SqliteConnection>().unwrap();
        sqlx::query("UPDATE host_order SET stage = ? WHERE id = ?")
            .bind(input["to"].as_str().unwrap())
            .bind(input["subject"]["id"].as_str().unwrap())
            .execute(connection)
            .await
            .unwrap();
        match input["data"]["total"].as_f64().unwrap() > 100.0 {
            false => Ok(Value::Null),
            true => Err(FunctionFailure {
                code: "too_large".to_owned(),
                message: "الطلب كبير".to_owned(),
            }),
        }
    }
}

#[tokio::test]
async fn a_column_of_the_host_follows_the_step_in_one_transaction_or_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let url = format!("sqlite://{}", path.display());
    let pool = SqlitePool::connect(&url).await.unwrap();
    for sql in [
        "CREATE TABLE host_order (id TEXT, stage TEXT)",
        "INSERT INTO host_order VALUES ('7', 'draft')",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    let engine = Engine::builder()
        .store(store)
        .directory(people())
        .function_type("move_order", MoveOrder)
        .build()
        .unwrap();
    let tenant = TenantId::default();
    engine
        .publish(&tenant, &[(ORDER, Format::Yaml)])
        .await
        .unwrap();
    let start = Start::of("order").subject("order", 7).by("ann");
    let id = engine.start(start).await.unwrap().id();
    let stands = async || {
        let view = engine.instance(&tenant, id).await.unwrap().unwrap();
        let (step, status) = view.instance.step().unwrap();
        let stage: String = sqlx::query_scalar("SELECT stage FROM host_order")
            .fetch_one(&pool)
            .await
            .unwrap();
        let total = view.instance.data()["total"].clone();
        (format!("{step}/{}", status.key), stage, total)
    };
    let open = task(&engine, id).await;
    let ready = |form: Value| Call::set_status(open, "ready").form(form).by("ann");
    for (form, code) in [
        (json!({"total": 500}), RefusalCode::NodeFailed),
        (json!({"total": 5, "secret": 1}), RefusalCode::FormInvalid),
        (json!({"total": "five"}), RefusalCode::FormInvalid),
    ] {
        match engine.call(ready(form)).await {
            Err(NotDone::Refused(refusal)) => assert_eq!(refusal.code, code, "{refusal}"),
            other => panic!("{other:?}"),
        }
        let before = ("draft/open".to_owned(), "draft".to_owned(), json!(1));
        assert_eq!(stands().await, before);
    }
    engine.call(ready(json!({"total": 50}))).await.unwrap();
    let after = ("sent/open".to_owned(), "sent".to_owned(), json!(50));
    assert_eq!(stands().await, after);
    let view = engine.instance(&tenant, id).await.unwrap().unwrap();
    let statuses = engine.statuses(&tenant, id, None).await.unwrap().unwrap();
    assert_eq!(statuses.step.as_str(), "sent");
    assert_eq!(view.instance.version(), 2, "three refusals wrote nothing");
}

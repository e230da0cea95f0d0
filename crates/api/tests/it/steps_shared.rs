//! Steps on one database file that several engines share, and that the host writes to as well.

use serde_json::json;
use signoff::{
    Call, Engine, Format, InstanceId, NotDone, RefusalCode, Start, TaskId, TenantId,
    sqlx::SqliteStore,
};

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

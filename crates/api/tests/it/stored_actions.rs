//! Actions that are kept beside the definitions, and change while instances run.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use signoff::{
    Call, Engine, NewAction, NotDone, StoredAction, TaskId, TenantId,
    actions::ActionCall,
    store::{ActionScope, MemoryStore},
};

use crate::world::{World, builder, clock};

const EXPENSE: &str = "
format: signoff/v1
kind: approval
key: expense
data: {type: object, properties: {amount: {type: integer, default: 5}}}
actions:
  on_workflow_complete: [{run: filed}]
pipelines:
  - key: finance
    stages:
      - {key: review, approvals: [{role: clerk}]}
      - key: pay
        approvals: [{role: lead}]
        actions: {after_approve: [{run: paid, order: 2}]}
";

/// What ran, and with what.
type Ran = Arc<Mutex<Vec<String>>>;

fn note(
    ran: &Ran,
) -> impl Fn(ActionCall) -> std::future::Ready<Result<Value, signoff::actions::ActionError>> + use<>
{
    let ran = Arc::clone(ran);
    move |call: ActionCall| {
        let input = match &call.input {
            Value::Null => String::new(),
            input => format!(" {input}"),
        };
        ran.lock().unwrap().push(format!("{}{input}", call.name));
        std::future::ready(Ok(Value::Null))
    }
}

async fn world() -> (World, Ran) {
    let ran = Ran::default();
    let named = ["filed", "paid", "told", "kept"];
    let seen = Arc::clone(&ran);
    let world = World::with(
        move |builder| {
            let all = named.into_iter();
            all.fold(builder, |builder, name| builder.action(name, note(&seen)))
        },
        &[EXPENSE],
    )
    .await;
    (world, ran)
}

fn tenant() -> TenantId {
    TenantId::default()
}

async fn add(engine: &Engine, new: NewAction) -> Result<StoredAction, NotDone> {
    engine.add_action(&tenant(), new, Some(&"ada".into())).await
}

fn of(event: &str, action: Value) -> NewAction {
    NewAction::of("expense", event, action)
}

/// Decides both stages; what ran after each.
async fn run(world: &World, ran: &Ran) -> [Vec<String>; 2] {
    let started = world.start("expense", "ann").await;
    let approve = async |task: TaskId, by: &str| {
        let done = world.engine.call(Call::approve(task).by(by)).await.unwrap();
        world.engine.tick().await.unwrap();
        (done, std::mem::take(&mut *ran.lock().unwrap()))
    };
    let (done, first) = approve(started.opened[0], "bob").await;
    let (_, second) = approve(done.opened[0], "max").await;
    [first, second]
}

#[tokio::test]
async fn at_one_level_document_and_store_are_one_list() {
    let (world, ran) = world().await;
    let engine = &world.engine;
    assert_eq!(run(&world, &ran).await, [vec![], vec!["paid", "filed"]]);
    // Beside the one of the document, by `order`; the level of the stage wins over the others.
    let told = json!({"run": "told", "with": {"sum": "${ amount }"}, "order": 1});
    let told = add(engine, of("after_approve", told).at_node("pay"))
        .await
        .unwrap();
    assert_eq!(told.changed_by, Some("ada".into()));
    let kept = of("after_approve", json!({"run": "kept"})).at_group("finance");
    let kept = add(engine, kept).await.unwrap();
    let late = json!({"run": "told", "when": "amount > 100"});
    add(engine, of("on_workflow_complete", late)).await.unwrap();
    let expected = [vec!["kept"], vec![r#"told {"sum":5}"#, "paid", "filed"]];
    assert_eq!(run(&world, &ran).await, expected);
    // One that is kept but not active still names the event.
    let off = json!({"run": "kept", "active": false});
    let changed = engine.change_action(&tenant(), kept.id, off, None).await;
    assert_eq!(
        changed.unwrap().action.scope,
        ActionScope::Group("finance".to_owned())
    );
    assert_eq!(run(&world, &ran).await[0], [""; 0]);
    assert!(engine.drop_action(&tenant(), told.id).await.unwrap());
    assert!(!engine.drop_action(&tenant(), told.id).await.unwrap());
    assert_eq!(run(&world, &ran).await[1], ["paid", "filed"]);
    let listed = engine
        .stored_actions(&tenant(), &"expense".into())
        .await
        .unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].id, kept.id);
}

#[tokio::test]
async fn a_stored_action_holds_for_running_instances_and_every_version() {
    let (world, ran) = world().await;
    let started = world.start("expense", "ann").await;
    world
        .publish(&EXPENSE.replace("key: review", "key: audit"))
        .await;
    let engine = &world.engine;
    add(
        engine,
        of("after_approve", json!({"run": "told"})).at_node("pay"),
    )
    .await
    .unwrap();
    // The newest version has this stage only, so it is left out in the first.
    add(
        engine,
        of("after_approve", json!({"run": "kept"})).at_node("audit"),
    )
    .await
    .unwrap();
    let done = engine
        .call(Call::approve(started.opened[0]).by("bob"))
        .await
        .unwrap();
    engine
        .call(Call::approve(done.opened[0]).by("max"))
        .await
        .unwrap();
    engine.tick().await.unwrap();
    let old = std::mem::take(&mut *ran.lock().unwrap());
    assert_eq!(old, ["told", "paid", "filed"]);
    assert_eq!(
        run(&world, &ran).await,
        [vec!["kept"], vec!["told", "paid", "filed"]]
    );
}

#[tokio::test]
async fn what_another_engine_writes_is_seen_within_a_second() {
    let (store, clock, ran) = (MemoryStore::new(), clock(), Ran::default());
    let engines = [0, 1].map(|_| {
        let builder = builder(&store, &clock);
        let all = ["filed", "paid", "told"].into_iter();
        all.fold(builder, |builder, name| builder.action(name, note(&ran)))
            .build()
            .unwrap()
    });
    let [one, other] = engines;
    let world = World {
        engine: one,
        clock,
        tenant: tenant(),
    };
    world.publish(EXPENSE).await;
    run(&world, &ran).await;
    add(&other, of("after_approve", json!({"run": "told"})))
        .await
        .unwrap();
    assert_eq!(run(&world, &ran).await[0], [""; 0], "what was read holds");
    world
        .clock
        .set(signoff::Clock::now(&*world.clock) + Duration::from_secs(1));
    assert_eq!(run(&world, &ran).await[0], ["told"]);
}

#[tokio::test]
async fn what_cannot_run_is_told_and_not_kept() {
    let (world, _) = world().await;
    let engine = &world.engine;
    let refused = async |new: NewAction| match add(engine, new).await.unwrap_err() {
        NotDone::Refused(refusal) => refusal.code.as_str(),
        NotDone::Failed(error) => panic!("{error}"),
    };
    let run = || json!({"run": "told"});
    assert_eq!(
        refused(NewAction::of("unknown", "after_approve", run())).await,
        "not_found"
    );
    assert_eq!(
        refused(of("after_approve", run()).at_node("nowhere")).await,
        "target_invalid"
    );
    assert_eq!(
        refused(of("after_approve", run()).at_group("review")).await,
        "target_invalid"
    );
    let problem = async |new: NewAction| match add(engine, new).await.unwrap_err() {
        NotDone::Refused(refusal) => panic!("{refusal}"),
        NotDone::Failed(error) => {
            let problem = &error.problems()[0];
            (problem.code, problem.path.as_str().to_owned())
        }
    };
    for (action, code, path) in [
        (json!({"run": "nobody"}), "unknown_function", ""),
        (json!({"run": "told", "wen": "true"}), "unknown_key", "/wen"),
        (
            json!({"run": "told", "when": "1 +"}),
            "invalid_condition",
            "/when",
        ),
        (json!({}), "missing_action", ""),
        (json!("told"), "wrong_type", ""),
    ] {
        let found = problem(of("after_approve", action).at_node("pay")).await;
        assert_eq!(found, (code, path.to_owned()));
    }
    assert_eq!(problem(of("after_lunch", run())).await.0, "unknown_key");
    let none = engine.stored_actions(&tenant(), &"expense".into()).await;
    assert_eq!(none.unwrap(), []);
    let id = signoff::core::id::ActionId::new(uuid::Uuid::nil());
    let changed = engine.change_action(&tenant(), id, run(), None).await;
    assert_eq!(changed.unwrap_err().code(), "not_found");
}

//! Lost races: tried again in a fresh transaction, so often and no more.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use signoff::{Call, Engine, InstanceId, RefusalCode, TenantId, store::MemoryStore};

use crate::world::{World, builder, clock};

const RACE: &str = "
format: signoff/v1
kind: flow
key: race
data: {type: object, properties: {n: {type: integer, default: 0}}}
nodes:
  start: {start: {}, next: work}
  work: {task: {}, next: book}
  book: {function: book, next: end}
  end: {end: {}}
";

/// Completes a task whose function loses the race against another engine so many times.
async fn check(losses: usize, calls: usize, expected: Result<&str, RefusalCode>) {
    let store = MemoryStore::new();
    let clock = clock();
    let other: Engine = builder(&store, &clock).build().unwrap();
    let id: Arc<OnceLock<InstanceId>> = Arc::default();
    let called = Arc::new(AtomicUsize::new(0));
    let of_function = (other, Arc::clone(&id), Arc::clone(&called));
    let engine = builder(&store, &clock)
        .function("book", move |_| {
            let (other, id, called) = of_function.clone();
            async move {
                let n = called.fetch_add(1, Ordering::Relaxed) + 1;
                if n <= losses {
                    let values = json!({"n": n}).as_object().cloned().unwrap();
                    let faster = Call::set_data(*id.get().unwrap(), values);
                    other.call(faster).await.unwrap();
                }
                Ok(Value::Null)
            }
        })
        .build()
        .unwrap();
    let world = World {
        engine,
        clock,
        tenant: TenantId::default(),
    };
    world.publish(RACE).await;
    let started = world.start("race", "ann").await.id();
    id.set(started).unwrap();
    let work = Call::complete(world.task(started, "work").await).by("ann");
    let done = world.engine.call(work).await;
    let done = done.map(|done| done.instance.status().as_str());
    let code = |not_done: signoff::NotDone| match not_done {
        signoff::NotDone::Refused(refusal) => refusal.code,
        signoff::NotDone::Failed(error) => panic!("{error}"),
    };
    assert_eq!(done.map_err(code), expected);
    assert_eq!(called.load(Ordering::Relaxed), calls);
    let view = world.view(started).await;
    assert_eq!(
        view.instance.data()["n"],
        losses.min(calls),
        "what the other wrote stays"
    );
}

#[tokio::test]
async fn a_lost_race_is_tried_again_and_won_at_last() {
    check(0, 1, Ok("completed")).await;
    check(1, 2, Ok("completed")).await;
    check(9, 10, Ok("completed")).await;
}

#[tokio::test]
async fn a_race_that_is_lost_ten_times_is_refused_as_a_conflict() {
    check(usize::MAX, 10, Err(RefusalCode::Conflict)).await;
}

//! Signals: to whom, how many, and none is lost.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::Value;
use signoff::{Call, Signal, Start, TenantId, store::MemoryStore};
use tokio::sync::Notify;

use crate::world::{World, builder, clock};

const WAITS: &str = "
format: signoff/v1
kind: flow
key: waits
nodes:
  start: {start: {}, next: fork}
  fork: {split: [hear, hear_too]}
  hear: {signal: {catch: year_closed}, next: end}
  hear_too: {signal: {catch: year_closed}, next: end}
  end: {end: {}}
";
const OTHER: &str = "
format: signoff/v1
kind: flow
key: other
nodes:
  start: {start: {}, next: hear}
  hear: {signal: {catch: year_closed}, next: end}
  end: {end: {}}
";
const BEGINS: &str = "
format: signoff/v1
kind: flow
key: begins
nodes:
  start: {start: {signal: year_closed}, next: work}
  work: {task: {}, next: end}
  end: {end: {}}
";

#[tokio::test]
async fn a_signal_tells_how_many_heard_it_in_every_workflow_of_the_tenant() {
    let world = World::new(&[WAITS, OTHER]).await;
    let elsewhere = TenantId::from("elsewhere");
    let yaml = signoff::Format::Yaml;
    world
        .engine
        .publish(&elsewhere, &[(OTHER, yaml)])
        .await
        .unwrap();
    let stranger = Start::of("other").tenant(elsewhere);
    let stranger = world.engine.start(stranger).await.unwrap();
    let two = world.start("waits", "ann").await.id();
    let one = world.start("other", "bob").await.id();
    assert_eq!(
        world
            .engine
            .signal(Signal::new("month_closed"))
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        world
            .engine
            .signal(Signal::new("year_closed"))
            .await
            .unwrap(),
        3
    );
    for id in [two, one] {
        assert_eq!(world.status(id).await, "completed");
    }
    assert_eq!(
        world
            .engine
            .signal(Signal::new("year_closed"))
            .await
            .unwrap(),
        0
    );
    world.publish(BEGINS).await;
    assert_eq!(
        world
            .engine
            .signal(Signal::new("year_closed"))
            .await
            .unwrap(),
        1
    );
    let tenant = stranger.instance.tenant();
    let view = world.engine.instance(tenant, stranger.id()).await.unwrap();
    assert_eq!(view.unwrap().instance.status().as_str(), "running");
}

const BUSY: &str = "
format: signoff/v1
kind: flow
key: busy
nodes:
  start: {start: {}, next: fork}
  fork: {split: [work, hear]}
  work: {task: {}, next: book}
  book: {function: book, next: end}
  hear: {signal: {catch: news}, next: end}
  end: {end: {}}
";

#[tokio::test]
async fn a_signal_to_an_instance_that_is_being_changed_is_not_lost() {
    // Thrown by the engine that changes it, then by another one on the same store.
    for another in [false, true] {
        let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let calls = Arc::new(AtomicUsize::new(0));
        let store = MemoryStore::new();
        let clock = clock();
        let of_function = (
            Arc::clone(&entered),
            Arc::clone(&release),
            Arc::clone(&calls),
        );
        let engine = builder(&store, &clock)
            .function("book", move |_| {
                let (entered, release, calls) = of_function.clone();
                async move {
                    if calls.fetch_add(1, Ordering::Relaxed) == 0 {
                        entered.notify_one();
                        release.notified().await;
                    }
                    Ok(Value::Null)
                }
            })
            .build()
            .unwrap();
        let other = builder(&store, &clock).build().unwrap();
        let world = World {
            engine,
            clock,
            tenant: TenantId::default(),
        };
        world.publish(BUSY).await;
        let id = world.start("busy", "ann").await.id();
        let work = Call::complete(world.task(id, "work").await).by("ann");
        let throws = if another { &other } else { &world.engine };
        let signal = async {
            entered.notified().await;
            let release = async { release.notify_one() };
            tokio::join!(throws.signal(Signal::new("news")), release).0
        };
        let (done, heard) = tokio::join!(world.engine.call(work), signal);
        done.unwrap();
        assert_eq!(heard.unwrap(), 1);
        assert_eq!(world.status(id).await, "completed");
        assert_eq!(calls.load(Ordering::Relaxed), if another { 2 } else { 1 });
    }
}

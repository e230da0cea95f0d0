//! Instances that follow the newest version of their definition.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use signoff::{Call, Start};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::world::World;

const FIRST: &str = "
format: signoff/v1
kind: flow
key: order
nodes:
  start: {start: {}, next: check}
  check: {task: {role: clerk}, next: look}
  look: {function: look, next: end}
  end: {end: {}}
";

const SECOND: &str = "
format: signoff/v1
kind: flow
key: order
nodes:
  start: {start: {}, next: check}
  check: {task: {role: clerk}, next: look}
  look: {function: look, next: pay}
  pay: {task: {role: lead}, next: end}
  end: {end: {}}
";

/// Keeps the warnings that are logged.
#[derive(Clone, Debug, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        struct Message<'a>(&'a mut Vec<String>);
        impl Visit for Message<'_> {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                if field.name() == "message" {
                    self.0.push(format!("{value:?}"));
                }
            }
        }
        event.record(&mut Message(&mut self.0.lock().unwrap()));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_follower_is_logged_goes_on_and_repeats_after_a_lost_race() {
    let warnings = Warnings::default();
    let _logged = tracing::subscriber::set_default(warnings.clone());
    let look = |_| async { Ok(Value::Null) };
    let world = World::with(|builder| builder.function("look", look), &[FIRST]).await;
    let start = Start::of("order").by("ann").follow_latest();
    let id = world.engine.start(start).await.unwrap().id();
    assert!(world.view(id).await.instance.follows_latest());
    let logged = warnings.0.lock().unwrap().concat();
    assert!(logged.contains("is not frozen"), "{logged}");
    world.publish(SECOND).await;
    let foreseen = world
        .engine
        .dry_run(Call::comment_instance(id).comment("x").by("ann"));
    let foreseen = foreseen.await.unwrap();
    assert_eq!(foreseen.events, ["instance_migrated", "commented"]);
    assert_eq!(world.view(id).await.instance.definition().version, 1);
    let task = world.task(id, "check").await;
    let (one, other) = tokio::join!(
        world.engine.call(Call::complete(task).by("ann")),
        world
            .engine
            .call(Call::comment_instance(id).comment("x").by("ann")),
    );
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(world.at(id).await, ["pay"]);
    assert_eq!(world.view(id).await.instance.definition().version, 2);
    let events = world.events(id).await;
    let moved = events.iter().filter(|name| **name == "instance_migrated");
    assert_eq!(moved.count(), 1);
    world.complete(id, "pay", "max").await;
    assert_eq!(world.status(id).await, "completed");
}

//! Versions: made at run time, and each instance stays on its own.

use signoff::Start;

use crate::world::World;

const FIRST: &str = "
format: signoff/v1
kind: flow
key: trip
nodes:
  start: {start: {}, next: plan}
  plan: {task: {}, next: book}
  book: {task: {}, next: end}
  end: {end: {}}
";

#[tokio::test]
async fn an_instance_stays_on_its_version_and_later_ones_take_the_newest() {
    let world = World::new(&[FIRST]).await;
    let old = world.start("trip", "ann").await.id();
    let second = FIRST
        .replace("next: book", "next: pack")
        .replace("  book:", "  pack:");
    world.publish(&second).await;
    let new = world.start("trip", "ann").await.id();
    let first = Start::of("trip").version(1).by("ann");
    let chosen = world.engine.start(first).await.unwrap().id();
    for (id, version, next) in [(old, 1, "book"), (new, 2, "pack"), (chosen, 1, "book")] {
        world.complete(id, "plan", "ann").await;
        assert_eq!(world.at(id).await, [next]);
        let view = world.view(id).await;
        assert_eq!(view.instance.definition().version, version);
        assert_eq!(view.definition.id.version, version);
        world.complete(id, next, "ann").await;
        assert_eq!(world.status(id).await, "completed");
    }
}

#[tokio::test]
async fn the_same_content_is_no_new_version() {
    let world = World::new(&[FIRST]).await;
    let format = signoff::Format::Yaml;
    let told = |key: &str| FIRST.replace("trip", key);
    for (text, version, is_new) in [(told("trip"), 1, false), (told("walk"), 1, true)] {
        let published = world
            .engine
            .publish(&world.tenant, &[(&text, format)])
            .await;
        let published = &published.unwrap()[0];
        assert_eq!((published.id.version, published.is_new), (version, is_new));
    }
    let walk = world.start("walk", "bob").await;
    assert_eq!(walk.instance.status().as_str(), "running");
}

//! Where a person goes on: in the instance, its children, its parent, their other children.

use signoff::{
    Call, InstanceId,
    store::{InstanceFilter, PageRequest},
};

use crate::world::World;

const PARENT: &str = "
format: signoff/v1
kind: flow
key: move
nodes:
  start: {start: {}, next: plan}
  plan: {task: {user: ann}, next: fork}
  fork: {split: [own, offered, rooms]}
  own: {task: {user: ann}, next: met}
  offered: {task: {role: clerk}, next: met}
  rooms: {subprocess: {workflow: room, for_each: '[\"bob\", \"max\"]', as: who, data: {who: item}}, next: met}
  met: {join: all, next: end}
  end: {end: {}}
";
const CHILD: &str = "
format: signoff/v1
kind: flow
key: room
data: {type: object, required: [who], properties: {who: {type: string}}}
nodes:
  start: {start: {}, next: fork}
  fork: {split: [pack, carry]}
  pack: {task: {from: who}, next: met}
  carry: {task: {user: max}, next: met}
  met: {join: all, next: end}
  end: {end: {}}
";

/// The node of the task that the person does next, and where.
async fn next(world: &World, after: InstanceId, person: &str) -> Option<(String, InstanceId)> {
    let person = world.engine.person(&world.tenant, &person.into()).await;
    let person = person.unwrap().unwrap();
    let next = world.engine.next_task(&world.tenant, after, &person).await;
    let view = world.engine.task(&world.tenant, next.unwrap()?).await;
    let view = view.unwrap().unwrap();
    Some((view.task.node.to_string(), view.instance.id()))
}

#[tokio::test]
async fn the_next_task_is_looked_for_in_the_instance_and_then_around_it() {
    let world = World::new(&[CHILD, PARENT]).await;
    let parent = world.start("move", "ann").await.id();
    world.complete(parent, "plan", "ann").await;
    world.engine.tick().await.unwrap();
    let filter = InstanceFilter {
        parent: Some(parent),
        ..InstanceFilter::default()
    };
    let page = PageRequest::default();
    let children = world
        .engine
        .store()
        .instances(&world.tenant, &filter, &page)
        .await;
    let mut of_bob = None;
    let mut of_max = None;
    for row in children.unwrap().items {
        match world.view(row.id).await.instance.data()["who"].as_str() {
            Some("bob") => of_bob = Some(row.id),
            _ => of_max = Some(row.id),
        }
    }
    let (of_bob, of_max) = (of_bob.unwrap(), of_max.unwrap());
    let at = |node: &str, id| Some((node.to_owned(), id));
    // Held before offered; her own instance before any other.
    assert_eq!(next(&world, parent, "ann").await, at("own", parent));
    world.complete(parent, "own", "ann").await;
    assert_eq!(next(&world, parent, "ann").await, at("offered", parent));
    // Up: a child leads to its parent.
    assert_eq!(next(&world, of_max, "ann").await, at("offered", parent));
    let offered = world.task(parent, "offered").await;
    world
        .engine
        .call(Call::complete(offered).by("ann"))
        .await
        .unwrap();
    assert_eq!(next(&world, parent, "ann").await, None);
    // Down: a parent leads to its children.
    assert_eq!(next(&world, parent, "bob").await, at("pack", of_bob));
    // Beside: a child leads to its siblings.
    assert_eq!(next(&world, of_max, "bob").await, at("pack", of_bob));
    world.complete(of_bob, "pack", "bob").await;
    assert_eq!(next(&world, of_bob, "bob").await, None);
    world.complete(of_bob, "carry", "max").await;
    assert_eq!(world.status(of_bob).await, "completed");
    let beside = next(&world, of_bob, "max").await.unwrap();
    assert_eq!(beside.1, of_max);
}

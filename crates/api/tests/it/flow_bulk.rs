//! Many at once by hand: each is done or refused by itself.

use signoff::{Call, InstanceId, TaskId};

use crate::world::World;

const OFFER: &str = "
format: signoff/v1
kind: flow
key: offer
managers: [role:lead]
nodes:
  start: {start: {}, next: work}
  work: {task: {role: clerk}, next: end}
  end: {end: {}}
";

async fn offers(world: &World) -> Vec<(InstanceId, TaskId)> {
    let mut offers = Vec::new();
    for _ in 0..3 {
        let id = world.start("offer", "ann").await.id();
        offers.push((id, world.task(id, "work").await));
    }
    offers
}

/// What came of each call: its status, or the code of its refusal.
async fn codes(world: &World, calls: Vec<Call>) -> Vec<&'static str> {
    let results = world.engine.call_all(calls).await;
    let code = |result: Result<signoff::Done, signoff::NotDone>| match result {
        Ok(_) => "done",
        Err(not_done) => not_done.code(),
    };
    results.into_iter().map(code).collect()
}

#[tokio::test]
async fn many_tasks_are_claimed_and_given_back_each_by_its_own_right() {
    let world = World::new(&[OFFER]).await;
    let tasks: Vec<TaskId> = offers(&world)
        .await
        .into_iter()
        .map(|(_, task)| task)
        .collect();
    world
        .engine
        .call(Call::claim(tasks[1]).by("bob"))
        .await
        .unwrap();
    let claim = |by: &str| tasks.iter().map(|task| Call::claim(*task).by(by)).collect();
    assert_eq!(
        codes(&world, claim("max")).await,
        ["not_permitted", "not_permitted", "not_permitted"]
    );
    assert_eq!(
        codes(&world, claim("ann")).await,
        ["done", "already_claimed", "done"]
    );
    let release = |by: &str| {
        tasks
            .iter()
            .map(|task| Call::release(*task).by(by))
            .collect()
    };
    assert_eq!(
        codes(&world, release("ann")).await,
        ["done", "already_claimed", "done"]
    );
    assert_eq!(
        codes(&world, release("max")).await,
        ["target_invalid", "done", "target_invalid"]
    );
}

#[tokio::test]
async fn many_instances_are_cancelled_and_one_that_cannot_be_holds_up_no_other() {
    let world = World::new(&[OFFER]).await;
    let offers = offers(&world).await;
    world.complete(offers[1].0, "work", "ann").await;
    let cancel = |by: &str| {
        let calls = offers
            .iter()
            .map(|(id, _)| Call::cancel(*id).reason("over").by(by));
        calls.collect()
    };
    assert_eq!(
        codes(&world, cancel("ann")).await,
        ["not_permitted", "not_running", "not_permitted"]
    );
    assert_eq!(
        codes(&world, cancel("max")).await,
        ["done", "not_running", "done"]
    );
    for ((id, _), status) in offers.iter().zip(["cancelled", "completed", "cancelled"]) {
        assert_eq!(world.status(*id).await, status);
    }
}

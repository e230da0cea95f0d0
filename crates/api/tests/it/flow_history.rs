//! What is told of an instance: each event once, in order, with who, when and by which command.

use signoff::{Call, core::actor::By};

use crate::world::World;

const ORDER: &str = "
format: signoff/v1
kind: flow
key: order
managers: [role:lead]
nodes:
  start: {start: {}, next: ask}
  ask: {task: {role: clerk}, next: pay}
  pay: {job: pay, retry: {max: 1}, next: end}
  end: {end: {}}
";

async fn world(fails: bool) -> World {
    let pay = move |_| async move {
        match fails {
            false => Ok(serde_json::Value::Null),
            true => Err(signoff::actions::ActionError::permanent(
                "no_credit",
                "the bank said no",
            )),
        }
    };
    World::with(|builder| builder.action("pay", pay), &[ORDER]).await
}

#[tokio::test]
async fn a_run_is_told_from_start_to_end_each_event_once() {
    let world = world(false).await;
    let id = world.start("order", "ann").await.id();
    world.complete(id, "ask", "bob").await;
    world.engine.tick().await.unwrap();
    assert_eq!(
        world.events(id).await,
        [
            "instance_started",
            "node_entered",
            "entry_opened",
            "task_opened",
            "decision_made",
            "entry_closed",
            "node_completed",
            "node_entered",
            "job_ordered",
            "function_returned",
            "node_completed",
            "node_entered",
            "node_completed",
            "branch_ended",
            "instance_completed",
        ]
    );
}

#[tokio::test]
async fn a_failure_is_told_once_and_the_run_does_not_end() {
    let world = world(true).await;
    let id = world.start("order", "ann").await.id();
    world.complete(id, "ask", "bob").await;
    world.engine.tick().await.unwrap();
    let events = world.events(id).await;
    assert_eq!(events[9..], ["incident_opened", "node_failed"]);
}

#[tokio::test]
async fn the_history_says_who_did_what_and_when() {
    let world = world(false).await;
    let id = world.start("order", "ann").await.id();
    let task = world.task(id, "ask").await;
    for call in [
        Call::claim(task).by("bob"),
        Call::release(task).by("max"),
        Call::cancel_task(id, "ask").by("max"),
        Call::revive(id, "ask"),
    ] {
        world.after(60).await;
        world.engine.call(call).await.unwrap();
    }
    world.after(60).await;
    world.complete(id, "ask", "ann").await;
    world.engine.tick().await.unwrap();
    let history = world.engine.history(&world.tenant, id).await.unwrap();
    let began = history[0].at;
    let told: Vec<(u64, String, String, i64)> = history
        .iter()
        .map(|entry| {
            let by = match &entry.by {
                By::Engine => "engine",
                By::Host => "host",
                By::Person(id) => id.as_str(),
            };
            let after = entry.at.duration_since(began).as_secs();
            (
                entry.version,
                entry.events[0].name().to_owned(),
                by.to_owned(),
                after,
            )
        })
        .collect();
    let expected = [
        ("instance_started", "ann", 0),
        ("task_claimed", "bob", 60),
        ("task_released", "max", 120),
        ("task_cancelled", "max", 180),
        ("token_unparked", "host", 240),
        ("decision_made", "ann", 300),
        ("function_returned", "engine", 300),
    ];
    let expected: Vec<(u64, String, String, i64)> = (1..)
        .zip(expected)
        .map(|(version, (event, by, after))| (version, event.to_owned(), by.to_owned(), after))
        .collect();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_is_done_with_a_task_and_an_instance_has_its_event() {
    let world = world(false).await;
    let started = world.start("order", "ann").await;
    let id = started.id();
    assert!(started.events.contains(&"task_opened"));
    let task = world.task(id, "ask").await;
    for (call, event) in [
        (Call::claim(task).by("bob"), "task_claimed"),
        (Call::release(task).by("bob"), "task_released"),
        (
            Call::delegate(task).by("ann").to("bob").reason("away"),
            "task_delegated",
        ),
        (Call::cancel_task(id, "ask"), "node_cancelled"),
        (Call::revive(id, "ask"), "token_unparked"),
        (Call::skip(id, "ask").reason("known"), "node_skipped"),
        (Call::cancel_task(id, "pay"), "node_cancelled"),
        (Call::undo(id, "ask"), "node_undone"),
        (
            Call::jump_whole(id).to("ask").reason("again"),
            "instance_reopened",
        ),
        (Call::cancel(id).reason("over"), "instance_cancelled"),
    ] {
        let done = world.engine.call(call).await.unwrap();
        let n = done.events.iter().filter(|name| **name == event).count();
        assert_eq!(n, 1, "{event}: {:?}", done.events);
    }
}

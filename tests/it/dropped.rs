//! Calls that are dropped half-way leave all of a command or nothing.

use std::{future::Future, pin::Pin, task::Poll};

use jiff::SignedDuration;
use serde_json::{Map, json};
use signoff::{Call, InstanceId, Message, Start};

use crate::world::{World, worlds};

const FLOW: &str = "
format: signoff/v1
kind: flow
key: busy
nodes:
  start: {start: {}, next: fork}
  fork: {split: [work, listen, delegate]}
  work: {task: {user: bob}, next: count}
  count: {function: count, into: counted, next: both}
  listen: {receive: {message: called}, next: both}
  delegate: {subprocess: {workflow: small}, next: both}
  both: {join: all, next: close}
  close: {job: close, next: end}
  end: {end: {}}
";
const SMALL: &str = "
format: signoff/v1
kind: flow
key: small
nodes:
  start: {start: {}, next: set}
  set: {set: {n: '1'}, next: end}
  end: {end: {}}
";

/// Polls a future at most so many times, then drops it; whether it came to its end.
async fn at_most<F: Future>(polls: usize, mut future: Pin<Box<F>>) -> bool {
    let mut left = polls;
    std::future::poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// One step of an instance, which may be any.
async fn step(world: &World, id: InstanceId, n: usize) {
    let engine = &world.engine;
    let task = world
        .view(id)
        .await
        .instance
        .tasks()
        .next()
        .map(|task| task.id);
    // 0 polls: it is dropped before it began; the last few mostly come to their end.
    let polls = n / 4 % 12;
    match (n % 4, task) {
        (0, Some(task)) => at_most(polls, Box::pin(engine.call(Call::complete(task)))).await,
        (1, _) => {
            at_most(
                polls,
                Box::pin(engine.send(Message::new("called").id(id.to_string()))),
            )
            .await
        }
        (2, _) => {
            let data = Map::from_iter([("n".to_owned(), json!(n))]);
            at_most(polls, Box::pin(engine.call(Call::set_data(id, data)))).await
        }
        _ => at_most(polls, Box::pin(engine.tick())).await,
    };
}

#[tokio::test]
async fn two_hundred_calls_dropped_half_way_leave_every_instance_whole() {
    let also = |builder: signoff::Builder| {
        builder
            .function("count", |_input| async {
                tokio::task::yield_now().await;
                Ok(json!(1))
            })
            .action("close", |_call| async {
                tokio::task::yield_now().await;
                Ok(json!(null))
            })
    };
    for world in worlds(&[SMALL, FLOW], also).await {
        for round in 0..8 {
            let id = world.engine.start(Start::of("busy")).await.unwrap().id();
            for n in 0..25 {
                step(&world, id, round * 25 + n).await;
                world.is_consistent(id).await;
            }
            // Whatever was left half-way is done by who comes after; leases have run out by then.
            let mut tries = 0;
            while world.status(id).await == "running" {
                assert!(
                    tries < 10,
                    "{} hangs at {:?}",
                    world.name(),
                    world.at(id).await
                );
                tries += 1;
                world.pass(SignedDuration::from_mins(2));
                let task = world
                    .view(id)
                    .await
                    .instance
                    .tasks()
                    .next()
                    .map(|task| task.id);
                if let Some(task) = task {
                    world.engine.call(Call::complete(task)).await.unwrap();
                }
                let message = Message::new("called").id(id.to_string());
                world.engine.send(message).await.unwrap();
                world.engine.tick().await.unwrap();
            }
            assert_eq!(world.status(id).await, "completed", "{}", world.name());
            assert_eq!(world.view(id).await.instance.data()["counted"], 1);
            world.is_consistent(id).await;
        }
        world.pass(SignedDuration::from_mins(2));
        world.engine.tick().await.unwrap();
        assert_eq!(
            world.count("small", "completed").await,
            8,
            "{}",
            world.name()
        );
        world.has_no_jobs().await;
    }
}

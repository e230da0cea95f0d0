//! Workflows that begin by themselves, on every store.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::json;
use signoff::{Clock, Format, TenantId, validate};
use signoff_tests::{builder, person, publish};

use crate::world::worlds;

const HOURLY: &str = "
format: signoff/v1
kind: flow
key: round
nodes:
  start: {start: {every: PT1H}, next: walk}
  walk: {task: {user: bob}, next: end}
  end: {end: {}}
";
const NINE: &str = "
format: signoff/v1
kind: flow
key: nine
nodes:
  start: {start: {cron: '0 9 * * *'}, next: walk}
  walk: {task: {user: bob}, next: end}
  end: {end: {}}
";

#[tokio::test]
async fn an_interval_begins_at_once_and_cron_at_its_moment() {
    for world in worlds(&[HOURLY, NINE], |builder| builder).await {
        world.engine.tick().await.unwrap();
        assert_eq!(world.count("round", "running").await, 1, "{}", world.name());
        for _ in 0..24 {
            world.pass(SignedDuration::from_hours(1));
            world.engine.tick().await.unwrap();
        }
        assert_eq!(
            world.count("round", "running").await,
            25,
            "{}",
            world.name()
        );
        assert_eq!(world.count("nine", "running").await, 1, "{}", world.name());
    }
}

#[tokio::test]
async fn a_worker_that_was_down_begins_once_and_goes_on() {
    for world in worlds(&[HOURLY, NINE], |builder| builder).await {
        world.engine.tick().await.unwrap();
        world.pass(SignedDuration::from_hours(24 * 7));
        world.engine.tick().await.unwrap();
        assert_eq!(world.count("round", "running").await, 2, "{}", world.name());
        assert_eq!(world.count("nine", "running").await, 1, "{}", world.name());
        world.pass(SignedDuration::from_hours(1));
        world.engine.tick().await.unwrap();
        assert_eq!(world.count("round", "running").await, 3, "{}", world.name());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_at_once_begin_each_moment_once() {
    for world in worlds(&[HOURLY], |builder| builder).await {
        let other = builder(Arc::clone(&world.opened.store), vec![person("bob", &[])])
            .clock(Arc::clone(&world.clock) as Arc<dyn Clock>)
            .build()
            .unwrap();
        for round in 1..=10 {
            let ours = world.engine.clone();
            let theirs = other.clone();
            let ours = tokio::spawn(async move { ours.tick().await });
            let theirs = tokio::spawn(async move { theirs.tick().await });
            ours.await.unwrap().unwrap();
            theirs.await.unwrap().unwrap();
            assert_eq!(
                world.count("round", "running").await,
                round,
                "{}",
                world.name()
            );
            world.pass(SignedDuration::from_hours(1));
        }
    }
}

#[tokio::test]
async fn a_workflow_that_is_not_active_does_not_begin() {
    for world in worlds(&[HOURLY], |builder| builder).await {
        let (tenant, key) = (TenantId::default(), "round".into());
        world
            .store()
            .set_active(&tenant, &key, false)
            .await
            .unwrap();
        world.engine.tick().await.unwrap();
        world.pass(SignedDuration::from_hours(1));
        world.engine.tick().await.unwrap();
        assert_eq!(world.count("round", "running").await, 0, "{}", world.name());
        world.store().set_active(&tenant, &key, true).await.unwrap();
        world.pass(SignedDuration::from_hours(1));
        world.engine.tick().await.unwrap();
        assert_eq!(world.count("round", "running").await, 1, "{}", world.name());
    }
}

#[tokio::test]
async fn what_is_published_again_keeps_its_moment_and_without_the_start_begins_no_more() {
    for world in worlds(&[HOURLY], |builder| builder).await {
        world.engine.tick().await.unwrap();
        publish(&world.engine, HOURLY).await;
        publish(&world.engine, &format!("{HOURLY}title: rounds\n")).await;
        world.engine.tick().await.unwrap();
        assert_eq!(world.count("round", "running").await, 1, "{}", world.name());
        publish(&world.engine, &HOURLY.replace("{every: PT1H}", "{}")).await;
        world.pass(SignedDuration::from_hours(2));
        world.engine.tick().await.unwrap();
        assert_eq!(world.count("round", "running").await, 1, "{}", world.name());
        assert_eq!(
            world.engine.next_due().await.unwrap(),
            None,
            "{}",
            world.name()
        );
        world.start("round", json!({})).await;
    }
}

#[test]
fn a_schedule_that_is_none_is_a_problem_at_its_place() {
    let broken = NINE.replace("0 9 * * *", "0 25 * * *");
    let problems = validate(&broken, Format::Yaml);
    let [problem] = problems.as_slice() else {
        panic!("{problems:?}");
    };
    assert_eq!(problem.code, "invalid_cron");
    let position = problem.position.unwrap();
    assert_eq!((position.line, position.column), (6, 25), "{problem}");
}

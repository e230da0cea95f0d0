//! Jobs, and what managers do, on every store.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use jiff::SignedDuration;
use serde_json::{Map, json};
use signoff::{
    Call, InstanceId, NotDone, Start, TenantId,
    actions::ActionError,
    core::{change::SubscriptionKind::Message as ForMessage, limits::Limits},
    store::Lease,
};
use tokio::task::JoinSet;

use crate::world::{World, refused, worlds};

const JOBS: &str = "
format: signoff/v1
kind: flow
key: jobs
managers: [role:lead]
nodes:
  start: {start: {}, next: work}
  work:
    job: work
    with: {n: '${n}'}
    delay: PT1M
    retry: {max: 3, backoff: PT1M}
    into: result
    on_timeout: {after: PT10M, next: late}
    next: check
  check: {task: {user: bob}, next: end}
  late: {task: {user: ann}, next: end}
  end: {end: {}}
";

/// Fails so many times with `code`, then says how often it ran.
fn failing(
    times: u32,
    error: fn() -> ActionError,
) -> impl Fn(signoff::Builder) -> signoff::Builder {
    move |builder| {
        let ran = Arc::new(AtomicU32::new(0));
        builder.action("work", move |_call| {
            let n = ran.fetch_add(1, Ordering::SeqCst);
            async move {
                if n < times {
                    Err(error())
                } else {
                    Ok(json!(n))
                }
            }
        })
    }
}

fn busy() -> ActionError {
    ActionError::transient("busy", "try later")
}

fn broken() -> ActionError {
    ActionError::permanent("broken", "never")
}

#[tokio::test]
async fn a_job_waits_is_tried_again_and_gives_its_result_once() {
    for world in worlds(&[JOBS], failing(2, busy)).await {
        let id = world.start("jobs", json!({"n": 1})).await;
        assert_eq!(world.at(id).await, ["work"], "{}", world.name());
        for minutes in [1, 1, 2] {
            world.pass(SignedDuration::from_mins(minutes));
            world.engine.tick().await.unwrap();
        }
        assert_eq!(world.at(id).await, ["check"], "{}", world.name());
        assert_eq!(world.view(id).await.instance.data()["result"], 2);
        world.has_no_jobs().await;
        world.is_consistent(id).await;
    }
}

#[tokio::test]
async fn a_job_that_fails_for_good_waits_for_an_operator_and_its_boundary_still_counts() {
    for world in worlds(&[JOBS], failing(1, broken)).await {
        let id = world.start("jobs", json!({"n": 1})).await;
        world.pass(SignedDuration::from_mins(1));
        world.engine.tick().await.unwrap();
        assert_eq!(world.incidents().await, ["node_failed"], "{}", world.name());
        let retry = Call::retry(id, "work").by("eve");
        assert_eq!(refused(world.engine.call(retry).await), "not_permitted");
        world.pass(SignedDuration::from_mins(10));
        world.engine.tick().await.unwrap();
        assert_eq!(world.at(id).await, ["late"], "{}", world.name());
        assert_eq!(world.incidents().await, [""; 0], "{}", world.name());
        world.has_no_jobs().await;
    }
}

#[tokio::test]
async fn a_job_that_is_withdrawn_while_it_runs_changes_nothing_any_more() {
    for world in worlds(&[JOBS], failing(0, busy)).await {
        let id = world.start("jobs", json!({"n": 1})).await;
        world.pass(SignedDuration::from_mins(1));
        let now = world.engine.clock().now();
        let lease = Lease {
            tenant: None,
            behind: None,
            now,
            until: now + SignedDuration::from_secs(60),
            limit: 16,
        };
        let job = world.store().claim(lease).await.unwrap().remove(0);
        let call = Call::cancel_task(id, "work").by("max");
        world.engine.call(call).await.unwrap();
        let late = world.store().finish(&job.job.tenant, job.job.id, job.token);
        assert!(!late.await.unwrap(), "{}", world.name());
        world.has_no_jobs().await;
        world
            .engine
            .call(Call::revive(id, "work").by("max"))
            .await
            .unwrap();
        world.pass(SignedDuration::from_mins(1));
        world.engine.tick().await.unwrap();
        assert_eq!(world.at(id).await, ["check"], "{}", world.name());
        world.has_no_jobs().await;
    }
}

#[tokio::test]
async fn a_job_that_a_worker_took_and_died_with_runs_again() {
    for world in worlds(&[JOBS], failing(0, busy)).await {
        let id = world.start("jobs", json!({"n": 1})).await;
        world.pass(SignedDuration::from_mins(1));
        let now = world.engine.clock().now();
        let until = now + SignedDuration::from_secs(60);
        let lease = Lease {
            tenant: None,
            behind: None,
            now,
            until,
            limit: 16,
        };
        assert_eq!(world.store().claim(lease).await.unwrap().len(), 1);
        assert_eq!(world.engine.tick().await.unwrap(), 0, "{}", world.name());
        world.pass(SignedDuration::from_mins(1));
        world.engine.tick().await.unwrap();
        assert_eq!(world.at(id).await, ["check"], "{}", world.name());
        world.has_no_jobs().await;
    }
}

const DESK: &str = "
format: signoff/v1
kind: flow
key: desk
managers: [role:lead]
nodes:
  start: {start: {}, next: fork}
  fork: {split: [{to: work, for_each: '[1, 2]'}, wait_call]}
  work: {task: {user: bob}, next: both}
  wait_call: {receive: {message: called, key: '\"k\"'}, next: both}
  both: {join: all, next: sum}
  sum: {function: sum, next: end}
  end: {end: {}}
";

fn summing(builder: signoff::Builder) -> signoff::Builder {
    builder.function("sum", |_input| async { Ok(json!({})) })
}

/// Every call of a manager on one node, each with a reason and a target.
fn calls(id: InstanceId) -> Vec<Call> {
    let data = Map::from_iter([("n".to_owned(), json!(1))]);
    let all = [
        Call::cancel_task(id, "work"),
        Call::skip(id, "work"),
        Call::retry(id, "work"),
        Call::revive(id, "work"),
        Call::undo(id, "work"),
        Call::jump(id, "work").to("wait_call"),
        Call::jump_whole(id).to("sum"),
        Call::set_data(id, data),
        Call::add_branch(id, "work", json!(3)),
        Call::cancel(id),
    ];
    all.into_iter().map(|call| call.reason("why")).collect()
}

async fn rows(world: &World, id: InstanceId) -> String {
    let tenant = TenantId::default();
    let history = world.store().history(&tenant, id).await.unwrap();
    let view = world.view(id).await;
    let next = world.engine.next_due().await.unwrap();
    let incidents = world.incidents().await;
    let waiting = world.waiting(ForMessage, "called").await;
    format!(
        "{history:?} {:?} {next:?} {incidents:?} {waiting}",
        view.instance
    )
}

#[tokio::test]
async fn only_managers_operate_in_every_state_and_a_dry_run_writes_nothing() {
    for world in worlds(&[DESK], summing).await {
        let running = world.start("desk", json!({})).await;
        let cancelled = world.start("desk", json!({})).await;
        let stop = Call::cancel(cancelled).by("max").reason("no");
        world.engine.call(stop).await.unwrap();
        let completed = world.start("desk", json!({})).await;
        let jump = Call::jump_whole(completed).to("sum").reason("done");
        world.engine.call(jump).await.unwrap();
        assert_eq!(world.status(completed).await, "completed");
        for id in [running, cancelled, completed] {
            let before = rows(&world, id).await;
            for call in calls(id) {
                let told = format!("{call:?}");
                let code = refused(world.engine.call(call.clone().by("eve")).await);
                let late = ["not_permitted", "not_running"];
                assert!(late.contains(&code), "{code}: {told}");
                let dry = world.engine.dry_run(call.clone().by("max")).await;
                if let Err(NotDone::Failed(error)) = dry {
                    panic!("{told}: {error}");
                }
                assert_eq!(rows(&world, id).await, before, "{} {told}", world.name());
            }
        }
        for n in 0..calls(running).len() {
            let id = world.start("desk", json!({})).await;
            let call = calls(id).remove(n);
            let told = format!("{call:?}");
            let dry = world.engine.dry_run(call.clone().by("max")).await;
            let real = world.engine.call(call.by("max")).await;
            let events = |result: Result<signoff::Done, NotDone>| match result {
                Ok(done) => (done.events, "accepted"),
                Err(error) => (Vec::new(), error.code()),
            };
            assert_eq!(events(dry), events(real), "{} {told}", world.name());
            world.is_consistent(id).await;
        }
    }
}

#[tokio::test]
async fn a_dry_run_takes_nobodys_turn() {
    let definition = "
format: signoff/v1
kind: approval
key: turns
pipelines: [{key: all, stages: [
  {key: ask, approvals: [{user: ann}]},
  {key: say, approvals: [{role: many, select: round_robin}]}]}]
";
    let people = ["ann", "bob", "cai"].map(|id| signoff_tests::person(id, &["many"]));
    for opened in crate::stores::every().await {
        let engine = signoff_tests::builder(Arc::clone(&opened.store), people.to_vec());
        let engine = engine.build().unwrap();
        signoff_tests::publish(&engine, definition).await;
        let started = engine.start(Start::of("turns").by("ann")).await.unwrap();
        let call = Call::approve(started.opened[0]).by("ann");
        let mut given = Vec::new();
        for _ in 0..3 {
            let done = engine.dry_run(call.clone()).await.unwrap();
            let task = done.instance.tasks().next().unwrap();
            given.push(task.assignee.clone().unwrap());
        }
        assert!(
            given.iter().all(|one| *one == given[0]),
            "{}: {given:?}",
            opened.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_branches_completed_at_once_are_joined_once() {
    let definition = "
format: signoff/v1
kind: flow
key: wide
nodes:
  start: {start: {}, next: fork}
  fork: {split: [{to: work, for_each: items}]}
  work: {task: {user: bob}, next: both}
  both: {join: all, next: close}
  close: {task: {user: bob}, next: end}
  end: {end: {}}
";
    for world in worlds(&[definition], |builder| builder).await {
        let items: Vec<u32> = (0..20).collect();
        let id = world.start("wide", json!({"items": items})).await;
        let mut calls = JoinSet::new();
        for task in world.view(id).await.instance.tasks() {
            let (engine, task) = (world.engine.clone(), task.id);
            calls.spawn(async move { engine.call(Call::complete(task).by("bob")).await });
        }
        for done in calls.join_all().await {
            done.unwrap();
        }
        assert_eq!(world.at(id).await, ["close"], "{}", world.name());
        assert_eq!(world.view(id).await.instance.tasks().count(), 1);
        world.is_consistent(id).await;
    }
}

#[tokio::test]
async fn the_incident_of_a_timer_that_was_refused_goes_when_its_node_goes() {
    let definition = "
format: signoff/v1
kind: flow
key: storm
nodes:
  start: {start: {}, next: pause}
  pause: {timer: {after: PT1M}, next: again}
  again: {if: ready, then: end, else: again_too}
  again_too: {set: {n: '1'}, next: again}
  end: {end: {}}
";
    let limited = |builder: signoff::Builder| {
        builder.limits(Limits {
            automatic_steps: 50,
            ..Limits::default()
        })
    };
    for world in worlds(&[definition], limited).await {
        let id = world.start("storm", json!({"ready": false})).await;
        world.pass(SignedDuration::from_mins(1));
        world.engine.tick().await.unwrap();
        assert_eq!(
            world.incidents().await,
            ["timer_refused"],
            "{}",
            world.name()
        );
        let data = Map::from_iter([("ready".to_owned(), json!(true))]);
        world.engine.call(Call::set_data(id, data)).await.unwrap();
        let skip = Call::skip(id, "pause").reason("stuck");
        world.engine.call(skip).await.unwrap();
        assert_eq!(world.status(id).await, "completed", "{}", world.name());
        assert_eq!(world.incidents().await, [""; 0], "{}", world.name());
    }
}

#[tokio::test]
async fn what_a_transaction_did_is_undone_only_after_it() {
    for world in worlds(&[DESK], summing).await {
        let id = world.start("desk", json!({})).await;
        let task = world.view(id).await.instance.tasks().next().unwrap().id;
        {
            let mut tx = world.store().begin(&TenantId::default()).await.unwrap();
            let mut within = world.engine.within(&mut *tx);
            within.call(Call::complete(task)).await.unwrap();
            let undone = within.call(Call::undo(id, "work")).await;
            assert_eq!(refused(undone), "conflict", "{}", world.name());
            tx.finish().await.unwrap();
        }
        assert_eq!(
            world.at(id).await,
            ["wait_call", "work"],
            "{}",
            world.name()
        );
        world.is_consistent(id).await;
    }
}

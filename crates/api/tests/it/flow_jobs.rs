//! Jobs: under which id, how often, and what an operator is told when one fails.

use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use signoff::{
    Call, Engine, Format, Start, TaskId, TenantId, VirtualClock,
    actions::ActionError,
    store::{IncidentFilter, Lease, PageRequest},
};

use signoff::Clock;

use crate::{
    counted::Counted,
    world::{World, people},
};

const PAY: &str = "
format: signoff/v1
kind: flow
key: pay
data: {type: object, properties: {card: {type: string, default: secret-4111}}}
nodes:
  start: {start: {}, next: fork}
  fork: {split: [pay, work]}
  pay: {job: pay, with: {card: '${ card }'}, retry: {max: 2, backoff: PT1M}, next: met}
  work: {task: {}, next: met}
  met: {join: all, next: end}
  end: {end: {}}
";

/// The key and attempt of each call; so many of the first fail.
type Calls = Arc<Mutex<Vec<(String, u32)>>>;

async fn world(fails: usize) -> (World, Calls) {
    let calls = Calls::default();
    let seen = Arc::clone(&calls);
    let pay = move |call: signoff::actions::ActionCall| {
        let mut seen = seen.lock().unwrap();
        seen.push((call.key, call.attempt));
        let failed = seen.len() <= fails;
        async move {
            match failed {
                true => Err(ActionError::transient("no_credit", "the bank said no")),
                false => Ok(Value::Null),
            }
        }
    };
    (
        World::with(|builder| builder.action("pay", pay), &[PAY]).await,
        calls,
    )
}

#[tokio::test]
async fn a_job_keeps_its_id_when_it_is_tried_again_and_gets_a_new_one_when_it_is_revived() {
    let (world, calls) = world(2).await;
    let id = world.start("pay", "ann").await.id();
    let other = world.start("pay", "ann").await.id();
    let cancel = Call::cancel_task(other, "pay");
    world.engine.call(cancel).await.unwrap();
    world.after(0).await;
    world.after(60).await;
    world.engine.call(Call::revive(id, "pay")).await.unwrap();
    world.engine.call(Call::revive(other, "pay")).await.unwrap();
    world.after(0).await;
    let calls = calls.lock().unwrap();
    let attempts: Vec<u32> = calls.iter().map(|(_, attempt)| *attempt).collect();
    assert_eq!(attempts, [1, 2, 1, 1]);
    assert_eq!(calls[0].0, calls[1].0, "the same job");
    let keys: std::collections::BTreeSet<&String> = calls.iter().map(|(key, _)| key).collect();
    assert_eq!(keys.len(), 3, "a job of its own for each visit: {calls:?}");
}

#[tokio::test]
async fn a_job_whose_worker_died_is_done_by_the_next_one_once() {
    let (world, calls) = world(0).await;
    let id = world.start("pay", "ann").await.id();
    let now = world.clock.now();
    let lease = Lease {
        tenant: None,
        behind: None,
        now,
        until: now + jiff::SignedDuration::from_secs(60),
        limit: 16,
    };
    let claimed = world.engine.store().claim(lease).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(world.after(59).await, 0, "the lease holds");
    assert_eq!(world.after(1).await, 1);
    assert_eq!(calls.lock().unwrap().len(), 1);
    assert_eq!(world.at(id).await, ["work"]);
    let dead = &claimed[0];
    let finished = world
        .engine
        .store()
        .finish(&world.tenant, dead.job.id, dead.token)
        .await;
    assert!(
        !finished.unwrap(),
        "whoever comes too late finishes nothing"
    );
    world.complete(id, "work", "ann").await;
    assert_eq!(world.status(id).await, "completed");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_takes_minutes_is_held_by_its_worker_and_run_once() {
    let place: Arc<OnceLock<(Engine, Arc<VirtualClock>)>> = Arc::default();
    let (of_job, calls) = (Arc::clone(&place), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&calls);
    let pay = move |_| {
        let place = Arc::clone(&of_job);
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            let (other, clock) = place.get().unwrap();
            for _ in 0..30 {
                tokio::time::sleep(Duration::from_secs(10)).await;
                clock.set(clock.now() + jiff::SignedDuration::from_secs(10));
                assert_eq!(other.tick().await.unwrap(), 0, "the claim holds");
            }
            Ok(Value::Null)
        }
    };
    let world = World::with(|builder| builder.action("pay", pay), &[PAY]).await;
    let id = world.start("pay", "ann").await.id();
    let both = (world.engine.clone(), Arc::clone(&world.clock));
    assert!(place.set(both).is_ok());
    assert_eq!(world.after(0).await, 1);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert_eq!(world.at(id).await, ["work"]);
}

#[tokio::test]
async fn an_instance_can_be_changed_while_its_job_runs() {
    let place: Arc<OnceLock<(Engine, TaskId)>> = Arc::default();
    let of_job = Arc::clone(&place);
    let pay = move |_| {
        let place = Arc::clone(&of_job);
        async move {
            let (engine, task) = place.get().unwrap();
            engine.call(Call::complete(*task).by("ann")).await.unwrap();
            Ok(Value::Null)
        }
    };
    let world = World::with(|builder| builder.action("pay", pay), &[PAY]).await;
    let id = world.start("pay", "ann").await.id();
    let task = world.task(id, "work").await;
    assert!(place.set((world.engine.clone(), task)).is_ok());
    assert_eq!(world.after(0).await, 1);
    assert_eq!(world.status(id).await, "completed");
}

#[tokio::test]
async fn a_failed_job_tells_where_and_why_and_nothing_that_it_was_given() {
    let (world, _) = world(usize::MAX).await;
    let id = world.start("pay", "ann").await.id();
    world.after(0).await;
    world.after(60).await;
    let filter = IncidentFilter {
        instance: Some(id),
        ..IncidentFilter::default()
    };
    let page = PageRequest::default();
    let incidents = world
        .engine
        .store()
        .incidents(&world.tenant, &filter, &page)
        .await;
    let incidents = incidents.unwrap().items;
    assert_eq!(incidents.len(), 1);
    let incident = &incidents[0];
    assert_eq!(incident.code, "node_failed");
    assert_eq!(incident.node.as_deref(), Some("pay"));
    assert_eq!(incident.message, "no_credit: the bank said no");
    assert_eq!(incident.opened_at, world.clock.now());
    assert!(!format!("{incident:?}").contains("secret"));
    let marks = world.view(id).await.marks();
    assert_eq!(marks.get("pay").map(|mark| mark.as_str()), Some("failed"));
}

/// How many commits and transactions are for jobs: of the person who starts the flow and completes
/// its task, and of the worker who runs the job behind it.
async fn check_for_jobs(job: &str, expected: [usize; 2]) {
    let store = Counted::default();
    let engine = Engine::builder()
        .store(store.clone())
        .directory(people())
        .action("errand", |_| async { Ok(Value::Null) })
        .function("book", |_| async { Ok(Value::Null) })
        .build()
        .unwrap();
    let flow = format!(
        "
format: signoff/v1
kind: flow
key: errand
nodes:
  start: {{start: {{}}, next: ask}}
  ask: {{task: {{}}, next: first}}
  first: {{function: book, next: run}}
  {job}
  end: {{end: {{}}}}
"
    );
    let sources = [(flow.as_str(), Format::Yaml)];
    let published = engine.publish(&TenantId::default(), &sources).await;
    published.unwrap();
    let started = engine.start(Start::of("errand").by("ann")).await.unwrap();
    let complete = Call::complete(started.opened[0]).by("ann");
    engine.call(complete).await.unwrap();
    let of_the_person = store.take_for_jobs();
    assert_eq!(engine.tick().await.unwrap(), 1);
    assert_eq!([of_the_person, store.take_for_jobs()], expected);
}

/// So a store with one writer knows whose turn it is.
#[tokio::test]
async fn what_a_worker_writes_is_said_to_be_for_a_job() {
    check_for_jobs("run: {job: errand, next: end}", [0, 1]).await;
    let with_function = "run: {job: errand, next: book}\n  book: {function: book, next: end}";
    check_for_jobs(with_function, [0, 1]).await;
}

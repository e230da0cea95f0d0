//! What gave up is tried again when an operator says so.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use serde_json::Value;
use signoff::{
    Call, Clock, InstanceId, MemoryDirectory, NotDone, Profile, Retry,
    actions::{ActionCall, ActionError},
    core::{
        change::{IncidentRow, JobWork},
        id::{IncidentId, JobId},
    },
    store::{Failure, IncidentFilter, Lease, PageRequest},
};

use crate::world::World;

const ORDER: &str = "
format: signoff/v1
kind: flow
key: order
managers: [role:lead]
nodes:
  start: {start: {}, next: ask}
  ask:
    task: {role: clerk}
    actions: {after_complete: [{run: book}, {run: tell, retry: {max: 2, backoff: PT1M}}]}
    next: pay
  pay: {job: pay, retry: {max: 1}, next: wait}
  wait: {timer: {after: P1D}, next: end}
  end: {end: {}}
";

/// What ran, in order; `tell` and `pay` fail while `broken` says so.
#[derive(Clone, Default)]
struct Host {
    ran: Arc<Mutex<Vec<String>>>,
    broken: Arc<AtomicBool>,
}

impl Host {
    async fn world(&self) -> World {
        let named = |name: &'static str, fails: bool| {
            let host = self.clone();
            move |call: ActionCall| {
                let fails = fails && host.broken.load(Ordering::Relaxed);
                let text = format!("{name} {}", call.attempt);
                host.ran.lock().unwrap().push(text);
                async move {
                    match fails {
                        true => Err(ActionError::transient("busy", "call again")),
                        false => Ok(Value::Null),
                    }
                }
            }
        };
        let with = |builder: signoff::Builder| {
            let builder = builder.action("book", named("book", false));
            let builder = builder.action("tell", named("tell", true));
            builder.action("pay", named("pay", true))
        };
        World::with(with, &[ORDER]).await
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.ran.lock().unwrap())
    }
}

async fn incidents(world: &World, id: InstanceId) -> Vec<IncidentRow> {
    let filter = IncidentFilter {
        instance: Some(id),
        ..IncidentFilter::default()
    };
    let page = PageRequest::default();
    let store = world.engine.store();
    let found = store.incidents(&world.tenant, &filter, &page).await;
    found.unwrap().items
}

async fn refused(world: &World, retry: Retry) -> &'static str {
    match world.engine.retry(retry).await {
        Err(NotDone::Refused(refusal)) => refusal.code.as_str(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn actions_that_gave_up_are_run_again_and_what_was_done_is_not() {
    let host = Host::default();
    host.broken.store(true, Ordering::Relaxed);
    let world = host.world().await;
    let id = world.start("order", "ann").await.id();
    world.complete(id, "ask", "ann").await;
    world.after(0).await;
    world.after(60).await;
    let mut ran = host.take();
    ran.sort();
    assert_eq!(ran, ["book 1", "pay 1", "tell 1", "tell 2"]);
    let open = incidents(&world, id).await;
    let actions = open.iter().find(|row| row.code == "action_failed").unwrap();
    host.broken.store(false, Ordering::Relaxed);
    assert_eq!(
        refused(&world, Retry::incident(actions.id).by("ann")).await,
        "not_permitted"
    );
    let unknown = IncidentId::new(id.uuid());
    assert_eq!(refused(&world, Retry::incident(unknown)).await, "not_found");
    assert_eq!(
        refused(&world, Retry::incident(actions.id).tenant("globex")).await,
        "not_found"
    );
    let job = JobId::new(actions.id.uuid());
    let retried = world.engine.retry(Retry::job(job).by("max")).await;
    assert_eq!(retried.unwrap(), id);
    assert_eq!(refused(&world, Retry::job(job)).await, "not_found");
    assert_eq!(incidents(&world, id).await.len(), 1, "the job of the node");
    world.after(0).await;
    assert_eq!(host.take(), ["tell 1"]);
    assert_eq!(incidents(&world, id).await.len(), 1);
}

#[tokio::test]
async fn a_failed_node_is_retried_by_its_incident() {
    let host = Host::default();
    host.broken.store(true, Ordering::Relaxed);
    let world = host.world().await;
    let id = world.start("order", "ann").await.id();
    world.complete(id, "ask", "ann").await;
    world.after(0).await;
    let open = incidents(&world, id).await;
    assert_eq!((open.len(), open[0].code.as_str()), (1, "node_failed"));
    let retry = || Retry::incident(open[0].id);
    let job = JobId::new(open[0].id.uuid());
    assert_eq!(refused(&world, Retry::job(job)).await, "not_found");
    assert_eq!(refused(&world, retry().by("bob")).await, "not_permitted");
    world.engine.call(Call::hold(id)).await.unwrap();
    assert_eq!(refused(&world, retry().by("max")).await, "on_hold");
    world.engine.call(Call::resume(id)).await.unwrap();
    host.broken.store(false, Ordering::Relaxed);
    world.engine.retry(retry().by("max")).await.unwrap();
    world.after(0).await;
    assert_eq!(world.at(id).await, ["wait"]);
    assert_eq!(refused(&world, retry()).await, "not_found");
}

#[tokio::test]
async fn a_timer_that_gave_up_fires_after_all() {
    let world = Host::default().world().await;
    let id = world.start("order", "ann").await.id();
    world.complete(id, "ask", "ann").await;
    world.after(0).await;
    let store = world.engine.store();
    let due = world.clock.now() + jiff::SignedDuration::from_hours(24);
    world.clock.set(due);
    let lease = Lease {
        tenant: None,
        behind: None,
        now: due,
        until: due,
        limit: 1,
    };
    let claimed = store.claim(lease).await.unwrap().remove(0);
    assert!(matches!(claimed.job.work, JobWork::Ring { .. }));
    let failure = Failure {
        incident: IncidentRow {
            tenant: world.tenant.clone(),
            id: IncidentId::new(claimed.job.id.uuid()),
            instance: id,
            code: "timer_refused".to_owned(),
            message: "too much".to_owned(),
            node: Some("wait".to_owned()),
            opened_at: due,
        },
        left: None,
    };
    let parked = store.give_up(&world.tenant, claimed.job.id, claimed.token, &failure);
    assert!(parked.await.unwrap());
    assert_eq!(world.after(3_600).await, 0);
    let retry = Retry::incident(failure.incident.id).by("ada");
    world.engine.retry(retry).await.unwrap();
    assert_eq!(world.after(0).await, 1);
    assert_eq!(world.status(id).await, "completed");
}

#[tokio::test]
async fn who_was_not_found_is_looked_for_again() {
    let person = |id: &str, roles: &[&str]| Profile {
        id: id.into(),
        roles: roles.iter().map(|role| (*role).into()).collect(),
        active: true,
        ..Profile::default()
    };
    let directory = Arc::new(MemoryDirectory::new([
        person("ann", &["clerk"]),
        person("eve", &[]),
    ]));
    let shared = Arc::clone(&directory);
    let world = World::with(
        |builder| builder.shared_directory(shared),
        &["
format: signoff/v1
kind: flow
key: check
nodes:
  start: {start: {}, next: first}
  first: {task: {role: clerk}, next: second}
  second: {task: {approvals: [{role: auditor}]}, next: end}
  end: {end: {}}
"],
    )
    .await;
    let id = world.start("check", "ann").await.id();
    world.complete(id, "first", "ann").await;
    let open = incidents(&world, id).await;
    assert_eq!((open.len(), open[0].code.as_str()), (1, "no_approver"));
    let retry = || Retry::incident(open[0].id);
    world.engine.retry(retry()).await.unwrap();
    let again = incidents(&world, id).await;
    assert_eq!((again.len(), again[0].code.as_str()), (1, "no_approver"));
    directory.put(person("eve", &["auditor"]));
    let retry = Retry::incident(again[0].id);
    world.engine.retry(retry).await.unwrap();
    assert_eq!(incidents(&world, id).await, []);
    let task = world.task(id, "second").await;
    world
        .engine
        .call(Call::approve(task).by("eve"))
        .await
        .unwrap();
    assert_eq!(world.status(id).await, "completed");
}

const CHAIN: &str = "
format: signoff/v1
kind: flow
key: chain
nodes:
  start: {start: {}, next: ask}
  ask:
    task: {}
    actions: {after_complete: [{run: first}, {run: second, on_failure: stop}, {run: third}]}
    next: end
  end: {end: {}}
";

#[tokio::test]
async fn what_stops_the_others_stops_them_until_it_is_tried_again_and_done() {
    let host = Host::default();
    host.broken.store(true, Ordering::Relaxed);
    let named = |name: &'static str, fails: bool| {
        let host = host.clone();
        move |_: ActionCall| {
            let fails = fails && host.broken.load(Ordering::Relaxed);
            host.ran.lock().unwrap().push(name.to_owned());
            async move {
                match fails {
                    true => Err(ActionError::permanent("gone", "never again")),
                    false => Ok(Value::Null),
                }
            }
        }
    };
    let with = |builder: signoff::Builder| {
        let builder = builder.action("first", named("first", true));
        let builder = builder.action("second", named("second", true));
        builder.action("third", named("third", false))
    };
    let world = World::with(with, &[CHAIN]).await;
    let id = world.start("chain", "ann").await.id();
    world.complete(id, "ask", "ann").await;
    world.after(0).await;
    world.after(24 * 3_600).await;
    assert_eq!(
        host.take(),
        ["first", "second"],
        "none of them is tried again"
    );
    let open = incidents(&world, id).await;
    assert_eq!((open.len(), open[0].code.as_str()), (1, "action_failed"));
    let retry = || Retry::incident(open[0].id);
    world.engine.retry(retry()).await.unwrap();
    world.after(0).await;
    assert_eq!(host.take(), ["first", "second"]);
    host.broken.store(false, Ordering::Relaxed);
    world.engine.retry(retry()).await.unwrap();
    world.after(0).await;
    assert_eq!(host.take(), ["first", "second", "third"]);
    assert_eq!(incidents(&world, id).await, []);
}

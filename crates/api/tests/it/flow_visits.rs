//! What is kept of each visit: who, when, how far, and what with.

use std::sync::{Arc, Mutex, OnceLock};

use serde_json::{Value, json};
use signoff::{Call, Clock, Engine, InstanceId, Start, TenantId, VisitView, actions::ActionError};

use crate::world::World;

const PARCEL: &str = "
format: signoff/v1
kind: flow
key: parcel
managers: [role:lead]
data: {type: object, properties: {number: {type: integer, default: 7}}}
nodes:
  start: {start: {}, next: {to: pack, data: {number: number}}}
  pack:
    task: {role: clerk}
    seed: '{\"type\": \"box\", \"id\": instance.seed}'
    artifact: '{\"type\": \"label\", \"id\": [task.seed.id, task.data.number]}'
    next: fork
  fork: {split: [ship, weigh]}
  ship: {job: ship, delay: PT1H, seed: nodes.pack.artifact, retry: {max: 1}, next: met}
  weigh: {task: {user: ann}, next: met}
  met: {join: all, next: rest}
  rest: {timer: {after: P1D}, next: told}
  told: {receive: {message: told}, next: end}
  end: {end: {}}
";

type Seen = Arc<Mutex<Vec<&'static str>>>;
type Place = Arc<OnceLock<(Engine, InstanceId)>>;

async fn views(engine: &Engine, id: InstanceId) -> Vec<VisitView> {
    engine.visit_views(&TenantId::default(), id).await.unwrap()
}

/// The latest visit of a node.
async fn latest(engine: &Engine, id: InstanceId, node: &str) -> VisitView {
    let views = views(engine, id).await;
    let mut of_node = views.into_iter().rev();
    of_node
        .find(|view| view.visit.node.as_str() == node)
        .unwrap()
}

/// The job notes its own status while it runs, and fails at first.
async fn world() -> (World, Place, Seen) {
    let (place, seen) = (Place::default(), Seen::default());
    let (of_job, of_call) = (Arc::clone(&place), Arc::clone(&seen));
    let ship = move |_| {
        let (place, seen) = (Arc::clone(&of_job), Arc::clone(&of_call));
        async move {
            let (engine, id) = place.get().unwrap();
            let status = latest(engine, *id, "ship").await.status();
            let mut seen = seen.lock().unwrap();
            seen.push(status);
            match seen.len() {
                1 => Err(ActionError::permanent("no_van", "there is no van")),
                _ => Ok(Value::Null),
            }
        }
    };
    let world = World::with(|builder| builder.action("ship", ship), &[PARCEL]).await;
    (world, place, seen)
}

async fn call(world: &World, call: Call) {
    world.engine.call(call).await.unwrap();
}

#[tokio::test]
async fn every_status_of_a_visit_is_told() {
    let (world, place, seen) = world().await;
    let start = Start::of("parcel").by("ann").seed("b-1").unwrap();
    let id = world.engine.start(start).await.unwrap().id();
    assert!(place.set((world.engine.clone(), id)).is_ok());
    let status = |node| {
        let view = latest(&world.engine, id, node);
        async move { view.await.status() }
    };
    assert_eq!(status("pack").await, "ready");
    let pack = world.task(id, "pack").await;
    call(&world, Call::claim(pack).by("bob")).await;
    assert_eq!(status("pack").await, "assigned");
    call(&world, Call::start_work(pack).by("bob")).await;
    assert_eq!(status("pack").await, "in_progress");
    call(&world, Call::complete(pack).by("bob")).await;
    assert_eq!(status("pack").await, "completed");
    assert_eq!(status("weigh").await, "assigned");
    call(&world, Call::cancel_task(id, "weigh").by("max")).await;
    assert_eq!(status("weigh").await, "cancelled");
    let cancelled = latest(&world.engine, id, "weigh").await.visit.id;
    call(&world, Call::revive(id, "weigh").by("max")).await;
    assert_eq!(status("weigh").await, "assigned");
    let all = views(&world.engine, id).await;
    let old = all.iter().find(|view| view.visit.id == cancelled).unwrap();
    assert_eq!(old.status(), "revived");
    assert_eq!(status("ship").await, "scheduled");
    world.after(3_600).await;
    assert_eq!(status("ship").await, "failed");
    call(&world, Call::retry(id, "ship").by("max")).await;
    assert_eq!(status("ship").await, "scheduled");
    world.after(3_600).await;
    assert_eq!(status("ship").await, "completed");
    assert_eq!(*seen.lock().unwrap(), ["in_progress", "in_progress"]);
    world.complete(id, "weigh", "ann").await;
    assert_eq!(status("rest").await, "scheduled");
    world.after(24 * 3_600).await;
    assert_eq!(status("rest").await, "completed");
    assert_eq!(status("told").await, "waiting");
}

#[tokio::test]
async fn a_visit_keeps_its_node_kind_moments_people_rights_token_job_and_what_it_was_about() {
    let (world, place, _) = world().await;
    let start = Start::of("parcel").by("ann").seed("b-1").unwrap();
    let id = world.engine.start(start).await.unwrap().id();
    assert!(place.set((world.engine.clone(), id)).is_ok());
    let began = world.clock.now();
    let after = |seconds| began + jiff::SignedDuration::from_secs(seconds);
    let pack = world.task(id, "pack").await;
    for (seconds, next) in [
        (10, Call::claim(pack).by("bob")),
        (20, Call::start_work(pack).by("bob")),
        (30, Call::complete(pack).by("bob")),
    ] {
        world.clock.set(after(seconds));
        call(&world, next).await;
    }
    let view = latest(&world.engine, id, "pack").await;
    let (visit, task) = (&view.visit, &view.tasks[0]);
    assert_eq!((visit.node.as_str(), view.kind), ("pack", Some("task")));
    assert_eq!((visit.entered_at, visit.left_at), (began, Some(after(30))));
    assert_eq!(
        (task.opened_at, task.assigned_at, task.started_at),
        (began, Some(after(10)), Some(after(20)))
    );
    assert_eq!(task.assignee, Some("bob".into()));
    assert_eq!(task.candidates, ["role:clerk".parse().unwrap()]);
    assert_eq!(
        (visit.scope, visit.job, visit.scheduled_at),
        (None, None, None)
    );
    assert_eq!(visit.data.as_deref(), Some(&json!({"number": 7})));
    let seed = json!({"type": "box", "id": "b-1"});
    assert_eq!(visit.seed.as_deref(), Some(&seed));
    let label = json!({"type": "label", "id": ["b-1", 7]});
    assert_eq!(visit.artifact.as_deref(), Some(&label));

    let fork = latest(&world.engine, id, "fork").await.visit.id;
    let ship = latest(&world.engine, id, "ship").await;
    assert_eq!(ship.kind, Some("job"));
    assert_eq!(ship.visit.scheduled_at, Some(after(3_630)));
    assert_eq!(ship.visit.seed.as_deref(), Some(&label));
    assert_eq!(ship.visit.before, [fork]);
    let jobs = world.engine.store().jobs_of(&world.tenant, id).await;
    let jobs: Vec<_> = jobs.unwrap().into_iter().map(|job| job.job.id).collect();
    assert_eq!(ship.visit.job.map(|job| vec![job]), Some(jobs));
    let weigh = latest(&world.engine, id, "weigh").await;
    assert!(weigh.visit.scope.is_some());
    assert_eq!(weigh.visit.scope, ship.visit.scope, "branches of one split");
    world.after(3_600).await;
    let failed = latest(&world.engine, id, "ship").await;
    assert_eq!(failed.visit.scheduled_at, Some(after(3_630)), "it stays");
}

//! Workers that sleep longer than their jobs are theirs: what they finish late changes nothing.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use signoff::{
    Call, Clock, Engine, Start, TenantId, VirtualClock, actions::ActionError, store::Store,
};
use signoff_tests::{builder, person, publish};
use tokio::sync::Notify;

use crate::{picture::Picture, stores};

const JOB: &str = "
format: signoff/v1
kind: flow
key: busy
nodes:
  start: {start: {}, next: work}
  work: {job: work, into: result, retry: {max: 3, backoff: PT1M}, next: check}
  check: {task: {user: ann}, next: end}
  end: {end: {}}
";
const ACTION: &str = "
format: signoff/v1
kind: approval
key: busy
actions: {on_workflow_start: [{run: work}]}
approvals: [{user: ann}]
";

/// A worker's engine; its work says that it began, and ends as told when it may go on.
fn engine(
    store: &Arc<dyn Store>,
    clock: &Arc<VirtualClock>,
    work: impl Fn() -> WorkOf + Send + Sync + 'static,
) -> Engine {
    builder(Arc::clone(store), vec![person("ann", &[])])
        .clock(Arc::clone(clock) as Arc<dyn Clock>)
        .action("work", move |_call| work())
        .build()
        .unwrap()
}

type WorkOf =
    std::pin::Pin<Box<dyn Future<Output = Result<serde_json::Value, ActionError>> + Send>>;

async fn check(definition: &'static str, late: fn() -> Result<serde_json::Value, ActionError>) {
    for opened in stores::every().await {
        let name = opened.name;
        let clock = Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH));
        let (begun, wakes) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let sleeper = {
            let (begun, wakes) = (Arc::clone(&begun), Arc::clone(&wakes));
            engine(&opened.store, &clock, move || {
                let (begun, wakes) = (Arc::clone(&begun), Arc::clone(&wakes));
                Box::pin(async move {
                    begun.notify_one();
                    wakes.notified().await;
                    late()
                })
            })
        };
        let ran = Arc::new(AtomicU32::new(0));
        let other = {
            let ran = Arc::clone(&ran);
            engine(&opened.store, &clock, move || {
                ran.fetch_add(1, Ordering::SeqCst);
                Box::pin(async { Ok(json!("in time")) })
            })
        };
        publish(&other, definition).await;
        let id = other.start(Start::of("busy").by("ann")).await.unwrap().id();
        let asleep = tokio::spawn({
            let sleeper = sleeper.clone();
            async move { sleeper.tick().await }
        });
        begun.notified().await;
        assert_eq!(other.tick().await.unwrap(), 0, "{name}: it is claimed");
        clock.set(clock.now() + SignedDuration::from_secs(61));
        assert_eq!(other.tick().await.unwrap(), 1, "{name}: it came back");
        let tenant = TenantId::default();
        let before = Picture::of(&other, &tenant, &["ann"]).await.plain(true);
        wakes.notify_one();
        asleep.await.unwrap().unwrap();
        let after = Picture::of(&other, &tenant, &["ann"]).await.plain(true);
        assert_eq!(after, before, "{name}: the late one");
        assert_eq!(ran.load(Ordering::SeqCst), 1, "{name}");
        assert_eq!(other.next_due().await.unwrap(), None, "{name}");
        let view = other.instance(&tenant, id).await.unwrap().unwrap();
        let task = view.instance.tasks().next().unwrap().id;
        let call = if definition == JOB {
            Call::complete(task)
        } else {
            Call::approve(task)
        };
        let done = other.call(call.by("ann")).await.unwrap();
        assert_eq!(done.instance.status().as_str(), "completed", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_finishes_a_job_late_changes_nothing() {
    check(JOB, || Ok(json!("late"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_job_fails_late_changes_nothing() {
    check(JOB, || Err(ActionError::transient("busy", "late"))).await;
    check(JOB, || Err(ActionError::permanent("broken", "late"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_finishes_an_action_late_changes_nothing() {
    check(ACTION, || Ok(json!(null))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_action_fails_late_changes_nothing() {
    check(ACTION, || Err(ActionError::transient("busy", "late"))).await;
    check(ACTION, || Err(ActionError::permanent("broken", "late"))).await;
}

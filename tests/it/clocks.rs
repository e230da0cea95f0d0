//! Machines whose clocks differ by minutes work on one database.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::json;
use signoff::{Engine, Start, TenantId, store::Store};
use signoff_tests::{Wrong, builder, person, publish};
use tokio::sync::Notify;

use crate::stores;

const BUSY: &str = "
format: signoff/v1
kind: flow
key: busy
nodes:
  start: {start: {}, next: work}
  work: {job: work, next: rest}
  rest: {timer: {after: PT5M}, next: end}
  end: {end: {}}
";

/// An engine on a machine whose clock is so many minutes ahead. Its work says that it began, and ends
/// when it may.
fn engine(store: &Arc<dyn Store>, ahead: i64, begun: &Arc<Notify>, may: &Arc<Notify>) -> Engine {
    let (begun, may) = (Arc::clone(begun), Arc::clone(may));
    builder(Arc::clone(store), vec![person("ann", &[])])
        .clock(Arc::new(Wrong(SignedDuration::from_mins(ahead))))
        .action("work", move |_call| {
            let (begun, may) = (Arc::clone(&begun), Arc::clone(&may));
            async move {
                begun.notify_one();
                may.notified().await;
                Ok(json!("done"))
            }
        })
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn engines_whose_clocks_differ_take_no_claim_from_each_other() {
    for opened in stores::every().await {
        let (name, store) = (opened.name, &opened.store);
        if store.now().await.unwrap().is_none() {
            continue;
        }
        let (begun, may) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        // By their own clocks each would take the claims of the other way round for over.
        for (one, other) in [(0, 10), (-10, 0), (10, -10)] {
            let one = engine(store, one, &begun, &may);
            let other = engine(store, other, &begun, &may);
            one.align_clock().await.unwrap();
            publish(&one, BUSY).await;
            let started = one.start(Start::of("busy").by("ann")).await.unwrap();
            let at_work = tokio::spawn({
                let one = one.clone();
                async move { one.tick().await }
            });
            begun.notified().await;
            assert_eq!(other.tick().await.unwrap(), 0, "{name}: it is claimed");
            let tenant = TenantId::default();
            let jobs = store.jobs_of(&tenant, started.id()).await.unwrap();
            let there = store.now().await.unwrap().unwrap();
            let lease = jobs[0].leased_until.unwrap().duration_since(there);
            assert!(
                (30..=61).contains(&lease.as_secs()),
                "{name}: a claim of a minute, not of {lease}"
            );
            may.notify_one();
            assert_eq!(at_work.await.unwrap().unwrap(), 1, "{name}");
            assert_eq!(other.tick().await.unwrap(), 0, "{name}: it is early");
            let jobs = store.jobs_of(&tenant, started.id()).await.unwrap();
            let there = store.now().await.unwrap().unwrap();
            let wait = jobs[0].job.due_at.duration_since(there);
            assert!(
                (270..=301).contains(&wait.as_secs()),
                "{name}: a timer of five minutes, not of {wait}"
            );
        }
    }
}

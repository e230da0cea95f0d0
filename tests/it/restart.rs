//! Stopped and started again: everything is still there.

use std::sync::Arc;

use jiff::Timestamp;
use signoff::{
    Call, Clock, Start, TenantId, VirtualClock, actions::mail::MemoryMailer, sqlx::SqliteStore,
};
use signoff_tests::{builder, person, publish};

const DEFINITION: &str = "
format: signoff/v1
kind: approval
key: leave
defaults: {due: P1D}
approvals: [{user: max}, {user: eva}]
";

#[tokio::test]
async fn an_instance_goes_on_in_another_process_and_its_timers_fire() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signoff.db");
    let people = || vec![person("ann", &[]), person("max", &[]), person("eva", &[])];
    let clock = Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH));
    let started = {
        let store = SqliteStore::open(&path).await.unwrap();
        let engine = builder(Arc::new(store), people())
            .clock(Arc::clone(&clock) as Arc<dyn Clock>)
            .build()
            .unwrap();
        publish(&engine, DEFINITION).await;
        let started = engine.start(Start::of("leave").by("ann")).await.unwrap();
        engine
            .call(Call::approve(started.opened[0]).by("max"))
            .await
            .unwrap()
    };

    let store = SqliteStore::open(&path).await.unwrap();
    let mailer = Arc::new(MemoryMailer::new());
    let engine = builder(Arc::new(store), people())
        .clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .shared_mailer(Arc::clone(&mailer) as Arc<dyn signoff::actions::mail::Mailer>)
        .build()
        .unwrap();
    let view = engine
        .instance(&TenantId::default(), started.id())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(view.instance, started.instance);
    let due = engine.next_due().await.unwrap().unwrap();
    clock.set(due);
    engine.tick().await.unwrap();
    let sent = mailer.take();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].to.address.as_str(), sent[0].template.as_str()),
        ("eva@example.com", "overdue")
    );
    let done = engine
        .call(Call::approve(started.opened[0]).by("eva"))
        .await
        .unwrap();
    assert_eq!(done.instance.status().as_str(), "completed");
}

const FLOW: &str = "
format: signoff/v1
kind: flow
key: nap
nodes:
  start: {start: {}, next: fork}
  fork: {split: [sleep, until, watch]}
  sleep: {timer: {after: PT1H}, next: woken}
  until: {timer: {at: \"1970-01-01T02:00:00Z\"}, next: risen}
  watch:
    task: {user: ann}
    on_timeout: {after: PT3H, next: relieved}
    next: end
  woken: {task: {user: ann}, next: end}
  risen: {task: {user: ann}, next: end}
  relieved: {task: {user: max}, next: end}
  end: {end: {}}
";

#[tokio::test]
async fn timers_of_a_flow_fire_in_a_process_that_did_not_set_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signoff.db");
    let people = || vec![person("ann", &[]), person("max", &[])];
    let clock = Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH));
    let id = {
        let store = SqliteStore::open(&path).await.unwrap();
        let engine = builder(Arc::new(store), people())
            .clock(Arc::clone(&clock) as Arc<dyn Clock>)
            .build()
            .unwrap();
        publish(&engine, FLOW).await;
        engine.start(Start::of("nap").by("ann")).await.unwrap().id()
    };
    for (hour, expected) in [
        (1, ["until", "watch", "woken"]),
        (2, ["risen", "watch", "woken"]),
        (3, ["relieved", "risen", "woken"]),
    ] {
        let store = SqliteStore::open(&path).await.unwrap();
        let engine = builder(Arc::new(store), people())
            .clock(Arc::clone(&clock) as Arc<dyn Clock>)
            .build()
            .unwrap();
        let due = engine.next_due().await.unwrap().unwrap();
        assert_eq!(due, Timestamp::from_second(hour * 3_600).unwrap());
        clock.set(due);
        engine.tick().await.unwrap();
        let view = engine.instance(&TenantId::default(), id).await.unwrap();
        let instance = view.unwrap().instance;
        let live = instance.activations().filter(|found| found.is_live());
        let mut at: Vec<&str> = live.map(|found| found.node.as_str()).collect();
        at.sort_unstable();
        assert_eq!(at, expected);
    }
}

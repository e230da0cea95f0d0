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

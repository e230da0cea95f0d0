//! Mail from a decision to a real SMTP server.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use signoff::{
    Call, Clock, Engine, Start, TenantId, VirtualClock,
    actions::mail::{Address, SmtpMailer},
    store::{IncidentFilter, MemoryStore, PageRequest},
};
use signoff_tests::{builder, person, publish};

use crate::smtp_sink::{Answers, SmtpSink};

const DEFINITION: &str =
    "{format: signoff/v1, kind: approval, key: leave, approvals: [{user: max}]}";

struct World {
    engine: Engine,
    clock: Arc<VirtualClock>,
    sink: SmtpSink,
}

impl World {
    async fn new(answers: Answers) -> Self {
        let sink = SmtpSink::start(answers).await;
        let clock = Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH));
        let mailer = SmtpMailer::new(&sink.url(), &Address::new("signoff@example.com")).unwrap();
        let engine = builder(
            Arc::new(MemoryStore::default()),
            vec![person("ann", &[]), person("max", &[])],
        )
        .clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .mailer(mailer)
        .base_url("https://example.com")
        .build()
        .unwrap();
        publish(&engine, DEFINITION).await;
        Self {
            engine,
            clock,
            sink,
        }
    }

    async fn decide(&self) {
        let started = self
            .engine
            .start(Start::of("leave").by("ann"))
            .await
            .unwrap();
        self.engine
            .call(Call::approve(started.opened[0]).by("max"))
            .await
            .unwrap();
    }

    async fn incidents(&self) -> Vec<String> {
        let page = PageRequest::default();
        let found = self
            .engine
            .store()
            .incidents(&TenantId::default(), &IncidentFilter::default(), &page)
            .await;
        found
            .unwrap()
            .items
            .into_iter()
            .map(|incident| incident.code)
            .collect()
    }
}

#[tokio::test]
async fn an_approval_reaches_the_requester_by_smtp_once() {
    let world = World::new(&[]).await;
    world.decide().await;
    assert!(
        world.sink.delivered().is_empty(),
        "mail leaves by the worker, not in the command"
    );
    world.engine.tick().await.unwrap();
    world.engine.tick().await.unwrap();
    let delivered = world.sink.delivered();
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0].to, ["ann@example.com"]);
    assert!(delivered[0].data.contains("X-Signoff-Template: approved"));
}

#[tokio::test]
async fn a_server_that_is_busy_is_tried_again_and_gives_an_incident_at_last() {
    let world = World::new(&[("RCPT", "451 try again later")]).await;
    world.decide().await;
    world.engine.tick().await.unwrap();
    assert_eq!(world.incidents().await, [""; 0]);
    let mut waits = Vec::new();
    while let Some(due) = world.engine.next_due().await.unwrap() {
        waits.push(due.duration_since(world.clock.now()));
        world.clock.set(due);
        world.engine.tick().await.unwrap();
    }
    let minutes = [1, 2, 4, 8].map(SignedDuration::from_mins);
    assert_eq!(waits, minutes);
    assert_eq!(world.incidents().await, ["action_failed"]);
    assert!(world.sink.delivered().is_empty());
}

#[tokio::test]
async fn a_server_that_says_no_for_good_is_not_asked_again() {
    let world = World::new(&[("RCPT", "550 no such person")]).await;
    world.decide().await;
    world.engine.tick().await.unwrap();
    assert_eq!(world.engine.next_due().await.unwrap(), None);
    assert_eq!(world.incidents().await, ["action_failed"]);
}

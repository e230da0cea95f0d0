//! Messages and signals on every store: each message exactly once, each signal to all who wait.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use signoff::{
    Call, Message, NotDone, RefusalCode, Sent, Signal, Start, TenantId,
    core::change::{MessageRow, SubscriptionKind::Message as ForMessage},
    store::{InstanceFilter, Lease},
};
use tokio::task::JoinSet;

use crate::world::{World, refused, worlds};

const PARCEL: &str = "
format: signoff/v1
kind: flow
key: parcel
managers: [role:lead]
nodes:
  start: {start: {}, next: wait_scan}
  wait_scan: {receive: {message: scanned, key: number}, into: scan, next: end}
  end: {end: {}}
";

const ORDER: &str = "
format: signoff/v1
kind: flow
key: order
data: {type: object, required: [item], properties: {item: {type: string}}}
nodes:
  start: {start: {message: ordered}, next: pack}
  pack: {task: {user: bob}, next: end}
  end: {end: {}}
";

fn scanned(key: &str) -> Message {
    Message::new("scanned").key(key)
}

async fn parcels() -> Vec<World> {
    worlds(&[PARCEL], |builder| builder).await
}

#[tokio::test]
async fn a_message_is_taken_by_who_waits_before_or_after_it_was_sent() {
    for world in parcels().await {
        let early = world.start("parcel", json!({"number": "1"})).await;
        let sent = world.engine.send(scanned("1")).await.unwrap();
        assert_eq!(sent, Sent::Delivered(early), "{}", world.name());
        assert_eq!(world.status(early).await, "completed");

        assert_eq!(world.engine.send(scanned("2")).await.unwrap(), Sent::Kept);
        let late = world.start("parcel", json!({"number": "2"})).await;
        assert_eq!(world.status(late).await, "completed", "{}", world.name());
        assert_eq!(world.waiting(ForMessage, "scanned").await, 0);
        world.has_no_jobs().await;
    }
}

#[tokio::test]
async fn a_message_of_one_id_is_delivered_once_however_often_it_is_sent() {
    for world in parcels().await {
        let send = || world.engine.send(scanned("1").id("m"));
        assert_eq!(send().await.unwrap(), Sent::Kept);
        assert_eq!(send().await.unwrap(), Sent::Kept);
        let first = world.start("parcel", json!({"number": "1"})).await;
        let second = world.start("parcel", json!({"number": "1"})).await;
        assert_eq!(send().await.unwrap(), Sent::Duplicate, "{}", world.name());
        assert_eq!(world.status(first).await, "completed", "{}", world.name());
        assert_eq!(world.status(second).await, "running", "{}", world.name());
    }
}

#[tokio::test]
async fn a_key_is_any_text_up_to_its_limit() {
    for world in parcels().await {
        for key in ["طرد رقم ٧", &"k".repeat(1_000)] {
            let id = world.start("parcel", json!({"number": key})).await;
            let sent = world.engine.send(scanned(key)).await.unwrap();
            assert_eq!(sent, Sent::Delivered(id), "{}", world.name());
        }
        let sent = world.engine.send(scanned(&"k".repeat(1_001))).await;
        assert_eq!(refused(sent), "limit_exceeded");
        let payload = json!({"text": "x".repeat(300 * 1024)});
        let large = scanned("1").id("large").payload(&payload).unwrap();
        assert_eq!(refused(world.engine.send(large).await), "limit_exceeded");
        assert_eq!(world.is_consumed("large").await, None, "{}", world.name());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_who_send_and_ten_who_wait_meet_one_by_one() {
    for world in parcels().await {
        let mut calls = JoinSet::new();
        for n in 0..10 {
            let engine = world.engine.clone();
            calls.spawn(async move {
                let payload = json!({"n": n});
                let message = scanned("1").payload(&payload).unwrap();
                engine.send(message).await.unwrap();
            });
            let engine = world.engine.clone();
            calls.spawn(async move {
                let data = json!({"number": "1"});
                let start = Start::of("parcel").data(&data).unwrap();
                engine.start(start).await.unwrap();
                engine.tick().await.unwrap();
            });
        }
        calls.join_all().await;
        world.engine.tick().await.unwrap();
        assert_eq!(
            world.count("parcel", "completed").await,
            10,
            "{}",
            world.name()
        );
        let mut scans = Vec::new();
        for row in world.instances(&InstanceFilter::default()).await {
            let data = world.view(row.id).await.instance.data().clone();
            scans.push(data["scan"]["n"].as_u64().unwrap());
        }
        scans.sort_unstable();
        assert_eq!(scans, (0..10).collect::<Vec<u64>>(), "{}", world.name());
        world.has_no_jobs().await;
    }
}

#[tokio::test]
async fn a_message_whose_sender_died_is_delivered_when_it_is_sent_again() {
    for world in parcels().await {
        let id = world.start("parcel", json!({"number": "1"})).await;
        let row = MessageRow {
            tenant: TenantId::default(),
            id: "m".into(),
            name: "scanned".to_owned(),
            key: "1".to_owned(),
            payload: "1".to_owned(),
            sent_at: Timestamp::UNIX_EPOCH,
            expires_at: None,
        };
        assert!(world.store().message_add(&row).await.unwrap());
        assert_eq!(world.status(id).await, "running");
        let again = scanned("1").id("m").payload(&2).unwrap();
        let sent = world.engine.send(again).await.unwrap();
        assert_eq!(sent, Sent::Delivered(id), "{}", world.name());
        let data = world.view(id).await.instance.data().clone();
        assert_eq!(data["scan"], 1, "the first one counts");
    }
}

#[tokio::test]
async fn a_message_that_has_expired_reaches_nobody() {
    for world in parcels().await {
        let soon = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(1);
        let message = scanned("1").id("m").expires_at(soon);
        assert_eq!(world.engine.send(message).await.unwrap(), Sent::Kept);
        world.pass(SignedDuration::from_mins(1));
        let id = world.start("parcel", json!({"number": "1"})).await;
        assert_eq!(world.status(id).await, "running", "{}", world.name());
        let again = scanned("1").id("m").expires_at(soon);
        assert_eq!(world.engine.send(again).await.unwrap(), Sent::Kept);
        assert_eq!(world.status(id).await, "running", "{}", world.name());
    }
}

#[tokio::test]
async fn who_manages_nothing_sends_nothing_and_leaves_nothing() {
    for world in parcels().await {
        let id = world.start("parcel", json!({"number": "1"})).await;
        for person in ["eve", "nobody"] {
            let sent = world.engine.send(scanned("1").id("m").by(person)).await;
            assert_eq!(refused(sent), "not_permitted", "{}", world.name());
        }
        assert_eq!(world.is_consumed("m").await, None, "{}", world.name());
        let other = world.start("parcel", json!({"number": "1"})).await;
        assert_eq!(world.status(other).await, "running", "{}", world.name());
        let sent = world.engine.send(scanned("1").by("max")).await.unwrap();
        assert_eq!(sent, Sent::Delivered(id), "{}", world.name());
        assert_eq!(
            refused(world.engine.send(scanned("9").by("max")).await),
            "not_permitted"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_begins_a_workflow_begins_it_once() {
    for world in worlds(&[ORDER], |builder| builder).await {
        let mut calls = JoinSet::new();
        for _ in 0..8 {
            let engine = world.engine.clone();
            calls.spawn(async move {
                let payload = json!({"item": "chair"});
                let message = Message::new("ordered").id("o").payload(&payload).unwrap();
                engine.send(message).await.unwrap()
            });
        }
        let sent = calls.join_all().await;
        let begun = sent
            .iter()
            .filter(|sent| matches!(sent, Sent::Delivered(_)));
        assert_eq!(begun.count(), 1, "{}: {sent:?}", world.name());
        assert_eq!(world.count("order", "running").await, 1, "{}", world.name());
    }
}

#[tokio::test]
async fn a_message_that_a_workflow_refuses_is_kept_and_can_be_sent_again() {
    for world in worlds(&[ORDER], |builder| builder).await {
        let message = || Message::new("ordered").id("o");
        assert_eq!(refused(world.engine.send(message()).await), "form_invalid");
        assert_eq!(refused(world.engine.send(message()).await), "form_invalid");
        assert_eq!(
            world.is_consumed("o").await,
            Some(false),
            "{}",
            world.name()
        );
        let easier = ORDER.replace("required: [item], ", "");
        signoff_tests::publish(&world.engine, &easier).await;
        let sent = world.engine.send(message()).await.unwrap();
        assert!(matches!(sent, Sent::Delivered(_)), "{}", world.name());
        assert_eq!(world.engine.send(message()).await.unwrap(), Sent::Duplicate);
    }
}

#[tokio::test]
async fn what_is_received_in_a_transaction_that_rolls_back_was_not_received() {
    let code = PARCEL.replace("{message: scanned, key: number}", "{code: true}");
    for world in worlds(&[&code], |builder| builder).await {
        let id = world.start("parcel", json!({})).await;
        {
            let mut tx = world.store().begin(&TenantId::default()).await.unwrap();
            let mut within = world.engine.within(&mut *tx);
            let call = Call::receive(id, "wait_scan").form(json!({"n": 1}));
            let done = within.call(call).await.unwrap();
            assert_eq!(done.instance.status().as_str(), "completed");
        }
        assert_eq!(world.status(id).await, "running", "{}", world.name());
        assert_eq!(world.view(id).await.instance.data().get("scan"), None);
        world.is_consistent(id).await;
    }
}

const CHORUS: &str = "
format: signoff/v1
kind: flow
key: chorus
managers: [role:lead]
nodes:
  start: {start: {}, next: listen}
  listen: {signal: {catch: sing}, next: again}
  again: {signal: {catch: sing}, next: end}
  end: {end: {}}
";
const SOLO: &str = "
format: signoff/v1
kind: flow
key: solo
nodes:
  by_hand: {start: {}, next: listen}
  by_signal: {start: {signal: sing}, next: rest}
  listen: {signal: {catch: sing}, next: end}
  rest: {task: {user: bob}, next: end}
  end: {end: {}}
";

#[tokio::test]
async fn a_signal_is_heard_by_all_who_wait_in_every_workflow_and_counted() {
    for world in worlds(&[CHORUS, SOLO], |builder| builder).await {
        let first = world.start("chorus", json!({})).await;
        let second = world.start("chorus", json!({})).await;
        let solo = Start::of("solo").at("by_hand");
        world.engine.start(solo).await.unwrap();
        let heard = world
            .engine
            .signal(Signal::new("sing").by("max"))
            .await
            .unwrap();
        assert_eq!(heard, 2, "max leads the chorus only: {}", world.name());
        assert_eq!(
            world.at(first).await,
            ["again"],
            "once by each: {}",
            world.name()
        );
        let heard = world.engine.signal(Signal::new("sing")).await.unwrap();
        assert_eq!(heard, 4, "and one begins: {}", world.name());
        assert_eq!(world.status(second).await, "completed", "{}", world.name());
        assert_eq!(world.count("solo", "running").await, 1, "{}", world.name());
        assert_eq!(world.engine.signal(Signal::new("hush")).await.unwrap(), 0);
    }
}

const CALLER: &str = "
format: signoff/v1
kind: flow
key: caller
nodes:
  start: {start: {}, next: shout}
  shout: {signal: {throw: sing}, next: end}
  end: {end: {}}
";

#[tokio::test]
async fn a_thrown_signal_that_is_told_twice_is_heard_once() {
    for world in worlds(&[CHORUS, SOLO, CALLER], |builder| builder).await {
        let chorus = world.start("chorus", json!({})).await;
        world.engine.start(Start::of("caller")).await.unwrap();
        // A worker tells it, and dies before it can say so: its lease runs out.
        let now = world.engine.clock().now();
        let lease = Lease {
            tenant: None,
            behind: None,
            now,
            until: now + SignedDuration::from_secs(60),
            limit: 16,
        };
        let claimed = world.store().claim(lease).await.unwrap();
        assert_eq!(claimed.len(), 1, "{}", world.name());
        let job = &claimed[0];
        world.pass(SignedDuration::from_mins(1));
        world.engine.tick().await.unwrap();
        assert_eq!(world.at(chorus).await, ["again"], "{}", world.name());
        assert_eq!(world.count("solo", "running").await, 1, "{}", world.name());
        let late = world.store().finish(&job.job.tenant, job.job.id, job.token);
        assert!(!late.await.unwrap(), "the token is spent: {}", world.name());
        world.has_no_jobs().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_race_of_a_sender_is_no_error() {
    for world in parcels().await {
        let id = world.start("parcel", json!({"number": "1"})).await;
        let mut calls = JoinSet::new();
        for _ in 0..8 {
            let engine = world.engine.clone();
            calls.spawn(async move { engine.send(scanned("1")).await });
        }
        let sent = calls.join_all().await;
        let code = |sent: &Result<Sent, NotDone>| match sent {
            Ok(_) => None,
            Err(NotDone::Refused(refusal)) => Some(refusal.code),
            Err(NotDone::Failed(error)) => panic!("{error}"),
        };
        let refusals: Vec<RefusalCode> = sent.iter().filter_map(code).collect();
        assert_eq!(refusals, [], "{}", world.name());
        let took = sent
            .iter()
            .filter(|sent| matches!(sent, Ok(Sent::Delivered(_))));
        assert_eq!(took.count(), 1, "{}: {sent:?}", world.name());
        world.is_consistent(id).await;
    }
}

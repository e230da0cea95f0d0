//! Flows when many act at once: branches that come to one join, timers with several dispatchers.

use std::sync::Arc;

use jiff::Timestamp;
use signoff::{Call, Clock, Start, TenantId, VirtualClock};
use signoff_tests::{builder, person, publish};
use tokio::task::JoinSet;

use crate::stores;

const MANY: usize = 12;

const MEET: &str = "
format: signoff/v1
kind: flow
key: meet
data: {type: object, required: [people], properties: {people: {type: array, items: {type: string}}}}
nodes:
  start: {start: {form: [people]}, next: ask}
  ask: {split: [{to: answer, for_each: people, as: who}]}
  answer: {task: {from: who}, next: met}
  met: {join: all, next: count}
  count: {task: {user: p00}, next: end}
  end: {end: {}}
";

#[tokio::test(flavor = "multi_thread")]
async fn branches_that_come_to_a_join_at_once_go_on_as_one() {
    for opened in stores::every().await {
        let names: Vec<String> = (0..MANY).map(|n| format!("p{n:02}")).collect();
        let people = names.iter().map(|name| person(name, &[])).collect();
        let engine = builder(opened.store, people).build().unwrap();
        publish(&engine, MEET).await;
        let start = Start::of("meet").data(&serde_json::json!({"people": names}));
        let started = engine.start(start.unwrap()).await.unwrap();
        let mut calls = JoinSet::new();
        for task in started.instance.tasks() {
            let (engine, task, by) = (engine.clone(), task.id, task.assignee.clone().unwrap());
            calls.spawn(async move { engine.call(Call::complete(task).by(by)).await });
        }
        for result in calls.join_all().await {
            result.unwrap_or_else(|not_done| panic!("{}: {not_done}", opened.name));
        }
        let view = engine.instance(&TenantId::default(), started.id()).await;
        let open: Vec<String> = view
            .unwrap()
            .unwrap()
            .instance
            .tasks()
            .map(|task| task.node.to_string())
            .collect();
        assert_eq!(open, ["count"], "{}", opened.name);
    }
}

const RUNNERS: &str = r#"
format: signoff/v1
kind: flow
key: runners
data: {type: object, properties: {order: {type: array, items: {type: string}, default: []}}}
nodes:
  start: {start: {}, next: fork}
  fork: {split: [slow, fast, middle]}
  slow: {timer: {after: PT3H}, next: slow_in}
  fast: {timer: {after: PT1H}, next: fast_in}
  middle: {timer: {after: PT2H}, next: middle_in}
  slow_in: {set: {order: 'order + ["slow"]'}, next: over}
  fast_in: {set: {order: 'order + ["fast"]'}, next: over}
  middle_in: {set: {order: 'order + ["middle"]'}, next: over}
  over: {join: all, next: end}
  end: {end: {}}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn late_timers_fire_once_and_in_order_however_many_dispatch() {
    for opened in stores::every().await {
        let clock = Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH));
        let engines: Vec<_> = (0..4)
            .map(|_| {
                builder(Arc::clone(&opened.store), Vec::new())
                    .clock(Arc::clone(&clock) as Arc<dyn Clock>)
                    .build()
                    .unwrap()
            })
            .collect();
        publish(&engines[0], RUNNERS).await;
        let mut ids = Vec::new();
        for _ in 0..MANY {
            ids.push(engines[0].start(Start::of("runners")).await.unwrap().id());
        }
        clock.set("1970-01-02T00:00:00Z".parse().unwrap());
        while engines[0].next_due().await.unwrap().is_some() {
            let mut dispatchers = JoinSet::new();
            for engine in &engines {
                let engine = engine.clone();
                dispatchers.spawn(async move { engine.tick().await.unwrap() });
            }
            let _ran = dispatchers.join_all().await;
            // What one of them had to put off is due again.
            let now = clock.now();
            clock.set(now + jiff::SignedDuration::from_mins(2));
        }
        for id in ids {
            let tenant = TenantId::default();
            let view = engines[1].instance(&tenant, id).await.unwrap().unwrap();
            let order = &view.instance.data()["order"];
            assert_eq!(
                *order,
                serde_json::json!(["fast", "middle", "slow"]),
                "{}",
                opened.name
            );
            assert_eq!(
                view.instance.status().as_str(),
                "completed",
                "{}",
                opened.name
            );
            let history = engines[1].history(&tenant, id).await.unwrap();
            let events = history.iter().flat_map(|entry| &entry.events);
            let fired = events.filter(|event| event.name() == "timer_fired").count();
            assert_eq!(fired, 3, "{}", opened.name);
        }
    }
}

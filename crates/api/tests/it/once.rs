//! Requests with a name are done once.

use std::{slice, sync::Arc, time::Duration};

use serde_json::json;
use signoff::{
    Call, Done, Engine, NotDone, Once, Start,
    store::{InstanceFilter, PageRequest},
};

use crate::{
    counted::{Counted, Fault},
    world::{World, people},
};

const CLAIM: &str = "
format: signoff/v1
kind: flow
key: claim
data: {type: object, properties: {amount: {type: integer}}}
nodes:
  start: {start: {}, next: book}
  book: {function: book, next: check}
  check: {task: {}, next: pay}
  pay: {task: {}, next: end}
  end: {end: {}}
";

async fn world() -> (World, Arc<std::sync::atomic::AtomicUsize>) {
    let booked = Arc::<std::sync::atomic::AtomicUsize>::default();
    let seen = Arc::clone(&booked);
    let book = move |_| {
        seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async { Ok(json!({})) }
    };
    let world = World::with(|builder| builder.function("book", book), &[CLAIM]).await;
    (world, booked)
}

async fn instances(engine: &Engine) -> usize {
    let (all, page) = (InstanceFilter::default(), PageRequest::default());
    let found = engine
        .store()
        .instances(&"default".into(), &all, &page)
        .await;
    found.unwrap().items.len()
}

fn start(amount: u32) -> Start {
    let data = json!({"amount": amount});
    let once = Once::new(["ann", "claims", "k1"], data.to_string());
    Start::of("claim").by("ann").data(&data).unwrap().once(once)
}

#[track_caller]
fn same(one: &Done, other: &Done) {
    assert_eq!(one.id(), other.id());
    assert_eq!(one.opened, other.opened);
    assert_eq!(one.events, other.events);
    assert_eq!(one.notices, other.notices);
}

fn code(done: Result<Done, NotDone>) -> &'static str {
    done.unwrap_err().code()
}

#[tokio::test]
async fn a_start_that_is_sent_again_starts_nothing_and_gets_the_answer() {
    let (world, booked) = world().await;
    let first = world.engine.start(start(5)).await.unwrap();
    let again = world.engine.start(start(5)).await.unwrap();
    same(&first, &again);
    assert_eq!(first.events[0], "instance_started");
    assert_eq!(instances(&world.engine).await, 1);
    assert_eq!(booked.load(std::sync::atomic::Ordering::SeqCst), 1);
    // It asks something else under the same name.
    assert_eq!(code(world.engine.start(start(6)).await), "request_reused");
    // Another tenant knows nothing of it.
    let elsewhere = start(6).tenant("elsewhere");
    assert_eq!(code(world.engine.start(elsewhere).await), "not_found");
}

#[tokio::test]
async fn a_call_that_is_sent_again_gets_its_answer_though_time_went_on() {
    let (world, _) = world().await;
    let started = world.start("claim", "ann").await;
    let task = started.opened[0];
    let call = |key: &str| Call::complete(task).by("ann").once(Once::new([key], ""));
    let first = world.engine.call(call("k1")).await.unwrap();
    assert_eq!(first.opened.len(), 1);
    world.complete(first.id(), "pay", "ann").await;
    let again = world.engine.call(call("k1")).await.unwrap();
    same(&first, &again);
    assert_eq!(
        again.instance.status().as_str(),
        "completed",
        "as it is now"
    );
    // Under another name it is another request, and the task is closed.
    assert_eq!(code(world.engine.call(call("k2")).await), "not_running");
    // What was refused was not done, and its name is free.
    let start = Start::of("claim").by("ann").once(Once::new(["k2"], ""));
    assert!(world.engine.start(start).await.is_ok());
}

#[tokio::test]
async fn of_twins_sent_at_once_one_is_done_and_both_are_answered() {
    let (world, _) = world().await;
    let started = world.start("claim", "ann").await;
    let say = || {
        let call = Call::comment_instance(started.id()).by("ann").comment("hm");
        let call = call.once(Once::new(["k1"], "hm"));
        world.engine.call(call)
    };
    let (one, two, three) = tokio::join!(say(), say(), say());
    let (one, two, three) = (one.unwrap(), two.unwrap(), three.unwrap());
    same(&one, &two);
    same(&one, &three);
    assert_eq!(two.instance.version(), one.instance.version());
    let twins = [start(5), start(5), start(5)].map(|start| world.engine.start(start));
    let [one, two, three] = twins;
    let (one, two, three) = tokio::join!(one, two, three);
    same(one.as_ref().unwrap(), &two.unwrap());
    same(&one.unwrap(), &three.unwrap());
    assert_eq!(instances(&world.engine).await, 2);
}

#[tokio::test]
async fn a_commit_of_unknown_outcome_is_asked_for_again_by_its_name() {
    let store = Counted::default();
    let engine = Engine::builder()
        .store(store.clone())
        .directory(people())
        .build()
        .unwrap();
    let definition = "{format: signoff/v1, kind: approval, key: leave, approvals: [{user: max}]}";
    engine
        .publish(&"default".into(), &[(definition, signoff::Format::Yaml)])
        .await
        .unwrap();
    let start = || Start::of("leave").by("ann").once(Once::new(["k1"], ""));
    store.fail(Fault::After);
    // All is written, and the engine finds that out by the name.
    let first = engine.start(start()).await.unwrap();
    let again = engine.start(start()).await.unwrap();
    same(&first, &again);
    assert_eq!(instances(&engine).await, 1);
    let approve = || {
        let call = Call::approve(first.opened[0]).by("max");
        engine.call(call.once(Once::new(["k2"], "")))
    };
    store.fail(Fault::Before);
    assert_eq!(approve().await.unwrap_err().code(), "store_failed");
    let done = approve().await.unwrap();
    assert_eq!(done.instance.status().as_str(), "completed");
}

#[tokio::test]
async fn a_name_is_good_for_a_day() {
    let (world, _) = world().await;
    let first = world.engine.start(start(5)).await.unwrap();
    world.engine.tick().await.unwrap();
    for (hours, done_again) in [(23, false), (2, true)] {
        let later = world.engine.clock().now() + Duration::from_secs(hours * 3_600);
        world.clock.set(later);
        world.engine.tick().await.unwrap();
        let again = world.engine.start(start(5)).await.unwrap();
        assert_eq!(again.id() != first.id(), done_again, "after {hours} hours");
    }
}

#[tokio::test]
async fn a_request_in_a_transaction_is_done_once_when_it_commits() {
    let (world, _) = world().await;
    let store = world.engine.store();
    for (commits, expected) in [(false, 0), (true, 1), (true, 1)] {
        let mut tx = store.begin(&"default".into()).await.unwrap();
        let started = world.engine.within(&mut *tx).start(start(5)).await;
        started.unwrap();
        match commits {
            true => tx.finish().await.unwrap(),
            false => drop(tx),
        }
        assert_eq!(instances(&world.engine).await, expected);
    }
}

/// Keeps an action under a name; gives the id of the action and how often it was tried.
async fn add(engine: &Engine, run: &str, name: &Once) -> Result<(String, u64), NotDone> {
    let tenant = "default".into();
    let work = async |attempt: signoff::Attempt| {
        let action = signoff::NewAction::of("leave", "after_approve", json!({"run": run}));
        let id = signoff::core::id::ActionId::new(attempt.id);
        let stored = engine.put_action(&tenant, id, action, None).await?;
        Ok((stored.id.to_string(), attempt.before))
    };
    engine.once(&tenant, name, work).await
}

fn name_of(run: &str) -> Once {
    Once::new(["ann", "actions", "k1"], run)
}

async fn on(store: impl signoff::store::Store + 'static) -> (Engine, Arc<signoff::VirtualClock>) {
    let clock = crate::world::clock();
    let engine = Engine::builder()
        .store(store)
        .directory(people())
        .clock(Arc::clone(&clock) as Arc<dyn signoff::Clock>)
        .action("archive", |_| async { Ok(json!(null)) })
        .action("shred", |_| async { Ok(json!(null)) })
        .build()
        .unwrap();
    let definition = "{format: signoff/v1, kind: approval, key: leave, approvals: [{user: max}]}";
    let sources = [(definition, signoff::Format::Yaml)];
    engine.publish(&"default".into(), &sources).await.unwrap();
    (engine, clock)
}

async fn stored(engine: &Engine) -> Vec<String> {
    let (tenant, workflow) = ("default".into(), "leave".into());
    let all = engine.stored_actions(&tenant, &workflow).await.unwrap();
    all.iter().map(|stored| stored.id.to_string()).collect()
}

#[tokio::test]
async fn what_is_no_command_is_done_once_under_its_name() {
    let (engine, clock) = on(signoff::store::MemoryStore::new()).await;
    let name = name_of("archive");
    let (one, two, three) = tokio::join!(
        add(&engine, "archive", &name),
        add(&engine, "archive", &name),
        add(&engine, "archive", &name)
    );
    let first = one.unwrap();
    assert_eq!(two.unwrap(), first);
    assert_eq!(three.unwrap(), first);
    assert_eq!(stored(&engine).await, slice::from_ref(&first.0));
    let other = add(&engine, "shred", &name_of("shred")).await;
    assert_eq!(other.unwrap_err().code(), "request_reused");
    // It is good for a day, also when what was made has gone meanwhile.
    let tenant = "default".into();
    let id = first.0.parse().map(signoff::core::id::ActionId::new);
    engine.drop_action(&tenant, id.unwrap()).await.unwrap();
    engine.tick().await.unwrap();
    for (hours, done_again) in [(23, false), (2, true)] {
        clock.set(engine.clock().now() + Duration::from_secs(hours * 3_600));
        engine.tick().await.unwrap();
        let again = add(&engine, "archive", &name).await.unwrap();
        assert_eq!(again != first, done_again, "after {hours} hours");
    }
    assert_eq!(stored(&engine).await.len(), 1);
}

#[tokio::test]
async fn what_is_refused_under_a_name_is_tried_anew_and_may_be_corrected() {
    let (engine, _) = on(signoff::store::MemoryStore::new()).await;
    let wrong = add(&engine, "nobody", &name_of("nobody")).await;
    assert_eq!(wrong.unwrap_err().code(), "definition_invalid");
    assert!(stored(&engine).await.is_empty());
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_told_once() {
    let (engine, _) = on(signoff::store::MemoryStore::new()).await;
    let tell = async || {
        let work = async |_| Ok::<_, NotDone>("x".repeat(1024 * 1024));
        let name = Once::new(["long"], "");
        engine.once(&"default".into(), &name, work).await
    };
    assert_eq!(tell().await.unwrap().len(), 1024 * 1024);
    assert_eq!(tell().await.unwrap_err().code(), "limit_exceeded");
}

/// Whatever call of the store fails, in whatever way: it is there once in the end.
#[tokio::test]
async fn what_fails_in_the_middle_is_there_once_when_it_is_sent_again() {
    use signoff::store::conformance::{Fault, Faults, FaultyStore};
    for fault in Fault::ALL {
        for calls in 0.. {
            let faults = Faults::new();
            let store = Arc::new(signoff::store::MemoryStore::new());
            let (engine, clock) = on(FaultyStore::new(store, &faults)).await;
            let name = name_of("archive");
            faults.after(calls, fault);
            let first = add(&engine, "archive", &name).await;
            if !faults.heal() {
                break;
            }
            clock.set(engine.clock().now() + Duration::from_secs(10));
            let again = add(&engine, "archive", &name).await.unwrap();
            let kept = stored(&engine).await;
            assert_eq!(kept, slice::from_ref(&again.0), "{calls} {fault:?}");
            if let Ok(first) = first {
                assert_eq!(first.0, again.0);
            }
            let third = add(&engine, "archive", &name).await.unwrap();
            assert_eq!(third, again, "{calls} {fault:?}");
        }
    }
}

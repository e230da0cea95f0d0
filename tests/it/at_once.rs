//! Many at once: exactly one wins, and nothing is lost.

use std::sync::Arc;

use signoff::{Call, Done, Engine, NotDone, Refusal, RefusalCode, Start, TenantId};
use signoff_tests::{builder, person, publish};
use tokio::task::JoinSet;

use crate::stores::{self, Opened};

const CLIENTS: usize = 16;

fn code(result: &Result<Done, NotDone>) -> Option<RefusalCode> {
    match result {
        Ok(_) => None,
        Err(NotDone::Refused(refusal)) => Some(refusal.code),
        Err(NotDone::Failed(error)) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_decided_once_however_many_decide() {
    for opened in stores::every().await {
        let names: Vec<String> = (0..CLIENTS).map(|n| format!("p{n:02}")).collect();
        let people = names.iter().map(|name| person(name, &["all"])).collect();
        let engine = builder(opened.store, people).build().unwrap();
        publish(&engine, "{format: signoff/v1, kind: approval, key: offer, approvals: [{role: all}, {role: all}]}").await;
        let task = engine
            .start(Start::of("offer").by("p00"))
            .await
            .unwrap()
            .opened[0];
        let mut calls = JoinSet::new();
        for name in names {
            let engine = engine.clone();
            calls.spawn(async move { engine.call(Call::approve(task).by(name)).await });
        }
        let results = calls.join_all().await;
        let accepted = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(accepted, 1, "{}", opened.name);
        let others = results
            .iter()
            .filter_map(code)
            .filter(|code| *code == RefusalCode::NotOpen)
            .count();
        assert_eq!(others, CLIENTS - 1, "{}", opened.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_vote_of_a_consensus_counts_when_all_vote_at_once() {
    for opened in stores::every().await {
        let names: Vec<String> = (0..CLIENTS).map(|n| format!("p{n:02}")).collect();
        let people = names.iter().map(|name| person(name, &["all"])).collect();
        let engine = builder(opened.store, people).build().unwrap();
        publish(
            &engine,
            "{format: signoff/v1, kind: approval, key: all, approvals: [{role: all, select: consensus}]}",
        )
        .await;
        let started = engine.start(Start::of("all").by("p00")).await.unwrap();
        let mut calls = JoinSet::new();
        for task in started.instance.tasks() {
            let (engine, task, by) = (engine.clone(), task.id, task.assignee.clone().unwrap());
            calls.spawn(async move { engine.call(Call::approve(task).by(by)).await });
        }
        let results = calls.join_all().await;
        assert!(
            results.iter().all(|result| code(result).is_none()),
            "{}: {results:?}",
            opened.name
        );
        let view = engine
            .instance(&TenantId::default(), started.id())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            view.instance.status().as_str(),
            "completed",
            "{}",
            opened.name
        );
        let history = engine
            .history(&TenantId::default(), started.id())
            .await
            .unwrap();
        assert_eq!(history.len(), CLIENTS + 1, "{}", opened.name);
    }
}

/// Many make the same start of `definition` at once: one wins, the others are refused with `lost`. Gives
/// the engine, what came of the one, and the refusals.
async fn one_start_wins(
    opened: &Opened,
    definition: &str,
    start: Start,
    lost: RefusalCode,
) -> (Engine, Done, Vec<Refusal>) {
    let people = vec![person("ann", &[])];
    let store = Arc::clone(&opened.store);
    let engine = builder(store, people).build().unwrap();
    publish(&engine, definition).await;
    let mut calls = JoinSet::new();
    for _ in 0..CLIENTS {
        let (engine, start) = (engine.clone(), start.clone());
        calls.spawn(async move { engine.start(start).await });
    }
    let (mut won, mut refusals) = (Vec::new(), Vec::new());
    for result in calls.join_all().await {
        match result {
            Ok(done) => won.push(done),
            Err(NotDone::Refused(refusal)) => refusals.push(refusal),
            Err(NotDone::Failed(error)) => panic!("{}: {error}", opened.name),
        }
    }
    assert_eq!(won.len(), 1, "{}", opened.name);
    assert_eq!(refusals.len(), CLIENTS - 1, "{}", opened.name);
    for refusal in &refusals {
        assert_eq!(refusal.code, lost, "{}", opened.name);
    }
    (engine, won.remove(0), refusals)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_starts_for_a_subject_wins() {
    const ONE: &str = "{format: signoff/v1, kind: approval, key: one, approvals: [{user: ann}]}";
    for opened in stores::every().await {
        let start = Start::of("one").subject("car", 7).by("ann");
        one_start_wins(&opened, ONE, start, RefusalCode::AlreadyStarted).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_starts_with_a_business_key_wins() {
    const PAY: &str = "{format: signoff/v1, kind: flow, key: pay, unique: business_key, nodes: {start: {start: {}, next: end}, end: {end: {}}}}";
    for opened in stores::every().await {
        let start = Start::of("pay").business_key("INV-17").by("ann");
        let (engine, won, refusals) =
            one_start_wins(&opened, PAY, start, RefusalCode::NotUnique).await;
        assert_eq!(won.instance.business_key(), Some("INV-17"));
        for refusal in refusals {
            let told = refusal.message.contains(&won.id().to_string());
            assert!(told, "{}: {}", opened.name, refusal.message);
        }
        let other = Start::of("pay").business_key("INV-18").by("ann");
        engine.start(other).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_are_fair_when_many_start_at_once() {
    for opened in stores::every().await {
        let people = ["a", "b", "c", "d"]
            .map(|name| person(name, &["all"]))
            .into();
        let engine = builder(opened.store, people).build().unwrap();
        publish(
            &engine,
            "{format: signoff/v1, kind: approval, key: turns, approvals: [{role: all, select: round_robin}]}",
        )
        .await;
        let mut calls = JoinSet::new();
        for _ in 0..CLIENTS {
            let engine = engine.clone();
            calls.spawn(async move { engine.start(Start::of("turns").by("a")).await.unwrap() });
        }
        let mut turns = std::collections::BTreeMap::<String, usize>::new();
        for started in calls.join_all().await {
            let assignee = started
                .instance
                .tasks()
                .next()
                .unwrap()
                .assignee
                .clone()
                .unwrap();
            *turns.entry(assignee.to_string()).or_default() += 1;
        }
        assert!(
            turns.values().all(|count| *count == CLIENTS / 4),
            "{}: {turns:?}",
            opened.name
        );
    }
}

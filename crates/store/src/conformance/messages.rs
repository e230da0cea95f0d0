//! Messages are kept once, given in order, and consumed by one.

use std::slice::from_ref;

use jiff::Timestamp;
use signoff_core::{
    change::{MessageRow, RowOp, Rows, SubscriptionKind},
    id::{MessageId, TenantId},
};

use super::{
    at_once,
    sample::{
        Tested, activation, all, at, commit, conflict, incident, incidents_of, insert, message,
        next, of_tenant, start, subscription, task, tenant,
    },
};
use crate::{contract::SubscriberFilter, error::ErrorKind};

/// The name and key of most messages here.
const PAID: (&str, &str) = ("paid", "17");

async fn add(store: &Tested, message: &MessageRow) {
    assert!(store.message_add(message).await.unwrap(), "{}", message.id);
}

async fn waiting(store: &Tested, tenant: &TenantId, (name, key): (&str, &str)) -> Vec<MessageRow> {
    store.messages(tenant, name, key, at(0)).await.unwrap()
}

/// The first change of the instance `n`, which consumes messages.
fn consuming(n: u32, ids: &[&str]) -> Rows {
    let mut rows = start(n);
    rows.consumed = ids.iter().map(|id| MessageId::from(*id)).collect();
    rows
}

pub(super) async fn a_message_comes_back(store: Tested) {
    let mut sent = message("m1", PAID, 1);
    sent.expires_at = Some(at(60));
    assert_eq!(store.message(&sent.tenant, &sent.id).await.unwrap(), None);
    add(&store, &sent).await;
    let found = store.message(&sent.tenant, &sent.id).await.unwrap();
    assert_eq!(found, Some((sent.clone(), None)));
    assert_eq!(waiting(&store, &tenant(), PAID).await, [sent]);
    for other in [
        ("paid", "18"),
        ("paid", ""),
        ("refused", "17"),
        ("17", "paid"),
    ] {
        assert_eq!(waiting(&store, &tenant(), other).await, []);
    }
}

pub(super) async fn a_message_id_is_kept_once_per_tenant(store: Tested) {
    let sent = message("m1", PAID, 1);
    add(&store, &sent).await;
    let mut other = message("m1", ("refused", "18"), 2);
    for again in [&sent, &other] {
        assert!(!store.message_add(again).await.unwrap());
    }
    commit(&store, &[consuming(1, &["m1"])]).await;
    assert!(!store.message_add(&sent).await.unwrap(), "it is consumed");
    let found = store.message(&tenant(), &sent.id).await.unwrap();
    assert_eq!(found, Some((sent, Some(start(1).instance.id))));
    other.tenant = "globex".into();
    add(&store, &other).await;
    let found = store.message(&other.tenant, &other.id).await.unwrap();
    assert_eq!(found, Some((other, None)));
}

pub(super) async fn old_messages_are_dropped(store: Tested) {
    let mut all: Vec<_> = (1..=6)
        .map(|n| message(&format!("m{n}"), PAID, n))
        .collect();
    // Expired early and late, consumed early and late, waiting, and of somebody else.
    all[0].expires_at = Some(at(10));
    all[1].expires_at = Some(at(90));
    all[2].expires_at = Some(at(10));
    all[5].expires_at = Some(at(10));
    all[5].tenant = "globex".into();
    for message in &all {
        add(&store, message).await;
    }
    commit(&store, &[consuming(20, &["m3"]), consuming(80, &["m4"])]).await;
    let left = || async {
        let mut left = Vec::new();
        for message in &all {
            let found = store.message(&message.tenant, &message.id).await.unwrap();
            left.extend(found.map(|(row, _)| row.id.as_str().to_owned()));
        }
        left
    };
    let acme = tenant();
    assert_eq!(store.messages_drop(Some(&acme), at(10)).await.unwrap(), 0);
    assert_eq!(store.messages_drop(Some(&acme), at(11)).await.unwrap(), 1);
    assert_eq!(left().await, ["m2", "m3", "m4", "m5", "m6"]);
    assert_eq!(store.messages_drop(None, at(50)).await.unwrap(), 2);
    assert_eq!(left().await, ["m2", "m4", "m5"]);
    assert_eq!(store.messages_drop(None, at(50)).await.unwrap(), 0);
    assert_eq!(store.messages_drop(None, at(900)).await.unwrap(), 2);
    assert_eq!(left().await, ["m5"]);
    assert!(
        store.message_add(&all[0]).await.unwrap(),
        "the id is free again"
    );
}

pub(super) async fn of_messages_of_one_id_added_at_once_one_is_kept(store: Tested) {
    let added = at_once(8, |n| {
        let (store, sent) = (store.clone(), message("m1", PAID, i64::from(n)));
        async move { store.message_add(&sent).await.unwrap() }
    })
    .await;
    let kept: Vec<_> = (0..).zip(&added).filter(|(_, kept)| **kept).collect();
    assert_eq!(kept.len(), 1, "{added:?}");
    assert_eq!(
        waiting(&store, &tenant(), PAID).await,
        [message("m1", PAID, kept[0].0)]
    );
}

pub(super) async fn messages_are_given_earliest_first(store: Tested) {
    let sent: Vec<_> = (0..120)
        .map(|n| message(&format!("m{:03}", (n * 7) % 120), PAID, (n * 7) % 120 / 3))
        .collect();
    for sent in &sent {
        add(&store, sent).await;
    }
    let mut expected = sent;
    expected.sort_by(|a, b| (a.sent_at, &a.id).cmp(&(b.sent_at, &b.id)));
    let given = waiting(&store, &tenant(), PAID).await;
    assert_eq!(given, expected[..100], "at most 100");
    commit(&store, &[consuming(1, &["m000", "m002"])]).await;
    expected.retain(|sent| !["m000", "m002"].contains(&sent.id.as_str()));
    assert_eq!(waiting(&store, &tenant(), PAID).await, expected[..100]);
}

pub(super) async fn an_expired_message_is_not_given(store: Tested) {
    let expires = |id, at: Option<Timestamp>| {
        let mut sent = message(id, PAID, 1);
        sent.expires_at = at;
        sent
    };
    let (never, at_5, at_6) = (
        expires("never", None),
        expires("at 5", Some(at(5))),
        expires("at 6", Some(at(6))),
    );
    for sent in [&never, &at_5, &at_6] {
        add(&store, sent).await;
    }
    for (now, expected) in [
        (4, vec![at_5.clone(), at_6.clone(), never.clone()]),
        (5, vec![at_6.clone(), never.clone()]),
        (6, vec![never.clone()]),
    ] {
        let given = store.messages(&tenant(), "paid", "17", at(now)).await;
        assert_eq!(given.unwrap(), expected, "at {now}");
    }
    assert!(!store.message_add(&at_5).await.unwrap());
    let found = store.message(&tenant(), &at_5.id).await.unwrap();
    assert_eq!(found, Some((at_5, None)));
    commit(&store, &[consuming(1, &["at 5"])]).await;
}

pub(super) async fn a_message_that_cannot_be_consumed_conflicts_and_writes_nothing(store: Tested) {
    let first = start(9);
    commit(&store, from_ref(&first)).await;
    for id in ["m1", "m2"] {
        add(&store, &message(id, PAID, 1)).await;
    }
    commit(&store, &[consuming(8, &["m2"])]).await;
    let before = all(&store, &first).await;
    let refused = |ids: &[&str]| {
        let mut rows = next(&first);
        rows.consumed = ids.iter().map(|id| MessageId::from(*id)).collect();
        rows.instance.data = Some(r#"{"amount":1}"#.to_owned());
        rows.tasks = vec![insert(task(&rows, 2, 3))];
        rows.activations = vec![(RowOp::Insert, activation(&rows, 6))];
        rows.incidents = vec![incident(&rows, 11, 5)];
        rows.subscriptions = vec![subscription(
            &rows,
            6,
            (SubscriptionKind::Message, "paid", ""),
        )];
        rows
    };
    for ids in [
        &["m1", "unknown"][..],
        &["m2"],
        &["m1", "m2"],
        &["m1", "m1"],
    ] {
        conflict(&store, &[refused(ids)]).await;
    }
    conflict(&store, &[consuming(1, &["m1"]), consuming(2, &["m1"])]).await;
    conflict(&store, &[consuming(1, &["m1"]), next(&start(2))]).await;
    assert_eq!(all(&store, &first).await, before);
    assert_eq!(all(&store, &start(1)).await, None);
    assert_eq!(incidents_of(&store, &tenant()).await, []);
    let history = store.history(&tenant(), first.instance.id).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(
        waiting(&store, &tenant(), PAID).await,
        [message("m1", PAID, 1)]
    );
    let (_, by) = store
        .message(&tenant(), &"m2".into())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(by, Some(start(8).instance.id));
    commit(&store, &[refused(&["m1"])]).await;
    assert_eq!(waiting(&store, &tenant(), PAID).await, []);
}

pub(super) async fn of_two_who_consume_one_message_one_wins(store: Tested) {
    add(&store, &message("m1", PAID, 1)).await;
    let results = at_once(8, |n| {
        let (store, rows) = (store.clone(), consuming(n, &["m1"]));
        async move { store.commit_now(&[rows]).await }
    })
    .await;
    let mut winners = Vec::new();
    for (n, result) in (0..).zip(results) {
        match result {
            Ok(()) => winners.push(n),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
        }
    }
    assert_eq!(winners.len(), 1);
    let (_, by) = store
        .message(&tenant(), &"m1".into())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(by, Some(start(winners[0]).instance.id));
    for n in 0..8 {
        let is_there = all(&store, &start(n)).await.is_some();
        assert_eq!(is_there, winners.contains(&n), "instance {n}");
    }
}

pub(super) async fn a_transaction_consumes_when_it_is_finished(store: Tested) {
    if !store.capabilities().transactions {
        return;
    }
    for id in ["m1", "m2"] {
        add(&store, &message(id, PAID, 1)).await;
    }
    let mut tx = store.begin(&tenant()).await.unwrap();
    tx.commit(&[consuming(1, &["m1"])]).await.unwrap();
    for refused in [
        vec![consuming(2, &["m1"])],
        vec![consuming(2, &["m2"]), consuming(3, &["m1"])],
        vec![consuming(2, &["unknown"])],
    ] {
        let error = tx.commit(&refused).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }
    assert_eq!(waiting(&store, &tenant(), PAID).await.len(), 2);
    drop(tx);
    assert_eq!(waiting(&store, &tenant(), PAID).await.len(), 2);
    let mut tx = store.begin(&tenant()).await.unwrap();
    tx.commit(&[consuming(1, &["m1"])]).await.unwrap();
    tx.commit(&[consuming(2, &["m2"])]).await.unwrap();
    tx.finish().await.unwrap();
    assert_eq!(waiting(&store, &tenant(), PAID).await, []);
    conflict(&store, &[consuming(3, &["m2"])]).await;
}

pub(super) async fn messages_of_another_tenant_are_not_seen(store: Tested) {
    let globex = TenantId::from("globex");
    let sent = message("m1", PAID, 1);
    add(&store, &sent).await;
    assert_eq!(waiting(&store, &globex, PAID).await, []);
    assert_eq!(store.message(&globex, &sent.id).await.unwrap(), None);
    let theirs = of_tenant(consuming(1, &["m1"]), &globex);
    conflict(&store, from_ref(&theirs)).await;
    let mut same = sent.clone();
    same.tenant = globex.clone();
    add(&store, &same).await;
    commit(&store, &[theirs]).await;
    assert_eq!(waiting(&store, &tenant(), PAID).await, [sent]);
    assert_eq!(waiting(&store, &globex, PAID).await, []);
}

pub(super) async fn names_keys_and_payloads_of_any_text_survive(store: Tested) {
    let long: String = "مفتاح طويل é ".chars().cycle().take(64 << 10).collect();
    // What is looked up has at most 1,000 bytes.
    let key: String = long.chars().take(500).collect();
    let texts = ["طلب شراء", "👩‍💼 'o\"\\`", "17", "%_[a-z]*", "paid ", &key];
    let mut change = start(1);
    for (n, text) in (0..).zip(texts) {
        let mut sent = message(text, (text, text), 1);
        sent.payload = format!(r#"{{"text":"{long}","nul":"\u0000"}}"#);
        add(&store, &sent).await;
        assert!(!store.message_add(&sent).await.unwrap());
        assert!(
            waiting(&store, &tenant(), (text, text)).await == [sent.clone()],
            "message {n} is another"
        );
        change.consumed.push(text.into());
        let waits = (SubscriptionKind::Message, text, text);
        change.subscriptions.push(subscription(&change, n, waits));
    }
    commit(&store, from_ref(&change)).await;
    for (n, text) in (0..).zip(texts) {
        assert_eq!(waiting(&store, &tenant(), (text, text)).await, []);
        for key in [None, Some(text.to_owned())] {
            let filter = SubscriberFilter {
                tenant: tenant(),
                kind: SubscriptionKind::Message,
                name: text.to_owned(),
                key,
                until: at(100),
                after: None,
                limit: 10,
            };
            let found = store.subscribers(&filter).await.unwrap();
            assert!(
                found == [change.subscriptions[n].clone()],
                "subscription {n} is another"
            );
        }
    }
}

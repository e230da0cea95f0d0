//! Who waits is found, in order, until the subscription is dropped.

use std::slice::from_ref;

use signoff_core::{
    change::{Rows, SubscriptionKind, SubscriptionRow},
    id::ActivationId,
};

use super::sample::{
    Tested, activation_id, at, commit, conflict, next, of_tenant, start, subscription, tenant,
};
use crate::contract::SubscriberFilter;

const PAID: (SubscriptionKind, &str, &str) = (SubscriptionKind::Message, "paid", "17");

/// All who wait for messages `paid`.
fn paid() -> SubscriberFilter {
    SubscriberFilter {
        tenant: tenant(),
        kind: SubscriptionKind::Message,
        name: "paid".to_owned(),
        key: None,
        until: at(1_000_000),
        after: None,
        limit: 1_000,
    }
}

async fn found(store: &Tested, filter: SubscriberFilter) -> Vec<SubscriptionRow> {
    store.subscribers(&filter).await.unwrap()
}

async fn activations(store: &Tested, filter: SubscriberFilter) -> Vec<ActivationId> {
    let found = found(store, filter).await;
    found.into_iter().map(|row| row.activation).collect()
}

fn ids(numbers: &[u32]) -> Vec<ActivationId> {
    numbers.iter().map(|n| activation_id(*n)).collect()
}

/// The first change of the instance `n`, in which activations begin to wait.
fn waits(n: u32, all: &[(u32, (SubscriptionKind, &str, &str))]) -> Rows {
    let mut rows = start(n);
    rows.subscriptions = all
        .iter()
        .map(|(n, what)| subscription(&rows, *n, *what))
        .collect();
    rows
}

pub(super) async fn subscribers_are_found_by_what_they_wait_for(store: Tested) {
    let one = waits(
        1,
        &[
            (14, PAID),
            (11, (SubscriptionKind::Message, "paid", "18")),
            (13, (SubscriptionKind::Signal, "paid", "17")),
        ],
    );
    let mut two = waits(
        2,
        &[(12, PAID), (15, (SubscriptionKind::Message, "paid", ""))],
    );
    two.subscriptions[0].since = at(14);
    let other = waits(3, &[(16, (SubscriptionKind::Message, "refused", "17"))]);
    commit(&store, &[one.clone(), two.clone(), other]).await;
    let of_key = |key: &str| SubscriberFilter {
        key: Some(key.to_owned()),
        ..paid()
    };
    let signal = SubscriberFilter {
        kind: SubscriptionKind::Signal,
        ..paid()
    };
    let expected = [two.subscriptions[0].clone(), one.subscriptions[0].clone()];
    assert_eq!(found(&store, of_key("17")).await, expected);
    for (filter, expected) in [
        (paid(), &[11, 12, 14, 15][..]),
        (of_key("18"), &[11]),
        (of_key(""), &[15]),
        (of_key("1"), &[]),
        (signal, &[13]),
        (
            SubscriberFilter {
                until: at(14),
                ..paid()
            },
            &[11, 12, 14],
        ),
        (
            SubscriberFilter {
                until: at(14),
                ..of_key("17")
            },
            &[12, 14],
        ),
        (
            SubscriberFilter {
                until: at(13),
                ..of_key("17")
            },
            &[],
        ),
        (SubscriberFilter { limit: 2, ..paid() }, &[11, 12]),
        (SubscriberFilter { limit: 0, ..paid() }, &[]),
        (
            SubscriberFilter {
                name: "pai".to_owned(),
                ..paid()
            },
            &[],
        ),
    ] {
        let text = format!("{filter:?}");
        assert_eq!(activations(&store, filter).await, ids(expected), "{text}");
    }
}

pub(super) async fn subscribers_are_paged_without_gap_or_repetition(store: Tested) {
    let mut rows = start(1);
    rows.subscriptions = (0..500)
        .map(|n| {
            let key = if n % 2 == 0 { "even" } else { "odd" };
            let mut row = subscription(&rows, n, (SubscriptionKind::Message, "paid", key));
            row.since = at(i64::from(n / 7));
            row
        })
        .collect();
    commit(&store, from_ref(&rows)).await;
    for (key, step) in [(None, 1), (Some("even"), 2)] {
        let expected: Vec<_> = (0..500).step_by(step).map(activation_id).collect();
        for limit in [1, 37, 500] {
            let mut seen = Vec::new();
            let mut after = None;
            loop {
                let filter = SubscriberFilter {
                    key: key.map(str::to_owned),
                    after,
                    limit,
                    ..paid()
                };
                let part = found(&store, filter).await;
                seen.extend(part.iter().map(|row| row.activation));
                assert!(seen.len() <= expected.len(), "{key:?} by {limit}");
                match part.last() {
                    Some(last) => after = Some((last.since, last.activation)),
                    None => break,
                }
            }
            assert_eq!(seen, expected, "{key:?} by {limit}");
        }
    }
}

pub(super) async fn a_dropped_subscription_is_gone(store: Tested) {
    let first = waits(1, &[(11, PAID), (12, PAID), (13, PAID)]);
    commit(&store, from_ref(&first)).await;
    let mut second = next(&first);
    second.dropped_subscriptions = ids(&[11, 13, 99]);
    // Dropped and added again in one change: it waits for something else.
    let other = (SubscriptionKind::Signal, "closed", "");
    second.subscriptions = vec![subscription(&first, 13, other)];
    commit(&store, from_ref(&second)).await;
    assert_eq!(activations(&store, paid()).await, ids(&[12]));
    let closed = || SubscriberFilter {
        kind: SubscriptionKind::Signal,
        name: "closed".to_owned(),
        ..paid()
    };
    assert_eq!(found(&store, closed()).await, second.subscriptions);
    // An activation has one subscription: a new one takes the place of the old.
    let mut third = next(&second);
    third.subscriptions = vec![subscription(&first, 13, PAID)];
    commit(&store, from_ref(&third)).await;
    assert_eq!(activations(&store, paid()).await, ids(&[12, 13]));
    assert_eq!(found(&store, closed()).await, []);
    let mut late = next(&first);
    late.dropped_subscriptions = ids(&[12]);
    conflict(&store, &[late]).await;
    assert_eq!(activations(&store, paid()).await, ids(&[12, 13]));
}

pub(super) async fn subscribers_of_another_tenant_are_not_seen(store: Tested) {
    let globex = "globex".into();
    let ours = waits(1, &[(11, PAID), (12, PAID)]);
    let mut theirs = of_tenant(waits(1, &[(11, PAID)]), &globex);
    let of_theirs = || SubscriberFilter {
        tenant: globex.clone(),
        ..paid()
    };
    commit(&store, &[ours]).await;
    assert_eq!(found(&store, of_theirs()).await, []);
    commit(&store, from_ref(&theirs)).await;
    assert_eq!(found(&store, of_theirs()).await, theirs.subscriptions);
    theirs = next(&theirs);
    theirs.dropped_subscriptions = ids(&[11, 12]);
    commit(&store, &[theirs]).await;
    assert_eq!(found(&store, of_theirs()).await, []);
    assert_eq!(activations(&store, paid()).await, ids(&[11, 12]));
}

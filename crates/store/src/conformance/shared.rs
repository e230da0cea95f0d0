//! Two stores on one database, as two processes have them: what one does, the other sees, and of two
//! who do the same one wins.

use std::{
    collections::{BTreeMap, BTreeSet},
    slice::from_ref,
};

use futures_util::future::join;
use signoff_core::id::{MessageId, PersonId};

use super::{
    at_once,
    sample::{
        Tested, all, at, commit, conflict, incident, incidents_of, insert, job, job_id, load_of,
        message, next, start, task, tenant, work,
    },
};
use crate::{
    contract::{DraftRow, Failure, InstanceFilter, Lease, PageRequest, Part, StartsOf, TaskFilter},
    error::ErrorKind,
};

fn lease(now: i64, limit: u32) -> Lease {
    Lease {
        tenant: None,
        behind: None,
        now: at(now),
        until: at(now + 60),
        limit,
    }
}

/// Of an even number of calls the one half.
fn half(n: u32, one: &Tested, other: &Tested) -> Tested {
    if n.is_multiple_of(2) { one } else { other }.clone()
}

pub(super) async fn what_one_engine_writes_the_other_reads(one: Tested, other: Tested) {
    let mut rows = start(1);
    rows.tasks = vec![insert(task(&rows, 2, 3))];
    commit(&one, from_ref(&rows)).await;
    let loaded = all(&other, &rows).await.unwrap().rows;
    assert_eq!(loaded.instance, rows.instance);
    assert_eq!(loaded.tasks, [rows.tasks[0].1.clone()]);
    let second = next(&rows);
    commit(&other, from_ref(&second)).await;
    let history = one.history(&tenant(), rows.instance.id).await.unwrap();
    assert_eq!(history, [rows.history, second.history]);
    for store in [one, other] {
        let page = PageRequest::default();
        let tasks = store.tasks(&tenant(), &TaskFilter::default(), &page).await;
        assert_eq!(tasks.unwrap().items.len(), 1);
        let all = InstanceFilter::default();
        let instances = store.instances(&tenant(), &all, &page).await.unwrap();
        assert_eq!(instances.items[0].version, 2);
    }
}

pub(super) async fn of_two_engines_on_one_version_one_wins(one: Tested, other: Tested) {
    let mut rows = start(1);
    commit(&one, from_ref(&rows)).await;
    for _ in 0..8 {
        let version = |state: &str| {
            let mut change = next(&rows);
            change.instance.state = state.to_owned();
            change
        };
        let (left, right) = (version("\"left\""), version("\"right\""));
        let (won, lost) = join(
            one.commit_now(from_ref(&left)),
            other.commit_now(from_ref(&right)),
        )
        .await;
        let winner = match (won, lost) {
            (Ok(()), Err(error)) => (left, error),
            (Err(error), Ok(())) => (right, error),
            both => panic!("one of the two wins: {both:?}"),
        };
        assert_eq!(winner.1.kind(), ErrorKind::Conflict, "{}", winner.1);
        let stored = all(&one, &rows).await.unwrap().rows.instance;
        assert_eq!(stored.state, winner.0.instance.state);
        rows = winner.0;
    }
}

pub(super) async fn a_transaction_and_another_engine_on_one_version_one_wins(
    one: Tested,
    other: Tested,
) {
    if !one.capabilities().transactions {
        return;
    }
    let rows = start(1);
    commit(&one, from_ref(&rows)).await;
    let finish = async {
        let mut tx = one.begin(&tenant()).await?;
        tx.load(&load_of(&rows, Part::All)).await?;
        tx.commit(&[next(&rows)]).await?;
        tx.finish().await
    };
    let change = [next(&rows)];
    let (inside, outside) = join(finish, other.commit_now(&change)).await;
    assert_ne!(inside.is_ok(), outside.is_ok(), "{inside:?} {outside:?}");
    for error in [inside.err(), outside.err()].into_iter().flatten() {
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    }
    assert_eq!(all(&other, &rows).await.unwrap().rows.instance.version, 2);
    let history = other.history(&tenant(), rows.instance.id).await.unwrap();
    assert_eq!(history.len(), 2);
}

pub(super) async fn a_transaction_is_unseen_by_another_engine_until_it_is_finished(
    one: Tested,
    other: Tested,
) {
    if !one.capabilities().transactions {
        return;
    }
    let (first, second) = (start(1), start(2));
    commit(&one, from_ref(&first)).await;
    let changes = [next(&first), second.clone()];
    for finishes in [false, true] {
        let mut tx = one.begin(&tenant()).await.unwrap();
        tx.commit(&changes).await.unwrap();
        assert_eq!(all(&other, &second).await, None);
        let seen = all(&other, &first).await.unwrap().rows.instance;
        assert_eq!(seen, first.instance);
        if finishes {
            tx.finish().await.unwrap();
        }
    }
    assert_eq!(all(&other, &first).await.unwrap().rows.instance.version, 2);
    assert!(all(&other, &second).await.is_some());
    conflict(&other, &changes).await;
}

pub(super) async fn jobs_are_claimed_once_by_workers_of_two_engines(one: Tested, other: Tested) {
    for n in 1..=90 {
        let mut rows = start(n);
        rows.jobs = vec![job(&rows, n, 0)];
        commit(&one, &[rows]).await;
    }
    let claimed = at_once(16, |n| {
        let store = half(n, &one, &other);
        async move {
            let claimed = store.claim(lease(10, 7)).await.unwrap();
            for claimed in &claimed {
                let job = &claimed.job;
                let done = store.finish(&job.tenant, job.id, claimed.token).await;
                assert!(done.unwrap(), "whoever claimed it finishes it");
            }
            claimed
        }
    })
    .await;
    let mut claimed: Vec<_> = claimed.iter().flatten().map(|job| job.job.id).collect();
    // Those whom others stood in the way of find the rest.
    loop {
        let rest = other.claim(lease(10, 7)).await.unwrap();
        if rest.is_empty() {
            break;
        }
        claimed.extend(rest.iter().map(|job| job.job.id));
    }
    let different: BTreeSet<_> = claimed.iter().collect();
    assert_eq!((claimed.len(), different.len()), (90, 90));
}

pub(super) async fn a_job_of_an_engine_that_died_comes_back_and_what_it_finishes_late_changes_nothing(
    one: Tested,
    other: Tested,
) {
    let mut rows = start(1);
    rows.jobs = vec![job(&rows, 1, 0)];
    commit(&one, from_ref(&rows)).await;
    let dead = one.claim(lease(0, 9)).await.unwrap();
    assert_eq!(other.claim(lease(59, 9)).await.unwrap(), []);
    let alive = other.claim(lease(60, 9)).await.unwrap();
    assert_eq!(alive.len(), 1);
    let (old, new, id) = (dead[0].token, alive[0].token, job_id(1));
    assert!(new > old);
    let failure = Failure {
        incident: incident(&rows, 1, 60),
        left: None,
    };
    let tenant = tenant();
    assert!(!one.finish(&tenant, id, old).await.unwrap());
    assert!(!one.extend(&tenant, id, old, at(900)).await.unwrap());
    let again = one.retry(&tenant, id, old, at(70), 1, &work(9)).await;
    assert!(!again.unwrap());
    assert!(!one.give_up(&tenant, id, old, &failure).await.unwrap());
    assert_eq!(incidents_of(&other, &tenant).await, []);
    let kept = one.jobs_of(&tenant, rows.instance.id).await.unwrap();
    assert_eq!((&kept[0].job, kept[0].parked), (&rows.jobs[0], false));
    assert_eq!(kept[0].leased_until, Some(at(120)));
    assert!(other.finish(&tenant, id, new).await.unwrap());
    assert_eq!(one.next_due(None).await.unwrap(), None);
}

pub(super) async fn turns_go_round_across_engines(one: Tested, other: Tested) {
    let members: Vec<PersonId> = ["a", "b", "c", "d"].map(PersonId::from).into();
    let taken = at_once(40, |n| {
        let (store, members) = (half(n, &one, &other), members.clone());
        async move { store.turn(&tenant(), "clerks", &members).await.unwrap() }
    })
    .await;
    let mut counts: BTreeMap<PersonId, u32> = BTreeMap::new();
    for person in taken {
        *counts.entry(person).or_default() += 1;
    }
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [10; 4]);
}

pub(super) async fn a_message_is_consumed_by_one_of_two_engines(one: Tested, other: Tested) {
    for n in 0..6 {
        let id = format!("m{n}");
        assert!(
            one.message_add(&message(&id, ("paid", ""), 0))
                .await
                .unwrap()
        );
        assert!(
            !other
                .message_add(&message(&id, ("paid", ""), 0))
                .await
                .unwrap()
        );
        let consuming = |of: u32| {
            let mut rows = start(of);
            rows.consumed = vec![MessageId::from(id.as_str())];
            [rows]
        };
        let (left, right) = (consuming(2 * n + 1), consuming(2 * n + 2));
        let (won, lost) = join(one.commit_now(&left), other.commit_now(&right)).await;
        assert_ne!(won.is_ok(), lost.is_ok(), "{won:?} {lost:?}");
        let winner = if won.is_ok() { &left } else { &right };
        let loser = if won.is_ok() { &right } else { &left };
        for error in [won.err(), lost.err()].into_iter().flatten() {
            assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        }
        let (_, by) = other
            .message(&tenant(), &id.as_str().into())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(by, Some(winner[0].instance.id));
        assert_eq!(all(&one, &loser[0]).await, None);
    }
}

pub(super) async fn a_schedule_is_moved_by_one_of_two_engines(one: Tested, other: Tested) {
    let starts = StartsOf {
        workflow: "round".into(),
        rows: vec![("start".to_owned(), at(0))],
    };
    one.publish(&tenant(), &[], &[starts]).await.unwrap();
    for n in 0..6 {
        let due = one.schedules_due(None, at(n), 9).await.unwrap();
        assert_eq!(due.len(), 1);
        let (left, right) = join(
            one.schedule_move(&due[0], at(n + 1)),
            other.schedule_move(&due[0], at(n + 1)),
        )
        .await;
        assert!(left.unwrap() != right.unwrap(), "one of the two moves it");
    }
}

pub(super) async fn a_draft_is_written_by_one_of_two_engines(one: Tested, other: Tested) {
    let row = |revision: u64, source: &str| DraftRow {
        workflow: "expense".into(),
        revision,
        strategy: None,
        format: "yaml".to_owned(),
        source: source.to_owned(),
        changed_by: None,
        changed_at: at(7),
    };
    for revision in 1..=6 {
        let (left, right) = (row(revision, "left"), row(revision, "right"));
        let (won, lost) = join(
            one.draft_save(&tenant(), &left, "\"t\""),
            other.draft_save(&tenant(), &right, "\"t\""),
        )
        .await;
        let (won, lost) = (won.unwrap(), lost.unwrap());
        assert!(won != lost, "one of the two writes it");
        let stored = other.draft(&tenant(), &"expense".into()).await.unwrap();
        assert_eq!(stored, Some(if won { left } else { right }));
    }
}

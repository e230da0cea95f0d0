//! A job is done by one worker at a time, and never lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    slice::from_ref,
};

use signoff_core::change::Rows;

use super::{
    at_once,
    sample::{
        Tested, at, commit, incident, incidents_of, job, job_id, next, of_tenant, start, tenant,
        work,
    },
};
use crate::contract::{ClaimedJob, Failure, Lease};

/// A claim at a moment, for 60 seconds.
fn lease(now: i64, limit: u32) -> Lease {
    Lease {
        tenant: None,
        behind: None,
        now: at(now),
        until: at(now + 60),
        limit,
    }
}

async fn claim(store: &Tested, now: i64) -> Vec<ClaimedJob> {
    store.claim(lease(now, 100)).await.unwrap()
}

#[track_caller]
fn check(claimed: &[ClaimedJob], ids: &[u32]) {
    let claimed: Vec<_> = claimed.iter().map(|claimed| claimed.job.id).collect();
    let expected: Vec<_> = ids.iter().map(|n| job_id(*n)).collect();
    assert_eq!(claimed, expected);
}

/// Instance `n` with one job of the same number.
async fn one_job(store: &Tested, n: u32, due: i64) {
    let mut rows = start(n);
    rows.jobs = vec![job(&rows, n, due)];
    commit(store, &[rows]).await;
}

pub(super) async fn jobs_are_claimed_in_order(store: Tested) {
    for (n, due) in [(1, 30), (2, 10), (3, 20), (5, 10)] {
        one_job(&store, n, due).await;
    }
    let first = store.claim(lease(100, 3)).await.unwrap();
    check(&first, &[2, 5, 3]);
    assert_eq!(first[0].job, job(&start(2), 2, 10));
    assert_eq!(first[0].failed, 0);
    check(&claim(&store, 100).await, &[1]);
    check(&claim(&store, 100).await, &[]);
}

pub(super) async fn a_future_job_is_not_claimed(store: Tested) {
    assert_eq!(store.next_due(None).await.unwrap(), None);
    one_job(&store, 1, 30).await;
    one_job(&store, 2, 20).await;
    assert_eq!(store.next_due(None).await.unwrap(), Some(at(20)));
    check(&claim(&store, 19).await, &[]);
    check(&claim(&store, 20).await, &[2]);
    assert_eq!(
        store.next_due(None).await.unwrap(),
        Some(at(20)),
        "a lease does not hide a job"
    );
    check(&claim(&store, 30).await, &[1]);
}

pub(super) async fn a_lease_holds_until_it_ends(store: Tested) {
    one_job(&store, 1, 0).await;
    let first = claim(&store, 0).await;
    check(&first, &[1]);
    check(&claim(&store, 59).await, &[]);
    let second = claim(&store, 60).await;
    check(&second, &[1]);
    assert!(second[0].token > first[0].token);
}

pub(super) async fn a_lease_is_extended_by_its_holder_alone(store: Tested) {
    one_job(&store, 1, 0).await;
    let first = claim(&store, 0).await[0].token;
    let extend = |job, token, until| {
        let store = store.clone();
        async move {
            let extended = store.extend(&tenant(), job_id(job), token, at(until)).await;
            extended.unwrap()
        }
    };
    assert!(extend(1, first, 100).await);
    check(&claim(&store, 99).await, &[]);
    // It ended, and nobody has claimed the job since.
    assert!(extend(1, first, 200).await);
    check(&claim(&store, 199).await, &[]);
    let second = claim(&store, 200).await;
    check(&second, &[1]);
    assert!(!extend(1, first, 900).await, "somebody else has it");
    assert!(!extend(2, first, 900).await, "there is none");
    let globex = "globex".into();
    let theirs = store.extend(&globex, job_id(1), second[0].token, at(900));
    assert!(!theirs.await.unwrap());
    check(&claim(&store, 260).await, &[1]);
    let third = claim(&store, 320).await[0].token;
    let retried = store
        .retry(&tenant(), job_id(1), third, at(330), 1, &work(1))
        .await;
    assert!(retried.unwrap());
    assert!(!extend(1, third, 900).await, "it was given back");
    let last = claim(&store, 330).await[0].token;
    assert!(store.finish(&tenant(), job_id(1), last).await.unwrap());
    assert!(!extend(1, last, 900).await, "it is finished");
}

pub(super) async fn an_old_token_finishes_nothing(store: Tested) {
    one_job(&store, 1, 0).await;
    let old = claim(&store, 0).await[0].token;
    let new = claim(&store, 60).await[0].token;
    let failure = Failure {
        incident: incident(&start(1), 9, 60),
        left: None,
    };
    assert!(!store.finish(&tenant(), job_id(1), old).await.unwrap());
    assert!(
        !store
            .retry(&tenant(), job_id(1), old, at(70), 1, &work(1))
            .await
            .unwrap()
    );
    assert!(
        !store
            .give_up(&tenant(), job_id(1), old, &failure)
            .await
            .unwrap()
    );
    assert!(
        !store
            .finish(&"globex".into(), job_id(1), new)
            .await
            .unwrap()
    );
    assert!(!store.finish(&tenant(), job_id(2), new).await.unwrap());
    assert_eq!(incidents_of(&store, &tenant()).await, []);
    assert!(store.finish(&tenant(), job_id(1), new).await.unwrap());
    assert!(!store.finish(&tenant(), job_id(1), new).await.unwrap());
    assert_eq!(store.next_due(None).await.unwrap(), None);
}

pub(super) async fn a_retried_job_comes_back_with_its_work(store: Tested) {
    one_job(&store, 1, 0).await;
    let token = claim(&store, 0).await[0].token;
    assert!(
        store
            .retry(&tenant(), job_id(1), token, at(30), 2, &work(8))
            .await
            .unwrap()
    );
    assert!(
        !store.finish(&tenant(), job_id(1), token).await.unwrap(),
        "the token is spent"
    );
    assert_eq!(store.next_due(None).await.unwrap(), Some(at(30)));
    check(&claim(&store, 29).await, &[]);
    let again = claim(&store, 30).await;
    check(&again, &[1]);
    assert_eq!((again[0].failed, &again[0].job.work), (2, &work(8)));
    assert_eq!(again[0].job.due_at, at(30));
    assert!(again[0].token > token);
}

pub(super) async fn a_job_that_gave_up_leaves_an_incident(store: Tested) {
    let mut rows = start(1);
    rows.jobs = vec![job(&rows, 1, 0), job(&rows, 2, 5)];
    commit(&store, from_ref(&rows)).await;
    let token = claim(&store, 10).await[0].token;
    let failure = Failure {
        incident: incident(&rows, 9, 10),
        left: None,
    };
    assert!(
        store
            .give_up(&tenant(), job_id(1), token, &failure)
            .await
            .unwrap()
    );
    assert!(
        !store
            .give_up(&tenant(), job_id(1), token, &failure)
            .await
            .unwrap()
    );
    assert!(!store.finish(&tenant(), job_id(1), token).await.unwrap());
    assert_eq!(incidents_of(&store, &tenant()).await, [failure.incident]);
    assert_eq!(store.next_due(None).await.unwrap(), Some(at(5)));
    check(&claim(&store, 1_000).await, &[2]);
}

/// A job of the instance gives up at a moment, with the incident of its id.
async fn gives_up(store: &Tested, rows: &Rows, n: u32, now: i64) {
    let token = claim(store, now).await[0].token;
    let failure = Failure {
        incident: incident(rows, n, now),
        left: (n == 1).then(|| work(77)),
    };
    let parked = store.give_up(&tenant(), job_id(n), token, &failure).await;
    assert!(parked.unwrap());
}

pub(super) async fn a_job_that_gave_up_is_let_run_again(store: Tested) {
    let mut rows = start(1);
    rows.jobs = vec![job(&rows, 1, 0), job(&rows, 2, 500)];
    rows.incidents = vec![incident(&rows, 7, 3)];
    commit(&store, from_ref(&rows)).await;
    let other = rows.incidents[0].clone();
    let again = |tenant, n| {
        let store = store.clone();
        async move { store.unpark(&tenant, job_id(n), at(50)).await.unwrap() }
    };
    // It has not given up, and there is no job of the other incident.
    assert!(!again(tenant(), 1).await);
    assert!(!again(tenant(), 7).await);
    gives_up(&store, &rows, 1, 10).await;
    assert_eq!(incidents_of(&store, &tenant()).await.len(), 2);
    assert!(!again("globex".into(), 1).await);
    assert!(again(tenant(), 1).await);
    assert!(!again(tenant(), 1).await);
    assert_eq!(incidents_of(&store, &tenant()).await, [other]);
    assert_eq!(store.next_due(None).await.unwrap(), Some(at(50)));
    let claimed = claim(&store, 60).await;
    check(&claimed, &[1]);
    assert_eq!(claimed[0].failed, 0);
    assert_eq!(claimed[0].job.work, work(77), "what was left of it");
    let token = claimed[0].token;
    assert!(store.finish(&tenant(), job_id(1), token).await.unwrap());
}

pub(super) async fn jobs_of_an_instance_are_listed(store: Tested) {
    let mut rows = start(1);
    rows.jobs = vec![job(&rows, 1, 0), job(&rows, 2, 9), job(&rows, 3, 5)];
    commit(&store, from_ref(&rows)).await;
    one_job(&store, 7, 1).await;
    gives_up(&store, &rows, 1, 0).await;
    let leased = store.claim(lease(5, 1)).await.unwrap();
    check(&leased, &[7]);
    check(&claim(&store, 5).await, &[3]);
    let found = store.jobs_of(&tenant(), rows.instance.id).await.unwrap();
    let shown: Vec<_> = found
        .iter()
        .map(|found| (found.job.id, found.leased_until, found.parked))
        .collect();
    let expected = [
        (job_id(3), Some(at(65)), false),
        (job_id(2), None, false),
        (job_id(1), None, true),
    ];
    assert_eq!(shown, expected);
    assert_eq!(found[0].job, rows.jobs[2]);
    let nobodys = store.jobs_of(&"globex".into(), rows.instance.id).await;
    assert_eq!(nobodys.unwrap(), []);
}

pub(super) async fn of_one_instance_one_job_runs_at_a_time(store: Tested) {
    let mut rows = start(1);
    rows.jobs = vec![job(&rows, 3, 5), job(&rows, 4, 5), job(&rows, 2, 9)];
    commit(&store, from_ref(&rows)).await;
    one_job(&store, 7, 6).await;
    let first = claim(&store, 10).await;
    check(&first, &[3, 7]);
    check(&claim(&store, 11).await, &[]);
    let mut earlier = next(&rows);
    earlier.jobs = vec![job(&rows, 8, 1)];
    commit(&store, &[earlier]).await;
    check(&claim(&store, 12).await, &[]);
    assert!(
        store
            .finish(&tenant(), job_id(3), first[0].token)
            .await
            .unwrap()
    );
    for expected in [8, 4, 2] {
        let next = claim(&store, 13).await;
        check(&next, &[expected]);
        assert!(
            store
                .finish(&tenant(), job_id(expected), next[0].token)
                .await
                .unwrap()
        );
    }
}

pub(super) async fn a_replaced_job_escapes_its_worker(store: Tested) {
    let mut rows = start(1);
    rows.jobs = vec![job(&rows, 1, 0)];
    commit(&store, from_ref(&rows)).await;
    let old = claim(&store, 0).await[0].token;
    let mut second = next(&rows);
    second.jobs = vec![job(&rows, 1, 30)];
    commit(&store, from_ref(&second)).await;
    assert!(!store.finish(&tenant(), job_id(1), old).await.unwrap());
    check(&claim(&store, 29).await, &[]);
    check(&claim(&store, 30).await, &[1]);

    let mut dropped = next(&second);
    dropped.dropped_jobs = vec![job_id(1)];
    let mut third = next(&dropped);
    third.jobs = vec![job(&rows, 1, 40)];
    commit(&store, &[dropped, third]).await;
    let new = claim(&store, 40).await;
    check(&new, &[1]);
    for token in old..new[0].token.min(old + 100) {
        assert!(!store.finish(&tenant(), job_id(1), token).await.unwrap());
    }
    assert!(
        store
            .finish(&tenant(), job_id(1), new[0].token)
            .await
            .unwrap()
    );
}

pub(super) async fn a_dropped_job_is_gone(store: Tested) {
    let mut rows = start(1);
    rows.jobs = vec![job(&rows, 1, 0), job(&rows, 2, 0)];
    commit(&store, from_ref(&rows)).await;
    let token = claim(&store, 0).await[0].token;
    let mut second = next(&rows);
    second.dropped_jobs = vec![job_id(1), job_id(99)];
    commit(&store, &[second]).await;
    assert!(!store.finish(&tenant(), job_id(1), token).await.unwrap());
    check(&claim(&store, 0).await, &[2]);
}

pub(super) async fn jobs_are_claimed_once_by_many_workers(store: Tested) {
    for n in 1..=60 {
        one_job(&store, n, 0).await;
    }
    let claimed = at_once(12, |_| {
        let store = store.clone();
        async move { store.claim(lease(10, 7)).await.unwrap() }
    })
    .await;
    let claimed: Vec<_> = claimed
        .iter()
        .flatten()
        .map(|claimed| claimed.job.id)
        .collect();
    let different: BTreeSet<_> = claimed.iter().collect();
    assert_eq!((claimed.len(), different.len()), (60, 60));
}

pub(super) async fn jobs_of_one_tenant_can_be_claimed_alone(store: Tested) {
    let globex = signoff_core::id::TenantId::from("globex");
    one_job(&store, 1, 5).await;
    let mut theirs = start(1);
    theirs.jobs = vec![job(&theirs, 1, 3)];
    commit(&store, &[of_tenant(theirs, &globex)]).await;
    assert_eq!(store.next_due(None).await.unwrap(), Some(at(3)));
    assert_eq!(store.next_due(Some(&tenant())).await.unwrap(), Some(at(5)));
    assert_eq!(store.next_due(Some(&"nobody".into())).await.unwrap(), None);
    let of = |tenant| Lease {
        tenant: Some(tenant),
        behind: None,
        ..lease(10, 9)
    };
    let ours = store.claim(of(tenant())).await.unwrap();
    check(&ours, &[1]);
    assert_eq!(ours[0].job.tenant, tenant());
    let theirs = store.claim(of(globex.clone())).await.unwrap();
    check(&theirs, &[1]);
    assert_eq!(theirs[0].job.tenant, globex);
    assert!(
        store
            .finish(&globex, job_id(1), theirs[0].token)
            .await
            .unwrap()
    );
    assert!(
        store
            .finish(&tenant(), job_id(1), ours[0].token)
            .await
            .unwrap()
    );
}

/// Instances of a tenant with one job each, numbered from `first` on.
async fn jobs_of(store: &Tested, name: &str, (first, count): (u32, u32), due: i64) {
    let of = |n| {
        let mut rows = start(n);
        rows.jobs = vec![job(&rows, n, due)];
        of_tenant(rows, &name.into())
    };
    let rows: Vec<Rows> = (first..first + count).map(of).collect();
    commit(store, &rows).await;
}

/// How many were claimed of each tenant.
fn per_tenant(claimed: &[ClaimedJob]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for claimed in claimed {
        *counts.entry(claimed.job.tenant.as_str()).or_default() += 1;
    }
    counts
}

pub(super) async fn a_tenant_with_many_jobs_keeps_no_other_waiting(store: Tested) {
    jobs_of(&store, "acme", (1, 60), 1).await;
    jobs_of(&store, "globex", (1, 1), 90).await;
    jobs_of(&store, "مؤسسة", (1, 3), 80).await;
    jobs_of(&store, "later", (1, 3), 200).await;
    let claimed = store.claim(lease(100, 9)).await.unwrap();
    assert_eq!(
        per_tenant(&claimed),
        BTreeMap::from([("acme", 5), ("globex", 1), ("مؤسسة", 3)]),
        "each gets its share, and what some leave goes to the others"
    );
    let places: Vec<_> = claimed
        .iter()
        .map(|claimed| (claimed.job.due_at, claimed.job.id))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    let rest = store.claim(lease(100, 100)).await.unwrap();
    assert_eq!(per_tenant(&rest), BTreeMap::from([("acme", 55)]));
    assert_eq!(store.claim(lease(100, 9)).await.unwrap(), []);
    assert_eq!(store.next_due(None).await.unwrap(), Some(at(1)));
}

pub(super) async fn tenants_take_turns(store: Tested) {
    let tenants = ["", "a", "b", "c", "d"];
    for tenant in tenants {
        jobs_of(&store, tenant, (1, 4), 1).await;
    }
    jobs_of(&store, "many", (1, 90), 0).await;
    let mut lease = lease(10, 4);
    let mut rounds = Vec::new();
    for _ in 0..3 {
        let claimed = store.claim(lease.clone()).await.unwrap();
        let counts = per_tenant(&claimed);
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
        rounds.extend(counts.into_keys().map(str::to_owned));
        lease.behind = lease.last_turn(&claimed);
    }
    rounds.sort_unstable();
    let mut twice: Vec<_> = [tenants.as_slice(), &["many"]].concat().repeat(2);
    twice.sort_unstable();
    assert_eq!(rounds, twice, "each has had two turns of twelve");
    lease.limit = 500;
    let rest = store.claim(lease.clone()).await.unwrap();
    assert_eq!(rest.len(), 110 - 12);
    assert_eq!(lease.last_turn(&[]), lease.behind);
}

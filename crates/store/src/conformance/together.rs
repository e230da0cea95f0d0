//! Commits that come at once: a store may send several together, and nobody must notice.

use signoff_core::{
    actor::Person,
    change::{FieldRow, RequestRow, RowOp, Rows, SubscriptionKind},
    id::TenantId,
};

use super::{
    at_once,
    sample::{
        Tested, activation, activation_id, all, at, closed, commit, held, incident, incidents_of,
        insert, job, job_id, next, of_tenant, role, start, subscription, task, tenant, update,
    },
};
use crate::{
    contract::{
        FieldFilter, FieldTest, InstanceFilter, PageRequest, SubscriberFilter, TaskFilter, Whose,
    },
    error::ErrorKind,
};

const INSTANCES: u32 = 40;

/// What becomes of the instance `n`, one change after the other; what they have differs from one
/// instance to the next.
fn life(n: u32) -> [Rows; 4] {
    let (own, has) = (n * 100, |every: u32| n.is_multiple_of(every));
    let field = |name: &str, key: u32| FieldRow {
        name: name.to_owned(),
        key: format!("n{key:08}"),
    };
    let mut first = start(own);
    first.tasks = vec![insert(task(&first, own + 1, own + 1))];
    if has(3) {
        first
            .tasks
            .push(insert(held(task(&first, own + 2, own + 2), "max")));
        first.activations = vec![(RowOp::Insert, activation(&first, own + 3))];
        first.jobs = vec![job(&first, own + 4, 5), job(&first, own + 5, 6)];
    }
    if has(4) {
        first.tasks[0].1.candidates = vec![role("clerk"), role("chief")];
        first.fields = Some(vec![field("amount", n), field("kept", n)]);
        let bell = (SubscriptionKind::Signal, "bell", "");
        first.subscriptions = vec![subscription(&first, own + 6, bell)];
    }
    if has(5) {
        first.incidents = vec![incident(&first, own + 7, 1)];
        first.request = Some(RequestRow {
            id: format!("request {n}"),
            hash: "h".to_owned(),
            notices: Vec::new(),
        });
    }
    if has(20) {
        first.instance.data = Some(format!("{{\"long\":\"{}\"}}", "ط".repeat(200_000)));
    }
    let mut second = next(&first);
    let closed_first = closed(first.tasks[0].1.clone(), "max", 7);
    second.tasks = vec![update(&first.tasks[0].1, closed_first)];
    if !has(7) {
        second
            .tasks
            .push(insert(held(task(&first, own + 8, own + 8), "eva")));
    }
    if has(3) {
        second.dropped_activations = vec![activation_id(own + 3)];
        second.dropped_jobs = vec![job_id(own + 4)];
        second.jobs = vec![job(&first, own + 5, 9)];
    }
    let mut third = next(&second);
    third.instance.data = Some(format!("{{\"n\":{n}}}"));
    if has(4) {
        third.fields = Some(vec![field("amount", n + 1)]);
        third.dropped_subscriptions = vec![activation_id(own + 6)];
    }
    if has(5) {
        third.resolved_incidents = vec![first.incidents[0].id];
    }
    let mut last = next(&third);
    last.instance.status = "completed".to_owned();
    last.instance.ended_at = Some(last.instance.changed_at);
    [first, second, third, last]
}

/// All that the store says of an instance.
async fn told_of(store: &Tested, rows: &Rows) -> String {
    let (tenant, id) = (&rows.instance.tenant, rows.instance.id);
    let of_instance = TaskFilter {
        instance: Some(id),
        ..TaskFilter::default()
    };
    let first = PageRequest::default();
    let tasks = store.tasks(tenant, &of_instance, &first).await.unwrap();
    let told = (
        all(store, rows).await,
        store.jobs_of(tenant, id).await.unwrap(),
        store.history(tenant, id).await.unwrap(),
        tasks.items,
    );
    format!("{told:?}").replace("globex", "acme")
}

/// What the store finds in a tenant.
async fn found_in(store: &Tested, tenant: &TenantId) -> String {
    let every = PageRequest {
        limit: 1_000,
        after: None,
    };
    let clerk = Person {
        id: "joe".into(),
        roles: ["clerk", "chief"].map(Into::into).into(),
        active: true,
        ..Person::default()
    };
    let available = TaskFilter::of(Whose::AvailableTo(clerk));
    let of_field = InstanceFilter {
        fields: vec![FieldFilter {
            name: "kept".to_owned(),
            test: FieldTest::Exists(true),
        }],
        ..InstanceFilter::default()
    };
    let bell = SubscriberFilter {
        tenant: tenant.clone(),
        kind: SubscriptionKind::Signal,
        name: "bell".to_owned(),
        key: None,
        until: at(1_000_000),
        after: None,
        limit: 1_000,
    };
    let mut requests = Vec::new();
    for n in 1..=INSTANCES {
        let id = format!("request {n}");
        requests.push(store.request(tenant, &id).await.unwrap());
    }
    let found = (
        store.tasks(tenant, &available, &every).await.unwrap().items,
        store
            .instances(tenant, &of_field, &every)
            .await
            .unwrap()
            .items,
        store.subscribers(&bell).await.unwrap(),
        incidents_of(store, tenant).await,
        requests,
    );
    format!("{found:?}").replace("globex", "acme")
}

pub(super) async fn commits_at_once_are_as_one_after_the_other(store: Tested) {
    let other = TenantId::from("globex");
    for step in 0..4 {
        for n in 1..=INSTANCES {
            let rows = life(n).into_iter().nth(step).unwrap();
            commit(&store, &[of_tenant(rows, &other)]).await;
        }
        at_once(INSTANCES, |n| {
            let (store, rows) = (store.clone(), life(n + 1).into_iter().nth(step).unwrap());
            async move { commit(&store, &[rows]).await }
        })
        .await;
        for n in 1..=INSTANCES {
            let [rows, ..] = life(n);
            let expected = told_of(&store, &of_tenant(rows.clone(), &other)).await;
            let told = told_of(&store, &rows).await;
            assert!(
                told == expected,
                "instance {n} after step {step}: {told} instead of {expected}"
            );
        }
        assert_eq!(
            found_in(&store, &tenant()).await,
            found_in(&store, &other).await
        );
    }
}

pub(super) async fn lives_at_once_end_alike(store: Tested) {
    at_once(INSTANCES, |n| {
        let store = store.clone();
        async move {
            for rows in life(n + 1) {
                commit(&store, &[rows]).await;
            }
        }
    })
    .await;
    for n in 1..=INSTANCES {
        let [rows, .., last] = life(n);
        let history = store.history(&tenant(), rows.instance.id).await.unwrap();
        assert_eq!(history.len(), 4);
        let loaded = all(&store, &rows).await.unwrap().rows.instance;
        assert_eq!(loaded.status, last.instance.status);
    }
}

pub(super) async fn of_commits_at_once_each_fails_for_itself(store: Tested) {
    let exclusive = |n, key: &str| {
        let mut rows = start(n);
        rows.instance.exclusive = Some(key.to_owned());
        rows
    };
    let stale: Vec<Rows> = (1..=5).map(start).collect();
    commit(&store, &stale).await;
    commit(&store, &[exclusive(6, "taken")]).await;
    let good = (10..20)
        .map(|n| start(n * 10))
        .chain(stale.iter().map(next));
    let good: Vec<Rows> = good.collect();
    let bad: Vec<Rows> = [exclusive(7, "taken"), exclusive(8, "taken"), start(6)]
        .into_iter()
        .chain(stale.iter().cloned())
        .collect();
    let twins = [exclusive(30, "twins"), exclusive(31, "twins")];
    let all_rows: Vec<&Rows> = good
        .iter()
        .zip(&bad)
        .flat_map(|(one, two)| [one, two])
        .collect();
    let rest = good.iter().skip(bad.len()).chain(&twins);
    let all_rows: Vec<&Rows> = all_rows.into_iter().chain(rest).collect();
    let count = u32::try_from(all_rows.len()).unwrap();
    let results = at_once(count, |n| {
        let (store, rows) = (store.clone(), all_rows[n as usize].clone());
        async move { store.commit_now(&[rows]).await }
    })
    .await;
    let mut twins_kept = 0;
    for (rows, result) in all_rows.iter().zip(results) {
        let id = rows.instance.id;
        if twins.iter().any(|twin| twin.instance.id == id) {
            twins_kept += usize::from(result.is_ok());
        } else if good.contains(rows) {
            result.unwrap();
        } else {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Conflict, "{id:?}");
        }
    }
    assert_eq!(twins_kept, 1);
    for rows in &good {
        let loaded = all(&store, rows).await.unwrap().rows.instance;
        assert_eq!(loaded.version, rows.instance.version);
    }
    for n in [7, 8] {
        assert_eq!(all(&store, &start(n)).await, None);
    }
}

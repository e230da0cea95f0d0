//! Changes are written whole, once, and onto the version that they were decided on.

use std::slice::from_ref;

use signoff_core::{
    change::{RowOp, SubscriptionKind},
    id::{TenantId, WorkflowKey},
};

use super::{
    at_once,
    sample::{
        Tested, activation, activation_id, all, closed, commit, conflict, held, incident, insert,
        job, job_id, next, start, subscription, task, tenant, update,
    },
};
use crate::error::ErrorKind;

pub(super) async fn a_new_instance_comes_back(store: Tested) {
    let mut rows = start(1);
    rows.tasks = vec![
        insert(task(&rows, 2, 3)),
        insert(held(task(&rows, 4, 5), "max")),
    ];
    rows.tasks[0].1.activation_body = Some("{}".to_owned());
    rows.activations = vec![(RowOp::Insert, activation(&rows, 6))];
    commit(&store, from_ref(&rows)).await;
    let loaded = all(&store, &rows).await.unwrap().rows;
    assert_eq!(loaded.instance, rows.instance);
    assert_eq!(
        loaded.tasks,
        [rows.tasks[0].1.clone(), rows.tasks[1].1.clone()]
    );
    assert_eq!(loaded.activations, [rows.activations[0].1.clone()]);
}

pub(super) async fn a_new_instance_may_drop_what_never_was(store: Tested) {
    // One after another on the same connections, with it and without.
    for n in (1..=8).map(|n| 100 * n) {
        let mut rows = start(n);
        rows.tasks = vec![insert(task(&rows, n + 1, n + 1))];
        rows.jobs = vec![job(&rows, n + 1, 5)];
        rows.subscriptions = vec![subscription(
            &rows,
            n + 2,
            (SubscriptionKind::Signal, "bell", ""),
        )];
        if n % 200 == 0 {
            // The incident of a job that is ordered anew is over, whether there is one or not.
            rows.resolved_incidents = vec![incident(&rows, n + 1, 0).id];
        }
        if n % 400 == 0 {
            rows.dropped_activations = vec![activation_id(n + 3)];
            rows.dropped_jobs = vec![job_id(n + 4)];
            rows.dropped_subscriptions = vec![activation_id(n + 5)];
        }
        commit(&store, from_ref(&rows)).await;
        let loaded = all(&store, &rows).await.unwrap().rows;
        assert_eq!(loaded.instance, rows.instance);
        assert_eq!(loaded.tasks, [rows.tasks[0].1.clone()]);
        let jobs = store.jobs_of(&tenant(), rows.instance.id).await.unwrap();
        assert_eq!(jobs.len(), 1);
    }
}

pub(super) async fn an_update_replaces_what_it_names(store: Tested) {
    let mut first = start(1);
    first.tasks = vec![insert(task(&first, 2, 3)), insert(task(&first, 4, 5))];
    first.activations = (6..9)
        .map(|n| (RowOp::Insert, activation(&first, n)))
        .collect();
    let mut second = next(&first);
    second.instance.status = "completed".to_owned();
    second.instance.ended_at = Some(second.instance.changed_at);
    second.instance.state = r#"{"live":0}"#.to_owned();
    second.tasks = vec![
        update(&first.tasks[0].1, closed(task(&first, 2, 3), "max", 9)),
        insert(task(&first, 10, 11)),
    ];
    second.activations = vec![(RowOp::Update, activation(&first, 7))];
    second.activations[0].1.body = r#"{"changed":true}"#.to_owned();
    second.dropped_activations = vec![activation_id(6)];
    commit(&store, from_ref(&first)).await;
    commit(&store, from_ref(&second)).await;
    let loaded = all(&store, &first).await.unwrap().rows;
    let mut instance = second.instance.clone();
    instance.data.clone_from(&first.instance.data);
    instance.forms.clone_from(&first.instance.forms);
    assert_eq!(
        loaded.instance, instance,
        "data and forms stay where a change has none"
    );
    assert_eq!(loaded.tasks, [task(&first, 4, 5), task(&first, 10, 11)]);
    assert_eq!(
        loaded.activations,
        [second.activations[0].1.clone(), activation(&first, 8)]
    );
    let past = store
        .task(&first.instance.tenant, first.tasks[0].1.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(past.task, second.tasks[0].1);

    let mut third = next(&second);
    third.instance.data = Some(r#"{"amount":1}"#.to_owned());
    third.instance.forms = Some(r#"{"review":{}}"#.to_owned());
    commit(&store, from_ref(&third)).await;
    assert_eq!(
        all(&store, &first).await.unwrap().rows.instance,
        third.instance
    );
}

pub(super) async fn an_old_version_conflicts_and_writes_nothing(store: Tested) {
    let first = start(1);
    let second = next(&first);
    commit(&store, from_ref(&first)).await;
    commit(&store, from_ref(&second)).await;
    let before = all(&store, &first).await;
    let mut late = next(&first);
    late.tasks = vec![insert(task(&first, 2, 3))];
    late.activations = vec![(RowOp::Insert, activation(&first, 6))];
    conflict(&store, &[late]).await;
    conflict(&store, from_ref(&second)).await;
    let mut early = next(&next(&second));
    early.before = 7;
    conflict(&store, &[early]).await;
    conflict(&store, &[next(&start(99))]).await;
    assert_eq!(all(&store, &first).await, before);
    assert_eq!(all(&store, &start(99)).await, None);
    let history = store
        .history(&first.instance.tenant, first.instance.id)
        .await
        .unwrap();
    assert_eq!(history.len(), 2);
}

pub(super) async fn an_instance_is_inserted_once(store: Tested) {
    let rows = start(1);
    commit(&store, from_ref(&rows)).await;
    conflict(&store, &[rows]).await;
}

pub(super) async fn several_changes_are_all_or_nothing(store: Tested) {
    let (one, two, three) = (start(1), start(2), start(3));
    commit(&store, from_ref(&three)).await;
    let stale = next(&next(&three));
    conflict(&store, &[one.clone(), two.clone(), stale]).await;
    assert_eq!(all(&store, &one).await, None);
    assert_eq!(all(&store, &two).await, None);
    commit(&store, &[one.clone(), two.clone(), next(&three)]).await;
    assert_eq!(all(&store, &one).await.unwrap().rows.instance, one.instance);
    assert_eq!(all(&store, &three).await.unwrap().rows.instance.version, 2);
    commit(&store, &[]).await;
}

pub(super) async fn several_changes_of_one_instance_follow_each_other(store: Tested) {
    let first = start(1);
    let second = next(&first);
    commit(&store, &[first.clone(), second.clone(), next(&second)]).await;
    assert_eq!(all(&store, &first).await.unwrap().rows.instance.version, 3);
    conflict(&store, &[start(2), start(2)]).await;
    assert_eq!(all(&store, &start(2)).await, None);
}

pub(super) async fn an_exclusive_key_is_taken_until_it_is_cleared(store: Tested) {
    let mut one = start(1);
    one.instance.exclusive = Some("expense order 17".to_owned());
    let mut two = start(2);
    two.instance.exclusive.clone_from(&one.instance.exclusive);
    conflict(&store, &[one.clone(), two.clone()]).await;
    commit(&store, from_ref(&one)).await;
    conflict(&store, from_ref(&two)).await;
    let kept = next(&one);
    commit(&store, from_ref(&kept)).await;
    conflict(&store, from_ref(&two)).await;
    let mut ended = next(&kept);
    ended.instance.exclusive = None;
    commit(&store, &[ended]).await;
    commit(&store, from_ref(&two)).await;
    let mut elsewhere = super::sample::of_tenant(start(1), &"globex".into());
    elsewhere
        .instance
        .exclusive
        .clone_from(&one.instance.exclusive);
    commit(&store, &[elsewhere]).await;
    let mut again = next(&start(3));
    again.instance.exclusive.clone_from(&one.instance.exclusive);
    commit(&store, &[start(3)]).await;
    conflict(&store, &[again]).await;
}

pub(super) async fn an_exclusive_key_moves_within_one_commit(store: Tested) {
    let mut one = start(1);
    one.instance.exclusive = Some("expense order 17".to_owned());
    let mut two = start(2);
    two.instance.exclusive.clone_from(&one.instance.exclusive);
    let mut ended = next(&one);
    ended.instance.exclusive = None;
    commit(&store, &[one]).await;
    commit(&store, &[ended, two.clone()]).await;
    assert_eq!(all(&store, &two).await.unwrap().rows.instance, two.instance);
}

pub(super) async fn a_unique_business_key_is_taken_for_ever(store: Tested) {
    let keyed = |n| {
        let mut rows = start(n);
        rows.instance.business_key = Some("INV-17".to_owned());
        rows.instance
            .unique_key
            .clone_from(&rows.instance.business_key);
        rows
    };
    let (one, two) = (keyed(1), keyed(2));
    conflict(&store, &[one.clone(), two.clone()]).await;
    commit(&store, from_ref(&one)).await;
    conflict(&store, from_ref(&two)).await;
    conflict(&store, &[start(3), two.clone()]).await;
    assert_eq!(all(&store, &start(3)).await, None);
    let mut ended = next(&one);
    ended.instance.status = "completed".to_owned();
    ended.instance.ended_at = Some(ended.instance.changed_at);
    commit(&store, from_ref(&ended)).await;
    conflict(&store, from_ref(&two)).await;
    let mut repeated = two.clone();
    repeated.instance.unique_key = None;
    let mut of_other_workflow = keyed(3);
    of_other_workflow.instance.workflow = "absence".to_owned();
    let mut in_other_case = keyed(4);
    in_other_case.instance.unique_key = Some("inv-17".to_owned());
    in_other_case.instance.business_key = Some("inv-17".to_owned());
    let mut padded = keyed(5);
    padded.instance.unique_key = Some("INV-17 ".to_owned());
    padded.instance.business_key = Some("INV-17 ".to_owned());
    let free = [repeated, of_other_workflow, in_other_case, padded];
    commit(&store, &free).await;
    for rows in &free {
        assert_eq!(
            all(&store, rows).await.unwrap().rows.instance,
            rows.instance
        );
    }
    let elsewhere = super::sample::of_tenant(keyed(1), &"globex".into());
    commit(&store, &[elsewhere]).await;
}

pub(super) async fn a_business_key_is_found_and_never_changes(store: Tested) {
    let expense = WorkflowKey::from("expense");
    let find =
        async |tenant: &TenantId, key: &str| store.keyed(tenant, &expense, key).await.unwrap();
    let mut one = start(1);
    let key = "فاتورة 17 \"%_\\' 🧾".repeat(15);
    one.instance.business_key = Some(key.chars().take(255).collect());
    let key = one.instance.business_key.clone().unwrap();
    assert_eq!(find(&tenant(), &key).await, None);
    let mut later = start(2);
    later.instance.business_key = Some(key.clone());
    let mut other = start(3);
    other.instance.business_key = Some(key.clone());
    other.instance.workflow = "absence".to_owned();
    commit(&store, &[one.clone(), later.clone(), other]).await;
    assert_eq!(find(&tenant(), &key).await, Some(later.instance.id));
    assert_eq!(find(&tenant(), "فاتورة").await, None);
    assert_eq!(find(&"globex".into(), &key).await, None);
    let mut changed = next(&one);
    changed.instance.status = "completed".to_owned();
    changed.instance.ended_at = Some(changed.instance.changed_at);
    commit(&store, from_ref(&changed)).await;
    let found = all(&store, &one).await.unwrap().rows.instance;
    assert_eq!(found.business_key.as_deref(), Some(key.as_str()));
}

pub(super) async fn of_two_commits_on_one_version_one_wins(store: Tested) {
    let first = start(1);
    commit(&store, from_ref(&first)).await;
    let results = at_once(8, |n| {
        let (store, mut change) = (store.clone(), next(&first));
        change.instance.state = n.to_string();
        async move { store.commit_now(&[change]).await.map(|()| n) }
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(
        lost.iter()
            .all(|lost| lost.as_ref().unwrap_err().kind() == ErrorKind::Conflict)
    );
    let winner = won.into_iter().next().unwrap().unwrap();
    assert_eq!(
        all(&store, &first).await.unwrap().rows.instance.state,
        winner.to_string()
    );
}

pub(super) async fn the_history_is_in_order(store: Tested) {
    let mut rows = start(1);
    let mut written = Vec::new();
    for _ in 0..12 {
        commit(
            &store,
            &[
                rows.clone(),
                start(100 + u32::try_from(written.len()).unwrap()),
            ],
        )
        .await;
        written.push(rows.history.clone());
        rows = next(&rows);
    }
    let tenant = &rows.instance.tenant;
    assert_eq!(
        store.history(tenant, rows.instance.id).await.unwrap(),
        written
    );
    assert_eq!(
        store
            .history(&"globex".into(), rows.instance.id)
            .await
            .unwrap(),
        []
    );
}

//! What happens in a transaction is seen in it at once, and outside whole or never.

use std::slice::from_ref;

use signoff_core::id::WorkflowKey;

use super::sample::{
    Tested, all, closed, commit, conflict, insert, load_of, next, start, subject, task, task_id,
    tenant, update,
};
use crate::{
    contract::{Load, Part, Target},
    error::ErrorKind,
};

fn lacks_transactions(store: &Tested) -> bool {
    !store.capabilities().transactions
}

pub(super) async fn a_dropped_transaction_leaves_nothing(store: Tested) {
    if lacks_transactions(&store) {
        return;
    }
    let (one, two) = (start(1), start(2));
    commit(&store, from_ref(&one)).await;
    let mut tx = store.begin(&tenant()).await.unwrap();
    tx.commit(&[next(&one), two.clone()]).await.unwrap();
    drop(tx);
    assert_eq!(all(&store, &one).await.unwrap().rows.instance, one.instance);
    assert_eq!(all(&store, &two).await, None);
    commit(&store, &[next(&one), two]).await;
}

pub(super) async fn a_finished_transaction_is_kept(store: Tested) {
    if lacks_transactions(&store) {
        return;
    }
    let (one, two) = (start(1), start(2));
    commit(&store, from_ref(&one)).await;
    let mut tx = store.begin(&tenant()).await.unwrap();
    tx.commit(&[next(&one)]).await.unwrap();
    tx.commit(from_ref(&two)).await.unwrap();
    assert_eq!(
        all(&store, &two).await,
        None,
        "nobody sees what is not finished"
    );
    tx.finish().await.unwrap();
    assert_eq!(all(&store, &one).await.unwrap().rows.instance.version, 2);
    assert_eq!(all(&store, &two).await.unwrap().rows.instance, two.instance);
    let history = store.history(&tenant(), one.instance.id).await.unwrap();
    assert_eq!(history, [one.history.clone(), next(&one).history]);
    store
        .begin(&tenant())
        .await
        .unwrap()
        .finish()
        .await
        .unwrap();
}

pub(super) async fn a_transaction_sees_its_own_writes(store: Tested) {
    if lacks_transactions(&store) {
        return;
    }
    let mut one = start(1);
    one.tasks = vec![
        insert(task(&one, 2, 3)),
        insert(task(&one, 4, 5)),
        insert(closed(task(&one, 6, 7), "max", 1)),
    ];
    commit(&store, from_ref(&one)).await;
    let mut tx = store.begin(&tenant()).await.unwrap();
    let loaded = tx.load(&load_of(&one, Part::All)).await.unwrap().unwrap();
    assert_eq!(loaded.rows.instance, one.instance);
    let mut second = next(&one);
    second.tasks = vec![
        update(&task(&one, 2, 3), closed(task(&one, 2, 3), "max", 9)),
        insert(task(&one, 8, 9)),
    ];
    tx.commit(from_ref(&second)).await.unwrap();
    let loaded = tx.load(&load_of(&one, Part::All)).await.unwrap().unwrap();
    assert_eq!(loaded.rows.instance.version, 2);
    assert_eq!(loaded.rows.instance.data, one.instance.data);
    assert_eq!(loaded.rows.tasks, [task(&one, 4, 5), task(&one, 8, 9)]);
    for (id, expected) in [
        (2, closed(task(&one, 2, 3), "max", 9)),
        (6, closed(task(&one, 6, 7), "max", 1)),
        (8, task(&one, 8, 9)),
    ] {
        let of_task = Load {
            tenant: tenant(),
            target: Target::Task(task_id(id)),
            part: Part::OfTask,
        };
        let loaded = tx.load(&of_task).await.unwrap().unwrap();
        assert_eq!(loaded.task, Some(expected));
        assert_eq!(loaded.rows.instance.version, 2);
    }
    tx.commit(&[next(&second)]).await.unwrap();
    tx.finish().await.unwrap();
    assert_eq!(all(&store, &one).await.unwrap().rows.instance.version, 3);
}

pub(super) async fn a_conflict_leaves_the_transaction_usable(store: Tested) {
    if lacks_transactions(&store) {
        return;
    }
    let (one, two, three) = (start(1), start(2), start(3));
    commit(&store, from_ref(&one)).await;
    let mut tx = store.begin(&tenant()).await.unwrap();
    tx.commit(from_ref(&two)).await.unwrap();
    for refused in [
        vec![one.clone()],
        vec![three.clone(), two.clone()],
        vec![three.clone(), next(&next(&one))],
    ] {
        let error = tx.commit(&refused).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }
    assert_eq!(tx.load(&load_of(&three, Part::All)).await.unwrap(), None);
    tx.commit(&[next(&one)]).await.unwrap();
    tx.finish().await.unwrap();
    assert_eq!(all(&store, &one).await.unwrap().rows.instance.version, 2);
    assert!(all(&store, &two).await.is_some());
    assert_eq!(all(&store, &three).await, None);
    conflict(&store, &[two]).await;
}

pub(super) async fn a_transaction_finds_the_running_instance(store: Tested) {
    if lacks_transactions(&store) {
        return;
    }
    let of = |n: u32| {
        let mut rows = start(n);
        rows.instance.subject_type = Some("order".to_owned());
        rows.instance.subject_id = Some("17".to_owned());
        rows
    };
    let (old, new) = (of(1), of(2));
    let workflow = WorkflowKey::from("expense");
    commit(&store, from_ref(&old)).await;
    let mut tx = store.begin(&tenant()).await.unwrap();
    let found = tx
        .running(&tenant(), &workflow, &subject("17"))
        .await
        .unwrap();
    assert_eq!(found, Some(old.instance.id));
    let mut ended = next(&old);
    ended.instance.status = "completed".to_owned();
    ended.instance.ended_at = Some(ended.instance.changed_at);
    tx.commit(&[ended]).await.unwrap();
    assert_eq!(
        tx.running(&tenant(), &workflow, &subject("17"))
            .await
            .unwrap(),
        None
    );
    tx.commit(from_ref(&new)).await.unwrap();
    let found = tx
        .running(&tenant(), &workflow, &subject("17"))
        .await
        .unwrap();
    assert_eq!(found, Some(new.instance.id));
    tx.turn(&tenant(), "role:clerk", &["ann".into()])
        .await
        .unwrap();
    tx.finish().await.unwrap();
    let found = store
        .running(&tenant(), &workflow, &subject("17"))
        .await
        .unwrap();
    assert_eq!(found, Some(new.instance.id));
}

pub(super) async fn a_transaction_finds_a_business_key(store: Tested) {
    if lacks_transactions(&store) {
        return;
    }
    let keyed = |n| {
        let mut rows = start(n);
        rows.instance.business_key = Some("INV-17".to_owned());
        rows.instance.unique_key = Some("INV-17".to_owned());
        rows
    };
    let (one, two) = (keyed(1), keyed(2));
    let workflow = WorkflowKey::from("expense");
    let mut tx = store.begin(&tenant()).await.unwrap();
    let found = tx.keyed(&tenant(), &workflow, "INV-17").await.unwrap();
    assert_eq!(found, None);
    tx.commit(from_ref(&one)).await.unwrap();
    let found = tx.keyed(&tenant(), &workflow, "INV-17").await.unwrap();
    assert_eq!(found, Some(one.instance.id));
    let error = tx.commit(from_ref(&two)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    tx.commit(&[next(&one)]).await.unwrap();
    tx.finish().await.unwrap();
    let mut tx = store.begin(&tenant()).await.unwrap();
    let found = tx.keyed(&tenant(), &workflow, "INV-17").await.unwrap();
    assert_eq!(found, Some(one.instance.id));
    tx.commit(&[next(&next(&one))]).await.unwrap();
    let error = tx.commit(from_ref(&two)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    drop(tx);
    conflict(&store, from_ref(&two)).await;
}

//! A request is answered once, and with the change that answers it or not at all.

use std::slice::from_ref;

use signoff_core::change::{RequestRow, Rows};

use super::{
    at_once,
    sample::{Tested, all, at, commit, conflict, next, of_tenant, start, tenant},
};
use crate::{
    contract::{AnsweredRequest, KeptRequest},
    error::ErrorKind,
};

/// Instance `n`, started by the request of that id.
fn asked(n: u32, id: &str) -> Rows {
    let mut rows = start(n);
    rows.request = Some(RequestRow {
        id: id.to_owned(),
        hash: format!("of {id}"),
        notices: vec!["no_transition".to_owned()],
    });
    rows
}

fn answered(rows: &Rows) -> AnsweredRequest {
    AnsweredRequest {
        request: rows.request.clone().unwrap(),
        instance: rows.instance.id,
        version: rows.instance.version,
        at: rows.history.at,
    }
}

pub(super) async fn a_request_comes_back_with_what_answered_it(store: Tested) {
    let first = asked(1, "r1");
    assert_eq!(store.request(&tenant(), "r1").await.unwrap(), None);
    commit(&store, from_ref(&first)).await;
    let mut second = next(&first);
    second.request = asked(1, "r2").request;
    commit(&store, from_ref(&second)).await;
    commit(&store, &[next(&second)]).await;
    for rows in [&first, &second] {
        let id = &rows.request.as_ref().unwrap().id;
        let found = store.request(&tenant(), id).await.unwrap();
        assert_eq!(found, Some(answered(rows)));
        assert_eq!(store.request(&"globex".into(), id).await.unwrap(), None);
    }
    let theirs = of_tenant(asked(1, "r1"), &"globex".into());
    commit(&store, &[theirs]).await;
}

pub(super) async fn a_request_is_answered_once_and_whole(store: Tested) {
    let first = asked(1, "r1");
    commit(&store, from_ref(&first)).await;
    conflict(&store, &[asked(2, "r1")]).await;
    assert_eq!(all(&store, &start(2)).await, None);
    conflict(&store, &[asked(3, "r3"), asked(4, "r3")]).await;
    let mut again = next(&first);
    again.request = first.request.clone();
    conflict(&store, &[again]).await;
    // What was not written answered nothing.
    conflict(&store, &[asked(3, "r3"), next(&next(&first))]).await;
    assert_eq!(store.request(&tenant(), "r3").await.unwrap(), None);
    commit(&store, &[asked(3, "r3")]).await;
}

pub(super) async fn of_requests_sent_at_once_one_is_answered(store: Tested) {
    let written = at_once(8, |n| {
        let store = store.clone();
        async move { store.commit_now(&[asked(n, "r1")]).await }
    })
    .await;
    let mut written_by = Vec::new();
    for (n, written) in (0..).zip(written) {
        match written {
            Ok(()) => written_by.push(n),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict),
        }
    }
    assert_eq!(written_by.len(), 1);
    let found = store.request(&tenant(), "r1").await.unwrap().unwrap();
    assert_eq!(found.instance, start(written_by[0]).instance.id);
}

pub(super) async fn a_transaction_answers_when_it_is_finished(store: Tested) {
    if !store.capabilities().transactions {
        return;
    }
    {
        let mut tx = store.begin(&tenant()).await.unwrap();
        tx.commit(&[asked(1, "r1")]).await.unwrap();
        let error = tx.commit(&[asked(2, "r1")]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }
    assert_eq!(store.request(&tenant(), "r1").await.unwrap(), None);
    let mut tx = store.begin(&tenant()).await.unwrap();
    tx.commit(&[asked(2, "r1")]).await.unwrap();
    tx.finish().await.unwrap();
    let found = store.request(&tenant(), "r1").await.unwrap();
    assert_eq!(found, Some(answered(&asked(2, "r1"))));
}

/// The request of that id with an answer of its own, begun at that second.
fn kept(id: &str, second: i64) -> KeptRequest {
    KeptRequest {
        id: id.to_owned(),
        hash: format!("of {id}"),
        resource: start(7).instance.id.uuid(),
        taken_over: 0,
        answer: None,
        at: at(second),
    }
}

pub(super) async fn a_kept_request_is_begun_once_and_answered_once(store: Tested) {
    let (tenant, first) = (tenant(), kept("r1", 1));
    assert!(
        !store.request_answer(&tenant, "r1", "early").await.unwrap(),
        "nothing is begun"
    );
    let begin = async |request: &KeptRequest| store.request_begin(&tenant, request).await.unwrap();
    assert_eq!(begin(&first).await, None);
    let other = KeptRequest {
        hash: "another".to_owned(),
        resource: start(8).instance.id.uuid(),
        at: at(2),
        ..first.clone()
    };
    assert_eq!(begin(&other).await.as_ref(), Some(&first));
    assert_eq!(
        store.request(&tenant, "r1").await.unwrap(),
        None,
        "no commit answered it"
    );
    let text = "\"\u{1f600} طلب\"".repeat(10_000);
    assert!(store.request_answer(&tenant, "r1", &text).await.unwrap());
    assert!(!store.request_answer(&tenant, "r1", "late").await.unwrap());
    assert!(!store.request_forget(&tenant, "r1", 0).await.unwrap());
    assert!(!store.request_take_over(&tenant, "r1", 0).await.unwrap());
    let answered = KeptRequest {
        answer: Some(text),
        ..first.clone()
    };
    assert_eq!(begin(&other).await, Some(answered));
    // Another tenant has its own, and a commit cannot answer what is kept, nor the other way round.
    let theirs = store.request_begin(&"globex".into(), &other).await;
    assert_eq!(theirs.unwrap(), None);
    conflict(&store, &[asked(1, "r1")]).await;
    commit(&store, &[asked(1, "r2")]).await;
    let error = store.request_begin(&tenant, &kept("r2", 1)).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Conflict);
}

pub(super) async fn a_kept_request_is_taken_over_by_one_and_forgotten_by_that_one(store: Tested) {
    let (tenant, first) = (tenant(), kept("r1", 1));
    store.request_begin(&tenant, &first).await.unwrap();
    let taken = at_once(4, |_| store.request_take_over(&tenant, "r1", 0)).await;
    let taken = taken.into_iter().filter(|taken| *taken.as_ref().unwrap());
    assert_eq!(taken.count(), 1);
    let again = store.request_begin(&tenant, &kept("r1", 5)).await.unwrap();
    let expected = KeptRequest {
        taken_over: 1,
        ..first.clone()
    };
    assert_eq!(again, Some(expected), "its moment and its id stay");
    assert!(!store.request_forget(&tenant, "r1", 0).await.unwrap());
    let elsewhere = store.request_forget(&"globex".into(), "r1", 1).await;
    assert!(!elsewhere.unwrap());
    assert!(store.request_forget(&tenant, "r1", 1).await.unwrap());
    let anew = store.request_begin(&tenant, &kept("r1", 5)).await.unwrap();
    assert_eq!(anew, None);
}

pub(super) async fn of_kept_requests_begun_at_once_one_is_new(store: Tested) {
    let begun = at_once(8, |n| {
        let (store, mut request) = (store.clone(), kept("r1", i64::from(n)));
        request.resource = start(n).instance.id.uuid();
        async move {
            let was = store.request_begin(&tenant(), &request).await.unwrap();
            (was, request)
        }
    })
    .await;
    let new: Vec<_> = begun.iter().filter(|(was, _)| was.is_none()).collect();
    assert_eq!(new.len(), 1);
    let (_, first) = new[0];
    let mut others = begun.iter().filter_map(|(was, _)| was.as_ref());
    assert!(others.all(|was| was == first));
}

pub(super) async fn old_requests_are_dropped(store: Tested) {
    // Answered at second 1, 2 and 3.
    for n in 1..=3 {
        commit(&store, &[asked(n, &format!("r{n}"))]).await;
    }
    commit(&store, &[of_tenant(asked(1, "r1"), &"globex".into())]).await;
    let drop = async |tenant: Option<&str>, before| {
        let tenant = tenant.map(Into::into);
        let dropped = store.requests_drop(tenant.as_ref(), at(before)).await;
        dropped.unwrap()
    };
    let begun = store.request_begin(&tenant(), &kept("k1", 1)).await;
    assert_eq!(begun.unwrap(), None);
    assert_eq!(drop(Some("initech"), 9).await, 0);
    assert_eq!(drop(Some("acme"), 2).await, 2, "a kept one too");
    assert_eq!(store.request(&tenant(), "r1").await.unwrap(), None);
    assert_eq!(drop(None, 3).await, 2, "of every tenant");
    assert!(store.request(&tenant(), "r3").await.unwrap().is_some());
    commit(&store, &[asked(4, "r1")]).await;
}

//! The memory store passes the suite.

use std::{slice::from_ref, sync::Arc};

use async_trait::async_trait;
use signoff_core::{
    change::{HistoryRow, MessageRow, Rows},
    id::InstanceId,
    instance::InstanceRow,
};
use signoff_store::{ErrorKind, Instances, MemoryStore, Messages, Store, conformance::Builder};

#[derive(Debug)]
struct InMemory;

#[async_trait]
impl Builder for InMemory {
    type Guard = ();

    async fn build(&self) -> (Arc<dyn Store>, ()) {
        (Arc::new(MemoryStore::new()), ())
    }
}

signoff_store::conformance_tests!(InMemory);

#[tokio::test]
async fn the_whole_suite_runs_in_one_call() {
    signoff_store::conformance::exercise(&InMemory).await;
}

/// A change of the one instance onto `before`.
fn row(before: u64) -> Rows {
    let instance = InstanceRow {
        tenant: "acme".into(),
        id: InstanceId::new(uuid::Uuid::nil()),
        version: before + 1,
        workflow: "expense".to_owned(),
        definition: 1,
        status: "running".to_owned(),
        title: "\"\"".to_owned(),
        subject_type: None,
        subject_id: None,
        exclusive: None,
        business_key: None,
        unique_key: None,
        requester: None,
        parent: None,
        started_at: jiff::Timestamp::UNIX_EPOCH,
        changed_at: jiff::Timestamp::UNIX_EPOCH,
        ended_at: None,
        state: "{}".to_owned(),
        data: None,
        forms: None,
    };
    let history = HistoryRow {
        tenant: instance.tenant.clone(),
        instance: instance.id,
        version: instance.version,
        at: instance.changed_at,
        person: None,
        body: "{}".to_owned(),
    };
    Rows {
        before,
        instance,
        history,
        tasks: Vec::new(),
        activations: Vec::new(),
        dropped_activations: Vec::new(),
        jobs: Vec::new(),
        dropped_jobs: Vec::new(),
        incidents: Vec::new(),
        resolved_incidents: Vec::new(),
        subscriptions: Vec::new(),
        dropped_subscriptions: Vec::new(),
        consumed: Vec::new(),
        fields: None,
        request: None,
        newest: None,
    }
}

#[tokio::test]
async fn a_transaction_loses_against_a_commit_on_the_same_instance() {
    let store = MemoryStore::new();
    store.commit_now(&[row(0)]).await.unwrap();
    let mut tx = store.begin(&"acme".into()).await.unwrap();
    tx.commit(&[row(1)]).await.unwrap();
    store.clone().commit_now(&[row(1)]).await.unwrap();
    assert_eq!(tx.finish().await.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn a_transaction_loses_against_a_commit_that_consumes_its_message() {
    let store = MemoryStore::new();
    let message = MessageRow {
        tenant: "acme".into(),
        id: "m1".into(),
        name: "paid".to_owned(),
        key: String::new(),
        payload: "{}".to_owned(),
        sent_at: jiff::Timestamp::UNIX_EPOCH,
        expires_at: None,
    };
    assert!(store.message_add(&message).await.unwrap());
    let consuming = |id| {
        let mut rows = row(0);
        rows.instance.id = InstanceId::new(id);
        rows.history.instance = rows.instance.id;
        rows.consumed = vec![message.id.clone()];
        rows
    };
    let mut tx = store.begin(&"acme".into()).await.unwrap();
    tx.commit(&[consuming(uuid::Uuid::nil())]).await.unwrap();
    let winner = consuming(uuid::Uuid::max());
    store.clone().commit_now(from_ref(&winner)).await.unwrap();
    assert_eq!(tx.finish().await.unwrap_err().kind(), ErrorKind::Conflict);
    let (_, by) = store
        .message(&message.tenant, &message.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(by, Some(winner.instance.id));
}

//! The memory store passes the suite.

use std::sync::Arc;

use async_trait::async_trait;
use signoff_store::{MemoryStore, Store, conformance::Builder};

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

#[tokio::test]
async fn a_transaction_loses_against_a_commit_on_the_same_instance() {
    use signoff_core::{
        change::{HistoryRow, Rows},
        id::InstanceId,
        instance::InstanceRow,
    };
    use signoff_store::{ErrorKind, Instances};

    let row = |before: u64| {
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
        }
    };
    let store = MemoryStore::new();
    store.commit_now(&[row(0)]).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.commit(&[row(1)]).await.unwrap();
    store.clone().commit_now(&[row(1)]).await.unwrap();
    assert_eq!(tx.finish().await.unwrap_err().kind(), ErrorKind::Conflict);
}

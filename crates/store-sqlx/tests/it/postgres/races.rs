//! What two do at once that on SQLite would come one after the other.

use std::time::Duration;

use signoff_store::{DefinitionRow, Definitions, DraftRow, Drafts, Instances};

use super::place::Place;
use crate::support::{start, version};

fn definition(document: &str) -> DefinitionRow {
    DefinitionRow {
        workflow: "expense".into(),
        version: 1,
        hash: document.to_owned(),
        title: "Expense".to_owned(),
        document: document.to_owned(),
        published_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

#[tokio::test]
async fn a_workflow_with_a_start_that_is_not_committed_yet_is_not_dropped() {
    let Some(place) = Place::fresh() else { return };
    let store = place.store().await;
    let tenant = "acme".into();
    let published = store.publish(&tenant, &[definition("a")], &[]).await;
    published.unwrap();
    let mut tx = store.begin(&tenant).await.unwrap();
    tx.commit(&[start(1)]).await.unwrap();
    let dropped = tokio::spawn({
        let (store, tenant) = (store.clone(), tenant.clone());
        async move { store.workflow_drop(&tenant, &"expense".into()).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!dropped.is_finished(), "it waits");
    tx.finish().await.unwrap();
    assert!(!dropped.await.unwrap().unwrap());
    assert_eq!(version(&store, &start(1)).await, 1);
    let found = store.definition(&tenant, &"expense".into(), None).await;
    assert!(found.unwrap().is_some());
}

#[tokio::test]
async fn a_draft_that_another_saves_meanwhile_is_not_overwritten() {
    let Some(place) = Place::fresh() else { return };
    let store = place.store().await;
    let tenant = "acme".into();
    let draft = |revision: u64, source: String| DraftRow {
        workflow: "expense".into(),
        revision,
        strategy: None,
        format: "yaml".to_owned(),
        source,
        changed_by: None,
        changed_at: jiff::Timestamp::UNIX_EPOCH,
    };
    for revision in 1..=10 {
        let saves = (0..4).map(|n| {
            let (store, tenant) = (store.clone(), &tenant);
            let row = draft(revision, format!("{revision} {n}"));
            async move {
                let saved = store.draft_save(tenant, &row, "Expense").await.unwrap();
                saved.then_some(row.source)
            }
        });
        let [one, two, three, four]: [_; 4] =
            saves.collect::<Vec<_>>().try_into().ok().expect("four");
        let saved = tokio::join!(one, two, three, four);
        let winners = [saved.0, saved.1, saved.2, saved.3];
        let winners: Vec<_> = winners.into_iter().flatten().collect();
        let kept = store.draft(&tenant, &"expense".into()).await.unwrap();
        assert_eq!(winners, [kept.unwrap().source]);
    }
}

//! Drafts are written one after the other, and lost updates are told.

use signoff_core::id::{TenantId, WorkflowKey};

use super::{
    at_once,
    sample::{Tested, at, tenant},
};
use crate::contract::{DefinitionRow, DraftRow, Published, WorkflowRow, WorkflowStatus};

fn row(workflow: &str, revision: u64, source: &str) -> DraftRow {
    DraftRow {
        workflow: workflow.into(),
        revision,
        strategy: Some(2),
        format: "yaml".to_owned(),
        source: source.to_owned(),
        changed_by: Some("ann".into()),
        changed_at: at(7),
    }
}

async fn save(store: &Tested, row: &DraftRow) -> bool {
    store
        .draft_save(&tenant(), row, r#""Titel""#)
        .await
        .unwrap()
}

async fn stored(store: &Tested, workflow: &str) -> Option<DraftRow> {
    store.draft(&tenant(), &workflow.into()).await.unwrap()
}

async fn workflow(store: &Tested, key: &str) -> WorkflowRow {
    let row = store.workflow(&tenant(), &key.into()).await.unwrap();
    row.unwrap()
}

pub(super) async fn a_draft_comes_back(store: Tested) {
    assert_eq!(stored(&store, "expense").await, None);
    let text = "title: طلب شراء # \u{1f600}\n".repeat(40_000);
    let rows = [
        row("expense", 1, &text),
        DraftRow {
            strategy: None,
            changed_by: None,
            ..row("absence", 1, "")
        },
    ];
    for row in &rows {
        assert!(save(&store, row).await);
        assert_eq!(
            stored(&store, row.workflow.as_str()).await.as_ref(),
            Some(row)
        );
    }
    let expected = WorkflowRow {
        key: "expense".into(),
        status: WorkflowStatus::Draft,
        hidden: false,
        owner: None,
        latest: 0,
        edits: 1,
        has_draft: true,
        title: r#""Titel""#.to_owned(),
    };
    assert_eq!(workflow(&store, "expense").await, expected);
    assert_eq!(store.workflows(&tenant()).await.unwrap().len(), 2);
    let theirs = store.draft(&"globex".into(), &"expense".into()).await;
    assert_eq!(theirs.unwrap(), None);
    let definition = store.definition(&tenant(), &"expense".into(), None).await;
    assert_eq!(definition.unwrap(), None);
}

pub(super) async fn a_draft_is_written_on_its_last_revision_only(store: Tested) {
    assert!(!save(&store, &row("expense", 2, "early")).await);
    let none = store.workflow(&tenant(), &"expense".into()).await.unwrap();
    assert_eq!(none, None, "a refused write leaves nothing");
    assert!(save(&store, &row("expense", 1, "first")).await);
    for stale in [0, 1, 3] {
        assert!(!save(&store, &row("expense", stale, "stale")).await);
        let kept = stored(&store, "expense").await.unwrap();
        assert_eq!((kept.revision, kept.source.as_str()), (1, "first"));
        assert_eq!(workflow(&store, "expense").await.edits, 1);
    }
    assert!(save(&store, &row("expense", 2, "second")).await);
    assert_eq!(stored(&store, "expense").await.unwrap().source, "second");
}

pub(super) async fn of_those_who_write_a_draft_at_once_one_wins(store: Tested) {
    for revision in 1..=3 {
        let won = at_once(8, |n| {
            let store = store.clone();
            async move { save(&store, &row("expense", revision, &format!("by {n}"))).await }
        })
        .await;
        let winner = won.iter().position(|won| *won).unwrap();
        assert_eq!(won.iter().filter(|won| **won).count(), 1);
        let kept = stored(&store, "expense").await.unwrap();
        assert_eq!(
            (kept.revision, kept.source),
            (revision, format!("by {winner}"))
        );
    }
}

pub(super) async fn a_revision_never_means_two_contents(store: Tested) {
    let key = WorkflowKey::from("expense");
    assert!(!store.draft_drop(&tenant(), &key, 1).await.unwrap());
    assert!(save(&store, &row("expense", 1, "first")).await);
    assert!(!store.draft_drop(&tenant(), &key, 2).await.unwrap());
    assert!(!store.draft_drop(&"globex".into(), &key, 1).await.unwrap());
    assert!(store.draft_drop(&tenant(), &key, 1).await.unwrap());
    assert!(!store.draft_drop(&tenant(), &key, 1).await.unwrap());
    assert_eq!(stored(&store, "expense").await, None);
    let row_of = workflow(&store, "expense").await;
    assert_eq!((row_of.edits, row_of.has_draft), (2, false));
    for revision in [1, 2] {
        assert!(!save(&store, &row("expense", revision, "old")).await);
        assert_eq!(stored(&store, "expense").await, None);
    }
    assert!(save(&store, &row("expense", 3, "new")).await);
}

pub(super) async fn a_draft_goes_with_its_workflow(store: Tested) {
    let key = WorkflowKey::from("expense");
    let published = DefinitionRow {
        workflow: key.clone(),
        version: 0,
        hash: "a".to_owned(),
        title: r#""Published""#.to_owned(),
        document: "{}".to_owned(),
        published_at: at(1),
    };
    store.publish(&tenant(), &[published], &[]).await.unwrap();
    assert!(save(&store, &row("expense", 1, "next version")).await);
    let row_of = workflow(&store, "expense").await;
    assert_eq!((row_of.latest, row_of.has_draft), (1, true));
    assert_eq!(
        row_of.title, r#""Published""#,
        "a draft renames nothing published"
    );
    assert_eq!(row_of.status, WorkflowStatus::Active);
    assert!(store.workflow_drop(&tenant(), &key).await.unwrap());
    assert_eq!(stored(&store, "expense").await, None);
    assert_eq!(store.draft_edits(&tenant(), &key).await.unwrap(), 2);
    assert_eq!(store.draft_edits(&"globex".into(), &key).await.unwrap(), 0);
    assert!(!save(&store, &row("expense", 1, "old")).await);
    assert!(!save(&store, &row("expense", 2, "old")).await);
    assert!(save(&store, &row("expense", 3, "anew")).await);
    let row_of = workflow(&store, "expense").await;
    assert_eq!((row_of.latest, row_of.title.as_str()), (0, r#""Titel""#));
    assert_eq!(row_of.status, WorkflowStatus::Draft);
    assert!(save(&store, &row("expense", 4, "again")).await);
}

async fn publish(
    store: &Tested,
    tenant: &TenantId,
    hash: &str,
    revision: u64,
) -> Option<Published> {
    let definition = DefinitionRow {
        workflow: "expense".into(),
        version: 0,
        hash: hash.to_owned(),
        title: r#""Published""#.to_owned(),
        document: "{}".to_owned(),
        published_at: at(1),
    };
    let published = store
        .publish_draft(
            tenant,
            &definition,
            &[("daily".to_owned(), at(7))],
            revision,
        )
        .await;
    published.unwrap()
}

pub(super) async fn a_draft_is_published_and_gone_or_neither(store: Tested) {
    let key = WorkflowKey::from("expense");
    assert!(save(&store, &row("expense", 1, "first")).await);
    assert!(save(&store, &row("expense", 2, "second")).await);
    for (tenant, revision) in [(tenant(), 1), (tenant(), 3), ("globex".into(), 2)] {
        assert_eq!(publish(&store, &tenant, "a", revision).await, None);
    }
    assert_eq!(stored(&store, "expense").await.unwrap().source, "second");
    assert_eq!(store.definition(&tenant(), &key, None).await.unwrap(), None);
    assert_eq!(store.next_schedule(None).await.unwrap(), None);
    let mine = &tenant();
    let published = publish(&store, mine, "a", 2).await;
    assert_eq!(published, Some(Published::New(1)));
    assert_eq!(store.next_schedule(None).await.unwrap(), Some(at(7)));
    assert_eq!(stored(&store, "expense").await, None);
    let row_of = workflow(&store, "expense").await;
    assert_eq!(
        (row_of.edits, row_of.has_draft, row_of.latest),
        (3, false, 1)
    );
    assert_eq!(row_of.status, WorkflowStatus::Active);
    assert_eq!(publish(&store, mine, "b", 2).await, None);
    assert!(save(&store, &row("expense", 4, "the same")).await);
    let same = publish(&store, mine, "a", 4).await;
    assert_eq!(same, Some(Published::Same(1)));
    assert_eq!(stored(&store, "expense").await, None);
}

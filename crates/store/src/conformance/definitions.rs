//! Definitions are published once and never change.

use std::slice::from_ref;

use signoff_core::{change::Rows, id::WorkflowKey};

use super::{
    at_once,
    sample::{Tested, at, commit, start, tenant},
};
use crate::{
    contract::{DefinitionRow, Published, StartsOf, WorkflowChange, WorkflowRow, WorkflowStatus},
    error::ErrorKind,
};

fn definition(workflow: &str, content: &str) -> DefinitionRow {
    DefinitionRow {
        workflow: workflow.into(),
        version: 77,
        hash: format!("hash of {content}"),
        title: format!(r#""{workflow} {content}""#),
        document: format!(r#"{{"key":"{workflow}","content":"{content}"}}"#),
        published_at: at(5),
    }
}

pub(super) async fn a_definition_comes_back(store: Tested) {
    let row = definition("expense", "a");
    let published = store.publish(&tenant(), from_ref(&row), &[]).await.unwrap();
    assert_eq!(published, [Published::New(1)]);
    let stored = store
        .definition(&tenant(), &row.workflow, Some(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        stored,
        DefinitionRow {
            version: 1,
            ..row.clone()
        }
    );
    let workflow = store
        .workflow(&tenant(), &row.workflow)
        .await
        .unwrap()
        .unwrap();
    let expected = WorkflowRow {
        key: row.workflow.clone(),
        status: WorkflowStatus::Active,
        hidden: false,
        owner: None,
        latest: 1,
        edits: 0,
        has_draft: false,
        title: row.title.clone(),
    };
    assert_eq!(workflow, expected);
    assert_eq!(
        store
            .definition(&tenant(), &row.workflow, Some(2))
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        store
            .definition(&tenant(), &"unknown".into(), None)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        store
            .definition(&"globex".into(), &row.workflow, None)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        store
            .workflow(&"globex".into(), &row.workflow)
            .await
            .unwrap(),
        None
    );
    let theirs = store
        .publish(&"globex".into(), &[definition("expense", "b")], &[])
        .await
        .unwrap();
    assert_eq!(
        theirs,
        [Published::New(1)],
        "versions are counted per tenant"
    );
}

pub(super) async fn the_same_content_is_published_once(store: Tested) {
    let (a, b) = (definition("expense", "a"), definition("expense", "b"));
    let twice = store
        .publish(&tenant(), &[a.clone(), a.clone(), b.clone()], &[])
        .await
        .unwrap();
    assert_eq!(
        twice,
        [Published::New(1), Published::Same(1), Published::New(2)]
    );
    let again = store.publish(&tenant(), &[b, a], &[]).await.unwrap();
    assert_eq!(
        again,
        [Published::Same(2), Published::New(3)],
        "only the newest version counts"
    );
}

pub(super) async fn the_newest_version_is_the_default(store: Tested) {
    let rows = [
        definition("expense", "a"),
        definition("expense", "b"),
        definition("absence", "c"),
    ];
    store.publish(&tenant(), &rows, &[]).await.unwrap();
    let newest = store
        .definition(&tenant(), &"expense".into(), None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        newest,
        DefinitionRow {
            version: 2,
            ..rows[1].clone()
        }
    );
    let oldest = store
        .definition(&tenant(), &"expense".into(), Some(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        oldest,
        DefinitionRow {
            version: 1,
            ..rows[0].clone()
        }
    );
    let listed = store.workflows(&tenant()).await.unwrap();
    let listed: Vec<_> = listed
        .iter()
        .map(|row| (row.key.as_str(), row.latest, row.title.clone()))
        .collect();
    let expected = [
        ("absence", 1, rows[2].title.clone()),
        ("expense", 2, rows[1].title.clone()),
    ];
    assert_eq!(listed, expected);
    assert_eq!(store.workflows(&"globex".into()).await.unwrap(), []);
}

pub(super) async fn the_version_of_a_moment_is_found(store: Tested) {
    let of = |content: &str, seconds| DefinitionRow {
        published_at: at(seconds),
        ..definition("expense", content)
    };
    // The clock went back before the third was published.
    let rows = [of("a", 5), of("b", 9), of("c", 7), of("d", 20)];
    store.publish(&tenant(), &rows, &[]).await.unwrap();
    for (seconds, expected) in [
        (4, None),
        (5, Some(1)),
        (6, Some(1)),
        (7, Some(3)),
        (9, Some(3)),
        (20, Some(4)),
        (99, Some(4)),
    ] {
        let found = store
            .definition_as_of(&tenant(), &"expense".into(), at(seconds))
            .await
            .unwrap();
        let version = found.as_ref().map(|row| row.version);
        assert_eq!(version, expected, "at {seconds}");
        let same = store
            .definition(&tenant(), &"expense".into(), version.or(Some(99)))
            .await
            .unwrap();
        assert_eq!(found, same);
    }
    for (owner, workflow) in [(tenant(), "absence"), ("globex".into(), "expense")] {
        let found = store
            .definition_as_of(&owner, &workflow.into(), at(99))
            .await;
        assert_eq!(found.unwrap(), None);
    }
}

pub(super) async fn publishing_at_once_gives_different_versions(store: Tested) {
    let results = at_once(8, |n| {
        let store = store.clone();
        async move {
            let row = definition("expense", if n < 4 { "shared" } else { "own" });
            let row = DefinitionRow {
                hash: if n < 4 {
                    "shared".to_owned()
                } else {
                    n.to_string()
                },
                ..row
            };
            store.publish(&tenant(), &[row], &[]).await.unwrap()[0]
        }
    })
    .await;
    let mut new: Vec<u32> = results
        .iter()
        .filter_map(|published| match published {
            Published::New(version) => Some(*version),
            Published::Same(_) => None,
        })
        .collect();
    new.sort_unstable();
    let expected: Vec<u32> = (1..).take(new.len()).collect();
    assert_eq!(new, expected);
    assert!(
        new.len() >= 5,
        "four different contents and one shared: {results:?}"
    );
}

pub(super) async fn a_workflow_can_be_switched_off(store: Tested) {
    let key = WorkflowKey::from("expense");
    assert!(!store.set_active(&tenant(), &key, false).await.unwrap());
    store
        .publish(&tenant(), &[definition("expense", "a")], &[])
        .await
        .unwrap();
    assert!(
        !store
            .set_active(&"globex".into(), &key, false)
            .await
            .unwrap()
    );
    for active in [false, false, true] {
        assert!(store.set_active(&tenant(), &key, active).await.unwrap());
        assert_eq!(
            store
                .workflow(&tenant(), &key)
                .await
                .unwrap()
                .unwrap()
                .is_active(),
            active
        );
    }
    store.set_active(&tenant(), &key, false).await.unwrap();
    store
        .publish(&tenant(), &[definition("expense", "b")], &[])
        .await
        .unwrap();
    let workflow = store.workflow(&tenant(), &key).await.unwrap().unwrap();
    assert_eq!((workflow.is_active(), workflow.latest), (false, 2));
}

pub(super) async fn what_a_workflow_has_beside_its_content_changes(store: Tested) {
    let key = WorkflowKey::from("expense");
    let hide = WorkflowChange {
        hidden: Some(true),
        owner: Some(Some("شركة \"acme\"".to_owned())),
        ..WorkflowChange::default()
    };
    assert!(!store.workflow_change(&tenant(), &key, &hide).await.unwrap());
    let first = definition("expense", "a");
    store.publish(&tenant(), &[first], &[]).await.unwrap();
    let draft = WorkflowChange {
        status: Some(WorkflowStatus::Draft),
        ..WorkflowChange::default()
    };
    let disown = WorkflowChange {
        owner: Some(None),
        hidden: Some(false),
        ..WorkflowChange::default()
    };
    let acme = hide.owner.clone().flatten();
    for (change, status, hidden, owner) in [
        (&hide, WorkflowStatus::Active, true, acme.clone()),
        (&draft, WorkflowStatus::Draft, true, acme),
        (&disown, WorkflowStatus::Draft, false, None),
    ] {
        assert!(
            store
                .workflow_change(&tenant(), &key, change)
                .await
                .unwrap()
        );
        assert!(
            !store
                .workflow_change(&"globex".into(), &key, change)
                .await
                .unwrap()
        );
        let row = store.workflow(&tenant(), &key).await.unwrap().unwrap();
        assert_eq!((row.status, row.hidden, row.owner), (status, hidden, owner));
    }
    let second = definition("expense", "b");
    store.publish(&tenant(), &[second], &[]).await.unwrap();
    let row = store.workflow(&tenant(), &key).await.unwrap().unwrap();
    assert!(row.is_active(), "publishing takes a draft into use");
}

pub(super) async fn a_workflow_is_dropped_while_nothing_runs(store: Tested) {
    let key = WorkflowKey::from("expense");
    assert!(!store.workflow_drop(&tenant(), &key).await.unwrap());
    let rows = [definition("expense", "a"), definition("absence", "c")];
    store.publish(&tenant(), &rows, &[]).await.unwrap();
    commit(&store, &[start_of(1)]).await;
    assert_eq!(start_of(1).instance.workflow, key.as_str());
    assert!(
        !store.workflow_drop(&tenant(), &key).await.unwrap(),
        "it has an instance"
    );
    let kept = store.definition(&tenant(), &key, None).await.unwrap();
    assert_eq!(kept.map(|row| row.version), Some(1));
    let theirs = store
        .workflow_drop(&"globex".into(), &"absence".into())
        .await;
    assert!(!theirs.unwrap());
    let unused = WorkflowKey::from("absence");
    let starts = StartsOf {
        workflow: unused.clone(),
        rows: vec![("s".to_owned(), at(9))],
    };
    store.publish(&tenant(), &[], &[starts]).await.unwrap();
    assert!(store.workflow_drop(&tenant(), &unused).await.unwrap());
    assert!(!store.workflow_drop(&tenant(), &unused).await.unwrap());
    assert_eq!(store.workflow(&tenant(), &unused).await.unwrap(), None);
    let listed = store.workflows(&tenant()).await.unwrap();
    assert!(listed.iter().all(|row| row.key != unused));
    for version in [None, Some(1)] {
        let found = store.definition(&tenant(), &unused, version).await.unwrap();
        assert_eq!(found, None);
    }
    let due = store.schedules_due(None, at(99), 9).await.unwrap();
    assert!(due.iter().all(|row| row.workflow != unused));
    let change = WorkflowChange::default();
    assert!(
        !store
            .workflow_change(&tenant(), &unused, &change)
            .await
            .unwrap()
    );
    let again = definition("absence", "c");
    let published = store.publish(&tenant(), &[again], &[]).await.unwrap();
    assert_eq!(
        published,
        [Published::New(2)],
        "no number means two contents"
    );
    let row = store.workflow(&tenant(), &unused).await.unwrap().unwrap();
    assert!(row.is_active());
}

/// The start of an instance of a version of `expense`.
fn start_of(version: u32) -> Rows {
    let mut rows = start(1);
    rows.instance.definition = version;
    rows
}

pub(super) async fn a_start_that_comes_after_the_end_of_its_workflow_conflicts(store: Tested) {
    let key = WorkflowKey::from("expense");
    store
        .publish(&tenant(), &[definition("expense", "a")], &[])
        .await
        .unwrap();
    assert!(store.workflow_drop(&tenant(), &key).await.unwrap());
    let refused = |outcome: Result<(), crate::error::Error>| {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Conflict);
    };
    refused(store.commit_now(&[start_of(1)]).await);
    let next = definition("expense", "b");
    let published = store.publish(&tenant(), &[next], &[]).await.unwrap();
    assert_eq!(published, [Published::New(2)]);
    refused(store.commit_now(&[start_of(1)]).await);
    store.commit_now(&[start_of(2)]).await.unwrap();
    assert!(!store.workflow_drop(&tenant(), &key).await.unwrap());
}

pub(super) async fn a_start_by_what_is_not_the_newest_version_any_more_conflicts(store: Tested) {
    let key = WorkflowKey::from("expense");
    let by_newest = |n: u32, version: u32, newest: u32| {
        let mut rows = start(n);
        rows.instance.definition = version;
        rows.newest = Some(newest);
        rows
    };
    let refused = async |rows: Rows| {
        let error = store.commit_now(from_ref(&rows)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        let mut tx = store.begin(&rows.instance.tenant).await.unwrap();
        let error = tx.commit(&[rows]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    };
    refused(by_newest(1, 1, 1)).await;
    let publish = async |content: &str| {
        let rows = [definition("expense", content)];
        store.publish(&tenant(), &rows, &[]).await.unwrap();
    };
    publish("a").await;
    commit(&store, &[by_newest(1, 1, 1)]).await;
    publish("b").await;
    refused(by_newest(2, 1, 1)).await;
    commit(&store, &[by_newest(2, 1, 2)]).await;
    for status in [WorkflowStatus::Inactive, WorkflowStatus::Draft] {
        let change = WorkflowChange {
            status: Some(status),
            ..WorkflowChange::default()
        };
        let changed = store.workflow_change(&tenant(), &key, &change).await;
        assert!(changed.unwrap());
        refused(by_newest(3, 2, 2)).await;
    }
    // Whoever read it before does not ask.
    let mut rows = by_newest(3, 2, 2);
    rows.newest = None;
    commit(&store, &[rows]).await;
    publish("c").await;
    commit(&store, &[by_newest(4, 3, 3)]).await;
    let theirs = super::sample::of_tenant(by_newest(5, 3, 3), &"globex".into());
    refused(theirs).await;
}

//! Files come back byte by byte, and go when nobody refers to them.

use signoff_core::id::FileId;

use super::sample::{Tested, at, commit, instance_id, start, task_id, tenant, uuid};
use crate::{
    contract::{FileRow, sha256},
    error::ErrorKind,
};

fn id(n: u32) -> FileId {
    FileId::new(uuid(n))
}

fn row(n: u32, content: &[u8]) -> FileRow {
    FileRow {
        id: id(n),
        instance: None,
        task: None,
        name: "عقد 'x' \u{1f600}.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
        size: content.len() as u64,
        sha256: sha256(content),
        uploaded_by: Some("ann".into()),
        uploaded_at: at(i64::from(n)),
    }
}

async fn put(store: &Tested, row: &FileRow) {
    store.file_put(&tenant(), row, b"%PDF").await.unwrap();
}

pub(super) async fn a_file_comes_back_byte_by_byte(store: Tested) {
    let all: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    for (n, content) in [(1, all.as_slice()), (2, b""), (3, b"\0")] {
        let row = FileRow {
            task: (n == 1).then(|| task_id(7)),
            instance: (n == 1).then(|| instance_id(7)),
            uploaded_by: (n == 1).then(|| "ann".into()),
            ..row(n, content)
        };
        store.file_put(&tenant(), &row, content).await.unwrap();
        assert_eq!(store.file(&tenant(), id(n)).await.unwrap(), Some(row));
        let back = store.file_content(&tenant(), id(n)).await.unwrap();
        assert!(back.is_some_and(|back| back == content));
    }
    assert_eq!(store.file(&"globex".into(), id(1)).await.unwrap(), None);
    let theirs = store.file_content(&"globex".into(), id(1)).await;
    assert_eq!(theirs.unwrap(), None);
    let again = store.file_put(&tenant(), &row(2, b"other"), b"other").await;
    assert_eq!(again.unwrap_err().kind(), ErrorKind::Conflict);
    let first = store.file_content(&tenant(), id(2)).await.unwrap();
    assert_eq!(first, Some(Vec::new()));
}

pub(super) async fn a_file_belongs_to_the_first_that_refers_to_it(store: Tested) {
    for n in [3, 1, 2] {
        put(&store, &row(n, b"%PDF")).await;
    }
    let (one, other) = (instance_id(10), instance_id(11));
    let ids = [id(1), id(2), id(9)];
    for instance in [one, one, other] {
        store.files_keep(&tenant(), &ids, instance).await.unwrap();
    }
    let of = async |instance| {
        let found = store.files_of(&tenant(), instance).await.unwrap();
        found.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(of(one).await, [id(1), id(2)]);
    assert!(of(other).await.is_empty());
    let theirs = store.files_of(&"globex".into(), one).await.unwrap();
    assert!(theirs.is_empty());
    store.files_release(&tenant(), &ids, other).await.unwrap();
    assert_eq!(of(one).await, [id(1), id(2)]);
    store.files_release(&tenant(), &[id(2)], one).await.unwrap();
    assert_eq!(of(one).await, [id(1)]);
}

pub(super) async fn files_that_nobody_refers_to_are_dropped(store: Tested) {
    commit(&store, &[start(5)]).await;
    for n in 1..=6 {
        put(&store, &row(n, b"%PDF")).await;
    }
    let (there, gone) = (instance_id(5), instance_id(6));
    store.files_keep(&tenant(), &[id(1)], there).await.unwrap();
    store.files_keep(&tenant(), &[id(2)], gone).await.unwrap();
    store
        .file_put(&"globex".into(), &row(3, b""), b"")
        .await
        .unwrap();
    let other = store.files_drop(Some(&"initech".into()), at(4)).await;
    assert_eq!(other.unwrap(), 0);
    assert_eq!(store.files_drop(Some(&tenant()), at(4)).await.unwrap(), 2);
    let mut left = Vec::new();
    for n in 1..=6 {
        left.extend(store.file(&tenant(), id(n)).await.unwrap());
    }
    let left: Vec<FileId> = left.iter().map(|row| row.id).collect();
    assert_eq!(left, [id(1), id(4), id(5), id(6)]);
    assert_eq!(store.files_drop(None, at(9)).await.unwrap(), 4);
    assert!(store.file(&tenant(), id(1)).await.unwrap().is_some());
}

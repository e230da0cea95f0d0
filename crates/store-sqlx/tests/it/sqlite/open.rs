//! Opening files, good and bad.

use std::{path::Path, slice::from_ref};

use signoff_store::{ErrorKind, Instances};
use signoff_store_sqlx::{SchemaOnOpen, SqliteOptions, SqliteStore, Synchronous};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

use crate::support::{load_of, next, start, version};

async fn run_sql(path: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signoff.db");
    let rows = start(1);
    let store = SqliteStore::open(&path).await.unwrap();
    store
        .commit_now(&[rows.clone(), next(&rows)])
        .await
        .unwrap();
    let before = store.load(&load_of(&rows)).await.unwrap();
    store.close().await;
    assert!(
        !folder.path().join("signoff.db-wal").exists(),
        "closing folds the log into the file"
    );
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.load(&load_of(&rows)).await.unwrap(), before);
    assert_eq!(store.path(), path);
}

#[tokio::test]
async fn two_stores_on_one_file_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signoff.db");
    let one = SqliteStore::open(&path).await.unwrap();
    let two = SqliteStore::open(&path).await.unwrap();
    let rows = start(1);
    one.commit_now(from_ref(&rows)).await.unwrap();
    assert_eq!(version(&two, &rows).await, 1);
    two.commit_now(&[next(&rows)]).await.unwrap();
    assert_eq!(version(&one, &rows).await, 2);
    let error = one.commit_now(&[next(&rows)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing").join("signoff.db");
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let text = error.to_string();
    assert!(
        text.contains("missing") && text.contains("cannot be opened"),
        "{text}"
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "nothing like a database\n".repeat(100)).unwrap();
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    let text = error.to_string();
    assert!(
        text.contains("notes.txt") && text.contains("not a SQLite database"),
        "{text}"
    );
}

#[tokio::test]
async fn the_next_schema_is_accepted_and_later_ones_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signoff.db");
    SqliteStore::open(&path).await.unwrap().close().await;
    run_sql(&path, "INSERT INTO signoff_schema_version SELECT max(version) + 1, 'next', 'x', 0 FROM signoff_schema_version").await;
    SqliteStore::open(&path).await.unwrap().close().await;
    run_sql(&path, "INSERT INTO signoff_schema_version SELECT max(version) + 1, 'later', 'x', 0 FROM signoff_schema_version").await;
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(
        error.to_string().contains("newer version of the program"),
        "{error}"
    );
}

#[tokio::test]
async fn a_schema_of_another_history_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signoff.db");
    SqliteStore::open(&path).await.unwrap().close().await;
    run_sql(
        &path,
        "UPDATE signoff_schema_version SET checksum = 'changed' WHERE version = 1",
    )
    .await;
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(
        error.to_string().contains("restore the database"),
        "{error}"
    );
}

#[tokio::test]
async fn missing_tables_can_be_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signoff.db");
    let options = SqliteOptions {
        schema: SchemaOnOpen::Check,
        ..SqliteOptions::default()
    };
    let error = SqliteStore::open_with(&path, options.clone())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "no file is made");
    run_sql(&path, "CREATE TABLE host (id INTEGER)").await;
    let error = SqliteStore::open_with(&path, options.clone())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(error.to_string().contains("signoff db up"), "{error}");
    SqliteStore::open(&path).await.unwrap().close().await;
    SqliteStore::open_with(&path, options).await.unwrap();
}

#[tokio::test]
async fn two_programs_may_make_the_tables_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signoff.db");
    let (one, two) = tokio::join!(SqliteStore::open(&path), SqliteStore::open(&path));
    let rows = start(1);
    one.unwrap().commit_now(from_ref(&rows)).await.unwrap();
    assert_eq!(version(&two.unwrap(), &rows).await, 1);
}

#[tokio::test]
async fn a_store_may_trade_the_last_commits_for_speed() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        synchronous: Synchronous::Normal,
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open_with(folder.path().join("signoff.db"), options)
        .await
        .unwrap();
    let rows = start(1);
    store.commit_now(from_ref(&rows)).await.unwrap();
    assert_eq!(version(&store, &rows).await, 1);
}

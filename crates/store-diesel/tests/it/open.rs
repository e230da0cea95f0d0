//! Opening files, good and bad.

use std::{path::Path, slice::from_ref};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use signoff_store::{ErrorKind, Instances, Queries};
use signoff_store_diesel::{SchemaOnOpen, SqliteOptions, SqliteStore, Synchronous};

use crate::support::{load_of, next, start, version};

fn run_sql(path: &Path, sql: &str) {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(sql).unwrap();
}

fn later(name: &str) -> String {
    format!(
        "INSERT INTO signoff_schema_version SELECT max(version) + 1, '{name}', 'x', 0 FROM signoff_schema_version"
    )
}

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    // No name has a special meaning.
    for name in [
        "signoff.db",
        ":memory:",
        "file:x?mode=memory",
        "50 % of #1/../ü.db",
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let rows = start(1);
        let store = SqliteStore::open(&path).await.unwrap();
        store
            .commit_now(&[rows.clone(), next(&rows)])
            .await
            .unwrap();
        let before = store.load(&load_of(&rows)).await.unwrap();
        assert!(before.is_some());
        store.close().await;
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        assert!(
            !Path::new(&log).exists(),
            "closing folds the log into the file"
        );
        assert!(path.exists());
        let store = SqliteStore::open(&path).await.unwrap();
        assert_eq!(store.load(&load_of(&rows)).await.unwrap(), before);
        assert_eq!(store.path(), path);
    }
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("signoff.db"))
        .await
        .unwrap();
    let other = store.clone();
    store.close().await;
    let rows = start(1);
    for error in [
        other.commit_now(from_ref(&rows)).await.unwrap_err(),
        other.load(&load_of(&rows)).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains("closed"), "{error}");
    }
    other.close().await;
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
    run_sql(&path, &later("next"));
    SqliteStore::open(&path).await.unwrap().close().await;
    run_sql(&path, &later("later"));
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
    );
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
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(!path.exists(), "no file is made");
    run_sql(&path, "CREATE TABLE host (id INTEGER)");
    let error = SqliteStore::open_with(&path, options.clone())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(error.to_string().contains("signoff db up"), "{error}");
    SqliteStore::open(&path).await.unwrap().close().await;
    SqliteStore::open_with(&path, options).await.unwrap();
}

#[tokio::test]
async fn many_programs_may_make_the_tables_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signoff.db");
    let open = || SqliteStore::open(&path);
    let stores = futures_util::future::join_all([open(), open(), open(), open()]).await;
    let rows = start(1);
    for (n, store) in (1..).zip(stores) {
        let store = store.unwrap();
        store.commit_now(&[start(n)]).await.unwrap();
        assert_eq!(version(&store, &rows).await, 1);
    }
}

#[tokio::test]
async fn a_store_may_trade_the_last_commits_for_speed() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        synchronous: Synchronous::Normal,
        readers: 0,
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open_with(folder.path().join("signoff.db"), options)
        .await
        .unwrap();
    let rows = start(1);
    store.commit_now(from_ref(&rows)).await.unwrap();
    assert_eq!(version(&store, &rows).await, 1);
}

#[tokio::test]
async fn a_row_that_nobody_wrote_is_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signoff.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let rows = start(1);
    store.commit_now(from_ref(&rows)).await.unwrap();
    for damage in [
        "status = x'ff'",
        "status = CAST(x'ff' AS TEXT)",
        "version = 'one'",
        "version = -1",
    ] {
        run_sql(
            &path,
            &format!(
                "UPDATE signoff_instance SET status = 'running', version = 1; UPDATE signoff_instance SET {damage}"
            ),
        );
        let error = store.load(&load_of(&rows)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{damage}: {error}");
    }
    run_sql(&path, "DROP TABLE signoff_event");
    let error = store
        .history(&rows.instance.tenant, rows.instance.id)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Other);
}

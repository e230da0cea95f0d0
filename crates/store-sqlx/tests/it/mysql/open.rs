//! Opening databases, good and bad.

use std::slice::from_ref;

use signoff_store::{ErrorKind, Instances, schema::MYSQL};
use signoff_store_sqlx::{MySqlOptions, MySqlStore, SchemaOnOpen};

use super::database::{Database, run};
use crate::support::{load_of, next, start, version};

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let Some(database) = Database::new().await else {
        return;
    };
    let rows = start(1);
    let store = database.store().await;
    store
        .commit_now(&[rows.clone(), next(&rows)])
        .await
        .unwrap();
    let before = store.load(&load_of(&rows)).await.unwrap();
    store.close().await;
    let store = database.store().await;
    assert_eq!(store.load(&load_of(&rows)).await.unwrap(), before);
}

#[tokio::test]
async fn two_stores_on_one_database_see_each_other() {
    let Some(database) = Database::new().await else {
        return;
    };
    let (one, two) = tokio::join!(database.store(), database.store());
    let rows = start(1);
    one.commit_now(from_ref(&rows)).await.unwrap();
    assert_eq!(version(&two, &rows).await, 1);
    two.commit_now(&[next(&rows)]).await.unwrap();
    assert_eq!(version(&one, &rows).await, 2);
    let error = one.commit_now(&[next(&rows)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn what_cannot_be_opened_is_named_without_the_password() {
    for (url, kind) in [
        (
            "mysql://ann:secret@127.0.0.1:9/signoff",
            ErrorKind::Unavailable,
        ),
        ("mysql://ann:secret@127.0.0.1:9", ErrorKind::Other),
        (
            "mysql://ann:secret@127.0.0.1:none/signoff",
            ErrorKind::Other,
        ),
    ] {
        let error = MySqlStore::open(url).await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn the_next_schema_is_accepted_and_later_ones_refused() {
    let Some(database) = Database::new().await else {
        return;
    };
    database.store().await.close().await;
    let add = |name: &str| {
        let version = MYSQL.version() + u32::from(name == "later") + 1;
        format!("INSERT INTO signoff_schema_version VALUES ({version}, '{name}', 'x', 0)")
    };
    run(&database.url(), add("next")).await;
    database.store().await.close().await;
    run(&database.url(), add("later")).await;
    let error = MySqlStore::open(&database.url()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(
        error.to_string().contains("newer version of the program"),
        "{error}"
    );
}

#[tokio::test]
async fn a_schema_of_another_history_is_refused() {
    let Some(database) = Database::new().await else {
        return;
    };
    database.store().await.close().await;
    let change = "UPDATE signoff_schema_version SET checksum = 'changed' WHERE version = 1";
    run(&database.url(), change.to_owned()).await;
    let error = MySqlStore::open(&database.url()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(
        error.to_string().contains("restore the database"),
        "{error}"
    );
}

#[tokio::test]
async fn missing_tables_can_be_refused() {
    let Some(database) = Database::new().await else {
        return;
    };
    let options = MySqlOptions {
        schema: SchemaOnOpen::Check,
        ..MySqlOptions::default()
    };
    let error = MySqlStore::open_with(&database.url(), options.clone())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    database.store().await.close().await;
    MySqlStore::open_with(&database.url(), options)
        .await
        .unwrap();
}

#[tokio::test]
async fn tables_that_were_made_by_half_are_completed() {
    let Some(database) = Database::new().await else {
        return;
    };
    // A program that was killed in the midst of it: the books say nothing yet.
    database.store().await.close().await;
    let half = "DELETE FROM signoff_schema_version; DROP TABLE signoff_pool, signoff_task";
    run(&database.url(), half.to_owned()).await;
    let store = database.store().await;
    store.commit_now(&[start(1)]).await.unwrap();
    assert_eq!(version(&store, &start(1)).await, 1);
}

#[tokio::test]
async fn the_schema_as_plain_sql_makes_the_same_tables() {
    let Some(database) = Database::new().await else {
        return;
    };
    run(&database.url(), MYSQL.to_sql(0)).await;
    let options = MySqlOptions {
        schema: SchemaOnOpen::Check,
        ..MySqlOptions::default()
    };
    MySqlStore::open_with(&database.url(), options)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_and_not_cut() {
    let Some(database) = Database::new().await else {
        return;
    };
    let store = database.store().await;
    let mut rows = start(1);
    rows.instance.tenant = "t".repeat(101).into();
    rows.history.tenant = rows.instance.tenant.clone();
    let error = store.commit_now(&[rows]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Other);
    assert!(error.to_string().contains("longer than"), "{error}");
    let mut rows = start(1);
    let mut task = crate::support::task(&rows, 2);
    task.1.assignee = Some("p".repeat(256).into());
    rows.tasks = vec![task];
    let error = store.commit_now(&[rows]).await.unwrap_err();
    assert!(error.to_string().contains("longer than"), "{error}");
    assert_eq!(version(&store, &start(1)).await, 0);
}

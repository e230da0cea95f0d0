//! One writer for all.

use std::{
    pin::pin,
    slice::from_ref,
    sync::Mutex,
    task::{Context, Poll, Waker},
};

use signoff_store::{ErrorKind, Instances};
use signoff_store_sqlx::{SqliteOptions, SqliteStore};

use crate::support::{next, start, task, version};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_commits_at_once_only_the_conflicting_one_fails() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("signoff.db"))
        .await
        .unwrap();
    let taken = start(7);
    store.commit_now(from_ref(&taken)).await.unwrap();
    // The writer is lent, so that all wait together and share one transaction.
    let tx = store.begin(&"acme".into()).await.unwrap();
    let mut commits = tokio::task::JoinSet::new();
    for n in 0..32 {
        let store = store.clone();
        commits.spawn(async move {
            let mut rows = start(n);
            rows.tasks = vec![task(&rows, 1_000 + n)];
            // Some are of several changes, and every one is all or nothing.
            let changes = if n % 5 == 2 {
                vec![start(100 + n), rows]
            } else {
                vec![rows]
            };
            (n, store.commit_now(&changes).await)
        });
    }
    tokio::task::yield_now().await;
    drop(tx);
    while let Some(done) = commits.join_next().await {
        let (n, result) = done.unwrap();
        assert_eq!(
            result.as_ref().err().map(signoff_store::Error::kind),
            (n == 7).then_some(ErrorKind::Conflict)
        );
        assert_eq!(version(&store, &start(n)).await, 1);
        let side = version(&store, &start(100 + n)).await;
        assert_eq!(
            side,
            u64::from(n % 5 == 2 && n != 7),
            "the first change of commit {n}"
        );
    }
}

/// Who has the writer, in order, when three workers came before two people.
#[tokio::test]
async fn jobs_have_every_second_turn_while_people_wait() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("signoff.db"))
        .await
        .unwrap();
    let acme = "acme".into();
    let held = store.begin(&acme).await.unwrap();
    let order = Mutex::new(Vec::new());
    let job = |name| {
        let (store, acme, order) = (&store, &acme, &order);
        async move {
            let tx = store.begin_for_job(acme).await.unwrap();
            order.lock().unwrap().push(name);
            drop(tx);
        }
    };
    let person = |name| {
        let (store, acme, order) = (&store, &acme, &order);
        async move {
            let tx = store.begin(acme).await.unwrap();
            order.lock().unwrap().push(name);
            drop(tx);
        }
    };
    // Each asks for the writer at its first poll, and these are in order.
    tokio::join!(
        job("job 1"),
        job("job 2"),
        job("job 3"),
        person("ann"),
        person("bob"),
        async { drop(held) },
    );
    let order = order.into_inner().unwrap();
    assert_eq!(order, ["job 1", "ann", "job 2", "bob", "job 3"]);
}

#[test]
fn a_store_outlives_a_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let path = folder.path().join("signoff.db");
    let store = runtime().block_on(SqliteStore::open(&path)).unwrap();
    let mut rows = start(1);
    for expected in 1..4 {
        let runtime = runtime();
        runtime.block_on(store.commit_now(from_ref(&rows))).unwrap();
        assert_eq!(runtime.block_on(version(&store, &rows)), expected);
        rows = next(&rows);
    }
    let outside = poll_once(store.commit_now(&[rows]));
    assert!(
        outside.is_some_and(|result| result.is_err()),
        "there is no runtime here"
    );
}

/// Polls once, outside every runtime.
fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Pending => None,
        Poll::Ready(output) => Some(output),
    }
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_the_writer_usable() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("signoff.db"))
        .await
        .unwrap();
    let rows = start(1);
    for polls in 0..12 {
        let tx = async {
            let mut tx = store.begin(&"acme".into()).await.unwrap();
            tx.commit(&[start(50)]).await.unwrap();
            tx.commit(&[start(51)]).await.unwrap();
        };
        let mut tx = Box::pin(tx);
        for _ in 0..polls {
            let poll = std::future::poll_fn(|context| Poll::Ready(tx.as_mut().poll(context)));
            if poll.await.is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(tx);
        assert_eq!(version(&store, &start(50)).await, 0);
    }
    store.commit_now(from_ref(&rows)).await.unwrap();
    assert_eq!(version(&store, &rows).await, 1);
}

#[tokio::test]
async fn a_busy_database_is_unavailable_and_can_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signoff.db");
    let options = SqliteOptions {
        busy_timeout: std::time::Duration::from_millis(5),
        ..SqliteOptions::default()
    };
    let (one, two) = (
        SqliteStore::open_with(&path, options.clone())
            .await
            .unwrap(),
        SqliteStore::open_with(&path, options).await.unwrap(),
    );
    let rows = start(1);
    let tx = one.begin(&"acme".into()).await.unwrap();
    for changes in [vec![rows.clone()], vec![rows.clone(), start(2)]] {
        let error = two.commit_now(&changes).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.is_retryable());
    }
    assert_eq!(
        two.begin(&"acme".into())
            .await
            .err()
            .map(|error| error.kind()),
        Some(ErrorKind::Unavailable)
    );
    drop(tx);
    one.commit_now(&[start(3)]).await.unwrap();
    two.commit_now(&[rows.clone(), start(2)]).await.unwrap();
    assert_eq!(version(&one, &rows).await, 1);
}

//! Commits that are sent together, while connections, callers and runtimes go away.

use std::slice::from_ref;

use signoff_core::change::{RequestRow, Rows};
use signoff_store::{DefinitionRow, Definitions, ErrorKind, Instances, Result, sql::Driver};
use signoff_store_sqlx::{PostgresOptions, PostgresStore};
use tokio::{
    runtime,
    task::{JoinHandle, yield_now},
};

use super::place::Place;
use crate::support::{next, start, task, version};

/// A store that sends all commits but so many as those that wait.
async fn store_at(place: &Place, url: &str, commits_alone: u32) -> PostgresStore {
    let options = PostgresOptions {
        commits_alone,
        ..place.options()
    };
    PostgresStore::open_with(url, options).await.unwrap()
}

async fn store_of(place: &Place, commits_alone: u32) -> PostgresStore {
    store_at(place, &place.url, commits_alone).await
}

type Commit = JoinHandle<Result<()>>;

/// Begins commits of a change each.
fn commits(store: &PostgresStore, changes: impl IntoIterator<Item = Rows>) -> Vec<Commit> {
    let commit = |rows: Rows| {
        let store = store.clone();
        tokio::spawn(async move { store.commit_now(&[rows]).await })
    };
    changes.into_iter().map(commit).collect()
}

/// What became of them, `None` for a commit that was done.
async fn ends(commits: Vec<Commit>) -> Vec<Option<ErrorKind>> {
    let mut ends = Vec::new();
    for commit in commits {
        ends.push(commit.await.unwrap().err().map(|error| error.kind()));
    }
    ends
}

/// Waits until nothing is under way any more.
async fn rest(store: &PostgresStore) {
    let together = Driver::group_commit(store).unwrap();
    let rests = "GroupCommit { under_way: 0, senders: 0, waiting: 0, .. }";
    while format!("{together:?}") != rests {
        yield_now().await;
    }
}

/// How many event rows there are, and how many there should be by the versions of the instances.
async fn events(place: &Place) -> (i64, i64) {
    let pool = place.pool().await;
    let sql = "SELECT (SELECT count(*) FROM signoff_event),
        (SELECT coalesce(sum(version), 0)::bigint FROM signoff_instance)";
    let counts = sqlx::query_as(sql).fetch_one(&pool).await.unwrap();
    pool.close().await;
    counts
}

/// Commits the next change, as often as it takes; a commit that fails may be there all the same.
async fn insist(store: &PostgresStore, rows: &Rows) {
    while let Err(error) = store.commit_now(from_ref(rows)).await {
        if error.kind() == ErrorKind::Conflict {
            // It is the only one that changes this instance: it was there.
            return;
        }
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    }
}

#[tokio::test]
async fn connections_that_are_cut_lose_nothing_and_leave_nothing_half() {
    let Some(place) = Place::fresh() else { return };
    let name = format!("cut {}", std::process::id());
    let join = if place.url.contains('?') { '&' } else { '?' };
    let url = format!("{}{join}application_name={name}", place.url);
    let store = store_at(&place, &url, 1).await;
    let writers: Vec<_> = (1..=32)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut rows = start(n);
                for _ in 0..20 {
                    insist(&store, &rows).await;
                    rows = next(&rows);
                }
            })
        })
        .collect();
    let pool = place.pool().await;
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE application_name = $1";
    let mut ended = 0;
    for _ in 0..20 {
        let cut = sqlx::query_scalar::<_, i64>(sql).bind(&name);
        ended += cut.fetch_one(&pool).await.unwrap();
    }
    pool.close().await;
    assert!(ended > 0, "some were cut");
    for writer in writers {
        writer.await.unwrap();
    }
    rest(&store).await;
    for n in 1..=32 {
        assert_eq!(version(&store, &start(n)).await, 20);
    }
    assert_eq!(events(&place).await, (32 * 20, 32 * 20));
}

#[tokio::test]
async fn callers_that_go_away_at_any_time_leave_nothing_behind() {
    let Some(place) = Place::fresh() else { return };
    for commits_alone in [0, 2] {
        let store = store_of(&place, commits_alone).await;
        for steps in 0..40_u32 {
            let first = 1000 * (commits_alone + 1) + 20 * steps;
            let gone = commits(&store, (first..first + 8).map(start));
            for _ in 0..steps {
                yield_now().await;
            }
            gone.iter().for_each(JoinHandle::abort);
            if steps % 2 == 0 {
                // Those that are still there are served though the others are gone.
                let kept = commits(&store, (first + 8..first + 10).map(start));
                assert_eq!(ends(kept).await, [None, None]);
            }
            rest(&store).await;
        }
    }
    let (events, versions) = events(&place).await;
    assert_eq!(events, versions);
}

#[tokio::test]
async fn who_waits_while_the_store_is_closed_is_told() {
    let Some(place) = Place::fresh() else { return };
    for (round, commits_alone) in [0, 0, 1, 4].into_iter().enumerate() {
        let store = store_of(&place, commits_alone).await;
        let first = 100 * u32::try_from(round).unwrap();
        let begun = commits(&store, (first..first + 60).map(start));
        for _ in 0..10 * round {
            yield_now().await;
        }
        store.close().await;
        let other = place.store().await;
        for (n, end) in (first..).zip(ends(begun).await) {
            match end {
                None => assert_eq!(version(&other, &start(n)).await, 1),
                Some(kind) => assert_eq!(kind, ErrorKind::Unavailable),
            }
        }
        other.close().await;
    }
}

#[test]
fn a_runtime_that_ends_takes_only_its_own_commits_along() {
    let Some(place) = Place::fresh() else { return };
    let runtime = || {
        let mut builder = runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap()
    };
    let stays = runtime();
    let store = stays.block_on(store_of(&place, 0));
    for steps in 0..30_u32 {
        let first = 100 * steps;
        let ends_soon = runtime();
        ends_soon.block_on(async {
            let _begun = commits(&store, (first..first + 40).map(start));
            for _ in 0..steps {
                yield_now().await;
            }
        });
        drop(ends_soon);
        stays.block_on(async {
            for n in first + 40..first + 50 {
                insist(&store, &start(n)).await;
            }
            rest(&store).await;
        });
    }
    let (events, versions) = stays.block_on(events(&place));
    assert_eq!(events, versions);
    stays.block_on(store.close());
}

#[tokio::test]
async fn of_those_that_change_the_same_instances_one_wins_each() {
    let Some(place) = Place::fresh() else { return };
    let (one, two) = (store_of(&place, 0).await, store_of(&place, 2).await);
    let mut rows: Vec<_> = (1..=40).map(start).collect();
    assert_eq!(ends(commits(&one, rows.clone())).await, [None; 40]);
    for _ in 0..5 {
        rows = rows.iter().map(next).collect();
        let up = commits(&one, rows.clone());
        let down = commits(&two, rows.iter().rev().cloned());
        let (up, mut down) = (ends(up).await, ends(down).await);
        down.reverse();
        for pair in up.into_iter().zip(down) {
            let conflict = Some(ErrorKind::Conflict);
            assert!(
                pair == (None, conflict) || pair == (conflict, None),
                "{pair:?}"
            );
        }
    }
    assert_eq!(events(&place).await, (240, 240));
}

#[tokio::test]
async fn a_change_that_the_database_refuses_fails_alone() {
    let Some(place) = Place::fresh() else { return };
    let store = store_of(&place, 0).await;
    let mut changes: Vec<_> = (1..=12).map(start).collect();
    changes[3].instance.title = "\"a\0b\"".to_owned();
    changes[5].instance.data = Some(format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20)));
    let request = RequestRow {
        id: "r-1".to_owned(),
        hash: "h".to_owned(),
        notices: Vec::new(),
    };
    changes[7].request = Some(request.clone());
    changes[8].request = Some(request);
    changes[9].tasks = vec![task(&changes[9], 500)];
    let ends = ends(commits(&store, changes.clone())).await;
    for (index, end) in ends.iter().enumerate() {
        match index {
            3 => assert_eq!(*end, Some(ErrorKind::Other)),
            7 | 8 => assert!(matches!(end, None | Some(ErrorKind::Conflict)), "{end:?}"),
            _ => assert_eq!(*end, None, "{index}"),
        }
    }
    assert_eq!(
        usize::from(ends[7].is_some()) + usize::from(ends[8].is_some()),
        1
    );
    assert_eq!(version(&store, &changes[3]).await, 0);
    assert_eq!(events(&place).await, (10, 10));
}

#[tokio::test]
async fn each_start_goes_by_its_own_newest_version_and_tenant() {
    let Some(place) = Place::fresh() else { return };
    let store = store_of(&place, 0).await;
    let published = DefinitionRow {
        workflow: "expense".into(),
        version: 1,
        hash: "a".to_owned(),
        title: "Expense".to_owned(),
        document: "a".to_owned(),
        published_at: jiff::Timestamp::UNIX_EPOCH,
    };
    let tenant = "acme".into();
    store.publish(&tenant, &[published], &[]).await.unwrap();
    let mut changes: Vec<_> = (1..=6).map(start).collect();
    changes[0].newest = Some(1);
    changes[1].newest = Some(2);
    changes[3].instance.definition = 7;
    changes[4].newest = Some(1);
    // The same instance of another tenant, where nothing is published.
    let mut other = start(6);
    other.instance.tenant = "globex".into();
    other.history.tenant = "globex".into();
    changes.push(other.clone());
    let conflict = Some(ErrorKind::Conflict);
    let ends_now = ends(commits(&store, changes.clone())).await;
    assert_eq!(ends_now, [None, conflict, None, conflict, None, None, None]);
    assert_eq!(version(&store, &changes[5]).await, 1);
    assert_eq!(version(&store, &other).await, 1);
    let both = [next(&changes[5]), next(&other), next(&changes[1])];
    assert_eq!(ends(commits(&store, both)).await, [None, None, conflict]);
}

#[tokio::test]
async fn many_at_once_are_all_served() {
    let Some(place) = Place::fresh() else { return };
    let store = store_of(&place, 4).await;
    let begun = commits(&store, (1..=2000).map(start));
    assert!(ends(begun).await.iter().all(Option::is_none));
    let same = commits(&store, (0..300).map(|_| next(&start(1))));
    let won = ends(same).await.into_iter().filter(Option::is_none).count();
    assert_eq!(won, 1);
    rest(&store).await;
    assert_eq!(events(&place).await, (2001, 2001));
}

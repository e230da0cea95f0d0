//! Starts that come by themselves are kept, come due in order, and are moved on once.

use jiff::Timestamp;
use signoff_core::id::TenantId;

use super::{
    at_once,
    sample::{Tested, at, tenant},
};
use crate::contract::{ScheduleRow, StartsOf};

/// The starts of a row set, each with its moment in seconds after the fixed one.
fn starts(rows: &[(&str, i64)]) -> Vec<(String, Timestamp)> {
    rows.iter()
        .map(|(start, due)| ((*start).to_owned(), at(*due)))
        .collect()
}

async fn set(store: &Tested, tenant: &TenantId, workflow: &str, rows: &[(&str, i64)]) {
    let starts = StartsOf {
        workflow: workflow.into(),
        rows: starts(rows),
    };
    store.publish(tenant, &[], &[starts]).await.unwrap();
}

fn row(tenant: &TenantId, workflow: &str, start: &str, due: i64) -> ScheduleRow {
    ScheduleRow {
        tenant: tenant.clone(),
        workflow: workflow.into(),
        start: start.to_owned(),
        due_at: at(due),
    }
}

async fn due(store: &Tested, tenant: Option<&TenantId>, now: i64, limit: u32) -> Vec<ScheduleRow> {
    store.schedules_due(tenant, at(now), limit).await.unwrap()
}

pub(super) async fn schedules_come_due_in_order(store: Tested) {
    let (acme, globex) = (tenant(), TenantId::from("globex"));
    set(&store, &acme, "expense", &[("weekly", 5), ("daily", 5)]).await;
    set(&store, &acme, "absence", &[("طلب سنوي", 7), ("z", 5)]).await;
    set(&store, &globex, "absence", &[("a", 5), ("b", 3)]).await;
    let expected = [
        row(&globex, "absence", "b", 3),
        row(&acme, "absence", "z", 5),
        row(&acme, "expense", "daily", 5),
        row(&acme, "expense", "weekly", 5),
        row(&globex, "absence", "a", 5),
        row(&acme, "absence", "طلب سنوي", 7),
    ];
    assert_eq!(due(&store, None, 7, 50).await, expected);
    assert_eq!(due(&store, None, 6, 50).await, expected[..5]);
    assert_eq!(due(&store, None, 7, 2).await, expected[..2]);
    assert_eq!(due(&store, None, 2, 50).await, []);
    assert_eq!(due(&store, None, 7, 0).await, []);
    let theirs = [expected[0].clone(), expected[4].clone()];
    assert_eq!(due(&store, Some(&globex), 7, 50).await, theirs);
    let ours = [&expected[1..4], &expected[5..]].concat();
    assert_eq!(due(&store, Some(&acme), 7, 50).await, ours);
    assert_eq!(due(&store, Some(&"other".into()), 7, 50).await, []);
}

pub(super) async fn the_next_schedule_is_the_earliest(store: Tested) {
    let (acme, globex) = (tenant(), TenantId::from("globex"));
    assert_eq!(store.next_schedule(None).await.unwrap(), None);
    set(&store, &acme, "expense", &[("weekly", 8), ("daily", 4)]).await;
    set(&store, &globex, "expense", &[("daily", 2)]).await;
    for (tenant, expected) in [
        (None, Some(at(2))),
        (Some(&acme), Some(at(4))),
        (Some(&globex), Some(at(2))),
        (Some(&"other".into()), None),
    ] {
        assert_eq!(store.next_schedule(tenant).await.unwrap(), expected);
    }
}

pub(super) async fn setting_schedules_keeps_moments_and_drops_the_rest(store: Tested) {
    let (acme, globex) = (tenant(), TenantId::from("globex"));
    set(&store, &acme, "expense", &[("weekly", 8), ("daily", 4)]).await;
    set(&store, &acme, "absence", &[("daily", 6)]).await;
    set(&store, &globex, "expense", &[("weekly", 9)]).await;
    let again = [("daily", 1), ("hourly", 2), ("hourly", 3)];
    for _ in 0..2 {
        set(&store, &acme, "expense", &again).await;
        let expected = [
            row(&acme, "expense", "hourly", 2),
            row(&acme, "expense", "daily", 4),
            row(&acme, "absence", "daily", 6),
            row(&globex, "expense", "weekly", 9),
        ];
        assert_eq!(due(&store, None, 100, 50).await, expected);
    }
    set(&store, &acme, "expense", &[]).await;
    set(&store, &acme, "unknown", &[]).await;
    let left = [
        row(&acme, "absence", "daily", 6),
        row(&globex, "expense", "weekly", 9),
    ];
    assert_eq!(due(&store, None, 100, 50).await, left);
    set(&store, &acme, "expense", &[("weekly", 3)]).await;
    assert_eq!(store.next_schedule(None).await.unwrap(), Some(at(3)));
}

pub(super) async fn a_schedule_moves_from_the_moment_it_is_at(store: Tested) {
    let acme = tenant();
    set(&store, &acme, "expense", &[("weekly", 8), ("daily", 4)]).await;
    let daily = row(&acme, "expense", "daily", 4);
    let refused = [
        row(&acme, "expense", "daily", 5),
        row(&acme, "expense", "weekly", 4),
        row(&acme, "absence", "daily", 4),
        row(&"globex".into(), "expense", "daily", 4),
        row(&acme, "expense", "hourly", 4),
    ];
    for row in &refused {
        assert!(!store.schedule_move(row, at(99)).await.unwrap(), "{row:?}");
    }
    let expected = [daily.clone(), row(&acme, "expense", "weekly", 8)];
    assert_eq!(due(&store, None, 100, 50).await, expected);
    assert!(store.schedule_move(&daily, at(12)).await.unwrap());
    assert!(!store.schedule_move(&daily, at(12)).await.unwrap());
    let moved = row(&acme, "expense", "daily", 12);
    let expected = [row(&acme, "expense", "weekly", 8), moved.clone()];
    assert_eq!(due(&store, None, 100, 50).await, expected);
    set(&store, &acme, "expense", &[("weekly", 8)]).await;
    assert!(!store.schedule_move(&moved, at(16)).await.unwrap());
}

pub(super) async fn of_those_who_move_a_schedule_at_once_one_wins(store: Tested) {
    let acme = tenant();
    set(&store, &acme, "expense", &[("daily", 4)]).await;
    let moved = at_once(8, |n| {
        let (store, row) = (store.clone(), row(&acme, "expense", "daily", 4));
        async move {
            store
                .schedule_move(&row, at(10 + i64::from(n)))
                .await
                .unwrap()
        }
    })
    .await;
    let winners: Vec<_> = (10..).zip(&moved).filter(|(_, won)| **won).collect();
    assert_eq!(winners.len(), 1, "{moved:?}");
    assert_eq!(
        store.next_schedule(None).await.unwrap(),
        Some(at(winners[0].0))
    );
}

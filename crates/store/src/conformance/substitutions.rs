//! Substitutions come back, by person and by moment.

use signoff_core::id::SubstitutionId;
use uuid::Uuid;

use super::sample::{Tested, at, tenant};
use crate::contract::{SubstitutionFilter, SubstitutionRow};

fn id(n: u128) -> SubstitutionId {
    SubstitutionId::new(Uuid::from_u128(n))
}

fn row(n: u128, principal: &str, from: i64, until: Option<i64>) -> SubstitutionRow {
    SubstitutionRow {
        id: id(n),
        principal: principal.into(),
        substitute: "eve".into(),
        from: at(from),
        until: until.map(at),
        changed_by: (n > 1).then(|| "ann".into()),
        changed_at: at(1),
    }
}

pub(super) async fn substitutions_are_found_by_person_and_moment(store: Tested) {
    for (n, principal, from, until) in [
        (1, "max", 10, Some(20)),
        (2, "max", 5, None),
        (3, "ليلى", 10, Some(11)),
    ] {
        let row = row(n, principal, from, until);
        store.substitution_put(&tenant(), &row).await.unwrap();
        let back = store.substitution(&tenant(), id(n)).await.unwrap();
        assert_eq!(back, Some(row));
    }
    let theirs = row(1, "max", 0, None);
    store
        .substitution_put(&"globex".into(), &theirs)
        .await
        .unwrap();
    let cases: [(Option<&str>, Option<i64>, &[u128]); 9] = [
        (None, None, &[2, 1, 3]),
        (Some("max"), None, &[2, 1]),
        (Some("nobody"), None, &[]),
        (None, Some(4), &[]),
        (None, Some(5), &[2]),
        (None, Some(10), &[2, 1, 3]),
        (None, Some(11), &[2, 1]),
        (Some("max"), Some(20), &[2]),
        (Some("ليلى"), Some(10), &[3]),
    ];
    for (principal, moment, expected) in cases {
        let filter = SubstitutionFilter {
            principal: principal.map(Into::into),
            at: moment.map(at),
            not_over: None,
        };
        let found = store.substitutions(&tenant(), &filter).await.unwrap();
        let found: Vec<_> = found.iter().map(|row| row.id).collect();
        let expected: Vec<_> = expected.iter().map(|n| id(*n)).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    for (moment, expected) in [(9, &[2, 1, 3][..]), (11, &[2, 1]), (20, &[2])] {
        let filter = SubstitutionFilter {
            not_over: Some(at(moment)),
            ..SubstitutionFilter::default()
        };
        let found = store.substitutions(&tenant(), &filter).await.unwrap();
        let found: Vec<_> = found.iter().map(|row| row.id).collect();
        let expected: Vec<_> = expected.iter().map(|n| id(*n)).collect();
        assert_eq!(found, expected, "not over at {moment}");
    }
}

pub(super) async fn a_substitution_is_replaced_and_dropped(store: Tested) {
    let first = row(1, "max", 10, None);
    store.substitution_put(&tenant(), &first).await.unwrap();
    let changed = row(1, "ann", 11, Some(12));
    store.substitution_put(&tenant(), &changed).await.unwrap();
    let back = store.substitution(&tenant(), id(1)).await.unwrap();
    assert_eq!(back, Some(changed));
    let elsewhere = store.substitution(&"globex".into(), id(1)).await;
    assert_eq!(elsewhere.unwrap(), None);
    assert!(
        !store
            .substitution_drop(&"globex".into(), id(1))
            .await
            .unwrap()
    );
    assert!(store.substitution_drop(&tenant(), id(1)).await.unwrap());
    assert!(!store.substitution_drop(&tenant(), id(1)).await.unwrap());
    assert_eq!(store.substitution(&tenant(), id(1)).await.unwrap(), None);
}

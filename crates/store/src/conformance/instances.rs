//! Lists of instances and incidents.

use std::slice::from_ref;

use signoff_core::{
    change::Rows,
    id::{InstanceId, TenantId, WorkflowKey},
    instance::InstanceRow,
};

use super::sample::{
    Tested, all, at, commit, conflict, incident, incidents_of, instance_id, next, of_tenant, start,
    subject, tenant,
};
use crate::{
    contract::{Choice, Cursor, IncidentFilter, InstanceFilter, PageRequest, TaskFilter, Whose},
    error::ErrorKind,
};

fn of_subject(n: u32, id: &str) -> Rows {
    let mut rows = start(n);
    rows.instance.subject_type = Some("order".to_owned());
    rows.instance.subject_id = Some(id.to_owned());
    rows
}

async fn list(store: &Tested, filter: &InstanceFilter, limit: u32) -> Vec<InstanceId> {
    let mut ids = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest { limit, after };
        let page = store.instances(&tenant(), filter, &request).await.unwrap();
        ids.extend(page.items.iter().map(|item| item.id));
        match page.next {
            Some(cursor) => after = Some(cursor),
            None => return ids,
        }
    }
}

pub(super) async fn instances_are_listed_latest_first(store: Tested) {
    let (one, two, three) = (of_subject(1, "17"), start(2), start(3));
    let theirs = of_tenant(start(9), &"globex".into());
    commit(&store, &[two.clone(), three.clone(), one.clone()]).await;
    commit(&store, &[theirs]).await;
    let page = store
        .instances(
            &tenant(),
            &InstanceFilter::default(),
            &PageRequest::default(),
        )
        .await
        .unwrap();
    let listed = |rows: &Rows| InstanceRow {
        state: String::new(),
        data: None,
        forms: None,
        ..rows.instance.clone()
    };
    assert_eq!(page.items, [listed(&three), listed(&two), listed(&one)]);
    assert_eq!(page.next, None);
    let (all, first) = (InstanceFilter::default(), PageRequest::default());
    let theirs = store
        .instances(&"globex".into(), &all, &first)
        .await
        .unwrap();
    assert_eq!(theirs.items.len(), 1);
}

#[expect(clippy::too_many_lines, reason = "a table of filters")]
pub(super) async fn instances_are_filtered(store: Tested) {
    let (mut one, mut two, mut three) = (
        of_subject(1, "17"),
        of_subject(2, "18"),
        of_subject(3, "17"),
    );
    one.instance.requester = Some("ann".into());
    two.instance.requester = Some("ann".into());
    three.instance.workflow = "absence".to_owned();
    two.instance.status = "completed".to_owned();
    commit(&store, &[one, two, three]).await;
    let none = InstanceFilter::default;
    let cases = [
        (none(), &[3, 2, 1][..]),
        (
            InstanceFilter {
                status: Choice::of("running"),
                ..none()
            },
            &[3, 1],
        ),
        (
            InstanceFilter {
                workflow: Choice::of("expense"),
                ..none()
            },
            &[2, 1],
        ),
        (
            InstanceFilter {
                subject: Some(subject("17")),
                ..none()
            },
            &[3, 1],
        ),
        (
            InstanceFilter {
                requester: Some("ann".into()),
                ..none()
            },
            &[2, 1],
        ),
        (
            InstanceFilter {
                requester: Some("ann".into()),
                subject: Some(subject("17")),
                ..none()
            },
            &[1],
        ),
        (
            InstanceFilter {
                requester: Some("ann".into()),
                status: Choice::of("completed"),
                ..none()
            },
            &[2],
        ),
        (
            InstanceFilter {
                workflow: Choice::of("absence"),
                subject: Some(subject("17")),
                ..none()
            },
            &[3],
        ),
        (
            InstanceFilter {
                workflow: Choice::of("unknown"),
                ..none()
            },
            &[],
        ),
    ];
    for (filter, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|n| instance_id(*n)).collect();
        assert_eq!(list(&store, &filter, 50).await, expected, "{filter:?}");
        assert_eq!(
            list(&store, &filter, 1).await,
            expected,
            "{filter:?}, one by one"
        );
    }
}

pub(super) async fn instances_are_found_by_their_parent(store: Tested) {
    let child = |n: u32, parent: u32| {
        let mut rows = of_subject(n, "17");
        rows.instance.parent = Some(instance_id(parent));
        rows
    };
    let (two, mut three, mut four, five) = (child(2, 1), child(3, 1), child(4, 1), child(5, 2));
    three.instance.workflow = "absence".to_owned();
    three.instance.requester = Some("ann".into());
    four.instance.status = "completed".to_owned();
    four.instance.subject_id = Some("18".to_owned());
    let theirs = of_tenant(child(6, 1), &"globex".into());
    let family = [start(1), two.clone(), three, four, five];
    commit(&store, &family).await;
    commit(&store, &[theirs]).await;
    let of = |parent| InstanceFilter {
        parent: Some(instance_id(parent)),
        ..InstanceFilter::default()
    };
    let mut cases = vec![(of(1), &[4, 3, 2][..]), (of(2), &[5]), (of(5), &[])];
    cases.extend([
        (
            InstanceFilter {
                status: Choice::of("running"),
                ..of(1)
            },
            &[3, 2][..],
        ),
        (
            InstanceFilter {
                workflow: Choice::of("absence"),
                ..of(1)
            },
            &[3],
        ),
        (
            InstanceFilter {
                requester: Some("ann".into()),
                ..of(1)
            },
            &[3],
        ),
        (
            InstanceFilter {
                subject: Some(subject("17")),
                ..of(1)
            },
            &[3, 2],
        ),
        (
            InstanceFilter {
                subject: Some(subject("18")),
                requester: Some("ann".into()),
                ..of(1)
            },
            &[],
        ),
    ]);
    for (filter, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|n| instance_id(*n)).collect();
        for limit in [50, 1] {
            assert_eq!(list(&store, &filter, limit).await, expected, "{filter:?}");
        }
    }
    let second = next(&two);
    commit(&store, from_ref(&second)).await;
    let loaded = all(&store, &second).await.unwrap().rows;
    assert_eq!(loaded.instance.parent, Some(instance_id(1)));
    assert_eq!(list(&store, &of(1), 50).await.len(), 3);
}

pub(super) async fn instances_are_paged_without_gap_or_repetition(store: Tested) {
    let mut all = Vec::new();
    for n in 1..=1_000 {
        let mut rows = start(n);
        rows.instance.started_at = at(i64::from(n / 30));
        all.push(rows);
    }
    commit(&store, &all).await;
    let expected: Vec<_> = (1..=1_000).rev().map(instance_id).collect();
    for limit in [37, 500] {
        assert_eq!(
            list(&store, &InstanceFilter::default(), limit).await,
            expected
        );
    }
    let page = |limit| PageRequest { limit, after: None };
    let many = store
        .instances(&tenant(), &InstanceFilter::default(), &page(9_999))
        .await
        .unwrap();
    assert_eq!(many.items.len(), 500, "a page holds 500 at most");
}

pub(super) async fn the_running_instance_of_a_subject_is_found(store: Tested) {
    let expense = WorkflowKey::from("expense");
    let running =
        async |tenant: &TenantId, id| store.running(tenant, &expense, &subject(id)).await.unwrap();
    assert_eq!(running(&tenant(), "17").await, None);
    let (one, two) = (of_subject(1, "17"), of_subject(2, "17"));
    let mut other = of_subject(3, "17");
    other.instance.workflow = "absence".to_owned();
    commit(&store, &[one.clone(), two.clone(), other]).await;
    assert_eq!(running(&tenant(), "17").await, Some(two.instance.id));
    assert_eq!(running(&tenant(), "18").await, None);
    assert_eq!(running(&"globex".into(), "17").await, None);
    let ended = |rows: &Rows| {
        let mut rows = next(rows);
        rows.instance.status = "completed".to_owned();
        rows.instance.ended_at = Some(rows.instance.changed_at);
        rows
    };
    commit(&store, &[ended(&two)]).await;
    assert_eq!(running(&tenant(), "17").await, Some(one.instance.id));
    commit(&store, &[ended(&one)]).await;
    assert_eq!(running(&tenant(), "17").await, None);
}

pub(super) async fn incidents_are_listed_latest_first(store: Tested) {
    let (mut one, mut two) = (start(1), start(2));
    one.incidents = vec![incident(&one, 11, 5), incident(&one, 12, 7)];
    two.incidents = vec![incident(&two, 13, 6), incident(&two, 14, 5)];
    two.incidents[0].node = None;
    let mut theirs = start(1);
    theirs.incidents = vec![incident(&theirs, 11, 5)];
    commit(&store, &[one.clone(), two.clone()]).await;
    commit(&store, &[of_tenant(theirs, &"globex".into())]).await;
    let all = IncidentFilter::default();
    let request = |limit, after| PageRequest { limit, after };
    let first = store
        .incidents(&tenant(), &all, &request(3, None))
        .await
        .unwrap();
    let expected = [&one.incidents[1], &two.incidents[0], &two.incidents[1]];
    assert_eq!(first.items.iter().collect::<Vec<_>>(), expected);
    let rest = store
        .incidents(&tenant(), &all, &request(3, first.next))
        .await
        .unwrap();
    assert_eq!(
        (rest.items, rest.next),
        (vec![one.incidents[0].clone()], None)
    );
    let filter = IncidentFilter {
        instance: Some(one.instance.id),
        ..IncidentFilter::default()
    };
    let of_one = store
        .incidents(&tenant(), &filter, &PageRequest::default())
        .await
        .unwrap();
    assert_eq!(
        of_one.items,
        [one.incidents[1].clone(), one.incidents[0].clone()]
    );
    for (id, instance, expected) in [
        (&one.incidents[0], None, vec![one.incidents[0].clone()]),
        (
            &one.incidents[0],
            Some(one.instance.id),
            vec![one.incidents[0].clone()],
        ),
        (&one.incidents[0], Some(two.instance.id), Vec::new()),
    ] {
        let filter = IncidentFilter {
            instance,
            id: Some(id.id),
        };
        let page = PageRequest::default();
        let found = store.incidents(&tenant(), &filter, &page).await.unwrap();
        assert_eq!(found.items, expected);
        let nobodys = store.incidents(&"nobody".into(), &filter, &page).await;
        assert_eq!(nobodys.unwrap().items, []);
    }
}

pub(super) async fn a_resolved_incident_is_gone(store: Tested) {
    let mut first = start(1);
    first.incidents = vec![incident(&first, 11, 5), incident(&first, 12, 7)];
    let theirs = of_tenant(first.clone(), &"globex".into());
    commit(&store, from_ref(&first)).await;
    commit(&store, from_ref(&theirs)).await;
    let mut second = next(&first);
    second.resolved_incidents = vec![first.incidents[1].id, incident(&first, 99, 0).id];
    second.incidents = vec![incident(&first, 13, 6)];
    commit(&store, from_ref(&second)).await;
    let left = [second.incidents[0].clone(), first.incidents[0].clone()];
    assert_eq!(incidents_of(&store, &tenant()).await, left);
    // Resolved and opened again in one change, at another moment.
    let mut third = next(&second);
    third.resolved_incidents = vec![first.incidents[0].id];
    third.incidents = vec![incident(&first, 11, 9)];
    commit(&store, from_ref(&third)).await;
    let left = [third.incidents[0].clone(), second.incidents[0].clone()];
    assert_eq!(incidents_of(&store, &tenant()).await, left);
    let mut late = next(&second);
    late.resolved_incidents = vec![second.incidents[0].id];
    conflict(&store, &[late]).await;
    assert_eq!(incidents_of(&store, &tenant()).await, left);
    let others = incidents_of(&store, &"globex".into()).await;
    assert_eq!(
        others,
        [theirs.incidents[1].clone(), theirs.incidents[0].clone()]
    );
}

pub(super) async fn a_foreign_cursor_is_refused(store: Tested) {
    let all: Vec<_> = (1..5).map(start).collect();
    commit(&store, &all).await;
    let one = PageRequest {
        limit: 1,
        after: None,
    };
    let page = store
        .instances(&tenant(), &InstanceFilter::default(), &one)
        .await
        .unwrap();
    let of_instances = page.next.unwrap();
    let tasks = TaskFilter {
        whose: Whose::All,
        ..TaskFilter::default()
    };
    for cursor in [
        of_instances.clone(),
        Cursor("x".to_owned()),
        Cursor(String::new()),
    ] {
        let request = PageRequest {
            limit: 1,
            after: Some(cursor.clone()),
        };
        let error = store.tasks(&tenant(), &tasks, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Other);
        store
            .incidents(&tenant(), &IncidentFilter::default(), &request)
            .await
            .unwrap_err();
        let instances = store
            .instances(&tenant(), &InstanceFilter::default(), &request)
            .await;
        assert_eq!(instances.is_ok(), cursor == of_instances);
    }
}

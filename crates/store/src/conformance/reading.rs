//! What is read of many instances at once: their states, their tasks, counts.

use signoff_core::{
    actor::Person,
    change::{FieldRow, Rows},
    id::{InstanceId, TenantId},
    instance::TaskRow,
};

use super::sample::{
    Tested, activation, all, at, closed, commit, held, insert, instance_id, of_tenant, start, task,
    task_id, tenant,
};
use crate::contract::{
    Choice, FieldFilter, FieldTest, InstanceCount, InstanceFilter, NodeCount, PageRequest, Period,
    PersonCount, StatisticsFilter, TaskFilter, Whose,
};

/// Three open tasks, one of them held by `ann`, and two closed ones, one of which nobody decided.
fn busy(n: u32) -> Rows {
    let mut rows = start(n);
    let base = n * 100;
    let mut cancelled = closed(task(&rows, base + 5, 5), "ann", i64::from(base) + 90);
    cancelled.state = "cancelled".to_owned();
    cancelled.closed_by = None;
    cancelled.outcome = None;
    rows.tasks = vec![
        insert(task(&rows, base + 3, 3)),
        insert(TaskRow {
            due_at: None,
            ..task(&rows, base + 1, 1)
        }),
        insert(TaskRow {
            due_at: Some(at(500)),
            ..held(task(&rows, base + 2, 2), "ann")
        }),
        insert(closed(
            task(&rows, base + 4, 4),
            "max",
            i64::from(base) + 64,
        )),
        insert(cancelled),
    ];
    rows.activations = vec![(
        signoff_core::change::RowOp::Insert,
        activation(&rows, base + 9),
    )];
    rows
}

pub(super) async fn many_instances_are_read_at_once(store: Tested) {
    let (one, two) = (busy(1), busy(2));
    let theirs = of_tenant(busy(3), &"globex".into());
    commit(&store, &[one.clone(), two.clone()]).await;
    commit(&store, &[theirs]).await;
    let ids = [
        instance_id(2),
        instance_id(3),
        instance_id(9),
        instance_id(1),
    ];
    let found = store.live(&tenant(), &ids).await.unwrap();
    let alone = [
        all(&store, &two).await.unwrap().rows,
        all(&store, &one).await.unwrap().rows,
    ];
    assert_eq!(found, alone, "in the order asked for, as each is loaded");
    assert_eq!(store.live(&tenant(), &[]).await.unwrap(), []);
}

pub(super) async fn tasks_of_many_instances_are_read_at_once(store: Tested) {
    let theirs = of_tenant(busy(3), &"globex".into());
    commit(&store, &[busy(1), busy(2)]).await;
    commit(&store, &[theirs]).await;
    let read = async |ids: &[InstanceId]| {
        let found = store.tasks_of(&tenant(), ids).await.unwrap();
        found.iter().map(|task| task.number).collect::<Vec<_>>()
    };
    let both = [instance_id(2), instance_id(1), instance_id(3)];
    assert_eq!(
        read(&both).await,
        [101, 102, 103, 104, 105, 201, 202, 203, 204, 205]
    );
    assert_eq!(read(&[instance_id(2)]).await, [201, 202, 203, 204, 205]);
    let none: [u32; 0] = [];
    assert_eq!(read(&[instance_id(3)]).await, none);
    assert_eq!(read(&[]).await, none);
}

#[expect(clippy::too_many_lines, reason = "a story is told in one go")]
pub(super) async fn tasks_are_narrowed(store: Tested) {
    let mut one = busy(1);
    one.instance.workflow = "leave".to_owned();
    one.instance.title = r#"{"ar":"إجازة سنوية","en":"Annual Leave"}"#.to_owned();
    let mut two = busy(2);
    two.instance.subject_type = Some("order".to_owned());
    two.instance.subject_id = Some("PO-17".to_owned());
    two.instance.title = r#""Chair \"A\" 50%""#.to_owned();
    one.fields = Some(vec![FieldRow {
        name: "customer.id".to_owned(),
        key: "tC-9".to_owned(),
    }]);
    commit(&store, &[one, two]).await;
    let clerk = Whose::AvailableTo(Person {
        id: "eve".into(),
        roles: ["clerk".into()].into(),
        active: true,
        ..Person::default()
    });
    let leave = TaskFilter {
        workflow: Choice::of("leave"),
        ..TaskFilter::default()
    };
    let search = |part: &str| TaskFilter {
        search: Some(part.to_owned()),
        open: Some(false),
        ..TaskFilter::default()
    };
    let customer = |test| TaskFilter {
        fields: vec![FieldFilter {
            name: "customer.id".to_owned(),
            test,
        }],
        ..TaskFilter::default()
    };
    let outcome = |outcome: &str| TaskFilter {
        outcome: Some(outcome.to_owned()),
        ..TaskFilter::default()
    };
    let due = |seconds| TaskFilter {
        due: Period::before(at(seconds)),
        open: Some(true),
        ..TaskFilter::default()
    };
    let mine = Whose::HeldBy("ann".into());
    for (filter, expected) in [
        (leave.clone(), &[101, 102, 103, 105, 104][..]),
        (
            TaskFilter {
                whose: clerk.clone(),
                ..leave.clone()
            },
            &[101, 103],
        ),
        (
            TaskFilter {
                whose: clerk,
                instance: Some(instance_id(2)),
                ..due(1_000_001)
            },
            &[203],
        ),
        (
            TaskFilter {
                whose: mine.clone(),
                ..leave
            },
            &[102],
        ),
        (
            TaskFilter {
                subject_type: Some("order".to_owned()),
                whose: Whose::DoneBy("max".into()),
                ..TaskFilter::default()
            },
            &[204],
        ),
        (outcome("approved"), &[204, 104]),
        (outcome("rejected"), &[]),
        (due(500), &[]),
        (due(501), &[102, 202]),
        (
            TaskFilter {
                whose: mine,
                ..due(501)
            },
            &[102, 202],
        ),
        (search("annual l"), &[105, 104]),
        (search("سنوية"), &[105, 104]),
        (search("\"a\""), &[205, 204]),
        (search("50%"), &[205, 204]),
        (search("po-1"), &[205, 204]),
        (search("en"), &[]),
        (search("_"), &[]),
        (
            customer(FieldTest::AnyOf(vec!["C-9".to_owned()])),
            &[101, 102, 103, 105, 104],
        ),
        (
            TaskFilter {
                whose: Whose::HeldBy("ann".into()),
                ..customer(FieldTest::Contains("c".to_owned()))
            },
            &[102],
        ),
        (
            TaskFilter {
                open: Some(false),
                ..customer(FieldTest::Exists(false))
            },
            &[205, 204],
        ),
    ] {
        let expected: Vec<_> = expected.iter().map(|n| task_id(*n)).collect();
        for limit in [1, 50] {
            let mut ids = Vec::new();
            let mut after = None;
            loop {
                let page = PageRequest { limit, after };
                let found = store.tasks(&tenant(), &filter, &page).await.unwrap();
                ids.extend(found.items.iter().map(|item| item.task.id));
                match found.next {
                    Some(cursor) => after = Some(cursor),
                    None => break,
                }
            }
            assert_eq!(ids, expected, "{filter:?}, {limit} a page");
        }
        let count = store.count_tasks(&tenant(), &filter).await.unwrap();
        assert_eq!(
            count,
            u64::try_from(expected.len()).unwrap(),
            "the count of {filter:?}"
        );
    }
}

pub(super) async fn instances_are_filtered_by_type_of_subject(store: Tested) {
    let of = |n: u32, kind: &str, requester: &str| {
        let mut rows = start(n);
        rows.instance.subject_type = Some(kind.to_owned());
        rows.instance.subject_id = Some(n.to_string());
        rows.instance.requester = Some(requester.into());
        rows
    };
    commit(
        &store,
        &[
            of(1, "order", "ann"),
            of(2, "leave", "ann"),
            of(3, "order", "max"),
            start(4),
        ],
    )
    .await;
    for (requester, expected) in [(None, &[3, 1][..]), (Some("ann"), &[1]), (Some("eve"), &[])] {
        let filter = InstanceFilter {
            subject_type: Some("order".to_owned()),
            requester: requester.map(Into::into),
            ..InstanceFilter::default()
        };
        let page = PageRequest::default();
        let found = store.instances(&tenant(), &filter, &page).await.unwrap();
        let ids: Vec<_> = found.items.iter().map(|item| item.id).collect();
        let expected: Vec<_> = expected.iter().map(|n| instance_id(*n)).collect();
        assert_eq!(ids, expected, "{requester:?}");
    }
}

#[expect(clippy::too_many_lines, reason = "a story is told in one go")]
pub(super) async fn counts_are_those_of_the_rows(store: Tested) {
    let ended = |n: u32, status: &str, seconds: i64| {
        let mut rows = start(n);
        rows.instance.status = status.to_owned();
        rows.instance.ended_at = Some(at(i64::from(n) + seconds));
        rows
    };
    let mut leave = busy(7);
    leave.instance.workflow = "leave".to_owned();
    let theirs = of_tenant(busy(8), &TenantId::from("globex"));
    commit(
        &store,
        &[
            busy(1),
            busy(2),
            ended(3, "completed", 10),
            ended(4, "completed", 30),
            ended(5, "rejected", 7),
            leave,
        ],
    )
    .await;
    commit(&store, &[theirs]).await;
    let filter = StatisticsFilter {
        workflow: None,
        since: None,
        now: at(600),
    };
    let found = store.statistics(&tenant(), &filter).await.unwrap();
    let count = |workflow: &str, status: &str, count, total_ms, longest_ms| InstanceCount {
        workflow: workflow.to_owned(),
        status: status.to_owned(),
        count,
        ended: if status == "running" { 0 } else { count },
        total_ms,
        longest_ms,
    };
    assert_eq!(
        found.instances,
        [
            count("expense", "completed", 2, 40_000, 30_000),
            count("expense", "rejected", 1, 7_000, 7_000),
            count("expense", "running", 2, 0, 0),
            count("leave", "running", 1, 0, 0),
        ]
    );
    // Each of those that are done was open for a minute: task 104 from 104 to 164.
    let node = |workflow: &str, n: u64| NodeCount {
        workflow: workflow.to_owned(),
        node: "review".to_owned(),
        open: 3 * n,
        overdue: n,
        done: n,
        total_ms: i64::try_from(n).unwrap() * 60_000,
        longest_ms: 60_000,
    };
    assert_eq!(found.nodes, [node("expense", 2), node("leave", 1)]);
    let person = |id: &str, open, done, total_ms| PersonCount {
        person: id.into(),
        open,
        overdue: open,
        done,
        total_ms,
    };
    assert_eq!(
        found.people,
        [person("ann", 3, 0, 0), person("max", 0, 3, 180_000)]
    );
    let filter = StatisticsFilter {
        workflow: Some("expense".to_owned()),
        since: Some(at(4)),
        ..filter
    };
    let found = store.statistics(&tenant(), &filter).await.unwrap();
    assert_eq!(
        found.instances,
        [
            count("expense", "completed", 1, 30_000, 30_000),
            count("expense", "rejected", 1, 7_000, 7_000),
        ]
    );
    assert_eq!(found.nodes, [node("expense", 2)]);
    assert_eq!(
        found.people,
        [person("ann", 2, 0, 0), person("max", 0, 2, 120_000)]
    );
}

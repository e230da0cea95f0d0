//! Lists that are narrowed, searched, counted, and read to and fro.

use signoff_core::{
    actor::Person,
    change::{FieldRow, Rows},
    id::{InstanceId, TaskId, TenantId},
};

use uuid::Uuid;

use super::sample::{
    Tested, at, closed, commit, held, incident, insert, instance_id, next, of_tenant, start, task,
    task_id, tenant,
};
use crate::contract::{
    Choice, Cursor, FieldFilter, FieldTest, IncidentFilter, InstanceFilter, InstanceOrder, Page,
    PageRequest, Period, TaskFilter, Whose,
};

/// The numbers of the instances that a filter finds, page by page; the count is held against them.
async fn found(store: &Tested, filter: &InstanceFilter) -> Vec<u32> {
    let found = found_in_order(store, filter).await;
    if filter.order == InstanceOrder::Started {
        let filter = InstanceFilter {
            order: InstanceOrder::Earliest,
            ..filter.clone()
        };
        let mut earliest = found_in_order(store, &filter).await;
        earliest.reverse();
        assert_eq!(earliest, found, "the earliest first: {filter:?}");
    }
    found
}

async fn found_in_order(store: &Tested, filter: &InstanceFilter) -> Vec<u32> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest { limit: 2, after };
        let page = store.instances(&tenant(), filter, &request).await.unwrap();
        found.extend(page.items.iter().map(|item| item.id));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let count = store.count_instances(&tenant(), filter).await.unwrap();
    assert_eq!(count, u64::try_from(found.len()).unwrap(), "{filter:?}");
    let number = |id: &InstanceId| (1..=99).find(|n| instance_id(*n) == *id);
    found.iter().filter_map(number).collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Five instances of two workflows, with titles, keys and subjects that are hard to search.
async fn fill(store: &Tested) {
    let mut all: Vec<Rows> = (1..=5).map(start).collect();
    let about = |rows: &mut Rows, kind: &str, id: &str| {
        rows.instance.subject_type = Some(kind.to_owned());
        rows.instance.subject_id = Some(id.to_owned());
    };
    all[0].instance.title = r#"{"ar":"طلب شراء \"كراسي\"","en":"Chairs \\ tables"}"#.to_owned();
    all[0].instance.business_key = Some("INV-17".to_owned());
    about(&mut all[0], "order", "PO 50%");
    all[0].instance.requester = Some("ann".into());
    all[1].instance.title = r#""Order_of \u0000 \"Ärger\"""#.to_owned();
    all[1].instance.business_key = Some("inv-18 فاتورة".to_owned());
    about(&mut all[1], "order", "50");
    all[2].instance.workflow = "absence".to_owned();
    all[2].instance.business_key = Some("INV-17".to_owned());
    all[2].instance.requester = Some("ann".into());
    all[2].incidents = vec![incident(&all[2], 1, 1), incident(&all[2], 2, 2)];
    all[3].fields = Some(vec![FieldRow {
        name: "sum".to_owned(),
        key: signoff_core::change::field_key(&serde_json::json!(10)).unwrap(),
    }]);
    all[4].instance.workflow = "travel".to_owned();
    let theirs = of_tenant(all[0].clone(), &"globex".into());
    commit(store, &all).await;
    commit(store, &[theirs]).await;
    for (n, status, ended) in [(1, "completed", 100), (2, "rejected", 200)] {
        let mut rows = next(&all[n - 1]);
        rows.instance.status = status.to_owned();
        rows.instance.ended_at = Some(at(ended));
        rows.fields = None;
        commit(store, &[rows]).await;
    }
}

#[expect(clippy::too_many_lines, reason = "a table of filters")]
pub(super) async fn instances_are_narrowed(store: Tested) {
    fill(&store).await;
    let any = InstanceFilter::default;
    let status = |status| InstanceFilter { status, ..any() };
    let workflow = |workflow| InstanceFilter { workflow, ..any() };
    let key = |key: &str| InstanceFilter {
        business_key: Some(key.to_owned()),
        ..any()
    };
    let started = |from: Option<i64>, before: Option<i64>| InstanceFilter {
        started: Period {
            from: from.map(at),
            before: before.map(at),
        },
        ..any()
    };
    let ended = |from: Option<i64>, before: Option<i64>| InstanceFilter {
        ended: Period {
            from: from.map(at),
            before: before.map(at),
        },
        ..any()
    };
    let incidents = |wanted| InstanceFilter {
        incidents: Some(wanted),
        ..any()
    };
    let sum = |test| {
        vec![FieldFilter {
            name: "sum".to_owned(),
            test,
        }]
    };
    for (filter, expected) in [
        (status(Choice::of("running")), &[5, 4, 3][..]),
        (
            status(Choice::OneOf(words(&["completed", "rejected", "x"]))),
            &[2, 1],
        ),
        (status(Choice::OneOf(Vec::new())), &[]),
        (status(Choice::of("run\0ning")), &[]),
        (status(Choice::NoneOf(words(&["running"]))), &[2, 1]),
        (
            status(Choice::NoneOf(words(&["runn\0ing", "completed"]))),
            &[5, 4, 3, 2],
        ),
        (status(Choice::of("'; --\"[]{}")), &[]),
        (
            workflow(Choice::OneOf(words(&["absence", "travel"]))),
            &[5, 3],
        ),
        (workflow(Choice::NoneOf(words(&["expense"]))), &[5, 3]),
        (
            InstanceFilter {
                workflow: Choice::of("expense"),
                ..status(Choice::of("running"))
            },
            &[4],
        ),
        (key("INV-17"), &[3, 1]),
        (key("inv-17"), &[]),
        (key("INV-1"), &[]),
        (key("INV-17 "), &[]),
        (key("INV\0-17"), &[]),
        (key("inv-18 فاتورة"), &[2]),
        (
            InstanceFilter {
                requester: Some("ann".into()),
                workflow: Choice::of("absence"),
                ..key("INV-17")
            },
            &[3],
        ),
        (
            InstanceFilter {
                status: Choice::NoneOf(words(&["running"])),
                ..key("INV-17")
            },
            &[1],
        ),
        (started(Some(2), None), &[5, 4, 3, 2]),
        (started(None, Some(2)), &[1]),
        (started(Some(2), Some(4)), &[3, 2]),
        (started(Some(3), Some(3)), &[]),
        (
            InstanceFilter {
                requester: Some("ann".into()),
                ..started(Some(2), None)
            },
            &[3],
        ),
        (
            InstanceFilter {
                fields: sum(FieldTest::Exists(false)),
                ..started(Some(2), Some(5))
            },
            &[3, 2],
        ),
        (
            InstanceFilter {
                order: InstanceOrder::Field {
                    name: "sum".to_owned(),
                    descending: true,
                },
                ..started(Some(2), Some(5))
            },
            &[4],
        ),
        (
            InstanceFilter {
                order: InstanceOrder::Field {
                    name: "sum".to_owned(),
                    descending: false,
                },
                ..started(None, Some(4))
            },
            &[],
        ),
        (ended(Some(100), None), &[2, 1]),
        (ended(Some(101), None), &[2]),
        (ended(None, Some(200)), &[1]),
        (ended(Some(100), Some(100)), &[]),
        (incidents(true), &[3]),
        (incidents(false), &[5, 4, 2, 1]),
        (
            InstanceFilter {
                fields: sum(FieldTest::AtLeast("10".to_owned())),
                ..incidents(false)
            },
            &[4],
        ),
        (
            InstanceFilter {
                fields: sum(FieldTest::Contains("1\0".to_owned())),
                ..any()
            },
            &[],
        ),
        (
            InstanceFilter {
                requester: Some("a\0nn".into()),
                ..any()
            },
            &[],
        ),
        (
            InstanceFilter {
                subject_type: Some("or\0der".to_owned()),
                ..any()
            },
            &[],
        ),
        (
            InstanceFilter {
                order: InstanceOrder::Field {
                    name: "su\0m".to_owned(),
                    descending: false,
                },
                ..any()
            },
            &[],
        ),
    ] {
        assert_eq!(found(&store, &filter).await, expected, "{filter:?}");
    }
    let name = vec![FieldFilter {
        name: "su\0m".to_owned(),
        test: FieldTest::Exists(false),
    }];
    let without = InstanceFilter {
        fields: name,
        ..any()
    };
    assert_eq!(found(&store, &without).await, [5, 4, 3, 2, 1]);
}

pub(super) async fn instances_are_searched(store: Tested) {
    fill(&store).await;
    for (part, expected) in [
        ("chairs", &[1][..]),
        ("CHAIRS \\ T", &[1]),
        ("\\", &[1]),
        ("\"كراسي\"", &[1]),
        ("طلب شراء", &[1]),
        ("order_", &[2]),
        ("\"Ä", &[2]),
        ("inv-17", &[3, 1]),
        ("InV-1", &[3, 2, 1]),
        ("فاتورة", &[2]),
        ("po 50%", &[1]),
        ("50", &[2, 1]),
        // What is of the stored form and not of the text.
        ("\\\"", &[]),
        ("\\u0000", &[]),
        ("\"ar\"", &[]),
        ("en\":", &[]),
        ("{", &[]),
        // What other searches take for any letter.
        ("%", &[1]),
        ("_", &[2]),
        ("c%s", &[]),
        ("po_50", &[]),
        ("\0", &[]),
        ("chairs\0", &[]),
        ("' OR 1=1 --", &[]),
        ("order", &[2]),
        ("", &[5, 4, 3, 2, 1]),
    ] {
        let filter = InstanceFilter {
            search: Some(part.to_owned()),
            ..InstanceFilter::default()
        };
        assert_eq!(found(&store, &filter).await, expected, "{part:?}");
        let filter = InstanceFilter {
            business_key: Some("INV-17".to_owned()),
            ..filter
        };
        let keyed: Vec<u32> = expected
            .iter()
            .copied()
            .filter(|n| [1, 3].contains(n))
            .collect();
        assert_eq!(found(&store, &filter).await, keyed, "{part:?} of a key");
    }
}

/// A person who may take what `clerk` may.
fn clerk() -> Whose {
    Whose::AvailableTo(Person {
        id: "eve".into(),
        roles: ["clerk".into()].into(),
        active: true,
        ..Person::default()
    })
}

#[expect(clippy::too_many_lines, reason = "a table of filters")]
pub(super) async fn tasks_are_found_by_their_instances(store: Tested) {
    let mut one = start(1);
    one.instance.business_key = Some("INV-17".to_owned());
    one.instance.requester = Some("ann".into());
    one.tasks = vec![
        insert(held(task(&one, 1, 1), "max")),
        insert(task(&one, 2, 2)),
    ];
    let mut two = start(2);
    two.instance.workflow = "absence".to_owned();
    two.instance.business_key = Some("inv-18".to_owned());
    two.tasks = vec![
        insert(task(&two, 3, 3)),
        insert(closed(task(&two, 4, 4), "max", 9)),
    ];
    commit(&store, &[one, two]).await;
    let any = TaskFilter::default;
    let key = |key: &str| TaskFilter {
        business_key: Some(key.to_owned()),
        ..any()
    };
    let due = |from, before| TaskFilter {
        due: Period { from, before },
        ..any()
    };
    let page = PageRequest::default();
    let all = store.tasks(&tenant(), &any(), &page).await.unwrap().items;
    let due_at = at(1_000_000);
    for (filter, expected) in [
        (key("INV-17"), &[1, 2][..]),
        (key("INV\0-17"), &[]),
        (
            TaskFilter {
                whose: clerk(),
                ..key("INV-17")
            },
            &[2],
        ),
        (
            TaskFilter {
                search: Some("INV-1".to_owned()),
                ..any()
            },
            &[1, 2, 3, 4],
        ),
        (
            TaskFilter {
                search: Some("\0".to_owned()),
                ..any()
            },
            &[],
        ),
        (
            TaskFilter {
                requester: Some("ann".into()),
                ..any()
            },
            &[1, 2],
        ),
        (
            TaskFilter {
                workflow: Choice::OneOf(words(&["absence", "x"])),
                ..any()
            },
            &[3, 4],
        ),
        (
            TaskFilter {
                workflow: Choice::NoneOf(words(&["absence"])),
                ..any()
            },
            &[1, 2],
        ),
        (
            TaskFilter {
                whose: Whose::HeldBy("max".into()),
                ..due(Some(due_at), None)
            },
            &[1],
        ),
        (
            TaskFilter {
                node: Some("review".to_owned()),
                open: Some(true),
                ..any()
            },
            &[1, 2, 3],
        ),
        (
            TaskFilter {
                node: Some("Review".to_owned()),
                ..any()
            },
            &[],
        ),
        (due(Some(due_at), Some(due_at)), &[]),
        (due(None, Some(due_at)), &[]),
    ] {
        let listed = store.tasks(&tenant(), &filter, &page).await.unwrap().items;
        let ids: Vec<TaskId> = listed.iter().map(|one| one.task.id).collect();
        let expected: Vec<TaskId> = expected.iter().map(|n| task_id(*n)).collect();
        assert_eq!(ids, expected, "{filter:?}");
        let count = store.count_tasks(&tenant(), &filter).await.unwrap();
        assert_eq!(count, u64::try_from(ids.len()).unwrap(), "{filter:?}");
    }
    let shown = all.iter().map(|one| one.business_key.as_deref());
    let expected = [
        Some("INV-17"),
        Some("INV-17"),
        Some("inv-18"),
        Some("inv-18"),
    ];
    assert_eq!(shown.collect::<Vec<_>>(), expected);
}

/// A list, read by a request.
#[derive(Clone, Copy, Debug)]
enum Listed<'a> {
    Incidents,
    Instances(&'a InstanceFilter),
    Tasks(&'a TaskFilter),
}

impl Listed<'_> {
    /// A page of at most three, as ids.
    async fn page(self, store: &Tested, owner: &TenantId, after: Option<Cursor>) -> Page<Uuid> {
        let request = PageRequest { limit: 3, after };
        match self {
            Self::Incidents => {
                let all = IncidentFilter::default();
                let page = store.incidents(owner, &all, &request).await.unwrap();
                ids(page, |row| row.id.uuid())
            }
            Self::Instances(filter) => {
                let page = store.instances(owner, filter, &request).await.unwrap();
                ids(page, |row| row.id.uuid())
            }
            Self::Tasks(filter) => {
                let page = store.tasks(owner, filter, &request).await.unwrap();
                ids(page, |one| one.task.id.uuid())
            }
        }
    }
}

fn ids<T>(page: Page<T>, id: impl Fn(&T) -> Uuid) -> Page<Uuid> {
    Page {
        items: page.items.iter().map(id).collect(),
        next: page.next,
        prev: page.prev,
    }
}

/// Reads a list of nine on over three pages and back again, while something comes before those that
/// are seen, and behind them.
async fn to_and_fro(store: &Tested, owner: &TenantId, list: Listed<'_>, new: &[Rows]) {
    let first = list.page(store, owner, None).await;
    assert_eq!(first.prev, None, "nothing is before the first page");
    let second = list.page(store, owner, first.next.clone()).await;
    let third = list.page(store, owner, second.next.clone()).await;
    assert_eq!(third.next, None, "nothing is behind the third page");
    let seen = [&first, &second, &third].map(|page| page.items.len());
    assert_eq!(seen, [3, 3, 3], "{list:?}");
    commit(store, new).await;
    let back = list.page(store, owner, third.prev.clone()).await;
    assert_eq!(back.items, second.items, "the second page again");
    let on = list.page(store, owner, back.next.clone()).await;
    assert_eq!(on.items, third.items, "and the third");
    let back = list.page(store, owner, back.prev.clone()).await;
    assert_eq!(back.items, first.items, "and the first");
    // What came before it meanwhile is there, and nothing else.
    let mut back_to_front = back.items.clone();
    let mut before = back.prev;
    while let Some(cursor) = before {
        let page = list.page(store, owner, Some(cursor)).await;
        back_to_front.splice(0..0, page.items);
        before = page.prev;
    }
    let mut front = Vec::new();
    let mut page = list.page(store, owner, None).await;
    loop {
        front.append(&mut page.items);
        if page.next.is_none() {
            break;
        }
        page = list.page(store, owner, page.next.clone()).await;
    }
    front.truncate(back_to_front.len());
    assert_eq!(back_to_front, front, "the same from the beginning");
    assert!(front.len() > 3, "something came before: {list:?}");
}

pub(super) async fn instances_are_paged_to_and_fro(store: Tested) {
    let with_sum = |n: u32| {
        let mut rows = start(n);
        // Three of each moment, and three of each sum.
        rows.instance.started_at = at(i64::from(n / 3));
        rows.instance.requester = Some("ann".into());
        let key = signoff_core::change::field_key(&serde_json::json!(n / 3));
        rows.fields = Some(vec![FieldRow {
            name: "sum".to_owned(),
            key: key.unwrap(),
        }]);
        rows
    };
    let order = |descending| InstanceOrder::Field {
        name: "sum".to_owned(),
        descending,
    };
    let filters = [
        InstanceFilter::default(),
        InstanceFilter {
            requester: Some("ann".into()),
            ..InstanceFilter::default()
        },
        InstanceFilter {
            status: Choice::NoneOf(words(&["completed"])),
            started: Period {
                from: Some(at(0)),
                before: Some(at(1_000)),
            },
            ..InstanceFilter::default()
        },
        InstanceFilter {
            fields: vec![FieldFilter {
                name: "sum".to_owned(),
                test: FieldTest::Exists(true),
            }],
            ..InstanceFilter::default()
        },
        InstanceFilter {
            order: order(false),
            ..InstanceFilter::default()
        },
        InstanceFilter {
            order: order(true),
            ..InstanceFilter::default()
        },
    ];
    for (round, filter) in filters.iter().enumerate() {
        let owner = TenantId::from(format!("paged{round}"));
        let of = |n| of_tenant(with_sum(n), &owner);
        commit(&store, &(10..19).map(of).collect::<Vec<_>>()).await;
        to_and_fro(&store, &owner, Listed::Instances(filter), &[of(40), of(1)]).await;
    }
}

pub(super) async fn tasks_are_paged_to_and_fro(store: Tested) {
    let mut rows = start(1);
    let open = |n: u32| {
        let mut row = task(&rows, n, n);
        row.opened_at = at(i64::from(n / 2));
        row
    };
    // Five open ones, then four closed ones.
    let left = (20..24).map(|n| closed(open(n), "max", i64::from(n / 2)));
    rows.tasks = (10..15).map(open).chain(left).map(insert).collect();
    commit(&store, std::slice::from_ref(&rows)).await;
    let mut other = start(2);
    let mut early = task(&other, 1, 1);
    early.opened_at = at(0);
    other.tasks = vec![insert(early)];
    let all = TaskFilter::default();
    to_and_fro(&store, &tenant(), Listed::Tasks(&all), &[other]).await;
}

pub(super) async fn what_a_person_may_take_is_paged_to_and_fro(store: Tested) {
    let offered = |n: u32, seconds: i64| {
        let mut rows = start(n);
        rows.instance.business_key = Some("INV-17".to_owned());
        let mut row = task(&rows, n, n);
        row.opened_at = at(seconds);
        rows.tasks = vec![insert(row)];
        rows
    };
    let narrow = TaskFilter {
        business_key: Some("INV-17".to_owned()),
        ..TaskFilter::of(clerk())
    };
    let roles = |count| (0..count).map(|n: u32| format!("r{n}").into());
    let many = |count| {
        TaskFilter::of(Whose::AvailableTo(Person {
            roles: roles(count).chain(["clerk".into()]).collect(),
            active: true,
            ..Person::default()
        }))
    };
    let filters = [TaskFilter::of(clerk()), narrow, many(30), many(70)];
    for (round, filter) in filters.iter().enumerate() {
        let owner = TenantId::from(format!("paged{round}"));
        let of = |n, seconds| of_tenant(offered(n, seconds), &owner);
        let all = (10..19).map(|n| of(n, i64::from(n / 2)));
        commit(&store, &all.collect::<Vec<_>>()).await;
        to_and_fro(
            &store,
            &owner,
            Listed::Tasks(filter),
            &[of(1, 0), of(30, 100)],
        )
        .await;
    }
}

pub(super) async fn incidents_are_paged_to_and_fro(store: Tested) {
    let mut rows = start(1);
    rows.incidents = (10..19)
        .map(|n| incident(&rows, n, i64::from(n / 2)))
        .collect();
    commit(&store, std::slice::from_ref(&rows)).await;
    let mut other = start(2);
    other.incidents = vec![incident(&other, 1, 100), incident(&other, 2, 0)];
    to_and_fro(&store, &tenant(), Listed::Incidents, &[other]).await;
}

//! Lists of tasks: whose, in which order, in parts.

use std::slice::from_ref;

use signoff_core::{
    actor::Person,
    change::Rows,
    id::{RoleId, TaskId, TenantId},
    instance::TaskRow,
    principal::Principal,
};

use super::sample::{
    Tested, at, closed, commit, held, insert, instance_id, next, of_tenant, role, start, subject,
    task, task_id, tenant, update, user,
};
use crate::contract::{Choice, PageRequest, Period, TaskFilter, Whose};

fn whose(whose: Whose) -> TaskFilter {
    TaskFilter::of(whose)
}

fn person(id: &str, roles: &[&str]) -> Whose {
    Whose::AvailableTo(Person {
        id: id.into(),
        roles: roles.iter().map(|role| RoleId::from(*role)).collect(),
        active: true,
        ..Person::default()
    })
}

fn offered(rows: &Rows, n: u32, to: &[Principal]) -> TaskRow {
    TaskRow {
        candidates: to.to_vec(),
        ..task(rows, n, n)
    }
}

/// Every id of a list, read in pages of `limit`, and the pages' sum against the count.
async fn list(store: &Tested, tenant: &TenantId, filter: &TaskFilter, limit: u32) -> Vec<TaskId> {
    let mut ids = Vec::new();
    let mut after = None;
    let mut before: Vec<TaskId> = Vec::new();
    loop {
        let request = PageRequest { limit, after };
        let page = store.tasks(tenant, filter, &request).await.unwrap();
        assert!(page.items.len() <= usize::try_from(limit).unwrap());
        if page.prev.is_some() {
            let after = page.prev.clone();
            let request = PageRequest { limit, after };
            let back = store.tasks(tenant, filter, &request).await.unwrap();
            let back: Vec<TaskId> = back.items.iter().map(|item| item.task.id).collect();
            assert_eq!(back, before, "the page before");
        }
        before = page.items.iter().map(|item| item.task.id).collect();
        ids.extend(&before);
        match page.next {
            Some(cursor) => after = Some(cursor),
            None => break,
        }
    }
    let count = store.count_tasks(tenant, filter).await.unwrap();
    assert_eq!(
        count,
        u64::try_from(ids.len()).unwrap(),
        "the count is the length of the list"
    );
    ids
}

async fn check(store: &Tested, filter: &TaskFilter, expected: &[u32]) {
    let mut expected: Vec<_> = expected.iter().map(|n| task_id(*n)).collect();
    for reversed in [false, true] {
        let filter = TaskFilter {
            reversed,
            ..filter.clone()
        };
        for limit in [1, 2, 50] {
            assert_eq!(
                list(store, &tenant(), &filter, limit).await,
                expected,
                "{filter:?}, {limit} a page"
            );
        }
        expected.reverse();
    }
}

pub(super) async fn available_tasks_are_those_of_the_person_and_the_roles(store: Tested) {
    let mut rows = start(1);
    rows.tasks = vec![
        insert(offered(&rows, 11, &[role("clerk")])),
        insert(offered(
            &rows,
            12,
            &[user("ann"), role("clerk"), role("boss")],
        )),
        insert(offered(&rows, 13, &[role("boss"), user("max")])),
        insert(held(task(&rows, 14, 14), "ann")),
        insert(closed(task(&rows, 15, 15), "ann", 20)),
        insert(offered(&rows, 16, &[user("clerk")])),
        insert(offered(&rows, 17, &[Principal::Anyone])),
    ];
    commit(&store, &[rows]).await;
    for (id, roles, expected) in [
        ("ann", &["clerk"][..], &[11, 12, 17][..]),
        ("ann", &["clerk", "boss", "none"], &[11, 12, 13, 17]),
        ("ann", &[], &[12, 17]),
        ("max", &["boss"], &[12, 13, 17]),
        ("boss", &[], &[17]),
        ("clerk", &[], &[16, 17]),
    ] {
        check(&store, &whose(person(id, roles)), expected).await;
    }
    let past = TaskFilter {
        open: Some(false),
        ..whose(person("ann", &["clerk"]))
    };
    check(&store, &past, &[]).await;
}

pub(super) async fn held_tasks_are_those_of_the_assignee(store: Tested) {
    let mut rows = start(1);
    rows.tasks = vec![
        insert(held(task(&rows, 13, 13), "ann")),
        insert(held(task(&rows, 11, 11), "ann")),
        insert(held(task(&rows, 12, 12), "max")),
        insert(offered(&rows, 14, &[user("ann")])),
        insert(closed(held(task(&rows, 15, 15), "ann"), "ann", 20)),
    ];
    commit(&store, from_ref(&rows)).await;
    let of = |id: &str| whose(Whose::HeldBy(id.into()));
    check(&store, &of("ann"), &[11, 13]).await;
    check(&store, &of("max"), &[12]).await;
    check(&store, &of("eve"), &[]).await;
    let mut second = next(&rows);
    let old = |n: usize| &rows.tasks[n].1;
    second.tasks = vec![
        update(old(1), closed(held(task(&rows, 11, 11), "ann"), "ann", 30)),
        update(old(2), held(task(&rows, 12, 12), "ann")),
        update(old(0), offered(&rows, 13, &[role("clerk")])),
    ];
    commit(&store, &[second]).await;
    check(&store, &of("ann"), &[12]).await;
    check(&store, &of("max"), &[]).await;
}

pub(super) async fn decided_tasks_are_those_of_who_decided(store: Tested) {
    let mut rows = start(1);
    rows.tasks = vec![
        insert(closed(task(&rows, 11, 11), "ann", 50)),
        insert(closed(task(&rows, 12, 12), "ann", 70)),
        insert(closed(task(&rows, 13, 13), "ann", 60)),
        insert(closed(task(&rows, 14, 14), "max", 65)),
        insert(held(task(&rows, 15, 15), "ann")),
    ];
    let mut cancelled = closed(task(&rows, 16, 16), "ann", 80);
    cancelled.closed_by = None;
    rows.tasks.push(insert(cancelled));
    commit(&store, &[rows]).await;
    let mine = whose(Whose::DoneBy("ann".into()));
    check(&store, &mine, &[12, 13, 11]).await;
    let open = TaskFilter {
        open: Some(true),
        ..mine
    };
    check(&store, &open, &[]).await;
}

pub(super) async fn candidates_are_replaced(store: Tested) {
    let mut rows = start(1);
    rows.tasks = vec![insert(offered(&rows, 11, &[role("clerk"), user("ann")]))];
    commit(&store, from_ref(&rows)).await;
    let mut change = rows.clone();
    for (to, clerk, boss) in [
        (&[role("boss")][..], &[][..], &[11][..]),
        (&[role("boss"), role("clerk")], &[11], &[11]),
        (&[], &[], &[]),
        (&[role("clerk"), role("clerk")], &[11], &[]),
    ] {
        let old = change.tasks[0].1.clone();
        change = next(&change);
        change.tasks = vec![update(&old, offered(&rows, 11, to))];
        commit(&store, from_ref(&change)).await;
        check(&store, &whose(person("eve", &["clerk"])), clerk).await;
        check(&store, &whose(person("eve", &["boss"])), boss).await;
        let stored = store.task(&tenant(), task_id(11)).await.unwrap().unwrap();
        assert_eq!(stored.task.candidates, to);
    }
}

pub(super) async fn all_tasks_are_open_ones_then_closed_ones(store: Tested) {
    let mut rows = start(1);
    rows.tasks = vec![
        insert(task(&rows, 12, 12)),
        insert(held(task(&rows, 11, 11), "ann")),
        insert(closed(task(&rows, 13, 13), "ann", 50)),
        insert(closed(task(&rows, 14, 14), "max", 60)),
        insert(closed(task(&rows, 15, 15), "max", 50)),
    ];
    commit(&store, &[rows]).await;
    let filter = |open| TaskFilter {
        open,
        ..whose(Whose::All)
    };
    check(&store, &filter(None), &[11, 12, 14, 15, 13]).await;
    check(&store, &filter(Some(true)), &[11, 12]).await;
    check(&store, &filter(Some(false)), &[14, 15, 13]).await;
}

pub(super) async fn tasks_are_filtered_by_instance(store: Tested) {
    let rows = |n: u32| {
        let mut rows = start(n);
        let base = n * 100;
        rows.tasks = vec![
            insert(task(&rows, base + 1, 1)),
            insert(held(task(&rows, base + 2, 2), "ann")),
            insert(closed(task(&rows, base + 3, 3), "ann", 5)),
        ];
        rows
    };
    commit(&store, &[rows(1), rows(2)]).await;
    let of = |whose| TaskFilter {
        instance: Some(instance_id(2)),
        ..TaskFilter::of(whose)
    };
    check(&store, &of(Whose::All), &[201, 202, 203]).await;
    check(&store, &of(person("ann", &["clerk", "boss"])), &[201]).await;
    check(&store, &of(person("ann", &["boss"])), &[]).await;
    check(&store, &of(Whose::HeldBy("ann".into())), &[202]).await;
    check(&store, &of(Whose::DoneBy("ann".into())), &[203]).await;
}

pub(super) async fn tasks_are_paged_without_gap_or_repetition(store: Tested) {
    let mut rows = start(1);
    for n in 1_000..2_000 {
        let mut row = offered(
            &rows,
            n,
            &[role(if n % 3 == 0 { "boss" } else { "clerk" }), user("ann")],
        );
        // Many open at one moment: the id decides.
        row.opened_at = at(i64::from(n / 50));
        rows.tasks.push(insert(row));
    }
    commit(&store, from_ref(&rows)).await;
    let everything: Vec<_> = (1_000..2_000).map(task_id).collect();
    let available = whose(person("ann", &["boss", "clerk"]));
    for (filter, limit) in [
        (&available, 37),
        (&available, 500),
        (&whose(Whose::All), 100),
    ] {
        assert_eq!(list(&store, &tenant(), filter, limit).await, everything);
    }
    let bosses: Vec<_> = (1_000..2_000).filter(|n| n % 3 == 0).map(task_id).collect();
    assert_eq!(
        list(&store, &tenant(), &whose(person("eve", &["boss"])), 50).await,
        bosses
    );

    let mut done = next(&rows);
    let close = |(_, row): &(_, TaskRow)| {
        let seconds = 9_000 + i64::from(row.number / 40);
        update(row, closed(row.clone(), "ann", seconds))
    };
    done.tasks = rows.tasks.iter().map(close).collect();
    commit(&store, &[done]).await;
    let latest_first: Vec<_> = everything.into_iter().rev().collect();
    assert_eq!(
        list(&store, &tenant(), &whose(Whose::DoneBy("ann".into())), 71).await,
        latest_first
    );
    assert_eq!(list(&store, &tenant(), &available, 71).await, []);
}

pub(super) async fn a_task_shows_its_instance(store: Tested) {
    let mut rows = start(1);
    rows.instance.subject_type = Some("order".to_owned());
    rows.instance.subject_id = Some("17".to_owned());
    rows.instance.requester = Some("eve".into());
    rows.tasks = vec![insert(held(task(&rows, 11, 11), "ann"))];
    commit(&store, from_ref(&rows)).await;
    let (hers, first) = (whose(Whose::HeldBy("ann".into())), PageRequest::default());
    let listed = store.tasks(&tenant(), &hers, &first).await.unwrap().items;
    let found = store.task(&tenant(), task_id(11)).await.unwrap().unwrap();
    assert_eq!(listed, from_ref(&found));
    assert_eq!(found.task, rows.tasks[0].1);
    assert_eq!((found.workflow.as_str(), found.definition), ("expense", 3));
    assert_eq!(found.title, rows.instance.title);
    assert_eq!(found.subject, Some(subject("17")));
    assert_eq!(found.requester, rows.instance.requester);
    assert_eq!(store.task(&tenant(), task_id(12)).await.unwrap(), None);
}

pub(super) async fn tasks_of_another_tenant_are_not_seen(store: Tested) {
    let mut ours = start(1);
    ours.tasks = vec![
        insert(offered(&ours, 11, &[user("ann")])),
        insert(held(task(&ours, 12, 12), "ann")),
        insert(closed(task(&ours, 13, 13), "ann", 5)),
    ];
    let globex = TenantId::from("globex");
    let theirs = of_tenant(ours.clone(), &globex);
    commit(&store, &[ours]).await;
    let lists = [
        whose(Whose::All),
        whose(person("ann", &["clerk"])),
        whose(Whose::HeldBy("ann".into())),
        whose(Whose::DoneBy("ann".into())),
        TaskFilter {
            instance: Some(instance_id(1)),
            ..whose(Whose::All)
        },
    ];
    for filter in &lists {
        assert_eq!(list(&store, &globex, filter, 50).await, [], "{filter:?}");
    }
    assert_eq!(store.task(&globex, task_id(11)).await.unwrap(), None);
    commit(&store, &[theirs]).await;
    for (filter, count) in lists.iter().zip([3, 1, 1, 1, 3]) {
        assert_eq!(
            list(&store, &globex, filter, 50).await.len(),
            count,
            "{filter:?}"
        );
        assert_eq!(
            list(&store, &tenant(), filter, 50).await.len(),
            count,
            "{filter:?}"
        );
    }
    let found = store.task(&globex, task_id(11)).await.unwrap().unwrap();
    assert_eq!(found.task.tenant, globex);
}

#[expect(clippy::too_many_lines, reason = "a table of filters")]
pub(super) async fn tasks_are_found_by_state_and_moments(store: Tested) {
    let mut rows = start(1);
    let open = |n, state: &str| TaskRow {
        state: state.to_owned(),
        ..held(task(&rows, n, n), "max")
    };
    let ended = |n, state: &str, seconds| TaskRow {
        state: state.to_owned(),
        ..closed(task(&rows, n, n), "max", seconds)
    };
    let all = [
        task(&rows, 1, 1),
        open(2, "assigned"),
        open(3, "in_progress"),
        open(4, "suspended"),
        ended(5, "completed", 15),
        ended(6, "cancelled", 12),
        ended(7, "completed", 9),
    ];
    rows.tasks = all.into_iter().map(insert).collect();
    commit(&store, &[rows]).await;
    let one = |words: &[&str]| Choice::OneOf(words.iter().map(|&word| word.into()).collect());
    let all = |state: Choice| TaskFilter {
        state,
        ..TaskFilter::default()
    };
    let opened = |from: i64, before: i64| TaskFilter {
        opened: Period {
            from: Some(at(from)),
            before: Some(at(before)),
        },
        ..TaskFilter::default()
    };
    let closed = |from: Option<i64>, before: Option<i64>| TaskFilter {
        closed: Period {
            from: from.map(at),
            before: before.map(at),
        },
        ..TaskFilter::default()
    };
    let of = |whose: Whose, filter: TaskFilter| TaskFilter { whose, ..filter };
    let max = || "max".into();
    for (filter, expected) in [
        (all(Choice::of("ready")), &[1][..]),
        (all(one(&["cancelled", "in_progress", "ready"])), &[1, 3, 6]),
        (
            all(Choice::NoneOf(vec!["completed".to_owned()])),
            &[1, 2, 3, 4, 6],
        ),
        (all(Choice::of("Ready")), &[]),
        (all(one(&[])), &[]),
        (opened(2, 6), &[2, 3, 4, 5]),
        (opened(3, 3), &[]),
        (closed(Some(9), Some(15)), &[6, 7]),
        (closed(Some(12), None), &[5, 6]),
        (closed(None, Some(12)), &[7]),
        (
            TaskFilter {
                state: Choice::of("completed"),
                ..closed(None, Some(15))
            },
            &[7],
        ),
        (
            TaskFilter {
                open: Some(true),
                ..opened(2, 6)
            },
            &[2, 3, 4],
        ),
        (
            TaskFilter {
                instance: Some(instance_id(1)),
                ..opened(4, 7)
            },
            &[4, 5, 6],
        ),
        (of(Whose::HeldBy(max()), opened(3, 9)), &[3, 4]),
        (
            of(Whose::DoneBy(max()), all(Choice::of("completed"))),
            &[5, 7],
        ),
        (of(person("eve", &["clerk"]), opened(1, 9)), &[1]),
        (of(person("eve", &["clerk"]), opened(2, 9)), &[]),
    ] {
        check(&store, &filter, expected).await;
    }
}

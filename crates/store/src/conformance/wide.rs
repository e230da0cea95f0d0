//! Many rows, many tenants, and names that a database might take for one another.

use std::{collections::BTreeSet, slice::from_ref};

use jiff::Timestamp;
use signoff_core::{
    actor::Person,
    change::{FieldRow, SubscriptionKind},
    id::{InstanceId, PersonId, TaskId, TenantId},
};

use super::sample::{
    Tested, all, at, closed, commit, held, incident, insert, instance_id, job, job_id, load_of,
    message, next, of_tenant, role, start, subject, subscription, task, task_id, tenant, user,
    work,
};
use crate::contract::{
    BindingRow, Choice, DefinitionRow, DraftRow, EntryFilter, Failure, FileRow, IncidentFilter,
    InstanceFilter, Lease, Load, PageRequest, Part, Published, StartsOf, StatisticsFilter,
    SubscriberFilter, Target, TaskFilter, Whose, sha256,
};

/// What a collation that is not binary takes for one.
const ALIKE: [&str; 12] = [
    "acme",
    "ACME",
    "Acme",
    "acme ",
    " acme",
    "ácme",
    "a\u{301}cme",
    "ﬁ",
    "fi",
    "ß",
    "ss",
    "أحمد",
];

#[expect(clippy::too_many_lines, reason = "a list of all that has a name")]
pub(super) async fn names_that_look_alike_are_different(store: Tested) {
    let members: Vec<PersonId> = ALIKE.map(PersonId::from).into();
    for (n, name) in (1..).zip(ALIKE) {
        let mut rows = start(n);
        rows.instance.workflow = name.to_owned();
        rows.instance.subject_type = Some("order".to_owned());
        rows.instance.subject_id = Some(name.to_owned());
        rows.instance.exclusive = Some(name.to_owned());
        rows.instance.requester = Some(name.into());
        rows.tasks = vec![
            insert(held(task(&rows, n, n), name)),
            insert({
                let mut offered = task(&rows, n + 100, n + 100);
                offered.candidates = vec![user(name), role(name)];
                offered
            }),
            insert(closed(task(&rows, n + 200, n + 200), name, 1)),
        ];
        rows.subscriptions = vec![subscription(
            &rows,
            n,
            (SubscriptionKind::Message, name, name),
        )];
        // Each takes its exclusive key: it is nobody else's.
        commit(&store, &[rows]).await;
        let sent = message(name, (name, name), 1);
        assert!(store.message_add(&sent).await.unwrap(), "message `{name}`");
        let binding = BindingRow {
            subject_type: name.to_owned(),
            body: format!("{{\"n\":{n}}}"),
            changed_by: None,
            changed_at: at(1),
        };
        store.binding_put(&tenant(), &binding).await.unwrap();
        let turn = store.turn(&tenant(), name, &members).await.unwrap();
        assert_eq!(
            Some(&turn),
            members.iter().min(),
            "the pool `{name}` is new"
        );
    }
    let page = PageRequest::default();
    for (n, name) in (1..).zip(ALIKE) {
        let found = store
            .running(&tenant(), &name.into(), &subject(name))
            .await
            .unwrap();
        assert_eq!(found, Some(instance_id(n)), "`{name}`");
        for filter in [
            InstanceFilter {
                workflow: Choice::of(name),
                ..InstanceFilter::default()
            },
            InstanceFilter {
                subject: Some(subject(name)),
                ..InstanceFilter::default()
            },
            InstanceFilter {
                requester: Some(name.into()),
                ..InstanceFilter::default()
            },
        ] {
            let found = store.instances(&tenant(), &filter, &page).await.unwrap();
            let ids: Vec<InstanceId> = found.items.iter().map(|row| row.id).collect();
            assert_eq!(ids, [instance_id(n)], "{filter:?}");
        }
        let of = |roles: &[&str], id: &str| Person {
            id: id.into(),
            roles: roles.iter().map(|role| (*role).into()).collect(),
            active: true,
            ..Person::default()
        };
        for (whose, expected) in [
            (Whose::HeldBy(name.into()), n),
            (Whose::AvailableTo(of(&[], name)), n + 100),
            (Whose::AvailableTo(of(&[name], "nobody")), n + 100),
            (Whose::DoneBy(name.into()), n + 200),
        ] {
            let filter = TaskFilter::of(whose);
            let found = store.tasks(&tenant(), &filter, &page).await.unwrap();
            let ids: Vec<TaskId> = found.items.iter().map(|row| row.task.id).collect();
            assert_eq!(ids, [task_id(expected)], "{filter:?}");
        }
        let kept = store.messages(&tenant(), name, name, at(2)).await.unwrap();
        assert_eq!(kept, [message(name, (name, name), 1)]);
        let filter = SubscriberFilter {
            tenant: tenant(),
            kind: SubscriptionKind::Message,
            name: name.to_owned(),
            key: Some(name.to_owned()),
            until: Timestamp::MAX,
            after: None,
            limit: 9,
        };
        let waiting = store.subscribers(&filter).await.unwrap();
        assert_eq!(waiting.len(), 1, "who waits for `{name}`");
        let bound = store.binding(&tenant(), name).await.unwrap().unwrap();
        assert_eq!(bound.body, format!("{{\"n\":{n}}}"));
    }
}

/// One of everything, of a tenant.
async fn fill(store: &Tested, name: &TenantId) {
    let mut rows = start(1);
    rows.instance.subject_type = Some("order".to_owned());
    rows.instance.subject_id = Some("17".to_owned());
    rows.instance.exclusive = Some("expense order 17".to_owned());
    rows.instance.business_key = Some("INV-17".to_owned());
    rows.instance.unique_key = Some("INV-17".to_owned());
    rows.instance.requester = Some("ann".into());
    rows.tasks = vec![
        insert(held(task(&rows, 2, 2), "ann")),
        insert(task(&rows, 3, 3)),
        insert(closed(task(&rows, 4, 4), "ann", 1)),
    ];
    rows.jobs = vec![job(&rows, 1, 0)];
    rows.incidents = vec![incident(&rows, 1, 1)];
    rows.subscriptions = vec![subscription(
        &rows,
        2,
        (SubscriptionKind::Signal, "bell", ""),
    )];
    rows.fields = Some(vec![FieldRow {
        name: "amount".to_owned(),
        key: signoff_core::change::field_key(&serde_json::json!(1)).unwrap(),
    }]);
    let rows = of_tenant(rows, name);
    commit(store, from_ref(&rows)).await;
    let mut sent = message("m", ("paid", ""), 0);
    sent.tenant = name.clone();
    assert!(store.message_add(&sent).await.unwrap());
    let definition = DefinitionRow {
        workflow: "expense".into(),
        version: 0,
        hash: "h".to_owned(),
        title: "\"t\"".to_owned(),
        document: "{}".to_owned(),
        published_at: at(0),
    };
    let starts = StartsOf {
        workflow: "expense".into(),
        rows: vec![("start".to_owned(), at(0))],
    };
    let published = store.publish(name, from_ref(&definition), &[starts]).await;
    assert_eq!(published.unwrap(), [Published::New(1)], "of {name:?}");
    let draft = DraftRow {
        workflow: "expense".into(),
        revision: 1,
        strategy: None,
        format: "yaml".to_owned(),
        source: String::new(),
        changed_by: None,
        changed_at: at(0),
    };
    assert!(store.draft_save(name, &draft, "\"t\"").await.unwrap());
    let file = FileRow {
        id: signoff_core::id::FileId::new(super::sample::uuid(1)),
        instance: Some(instance_id(1)),
        task: None,
        name: "f".to_owned(),
        content_type: "text/plain".to_owned(),
        size: 1,
        sha256: sha256(b"f"),
        uploaded_by: None,
        uploaded_at: at(0),
    };
    store.file_put(name, &file, b"f").await.unwrap();
    let binding = BindingRow {
        subject_type: "order".to_owned(),
        body: "{}".to_owned(),
        changed_by: None,
        changed_at: at(0),
    };
    store.binding_put(name, &binding).await.unwrap();
    let turn = store.turn(name, "clerks", &["a".into(), "b".into()]).await;
    assert_eq!(turn.unwrap().as_str(), "a", "of {name:?}");
}

/// How much a tenant has of each thing.
#[expect(
    clippy::too_many_lines,
    reason = "a list of all that is asked of a tenant"
)]
async fn counts(store: &Tested, name: &TenantId) -> Vec<usize> {
    let page = PageRequest::default();
    let id = instance_id(1);
    let mut counts = Vec::new();
    for target in [Target::Instance(id), Target::Task(task_id(2))] {
        let load = Load {
            tenant: name.clone(),
            target,
            part: Part::All,
        };
        counts.push(usize::from(store.load(&load).await.unwrap().is_some()));
    }
    let running = store.running(name, &"expense".into(), &subject("17")).await;
    let keyed = store.keyed(name, &"expense".into(), "INV-17").await;
    counts.push(keyed.unwrap().into_iter().count());
    counts.push(usize::from(running.unwrap().is_some()));
    let ann = || Person {
        id: "ann".into(),
        roles: ["clerk".into()].into(),
        active: true,
        ..Person::default()
    };
    for whose in [
        Whose::All,
        Whose::AvailableTo(ann()),
        Whose::DoneBy("ann".into()),
        Whose::HeldBy("ann".into()),
    ] {
        let filter = TaskFilter::of(whose);
        let found = store.tasks(name, &filter, &page).await.unwrap().items.len();
        let count = store.count_tasks(name, &filter).await.unwrap();
        assert_eq!(count, u64::try_from(found).unwrap());
        counts.push(found);
    }
    let task = store.task(name, task_id(2)).await.unwrap();
    counts.push(usize::from(task.is_some()));
    let amount = InstanceFilter {
        fields: vec![crate::contract::FieldFilter::equals("amount", "1")],
        ..InstanceFilter::default()
    };
    for filter in [InstanceFilter::default(), amount] {
        counts.push(
            store
                .instances(name, &filter, &page)
                .await
                .unwrap()
                .items
                .len(),
        );
    }
    counts.push(store.history(name, id).await.unwrap().len());
    let all = IncidentFilter::default();
    counts.push(
        store
            .incidents(name, &all, &page)
            .await
            .unwrap()
            .items
            .len(),
    );
    counts.push(store.live(name, &[id]).await.unwrap().len());
    counts.push(store.tasks_of(name, &[id]).await.unwrap().len());
    let numbers = StatisticsFilter {
        workflow: None,
        since: None,
        now: at(5),
    };
    let numbers = store.statistics(name, &numbers).await.unwrap();
    counts.push(numbers.instances.len() + numbers.nodes.len() + numbers.people.len());
    let entries = store.entries(name, &EntryFilter::default(), 9).await;
    counts.push(entries.unwrap().len());
    counts.push(usize::try_from(store.last_position(name).await.unwrap()).unwrap());
    counts.push(store.jobs_of(name, id).await.unwrap().len());
    let due = store.next_due(Some(name)).await.unwrap();
    counts.push(usize::from(due.is_some()));
    let kept = store.message(name, &"m".into()).await.unwrap();
    counts.push(usize::from(kept.is_some()));
    counts.push(store.messages(name, "paid", "", at(1)).await.unwrap().len());
    let filter = SubscriberFilter {
        tenant: name.clone(),
        kind: SubscriptionKind::Signal,
        name: "bell".to_owned(),
        key: None,
        until: Timestamp::MAX,
        after: None,
        limit: 9,
    };
    counts.push(store.subscribers(&filter).await.unwrap().len());
    let key = "expense".into();
    counts.push(store.workflows(name).await.unwrap().len());
    let workflow = store.workflow(name, &key).await.unwrap();
    counts.push(usize::from(workflow.is_some()));
    let definition = store.definition(name, &key, None).await.unwrap();
    counts.push(usize::from(definition.is_some()));
    let then = store.definition_as_of(name, &key, at(9)).await.unwrap();
    counts.push(usize::from(then.is_some()));
    let draft = store.draft(name, &key).await.unwrap();
    counts.push(usize::from(draft.is_some()));
    let edits = store.draft_edits(name, &key).await.unwrap();
    counts.push(usize::try_from(edits).unwrap());
    counts.push(store.bindings(name).await.unwrap().len());
    counts.push(store.files_of(name, id).await.unwrap().len());
    let due = store.schedules_due(Some(name), at(9), 9).await.unwrap();
    counts.push(due.len());
    let next = store.next_schedule(Some(name)).await.unwrap();
    counts.push(usize::from(next.is_some()));
    counts
}

pub(super) async fn nothing_is_seen_of_another_tenant(store: Tested) {
    let tenants = ["acme", "globex", "ACME", "acme ", "مؤسسة", ""].map(TenantId::from);
    let nothing = counts(&store, &tenants[0]).await;
    assert!(nothing.iter().all(|count| *count == 0), "{nothing:?}");
    fill(&store, &tenants[0]).await;
    let one = counts(&store, &tenants[0]).await;
    assert!(one.iter().all(|count| *count > 0), "{one:?}");
    for at in 1..tenants.len() {
        for other in &tenants[at..] {
            assert_eq!(counts(&store, other).await, nothing, "{other:?}");
        }
        // The same ids are somebody else's there.
        fill(&store, &tenants[at]).await;
        for filled in &tenants[..=at] {
            assert_eq!(counts(&store, filled).await, one, "{filled:?}");
        }
    }
    // What changes at one tenant changes at no other.
    let (mine, theirs) = (&tenants[1], &tenants[0]);
    let lease = Lease {
        tenant: Some(mine.clone()),
        behind: None,
        now: at(5),
        until: at(65),
        limit: 9,
    };
    let token = store.claim(lease).await.unwrap()[0].token;
    let failure = Failure {
        incident: incident(&of_tenant(start(1), mine), 7, 5),
        left: Some(work(5)),
    };
    let parked = store.give_up(mine, job_id(1), token, &failure).await;
    assert!(parked.unwrap());
    assert!(!store.unpark(theirs, job_id(1), at(6)).await.unwrap());
    let mut ended = next(&of_tenant(start(1), mine));
    ended.instance.status = "completed".to_owned();
    ended.instance.ended_at = Some(ended.instance.changed_at);
    ended.dropped_jobs = vec![job_id(1)];
    ended.resolved_incidents = vec![incident(&start(1), 1, 1).id];
    ended.dropped_subscriptions = vec![super::sample::activation_id(2)];
    ended.consumed = vec!["m".into()];
    commit(&store, from_ref(&ended)).await;
    let file = signoff_core::id::FileId::new(super::sample::uuid(1));
    store
        .files_release(mine, &[file], instance_id(1))
        .await
        .unwrap();
    store.files_drop(Some(mine), at(9)).await.unwrap();
    store.messages_drop(Some(mine), at(9_999)).await.unwrap();
    store.binding_drop(mine, "order").await.unwrap();
    store.draft_drop(mine, &"expense".into(), 1).await.unwrap();
    for filled in tenants.iter().filter(|name| *name != mine) {
        assert_eq!(counts(&store, filled).await, one, "{filled:?}");
    }
    assert_ne!(counts(&store, mine).await, one);
}

/// Reads the entries of all instances, of which there are so many with one each.
async fn every_entry_is_read_once(store: &Tested, instances: usize) {
    let mut entries = EntryFilter::default();
    let mut read = BTreeSet::new();
    loop {
        let found = store.entries(&tenant(), &entries, 500).await.unwrap();
        for found in &found {
            entries.after += 1;
            assert_eq!(found.position, entries.after);
            assert!(
                read.insert(found.entry.instance),
                "an entry has one position"
            );
        }
        if found.is_empty() {
            break;
        }
    }
    assert_eq!(read.len(), instances);
}

pub(super) async fn ten_thousand_rows_are_paged_without_gap_or_repetition(store: Tested) {
    const MANY: u32 = 10_000;
    for hundred in 0..MANY / 100 {
        let rows: Vec<_> = (1..=100)
            .map(|n| {
                let n = hundred * 100 + n;
                let mut rows = start(n);
                // Many at one moment: the id decides between them.
                rows.instance.started_at = at(i64::from(n / 70));
                rows.tasks = vec![insert(held(task(&rows, n, n), "ann"))];
                rows.tasks[0].1.opened_at = at(i64::from(n / 70));
                rows
            })
            .collect();
        commit(&store, &rows).await;
    }
    let mut seen: BTreeSet<InstanceId> = BTreeSet::new();
    let mut page = PageRequest {
        limit: 500,
        after: None,
    };
    let filter = InstanceFilter::default();
    let mut pages = 0;
    loop {
        let found = store.instances(&tenant(), &filter, &page).await.unwrap();
        pages += 1;
        assert!(
            found.items.iter().all(|row| seen.insert(row.id)),
            "page {pages}"
        );
        // What begins meanwhile comes before what is still to be read.
        if pages < 5 {
            let mut rows = start(MANY + pages);
            rows.instance.started_at = at(1_000_000);
            commit(&store, &[rows]).await;
        }
        match found.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (10_000, 20));
    every_entry_is_read_once(&store, 10_004).await;
    let filter = TaskFilter::of(Whose::HeldBy("ann".into()));
    assert_eq!(store.count_tasks(&tenant(), &filter).await.unwrap(), 10_000);
    let mut after = None;
    let mut seen: Vec<TaskId> = Vec::new();
    loop {
        let page = PageRequest { limit: 500, after };
        let found = store.tasks(&tenant(), &filter, &page).await.unwrap();
        seen.extend(found.items.iter().map(|row| row.task.id));
        match found.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let expected: Vec<TaskId> = (1..=MANY).map(task_id).collect();
    assert!(seen == expected, "open tasks by moment, then id");
    let first = all(&store, &start(1)).await.unwrap();
    assert_eq!(first.rows.tasks.len(), 1);
    assert!(
        store
            .load(&load_of(&start(MANY), Part::All))
            .await
            .unwrap()
            .is_some()
    );
}

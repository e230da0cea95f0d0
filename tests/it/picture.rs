//! Everything that can be asked about a tenant, as lines of text to compare.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
};

use jiff::Timestamp;
use signoff::{
    Engine, InstanceId, Subject, TenantId,
    core::{
        change::{HistoryRow, SubscriptionKind},
        instance::{Body, Instance, InstanceStatus, fold},
    },
    store::{
        Choice, EntryFilter, FieldFilter, FieldTest, IncidentFilter, InstanceFilter, InstanceOrder,
        Page, PageRequest, Period, SubscriberFilter, TaskFilter, Whose,
    },
};

/// What fields that instances are found by may hold, one test of each kind.
const FIELDS: [&str; 3] = ["amount", "customer", "go"];

/// What is asked, and how it was answered.
#[derive(Debug)]
pub(crate) struct Picture {
    tenant: TenantId,
    lines: Vec<String>,
}

/// That the entries of a tenant, by position, are its histories: none is missing, none twice, those of an
/// instance in their order.
pub(crate) async fn stream_is_whole(engine: &Engine, tenant: &TenantId) {
    let store = engine.store();
    let mut filter = EntryFilter::default();
    let mut entries: BTreeMap<InstanceId, Vec<HistoryRow>> = BTreeMap::new();
    loop {
        let found = store.entries(tenant, &filter, 100).await.unwrap();
        if found.is_empty() {
            break;
        }
        for found in found {
            filter.after += 1;
            assert_eq!(found.position, filter.after);
            let entry = found.entry;
            entries.entry(entry.instance).or_default().push(entry);
        }
    }
    for (id, entries) in entries {
        assert_eq!(store.history(tenant, id).await.unwrap(), entries);
    }
    let (all, mut page) = (InstanceFilter::default(), PageRequest::default());
    let mut versions = 0;
    loop {
        let rows = store.instances(tenant, &all, &page).await.unwrap();
        versions += rows.items.iter().map(|row| row.version).sum::<u64>();
        page.after = rows.next;
        if page.after.is_none() {
            break;
        }
    }
    assert_eq!(versions, filter.after, "every version has an entry");
}

impl Picture {
    /// Asks everything about a tenant; the stored state of each instance must be the fold of its
    /// history.
    ///
    /// Lists are read three rows a page.
    pub(crate) async fn of(engine: &Engine, tenant: &TenantId, people: &[&str]) -> Self {
        let (mut picture, instances) = Self::stored(engine, tenant).await;
        for (id, _) in &instances {
            let detail = engine.detail(tenant, *id).await.unwrap();
            picture.note("detail", detail);
        }
        picture.filtered(engine, &instances, people).await;
        stream_is_whole(engine, tenant).await;
        picture.tasks(engine, people).await;
        let report = engine.statistics(tenant, None, None).await.unwrap();
        picture.note("statistics", report);
        let system = engine.system_report(tenant).await.unwrap();
        picture.note("system", system);
        picture
    }

    /// As [`of`](Self::of), without lists by filters and without reports: all that is stored.
    pub(crate) async fn of_rows(engine: &Engine, tenant: &TenantId) -> Self {
        Self::stored(engine, tenant).await.0
    }

    async fn stored(
        engine: &Engine,
        tenant: &TenantId,
    ) -> (Self, Vec<(InstanceId, Option<Subject>)>) {
        let mut picture = Self {
            tenant: tenant.clone(),
            lines: Vec::new(),
        };
        picture.workflows(engine).await;
        let instances = picture.instances(engine).await;
        for (id, _) in &instances {
            picture.instance(engine, *id).await;
        }
        picture.left(engine).await;
        (picture, instances)
    }

    fn note(&mut self, what: &str, answer: impl Debug) {
        self.lines.push(format!("{what}: {answer:?}"));
    }

    async fn workflows(&mut self, engine: &Engine) {
        let (store, tenant) = (engine.store(), self.tenant.clone());
        let workflows = store.workflows(&tenant).await.unwrap();
        for workflow in &workflows {
            self.note("workflow", workflow);
            for version in 1..=workflow.latest {
                let row = store.definition(&tenant, &workflow.key, Some(version));
                let row = row.await.unwrap().unwrap();
                let shown = (row.version, &row.hash, &row.title, row.published_at);
                self.note("definition", shown);
            }
            let draft = store.draft(&tenant, &workflow.key).await.unwrap();
            let edits = store.draft_edits(&tenant, &workflow.key).await.unwrap();
            self.note("draft", (draft, edits));
        }
        self.note("bindings", store.bindings(&tenant).await.unwrap());
        let due = store.schedules_due(None, Timestamp::MAX, 1_000).await;
        let mut due = due.unwrap();
        due.retain(|row| row.tenant == tenant);
        self.note("schedules", due);
    }

    async fn instances(&mut self, engine: &Engine) -> Vec<(InstanceId, Option<Subject>)> {
        let mut found = Vec::new();
        let rows = self.pages(engine, &InstanceFilter::default()).await;
        for row in rows {
            let subject = row.subject_type.clone().zip(row.subject_id.clone());
            let subject = subject.map(|(kind, id)| Subject { kind, id });
            found.push((row.id, subject));
            self.note("listed", row);
        }
        found
    }

    async fn pages(
        &self,
        engine: &Engine,
        filter: &InstanceFilter,
    ) -> Vec<signoff::store::InstanceSummary> {
        let ask = async |page: PageRequest| {
            let store = engine.store();
            store.instances(&self.tenant, filter, &page).await.unwrap()
        };
        all(ask).await
    }

    async fn instance(&mut self, engine: &Engine, id: InstanceId) {
        let tenant = self.tenant.clone();
        let view = engine.instance(&tenant, id).await.unwrap().unwrap();
        let history = engine.history(&tenant, id).await.unwrap();
        assert_eq!(
            fold(&history).as_ref(),
            Some(&view.instance),
            "the fold of the history of {id} is not what is stored"
        );
        self.note("instance", (&view.instance, view.progress()));
        self.note("history", history);
        let rows = engine.store().tasks_of(&tenant, &[id]).await.unwrap();
        let open = rows.iter().filter(|row| row.closed_at.is_none());
        let open: BTreeSet<_> = open.map(|row| row.id).collect();
        let live: BTreeSet<_> = view.instance.tasks().map(|task| task.id).collect();
        assert_eq!(open, live, "open tasks of {id}, listed and living");
        self.note("its tasks", rows);
        self.note(
            "its jobs",
            engine.store().jobs_of(&tenant, id).await.unwrap(),
        );
        self.note("its files", engine.files_of(&tenant, id).await.unwrap());
        self.note("its comments", engine.comments(&tenant, id).await.unwrap());
        self.waits(engine, &view.instance).await;
    }

    /// Who waits for what the instance waits for, and what was sent of it.
    async fn waits(&mut self, engine: &Engine, instance: &Instance) {
        for found in instance.activations() {
            let Body::Subscribed { kind, name, key } = &found.body else {
                continue;
            };
            let filter = SubscriberFilter {
                tenant: self.tenant.clone(),
                kind: *kind,
                name: name.clone(),
                key: (*kind == SubscriptionKind::Message).then(|| key.clone()),
                until: Timestamp::MAX,
                after: None,
                limit: 100,
            };
            let store = engine.store();
            let who = store.subscribers(&filter).await.unwrap();
            let kept = store.messages(&self.tenant, name, key, Timestamp::MIN);
            let kept = kept.await.unwrap();
            self.note("waits", (who, kept));
        }
    }

    /// Lists of instances by each filter, and in other orders.
    async fn filtered(
        &mut self,
        engine: &Engine,
        instances: &[(InstanceId, Option<Subject>)],
        people: &[&str],
    ) {
        let none = InstanceFilter::default;
        let mut filters = Vec::new();
        filters.extend(InstanceStatus::WORDS.map(|status| InstanceFilter {
            status: Choice::of(status),
            ..none()
        }));
        filters.extend(people.iter().map(|person| InstanceFilter {
            requester: Some((*person).into()),
            ..none()
        }));
        let subjects: BTreeSet<&Subject> =
            instances.iter().filter_map(|(_, of)| of.as_ref()).collect();
        for subject in subjects {
            filters.push(InstanceFilter {
                subject: Some(subject.clone()),
                ..none()
            });
            let latest = engine.latest_of(&self.tenant, subject, None).await.unwrap();
            self.note("latest", latest.map(|view| view.instance.id()));
        }
        for (id, _) in instances.iter().take(3) {
            filters.push(InstanceFilter {
                parent: Some(*id),
                ..none()
            });
        }
        filters.extend(narrow(engine.clock().now()));
        for name in FIELDS {
            filters.extend(field_tests().map(|test| InstanceFilter {
                fields: vec![FieldFilter {
                    name: name.to_owned(),
                    test,
                }],
                ..none()
            }));
            filters.extend([false, true].map(|descending| InstanceFilter {
                order: InstanceOrder::Field {
                    name: name.to_owned(),
                    descending,
                },
                ..none()
            }));
        }
        for filter in filters {
            let ids = self.pages(engine, &filter).await;
            let ids: Vec<InstanceId> = ids.into_iter().map(|row| row.id).collect();
            let count = engine.store().count_instances(&self.tenant, &filter).await;
            let expected = u64::try_from(ids.len()).unwrap();
            assert_eq!(count.unwrap(), expected, "{filter:?}");
            self.note(&format!("{filter:?}"), ids);
        }
    }

    async fn tasks(&mut self, engine: &Engine, people: &[&str]) {
        let mut filters = vec![TaskFilter::default()];
        filters.extend([true, false].map(|open| TaskFilter {
            open: Some(open),
            ..TaskFilter::default()
        }));
        for person in people {
            let person = engine.person(&self.tenant, &(*person).into()).await;
            let Some(person) = person.unwrap() else {
                continue;
            };
            let mine = engine.my_approvals(&self.tenant, &person).await.unwrap();
            self.note("mine", mine);
            let id = person.id.clone();
            filters.extend([
                TaskFilter::of(Whose::HeldBy(id.clone())),
                TaskFilter::of(Whose::DoneBy(id)),
                TaskFilter::of(Whose::AvailableTo(person)),
            ]);
        }
        for outcome in ["approved", "rejected", "completed"] {
            filters.push(TaskFilter {
                outcome: Some(outcome.to_owned()),
                ..TaskFilter::default()
            });
        }
        for search in ["a", "طلب", "17", "%", "_"] {
            filters.push(TaskFilter {
                search: Some(search.to_owned()),
                ..TaskFilter::default()
            });
        }
        filters.push(TaskFilter {
            due: Period {
                from: None,
                before: engine
                    .clock()
                    .now()
                    .checked_add(jiff::SignedDuration::from_hours(30))
                    .ok(),
            },
            ..TaskFilter::default()
        });
        filters.push(TaskFilter {
            subject_type: Some("order".to_owned()),
            ..TaskFilter::default()
        });
        for filter in filters {
            let ask = async |page: PageRequest| {
                engine
                    .tasks_where(&self.tenant, &filter, &page)
                    .await
                    .unwrap()
            };
            let found = all(ask).await;
            let count = engine.store().count_tasks(&self.tenant, &filter).await;
            assert_eq!(
                count.unwrap(),
                u64::try_from(found.len()).unwrap(),
                "the count and the list of {filter:?}"
            );
            let whole = filter == TaskFilter::default();
            let ids: Vec<_> = found.iter().map(|task| task.task.id).collect();
            self.note(&format!("{filter:?}"), ids);
            if whole {
                self.note("tasks", found);
            }
        }
    }

    /// What is open, and what comes next.
    async fn left(&mut self, engine: &Engine) {
        let (store, tenant) = (engine.store(), self.tenant.clone());
        let ask = async |page: PageRequest| {
            let all = IncidentFilter::default();
            store.incidents(&tenant, &all, &page).await.unwrap()
        };
        let incidents = all(ask).await;
        self.note("incidents", incidents);
        self.note("next due", store.next_due(Some(&tenant)).await.unwrap());
        let next = store.next_schedule(Some(&tenant)).await.unwrap();
        self.note("next schedule", next);
    }

    /// The lines with each id in place of which it is by its first mention, without the name of the
    /// tenant, and without moments if they are not `timed`.
    pub(crate) fn plain(&self, timed: bool) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        let tenant = self.tenant.as_str();
        let lines = self.lines.iter().map(|line| {
            let line = line.replace(tenant, "the tenant");
            let mut plain = String::with_capacity(line.len());
            let mut rest = line.as_str();
            while let Some(c) = rest.chars().next() {
                let (put, n) = if let Some(id) = rest.get(..36).filter(|id| is_id(id)) {
                    let at = seen.iter().position(|other| other == id);
                    let at = at.unwrap_or_else(|| {
                        seen.push(id.to_owned());
                        seen.len() - 1
                    });
                    (format!("#{at}"), 36)
                } else if let Some(n) = moment(rest).filter(|_| !timed) {
                    ("then".to_owned(), n)
                } else {
                    (c.to_string(), c.len_utf8())
                };
                plain.push_str(&put);
                rest = &rest[n..];
            }
            plain
        });
        lines.collect()
    }
}

/// The lines that differ, for people.
pub(crate) fn difference(one: &[String], other: &[String]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    let most = one.len().max(other.len());
    for at in 0..most {
        let (one, other) = (one.get(at), other.get(at));
        if one != other && text.len() < 8_000 {
            let show = |line: Option<&String>| match line {
                Some(line) => line.chars().take(1_500).collect(),
                None => "nothing".to_owned(),
            };
            let _infallible = write!(text, "\n- {}\n+ {}", show(one), show(other));
        }
    }
    text
}

/// Everything that a list gives, three rows a page.
async fn all<T: Debug + PartialEq>(mut ask: impl AsyncFnMut(PageRequest) -> Page<T>) -> Vec<T> {
    let mut items: Vec<T> = Vec::new();
    let mut page = PageRequest {
        limit: 3,
        after: None,
    };
    loop {
        let found = ask(page.clone()).await;
        let mut end = items.len();
        items.extend(found.items);
        if let Some(next) = found.next {
            page.after = Some(next);
            continue;
        }
        // And back again.
        let mut before = found.prev;
        while let Some(cursor) = before {
            page.after = Some(cursor);
            let found = ask(page.clone()).await;
            let start = end - found.items.len();
            assert_eq!(found.items, items[start..end], "the same part from behind");
            (end, before) = (start, found.prev);
        }
        assert_eq!(end, 0, "back to the beginning");
        return items;
    }
}

fn field_tests() -> [FieldTest; 6] {
    [
        FieldTest::AnyOf(vec!["1".to_owned(), "acme".to_owned()]),
        FieldTest::AtLeast("1".to_owned()),
        FieldTest::Contains("C".to_owned()),
        FieldTest::Exists(true),
        FieldTest::Less("شركة".to_owned()),
        FieldTest::NoneOf(vec!["2".to_owned()]),
    ]
}

fn is_id(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

/// How long the moment is that the text begins with: `1970-01-01T00:00:00Z`.
fn moment(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let shape = bytes
        .get(..19)?
        .iter()
        .enumerate()
        .all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            10 => *byte == b'T',
            13 | 16 => *byte == b':',
            _ => byte.is_ascii_digit(),
        });
    let end = bytes.iter().take(40).position(|byte| *byte == b'Z')?;
    shape.then_some(end + 1)
}

/// Filters by several statuses, by a text, and by moments.
fn narrow(now: Timestamp) -> Vec<InstanceFilter> {
    let none = InstanceFilter::default;
    let mut filters = Vec::new();
    filters.push(InstanceFilter {
        status: Choice::OneOf(vec!["running".to_owned(), "completed".to_owned()]),
        ..none()
    });
    filters.push(InstanceFilter {
        status: Choice::NoneOf(vec!["running".to_owned()]),
        incidents: Some(false),
        ..none()
    });
    filters.extend(
        ["a", "طلب", "17", "%", "\"", "\0"].map(|search| InstanceFilter {
            search: Some(search.to_owned()),
            ..none()
        }),
    );
    let hours = jiff::SignedDuration::from_hours(20);
    filters.push(InstanceFilter {
        started: Period {
            from: now.checked_sub(hours).ok(),
            before: Some(now),
        },
        ..none()
    });
    filters.push(InstanceFilter {
        ended: Period::before(now),
        incidents: Some(true),
        ..none()
    });
    filters
}

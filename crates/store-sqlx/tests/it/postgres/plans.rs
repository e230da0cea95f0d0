//! What statements read of large tables: as much as they give, not more with every row that there is.
//!
//! The counters of the server tell, so it does not matter how a plan is written, and plans for one set
//! of arguments are told as well as those for any.

use std::{
    iter::{once, successors},
    sync::Mutex,
    time::Instant,
};

use jiff::Timestamp;
use signoff_core::{
    actor::Person,
    change::{Rows, TaskOp},
    id::{ActivationId, IncidentId, InstanceId, JobId, Subject, TaskId, TenantId},
    principal::Principal,
};
use signoff_store::{
    Choice, Cursor, FieldFilter, IncidentFilter, InstanceFilter, InstanceOrder, Instances, Jobs,
    Lease, List, Load, Messages, PageRequest, Part, Period, Queries, Schedules, Target, TaskFilter,
    Whose,
};
use signoff_store_sqlx::{PostgresOptions, PostgresProfile, PostgresStore};
use sqlx::PgPool;
use uuid::Uuid;

use super::place::Place;
use crate::support::{next, start, task};

/// Rows of each table; a run by hand may want more.
const ROWS: &str = "SIGNOFF_TEST_ROWS";

/// How often each call is made: PostgreSQL may take to another plan from the sixth on.
const TIMES: u32 = 8;

const FILL: &str = r#"
CREATE FUNCTION nth(n BIGINT) RETURNS UUID LANGUAGE SQL IMMUTABLE AS $$ SELECT lpad(to_hex(n), 32, '0')::uuid $$;

INSERT INTO signoff_instance SELECT 'acme', nth(n), 1, 'w' || n % 5, 1, 'running', '"Request ' || n || '"', 'order',
    'o' || n, NULL, 'k' || n, NULL, 'p' || n % 1000, CASE WHEN n % 10 = 0 THEN nth(n / 10) END, n, n, NULL, '{}', '{}', '{}'
FROM generate_series(1, $rows) AS n;

INSERT INTO signoff_task SELECT 'acme', nth(1000000000 + n), nth(n), nth(4000000000 + n), 'review', 1, 'ready',
    CASE WHEN n % 2 = 0 THEN 'p' || n % 1000 END, CASE WHEN n % 2 = 0 THEN '[]' ELSE '["role:r' || n % 100 || '"]' END,
    n, n + 1000, NULL, NULL, NULL, '{}', '{}'
FROM generate_series(1, $rows) AS n;

INSERT INTO signoff_task SELECT 'acme', nth(2000000000 + n), nth(n), nth(5000000000 + n), 'review', 1, 'completed',
    NULL, '[]', n, n + 1000, n + 500, 'p' || n % 1000, 'approved', '{}', NULL
FROM generate_series(1, $rows) AS n;

INSERT INTO signoff_event SELECT 'acme', nth(n), 1, n, 'ann', '{}' FROM generate_series(1, $rows) AS n;

INSERT INTO signoff_job SELECT 't' || n, nth(6000000000), nth(1), $rows,
    '{"work":"cancel_child","child":"00000000-0000-0000-0000-000000000001","reason":"late"}', 0, 0, NULL, 0
FROM generate_series(1, 1000) AS n;

INSERT INTO signoff_message SELECT 'acme', 'm' || n, 'paid', 'o' || n, '{}', n, NULL, NULL, NULL
FROM generate_series(1, $rows) AS n;

INSERT INTO signoff_field SELECT 'acme', nth(n), 'customer', 'tc' || n % 1000 FROM generate_series(1, $rows) AS n;

INSERT INTO signoff_schedule SELECT 'acme', 'w' || n, 'daily', n FROM generate_series(1, $rows) AS n;
"#;

/// Rows of the tables that steps drop rows of.
const FLEETING: &str = r#"
INSERT INTO signoff_activation SELECT 'acme', nth(n), nth(3000000000 + n), 'wait', '{}' FROM generate_series(1, $rows) AS n;

INSERT INTO signoff_candidate SELECT tenant, 'role:r' || (n % 100), n, nth(1000000000 + n), 0
FROM generate_series(1, $rows) AS n CROSS JOIN (SELECT 'acme') AS one(tenant) WHERE n % 2 = 1;

INSERT INTO signoff_job SELECT 'acme', nth(6000000000 + n), nth(n), n,
    '{"work":"cancel_child","child":"00000000-0000-0000-0000-000000000001","reason":"late"}', 0, 0, NULL, 0
FROM generate_series(1, $rows) AS n;

INSERT INTO signoff_incident SELECT 'acme', nth(7000000000 + n), nth(n), 'code', 'message', NULL, n
FROM generate_series(1, $rows) AS n;

INSERT INTO signoff_subscription SELECT 'acme', nth(3000000000 + n), nth(n), 'message', 'paid', 'o' || n, n
FROM generate_series(1, $rows) AS n;
"#;

const EMPTY: &str =
    "DELETE FROM signoff_activation; DELETE FROM signoff_candidate; DELETE FROM signoff_job;
DELETE FROM signoff_incident; DELETE FROM signoff_subscription";

const VACUUM: &str = "VACUUM (ANALYZE) signoff_activation, signoff_candidate, signoff_job,
    signoff_incident, signoff_subscription";

/// A store whose one connection is the only one that reads, and a call's name with what it may read.
struct Watched {
    store: PostgresStore,
    pool: PgPool,
    told: Vec<String>,
    failed: Vec<String>,
}

impl Watched {
    /// A store on tables that are empty.
    async fn on(place: &Place, profile: PostgresProfile) -> Self {
        let options = PostgresOptions {
            max_connections: 1,
            profile,
            ..place.options()
        };
        Self {
            store: PostgresStore::open_with(&place.url, options).await.unwrap(),
            pool: place.pool().await,
            told: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Runs statements that are none of the store's, where `$rows` is how many rows are wanted.
    async fn run(&self, statements: &str) {
        let statements = statements.replace("$rows", &rows().to_string());
        let statements = sqlx::raw_sql(sqlx::AssertSqlSafe(statements));
        statements.execute(&self.pool).await.unwrap();
    }

    /// Says what was read, and fails when anything of it was too much.
    #[expect(clippy::print_stderr, reason = "a test has nowhere else to say it")]
    fn check_all(&self, profile: PostgresProfile) {
        eprintln!("{profile:?}, {} rows:\n{}", rows(), self.told.join("\n"));
        let failed = self.failed.join("\n");
        assert!(failed.is_empty(), "read too much:\n{failed}");
    }

    /// Rows of tables and entries of indexes that were read in the schema so far.
    async fn read(&self) -> (i64, i64) {
        // The store has one connection, which tells what it read when its next statement ends.
        let flush = sqlx::query("SELECT pg_stat_force_next_flush()");
        flush.execute(self.store.pool()).await.unwrap();
        let read = "SELECT (SELECT sum(seq_tup_read)::bigint FROM pg_stat_user_tables WHERE schemaname = current_schema()),
    (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE schemaname = current_schema())";
        sqlx::query_as(read).fetch_one(&self.pool).await.unwrap()
    }

    /// Makes a call several times; each may read so many entries of indexes, and no table from its
    /// beginning.
    async fn check<T, F: Future<Output = T>>(
        &mut self,
        name: &str,
        most: i64,
        call: impl Fn(PostgresStore) -> F,
    ) {
        let before = self.read().await;
        let begun = Instant::now();
        for _ in 0..TIMES {
            call(self.store.clone()).await;
        }
        let each = begun.elapsed() / TIMES;
        let after = self.read().await;
        let (tables, indexes) = (after.0 - before.0, after.1 - before.1);
        let times = i64::from(TIMES);
        let told = format!(
            "{name}: {tables} rows of tables, {} entries of indexes each time, {each:?}",
            indexes / times
        );
        if tables > 0 || indexes > most * times {
            self.failed.push(told.clone());
        }
        self.told.push(told);
    }
}

fn rows() -> u32 {
    std::env::var(ROWS).map_or(10_000, |rows| rows.parse().unwrap())
}

fn id(n: u64) -> Uuid {
    Uuid::from_u128(n.into())
}

fn acme() -> TenantId {
    "acme".into()
}

fn tasks(whose: Whose) -> TaskFilter {
    TaskFilter {
        open: Some(true),
        ..TaskFilter::of(whose)
    }
}

fn page() -> PageRequest {
    PageRequest {
        limit: 50,
        after: None,
    }
}

async fn lists_of_tasks(watched: &mut Watched, rows: u32) {
    let rita = Person {
        id: "rita".into(),
        roles: [7, 9, 11].map(|n| format!("r{n}").into()).into(),
        ..Person::default()
    };
    let of = InstanceId::new(id(77));
    let closed = |whose| TaskFilter {
        open: Some(false),
        ..TaskFilter::of(whose)
    };
    let lists = [
        ("all open tasks", tasks(Whose::All), 300),
        ("all closed tasks", closed(Whose::All), 300),
        ("an inbox", tasks(Whose::AvailableTo(rita.clone())), 500),
        ("held tasks", tasks(Whose::HeldBy("p8".into())), 300),
        ("decided tasks", closed(Whose::DoneBy("p8".into())), 300),
        (
            "tasks of an instance",
            TaskFilter {
                instance: Some(of),
                ..TaskFilter::default()
            },
            20,
        ),
        (
            "the inbox of an instance",
            TaskFilter {
                instance: Some(of),
                ..tasks(Whose::AvailableTo(rita.clone()))
            },
            60,
        ),
        (
            "held tasks of a workflow",
            TaskFilter {
                workflow: Choice::of("w3"),
                ..tasks(Whose::HeldBy("p8".into()))
            },
            1_000,
        ),
    ];
    for (name, filter, most) in lists {
        watched
            .check(name, most, |store| {
                let filter = filter.clone();
                async move { store.tasks(&acme(), &filter, &page()).await.unwrap() }
            })
            .await;
    }
    for (name, whose, most) in [
        ("the length of held tasks", Whose::HeldBy("p8".into()), 300),
        // A hundredth of all for each of three roles.
        (
            "the length of an inbox",
            Whose::AvailableTo(rita),
            i64::from(rows) / 30,
        ),
    ] {
        watched
            .check(name, most, |store| {
                let filter = tasks(whose.clone());
                async move { store.count_tasks(&acme(), &filter).await.unwrap() }
            })
            .await;
    }
    watched
        .check("one task", 10, |store| async move {
            store.task(&acme(), TaskId::new(id(1_000_000_077))).await
        })
        .await;
}

/// Lists by one thing, or by none.
fn of_one_column() -> Vec<(&'static str, InstanceFilter, i64)> {
    let any = InstanceFilter::default;
    vec![
        ("all instances", any(), 100),
        (
            "instances of a requester",
            InstanceFilter {
                requester: Some("p8".into()),
                ..any()
            },
            100,
        ),
        (
            "instances of a subject",
            InstanceFilter {
                subject: Some(Subject {
                    kind: "order".to_owned(),
                    id: "o8".to_owned(),
                }),
                ..any()
            },
            100,
        ),
        (
            "instances of a business key",
            InstanceFilter {
                business_key: Some("k8".to_owned()),
                ..any()
            },
            100,
        ),
        (
            "children",
            InstanceFilter {
                parent: Some(InstanceId::new(id(8))),
                ..any()
            },
            100,
        ),
        (
            "instances by a field",
            InstanceFilter {
                fields: vec![FieldFilter::equals("customer", "c8")],
                ..any()
            },
            2_000,
        ),
        (
            "instances in the order of a field",
            InstanceFilter {
                order: InstanceOrder::Field {
                    name: "customer".to_owned(),
                    descending: true,
                },
                ..any()
            },
            300,
        ),
    ]
}

/// Lists by several things.
fn of_several_columns() -> Vec<(&'static str, InstanceFilter, i64)> {
    let any = InstanceFilter::default;
    vec![
        (
            "those of them that did not end",
            InstanceFilter {
                business_key: Some("k8".to_owned()),
                status: Choice::NoneOf(vec!["completed".to_owned()]),
                search: Some("request".to_owned()),
                ..any()
            },
            100,
        ),
        (
            "instances of a status that started in a time",
            InstanceFilter {
                status: Choice::of("running"),
                started: Period {
                    from: moment(4_000),
                    before: moment(5_000),
                },
                ..any()
            },
            100,
        ),
        (
            "instances of two statuses that started in a time",
            InstanceFilter {
                status: Choice::OneOf(vec!["running".to_owned(), "failed".to_owned()]),
                started: Period {
                    from: moment(4_000),
                    before: moment(4_050),
                },
                ..any()
            },
            100,
        ),
        (
            "instances of a requester and two workflows",
            InstanceFilter {
                requester: Some("p8".into()),
                workflow: Choice::OneOf(vec!["w3".to_owned(), "w4".to_owned()]),
                ..any()
            },
            100,
        ),
    ]
}

/// Lists of instances, and how many rows each may read.
fn lists() -> Vec<(&'static str, InstanceFilter, i64)> {
    let mut lists = of_one_column();
    lists.extend(of_several_columns());
    lists
}

async fn lists_of_instances(watched: &mut Watched) {
    for (name, filter, most) in lists() {
        watched
            .check(name, most, |store| {
                let filter = filter.clone();
                async move { store.instances(&acme(), &filter, &page()).await.unwrap() }
            })
            .await;
        let name = format!("{name}, back");
        watched
            .check(&name, most, |store| {
                let (filter, page) = (filter.clone(), back(&filter));
                async move { store.instances(&acme(), &filter, &page).await.unwrap() }
            })
            .await;
    }
    watched
        .check(
            "the length of a requester's list",
            100,
            |store| async move {
                let filter = InstanceFilter {
                    requester: Some("p8".into()),
                    ..InstanceFilter::default()
                };
                store.count_instances(&acme(), &filter).await.unwrap()
            },
        )
        .await;
    watched
        .check("the instance of a business key", 20, |store| async move {
            store.keyed(&acme(), &"w3".into(), "k8").await.unwrap()
        })
        .await;
}

fn moment(nanos: i64) -> Option<Timestamp> {
    Timestamp::from_nanosecond(nanos.into()).ok()
}

/// A page back from the middle of the list.
fn back(filter: &InstanceFilter) -> PageRequest {
    let place = match filter.order {
        InstanceOrder::Field { .. } => format!("-f.{}.tc500", id(500).simple()),
        InstanceOrder::Earliest | InstanceOrder::Started => {
            let place =
                signoff_store::Place::new(List::Instances, moment(4_020).unwrap(), id(4_020));
            format!("-{}", place.to_cursor().0)
        }
    };
    PageRequest {
        limit: 50,
        after: Some(Cursor(place)),
    }
}

async fn loads(watched: &mut Watched) {
    let instance = Target::Instance(InstanceId::new(id(77)));
    let task = Target::Task(TaskId::new(id(1_000_000_077)));
    let activation = ActivationId::new(id(3_000_000_077));
    for (name, target, part) in [
        ("a load of all", instance, Part::All),
        (
            "a load of an activation",
            instance,
            Part::Activation(activation),
        ),
        ("a load of a task's activation", task, Part::OfTask),
        ("a load of all by a task", task, Part::All),
    ] {
        watched
            .check(name, 20, |store| async move {
                let load = Load {
                    tenant: acme(),
                    target,
                    part,
                };
                store.load(&load).await.unwrap().unwrap()
            })
            .await;
    }
    let ids: Vec<_> = (1..=20).map(|n| InstanceId::new(id(n))).collect();
    watched
        .check("many instances at once", 400, |store| {
            let ids = ids.clone();
            async move { store.live(&acme(), &ids).await.unwrap() }
        })
        .await;
    watched
        .check("tasks of many instances", 400, |store| {
            let ids = ids.clone();
            async move { store.tasks_of(&acme(), &ids).await.unwrap() }
        })
        .await;
    watched
        .check("a history", 10, |store| async move {
            store.history(&acme(), InstanceId::new(id(77))).await
        })
        .await;
    watched
        .check("the running instance", 10, |store| async move {
            let subject = Subject {
                kind: "order".to_owned(),
                id: "o8".to_owned(),
            };
            store.running(&acme(), &"w3".into(), &subject).await
        })
        .await;
}

async fn work(watched: &mut Watched) {
    let at = |nanos: i64| Timestamp::from_nanosecond(nanos.into()).unwrap();
    watched
        .check("a claim of 20 jobs", 500, |store| async move {
            let lease = Lease {
                tenant: None,
                behind: Some(acme()),
                now: at(1_000_000_000),
                until: at(2_000_000_000),
                limit: 20,
            };
            assert_eq!(store.claim(lease).await.unwrap().len(), 20);
        })
        .await;
    watched
        .check(
            "a claim of 20 jobs of one tenant",
            500,
            |store| async move {
                let lease = Lease {
                    tenant: Some(acme()),
                    behind: None,
                    now: at(1_000_000_000),
                    until: at(2_000_000_000),
                    limit: 20,
                };
                assert_eq!(store.claim(lease).await.unwrap().len(), 20);
            },
        )
        .await;
    watched
        .check("jobs of an instance", 10, |store| async move {
            store.jobs_of(&acme(), InstanceId::new(id(77))).await
        })
        .await;
    watched
        .check("when the next job is due", 2_400, |store| async move {
            store.next_due(None).await
        })
        .await;
    watched
        .check(
            "when the next job of one tenant is due",
            10,
            |store| async move { store.next_due(Some(&acme())).await },
        )
        .await;
    watched
        .check("incidents", 100, |store| async move {
            let filter = IncidentFilter::default();
            store.incidents(&acme(), &filter, &page()).await
        })
        .await;
    watched
        .check("messages that wait", 10, |store| async move {
            store.messages(&acme(), "paid", "o8", at(1)).await
        })
        .await;
    watched
        .check("schedules that are due", 60, |store| async move {
            store.schedules_due(None, at(1_000), 50).await
        })
        .await;
}

#[tokio::test]
async fn statements_read_what_they_give() {
    for profile in [PostgresProfile::Full, PostgresProfile::Plain] {
        let Some(place) = Place::fresh() else { return };
        let mut watched = Watched::on(&place, profile).await;
        watched.run(FILL).await;
        watched.run(FLEETING).await;
        watched.run("ANALYZE").await;
        lists_of_tasks(&mut watched, rows()).await;
        lists_of_instances(&mut watched).await;
        loads(&mut watched).await;
        work(&mut watched).await;
        watched.check_all(profile);
    }
}

/// Steps of an instance whose rows are gone already, so that each can be made once more.
fn steps() -> impl Iterator<Item = Rows> {
    let mut started = start(1);
    let offered = vec![Principal::Role("lead".into())];
    let (op, mut row) = task(&started, 1);
    row.candidates.clone_from(&offered);
    started.tasks = vec![(op, row.clone())];
    row.candidates.clear();
    let mut step = next(&started);
    step.tasks = vec![(
        TaskOp::Update {
            candidates: offered,
        },
        row,
    )];
    step.dropped_activations = vec![ActivationId::new(id(1))];
    step.dropped_jobs = vec![JobId::new(id(2))];
    step.resolved_incidents = vec![IncidentId::new(id(3))];
    step.dropped_subscriptions = vec![ActivationId::new(id(4))];
    let later = |step: &Rows| {
        let tasks = step.tasks.clone();
        Some(Rows {
            tasks,
            ..next(step)
        })
    };
    once(started).chain(successors(Some(step), later))
}

/// A plan that is made while there are no rows is kept while they come; it is not to read all of them.
#[tokio::test]
async fn steps_drop_what_they_drop_after_tables_were_empty() {
    for profile in [PostgresProfile::Full, PostgresProfile::Plain] {
        let Some(place) = Place::fresh() else { return };
        let mut watched = Watched::on(&place, profile).await;
        watched.run(FILL).await;
        watched.run(FLEETING).await;
        watched.run("ANALYZE").await;
        watched.run(EMPTY).await;
        watched.run(VACUUM).await;
        let mut steps = steps();
        for step in steps.by_ref().take(10) {
            watched.store.commit_now(&[step]).await.unwrap();
        }
        watched.run(FLEETING).await;
        let steps = Mutex::new(steps);
        watched
            .check("a step", 40, |store| {
                let step = steps.lock().unwrap().next().unwrap();
                async move { store.commit_now(&[step]).await.unwrap() }
            })
            .await;
        watched.check_all(profile);
    }
}

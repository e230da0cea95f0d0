//! Instances that are kept from one command to the next: fewer loads, and the same answers.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use signoff::{
    Builder, Call, Clock, Done, Engine, Format, InstanceId, Migration, NotDone, RefusalCode, Start,
    TaskId, TenantId, VirtualClock,
    store::{Instances, OwnedTx},
};

use crate::{
    counted::{Counted, Fault},
    world::{clock, people},
};

const WORK: &str = "
format: signoff/v1
kind: flow
key: work
data: {type: object, properties: {n: {type: integer, default: 0}, text: {type: string}}}
nodes:
  start: {start: {form: [text?]}, next: work}
  work: {task: {role: clerk}, next: end}
  end: {end: {}}
";
const TWO: &str = "
format: signoff/v1
kind: approval
key: two
pipelines:
  - key: all
    stages:
      - {key: first, approvals: [{role: lead}]}
      - {key: second, approvals: [{role: clerk, select: round_robin}]}
";
const BOOK: &str = "
format: signoff/v1
kind: flow
key: book
nodes:
  start: {start: {}, next: ask}
  ask: {task: {}, next: book}
  book: {function: book, next: end}
  end: {end: {}}
";
/// As `BOOK`, with a task more at its end.
const BOOK_AND_LOOK: &str = "
format: signoff/v1
kind: flow
key: book
nodes:
  start: {start: {}, next: ask}
  ask: {task: {}, next: book}
  book: {function: book, next: look}
  look: {task: {}, next: end}
  end: {end: {}}
";

/// Engines on one store.
struct Shared {
    store: Counted,
    clock: Arc<VirtualClock>,
    tenant: TenantId,
}

impl Shared {
    fn new() -> Self {
        Self {
            store: Counted::default(),
            clock: clock(),
            tenant: TenantId::default(),
        }
    }

    /// An engine that has published `definition` and compiled it.
    async fn engine(&self, definition: &str, with: impl FnOnce(Builder) -> Builder) -> Engine {
        let builder = Engine::builder()
            .store(self.store.clone())
            .directory(people())
            .clock(Arc::clone(&self.clock) as Arc<dyn Clock>)
            .function("book", |_| async { Ok(Value::Null) });
        let engine = with(builder).build().unwrap();
        let sources = [(definition, Format::Yaml)];
        let published = engine.publish(&self.tenant, &sources).await.unwrap();
        let id = &published[0].id;
        let compiled = engine.definition(&self.tenant, &id.workflow, None).await;
        compiled.unwrap().unwrap();
        self.store.take();
        engine
    }

    async fn two(&self, definition: &str) -> (Engine, Engine) {
        let one = self.engine(definition, |builder| builder).await;
        let two = self.engine(definition, |builder| builder).await;
        (one, two)
    }

    /// What `call` came to, and how often the store was asked for it.
    async fn costs(&self, engine: &Engine, call: Call) -> (usize, Result<Done, RefusalCode>) {
        self.store.take();
        let done = engine.call(call).await.map_err(|not_done| match not_done {
            NotDone::Refused(refusal) => refusal.code,
            NotDone::Failed(error) => panic!("{error}"),
        });
        (self.store.take(), done)
    }

    /// How often the store is asked for a call that is accepted.
    async fn cost(&self, engine: &Engine, call: Call) -> usize {
        let (asked, done) = self.costs(engine, call).await;
        done.unwrap();
        asked
    }
}

fn values(n: usize) -> Map<String, Value> {
    Map::from_iter([("n".to_owned(), json!(n))])
}

fn set(id: InstanceId, n: usize) -> Call {
    Call::set_data(id, values(n))
}

async fn start(engine: &Engine, workflow: &str) -> Done {
    let start = Start::of(workflow).by("ann");
    engine.start(start).await.unwrap()
}

async fn check(engine: &Engine, id: InstanceId, n: usize, version: u64) {
    let tenant = TenantId::default();
    let view = engine.instance(&tenant, id).await.unwrap().unwrap();
    assert_eq!(view.instance.data()["n"], n);
    assert_eq!(view.instance.version(), version);
    let history = engine.history(&tenant, id).await.unwrap();
    assert_eq!(history.len() as u64, version, "nothing was written twice");
    assert_eq!(
        signoff::core::instance::fold(&history),
        Some(view.instance),
        "the fold of the history is what is stored"
    );
}

fn opened(done: &Done) -> TaskId {
    *done.opened.first().unwrap()
}

/// The calls of the store for a start, an approval and the one that completes it.
async fn approvals(shared: &Shared, engine: &Engine) -> [usize; 3] {
    shared.store.take();
    let started = start(engine, "two").await;
    let start = shared.store.take();
    let first = Call::approve(opened(&started)).by("max");
    let (approve, approved) = shared.costs(engine, first).await;
    let second = opened(&approved.unwrap());
    let view = engine.task(&shared.tenant, second).await.unwrap().unwrap();
    let by = view.task.assignee.unwrap();
    let (complete, done) = shared.costs(engine, Call::approve(second).by(by)).await;
    assert_eq!(done.unwrap().instance.status().as_str(), "completed");
    [start, approve, complete]
}

#[tokio::test]
async fn a_command_on_what_is_kept_asks_the_store_only_to_commit() {
    let shared = Shared::new();
    let keeping = shared.engine(TWO, |builder| builder).await;
    // The workflow and the commit; a load for the turn of the pool, the turn, and the commit.
    assert_eq!(approvals(&shared, &keeping).await, [2, 3, 1]);
    // The newest version is known from the start before.
    assert_eq!(approvals(&shared, &keeping).await, [1, 3, 1]);
    let forgetful = shared
        .engine(TWO, |builder| builder.keep_instances(0))
        .await;
    assert_eq!(approvals(&shared, &forgetful).await, [2, 3, 2]);
    let forgetful = shared.engine(TWO, |builder| builder.keep_bytes(0)).await;
    assert_eq!(approvals(&shared, &forgetful).await, [2, 3, 2]);
    let keeping = shared.engine(WORK, |builder| builder).await;
    let started = start(&keeping, "work").await;
    let complete = Call::complete(opened(&started)).by("ann");
    assert_eq!(shared.cost(&keeping, complete).await, 1);
    let about = Start::of("work").by("ann").subject("order", 7);
    shared.store.take();
    keeping.start(about).await.unwrap();
    assert_eq!(
        shared.store.take(),
        3,
        "two bindings and the commit: others may run for the subject"
    );
}

#[tokio::test]
async fn a_start_goes_by_the_newest_version_whoever_published_it() {
    let shared = Shared::new();
    let (one, two) = shared.two(BOOK).await;
    let started = async |engine: &Engine| {
        shared.store.take();
        let done = engine.start(Start::of("book").by("ann")).await;
        let version = done.map(|done| done.instance.definition().version);
        (
            shared.store.take(),
            version.map_err(|not_done| match not_done {
                NotDone::Refused(refusal) => refusal.code,
                NotDone::Failed(error) => panic!("{error}"),
            }),
        )
    };
    assert_eq!(started(&one).await, (2, Ok(1)));
    assert_eq!(started(&one).await, (1, Ok(1)));
    let tenant = &shared.tenant;
    let sources = [(BOOK_AND_LOOK, Format::Yaml)];
    two.publish(tenant, &sources).await.unwrap();
    let (_, version) = started(&one).await;
    assert_eq!(version, Ok(2), "published by the other");
    assert_eq!(started(&one).await, (1, Ok(2)));
    let workflows = two.workflows(tenant);
    let change = |status| signoff::store::WorkflowChange {
        status: Some(status),
        ..Default::default()
    };
    let off = change(signoff::store::WorkflowStatus::Inactive);
    workflows.change(&"book".into(), &off).await.unwrap();
    for engine in [&one, &two] {
        let (_, refused) = started(engine).await;
        assert_eq!(refused, Err(RefusalCode::DefinitionInactive));
    }
    let on = change(signoff::store::WorkflowStatus::Active);
    workflows.change(&"book".into(), &on).await.unwrap();
    assert_eq!(started(&one).await, (2, Ok(2)), "nothing was kept of it");
}

#[tokio::test]
async fn what_another_engine_changed_is_loaded_and_no_race_counts_as_lost() {
    let shared = Shared::new();
    let (one, two) = shared.two(WORK).await;
    let id = start(&one, "work").await.id();
    assert_eq!(
        shared.cost(&one, set(id, 1)).await,
        1,
        "kept since it began"
    );
    assert_eq!(shared.cost(&two, set(id, 2)).await, 2, "never seen");
    assert_eq!(
        shared.cost(&one, set(id, 3)).await,
        3,
        "stale: lost, loaded"
    );
    assert_eq!(shared.cost(&one, set(id, 4)).await, 1, "and kept again");
    for n in 5..40 {
        let engine = if n % 2 == 0 { &one } else { &two };
        shared.cost(engine, set(id, n)).await;
    }
    check(&one, id, 39, 40).await;
}

#[tokio::test]
async fn a_refusal_is_told_only_of_what_was_just_loaded() {
    let shared = Shared::new();
    let (one, two) = shared.two(WORK).await;
    let task = opened(&start(&one, "work").await);
    shared.cost(&one, Call::claim(task).by("ann")).await;
    shared.cost(&two, Call::release(task).by("ann")).await;
    // To the one, ann still has it.
    let (asked, done) = shared.costs(&one, Call::claim(task).by("bob")).await;
    assert_eq!((asked, done.map(|_| ())), (2, Ok(())));
    let refused = shared.costs(&one, Call::complete(task).by("ann")).await;
    assert_eq!(refused.1.map(|_| ()), Err(RefusalCode::AlreadyClaimed));
    assert_eq!(refused.0, 1, "looked at again");
    shared.cost(&two, Call::complete(task).by("bob")).await;
    let late = shared.costs(&one, Call::complete(task).by("bob")).await;
    assert_eq!(late.1.map(|_| ()), Err(RefusalCode::NotRunning));
}

#[tokio::test]
async fn a_turn_is_not_taken_for_what_is_stale() {
    let shared = Shared::new();
    let (one, two) = shared.two(TWO).await;
    let mut given = Vec::new();
    for _ in 0..4 {
        let started = start(&one, "two").await;
        two.call(Call::comment_instance(started.id()).comment("quick"))
            .await
            .unwrap();
        let approve = Call::approve(opened(&started)).by("max");
        let approved = one.call(approve).await.unwrap();
        let mut tasks = approved.instance.tasks();
        given.push(tasks.next().unwrap().assignee.clone().unwrap());
    }
    assert_eq!(given, ["ann", "bob", "ann", "bob"].map(Into::into));
}

#[tokio::test]
async fn no_more_is_kept_than_was_said() {
    let shared = Shared::new();
    let engine = shared
        .engine(WORK, |builder| builder.keep_instances(2))
        .await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(start(&engine, "work").await.id());
    }
    let mut asked = Vec::new();
    for (n, place) in [2, 1, 0, 2, 0, 1].into_iter().enumerate() {
        asked.push(shared.cost(&engine, set(ids[place], n)).await);
    }
    assert_eq!(asked, [1, 1, 2, 2, 1, 2], "the longest unused goes first");

    let engine = shared
        .engine(WORK, |builder| builder.keep_bytes(64 * 1_024))
        .await;
    let small = start(&engine, "work").await.id();
    let large = Start::of("work")
        .data(&json!({"text": "ن".repeat(8 * 1_024)}))
        .unwrap();
    let large = engine.start(large.by("ann")).await.unwrap().id();
    for n in 0..3 {
        assert_eq!(shared.cost(&engine, set(small, n)).await, 1);
        assert_eq!(shared.cost(&engine, set(large, n)).await, 2);
    }
    for n in 0..100 {
        shared.cost(&engine, set(small, n)).await;
    }
    assert_eq!(shared.cost(&engine, set(small, 100)).await, 1);
}

#[tokio::test]
async fn what_a_lost_commit_left_is_looked_at() {
    let shared = Shared::new();
    let engine = shared.engine(WORK, |builder| builder).await;
    for (fault, left) in [(Fault::Before, 0), (Fault::After, 1)] {
        let id = start(&engine, "work").await.id();
        shared.store.fail(fault);
        let lost = engine.call(set(id, 1)).await;
        assert!(matches!(lost, Err(NotDone::Failed(_))), "{lost:?}");
        check(&engine, id, left, 1 + left as u64).await;
        assert_eq!(shared.cost(&engine, set(id, 2)).await, 2, "loaded anew");
        check(&engine, id, 2, 2 + left as u64).await;
    }
}

#[tokio::test]
async fn what_is_kept_is_its_own_tenants() {
    let shared = Shared::new();
    let engine = shared.engine(WORK, |builder| builder).await;
    let started = start(&engine, "work").await;
    for call in [
        set(started.id(), 1),
        Call::claim(opened(&started)).by("bob"),
    ] {
        let (_, done) = shared.costs(&engine, call.tenant("other")).await;
        assert_eq!(done.map(|_| ()), Err(RefusalCode::NotFound));
    }
    check(&engine, started.id(), 0, 1).await;
    assert_eq!(shared.cost(&engine, set(started.id(), 1)).await, 1);
}

#[tokio::test]
async fn what_a_host_may_roll_back_is_not_kept() {
    let shared = Shared::new();
    let engine = shared.engine(WORK, |builder| builder).await;
    let id = start(&engine, "work").await.id();
    for (rolls_back, n, version) in [(true, 2, 2), (false, 2, 4)] {
        let mut tx: Box<dyn OwnedTx> = shared.store.begin(&TenantId::default()).await.unwrap();
        let inside = engine.within(&mut *tx).call(set(id, 1)).await;
        assert_eq!(inside.unwrap().instance.data()["n"], 1);
        match rolls_back {
            true => drop(tx),
            false => tx.finish().await.unwrap(),
        }
        assert_eq!(shared.cost(&engine, set(id, n)).await, 2, "loaded anew");
        check(&engine, id, n, version).await;
    }
}

#[tokio::test]
async fn what_is_only_tried_leaves_what_is_kept() {
    let shared = Shared::new();
    let engine = shared.engine(WORK, |builder| builder).await;
    let id = start(&engine, "work").await.id();
    let tried = engine.dry_run(set(id, 9)).await.unwrap();
    assert_eq!(tried.instance.data()["n"], 9);
    assert_eq!(shared.cost(&engine, set(id, 1)).await, 1);
    check(&engine, id, 1, 2).await;
}

#[tokio::test]
async fn functions_run_by_the_definition_that_another_engine_brought_it_to() {
    let shared = Shared::new();
    let one = shared.engine(BOOK, |builder| builder).await;
    let started = start(&one, "book").await;
    let two = shared.engine(BOOK_AND_LOOK, |builder| builder).await;
    let migrate = Call::migrate(started.id(), Migration::to_newest()).by("ada");
    two.call(migrate).await.unwrap();
    let complete = Call::complete(opened(&started)).by("ann");
    let (_, done) = shared.costs(&one, complete).await;
    let done = done.unwrap();
    assert_eq!(done.instance.definition().version, 2);
    let nodes = done.instance.tasks().map(|task| task.node.as_str());
    assert_eq!(nodes.collect::<Vec<_>>(), ["look"]);
}

#[tokio::test]
async fn clients_of_one_instance_wait_for_each_other_and_lose_no_race() {
    let shared = Shared::new();
    let engine = shared.engine(WORK, |builder| builder).await;
    let id = start(&engine, "work").await.id();
    shared.store.take();
    let mut clients = tokio::task::JoinSet::new();
    for n in 1..=16 {
        let engine = engine.clone();
        clients.spawn(async move { engine.call(set(id, n)).await.map(|_| ()) });
    }
    while let Some(done) = clients.join_next().await {
        done.unwrap().unwrap();
    }
    assert_eq!(shared.store.take(), 16, "a commit each, and nothing else");
    check(&engine, id, 16, 17).await;
}

#[cfg(feature = "sqlx-sqlite")]
mod on_sqlite {
    use std::path::Path;

    use signoff::sqlx::SqliteStore;

    use super::*;

    async fn engine(path: &Path) -> Engine {
        let store = SqliteStore::open(path).await.unwrap();
        let builder = Engine::builder().store(store).directory(people());
        let engine = builder.build().unwrap();
        let sources = [(WORK, Format::Yaml)];
        let tenant = TenantId::default();
        engine.publish(&tenant, &sources).await.unwrap();
        engine
    }

    #[tokio::test]
    async fn two_engines_on_one_file_take_turns() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let (one, two) = (engine(&path).await, engine(&path).await);
        let started = start(&one, "work").await;
        let (id, task) = (started.id(), opened(&started));
        for n in 1..=10 {
            let engine = if n % 2 == 0 { &one } else { &two };
            engine.call(set(id, n)).await.unwrap();
        }
        check(&one, id, 10, 11).await;
        for _ in 0..5 {
            let (first, second) = tokio::join!(one.call(set(id, 10)), two.call(set(id, 10)));
            first.unwrap();
            second.unwrap();
        }
        check(&two, id, 10, 21).await;
        let complete = || Call::complete(task).by("ann");
        let (first, second) = tokio::join!(one.call(complete()), two.call(complete()));
        let lost = match (first, second) {
            (Ok(_), Err(lost)) | (Err(lost), Ok(_)) => lost,
            other => panic!("one completes it, and one is late: {other:?}"),
        };
        assert!(
            matches!(&lost, NotDone::Refused(refusal) if refusal.code == RefusalCode::NotRunning),
            "{lost:?}"
        );
        check(&one, id, 10, 22).await;
    }
}

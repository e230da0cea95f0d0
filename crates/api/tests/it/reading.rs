//! What people read: how far entries are, what workflows are made of, what happened.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use signoff::{
    Call, Engine, Format, InstanceId, Start, TenantId,
    actions::ActionCall,
    core::event::{Event, HistoryEntry},
    reading::{EntryDetail, EntryState, Structure},
};

use crate::{
    counted::Counted,
    world::{World, clock, people},
};

const PURCHASE: &str = "
format: signoff/v1
kind: approval
key: purchase
title: Purchase
forms: {note: {type: object, properties: {text: {type: string}}}}
defaults: {meta: {cost_center: 1}}
pipelines:
  - key: legal
    title: {en: Legal, ar: الشؤون القانونية}
    meta: {cost_center: 7, مراجع: [slow]}
    stages:
      - key: read
        color: '#3498db'
        actions: {after_approve: [{run: book}]}
        approvals:
          - {role: clerk, select: {quorum: 2}, form: note}
          - {user: max, meta: {level: high}}
      - {key: sign, approvals: [{user: max}]}
  - key: money
    stages:
      - key: pay
        meta: {}
        mode: parallel
        approvals: [{role: lead}, {role: lead, select: consensus}, {requester: true}]
";

const TRIP: &str = "
format: signoff/v1
kind: flow
key: trip
nodes:
  start: {start: {}, next: book}
  book: {task: {user: ann, meta: {desk: 3}}, next: end}
  end: {end: {}}
";

const LEAVE: &str = "
format: signoff/v1
kind: approval
key: leave
approvals: [{role: lead}]
";

const STEPS: &str = "
format: signoff/v1
kind: steps
key: claim
steps:
  - key: check
    initial: true
    final: true
    statuses:
      - {key: new, default: true}
      - {key: doubtful}
      - {key: done, completion: true}
";

/// An engine with the action that `PURCHASE` names.
async fn with_actions(definitions: &[&str]) -> World {
    let book = |_: ActionCall| async { Ok(Value::Null) };
    World::with(|builder| builder.action("book", book), definitions).await
}

async fn structure(world: &World, key: &str) -> Structure {
    let key = key.into();
    let found = world.engine.definition(&world.tenant, &key, None);
    Structure::of(&found.await.unwrap().unwrap().graph)
}

async fn entry(world: &World, id: InstanceId) -> EntryDetail {
    let detail = world.engine.detail(&world.tenant, id).await.unwrap();
    detail.unwrap().groups[0].stages[0].visits[0].entries[0].clone()
}

async fn approve(world: &World, id: InstanceId, by: &str) {
    let view = world.view(id).await;
    let candidate = |task: &&signoff::core::instance::Task| {
        let offered = task.candidates.iter();
        task.assignee.as_ref().is_some_and(|who| who.as_str() == by)
            || offered
                .map(ToString::to_string)
                .any(|who| who == format!("user:{by}"))
    };
    let task = view.instance.tasks().find(candidate).unwrap().id;
    let call = Call::approve(task).comment("نعم").by(by);
    world.engine.call(call).await.unwrap();
}

#[tokio::test]
async fn own_fields_of_a_step_are_inherited_shown_and_given_to_actions() {
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    let told = Arc::clone(&seen);
    let book = move |call: ActionCall| {
        told.lock().unwrap().push(call.context["meta"].clone());
        async { Ok(Value::Null) }
    };
    let world = World::with(|builder| builder.action("book", book), &[PURCHASE, TRIP]).await;
    let purchase = structure(&world, "purchase").await;
    let metas = |stage: usize, group: usize| -> Vec<Value> {
        let approvals = purchase.groups[group].stages[stage].approvals.iter();
        approvals.map(|entry| json!(entry.meta)).collect()
    };
    let legal = json!({"cost_center": 7, "مراجع": ["slow"]});
    // The nearest counts, whole; an empty one takes back what was inherited.
    assert_eq!(metas(0, 0), [legal.clone(), json!({"level": "high"})]);
    assert_eq!(metas(1, 0), std::slice::from_ref(&legal));
    assert_eq!(metas(0, 1), [json!({}), json!({}), json!({})]);
    let trip = structure(&world, "trip").await;
    let desk = &trip.groups[0].stages[0].approvals[0].meta;
    assert_eq!(json!(desk), json!({"desk": 3}));
    let id = world.start("purchase", "ann").await.id();
    let detail = world
        .engine
        .detail(&world.tenant, id)
        .await
        .unwrap()
        .unwrap();
    let shown = &detail.groups[0].stages[0].structure.approvals[1].meta;
    assert_eq!(json!(shown), json!({"level": "high"}));
    for by in ["ann", "bob", "max"] {
        approve(&world, id, by).await;
        world.engine.tick().await.unwrap();
    }
    assert_eq!(*seen.lock().unwrap(), [legal, json!({"level": "high"})]);
}

#[tokio::test]
async fn own_fields_are_an_object_of_bounded_size() {
    let long = "x".repeat(256 << 10);
    for (meta, code) in [
        (json!(7), "wrong_type"),
        (json!([1]), "wrong_type"),
        (json!({"note": long}), "limit_exceeded"),
    ] {
        let document = json!({
            "format": "signoff/v1", "kind": "approval", "key": "doc",
            "approvals": [{"user": "max", "meta": meta}],
        });
        let problems = signoff::validate(&document.to_string(), Format::Json);
        let found: Vec<_> = problems
            .iter()
            .map(|problem| (problem.code.to_owned(), problem.path.to_string()))
            .collect();
        let expected = (code.to_owned(), "/approvals/0/meta".to_owned());
        assert_eq!(found, [expected]);
    }
}

#[tokio::test]
async fn an_entry_of_several_people_says_how_many_agreed_and_how_many_must() {
    let world = with_actions(&[PURCHASE]).await;
    let id = world.start("purchase", "ann").await.id();
    let counts = |entry: &EntryDetail| (entry.approved, entry.required, entry.total, entry.state);
    let before = entry(&world, id).await;
    assert_eq!(counts(&before), (0, 2, 2, EntryState::Open));
    assert_eq!(before.approvals.len(), 2);
    approve(&world, id, "bob").await;
    let half = entry(&world, id).await;
    assert_eq!(counts(&half), (1, 2, 2, EntryState::Open));
    approve(&world, id, "ann").await;
    let done = entry(&world, id).await;
    assert_eq!(counts(&done), (2, 2, 2, EntryState::Approved));
    assert_eq!(done.rejected, 0);
}

#[tokio::test]
async fn a_structure_says_order_color_forms_and_how_many_of_which_type() {
    let world = with_actions(&[PURCHASE]).await;
    let found = structure(&world, "purchase").await;
    let groups: Vec<_> = found
        .groups
        .iter()
        .map(|group| (group.key.as_ref().unwrap().as_str(), group.order))
        .collect();
    assert_eq!(groups, [("legal", 1), ("money", 2)]);
    let stages: Vec<_> = found
        .groups
        .iter()
        .flat_map(|group| &group.stages)
        .map(|stage| {
            let by_type = json!(stage.by_type);
            (
                stage.key.as_str(),
                stage.order,
                stage.color.as_deref(),
                stage.has_forms,
                by_type,
            )
        })
        .collect();
    assert_eq!(
        stages,
        [
            (
                "read",
                1,
                Some("#3498db"),
                true,
                json!({"role": 1, "user": 1})
            ),
            ("sign", 2, Some("#3498db"), false, json!({"user": 1})),
            (
                "pay",
                1,
                Some("#3498db"),
                false,
                json!({"role": 2, "requester": 1})
            ),
        ]
    );
    let pay = &found.groups[1].stages[0];
    assert!(pay.parallel && !found.groups[0].stages[0].parallel);
}

#[tokio::test]
async fn workflows_of_a_tenant_are_counted_with_averages_to_two_decimals() {
    let world = with_actions(&[PURCHASE, TRIP, LEAVE]).await;
    let other = TenantId::from("other");
    let sources = [(LEAVE, Format::Yaml)];
    world.engine.publish(&other, &sources).await.unwrap();
    let trip = "trip".into();
    let store = world.engine.store();
    assert!(store.set_active(&world.tenant, &trip, false).await.unwrap());
    let report = |tenant: TenantId| {
        let engine = world.engine.clone();
        async move { json!(engine.system_report(&tenant).await.unwrap()) }
    };
    assert_eq!(
        report(world.tenant.clone()).await,
        json!({
            "workflows": 3, "active": 2, "inactive": 1,
            "groups": 2, "stages": 5, "approvals": 8,
            "groups_per_workflow": 0.67, "stages_per_group": 1.5, "approvals_per_stage": 1.6,
        })
    );
    let of_other = report(other.clone()).await;
    assert_eq!(
        (&of_other["workflows"], &of_other["stages"]),
        (&json!(1), &json!(1))
    );
    let keys = |tenant: TenantId| {
        let workflows = world.engine.workflows(&tenant);
        async move {
            let list = workflows.list(false).await.unwrap();
            list.iter()
                .map(|item| item.row.key.to_string())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(
        keys(world.tenant.clone()).await,
        ["leave", "purchase", "trip"]
    );
    assert_eq!(keys(other).await, ["leave"]);
    assert_eq!(keys(TenantId::from("nobody")).await, [""; 0]);
}

/// The sentence of one entry of the history: who, what, when.
fn told(entry: &HistoryEntry) -> (Value, String) {
    (
        json!(entry.by.person().map(|id| id.as_str())),
        entry.at.to_string(),
    )
}

#[tokio::test]
async fn the_history_tells_who_did_what_when_why_from_and_to_and_only_grows() {
    let world = World::new(&[STEPS]).await;
    let id = world.start("claim", "ann").await.id();
    let mut before: Vec<HistoryEntry> = Vec::new();
    for (status, by, comment) in [
        ("doubtful", "bob", Some("القسط؟")),
        ("new", "ann", None),
        ("done", "ann", Some("paid")),
    ] {
        world.after(60).await;
        let task = world.task(id, "check").await;
        let mut call = Call::set_status(task, status).by(by);
        if let Some(comment) = comment {
            call = call.comment(comment);
        }
        world.engine.call(call).await.unwrap();
        let history = world.engine.history(&world.tenant, id).await.unwrap();
        assert_eq!(history[..before.len()], before[..]);
        assert!(history.len() > before.len());
        before = history;
    }
    let changes: Vec<_> = before
        .iter()
        .flat_map(|entry| entry.events.iter().map(move |event| (told(entry), event)))
        .filter_map(|((by, at), event)| match event {
            Event::StatusSet {
                status,
                from,
                comment,
                ..
            } => Some(json!([by, at, from, status, comment])),
            _ => None,
        })
        .collect();
    assert_eq!(
        json!(changes),
        json!([
            ["ann", "2026-01-05T09:00:00Z", null, "new", null],
            ["bob", "2026-01-05T09:01:00Z", "new", "doubtful", "القسط؟"],
            ["ann", "2026-01-05T09:02:00Z", "doubtful", "new", null],
            ["ann", "2026-01-05T09:03:00Z", "new", "done", "paid"],
        ])
    );
}

/// An approval of so many pipelines, each with as many stages, each with as many entries.
fn of_size(n: usize) -> String {
    let entries: Vec<Value> = (0..n)
        .map(|_| json!({"role": "clerk", "select": "consensus"}))
        .collect();
    let stages = |pipeline: usize| -> Vec<Value> {
        let stage = |stage| json!({"key": format!("s{pipeline}_{stage}"), "mode": "parallel", "approvals": entries});
        (0..n).map(stage).collect()
    };
    let pipeline = |n| json!({"key": format!("p{n}"), "stages": stages(n)});
    let pipelines: Vec<Value> = (0..n).map(pipeline).collect();
    json!({"format": "signoff/v1", "kind": "approval", "key": format!("of_{n}"), "pipelines": pipelines}).to_string()
}

#[tokio::test]
async fn the_store_is_asked_as_often_for_much_as_for_little() {
    let store = Counted::default();
    let clock: Arc<dyn signoff::Clock> = clock();
    let builder = Engine::builder()
        .store(store.clone())
        .directory(people())
        .clock(clock);
    let engine = builder.build().unwrap();
    let tenant = TenantId::default();
    let mut asked = Vec::new();
    for n in [1, 5] {
        let document = of_size(n);
        let sources = [(document.as_str(), Format::Json)];
        engine.publish(&tenant, &sources).await.unwrap();
        let key = format!("of_{n}");
        let id = engine.start(Start::of(key).by("ann")).await.unwrap().id();
        store.take();
        let detail = engine.detail(&tenant, id).await.unwrap().unwrap();
        assert_eq!(detail.groups.len(), n);
        assert_eq!(
            detail
                .groups
                .iter()
                .map(|group| group.stages.len())
                .sum::<usize>(),
            n * n
        );
        assert_eq!(detail.current().count(), 2 * n);
        assert_eq!(detail.summary.waiting as usize, 2 * n);
        asked.push(store.take());
    }
    assert_eq!(asked, [3, 3], "a detail");
    let mut ids = Vec::new();
    let mut asked = Vec::new();
    for n in [1, 100] {
        while ids.len() < n {
            let start = Start::of("of_1").by("ann");
            ids.push(engine.start(start).await.unwrap().id());
        }
        store.take();
        assert_eq!(engine.overviews(&tenant, &ids).await.unwrap().len(), n);
        let overviews = store.take();
        engine.statistics(&tenant, None, None).await.unwrap();
        asked.push((overviews, store.take()));
    }
    assert_eq!(asked, [(1, 1), (1, 1)], "overviews and statistics");
}

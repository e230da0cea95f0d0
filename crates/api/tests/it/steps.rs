//! Steps as a host uses them: what runs about its records, and what it reads of their statuses.

use serde_json::{Value, json};
use signoff::{
    Call, Done, InstanceId, NotDone, RefusalCode, Start, Subject, TaskId, WorkflowKey,
    core::actor::By,
};

use std::sync::{Arc, Mutex};

use crate::world::World;

const CLAIM: &str = include_str!("../../../../examples/claim.yaml");

/// A second workflow about the same records; its conditions read the record by its type.
const SURVEY: &str = "
format: signoff/v1
kind: steps
key: survey
subject: claim
managers: [role:lead]
data: {type: object, properties: {amount: {type: number}, zone: {type: string}}}
steps:
  - key: plan
    initial: true
    role: clerk
    statuses:
      - {key: new, default: true}
      - {key: waiting}
      - {key: paused, hold: true}
      - {key: planned, completion: true}
  - key: visit
    final: true
    statuses: [{key: open, default: true}, {key: seen, completion: true}]
  - key: call
    final: true
    statuses: [{key: open, default: true}, {key: seen, completion: true}]
transitions:
  - {from: plan, to: visit, when: claim.amount > 100, priority: 1}
  - {from: plan, to: call}
";

async fn world() -> World {
    World::new(&[CLAIM, SURVEY]).await
}

async fn about(world: &World, workflow: &str, id: &str, data: Value) -> Done {
    let start = Start::of(workflow).subject("claim", id).by("ann");
    world
        .engine
        .start(start.data(&data).unwrap())
        .await
        .unwrap()
}

/// The task of the step where the instance stands.
async fn step(world: &World, id: InstanceId) -> TaskId {
    let view = world.view(id).await;
    let (step, _) = view.instance.step().unwrap();
    world.task(id, step.as_str()).await
}

async fn set(world: &World, id: InstanceId, status: &str) -> Done {
    let call = Call::set_status(step(world, id).await, status).by("ann");
    world.engine.call(call).await.unwrap()
}

/// The step and its status: `plan/new`.
async fn stands(world: &World, id: InstanceId) -> String {
    let view = world.view(id).await;
    let (step, status) = view.instance.step().unwrap();
    format!("{step}/{}", status.key)
}

fn code(result: Result<Done, NotDone>) -> RefusalCode {
    match result {
        Err(NotDone::Refused(refusal)) => refusal.code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn steps_stand_in_the_order_of_the_file_in_a_workflow_of_a_name_of_its_own() {
    let world = world().await;
    let key = WorkflowKey::from("claim");
    let claim = world.engine.definition(&world.tenant, &key, None).await;
    let claim = claim.unwrap().unwrap();
    let steps: Vec<&str> = claim.graph.nodes().map(|node| node.key.as_str()).collect();
    assert_eq!(
        steps,
        ["intake", "investigation", "senior_review", "payout"]
    );
    let workflows = world.engine.workflows(&world.tenant);
    let copied = workflows.copy(&"survey".into(), None, &key, None).await;
    assert!(
        matches!(copied, Err(NotDone::Refused(refusal)) if refusal.code == RefusalCode::Conflict)
    );
}

#[tokio::test]
async fn nothing_starts_on_what_is_not_stored_or_by_an_unknown_name() {
    let world = world().await;
    for (workflow, kind, id, expected) in [
        ("claim", "claim", "", RefusalCode::TargetInvalid),
        ("claim", "", "7", RefusalCode::TargetInvalid),
        ("claim", "invoice", "7", RefusalCode::TargetInvalid),
        ("clame", "claim", "7", RefusalCode::NotFound),
    ] {
        let start = Start::of(workflow).subject(kind, id).by("ann");
        let refused = code(world.engine.start(start).await);
        assert_eq!(refused, expected, "{workflow} {kind}:{id}");
    }
    let subject = Subject {
        kind: "claim".to_owned(),
        id: "7".to_owned(),
    };
    let latest = world.engine.latest_of(&world.tenant, &subject, None).await;
    assert!(latest.unwrap().is_none(), "nothing is left behind");
}

#[tokio::test]
async fn several_workflows_run_about_one_record_and_the_latest_is_found_also_by_its_name() {
    let world = world().await;
    let data = json!({"claim": {"amount": 1, "is_high_risk": false}});
    let first = about(&world, "claim", "7", data.clone()).await.id();
    world.after(60).await;
    let survey = about(&world, "survey", "7", json!({"amount": 1}))
        .await
        .id();
    assert_eq!(stands(&world, first).await, "intake/received");
    assert_eq!(stands(&world, survey).await, "plan/new");
    set(&world, first, "complete").await;
    set(&world, first, "paid").await;
    world.after(60).await;
    let again = about(&world, "claim", "7", data).await.id();
    assert_ne!(again, first, "a finished record starts anew");
    let latest = async |workflow: Option<&str>, id: &str| {
        let subject = Subject {
            kind: "claim".to_owned(),
            id: id.to_owned(),
        };
        let workflow = workflow.map(WorkflowKey::from);
        let found = world
            .engine
            .latest_of(&world.tenant, &subject, workflow.as_ref());
        found.await.unwrap().map(|view| view.instance.id())
    };
    assert_eq!(latest(None, "7").await, Some(again));
    assert_eq!(latest(Some("survey"), "7").await, Some(survey));
    assert_eq!(latest(Some("claim"), "7").await, Some(again));
    assert_eq!(latest(Some("claim"), "8").await, None);
    assert_eq!(latest(Some("other"), "7").await, None);
}

#[tokio::test]
async fn a_condition_sees_the_record_by_its_type_and_what_is_given_for_once() {
    let world = world().await;
    let small = about(&world, "survey", "1", json!({"amount": 5}))
        .await
        .id();
    set(&world, small, "planned").await;
    assert_eq!(stands(&world, small).await, "call/open");
    let large = about(&world, "survey", "2", json!({"amount": 500}))
        .await
        .id();
    set(&world, large, "planned").await;
    assert_eq!(stands(&world, large).await, "visit/open");
    let given = about(&world, "survey", "3", json!({"amount": 5}))
        .await
        .id();
    let context = json!({"amount": 500}).as_object().cloned().unwrap();
    let call = Call::set_status(step(&world, given).await, "planned");
    world
        .engine
        .call(call.context(context).by("ann"))
        .await
        .unwrap();
    assert_eq!(stands(&world, given).await, "visit/open");
    assert_eq!(world.view(given).await.instance.data()["amount"], 5);
    let start = Start::of("survey").by("ann");
    let start = start.data(&json!({"amount": 500})).unwrap();
    let nothing = world.engine.start(start).await.unwrap().id();
    set(&world, nothing, "planned").await;
    assert_eq!(
        stands(&world, nothing).await,
        "visit/open",
        "about no record"
    );
    let whole = about(&world, "survey", "4", json!({"amount": 5}))
        .await
        .id();
    let context = json!({"claim": {"amount": 500}})
        .as_object()
        .cloned()
        .unwrap();
    let call = Call::set_status(step(&world, whole).await, "planned");
    world
        .engine
        .call(call.context(context).by("ann"))
        .await
        .unwrap();
    assert_eq!(stands(&world, whole).await, "visit/open");
}

#[tokio::test]
async fn a_workflow_with_instances_is_not_deleted_even_when_they_have_ended() {
    let world = world().await;
    let id = about(&world, "survey", "1", json!({"amount": 5}))
        .await
        .id();
    set(&world, id, "planned").await;
    set(&world, id, "seen").await;
    assert_eq!(world.status(id).await, "completed");
    let workflows = world.engine.workflows(&world.tenant);
    let refused = workflows.delete(&"survey".into()).await;
    assert!(
        matches!(refused, Err(NotDone::Refused(refusal)) if refusal.code == RefusalCode::InUse)
    );
    workflows.delete(&"claim".into()).await.unwrap();
}

#[tokio::test]
async fn many_are_held_resumed_and_cancelled_with_a_result_for_each() {
    let world = world().await;
    let mut ids = Vec::new();
    for id in ["1", "2", "3"] {
        ids.push(about(&world, "survey", id, json!({"amount": 5})).await.id());
    }
    set(&world, ids[1], "planned").await;
    let all = async |call: fn(InstanceId) -> Call, by: &str| {
        let calls = ids.iter().map(|id| call(*id).reason("audit").by(by));
        let results = world.engine.call_all(calls).await;
        let told = results.into_iter().map(|result| match result {
            Ok(done) => done.instance.status().as_str(),
            Err(NotDone::Refused(refusal)) => refusal.code.as_str(),
            Err(NotDone::Failed(error)) => panic!("{error}"),
        });
        told.collect::<Vec<_>>()
    };
    let held = all(Call::hold, "ann").await;
    assert_eq!(held, ["on_hold", "unknown_status", "on_hold"]);
    assert_eq!(stands(&world, ids[0]).await, "plan/paused");
    assert_eq!(
        all(Call::hold, "max").await,
        ["on_hold", "unknown_status", "on_hold"]
    );
    let resumed = all(Call::resume, "ann").await;
    assert_eq!(resumed, ["running", "not_on_hold", "running"]);
    assert_eq!(all(Call::cancel, "bob").await, ["not_permitted"; 3]);
    assert_eq!(all(Call::cancel, "max").await, ["cancelled"; 3]);
    assert_eq!(all(Call::cancel, "max").await, ["not_running"; 3]);
}

#[tokio::test]
async fn a_change_of_status_is_told_with_who_when_why_from_where_and_by_which_transition() {
    let world = world().await;
    let id = about(&world, "survey", "1", json!({"amount": 500}))
        .await
        .id();
    world.after(60).await;
    set(&world, id, "waiting").await;
    let hold = Call::hold(id).reason("إجازة").by("max");
    world.engine.call(hold).await.unwrap();
    world.engine.call(Call::resume(id).by("max")).await.unwrap();
    let done = Call::set_status(step(&world, id).await, "planned");
    let done = done.comment("now").by("bob");
    world.engine.call(done).await.unwrap();
    let found = world
        .engine
        .status_history(&world.tenant, id)
        .await
        .unwrap();
    let told: Vec<Value> = found
        .iter()
        .map(|moment| {
            let By::Person(by) = &moment.by else {
                panic!("a person")
            };
            let step = moment.step.as_str();
            let taken = moment.transition.as_ref().map(|to| to.as_str());
            json!([by, step, moment.from, moment.to, taken, moment.reason])
        })
        .collect();
    assert_eq!(
        json!(told),
        json!([
            ["ann", "plan", null, "new", null, null],
            ["ann", "plan", "new", "waiting", null, null],
            ["max", "plan", "waiting", "paused", null, "إجازة"],
            ["max", "plan", "paused", "waiting", null, null],
            ["bob", "plan", "waiting", "planned", "visit", "now"],
            ["bob", "visit", null, "open", null, null],
        ])
    );
    assert_eq!(found[1].at.to_string(), "2026-01-05T09:01:00Z");
}

/// Transitions that need a ticket, carry fields of their author, and tell the host.
const REPAIR: &str = "
format: signoff/v1
kind: steps
key: repair
subject: machine
actions:
  after_transition: [{run: tell, with: {why: '${why}', zone: '${subject.id}'}}]
steps:
  - key: open
    initial: true
    title: {en: Open, ar: مفتوح}
    statuses:
      - {key: new, default: true, title: {en: New, ar: جديد}, category: waiting, color: '#112233', icon: inbox, meta: {sla: 3}}
      - {key: fixed, completion: true}
  - key: test
    statuses: [{key: new, default: true}, {key: works, completion: true}]
  - key: closed
    final: true
    statuses: [{key: new, default: true}, {key: done, completion: true}]
transitions:
  - {from: open, to: test, required: [ticket], meta: {sla: gold, steps: [1]}, by: [role:clerk], priority: 1}
  - {from: open, to: closed, by: [role:lead], when: now == 'never', reason: {en: It cannot be repaired twice, ar: لا يصلح مرتين}}
  - {from: test, to: closed}
";

async fn repairs() -> (World, Arc<Mutex<Vec<Value>>>) {
    let told: Arc<Mutex<Vec<Value>>> = Arc::default();
    let told_to = Arc::clone(&told);
    let tells = |builder: signoff::Builder| {
        builder.action("tell", move |call| {
            let told = Arc::clone(&told_to);
            async move {
                told.lock().unwrap().push(json!([call.context, call.input]));
                Ok(Value::Null)
            }
        })
    };
    (World::with(tells, &[REPAIR]).await, told)
}

#[tokio::test]
async fn what_is_noted_and_given_with_a_transition_reaches_its_hook_and_the_history() {
    let (world, told) = repairs().await;
    let start = Start::of("repair").subject("machine", "m-1").by("ann");
    let id = world.engine.start(start).await.unwrap().id();
    let noted = json!({"ticket": "T-1"}).as_object().cloned().unwrap();
    let given = json!({"why": "تسرب"}).as_object().cloned().unwrap();
    let call = Call::set_status(step(&world, id).await, "fixed");
    let call = call
        .metadata(noted)
        .context(given)
        .comment("done")
        .by("bob");
    world.engine.call(call).await.unwrap();
    world.engine.tick().await.unwrap();
    let told = told.lock().unwrap().clone();
    let [told] = told.as_slice() else {
        panic!("{told:?}")
    };
    let context = &told[0];
    for (key, expected) in [
        ("node", json!("open")),
        ("to", json!("test")),
        ("comment", json!("done")),
        ("meta", json!({"sla": "gold", "steps": [1]})),
    ] {
        assert_eq!(context[key], expected, "{key}");
    }
    assert_eq!(told[1], json!({"why": "تسرب", "zone": "m-1"}));
    let history = world
        .engine
        .status_history(&world.tenant, id)
        .await
        .unwrap();
    let fixed = history.iter().find(|moment| moment.to == "fixed").unwrap();
    assert_eq!(fixed.metadata["ticket"], "T-1");
    assert_eq!(fixed.transition.as_ref().unwrap().as_str(), "test");
}

#[tokio::test]
async fn the_ways_on_are_told_with_those_that_a_person_may_take_as_things_stand() {
    let (world, _) = repairs().await;
    let start = Start::of("repair").by("ann");
    let noted = json!({"ticket": "T-1"});
    let start = start.metadata(&noted).unwrap();
    let id = world.engine.start(start).await.unwrap().id();
    for (who, expected) in [
        (
            "ann",
            json!([["test", null, true], ["closed", "target_invalid", false]]),
        ),
        (
            "max",
            json!([
                ["test", "not_permitted", false],
                ["closed", "target_invalid", false]
            ]),
        ),
        (
            "off",
            json!([
                ["test", "not_permitted", false],
                ["closed", "not_permitted", false]
            ]),
        ),
    ] {
        let who = who.into();
        let found = world.engine.statuses(&world.tenant, id, Some(&who)).await;
        let found = found.unwrap().unwrap();
        let fixed = found.statuses.iter().find(|status| status.key == "fixed");
        let ways = fixed.unwrap().ways.iter().map(|way| {
            let code = way.refused.as_ref().map(|refused| refused.code.as_str());
            json!([way.to, code, way.open])
        });
        assert_eq!(Value::Array(ways.collect()), expected, "{who:?}");
    }
}

#[tokio::test]
async fn whoever_names_a_step_in_vain_is_told_the_condition_and_its_reason() {
    let (world, _) = repairs().await;
    let id = world.start("repair", "ann").await.id();
    let task = world.task(id, "open").await;
    let call = Call::set_status(task, "fixed").to("closed").by("ann");
    let Err(NotDone::Refused(refusal)) = world.engine.call(call).await else {
        panic!("its condition never holds");
    };
    assert_eq!(refusal.code, RefusalCode::TargetInvalid);
    assert_eq!(
        refusal.message,
        "It cannot be repaired twice (`now == 'never'` does not hold)"
    );
    let ann = "ann".into();
    let found = world.engine.statuses(&world.tenant, id, Some(&ann)).await;
    let statuses = found.unwrap().unwrap().statuses;
    let ways = statuses.into_iter().flat_map(|status| status.ways);
    let reasons = ways.filter_map(|way| way.reason);
    let reasons: Vec<String> = reasons
        .map(|text| text.for_locale("ar").to_owned())
        .collect();
    assert_eq!(reasons, ["لا يصلح مرتين"]);
}

#[tokio::test]
async fn an_instance_begins_at_its_initial_step_whatever_is_asked_for() {
    let (world, _) = repairs().await;
    for way in ["test", "closed"] {
        let start = Start::of("repair").at(way).by("ann");
        assert_eq!(code(world.engine.start(start).await), RefusalCode::NotFound);
    }
    let data = json!({"step": "closed", "status": "done"});
    let start = Start::of("repair")
        .data(&data)
        .unwrap()
        .seed(&"done")
        .unwrap();
    let id = world.engine.start(start.by("ann")).await.unwrap().id();
    assert_eq!(stands(&world, id).await, "open/new");
}

#[tokio::test]
async fn the_statuses_of_a_type_of_record_are_told_with_their_looks_for_each_tenant() {
    let (world, _) = repairs().await;
    let of = async |tenant: &str, kind: &str| {
        let found = world.engine.status_catalogue(&tenant.into(), kind).await;
        let all = found.unwrap().into_iter().flat_map(|found| found.statuses);
        let told = all.map(|found| format!("{}/{}", found.step, found.key));
        told.collect::<Vec<_>>()
    };
    let tenant = world.tenant.as_str();
    assert_eq!(
        of(tenant, "machine").await,
        [
            "open/new",
            "open/fixed",
            "test/new",
            "test/works",
            "closed/new",
            "closed/done"
        ]
    );
    assert!(of(tenant, "claim").await.is_empty());
    assert!(of("other", "machine").await.is_empty());
    let found = world
        .engine
        .status_catalogue(&world.tenant, "machine")
        .await;
    let first = found.unwrap()[0].statuses[0].status.clone();
    assert_eq!(first.title.for_locale("ar"), "جديد");
    let looks = [
        first.category.as_deref(),
        first.color.as_deref(),
        first.icon.as_deref(),
    ];
    assert_eq!(looks, [Some("waiting"), Some("#112233"), Some("inbox")]);
    assert_eq!(first.meta.unwrap()["sla"], 3);
}

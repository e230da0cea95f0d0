//! What instances and tasks are about, or what came of them, in brief.

use serde_json::{Value, json};
use signoff::{
    Call, Clock as _, Done, InstanceId, Start,
    core::text::Text,
    reading::InstanceDetail,
    store::{PageRequest, TaskFilter},
};

use crate::world::World;

const PAY: &str = "
format: signoff/v1
kind: flow
key: pay
title: Pay an invoice
description: Who is paid, and when.
summary: {en: 'Pay ${ to }${ note }', ar: 'ادفع إلى ${ to }'}
result: '${ to } was paid ${ amount } on ${ forms.check.x }${ nodes.check.actors[0] }'
data: {type: object, required: [to], properties: {to: {type: string}, amount: {type: number}, note: {}}}
nodes:
  start: {start: {}, next: check}
  check:
    task: {form: ['amount?']}
    description: Is it right?
    summary: Check what ${ to } sent
    result: 'Found ${ amount }'
    next: each
  each: {split: [{for_each: '[\"a\", \"b\"]', as: part, to: sign}]}
  sign: {task: {}, summary: 'Sign ${ part }', result: '${ part } for ${ task.data.why }', data: {why: to}, next: both}
  both: {join: all, next: file}
  file: {task: {}, description: Where it is kept, next: post}
  post: {task: {}, next: end}
  end: {end: {}}
";

const LEAVE: &str = "
format: signoff/v1
kind: approval
key: leave
title: 'Leave of ${ who }'
summary: '${ who } would like to be away'
result: '${ who }: ${ instance.status }'
approvals: [{role: lead}]
";

const STAGES: &str = "
format: signoff/v1
kind: approval
key: stages
pipelines:
  - key: legal_review
    summary: 'Law for ${ who }'
    result: 'Lawful: ${ who }'
    stages:
      - {key: read_it, summary: 'Read for ${ who }', result: 'Read', approvals: [{role: clerk}]}
      - {key: sign_it, approvals: [{role: lead}]}
";

const STEPS: &str = "
format: signoff/v1
kind: steps
key: claim
summary: 'Claim of ${ who }'
steps:
  - key: check
    initial: true
    final: true
    summary: 'Check ${ who }'
    statuses: [{key: new, default: true}, {key: done, completion: true}]
";

fn en(text: &Text) -> &str {
    text.for_locale("en")
}

async fn start(world: &World, workflow: &str, data: Value) -> InstanceId {
    let start = Start::of(workflow).by("ann").data(&data).unwrap();
    world.engine.start(start).await.unwrap().id()
}

async fn brief(world: &World, id: InstanceId) -> Text {
    world.view(id).await.brief(world.clock.now())
}

/// The tasks of an instance in brief, by number, as a list tells them.
async fn tasks(world: &World, id: InstanceId) -> Vec<String> {
    let filter = TaskFilter {
        instance: Some(id),
        ..TaskFilter::default()
    };
    let store = world.engine.store();
    let page = PageRequest::default();
    let found = store.tasks(&world.tenant, &filter, &page).await.unwrap();
    let briefs = world.engine.briefs(&world.tenant, &found.items).await;
    let mut all: Vec<(u32, String)> = found
        .items
        .iter()
        .zip(briefs.unwrap())
        .map(|(row, brief)| (row.task.task().unwrap().number, en(&brief).to_owned()))
        .collect();
    all.sort_unstable();
    all.into_iter().map(|(_, brief)| brief).collect()
}

async fn detail(world: &World, id: InstanceId) -> InstanceDetail {
    let detail = world.engine.detail(&world.tenant, id).await.unwrap();
    detail.unwrap()
}

async fn complete(world: &World, id: InstanceId, node: &str, form: Value) -> Done {
    let task = world.task(id, node).await;
    let call = Call::complete(task).by("ann");
    let call = match form {
        Value::Null => call,
        form => call.form(form),
    };
    world.engine.call(call).await.unwrap()
}

#[tokio::test]
async fn a_brief_is_the_result_once_finished_else_the_summary_the_description_the_title() {
    let world = World::new(&[PAY]).await;
    let id = start(&world, "pay", json!({"to": "Layla"})).await;
    let told = brief(&world, id).await;
    assert_eq!(en(&told), "Pay Layla");
    assert_eq!(told.for_locale("ar"), "ادفع إلى Layla");
    assert_eq!(tasks(&world, id).await, ["Check what Layla sent"]);
    complete(&world, id, "check", json!({"amount": 12})).await;
    let open = ["Found 12", "Sign a", "Sign b"];
    assert_eq!(tasks(&world, id).await, open);
    complete(&world, id, "sign", Value::Null).await;
    let one = ["Found 12", "a for Layla", "Sign b"];
    assert_eq!(tasks(&world, id).await, one);
    complete(&world, id, "sign", Value::Null).await;
    let all = ["Found 12", "a for Layla", "b for Layla", "Where it is kept"];
    assert_eq!(tasks(&world, id).await, all);
    let told = detail(&world, id).await;
    let mut approvals: Vec<_> = told.approvals().collect();
    approvals.sort_unstable_by_key(|one| one.number);
    let briefs: Vec<&str> = approvals.iter().map(|one| en(&one.brief)).collect();
    assert_eq!(briefs, all);
    complete(&world, id, "file", Value::Null).await;
    assert_eq!(tasks(&world, id).await[4], "Post");
    complete(&world, id, "post", Value::Null).await;
    assert_eq!(
        en(&brief(&world, id).await),
        "Layla was paid 12 on ann",
        "what is missing is left out"
    );
}

#[tokio::test]
async fn whoever_withdrew_it_left_no_result_and_an_approval_alone_is_as_its_workflow() {
    let world = World::new(&[LEAVE]).await;
    let id = start(&world, "leave", json!({"who": "Ann"})).await;
    assert_eq!(tasks(&world, id).await, ["Ann would like to be away"]);
    let cancel = Call::cancel(id).reason("no more").by("ada");
    world.engine.call(cancel).await.unwrap();
    assert_eq!(en(&brief(&world, id).await), "Ann would like to be away");
    assert_eq!(tasks(&world, id).await, ["Ann would like to be away"]);
    let id = start(&world, "leave", json!({"who": "Bob"})).await;
    let task = world.task(id, "leave").await;
    let reject = Call::reject(task).reason("too much to do").by("max");
    world.engine.call(reject).await.unwrap();
    assert_eq!(en(&brief(&world, id).await), "Bob: rejected");
    let id = start(&world, "leave", json!({"who": "x".repeat(900)})).await;
    let long = brief(&world, id).await;
    assert_eq!(
        (en(&long).chars().count(), en(&long).ends_with('…')),
        (501, true)
    );
}

#[tokio::test]
async fn stages_groups_and_steps_have_their_own_texts() {
    let world = World::new(&[STAGES, STEPS]).await;
    let id = start(&world, "stages", json!({"who": "Ann"})).await;
    assert_eq!(
        en(&brief(&world, id).await),
        "Stages",
        "a title is made of the key"
    );
    let seen = detail(&world, id).await;
    let group = &seen.groups[0];
    assert_eq!(group.brief.as_ref().map(en), Some("Law for Ann"));
    assert_eq!(en(&group.stages[0].visits[0].brief), "Read for Ann");
    let task = world.task(id, "read_it").await;
    let approve = Call::approve(task).by("bob");
    world.engine.call(approve).await.unwrap();
    let seen = detail(&world, id).await;
    assert_eq!(en(&seen.groups[0].stages[0].visits[0].brief), "Read");
    assert_eq!(en(&seen.groups[0].stages[1].visits[0].brief), "Sign it");
    let task = world.task(id, "sign_it").await;
    let approve = Call::approve(task).by("max");
    world.engine.call(approve).await.unwrap();
    let seen = detail(&world, id).await;
    assert_eq!(seen.groups[0].brief.as_ref().map(en), Some("Lawful: Ann"));

    let id = start(&world, "claim", json!({"who": "Bob"})).await;
    assert_eq!(en(&brief(&world, id).await), "Claim of Bob");
    assert_eq!(tasks(&world, id).await, ["Check Bob"]);
    let found = world.engine.overviews(&world.tenant, &[id]).await.unwrap();
    assert_eq!(en(&found[0].brief), "Claim of Bob");
    assert_eq!(en(&found[0].waits_for[0].brief), "Check Bob");
}

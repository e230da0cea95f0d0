//! Actions by configuration, and those that a new workflow begins with.

use std::{slice, sync::Arc};

use serde_json::{Value, json};
use signoff::{
    Builder, Call, Engine, Format, NewAction, Once, RunAction, Start, TenantId,
    actions::mail::{Mailer, MemoryMailer},
    store::MemoryStore,
};

use crate::world::{builder, clock};

const LEAVE: &str = "
format: signoff/v1
kind: approval
key: leave
pipelines:
  - key: office
    stages:
      - {key: first, approvals: [{user: max}]}
      - {key: second, approvals: [{user: max}], actions: {after_approve: [{run: filed}]}}
";
const FIVE: [&str; 6] = [
    "after_approve approved creator",
    "after_reject rejected creator",
    "after_resubmission resubmission_required creator,current_approvers",
    "after_delegate delegated delegate,creator",
    "after_move_stage progress creator",
    "after_move_stage action_required current_approvers",
];

fn tenant() -> TenantId {
    TenantId::default()
}

fn with(change: impl FnOnce(Builder) -> Builder) -> (Engine, Arc<MemoryMailer>) {
    let mailer = Arc::new(MemoryMailer::new());
    let builder = builder(&MemoryStore::new(), &clock())
        .shared_mailer(Arc::clone(&mailer) as Arc<dyn Mailer>)
        .action("filed", |_| async { Ok(Value::Null) });
    (change(builder).build().unwrap(), mailer)
}

async fn publish(engine: &Engine, text: &str) {
    engine
        .publish(&tenant(), &[(text, Format::Yaml)])
        .await
        .unwrap();
}

/// The stored actions: event, template, who gets it.
async fn stored(engine: &Engine, workflow: &str) -> Vec<String> {
    let all = engine.stored_actions(&tenant(), &workflow.into()).await;
    let mut all = all.unwrap();
    all.sort_by_key(|stored| stored.action.action["order"].as_i64());
    let shown = all.into_iter().map(|stored| {
        let NewAction { event, action, .. } = stored.action;
        let to = action["to"].as_array().unwrap().iter();
        let to: Vec<&str> = to.map(|who| who.as_str().unwrap()).collect();
        format!(
            "{event} {} {}",
            action["mail"].as_str().unwrap(),
            to.join(",")
        )
    });
    shown.collect()
}

#[tokio::test]
async fn a_new_workflow_begins_with_mail_of_five_events_when_that_is_wanted() {
    let (engine, mailer) = with(Builder::begin_with_mail);
    publish(&engine, LEAVE).await;
    assert_eq!(stored(&engine, "leave").await, FIVE);
    // Each is one mail, as if it were built in.
    let started = engine.start(Start::of("leave").by("ann")).await.unwrap();
    engine.tick().await.unwrap();
    assert_eq!(mailer.take().len(), 0, "nobody has an address");
    let call = Call::approve(started.opened[0]).by("max");
    engine.call(call).await.unwrap();
    // They belong to the workflow: another version has them, and what is dropped stays so.
    let all = engine.stored_actions(&tenant(), &"leave".into()).await;
    engine
        .drop_action(&tenant(), all.unwrap()[0].id)
        .await
        .unwrap();
    publish(&engine, &LEAVE.replace("first", "start")).await;
    assert_eq!(stored(&engine, "leave").await.len(), 5);
    // A draft that is published first begins with them too.
    let workflows = engine.workflows(&tenant());
    let (from, to) = ("leave".into(), "absence".into());
    let copy = workflows.copy(&from, None, &to, None).await.unwrap();
    assert!(stored(&engine, "absence").await.is_empty());
    workflows
        .publish(&"absence".into(), copy.revision)
        .await
        .unwrap();
    assert_eq!(stored(&engine, "absence").await, FIVE);

    let (engine, _) = with(|builder| builder);
    publish(&engine, LEAVE).await;
    assert!(stored(&engine, "leave").await.is_empty(), "nobody wants it");
    let (engine, _) = with(Builder::begin_with_mail);
    let flow = "
format: signoff/v1
kind: flow
key: desk
nodes: {start: {start: {}, next: end}, end: {end: {}}}
";
    publish(&engine, flow).await;
    assert!(stored(&engine, "desk").await.is_empty(), "nobody approves");
}

#[tokio::test]
async fn actions_given_at_creation_replace_the_first_ones_of_their_scope() {
    let (engine, _) = with(Builder::begin_with_mail);
    let own = format!("{LEAVE}actions: {{after_reject: [{{run: filed}}]}}\n");
    publish(&engine, &own).await;
    assert!(stored(&engine, "leave").await.is_empty());
    // Those of a stage replace nothing but what the stage would have had.
    let staged = LEAVE.replace("key: leave", "key: staged");
    publish(&engine, &staged).await;
    assert_eq!(stored(&engine, "staged").await, FIVE);
    let started = engine.start(Start::of("staged").by("ann")).await.unwrap();
    let call = Call::approve(started.opened[0]).by("max");
    let first = engine.call(call).await.unwrap();
    while engine.tick().await.unwrap() > 0 {}
    let call = Call::approve(first.opened[0]).by("max");
    let done = engine.call(call).await.unwrap();
    let jobs = engine.jobs_of(&tenant(), done.id()).await.unwrap();
    let ran: Vec<String> = jobs
        .iter()
        .map(|job| format!("{:?}", job.job.work))
        .collect();
    assert!(ran.iter().any(|work| work.contains("filed")), "{ran:#?}");
    assert!(
        !ran.iter().any(|work| work.contains("\"approved\"")),
        "{ran:#?}"
    );
}

#[test]
fn configured_actions_that_cannot_be_used_are_told_when_the_engine_is_built() {
    for (actions, part) in [
        (json!({"after_aprove": []}), "after_aprove"),
        (json!({"after_approve": [{"run": "nobody"}]}), "nobody"),
        (
            json!({"after_approve": [{"mail": "none", "to": ["creator"]}]}),
            "none",
        ),
        (json!([{"run": "filed"}]), "mapping"),
    ] {
        let builder = builder(&MemoryStore::new(), &clock());
        let builder = builder.action("filed", |_| async { Ok(Value::Null) });
        let error = builder.actions_of("order", actions).build().unwrap_err();
        assert_eq!(error.kind(), signoff::ErrorKind::Configuration);
        let text = error.to_string();
        assert!(text.contains("`order`") && text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn an_action_of_ones_own_runs_once_for_an_instance() {
    let ran = Arc::<std::sync::Mutex<Vec<Value>>>::default();
    let seen = Arc::clone(&ran);
    let (engine, _) = with(|builder| {
        builder.action("archive", move |call| {
            seen.lock().unwrap().push(call.input);
            std::future::ready(Ok(Value::Null))
        })
    });
    publish(&engine, &format!("{LEAVE}managers: [user:bob]\n")).await;
    let started = engine.start(Start::of("leave").by("ann")).await.unwrap();
    engine.tick().await.unwrap();
    let action = json!({"run": "archive", "with": {"status": "${ instance.status }", "no": 7}});
    let run = || RunAction::of(started.id(), action.clone());
    let refused = engine.run_action(run().by("ann")).await.unwrap_err();
    assert_eq!(refused.code(), "not_permitted");
    let name = || Once::new(["k1"], "");
    for _ in 0..2 {
        let done = engine.run_action(run().by("bob").once(name())).await;
        assert_eq!(done.unwrap().events, ["action_requested"]);
    }
    engine.tick().await.unwrap();
    let expected = json!({"status": "running", "no": 7});
    assert_eq!(*ran.lock().unwrap(), slice::from_ref(&expected), "once");
    // Nothing else runs, and the history tells who had it run.
    let history = engine.history(&tenant(), started.id()).await.unwrap();
    let last = history.last().unwrap();
    assert_eq!(last.by.person().map(|id| id.as_str()), Some("bob"));
    engine.run_action(run()).await.unwrap();
    engine.tick().await.unwrap();
    assert_eq!(ran.lock().unwrap().len(), 2, "it may be asked for again");
    // Its condition holds or not, and what cannot be read is told by place.
    let closed = json!({"run": "archive", "when": "false"});
    let closed = RunAction::of(started.id(), closed);
    engine.run_action(closed).await.unwrap();
    engine.tick().await.unwrap();
    assert_eq!(ran.lock().unwrap().len(), 2);
    for wrong in [json!({"run": "nobody"}), json!({"runs": "archive"})] {
        let wrong = RunAction::of(started.id(), wrong);
        let error = engine.run_action(wrong).await.unwrap_err();
        assert_eq!(error.code(), "definition_invalid");
    }
    let reject = Call::reject(started.opened[0]).by("max").reason("no");
    engine.call(reject).await.unwrap();
    assert_eq!(
        engine.run_action(run()).await.unwrap_err().code(),
        "not_running"
    );
}

//! What people may do is told with instances and tasks.

use serde_json::{Value, json};
use signoff::{Format, TenantId};

use crate::app::{App, flows};

const VISIT: &str = "
format: signoff/v1
kind: flow
key: site_visit
managers: [user:max]
nodes:
  start: {start: {}, next: both}
  both: {split: [look, called, heard]}
  look: {task: {role: warehouse}, next: met}
  called: {receive: {message: called}, next: met}
  heard: {signal: {catch: heard}, next: met}
  met: {join: all, next: end}
  end: {end: {}}
";

/// The commands that `actions` lists at a node; with the instance where none is named.
fn at(instance: &Value, node: Option<&str>) -> Vec<String> {
    let actions = instance["actions"].as_array().unwrap().iter();
    let there = actions.filter(|found| found["node"].as_str() == node);
    let name = |found: &Value| found["command"].as_str().unwrap().to_owned();
    there.map(name).collect()
}

async fn instance(app: &App, who: &str, id: &str) -> Value {
    let found = app.get(who, &format!("/api/v1/instances/{id}")).await;
    found.is(200).json()
}

#[tokio::test]
async fn managers_see_every_action_that_the_state_allows() {
    let app = flows().await;
    let source = [(VISIT, Format::Yaml)];
    let tenant = TenantId::default();
    app.engine.publish(&tenant, &source).await.unwrap();
    let id = app.start_flow("sam", "site_visit", json!({})).await;
    let seen = instance(&app, "max", &id).await;
    let with_it = [
        "hold",
        "cancel",
        "set_data",
        "set_metadata",
        "comment",
        "jump",
        "undo",
    ];
    assert_eq!(at(&seen, None), with_it);
    // Nodes that wait without a person are withdrawn like any other.
    assert_eq!(
        at(&seen, Some("called")),
        ["add_branch", "deliver", "skip", "cancel_task", "jump"]
    );
    assert_eq!(at(&seen, Some("heard")), at(&seen, Some("called")));
    let look = at(&seen, Some("look"));
    assert_eq!(look[..4], ["add_branch", "skip", "cancel_task", "jump"]);
    assert_eq!(
        look[4..],
        ["assign", "add_approver", "remove_approver", "suspend"]
    );
    // Whoever asked for it may take it back and speak.
    let own = instance(&app, "sam", &id).await;
    assert_eq!(at(&own, None), ["withdraw", "comment"]);

    let hold = format!("/instances/{id}/hold");
    app.post("max", &hold, json!({})).await.is(200);
    let held = instance(&app, "max", &id).await;
    let resumed = ["resume", "cancel", "set_metadata", "comment"];
    assert_eq!(at(&held, None), resumed);
    assert_eq!(at(&held, Some("look")), Vec::<String>::new());
}

#[tokio::test]
async fn what_waits_without_a_person_is_withdrawn_by_managers_and_the_join_goes_on() {
    let app = flows().await;
    let source = [(VISIT, Format::Yaml)];
    let tenant = TenantId::default();
    app.engine.publish(&tenant, &source).await.unwrap();
    let id = app.start_flow("sam", "site_visit", json!({})).await;
    let id = signoff::InstanceId::new(id.parse().unwrap());
    for node in ["called", "heard"] {
        let cancel = signoff::Call::cancel_task(id, node);
        let by_requester = app.engine.call(cancel.clone().by("sam")).await;
        assert_eq!(by_requester.unwrap_err().code(), "not_permitted");
        app.engine.call(cancel.by("max")).await.unwrap();
    }
    let left = instance(&app, "max", &id.to_string()).await;
    assert_eq!(left["status"], "running");
    app.engine
        .call(signoff::Call::skip(id, "look").by("max").reason("known"))
        .await
        .unwrap();
    let done = instance(&app, "max", &id.to_string()).await;
    assert_eq!(done["status"], "completed");
}

//! Every route that takes `POST` does what it is asked once, when the request has a name.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use signoff::{
    Call, Format, InstanceId, Profile, TenantId,
    store::{InstanceFilter, PageRequest},
};

use crate::app::{Answer, App, app};

/// Where the routes are.
const ROUTES: &str = include_str!("../../src/rest.rs");

const ALL: &str = "
format: signoff/v1
kind: approval
key: all
managers: [user:ada]
approvals:
  - {role: approver, select: consensus, members: live, escalate: {after: P3D, to: {user: eve}}}
";
const ANY: &str = "
format: signoff/v1
kind: approval
key: any
managers: [user:ada]
approvals: [{role: approver}]
";
const PARCEL: &str = "
format: signoff/v1
kind: flow
key: parcel
data: {type: object, properties: {weight: {type: integer}, label: {type: integer}}}
nodes:
  start: {start: {}, next: note}
  note: {job: remind_logistics, next: set}
  set: {set: {label: weight + 1}, next: end}
  end: {end: {}}
";
const BROKEN: &str = "
format: signoff/v1
kind: approval
key: broken
approvals: [{user: max}]
actions: {on_workflow_start: [{run: break_down, on_failure: stop, retry: {max: 1}}]}
";
const DESK: &str = "
format: signoff/v1
kind: flow
key: desk
nodes:
  start: {start: {}, next: check}
  check: {task: {role: staff}, next: end}
  end: {end: {}}
";
/// Another version of `desk`.
const LATER: &str = "
format: signoff/v1
kind: flow
key: desk
nodes:
  start: {start: {}, next: check}
  check: {title: Check, task: {role: staff}, next: end}
  end: {end: {}}
";
const NEW: &str = "{format: signoff/v1, kind: approval, key: fresh, approvals: [{user: bob}]}";
const CLAIM: &str = include_str!("../../../../examples/claim.yaml");

/// What only reads: a list is told as it is now, whatever the name of the request.
const SEARCHES: [&str; 2] = ["/instances/search", "/tasks/search"];

/// A request that is accepted.
struct Asked {
    person: &'static str,
    path: String,
    headers: Vec<(header::HeaderName, &'static str)>,
    body: String,
}

fn json_of(person: &'static str, path: impl Into<String>, body: &Value) -> Asked {
    Asked {
        person,
        path: path.into(),
        headers: vec![(header::CONTENT_TYPE, "application/json")],
        body: body.to_string(),
    }
}

fn text_of(person: &'static str, path: impl Into<String>, kind: &'static str, body: &str) -> Asked {
    Asked {
        person,
        path: path.into(),
        headers: vec![(header::CONTENT_TYPE, kind)],
        body: body.to_owned(),
    }
}

/// The routes that take `POST`, as they stand in the code.
fn routes() -> Vec<&'static str> {
    let found = ROUTES.split(".route(").skip(1).filter_map(|route| {
        let (path, handlers) = route.trim_start().strip_prefix('"')?.split_once('"')?;
        let handlers = handlers.split(";\n").next()?;
        handlers.contains("post(").then_some(path)
    });
    found.collect()
}

async fn publish(app: &App, text: &str) {
    let sources = [(text, Format::Yaml)];
    let published = app.engine.publish(&TenantId::default(), &sources).await;
    published.unwrap();
}

async fn fresh() -> App {
    let app = app().await;
    publish(&app, ALL).await;
    app
}

/// Something to be done by `POST` to the route, with all that has to be there before.
async fn asked(app: &App, route: &str) -> Asked {
    match route {
        "/actions" => {
            let new = json!({"workflow": "all", "event": "after_reject", "action": {"run": "reserve_budget"}});
            json_of("ada", route, &new)
        }
        "/substitutions" => json_of("bob", route, &json!({"substitute": "eve"})),
        "/incidents/{id}/retry" => {
            publish(app, PARCEL).await;
            let id = app.start_flow("ada", "parcel", json!({})).await;
            app.engine.tick().await.unwrap();
            let values = serde_json::Map::from_iter([("weight".to_owned(), json!(3))]);
            let set = Call::set_data(InstanceId::new(id.parse().unwrap()), values);
            app.engine.call(set).await.unwrap();
            json_of("ada", incident(app, route).await, &json!({}))
        }
        "/jobs/{id}/retry" => {
            publish(app, BROKEN).await;
            app.start_flow("ada", "broken", json!({})).await;
            app.engine.tick().await.unwrap();
            json_of("ada", incident(app, route).await, &json!({}))
        }
        "/people/{id}/left" => {
            app.start_flow("ann", "all", json!({})).await;
            json_of("ada", "/people/pia/left", &json!({}))
        }
        "/workflows/validate" => text_of("ada", route, "application/yaml", NEW),
        "/workflows" => text_of("ada", route, "application/yaml", NEW),
        "/workflows/import" => {
            publish(app, DESK).await;
            let file = app.get("ada", "/api/v1/workflows/desk/bpmn").await;
            text_of("ada", route, "application/xml", &file.is(200).text)
        }
        "/workflows/{key}/copy" => {
            json_of("ada", "/workflows/all/copy", &json!({"key": "another"}))
        }
        "/workflows/{key}/draft" => json_of("ada", "/workflows/all/draft", &json!({})),
        "/workflows/{key}/draft/publish" => {
            let new = json!({"source": NEW});
            let begun = app.post("ada", "/workflows/fresh/draft", new).await;
            begun.is(201);
            let mut asked = json_of("ada", "/workflows/fresh/draft/publish", &json!({}));
            asked.headers.push((header::IF_MATCH, "\"1\""));
            asked
        }
        "/workflows/{key}/migrate" => {
            publish(app, DESK).await;
            app.start_flow("ann", "desk", json!({})).await;
            publish(app, LATER).await;
            json_of("ada", "/workflows/desk/migrate", &json!({}))
        }
        "/instances" => json_of("ann", route, &json!({"workflow": "all"})),
        "/instances/batch" => {
            let id = app.start_flow("ann", "all", json!({})).await;
            json_of("ada", route, &json!({"command": "hold", "ids": [id]}))
        }
        _ if route.starts_with("/instances/{id}/") => of_instance(app, route).await,
        "/files" => text_of("ann", "/files?name=a.txt", "text/plain", "abc"),
        _ if route.starts_with("/tasks/{id}/") => of_task(app, route).await,
        other => panic!("say how a request to `POST {other}` is done once, with an example here"),
    }
}

async fn incident(app: &App, route: &str) -> String {
    let all = app.get("ada", "/api/v1/incidents").await.is(200).json();
    route.replace("{id}", all["items"][0]["id"].as_str().unwrap())
}

async fn of_instance(app: &App, route: &str) -> Asked {
    let why = json!({"reason": "a mistake"});
    let verb = route.trim_start_matches("/instances/{id}/");
    let id = match verb {
        "start" => {
            let later = json!({"workflow": "all", "auto_start": false});
            let begun = app.post("ann", "/instances", later).await.is(201).json();
            begun["instance"]["id"].as_str().unwrap().to_owned()
        }
        "migrate" => {
            publish(app, DESK).await;
            app.start_flow("ann", "desk", json!({})).await
        }
        _ => app.start_flow("ann", "all", json!({})).await,
    };
    let path = route.replace("{id}", &id);
    match verb {
        "start" | "hold" => json_of("ada", path, &json!({})),
        "run_action" => {
            let action = json!({"action": {"run": "reserve_budget"}});
            json_of("ada", path, &action)
        }
        "withdraw" => json_of("ann", path, &why),
        "cancel" => json_of("ada", path, &why),
        "comments" => json_of("ann", path, &json!({"comment": "the offer is attached"})),
        "files" => text_of("ann", format!("{path}?name=a.txt"), "text/plain", "abc"),
        "migrate" => {
            publish(app, LATER).await;
            json_of("ada", path, &json!({}))
        }
        "resume" => {
            let hold = format!("/instances/{id}/hold");
            app.post("ada", &hold, json!({})).await.is(200);
            json_of("ada", path, &json!({}))
        }
        other => panic!("say how a request to `POST /instances/{{id}}/{other}` is done once"),
    }
}

async fn of_task(app: &App, route: &str) -> Asked {
    let verb = route.trim_start_matches("/tasks/{id}/");
    match verb {
        "complete" => {
            publish(app, DESK).await;
            app.start_flow("ann", "desk", json!({})).await
        }
        "claim" | "release" => {
            publish(app, ANY).await;
            app.start_flow("ann", "any", json!({})).await
        }
        "set_status" => {
            publish(app, CLAIM).await;
            let new = json!({
                "workflow": "claim",
                "subject": {"type": "claim", "id": "1"},
                "data": {"claim": {"amount": 5000, "is_high_risk": false}},
            });
            let begun = app.post("ann", "/instances", new).await.is(201).json();
            begun["instance"]["id"].as_str().unwrap().to_owned()
        }
        _ => app.start_flow("ann", "all", json!({})).await,
    };
    let person = match verb {
        "complete" => "sam",
        "set_status" => "ann",
        _ => "pia",
    };
    let mut task = app.task_of(person).await;
    let before = async |person: &str, verb: &str| {
        let path = format!("/tasks/{task}/{verb}");
        app.post(person, &path, json!({})).await.is(200);
    };
    let to_eve = json!({"to": "eve", "reason": "she knows"});
    let (person, body) = match verb {
        "decide" => ("pia", json!({"outcome": "approve"})),
        "complete" => ("sam", json!({})),
        "set_status" => ("ann", json!({"status": "received"})),
        "claim" | "start_work" => ("pia", json!({})),
        "release" => {
            before("pia", "claim").await;
            ("pia", json!({}))
        }
        "snooze" => ("pia", json!({"until": "2026-02-01T00:00:00Z"})),
        "suspend" => ("ada", json!({})),
        "resume" => {
            before("ada", "suspend").await;
            ("ada", json!({}))
        }
        "delegate" | "transfer" => ("pia", to_eve),
        "add_approver" | "assign" => ("ada", to_eve),
        "remove_approver" => ("ada", json!({"to": "paul", "reason": "he is away"})),
        "follow_members" => {
            app.directory.put(Profile {
                id: "nia".into(),
                roles: ["approver".into()].into(),
                active: true,
                ..Profile::default()
            });
            ("ada", json!({}))
        }
        "escalate" => {
            app.directory.put(Profile {
                id: "pia".into(),
                roles: ["approver".into()].into(),
                manager: Some("eve".into()),
                active: true,
                ..Profile::default()
            });
            ("pia", json!({}))
        }
        "return" => ("pia", json!({"reason": "too large"})),
        "request_info" => ("pia", json!({"comment": "for whom?"})),
        "answer" => {
            let path = format!("/tasks/{task}/request_info");
            let question = json!({"comment": "for whom?"});
            app.post("pia", &path, question).await.is(200);
            task = app.task_of("ann").await;
            ("ann", json!({"comment": "for sales"}))
        }
        "comments" => ("pia", json!({"comment": "the offer is attached"})),
        "files" => {
            let path = format!("/tasks/{task}/files?name=a.txt");
            return text_of("pia", path, "text/plain", "abc");
        }
        other => panic!("say how a request to `POST /tasks/{{id}}/{other}` is done once"),
    };
    json_of(person, route.replace("{id}", &task), &body)
}

async fn send(app: &App, asked: &Asked, body: &str) -> Answer {
    let mut request = Request::post(format!("/api/v1{}", asked.path))
        .header("x-person", asked.person)
        .header("idempotency-key", "k1");
    for (name, value) in &asked.headers {
        request = request.header(name, *value);
    }
    app.send(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

/// All that is written, as far as lists tell.
async fn books(app: &App) -> String {
    let (store, tenant) = (app.engine.store(), TenantId::default());
    let (every, page) = (InstanceFilter::default(), PageRequest::default());
    let instances = store.instances(&tenant, &every, &page).await.unwrap().items;
    let mut seen = format!("{instances:#?}");
    for one in &instances {
        let history = store.history(&tenant, one.id).await.unwrap();
        let files = store.files_of(&tenant, one.id).await.unwrap();
        let jobs = store.jobs_of(&tenant, one.id).await.unwrap();
        seen += &format!("{} {files:#?} {jobs:#?}", history.len());
    }
    let workflows = store.workflows(&tenant).await.unwrap();
    for row in &workflows {
        let actions = store.actions(&tenant, &row.key).await.unwrap();
        let edits = store.draft_edits(&tenant, &row.key).await.unwrap();
        seen += &format!("{row:?} {actions:?} {edits}");
    }
    let all = signoff::store::SubstitutionFilter::default();
    let substitutions = store.substitutions(&tenant, &all).await.unwrap();
    seen + &format!("{substitutions:?}")
}

/// What was told, beside the words that ask for it.
fn told(answer: &Answer) -> (u16, String, String) {
    let place = answer.header("location").to_owned();
    (answer.status.as_u16(), place, answer.text.clone())
}

#[tokio::test]
async fn every_post_that_is_sent_again_is_done_once_and_answered_alike() {
    let routes = routes();
    assert_eq!(routes.len(), ROUTES.matches("post(").count());
    let mut failed = Vec::new();
    for route in routes {
        if SEARCHES.contains(&route) {
            continue;
        }
        if tokio::spawn(is_done_once(route)).await.is_err() {
            failed.push(route);
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

async fn is_done_once(route: &'static str) {
    let app = fresh().await;
    let asked = asked(&app, route).await;
    let before = books(&app).await;
    // Twins at once, then one that comes later.
    let (first, twin) = tokio::join!(
        send(&app, &asked, &asked.body),
        send(&app, &asked, &asked.body)
    );
    assert!(first.status.is_success(), "{route}: {}", first.text);
    assert_eq!(told(&first), told(&twin), "{route}: its twin");
    let after = books(&app).await;
    let again = send(&app, &asked, &asked.body).await;
    assert_eq!(told(&first), told(&again), "{route}: a repetition");
    assert_eq!(after, books(&app).await, "{route}: written again");
    let only_reads = ["/workflows/validate", "/workflows/import", "/files"];
    assert_eq!(before == after, only_reads.contains(&route), "{route}");
    let other = send(&app, &asked, &format!("{} ", asked.body)).await;
    assert_eq!(other.status.as_u16(), 422, "{route}: {}", other.text);
    assert_eq!(other.json()["code"], "request_reused", "{route}");
}

#[tokio::test]
async fn what_was_refused_is_tried_anew_under_its_name() {
    let app = fresh().await;
    let new =
        json!({"workflow": "none", "event": "after_reject", "action": {"run": "reserve_budget"}});
    let asked = json_of("ada", "/actions", &new);
    let refused = send(&app, &asked, &asked.body).await;
    assert_eq!(refused.is(404).json()["code"], "not_found");
    let right = asked.body.replace("none", "all");
    send(&app, &asked, &right).await.is(201);
    send(&app, &asked, &right).await.is(201);
    assert_eq!(
        send(&app, &asked, &asked.body).await.is(422).json()["code"],
        "request_reused"
    );
    // Another person's name is another one.
    let theirs = Asked {
        person: "ann",
        ..asked
    };
    send(&app, &theirs, &right).await.is(403);
}

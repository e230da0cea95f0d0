//! Lists by REST: filters, searches, parts to and fro, totals, and bad requests.

use std::sync::Arc;

use serde_json::{Value, json};
use signoff::{Clock, Format, TenantId};

use crate::{
    app::{Answer, App, Setup, app},
    counted::Counted,
    rest::refused,
};

const INVOICE: &str = "format: signoff/v1
kind: approval
key: invoice
title: {en: 'Invoice ${subject.id}', ar: 'فاتورة ${subject.id}'}
subject: invoice
unique: business_key
approvals: [{user: rita}]
";

/// Three invoices, a day apart, of which the first is approved; the last has no business key.
async fn invoices() -> App {
    let app = app().await;
    let tenant = TenantId::default();
    let invoice = [(INVOICE, Format::Yaml)];
    app.engine.publish(&tenant, &invoice).await.unwrap();
    for (who, id, key) in [
        ("ann", "A 50%", Some("INV-17")),
        ("max", "B", Some("inv-18 \"x\"")),
        ("ann", "C", None),
    ] {
        let subject = json!({"type": "invoice", "id": id});
        let mut body = json!({"workflow": "invoice", "subject": subject});
        if let Some(key) = key {
            body["business_key"] = json!(key);
        }
        app.post(who, "/instances", body).await.is(201);
        let day = jiff::SignedDuration::from_hours(24);
        app.clock.set(app.clock.now().checked_add(day).unwrap());
    }
    let mine = app.get("rita", "/api/v1/tasks").await.is(200).json();
    let task = mine["items"][0]["id"].as_str().unwrap();
    let yes = json!({"outcome": "approve"});
    app.post("rita", &format!("/tasks/{task}/decide"), yes)
        .await
        .is(200);
    app
}

fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"=&[]-_.:,".contains(byte);
    let bytes = text.bytes();
    bytes
        .map(|byte| match plain(&byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02x}"),
        })
        .collect()
}

async fn get(app: &App, who: &str, list: &str, query: &str) -> Answer {
    let path = format!("/api/v1/{list}?{}", encoded(query));
    app.get(who, &path).await
}

/// The ids of the subjects of what is listed.
fn subjects(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap().iter();
    let ids = items.map(|item| {
        let subject = if item["subject"].is_null() {
            &item["instance"]["subject"]
        } else {
            &item["subject"]
        };
        subject["id"].as_str().unwrap()
    });
    ids.collect()
}

#[tokio::test]
async fn instances_are_found_by_query_and_by_body() {
    let app = invoices().await;
    for (who, query, filter, expected) in [
        ("ada", "", json!({}), &["C", "B", "A 50%"][..]),
        ("ann", "", json!({}), &["C", "A 50%"]),
        (
            "ada",
            "status[in]=running,failed",
            json!({"status": {"in": ["running", "failed"]}}),
            &["C", "B"],
        ),
        (
            "ada",
            "status[ne]=running",
            json!({"status": {"ne": "running"}}),
            &["A 50%"],
        ),
        (
            "ada",
            "workflow[in]=invoice,x",
            json!({"workflow": {"in": ["invoice", "x"]}}),
            &["C", "B", "A 50%"],
        ),
        (
            "ada",
            "business_key=INV-17",
            json!({"business_key": "INV-17"}),
            &["A 50%"],
        ),
        (
            "ada",
            "business_key=inv-17",
            json!({"business_key": {"eq": "inv-17"}}),
            &[],
        ),
        (
            "ada",
            "search=INV",
            json!({"search": "INV"}),
            &["C", "B", "A 50%"],
        ),
        (
            "ada",
            "search=inv-1",
            json!({"search": "inv-1"}),
            &["B", "A 50%"],
        ),
        (
            "ada",
            "search=فاتورة b",
            json!({"search": "فاتورة b"}),
            &["B"],
        ),
        ("ada", "search=\"X\"", json!({"search": "\"X\""}), &["B"]),
        ("ada", "search=0%", json!({"search": "0%"}), &["A 50%"]),
        ("ada", "search=_", json!({"search": "_"}), &[]),
        ("ada", "search=\0", json!({"search": "\0"}), &[]),
        ("ada", "requester=max", json!({"requester": "max"}), &["B"]),
        ("max", "requester=me", json!({"requester": "me"}), &["B"]),
        (
            "ada",
            "subject_type=invoice&subject_id=B",
            json!({"subject_type": "invoice", "subject_id": "B"}),
            &["B"],
        ),
        (
            "ada",
            "started_at[gte]=2026-01-06T09:00:00Z",
            json!({"started_at": {"gte": "2026-01-06T09:00:00Z"}}),
            &["C", "B"],
        ),
        (
            "ada",
            "started_at[gt]=2026-01-05T09:00:00Z&started_at[lt]=2026-01-07T09:00:00Z",
            json!({"started_at": {"gt": "2026-01-05T09:00:00Z", "lt": "2026-01-07T12:00:00+03:00"}}),
            &["B"],
        ),
        (
            "ada",
            "ended_at[lte]=2026-01-08T09:00:00Z",
            json!({"ended_at": {"lte": "2026-01-08T09:00:00Z"}}),
            &["A 50%"],
        ),
        (
            "ada",
            "incidents[exists]=true",
            json!({"incidents": {"exists": true}}),
            &[],
        ),
    ] {
        let list = get(&app, who, "instances", &format!("{query}&total=true")).await;
        let list = list.is(200).json();
        assert_eq!(subjects(&list), expected, "{query}");
        assert_eq!(list["total"], json!(expected.len()), "{query}");
        let body = json!({"filter": filter, "total": true});
        let found = app.post(who, "/instances/search", body).await;
        assert_eq!(found.is(200).json(), list, "{query}");
    }
    let list = get(&app, "ada", "instances", "business_key=INV-17")
        .await
        .json();
    assert_eq!(list["items"][0]["business_key"], "INV-17");
    assert!(list.get("total").is_none(), "only when it is asked for");
    let id = list["items"][0]["id"].as_str().unwrap();
    let one = app.get("ada", &format!("/api/v1/instances/{id}")).await;
    assert_eq!(one.json()["business_key"], "INV-17");
}

#[tokio::test]
async fn tasks_are_found_by_query_and_by_body() {
    let app = invoices().await;
    for (query, filter, expected) in [
        ("", json!({}), 2),
        ("view=done", json!({"view": "done"}), 1),
        ("business_key=INV-17", json!({"business_key": "INV-17"}), 0),
        (
            "view=done&business_key=INV-17",
            json!({"view": "done", "business_key": "INV-17"}),
            1,
        ),
        ("node=invoice", json!({"node": "invoice"}), 2),
        ("node=other", json!({"node": {"eq": "other"}}), 0),
        ("search=INV-1", json!({"search": "INV-1"}), 1),
        ("search=\0", json!({"search": "\0"}), 0),
        ("requester=max", json!({"requester": "max"}), 1),
        ("requester=me", json!({"requester": "me"}), 0),
        (
            "workflow[ne]=invoice",
            json!({"workflow": {"ne": "invoice"}}),
            0,
        ),
        ("overdue=true", json!({"overdue": true}), 0),
        (
            "due_at[lt]=2030-01-01T00:00:00Z",
            json!({"due_at": {"lt": "2030-01-01T00:00:00Z"}}),
            0,
        ),
    ] {
        let list = get(&app, "rita", "tasks", &format!("{query}&total=true")).await;
        let list = list.is(200).json();
        assert_eq!(list["items"].as_array().unwrap().len(), expected, "{query}");
        assert_eq!(list["total"], json!(expected), "{query}");
        let body = json!({"filter": filter, "total": true});
        let found = app.post("rita", "/tasks/search", body).await;
        assert_eq!(found.is(200).json(), list, "{query}");
    }
}

#[tokio::test]
async fn tasks_are_found_by_process_node_state_and_moments() {
    let app = invoices().await;
    let all = get(&app, "ada", "instances", "business_key=INV-17").await;
    let first = all.is(200).json()["items"][0]["id"].clone();
    let first = first.as_str().unwrap();
    let of_first = format!("instance={first}&open=false");
    for (query, expected) in [
        ("", &["B", "C"][..]),
        ("sort=opened_at", &["B", "C"]),
        ("sort=-opened_at", &["C", "B"]),
        ("open=true", &["B", "C"]),
        ("open=false&sort=-closed_at", &["A 50%"]),
        ("state=assigned", &["B", "C"]),
        ("state=completed&sort=closed_at", &["A 50%"]),
        ("state[in]=assigned,completed", &["B", "C", "A 50%"]),
        ("state[ne]=assigned", &["A 50%"]),
        ("state=suspended", &[]),
        ("opened_at[gt]=2026-01-06T09:00:00Z", &["C"]),
        (
            "opened_at[gte]=2026-01-06T09:00:00Z&opened_at[lt]=2026-01-07T09:00:00Z",
            &["B"],
        ),
        ("closed_at[gte]=2026-01-08T09:00:00Z", &["A 50%"]),
        ("closed_at[lt]=2026-01-08T09:00:00Z", &[]),
        (&of_first, &["A 50%"]),
        ("workflow=invoice&node=invoice&state=assigned", &["B", "C"]),
        ("workflow=other", &[]),
        ("node=other", &[]),
    ] {
        let query = format!("view=all&total=true&{query}");
        let found = get(&app, "ada", "tasks", &query).await.is(200).json();
        assert_eq!(subjects(&found), expected, "{query}");
        assert_eq!(found["total"], expected.len(), "{query}");
    }
    for (query, expected) in [
        ("view=mine&opened_at[lt]=2026-01-07T00:00:00Z", &["B"][..]),
        ("view=mine&state=completed", &[]),
        ("view=done&closed_at[gte]=2026-01-08T09:00:00Z", &["A 50%"]),
        ("view=done&state=assigned", &[]),
        ("view=available&state=ready", &[]),
    ] {
        let found = get(&app, "rita", "tasks", query).await.is(200).json();
        assert_eq!(subjects(&found), expected, "{query}");
    }
    let found = get(&app, "ada", "instances", "sort=started_at").await;
    assert_eq!(subjects(&found.is(200).json()), ["A 50%", "B", "C"]);
}

#[tokio::test]
async fn a_long_list_asks_the_store_as_often_as_a_short_one() {
    let store = Counted::default();
    let app = Setup {
        store: Some(Arc::new(store.clone())),
        ..Setup::default()
    };
    let app = app.build().await;
    let tenant = TenantId::default();
    for key in ["invoice", "bill", "receipt"] {
        let text = INVOICE.replace("key: invoice\n", &format!("key: {key}\n"));
        let source = [(text.as_str(), Format::Yaml)];
        app.engine.publish(&tenant, &source).await.unwrap();
    }
    let mut asked = Vec::new();
    for round in 0..12 {
        let workflow = ["invoice", "bill", "receipt"][round % 3];
        let subject = json!({"type": "invoice", "id": round.to_string()});
        let body = json!({"workflow": workflow, "subject": subject});
        let who = ["ann", "max"][round % 2];
        app.post(who, "/instances", body).await.is(201);
        if round % 4 != 3 {
            continue;
        }
        let mut counts = Vec::new();
        for query in [
            "instances?status=running&total=true",
            "instances?workflow[in]=invoice,bill&sort=started_at",
            "instances?started_at[gte]=2026-01-01T00:00:00Z",
            "tasks?view=all&state=assigned&total=true",
            "tasks?view=all&node=invoice&opened_at[gte]=2026-01-01T00:00:00Z",
        ] {
            let path = format!("/api/v1/{query}");
            // The first look may read a definition for good.
            app.get("ada", &path).await.is(200);
            store.take();
            app.get("ada", &path).await.is(200);
            counts.push(store.take());
        }
        asked.push(counts);
    }
    assert_eq!(asked[0], asked[1]);
    assert_eq!(asked[0], asked[2]);
    assert!(asked[0].iter().all(|count| *count <= 4), "{asked:?}");
}

#[tokio::test]
async fn a_list_is_read_on_and_back() {
    let app = invoices().await;
    let part = async |cursor: &Value| {
        let body = json!({"limit": 1, "cursor": cursor});
        let list = app.post("ada", "/instances/search", body).await;
        list.is(200).json()
    };
    let first = part(&Value::Null).await;
    assert_eq!(first["prev_cursor"], Value::Null);
    let second = part(&first["next_cursor"]).await;
    let third = part(&second["next_cursor"]).await;
    assert_eq!(third["next_cursor"], Value::Null);
    let back = part(&third["prev_cursor"]).await;
    assert_eq!(back["items"], second["items"]);
    let back = part(&back["prev_cursor"]).await;
    assert_eq!(back["items"], first["items"]);
    assert_eq!(back["prev_cursor"], Value::Null);
    let cursor = second["prev_cursor"].as_str().unwrap();
    let same = get(
        &app,
        "ada",
        "instances",
        &format!("limit=1&cursor={cursor}"),
    )
    .await;
    assert_eq!(same.is(200).json()["items"], first["items"]);
    let other = get(&app, "rita", "tasks", &format!("cursor={cursor}")).await;
    refused(&other, 400, "malformed_request");
}

#[tokio::test]
async fn a_list_says_what_it_cannot_do() {
    let app = invoices().await;
    for (list, query, told) in [
        ("instances", "statsu=running", "did you mean `status`?"),
        ("instances", "status[gte]=running", "`eq`, `ne`, `in`"),
        ("instances", "started_at[gte]=yesterday", "`started_at`"),
        (
            "instances",
            "started_at=2026-01-01T00:00:00Z",
            "`lt`, `lte`, `gt`, `gte`",
        ),
        (
            "instances",
            "search[like]=x",
            "`search` is not compared with `like`",
        ),
        ("instances", "incidents[exists]=maybe", "`true` or `false`"),
        ("instances", "subject_id=B", "`subject_type`"),
        ("instances", "parent=x", "`parent`"),
        ("instances", "sort=status", "`-started_at`"),
        ("instances", "limit=0", "1 to 500"),
        ("instances", "limit=501", "1 to 500"),
        ("instances", "limit=-1", "1 to 500"),
        ("instances", "cursor=x", "cursor"),
        ("instances", "total=yes", "`total`"),
        ("instances", "status=a&status=b", "given twice"),
        ("tasks", "veiw=mine", "did you mean `view`?"),
        ("tasks", "view=theirs", "`mine`"),
        ("tasks", "sort=due_at", "sorted by `opened_at`"),
        (
            "tasks",
            "view=done&sort=opened_at",
            "sorted by `-closed_at`",
        ),
        (
            "tasks",
            "due_at[eq]=x",
            "`due_at` is not compared with `eq`",
        ),
        ("tasks", "overdue=maybe", "`overdue`"),
        ("instances", "status=runing", "found `runing`"),
        ("instances", "status[ne]=done", "`completed`"),
        ("tasks", "state=done", "`completed`"),
        ("tasks", "open=true&state[ne]=done", "found `done`"),
        ("tasks", "open=maybe", "`true` or `false`"),
        ("tasks", "instance=x", "`instance`"),
        ("tasks", "closed_at[lt]=never", "`closed_at`"),
    ] {
        let found = get(&app, "ada", list, query).await;
        refused(&found, 400, "malformed_request");
        let detail = found.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(told), "{query}: {detail}");
    }
    for body in [
        json!([]),
        json!({"filter": {"status": {"about": 1}}}),
        json!({"filter": {"status": []}}),
        json!({"query": {}}),
        json!({"filter": {"data.sum": {"in": vec!["x"; 501]}}}),
    ] {
        let found = app.post("ada", "/instances/search", body).await;
        refused(&found, 400, "malformed_request");
    }
    for query in ["requester=all", "requester=max"] {
        let found = get(&app, "ann", "instances", query).await;
        refused(&found, 403, "not_permitted");
    }
    let all = get(&app, "ann", "tasks", "view=all").await;
    refused(&all, 403, "not_permitted");
}

#[tokio::test]
async fn a_business_key_is_given_once() {
    let app = invoices().await;
    let start = async |key: Value, id: &str| {
        let subject = json!({"type": "invoice", "id": id});
        let body = json!({"workflow": "invoice", "subject": subject, "business_key": key});
        app.post("max", "/instances", body).await
    };
    refused(&start(json!("INV-17"), "D").await, 409, "not_unique");
    for (bad, code) in [
        (String::new(), "form_invalid"),
        ("\0".to_owned(), "text_invalid"),
        ("x".repeat(256), "limit_exceeded"),
    ] {
        let found = start(json!(bad), "D").await;
        refused(&found, 422, code);
        assert_eq!(found.json()["errors"][0]["pointer"], "/business_key");
    }
    refused(&start(json!(17), "D").await, 400, "malformed_request");
    start(json!("INV-20"), "D").await.is(201);
    start(Value::Null, "E").await.is(201);
}

const CHECKED: &str = "format: signoff/v1
kind: flow
key: bill
nodes:
  start: {start: {}, next: check}
  check: {task: {role: finance_reviewer}, next: end}
  end: {end: {}}
";

#[tokio::test]
async fn inbox_queue_and_archive_of_one_flow_and_of_all_are_counted() {
    let app = app().await;
    for key in ["bill", "receipt"] {
        let text = CHECKED.replace("key: bill", &format!("key: {key}"));
        let source = [(text.as_str(), Format::Yaml)];
        let published = app.engine.publish(&TenantId::default(), &source).await;
        published.unwrap();
        for _ in 0..2 {
            let body = json!({"workflow": key});
            app.post("ann", "/instances", body).await.is(201);
        }
    }
    let task = async |workflow: &str| {
        let query = format!("view=available&workflow={workflow}");
        let list = get(&app, "rita", "tasks", &query).await.is(200).json();
        list["items"][0]["id"].as_str().unwrap().to_owned()
    };
    for (path, body) in [
        (format!("/tasks/{}/claim", task("bill").await), json!({})),
        (
            format!("/tasks/{}/complete", task("receipt").await),
            json!({}),
        ),
    ] {
        app.post("rita", &path, body).await.is(200);
    }
    for (view, all, bills, receipts) in
        [("mine", 1, 1, 0), ("available", 2, 1, 1), ("done", 1, 0, 1)]
    {
        for (of, expected) in [
            ("", all),
            ("&workflow=bill", bills),
            ("&workflow=receipt", receipts),
        ] {
            let query = format!("view={view}{of}&total=true");
            let list = get(&app, "rita", "tasks", &query).await.is(200).json();
            let found = list["items"].as_array().unwrap().len();
            assert_eq!(
                (found, &list["total"]),
                (expected, &json!(expected)),
                "{query}"
            );
        }
    }
    let counts = app.get("rita", "/api/v1/tasks/counts").await.is(200).json();
    let counts = &counts["counts"];
    for (view, expected) in [("mine", 1), ("available", 2), ("done", 1)] {
        assert_eq!(counts[view], expected, "{view}");
    }
    let nobody = app.get("ann", "/api/v1/tasks/counts").await.is(200).json();
    assert_eq!(nobody["counts"]["available"], 0);
}

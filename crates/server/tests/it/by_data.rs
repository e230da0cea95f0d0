//! Instances by REST, found and ordered by their data.

use serde_json::{Value, json};
use signoff::{Format, TenantId};

use crate::{
    app::{App, app},
    rest::refused,
};

const ORDER: &str = "format: signoff/v1
kind: flow
key: order
data:
  type: object
  properties:
    customer: {type: object, properties: {id: {type: string}, name: {type: string}}, default: {}}
    sum: {type: number}
    paid: {type: string, format: decimal}
    note: {type: string, default: ''}
indexed: [customer.id, customer.name, sum, paid]
nodes:
  start: {start: {form: [customer?, sum?, paid?]}, next: check}
  check: {task: {form: [sum], user: ada}, next: raise}
  raise: {set: {customer.name: '\"Old \" + customer.name'}, next: wait}
  wait: {task: {user: ada}, next: end}
  end: {end: {}}
";

async fn orders() -> App {
    let app = app().await;
    app.engine
        .publish(&TenantId::default(), &[(ORDER, Format::Yaml)])
        .await
        .unwrap();
    for (who, id, name, sum, paid) in [
        ("ann", "17", "ليلى", json!(9), "9.50"),
        ("ann", "18", "Bolt & Co", json!(10.5), "10.25"),
        ("max", "17", "Acme", json!(-3), "100"),
    ] {
        let data = json!({"customer": {"id": id, "name": name}, "sum": sum, "paid": paid});
        let body = json!({"workflow": "order", "data": data});
        app.post(who, "/instances", body).await.is(201);
    }
    app
}

/// The sums of the instances that the query finds, in order.
async fn sums(app: &App, person: &str, query: &str) -> Vec<Value> {
    let mut sums = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/instances?{query}&limit=2{cursor}");
        let page = app.get(person, &path).await.is(200).json();
        for item in page["items"].as_array().unwrap() {
            let id = item["id"].as_str().unwrap();
            let one = app.get("ada", &format!("/api/v1/instances/{id}")).await;
            sums.push(one.is(200).json()["data"]["sum"].clone());
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return sums,
        }
    }
}

#[tokio::test]
async fn instances_are_found_and_ordered_by_their_data() {
    let app = orders().await;
    for (query, expected) in [
        ("data.customer.id=17", json!([-3, 9])),
        (
            "workflow=order&data.customer.id=17&data.sum[gt]=0",
            json!([9]),
        ),
        ("data.customer.id%5Bin%5D=18,19", json!([10.5])),
        ("data.customer.id[ne]=17&workflow=order", json!([10.5])),
        ("data.sum[gte]=9", json!([10.5, 9])),
        ("data.sum[lt]=9", json!([-3])),
        ("data.sum[lte]=9&status=running", json!([-3, 9])),
        ("data.customer.name[like]=%26%20c", json!([10.5])),
        ("data.customer.name=%D9%84%D9%8A%D9%84%D9%89", json!([9])),
        ("data.note[exists]=true", json!([])),
        ("sort=data.paid", json!([9, 10.5, -3])),
        ("data.paid[gt]=9.5&data.paid[lte]=10.25", json!([10.5])),
        ("sort=data.sum", json!([-3, 9, 10.5])),
        ("sort=-data.sum&workflow=order", json!([10.5, 9, -3])),
        (
            "sort=-started_at&data.sum[exists]=true",
            json!([-3, 10.5, 9]),
        ),
    ] {
        assert_eq!(json!(sums(&app, "ada", query).await), expected, "{query}");
    }
    assert_eq!(
        json!(sums(&app, "ann", "data.customer.id=17").await),
        json!([9])
    );
}

#[tokio::test]
async fn tasks_are_found_by_the_data_of_their_instances() {
    let app = orders().await;
    for (query, expected) in [
        ("data.customer.id=17&data.sum[gt]=0", 1),
        ("view=mine&data.customer.id[exists]=true", 3),
        ("view=all&workflow=order&data.paid[gte]=10.25", 2),
        ("data.customer.name[like]=BOLT", 1),
        ("data.sum[lt]=-3", 0),
    ] {
        let found = app
            .get("ada", &format!("/api/v1/tasks?{query}&total=true"))
            .await;
        let found = found.is(200).json();
        assert_eq!(found["total"], json!(expected), "{query}");
        assert_eq!(found["items"].as_array().unwrap().len(), expected);
    }
    let wrong = app
        .get("ada", "/api/v1/tasks?workflow=order&data.note=x")
        .await;
    refused(&wrong, 400, "malformed_request");
}

#[tokio::test]
async fn they_are_found_by_what_the_data_are_now() {
    let app = orders().await;
    let mine = app
        .get("ada", "/api/v1/tasks?view=mine")
        .await
        .is(200)
        .json();
    let tasks = mine["items"].as_array().unwrap();
    assert_eq!(tasks.len(), 3);
    let task = tasks[0]["id"].as_str().unwrap();
    let done = app
        .post(
            "ada",
            &format!("/tasks/{task}/complete"),
            json!({"form": {"sum": 400}}),
        )
        .await;
    done.is(200);
    assert_eq!(
        json!(sums(&app, "ada", "data.sum[gt]=100").await),
        json!([400])
    );
    assert_eq!(
        json!(sums(&app, "ada", "data.customer.name[like]=old").await),
        json!([400])
    );
}

#[tokio::test]
async fn what_is_asked_wrongly_is_told() {
    let app = orders().await;
    for query in [
        "workflow=order&data.note=x",
        "workflow=order&sort=data.note",
        "data.sum[about]=3",
        "data.sum[exists]=maybe",
        "sort=sum",
        "dato.sum=3",
    ] {
        let answer = app.get("ada", &format!("/api/v1/instances?{query}")).await;
        refused(&answer, 400, "malformed_request");
    }
}

//! Finding and ordering instances by their data.

use std::slice::from_ref;

use serde_json::{Value, json};
use signoff_core::{
    change::{FieldRow, Rows, field_key},
    id::InstanceId,
};

use super::sample::{Tested, commit, conflict, instance_id, next, of_tenant, start, tenant};
use crate::contract::{Choice, FieldFilter, FieldTest, InstanceFilter, InstanceOrder, PageRequest};

fn rows_of(values: &Value) -> Vec<FieldRow> {
    let values = values.as_object().into_iter().flatten();
    let row = |(name, value): (&String, &Value)| {
        Some(FieldRow {
            name: name.clone(),
            key: field_key(value)?,
        })
    };
    values.filter_map(row).collect()
}

fn with(mut rows: Rows, values: &Value) -> Rows {
    rows.fields = Some(rows_of(values));
    rows
}

fn found(n: u32, values: &Value) -> Rows {
    with(start(n), values)
}

/// The numbers of the instances that a list gives, whole and one by one.
async fn list(store: &Tested, filter: &InstanceFilter) -> Vec<u32> {
    let mut ways = Vec::new();
    for limit in [50, 1, 2] {
        let mut ids = Vec::new();
        let mut after = None;
        loop {
            let request = PageRequest { limit, after };
            let page = store.instances(&tenant(), filter, &request).await.unwrap();
            ids.extend(page.items.iter().map(|item| item.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        ways.push(ids);
    }
    assert!(ways.iter().all(|ids| *ids == ways[0]), "{ways:?}");
    let number = |id: &InstanceId| (1..20).find(|n| instance_id(*n) == *id).unwrap();
    ways[0].iter().map(number).collect()
}

fn filter(fields: &[(&str, FieldTest)]) -> InstanceFilter {
    InstanceFilter {
        fields: fields
            .iter()
            .map(|(name, test)| FieldFilter {
                name: (*name).to_owned(),
                test: test.clone(),
            })
            .collect(),
        ..InstanceFilter::default()
    }
}

/// Customers 17 (a number), "17" and "x'\"%_", sums, and who is urgent.
async fn customers(store: &Tested) {
    let theirs = of_tenant(found(9, &json!({"customer.id": 17})), &"globex".into());
    let all = [
        found(1, &json!({"customer.id": 17, "sum": 9, "urgent": true})),
        found(
            2,
            &json!({"customer.id": "17", "sum": 10.5, "urgent": false}),
        ),
        found(3, &json!({"customer.id": "x'\"%_", "sum": -3})),
        found(4, &json!({"customer.id": "ليلى Smith", "sum": 10.5})),
        start(5),
    ];
    commit(store, &all).await;
    commit(store, &[theirs]).await;
}

pub(super) async fn instances_are_found_by_their_data(store: Tested) {
    customers(&store).await;
    let text = |text: &str| text.to_owned();
    let any = |values: &[&str]| FieldTest::AnyOf(values.iter().map(|value| text(value)).collect());
    let none =
        |values: &[&str]| FieldTest::NoneOf(values.iter().map(|value| text(value)).collect());
    let contains = |part: &str| FieldTest::Contains(text(part));
    for (fields, expected) in [
        (&[("customer.id", any(&["17"]))][..], &[2, 1][..]),
        (&[("customer.id", any(&["x'\"%_"]))], &[3]),
        (&[("customer.id", any(&["ليلى Smith", "17.0"]))], &[4, 1]),
        (&[("customer.id", any(&["1"]))], &[]),
        (&[("customer.id", any(&[]))], &[]),
        (&[("customer", any(&["17"]))], &[]),
        (&[("customer.id", none(&["17"]))], &[5, 4, 3]),
        (&[("customer.id", FieldTest::Exists(true))], &[4, 3, 2, 1]),
        (&[("customer.id", FieldTest::Exists(false))], &[5]),
        (&[("customer.id", contains("SMITH"))], &[4]),
        (&[("customer.id", contains("يل"))], &[4]),
        (&[("customer.id", contains("%"))], &[3]),
        (&[("customer.id", contains("t"))], &[4]),
        (&[("sum", FieldTest::Less(text("10.5")))], &[3, 1]),
        (&[("sum", FieldTest::AtMost(text("10.5")))], &[4, 3, 2, 1]),
        (&[("sum", FieldTest::Greater(text("9")))], &[4, 2]),
        (&[("sum", FieldTest::AtLeast(text("9")))], &[4, 2, 1]),
        (&[("sum", FieldTest::Less(text("z")))], &[]),
        (&[("urgent", any(&["true"]))], &[1]),
        (
            &[
                ("sum", FieldTest::Greater(text("0"))),
                ("sum", FieldTest::Less(text("10"))),
                ("customer.id", none(&["18"])),
            ],
            &[1],
        ),
        (
            &[("sum", none(&["9"])), ("urgent", FieldTest::Exists(false))],
            &[5, 4, 3],
        ),
    ] {
        assert_eq!(list(&store, &filter(fields)).await, expected, "{fields:?}");
    }
    let running = InstanceFilter {
        status: Choice::of("completed"),
        ..filter(&[("customer.id", any(&["17"]))])
    };
    assert_eq!(list(&store, &running).await, [0; 0]);
}

pub(super) async fn instances_are_ordered_by_their_data(store: Tested) {
    customers(&store).await;
    let by = |name: &str, descending| InstanceFilter {
        order: InstanceOrder::Field {
            name: name.to_owned(),
            descending,
        },
        ..InstanceFilter::default()
    };
    assert_eq!(list(&store, &by("sum", false)).await, [3, 1, 2, 4]);
    assert_eq!(list(&store, &by("sum", true)).await, [4, 2, 1, 3]);
    assert_eq!(list(&store, &by("customer.id", false)).await, [1, 2, 3, 4]);
    assert_eq!(list(&store, &by("nothing", false)).await, [0; 0]);
    let both = InstanceFilter {
        fields: vec![FieldFilter::equals("sum", "10.5")],
        workflow: Choice::of("expense"),
        ..by("customer.id", true)
    };
    assert_eq!(list(&store, &both).await, [4, 2]);
    let first = PageRequest {
        limit: 1,
        after: None,
    };
    let page = store.instances(&tenant(), &by("sum", false), &first).await;
    let foreign = PageRequest {
        limit: 1,
        after: page.unwrap().next,
    };
    let all = InstanceFilter::default();
    let answer = store.instances(&tenant(), &all, &foreign).await;
    assert!(answer.is_err(), "a cursor of another order");
}

pub(super) async fn what_instances_are_found_by_is_written_with_them(store: Tested) {
    let one = found(1, &json!({"customer": 1, "sum": 2}));
    commit(&store, from_ref(&one)).await;
    let of = |value: &str| filter(&[("customer", FieldTest::AnyOf(vec![value.to_owned()]))]);
    // Left as it is, replaced, and taken away.
    commit(&store, &[next(&one)]).await;
    assert_eq!(list(&store, &of("1")).await, [1]);
    let three = with(next(&next(&one)), &json!({"customer": 3}));
    commit(&store, from_ref(&three)).await;
    assert_eq!(list(&store, &of("1")).await, [0; 0]);
    assert_eq!(list(&store, &of("3")).await, [1]);
    let gone = filter(&[("sum", FieldTest::Exists(true))]);
    assert_eq!(list(&store, &gone).await, [0; 0]);
    // What conflicts, or is not finished, writes nothing.
    let late = with(next(&one), &json!({"customer": 4}));
    conflict(&store, &[late]).await;
    let mut tx = store.begin(&tenant()).await.unwrap();
    let unfinished = with(next(&three), &json!({"customer": 5}));
    tx.commit(from_ref(&unfinished)).await.unwrap();
    drop(tx);
    assert_eq!(list(&store, &of("3")).await, [1]);
    let mut tx = store.begin(&tenant()).await.unwrap();
    tx.commit(from_ref(&unfinished)).await.unwrap();
    tx.finish().await.unwrap();
    assert_eq!(list(&store, &of("5")).await, [1]);
    commit(&store, &[with(next(&unfinished), &json!({}))]).await;
    assert_eq!(
        list(&store, &filter(&[("customer", FieldTest::Exists(true))])).await,
        [0; 0]
    );
}

//! Any JSON whatsoever is read without a panic, and every problem has a place in the document.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use signoff_core::document::keys;

use crate::{
    documents::{example, publish},
    world::World,
};

fn word() -> impl Strategy<Value = String> {
    let known: Vec<&str> = [
        keys::TOP,
        keys::WHO,
        keys::ENTRY,
        keys::PIPELINE,
        keys::STAGE,
        keys::ACTION,
        keys::ACTION_KIND,
        keys::SELECT,
        keys::SELECT_MAP,
        keys::BEHAVIOUR,
        keys::ESCALATE,
        keys::RECIPIENTS,
        &[
            "P1D",
            "PT1H",
            "role:a",
            "user:b",
            "initial_review",
            "amount >= 1",
            "${ amount }",
            "${",
            "#fff",
        ],
    ]
    .concat();
    prop_oneof![
        6 => prop::sample::select(known).prop_map(str::to_owned),
        1 => "[a-z_]{0,6}",
        1 => ".{0,10}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..5_u8).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// One thing done to a document somewhere.
#[derive(Clone, Debug)]
enum Mutation {
    Insert(String, Value),
    Remove,
    Repeat,
    Replace(Value),
}

fn mutation() -> impl Strategy<Value = (u32, Mutation)> {
    let kind = prop_oneof![
        (word(), value()).prop_map(|(key, value)| Mutation::Insert(key, value)),
        Just(Mutation::Remove),
        Just(Mutation::Repeat),
        value().prop_map(Mutation::Replace),
    ];
    (any::<u32>(), kind)
}

/// Every place below `value`, in order.
fn places(value: &Value, at: &str, places: &mut Vec<String>) {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    let inner: Vec<(String, &Value)> = match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (format!("{at}/{index}"), item))
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, item)| (format!("{at}/{}", escape(key)), item))
            .collect(),
        _ => Vec::new(),
    };
    for (place, item) in inner {
        places.push(place.clone());
        self::places(item, &place, places);
    }
}

fn mutate(document: &mut Value, at: u32, mutation: &Mutation) {
    let mut all = Vec::new();
    places(document, "", &mut all);
    let Some(place) = usize::try_from(at)
        .ok()
        .and_then(|at| all.get(at.checked_rem(all.len())?))
    else {
        return;
    };
    let (parent, key) = place.rsplit_once('/').unwrap();
    match (mutation, document.pointer_mut(parent)) {
        (Mutation::Remove, Some(Value::Object(fields))) => drop(fields.shift_remove(key)),
        (Mutation::Remove, Some(Value::Array(items))) => drop(items.pop()),
        (Mutation::Repeat, Some(Value::Array(items))) => items.extend(items.clone()),
        (Mutation::Insert(key, value), Some(Value::Object(fields))) => {
            fields.insert(key.clone(), value.clone());
        }
        (Mutation::Insert(_, value), Some(Value::Array(items))) => items.push(value.clone()),
        (Mutation::Replace(value), _) => *document.pointer_mut(place).unwrap() = value.clone(),
        _ => {}
    }
}

/// Reads and compiles; what compiles also starts or is refused, and what does not says where.
fn check(document: &Value) {
    match publish(document) {
        Ok(compiled) => {
            let mut world = World::new(
                compiled.graph,
                "ann employee; rita a finance_reviewer; b; cfo",
            );
            world.ways = &[];
            let data = json!({"title": "x", "amount": 60_000, "priority": "low"});
            let _ = world.start("host", data);
        }
        Err(problems) => {
            assert!(
                problems.iter().any(|problem| problem.is_error()),
                "{problems:?}"
            );
            for (index, problem) in problems.iter().enumerate() {
                assert!(
                    !problems[..index].contains(problem),
                    "told twice: {problem:?}"
                );
                let there = document.pointer(problem.path.as_str()).is_some();
                assert!(
                    there || problem.code == "invalid_schema",
                    "{problem:?} of {document}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_json_is_read(document in value()) {
        check(&document);
    }

    #[test]
    fn any_change_of_a_good_document_is_read(
        mutations in prop::collection::vec(mutation(), 1..5),
    ) {
        let mut document = example();
        for (at, mutation) in &mutations {
            mutate(&mut document, *at, mutation);
        }
        check(&document);
    }
}

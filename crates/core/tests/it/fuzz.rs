//! Any JSON whatsoever is read without a panic, and every problem has a place in the document.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use signoff_core::{
    command::{Answer, Command, TaskRef},
    document::keys,
};

use crate::{
    documents::{example, publish},
    flow_documents::{base, examples},
    world::{World, finished},
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
        keys::NODE_KIND,
        keys::NODE,
        keys::NODE_EXTRA,
        keys::BOUNDARY,
        keys::START_NODE,
        keys::BRANCH,
        keys::TIMEOUT,
        &[
            "start",
            "end",
            "approve",
            "labels",
            "labelled",
            "customer",
            "all",
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
                "ann employee clerk staff; rita a finance_reviewer warehouse; b approver; cfo",
            );
            world.ways = &[];
            world.settings.limits.automatic_steps = 200;
            let data = json!({
                "title": "x", "amount": 60_000, "priority": "low",
                "text": "x", "customer": "x", "carrier": "post",
            });
            let _ = world.start("ann", data);
            go_on(&mut world);
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

/// Does whatever waits: what was published runs without a panic.
fn go_on(world: &mut World) {
    for _ in 0..8 {
        let Some(instance) = world.instance.as_ref() else {
            return;
        };
        let jobs = instance.activations().map(|found| found.id);
        let mut commands: Vec<Command> = jobs.map(|id| finished(id, Ok(json!(1)))).collect();
        for task in instance.tasks().map(TaskRef::from) {
            commands.push(Command::Complete(task, Answer::default()));
            commands.push(Command::Approve(task, Answer::default()));
        }
        if let Some((at, timer)) = world.next_timer() {
            world.now = world.now.max(at);
            commands.push(timer);
        }
        for command in commands {
            let _ = world.run("host", command);
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

    #[test]
    fn any_change_of_a_good_flow_is_read(
        of in 0..3_usize,
        mutations in prop::collection::vec(mutation(), 1..5),
    ) {
        let [hello, shipment] = examples();
        let mut document = [hello, shipment, base()][of].clone();
        for (at, mutation) in &mutations {
            mutate(&mut document, *at, mutation);
        }
        check(&document);
    }
}

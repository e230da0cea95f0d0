//! Keys and order of pipelines and stages.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use signoff_core::{pointer::Pointer, problem::Problem};

use super::strategy::name;

/// The most stages that `number_of_stages` makes: 100.
const MOST_STAGES: u64 = 100;

/// Puts pipelines and stages in order: those with `order` by it, the others after them as they stand;
/// makes the stages that `number_of_stages` asks for; gives a key to what has none.
pub(super) fn put_in_order(document: &mut Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut taken = keys(document);
    let root = Pointer::root().key("pipelines");
    let Some(pipelines) = document.get_mut("pipelines").and_then(Value::as_array_mut) else {
        return problems;
    };
    sort(pipelines, "pipeline", &root, &mut problems);
    for (index, pipeline) in pipelines.iter_mut().enumerate() {
        let path = root.index(index);
        let Some(pipeline) = pipeline.as_object_mut() else {
            continue;
        };
        let key = give_key(pipeline, "pipeline", &mut taken);
        make_stages(pipeline, &path, &mut problems);
        let Some(stages) = pipeline.get_mut("stages").and_then(Value::as_array_mut) else {
            continue;
        };
        sort(stages, "stage", &path.key("stages"), &mut problems);
        for stage in stages.iter_mut().filter_map(Value::as_object_mut) {
            give_key(stage, &format!("{key}_stage"), &mut taken);
        }
    }
    problems
}

/// All keys of pipelines and stages.
pub(super) fn keys(document: &Value) -> BTreeSet<String> {
    let key = |value: &Value| value.get("key")?.as_str().map(str::to_owned);
    let pipelines = super::strategy::list(document, "pipelines").iter();
    pipelines
        .flat_map(|pipeline| {
            let stages = super::strategy::list(pipeline, "stages");
            stages.iter().chain([pipeline]).filter_map(key)
        })
        .collect()
}

/// Sorts elements by `order`, which goes; two of the same order are a problem.
fn sort(elements: &mut [Value], what: &str, path: &Pointer, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    let mut orders = Vec::new();
    for (index, element) in elements.iter_mut().enumerate() {
        let called = name(element, index);
        let order = element
            .as_object_mut()
            .and_then(|fields| fields.shift_remove("order"));
        let at = path.index(index).key("order");
        let order = match order {
            None | Some(Value::Null) => 0,
            Some(given) => given.as_u64().unwrap_or_else(|| {
                let message = format!("the order of the {what} `{called}` is no whole number");
                problems.push(Problem::error("wrong_type", at.clone(), message));
                0
            }),
        };
        if order > 0 && !seen.insert(order) {
            let message = format!("the order {order} of the {what} `{called}` is taken by another");
            problems.push(Problem::error("duplicate_key", at, message));
        }
        orders.push(if order == 0 { u64::MAX } else { order });
    }
    let mut places: Vec<usize> = (0..elements.len()).collect();
    places.sort_by_key(|place| orders.get(*place).copied());
    let sorted: Vec<Value> = places
        .iter()
        .filter_map(|place| elements.get_mut(*place).map(Value::take))
        .collect();
    for (place, element) in elements.iter_mut().zip(sorted) {
        *place = element;
    }
}

/// Makes what `number_of_stages` asks for, without approvals; the number goes.
fn make_stages(pipeline: &mut Map<String, Value>, path: &Pointer, problems: &mut Vec<Problem>) {
    let Some(number) = pipeline.shift_remove("number_of_stages") else {
        return;
    };
    let Some(number) = number.as_u64().filter(|number| *number <= MOST_STAGES) else {
        let message = format!("expected a number of stages up to {MOST_STAGES}, found {number}");
        let path = path.key("number_of_stages");
        problems.push(Problem::error("wrong_type", path, message));
        return;
    };
    let stages = pipeline.entry("stages").or_insert_with(|| json!([]));
    let Some(stages) = stages.as_array_mut() else {
        return;
    };
    for place in stages.len()..usize::try_from(number).unwrap_or(0) {
        let place = place + 1;
        stages.push(json!({
            "title": {"ar": format!("المرحلة {place}"), "en": format!("Stage {place}")},
        }));
    }
}

/// The key of an element; the first free one of its kind when it has none.
fn give_key(element: &mut Map<String, Value>, kind: &str, taken: &mut BTreeSet<String>) -> String {
    if let Some(key) = element.get("key").and_then(Value::as_str) {
        return key.to_owned();
    }
    let mut place = 1;
    let key = loop {
        let key = format!("{kind}_{place}");
        if taken.insert(key.clone()) {
            break key;
        }
        place += 1;
    };
    if !element.contains_key("key") {
        element.shift_insert(0, "key".to_owned(), Value::String(key.clone()));
    }
    key
}

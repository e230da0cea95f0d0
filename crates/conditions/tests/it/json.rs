//! JSON in and out.

use serde_json::{Map, Value, json};

use crate::{compiled, evaluate};

fn with(value: Value) -> Map<String, Value> {
    Map::from_iter([("value".to_owned(), value)])
}

#[test]
fn values_survive_the_way_in_and_out() {
    for value in [
        json!(null),
        json!(true),
        json!(0),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1.5),
        json!(3.0),
        json!(""),
        json!("zażółć"),
        json!([]),
        json!([1, "a", null, [2.5]]),
        json!({}),
        json!({"a": {"b": [1, {"c": false}]}, "ł": 1}),
    ] {
        assert_eq!(evaluate("value", &with(value.clone())), Ok(value));
    }
}

#[test]
fn integers_are_ints_and_other_numbers_doubles() {
    for (value, expected) in [
        (json!(1), "int"),
        (json!(-1), "int"),
        (json!(i64::MAX), "int"),
        (json!(u64::MAX), "uint"),
        (json!(1.0), "double"),
        (json!(1e300), "double"),
    ] {
        let source = format!("type(value) == {expected}");
        assert_eq!(evaluate(&source, &with(value)), Ok(json!(true)), "{source}");
    }
}

#[test]
fn keys_of_a_resulting_map_are_sorted_texts() {
    let map = evaluate("{'b': 1, 'a': 2, 10: 3, true: 4}", &Map::new()).unwrap();
    assert_eq!(map.to_string(), r#"{"10":3,"a":2,"b":1,"true":4}"#);
    assert!(evaluate("{1: 1, '1': 2}", &Map::new()).is_err());
}

#[test]
fn only_the_paths_that_are_read_are_converted() {
    // The whole value is far beyond the budget; the field is not.
    let heavy: Vec<i64> = (0..1_200_000).collect();
    let scope = with(json!({"small": 1, "heavy": heavy}));
    assert_eq!(evaluate("value.small == 1", &scope), Ok(json!(true)));
    assert_eq!(evaluate("has(value.heavy)", &scope), Ok(json!(true)));
    assert!(evaluate("value.heavy[0] == 0", &scope).is_err());
}

#[test]
fn a_condition_is_shared_between_threads() {
    let condition = compiled("value * 2");
    let handles: Vec<_> = (0..4)
        .map(|n| {
            let condition = std::sync::Arc::clone(&condition);
            std::thread::spawn(move || condition.evaluate(&with(json!(n))))
        })
        .collect();
    for (n, handle) in handles.into_iter().enumerate() {
        assert_eq!(handle.join().unwrap(), Ok(json!(n * 2)));
    }
}

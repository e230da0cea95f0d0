//! Tests of the conditions through the port.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bounds;
mod children;
mod errors;
mod explain;
mod json;
mod language;
mod nasty;
mod oracle;
mod page;
mod random;
mod reads;
mod semantics;
mod types;

use std::sync::Arc;

use serde_json::{Map, Value, json};
use signoff_conditions::Cel;
use signoff_core::conditions::{Condition, ConditionError, Conditions};

/// Compiles `source`, which must be within the bounds.
#[track_caller]
fn compiled(source: &str) -> Arc<dyn Condition> {
    match Cel::new().compile(source) {
        Ok(condition) => condition,
        Err(error) => panic!("{source}: {error}"),
    }
}

/// Compiles and evaluates `source`.
fn evaluate(source: &str, scope: &Map<String, Value>) -> Result<Value, ConditionError> {
    Cel::new().compile(source)?.evaluate(scope)
}

/// The scope that most tests share.
fn scope() -> Map<String, Value> {
    let scope = json!({
        "claim": {
            "amount": 12000,
            "rate": 0.25,
            "whole": 3.0,
            "big": 18_446_744_073_709_551_615_u64,
            "price": "10.50",
            "is_high_risk": true,
            "status": "open",
            "note": null,
            "tags": ["car", "glass"],
            "owner": {"name": "Ann", "age": 41},
            "odd key": 7,
        },
        "items": [
            {"sku": "a", "price": 10, "qty": 2},
            {"sku": "b", "price": 2.5, "qty": 4},
        ],
        "limits": {"a": 1, "b": 2, "c": 3},
        "data": {"package": "box", "any key": {"x": 1}, "in": 5, "claim": {"amount": 12000}},
        "now": "2026-03-01T12:00:00Z",
        "due": "2026-03-05T12:00:00+02:00",
        "list": [3, 1, 2],
        "empty": {},
        "zero": 0,
        "negative": -5,
        "text": "naïve",
        "flag": false,
    });
    match scope {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

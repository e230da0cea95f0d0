//! Evaluating one condition.

use std::{sync::Arc, time::Duration};

use anyhow::ensure;
use serde_json::{Map, Value, json};
use signoff_conditions::Cel;
use signoff_core::conditions::{Condition, Conditions as _};

use crate::measure::{Busy, percentile};

/// Evaluations of one measurement: the clock of a core's time ticks in milliseconds.
const BATCH: u32 = 200_000;
/// Measurements.
const TIMES: usize = 11;

/// A claim of so many fields, half of them text.
fn scope(fields: usize) -> Map<String, Value> {
    let mut claim = Map::new();
    claim.insert("amount".to_owned(), json!(12_000));
    claim.insert("is_high_risk".to_owned(), json!(true));
    for n in 2..fields {
        let value = if n % 2 == 0 {
            json!(n)
        } else {
            json!(format!("the value of field {n}"))
        };
        claim.insert(format!("field_{n}"), value);
    }
    Map::from_iter([("claim".to_owned(), Value::Object(claim))])
}

/// The median time of an evaluation.
fn median(condition: &Arc<dyn Condition>, scope: &Map<String, Value>) -> anyhow::Result<Duration> {
    let mut each = Vec::new();
    for _ in 0..TIMES {
        let began = Busy::new();
        for _ in 0..BATCH {
            ensure!(condition.holds(scope)?, "the claim is large and risky");
        }
        each.push(began.elapsed() / BATCH);
    }
    Ok(percentile(&each, 50))
}

/// The rows of the table: what is measured, its median, what is wanted.
pub(crate) fn rows() -> anyhow::Result<Vec<(&'static str, Duration, &'static str)>> {
    let fields = Cel::new().compile("claim.amount > 10000 && claim.is_high_risk == true")?;
    let whole = Cel::new().compile("[claim].all(c, c.amount > 10000 && c.is_high_risk == true)")?;
    Ok(vec![
        (
            "a condition on 2 of 12 fields",
            median(&fields, &scope(12))?,
            "under 1",
        ),
        (
            "a condition on 2 of 1,000 fields",
            median(&fields, &scope(1_000))?,
            "under 1",
        ),
        (
            "a condition that converts all 12 fields",
            median(&whole, &scope(12))?,
            "",
        ),
    ])
}

//! JSON in, JSON out.

use std::collections::{BTreeMap, HashMap};

use cel_interpreter::{
    ExecutionError,
    common::{
        types::{
            CelBool, CelBytes, CelDouble, CelDuration, CelInt, CelList, CelMap, CelMapKey, CelNull,
            CelString, CelTimestamp, CelUInt,
        },
        value::Val,
    },
};
use chrono::SecondsFormat;
use serde_json::{Map, Number, Value};
use signoff_core::conditions::ConditionError;

use crate::{
    decimal::Decimal,
    duration, error,
    meter::{LIST_UNITS, MAP_UNITS, Meter, text_units},
};

/// The deepest JSON that is converted; deeper data would be a threat to the stack.
const DEPTH: usize = 128;

/// Converts `value`, borrowing its strings. Every integer that fits an i64 becomes an int.
pub(crate) fn to_cel<'a>(
    value: &'a Value,
    meter: &Meter,
) -> Result<Box<dyn Val + 'a>, ExecutionError> {
    convert(value, meter, DEPTH)
}

fn convert<'a>(
    value: &'a Value,
    meter: &Meter,
    depth: usize,
) -> Result<Box<dyn Val + 'a>, ExecutionError> {
    let depth = depth.checked_sub(1).ok_or_else(|| {
        // Remembered like an overdraft: nothing may absorb it.
        let _ = meter.charge(u64::MAX);
        error::function(error::BUDGET, "the data is nested too deep")
    })?;
    meter.charge(1)?;
    Ok(match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(truth) => Box::new(CelBool::from(*truth)),
        Value::Number(number) => {
            if let Some(int) = number.as_i64() {
                Box::new(CelInt::from(int))
            } else if let Some(uint) = number.as_u64() {
                Box::new(CelUInt::from(uint))
            } else {
                Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN)))
            }
        }
        Value::String(text) => Box::new(CelString::from(text.as_str())),
        Value::Array(items) => {
            meter.charge(LIST_UNITS)?;
            let items: Result<Vec<_>, _> = items
                .iter()
                .map(|item| convert(item, meter, depth))
                .collect();
            Box::new(CelList::from(items?))
        }
        Value::Object(fields) => {
            meter.charge(MAP_UNITS)?;
            let mut map: HashMap<CelMapKey<'a>, Box<dyn Val + 'a>> =
                HashMap::with_capacity(fields.len());
            for (key, item) in fields {
                meter.charge(text_units(key.len()))?;
                let key = CelMapKey::String(CelString::from(key.as_str()));
                map.insert(key, convert(item, meter, depth)?);
            }
            Box::new(CelMap::from(map))
        }
    })
}

/// Converts a result; the keys of maps come out sorted.
pub(crate) fn from_cel(value: &dyn Val) -> Result<Value, ConditionError> {
    if value.downcast_ref::<CelNull>().is_some() {
        return Ok(Value::Null);
    }
    if let Some(truth) = value.downcast_ref::<CelBool>() {
        return Ok(Value::Bool(*truth.inner()));
    }
    if let Some(number) = value.downcast_ref::<CelInt>() {
        return Ok(Value::from(*number.inner()));
    }
    if let Some(number) = value.downcast_ref::<CelUInt>() {
        return Ok(Value::from(*number.inner()));
    }
    if let Some(number) = value.downcast_ref::<CelDouble>() {
        let number = Number::from_f64(*number.inner());
        let number =
            number.ok_or_else(|| error::wrong_type("the result is not a finite number"))?;
        return Ok(Value::Number(number));
    }
    if let Some(text) = value.downcast_ref::<CelString<'_>>() {
        return Ok(Value::from(text.inner()));
    }
    if let Some(list) = value.downcast_ref::<CelList<'_>>() {
        let items = list.inner().iter().map(|item| from_cel(item.as_ref()));
        return Ok(Value::Array(items.collect::<Result<_, _>>()?));
    }
    if let Some(map) = value.downcast_ref::<CelMap<'_>>() {
        return object(map);
    }
    scalar_text(value).map(Value::String)
}

fn object(map: &CelMap<'_>) -> Result<Value, ConditionError> {
    let mut sorted = BTreeMap::new();
    for (key, item) in map.inner() {
        if sorted
            .insert(key_text(key), from_cel(item.as_ref())?)
            .is_some()
        {
            let message = "two keys of the resulting map are the same text";
            return Err(error::wrong_type(message));
        }
    }
    Ok(Value::Object(Map::from_iter(sorted)))
}

/// The types that JSON has no form for, as the text that stands for them.
fn scalar_text(value: &dyn Val) -> Result<String, ConditionError> {
    if let Some(timestamp) = value.downcast_ref::<CelTimestamp>() {
        let utc = timestamp.inner().to_utc();
        return Ok(utc.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    }
    if let Some(duration) = value.downcast_ref::<CelDuration>() {
        return Ok(duration::to_iso(duration));
    }
    if let Some(decimal) = value.downcast_ref::<Decimal>() {
        return Ok(decimal.to_string());
    }
    let found = match value.downcast_ref::<CelBytes<'_>>() {
        Some(_) => "bytes",
        None => value.get_type().name(),
    };
    let message = format!("the result is of type {found}, which JSON cannot carry");
    Err(error::wrong_type(message))
}

fn key_text(key: &CelMapKey<'_>) -> String {
    match key {
        CelMapKey::Bool(truth) => truth.inner().to_string(),
        CelMapKey::Int(number) => number.inner().to_string(),
        CelMapKey::String(text) => text.inner().to_owned(),
        CelMapKey::UInt(number) => number.inner().to_string(),
    }
}

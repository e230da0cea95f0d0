//! The port to JSON Schema.

use std::{fmt, sync::Arc};

use serde_json::Value;

use crate::pointer::Pointer;

/// Compiles JSON Schemas (draft 2020-12).
pub trait Schemas: fmt::Debug + Send + Sync {
    /// Compiles `schema`; localised `title`s and `description`s are allowed in it.
    ///
    /// # Errors
    /// Everything that is wrong with `schema`, each with its place in it.
    fn compile(&self, schema: &Value) -> Result<Arc<dyn Schema>, Vec<FieldError>>;
}

/// One compiled JSON Schema; pure and shared between threads.
pub trait Schema: fmt::Debug + Send + Sync {
    /// Everything that is wrong with `value`; empty when it is valid.
    fn check(&self, value: &Value) -> Vec<FieldError>;
}

/// One thing that is wrong with a value, at a place in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FieldError {
    /// The place of the field; of a missing field, the place where it should be.
    pub pointer: Pointer,
    /// The schema keyword that failed, snake_case: `required`, `pattern`, `type` …
    pub code: String,
    /// A lowercase fragment for the person who filled the form.
    pub message: String,
}

/// `value` with the defaults of a JSON Schema for every property that is missing, nested objects
/// included. A default does not make an absent object appear.
#[must_use]
pub fn with_defaults(schema: &Value, value: Arc<Value>) -> Arc<Value> {
    fn fill(schema: &Value, value: &mut Arc<Value>) {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return;
        };
        let missing = |value: &Value, key: &str| {
            value
                .as_object()
                .is_some_and(|object| !object.contains_key(key))
        };
        for (key, property) in properties {
            match property.get("default") {
                Some(default) if missing(value, key) => {
                    if let Value::Object(object) = Arc::make_mut(value) {
                        object.insert(key.clone(), default.clone());
                    }
                }
                _ => {}
            }
            if property.get("properties").is_some() && value.get(key).is_some_and(Value::is_object)
            {
                let mut inner = Arc::new(value.get(key).cloned().unwrap_or_default());
                fill(property, &mut inner);
                if let Value::Object(object) = Arc::make_mut(value) {
                    object.insert(key.clone(), Arc::unwrap_or_clone(inner));
                }
            }
        }
    }
    let mut value = value;
    fill(schema, &mut value);
    value
}

//! A toy language of conditions and a toy language of schemas.
//!
//! A condition is `a.b`, `a.b OP json` with OP one of `==`, `>=`, or several of them joined by `||`.
//! A schema knows `type`, `required`, `properties` and `additionalProperties: false`, one level deep.

use std::{borrow::Cow, sync::Arc};

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use signoff_core::{
    calendar::Zones,
    conditions::{Condition, ConditionError, ConditionErrorKind, Conditions, Scope},
    pointer::Pointer,
    schemas::{FieldError, Schema, Schemas},
};

/// The toy language of conditions.
#[derive(Debug)]
pub(crate) struct Toy;

#[derive(Debug)]
struct Compiled {
    source: String,
    terms: Vec<Term>,
    reads: Vec<Vec<String>>,
}

#[derive(Debug)]
enum Term {
    Literal(Value),
    Path(Vec<String>),
    Compare(Vec<String>, &'static str, Value),
}

/// A compiled condition for a hand-made graph.
pub(crate) fn when(source: &str) -> Option<Arc<dyn Condition>> {
    Some(condition(source))
}

/// A compiled condition.
pub(crate) fn condition(source: &str) -> Arc<dyn Condition> {
    Toy.compile(source).unwrap()
}

impl Conditions for Toy {
    fn compile(&self, source: &str) -> Result<Arc<dyn Condition>, ConditionError> {
        let terms = source
            .split("||")
            .map(|term| parse(term.trim()))
            .collect::<Result<Vec<_>, _>>()?;
        let reads = terms
            .iter()
            .filter_map(|term| match term {
                Term::Literal(_) => None,
                Term::Path(path) | Term::Compare(path, ..) => Some(path.clone()),
            })
            .collect();
        Ok(Arc::new(Compiled {
            source: source.to_owned(),
            terms,
            reads,
        }))
    }
}

fn parse(text: &str) -> Result<Term, ConditionError> {
    if let Ok(literal) = serde_json::from_str(text) {
        return Ok(Term::Literal(literal));
    }
    for operator in ["==", ">="] {
        if let Some((path, value)) = text.split_once(operator) {
            let value = serde_json::from_str(value.trim()).map_err(|_| syntax(text))?;
            return Ok(Term::Compare(parse_path(path.trim())?, operator, value));
        }
    }
    parse_path(text).map(Term::Path)
}

fn parse_path(text: &str) -> Result<Vec<String>, ConditionError> {
    let word = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if text.split('.').all(word) {
        return Ok(text.split('.').map(str::to_owned).collect());
    }
    Err(syntax(text))
}

fn syntax(text: &str) -> ConditionError {
    let shown: String = text.chars().take(40).collect();
    ConditionError::new(
        ConditionErrorKind::Syntax,
        format!("`{shown}` is no expression"),
    )
    .at(0)
}

impl Condition for Compiled {
    fn source(&self) -> &str {
        &self.source
    }

    fn reads(&self) -> &[Vec<String>] {
        &self.reads
    }

    fn evaluate(&self, scope: &dyn Scope) -> Result<Value, ConditionError> {
        let mut last = Value::Bool(false);
        for term in &self.terms {
            last = evaluate(term, scope)?;
            if last == Value::Bool(true) {
                break;
            }
        }
        Ok(last)
    }
}

fn evaluate(term: &Term, scope: &dyn Scope) -> Result<Value, ConditionError> {
    Ok(match term {
        Term::Literal(value) => value.clone(),
        Term::Path(path) => look_up(path, scope)?.into_owned(),
        Term::Compare(path, "==", value) => Value::Bool(*look_up(path, scope)? == *value),
        Term::Compare(path, _, value) => {
            let found = look_up(path, scope)?.as_f64();
            Value::Bool(found >= value.as_f64())
        }
    })
}

fn look_up<'a>(path: &[String], scope: &'a dyn Scope) -> Result<Cow<'a, Value>, ConditionError> {
    let missing = || {
        ConditionError::new(
            ConditionErrorKind::Missing,
            format!("there is no `{}`", path.join(".")),
        )
    };
    let root = scope.variable(&path[0]).ok_or_else(missing)?;
    let pointer: String = path[1..]
        .iter()
        .flat_map(|part| ["/", part.as_str()])
        .collect();
    match root {
        Cow::Borrowed(root) => root.pointer(&pointer).map(Cow::Borrowed),
        Cow::Owned(root) => root.pointer(&pointer).cloned().map(Cow::Owned),
    }
    .ok_or_else(missing)
}

/// The toy language of schemas.
#[derive(Debug)]
pub(crate) struct ToySchemas;

#[derive(Debug)]
struct ToySchema(Value);

/// A compiled schema of an object with these required fields, all of them strings.
pub(crate) fn schema(required: &[&str]) -> (Value, Arc<dyn Schema>) {
    let properties: serde_json::Map<String, Value> = required
        .iter()
        .map(|key| ((*key).to_owned(), json!({"type": "string"})))
        .collect();
    let source = json!({"type": "object", "required": required, "properties": properties});
    (source.clone(), Arc::new(ToySchema(source)))
}

impl Schemas for ToySchemas {
    fn compile(&self, schema: &Value) -> Result<Arc<dyn Schema>, Vec<FieldError>> {
        match schema.get("type") {
            None | Some(Value::String(_)) if schema.is_object() => {
                Ok(Arc::new(ToySchema(schema.clone())))
            }
            _ => Err(vec![FieldError {
                pointer: Pointer::root().key("type"),
                code: "type".to_owned(),
                message: "a schema is an object whose type is a word".to_owned(),
            }]),
        }
    }
}

impl Schema for ToySchema {
    fn check(&self, value: &Value) -> Vec<FieldError> {
        let error = |key: &str, code: &str| FieldError {
            pointer: Pointer::root().key(key),
            code: code.to_owned(),
            message: format!("`{key}` does not fit"),
        };
        let required = self.0.get("required").and_then(Value::as_array);
        let missing = required
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .filter(|key| value.get(key).is_none())
            .map(|key| error(key, "required"));
        let properties = self.0.get("properties").and_then(Value::as_object);
        let wrong = properties
            .into_iter()
            .flatten()
            .filter(|(key, property)| {
                let found = value.get(key.as_str());
                match property.get("type").and_then(Value::as_str) {
                    Some("boolean") => found.is_some_and(|found| !found.is_boolean()),
                    Some("string") => found.is_some_and(|found| !found.is_string()),
                    Some("number") => found.is_some_and(|found| !found.is_number()),
                    _ => false,
                }
            })
            .map(|(key, _)| error(key, "type"));
        let closed = self.0.get("additionalProperties") == Some(&Value::Bool(false));
        let strangers = value
            .as_object()
            .into_iter()
            .flat_map(serde_json::Map::keys)
            .filter(|key| closed && properties.is_none_or(|known| !known.contains_key(*key)))
            .map(|key| error(key, "additional_properties"));
        missing.chain(wrong).chain(strangers).collect()
    }
}

/// Two zones, by their rules.
#[derive(Debug)]
pub(crate) struct ToyZones;

impl Zones for ToyZones {
    fn find(&self, name: &str) -> Option<TimeZone> {
        let rules = match name {
            "Asia/Riyadh" => "<+03>-3",
            "Europe/Berlin" => "CET-1CEST,M3.5.0,M10.5.0/3",
            _ => return None,
        };
        TimeZone::posix(rules).ok()
    }

    fn names(&self) -> Vec<&str> {
        vec!["Asia/Riyadh", "Europe/Berlin"]
    }
}

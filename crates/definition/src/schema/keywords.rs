//! Which keywords of draft 2020-12 hold schemas, and what those schemas look at.

use serde_json::{Map, Value};

/// What a schema inside another one looks at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Target<'a> {
    /// Nothing by itself: it is there to be referred to.
    Nothing,
    /// The same value.
    Same,
    /// The member of that name.
    Member(&'a str),
    /// The members that `properties` beside it does not name.
    OtherMembers,
    /// Any members.
    AnyMembers,
    /// The item at that index.
    Item(usize),
    /// The items that `prefixItems` beside it does not cover.
    OtherItems,
    /// Any items.
    AnyItems,
}

/// How a keyword holds its schemas.
enum Holder {
    Single(Target<'static>),
    Map(fn(&str) -> Target<'_>),
    List(fn(usize) -> Target<'static>),
}

/// A schema directly inside another one.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub(crate) keyword: &'a str,
    /// The name or index below the keyword, when it holds more than one schema.
    pub(crate) below: Option<String>,
    pub(crate) target: Target<'a>,
    pub(crate) schema: &'a Value,
}

/// The schemas directly inside `schema`.
pub(crate) fn parts(schema: &Map<String, Value>) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for (keyword, value) in schema {
        match (holder(keyword), value) {
            (Some(Holder::Single(target)), schema) => parts.push(Part {
                keyword,
                below: None,
                target,
                schema,
            }),
            (Some(Holder::Map(target)), Value::Object(schemas)) => {
                parts.extend(schemas.iter().map(|(name, schema)| Part {
                    keyword,
                    below: Some(name.clone()),
                    target: target(name),
                    schema,
                }));
            }
            (Some(Holder::List(target)), Value::Array(schemas)) => {
                parts.extend(schemas.iter().enumerate().map(|(idx, schema)| Part {
                    keyword,
                    below: Some(idx.to_string()),
                    target: target(idx),
                    schema,
                }));
            }
            _ => {}
        }
    }
    parts
}

/// Applies `change` to every schema directly inside `schema`.
pub(crate) fn for_each_part(schema: &mut Map<String, Value>, change: impl Fn(&mut Value)) {
    for (keyword, value) in schema {
        match (holder(keyword), value) {
            (Some(Holder::Single(_)), schema) => change(schema),
            (Some(Holder::Map(_)), Value::Object(schemas)) => {
                schemas.values_mut().for_each(&change);
            }
            (Some(Holder::List(_)), Value::Array(schemas)) => {
                schemas.iter_mut().for_each(&change);
            }
            _ => {}
        }
    }
}

fn holder(keyword: &str) -> Option<Holder> {
    Some(match keyword {
        "$defs" | "definitions" => Holder::Map(|_| Target::Nothing),
        "additionalProperties" => Holder::Single(Target::OtherMembers),
        "allOf" | "anyOf" | "oneOf" => Holder::List(|_| Target::Same),
        "contains" | "unevaluatedItems" => Holder::Single(Target::AnyItems),
        "contentSchema" => Holder::Single(Target::Nothing),
        "dependentSchemas" => Holder::Map(|_| Target::Same),
        "if" | "then" | "else" | "not" => Holder::Single(Target::Same),
        "items" => Holder::Single(Target::OtherItems),
        "patternProperties" => Holder::Map(|_| Target::AnyMembers),
        "prefixItems" => Holder::List(Target::Item),
        "properties" => Holder::Map(|name| Target::Member(name)),
        "propertyNames" | "unevaluatedProperties" => Holder::Single(Target::AnyMembers),
        _ => return None,
    })
}

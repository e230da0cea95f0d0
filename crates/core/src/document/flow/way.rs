//! Ways on: the node that a token goes to, and what the visit there is given.

use serde_json::Value;

use crate::{
    document::{
        At,
        expression::{self, Expression},
        keys,
        reader::{Fields, Sink},
    },
    pointer::Pointer,
};

/// A way on: `NODE`, or `{to: NODE, data: {…}, seed: …}`.
#[derive(Clone, Debug)]
pub struct WayDoc {
    /// The node that it leads to.
    pub to: At<String>,
    /// What the visit there is given.
    pub gift: GiftDoc,
}

/// What a visit is given.
#[derive(Clone, Debug, Default)]
pub struct GiftDoc {
    /// Keys of its data.
    pub data: Vec<(String, Expression)>,
    /// Its seed.
    pub seed: Option<Expression>,
}

/// A way on, perhaps under a condition, perhaps once for each of many.
#[derive(Clone, Debug)]
pub struct BranchDoc {
    /// Where it leads.
    pub way: WayDoc,
    /// The condition.
    pub when: Option<Expression>,
    /// Taken once for each of these.
    pub each: Option<ForEachDoc>,
}

/// Once for each item of a list.
#[derive(Clone, Debug)]
pub struct ForEachDoc {
    /// The list.
    pub items: Expression,
    /// What an item is called besides `item`.
    pub name: Option<At<String>>,
}

/// The way under `key`.
pub(super) fn one(fields: &Fields<'_>, key: &str) -> Option<WayDoc> {
    read(fields.get(key)?, fields.at(key), fields.sink())
}

/// The way under `key`, which must be there.
pub(super) fn required(fields: &Fields<'_>, key: &str) -> Option<WayDoc> {
    fields.required(key)?;
    one(fields, key)
}

fn read(value: &Value, path: Pointer, sink: &Sink) -> Option<WayDoc> {
    match value {
        Value::String(to) => Some(WayDoc {
            to: At {
                value: to.clone(),
                path,
            },
            gift: GiftDoc::default(),
        }),
        Value::Object(_) => {
            let inner = Fields::read(value, &path, &[keys::WAY], sink)?;
            of_fields(&inner)
        }
        other => {
            sink.wrong_type(&path, "a node, or `{to, data, seed}`", other);
            None
        }
    }
}

fn of_fields(inner: &Fields<'_>) -> Option<WayDoc> {
    inner.required("to")?;
    Some(WayDoc {
        to: At {
            value: inner.string("to")?.to_owned(),
            path: inner.at("to"),
        },
        gift: gift(inner),
    })
}

/// `data` and `seed` of these fields.
pub(super) fn gift(fields: &Fields<'_>) -> GiftDoc {
    GiftDoc {
        data: expressions(fields, "data"),
        seed: fields.expression("seed"),
    }
}

/// A mapping of expressions.
pub(super) fn expressions(fields: &Fields<'_>, key: &str) -> Vec<(String, Expression)> {
    let path = fields.at(key);
    match fields.get(key) {
        None => Vec::new(),
        Some(Value::Object(map)) => map
            .iter()
            .filter_map(|(name, value)| {
                let source = expression::read(value, path.key(name), fields.sink())?;
                Some((name.clone(), source))
            })
            .collect(),
        Some(other) => {
            let sink = fields.sink();
            sink.wrong_type(&path, "a mapping of expressions", other);
            Vec::new()
        }
    }
}

/// The branches of a split (`keys::BRANCH`) or the cases of a switch (`keys::CASE`).
pub(super) fn branches(fields: &Fields<'_>, key: &str, known: &[&str]) -> Vec<BranchDoc> {
    let sink = fields.sink();
    fields
        .list(key)
        .into_iter()
        .filter_map(|(value, path)| match value {
            Value::Object(_) => {
                let inner = Fields::read(value, &path, &[known], sink)?;
                let way = of_fields(&inner)?;
                Some(BranchDoc {
                    way,
                    when: inner.expression("when"),
                    each: each(&inner),
                })
            }
            Value::String(_) => Some(BranchDoc {
                way: read(value, path, sink)?,
                when: None,
                each: None,
            }),
            other => {
                sink.wrong_type(&path, "a node, or `{to, when}`", other);
                None
            }
        })
        .collect()
}

/// `for_each` with its `as`.
pub(super) fn each(fields: &Fields<'_>) -> Option<ForEachDoc> {
    let name = fields.get("as").and_then(|_| {
        let value = fields.name("as")?.to_owned();
        Some(At {
            value,
            path: fields.at("as"),
        })
    });
    match fields.expression("for_each") {
        Some(items) => Some(ForEachDoc { items, name }),
        None => {
            if fields.get("for_each").is_none() {
                fields.unknown("as", "`as` names an item of `for_each`, which is missing");
            }
            None
        }
    }
}

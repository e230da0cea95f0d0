//! `select: {hierarchy: n}`: those above somebody.

use serde_json::Value;

use crate::{
    document::{
        entry::{self, SelectDoc, WhoDoc},
        keys,
        reader::Fields,
    },
    graph::{Hierarchy, Order, Via},
    problem::Problem,
};

/// Levels that can be climbed.
const MOST_LEVELS: u32 = 50;

pub(super) fn read(fields: &Fields<'_>) -> Option<SelectDoc> {
    let Some(_) = fields.get("hierarchy") else {
        for key in ["order", "of", "via"] {
            fields.unknown(key, &format!("only `hierarchy` has `{key}`"));
        }
        return None;
    };
    let order = fields.word("order", "order", keys::ORDER, |word| {
        Some(match word {
            "one_by_one" => Order::OneByOne,
            _ => Order::Together,
        })
    });
    let via = fields.word("via", "way up", keys::VIA, |word| {
        Some(match word {
            "role" => Via::Role,
            _ => Via::Manager,
        })
    });
    let hierarchy = Hierarchy {
        levels: fields.number("hierarchy", 1, MOST_LEVELS)?,
        order: order.unwrap_or_default(),
        via: via.unwrap_or_default(),
    };
    let of = match fields.get("of") {
        None => None,
        Some(value) => Some(Box::new(base(fields, value)?)),
    };
    Some(SelectDoc::Hierarchy(hierarchy, of))
}

/// Above whom: `requester`, or whoever a mapping names.
fn base(fields: &Fields<'_>, value: &Value) -> Option<WhoDoc> {
    let path = fields.at("of");
    match value {
        Value::String(word) if word == "requester" => Some(WhoDoc::Requester),
        Value::Object(_) => {
            let keys = &[keys::WHO, keys::LEVELS];
            entry::opening_who(&Fields::read(value, &path, keys, fields.sink())?)
        }
        _ => {
            fields.sink().push(
                Problem::error("invalid_who", path, "`of` says above whom")
                    .help("write `of: requester`, or somebody: `of: {user: ID}`"),
            );
            None
        }
    }
}

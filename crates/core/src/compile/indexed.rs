//! The fields of the data that instances are found by.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Compiler;
use crate::{
    document::At,
    graph::{DataPath, Indexed},
    limits::INDEXED_PATH,
    problem::{Problem, shown},
};

/// So many fields at most: each is a row of every instance.
const MOST: usize = 16;

/// What a schema says plainly of a field.
enum Declared<'a> {
    /// It may be there.
    Maybe,
    /// It is never there.
    Never,
    /// It is declared.
    So(&'a Value),
}

impl Compiler<'_> {
    pub(super) fn indexed(&mut self) -> Vec<Indexed> {
        let document = self.document;
        let mut seen = BTreeSet::new();
        let mut fields = Vec::with_capacity(document.indexed.len());
        for (index, place) in document.indexed.iter().enumerate() {
            if index == MOST {
                let message = format!("expected at most {MOST} fields");
                self.wrong_field("limit_exceeded", place, message);
            }
            if place.value.chars().count() > INDEXED_PATH {
                let message = format!("expected at most {INDEXED_PATH} characters");
                self.wrong_field("limit_exceeded", place, message);
            }
            let shown = shown(&place.value);
            if !seen.insert(&place.value) {
                self.wrong_field("duplicate_key", place, format!("`{shown}` is named twice"));
            }
            let schema = document.data.as_ref().map(|data| &data.value);
            let found = schema.map_or(Declared::Maybe, |schema| declared(schema, &place.value));
            let mut is_decimal = false;
            match found {
                Declared::Maybe => {}
                Declared::Never => {
                    let message = format!("the data declare no field `{shown}`");
                    self.wrong_field("unknown_field", place, message);
                }
                Declared::So(field) => {
                    let word = |key| field.get(key).and_then(Value::as_str);
                    is_decimal = word("format") == Some("decimal");
                    if let Some(kind @ ("object" | "array" | "null")) = word("type") {
                        let wanted = "expected a text, a number or a truth";
                        let message = format!("{wanted}, found the type `{kind}`");
                        self.wrong_field("unknown_field", place, message);
                    }
                }
            }
            fields.push(Indexed {
                path: DataPath::new(&place.value),
                is_decimal,
            });
        }
        fields
    }

    fn wrong_field(&mut self, code: &'static str, place: &At<String>, message: String) {
        let problem = Problem::error(code, place.path.clone(), message);
        self.problems.push(problem);
    }
}

fn declared<'a>(schema: &'a Value, place: &str) -> Declared<'a> {
    let mut here = schema;
    for key in place.split('.') {
        let is_open = here.get("additionalProperties").is_some() || here.get("$ref").is_some();
        let Some(fields) = here.get("properties").filter(|_| !is_open) else {
            return Declared::Maybe;
        };
        match fields.get(key) {
            Some(field) => here = field,
            None => return Declared::Never,
        }
    }
    Declared::So(here)
}

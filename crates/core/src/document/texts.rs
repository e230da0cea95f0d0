//! What people read of a workflow, a node or a pipeline beside its title.

use serde_json::Value;

use crate::{
    document::{At, reader::Fields},
    text::Text,
};

/// What people read beside a title.
#[derive(Clone, Debug, Default)]
pub struct TextsDoc {
    /// What it is for.
    pub description: Option<Text>,
    /// What it is about while it goes on: a text, or one per locale, with `${ cel }` in it.
    pub summary: Option<At<Value>>,
    /// What came of it, written alike.
    pub result: Option<At<Value>>,
}

impl TextsDoc {
    pub(super) fn read(fields: &Fields<'_>) -> Self {
        let template = |key: &str| {
            fields.text(key).map(|text| At {
                value: Value::from(text),
                path: fields.at(key),
            })
        };
        Self {
            description: fields.text("description"),
            summary: template("summary"),
            result: template("result"),
        }
    }
}

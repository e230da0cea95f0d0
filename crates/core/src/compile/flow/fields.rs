//! Forms that fill fields of the data.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{
    compile::Compiler,
    document::{At, FieldDoc},
    graph::FormSpec,
    pointer::Pointer,
    problem::{Problem, nearest, shown},
};

/// Whether a form takes fields that it does not list.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Extra {
    Allowed,
    Refused,
}

impl Compiler<'_> {
    /// The schema of a form that fills fields of the data.
    pub(super) fn fields(
        &mut self,
        fields: &[FieldDoc],
        extra: Extra,
        path: &Pointer,
    ) -> Option<FormSpec> {
        if fields.is_empty() {
            return None;
        }
        let declared = self
            .document
            .data
            .as_ref()
            .and_then(|data| data.value.get("properties"));
        let declared = declared
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in fields {
            let name = field.name.value.as_str();
            let Some(schema) = declared.get(name) else {
                self.unknown_field(&field.name, &declared);
                continue;
            };
            if !field.optional && schema.get("default").is_none() {
                required.push(Value::from(name));
            }
            properties.insert(name.to_owned(), schema.clone());
        }
        let mut source = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": extra == Extra::Allowed,
        });
        // What the fields refer to stands beside them.
        for shared in ["$schema", "$defs", "definitions"] {
            let found = self
                .document
                .data
                .as_ref()
                .and_then(|data| data.value.get(shared));
            if let Some(found) = found {
                source[shared] = found.clone();
            }
        }
        let schema = self.schema(&At {
            value: source.clone(),
            path: path.clone(),
        })?;
        Some(FormSpec {
            key: "form".to_owned(),
            source: Arc::new(source),
            schema,
        })
    }

    fn unknown_field(&mut self, field: &At<String>, declared: &Map<String, Value>) {
        let shown = shown(&field.value);
        let message = format!("the data declare no field `{shown}`");
        let problem = Problem::error("unknown_field", field.path.clone(), message);
        let near = nearest(&field.value, declared.keys().map(String::as_str));
        self.problems.push(match near {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("declare it under `data`"),
        });
    }
}

//! Schemas of data and forms.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::{
    compile::Compiler,
    document::At,
    graph::{DataSchema, FormSpec},
    problem::Problem,
    schemas::Schema,
};

impl Compiler<'_> {
    pub(super) fn data(&mut self) -> Option<DataSchema> {
        let document = self.document;
        let data = document.data.as_ref()?;
        Some(DataSchema {
            source: data.value.clone(),
            schema: self.schema(data)?,
        })
    }

    pub(super) fn forms(&mut self) -> IndexMap<String, FormSpec> {
        let document = self.document;
        document
            .forms
            .iter()
            .filter_map(|(key, form)| {
                let spec = FormSpec {
                    key: key.clone(),
                    source: Arc::new(form.value.clone()),
                    schema: self.schema(form)?,
                };
                Some((key.clone(), spec))
            })
            .collect()
    }

    pub(super) fn schema(&mut self, source: &At<Value>) -> Option<Arc<dyn Schema>> {
        match self.languages.schemas.compile(&source.value) {
            Ok(schema) => Some(schema),
            Err(errors) => {
                self.problems.extend(errors.into_iter().map(|error| {
                    Problem::error(
                        "invalid_schema",
                        source.path.join(&error.pointer),
                        error.message,
                    )
                }));
                None
            }
        }
    }
}

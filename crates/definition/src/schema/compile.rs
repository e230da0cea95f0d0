//! Compiles schemas and checks values against them.

use std::sync::Arc;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;
use signoff_core::{
    pointer::Pointer,
    schemas::{FieldError, Schema, Schemas},
};

use crate::{
    limits::MAX_DEPTH,
    schema::{
        cost::{self, Price},
        flatten::flatten,
        formats::{is_decimal, is_file},
        graph::Graph,
        message::{MAX_ERRORS, field_error, field_errors},
        shown,
    },
};

/// The largest schema: its values, and the bytes of the pointers to all of them, which the
/// validator keeps.
const SCHEMA_BUDGET: Budget = Budget {
    values: 20_000,
    path_bytes: 8 << 20,
};

/// The deepest value that is checked, and that of a schema that contains itself.
const MAX_VALUE_DEPTH: usize = 128;
const MAX_RECURSIVE_VALUE_DEPTH: usize = 64;

/// The most bytes of the pointers to all parts of a value.
const MAX_VALUE_PATH_BYTES: usize = 64 << 20;

/// The most work that one check may be: parts of the value times parts of the schema.
const MAX_WORK: usize = 20_000_000;

/// The most work for which all errors are collected; beyond it only the first is.
const MAX_WORK_FOR_ALL: usize = 1_000_000;

/// The memory of one compiled regular expression, in bytes: enough for `\p{L}{1,100}`.
const MAX_PATTERN_MEMORY: usize = 10 << 20;

/// JSON Schema, draft 2020-12, as core asks for it.
///
/// - `title` and `description` may be localised, `{en: …, ar: …}`.
/// - `format` is asserted where it is known: `date`, `date-time`, `time`, `duration`, `email`,
///   `hostname`, `ipv4`, `ipv6`, `uri`, `uuid` and others of the standard, and our own `decimal`,
///   a string such as `10.50`, and `file`, what refers to an uploaded file, `file:` and its id. Unknown formats and keywords are notes.
/// - `shown_when: {field: value}` on a property, our own: it is asked only where a field beside it has
///   that value, compared as text, or is a list with it; one of several in a list. Elsewhere it is
///   neither required nor accepted, except as `null`. For fields and sub-forms, at any depth.
/// - Regular expressions run in linear time, so look-around and back-references are refused;
///   each has at most 1 KiB, a schema at most 100.
/// - A `$ref` stays inside the schema, `#/…` or `#anchor`. Nothing is ever fetched.
///   `$dynamicRef` and an `$id` below the outermost schema are refused.
/// - A schema may contain itself, for trees, but only along one way to each part of a value, and
///   references must not make it larger than 10,000 parts.
/// - A schema has at most 20,000 values in 64 levels; a value to be checked has at most 128
///   levels, 64 when the schema contains itself, and its size times that of the schema is at most
///   20 million.
/// - At most 100 errors are told, each with at most 200 characters; only the first where the
///   value's size times that of the schema is beyond a million.
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonSchemas;

impl Schemas for JsonSchemas {
    fn compile(&self, schema: &Value) -> Result<Arc<dyn Schema>, Vec<FieldError>> {
        if !schema.is_object() && !schema.is_boolean() {
            let message = "a schema is an object, true or false";
            return Err(vec![field_error(Pointer::root(), "type", message)]);
        }
        if SCHEMA_BUDGET.clone().take(schema, MAX_DEPTH, 0).is_none() {
            let message = "the schema is too large or too deep";
            return Err(vec![field_error(Pointer::root(), "limit", message)]);
        }
        let mut schema = schema.clone();
        flatten(&mut schema);

        let meta = jsonschema::draft202012::meta::validator();
        let errors = field_errors(&schema, meta.iter_errors(&schema));
        if !errors.is_empty() {
            return Err(errors);
        }
        let errors = shown::check(&schema);
        if !errors.is_empty() {
            return Err(errors.into_iter().take(MAX_ERRORS).collect());
        }
        shown::rewrite(&mut schema);
        let graph = Graph::read(&schema)?;
        let price = cost::check(&graph).map_err(|error| vec![error])?;
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .offline()
            .should_validate_formats(true)
            .with_format("decimal", is_decimal)
            .with_format("file", is_file)
            // The standard's own check would compile whatever a value holds.
            .with_format("regex", |_: &str| true)
            .with_pattern_options(
                PatternOptions::regex()
                    .size_limit(MAX_PATTERN_MEMORY)
                    .dfa_size_limit(MAX_PATTERN_MEMORY),
            )
            .build(&schema)
            .map_err(|error| field_errors(&schema, [error].into_iter()))?;
        Ok(Arc::new(Compiled { validator, price }))
    }
}

#[derive(Debug)]
struct Compiled {
    validator: Validator,
    price: Price,
}

impl Schema for Compiled {
    fn check(&self, value: &Value) -> Vec<FieldError> {
        let Price { parts, recursive } = self.price;
        let max_depth = if recursive {
            MAX_RECURSIVE_VALUE_DEPTH
        } else {
            MAX_VALUE_DEPTH
        };
        let max_values = MAX_WORK / parts;
        let mut budget = Budget {
            values: max_values,
            path_bytes: MAX_VALUE_PATH_BYTES,
        };
        if budget.take(value, max_depth, 0).is_none() {
            let message = "is too large or too deep to be checked";
            return vec![field_error(Pointer::root(), "limit", message)];
        }
        let work = parts * (max_values - budget.values);
        if work > MAX_WORK_FOR_ALL {
            return field_errors(value, self.validator.validate(value).err().into_iter());
        }
        field_errors(value, self.validator.iter_errors(value))
    }
}

/// What a value may still consist of.
#[derive(Clone, Debug)]
struct Budget {
    values: usize,
    path_bytes: usize,
}

impl Budget {
    /// Takes off what `value` is; `None` when it is more than there is, or deeper than `depth`.
    fn take(&mut self, value: &Value, depth: usize, path_bytes: usize) -> Option<()> {
        self.values = self.values.checked_sub(1)?;
        self.path_bytes = self.path_bytes.checked_sub(path_bytes)?;
        match value {
            Value::Array(items) => {
                let depth = depth.checked_sub(1)?;
                // An index has a few digits.
                let mut items = items.iter();
                items.try_for_each(|item| self.take(item, depth, path_bytes + 4))
            }
            Value::Object(members) => {
                let depth = depth.checked_sub(1)?;
                let mut members = members.iter();
                members.try_for_each(|(key, member)| {
                    self.take(member, depth, path_bytes + key.len() + 1)
                })
            }
            _ => Some(()),
        }
    }
}

//! What the validator found, in the words of someone who fills in a form.

use std::fmt;

use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::Value;
use signoff_core::{pointer::Pointer, schemas::FieldError};

use super::shown::HIDDEN;

/// The longest message, in characters.
const MAX_MESSAGE_CHARS: usize = 200;

/// The longest value that a message repeats, in characters.
const MAX_SHOWN_CHARS: usize = 60;

/// The most errors that are told.
pub(crate) const MAX_ERRORS: usize = 100;

const NOT_ALLOWED: &str = "is not allowed here";
const UNKNOWN_FIELD: &str = "is not a known field";

/// An error with a message of bounded length.
pub(crate) fn field_error(pointer: Pointer, code: &str, message: &str) -> FieldError {
    FieldError {
        pointer,
        code: code.to_owned(),
        message: shortened(message, MAX_MESSAGE_CHARS),
    }
}

/// All `errors` of `value`, without repetitions and at most [`MAX_ERRORS`].
pub(crate) fn field_errors<'a>(
    value: &Value,
    errors: impl Iterator<Item = ValidationError<'a>>,
) -> Vec<FieldError> {
    let mut found: Vec<FieldError> = Vec::new();
    for error in errors {
        for error in explain(value, &error) {
            if !found.contains(&error) {
                found.push(error);
            }
        }
        if found.len() >= MAX_ERRORS {
            found.truncate(MAX_ERRORS);
            break;
        }
    }
    found
}

/// One error per field: several fields may be unexpected at once.
fn explain(value: &Value, error: &ValidationError<'_>) -> Vec<FieldError> {
    let pointer = Pointer::from_encoded(error.instance_path().as_str());
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let field = pointer.key(property.as_str().unwrap_or_default());
            vec![field_error(field, "required", "is required")]
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let code = snake_case(error.kind().keyword());
            let unknown = |name: &String| {
                let field = pointer.key(name);
                field_error(field, &code, UNKNOWN_FIELD)
            };
            unexpected.iter().take(MAX_ERRORS).map(unknown).collect()
        }
        ValidationErrorKind::FalseSchema => {
            let members = value.pointer(pointer.as_str()).and_then(Value::as_object);
            // Where no field at all is known, the validator names only the object.
            if is_below(error, "additionalProperties")
                && let Some(members) = members.filter(|members| !members.is_empty())
            {
                let unknown = |name: &String| {
                    field_error(pointer.key(name), "additional_properties", UNKNOWN_FIELD)
                };
                return members.keys().take(MAX_ERRORS).map(unknown).collect();
            }
            let (code, message) = false_schema(error);
            vec![field_error(pointer, code, message)]
        }
        ValidationErrorKind::Constant { expected_value }
            if expected_value.is_null() && is_hidden(error) =>
        {
            vec![field_error(pointer, "shown_when", HIDDEN)]
        }
        ValidationErrorKind::PropertyNames { error } => {
            let message = format!("has a field whose name {}", message(error));
            vec![field_error(pointer, "property_names", &message)]
        }
        kind => vec![field_error(
            pointer,
            &snake_case(kind.keyword()),
            &message(error),
        )],
    }
}

/// Code and message where the validator names only `false`, which mostly stands below a keyword.
fn false_schema(error: &ValidationError<'_>) -> (&'static str, &'static str) {
    for (keyword, code, message) in [
        (
            "unevaluatedProperties",
            "unevaluated_properties",
            UNKNOWN_FIELD,
        ),
        ("items", "items", NOT_ALLOWED),
        ("unevaluatedItems", "unevaluated_items", NOT_ALLOWED),
    ] {
        if is_below(error, keyword) {
            return (code, message);
        }
    }
    ("false_schema", NOT_ALLOWED)
}

/// Whether it is about a field that nothing shows.
fn is_hidden(error: &ValidationError<'_>) -> bool {
    let path = error.schema_path().as_str();
    let mut parts = path.rsplit('/').skip(2);
    parts.next() == Some("properties") && parts.next() == Some("else")
}

fn is_below(error: &ValidationError<'_>, keyword: &str) -> bool {
    error.schema_path().as_str().rsplit('/').next() == Some(keyword)
}

fn message(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::AdditionalItems { limit } => at_most(*limit, "item"),
        ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. } => {
            "fits none of the allowed forms".to_owned()
        }
        ValidationErrorKind::OneOfMultipleValid { .. } => {
            "fits more than one of the allowed forms".to_owned()
        }
        ValidationErrorKind::BacktrackLimitExceeded { .. }
        | ValidationErrorKind::RegexEngineFailure { .. } => {
            "cannot be compared with the pattern".to_owned()
        }
        ValidationErrorKind::Constant { expected_value } => {
            format!("must be {}", shown(expected_value))
        }
        ValidationErrorKind::Contains => "does not have the items that it must have".to_owned(),
        ValidationErrorKind::ContentEncoding { .. }
        | ValidationErrorKind::ContentMediaType { .. }
        | ValidationErrorKind::FromUtf8 { .. } => "is not encoded as it must be".to_owned(),
        ValidationErrorKind::Custom { message, .. } => message.clone(),
        ValidationErrorKind::Enum { options } => one_of(options),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        ValidationErrorKind::Format { format } => format_message(format),
        ValidationErrorKind::MaxItems { limit } => at_most(*limit, "item"),
        ValidationErrorKind::Maximum { limit } => format!("must be at most {limit}"),
        ValidationErrorKind::MaxLength { limit } => at_most(*limit, "character"),
        ValidationErrorKind::MaxProperties { limit } => at_most(*limit, "field"),
        ValidationErrorKind::MinItems { limit } => at_least(*limit, "item"),
        ValidationErrorKind::Minimum { limit } => format!("must be at least {limit}"),
        ValidationErrorKind::MinLength { limit } => at_least(*limit, "character"),
        ValidationErrorKind::MinProperties { limit } => at_least(*limit, "field"),
        ValidationErrorKind::MultipleOf { multiple_of } => {
            format!("must be a multiple of {multiple_of}")
        }
        ValidationErrorKind::Not { .. } => "has a form that is not allowed".to_owned(),
        ValidationErrorKind::Pattern { pattern } => {
            let pattern = shortened(pattern, MAX_MESSAGE_CHARS / 2);
            format!("does not match the pattern `{pattern}`")
        }
        ValidationErrorKind::PropertyNames { error } => message(error),
        ValidationErrorKind::Referencing(error) => error.to_string(),
        ValidationErrorKind::Type { kind } => type_message(kind),
        ValidationErrorKind::UnevaluatedItems { .. } => "has items that are not allowed".to_owned(),
        ValidationErrorKind::UniqueItems => "has an item twice".to_owned(),
        ValidationErrorKind::AdditionalProperties { .. }
        | ValidationErrorKind::FalseSchema
        | ValidationErrorKind::Required { .. }
        | ValidationErrorKind::UnevaluatedProperties { .. } => NOT_ALLOWED.to_owned(),
    }
}

fn at_most(limit: impl fmt::Display, unit: &str) -> String {
    counted("at most", &limit.to_string(), unit)
}

fn at_least(limit: impl fmt::Display, unit: &str) -> String {
    counted("at least", &limit.to_string(), unit)
}

fn counted(bound: &str, limit: &str, unit: &str) -> String {
    let plural = if limit == "1" { "" } else { "s" };
    format!("must have {bound} {limit} {unit}{plural}")
}

fn one_of(options: &Value) -> String {
    let options = options.as_array().map_or(&[][..], Vec::as_slice);
    let options: Vec<_> = options.iter().take(20).map(shown).collect();
    format!("must be one of {}", options.join(", "))
}

fn type_message(kind: &TypeKind) -> String {
    let names: Vec<_> = match kind {
        TypeKind::Single(name) => vec![name.to_string()],
        TypeKind::Multiple(names) => names.iter().map(|name| name.to_string()).collect(),
    };
    format!("must be of type {}", names.join(" or "))
}

fn format_message(format: &str) -> String {
    let wanted = match format {
        "date" => "a date like 2026-01-31",
        "date-time" => "a date and time like 2026-01-31T09:00:00Z",
        "decimal" => "a decimal number like 10.50",
        "duration" => "a duration like P1DT2H",
        "email" => "an e-mail address",
        "regex" => "a regular expression without look-around and back-references",
        "time" => "a time like 09:00:00Z",
        "uri" => "a web address like https://example.com",
        "uuid" => "a UUID",
        _ => {
            return format!(
                "must have the format `{}`",
                shortened(format, MAX_SHOWN_CHARS)
            );
        }
    };
    format!("must be {wanted}")
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => shortened(text, MAX_SHOWN_CHARS),
        Value::Array(_) => "the expected list".to_owned(),
        Value::Object(_) => "the expected object".to_owned(),
        scalar => scalar.to_string(),
    }
}

fn shortened(text: &str, max_chars: usize) -> String {
    match text.char_indices().nth(max_chars) {
        None => text.to_owned(),
        Some(_) => text.chars().take(max_chars - 1).chain(['…']).collect(),
    }
}

/// `maxLength` as `max_length`, `$ref` as `ref`.
fn snake_case(keyword: &str) -> String {
    let mut snake = String::with_capacity(keyword.len() + 2);
    for c in keyword.chars().filter(|c| *c != '$') {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

//! One field of a form.

use jiff::civil::Date;
use serde_json::Value;
use signoff::core::schemas::FieldError;

use super::form::{Filled, PREFIX};
use crate::{
    read::Property,
    text::{Locale, fill},
};

/// Texts longer than this get more than one line.
const LINE: u64 = 200;

/// Which control a field gets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Area,
    Checkbox,
    Date,
    Email,
    Json,
    Number,
    Select,
    Text,
    Url,
}

impl Kind {
    pub(super) fn of(property: &Property<'_>) -> Self {
        let schema = property.schema;
        if schema.get("enum").is_some_and(Value::is_array) {
            return Self::Select;
        }
        let text = |keyword: &str| schema.get(keyword).and_then(Value::as_str);
        match (type_of(schema), text("format")) {
            ("boolean", _) => Self::Checkbox,
            ("integer" | "number", _) => Self::Number,
            ("string", Some("date")) => Self::Date,
            ("string", Some("email")) => Self::Email,
            ("string", Some("uri")) => Self::Url,
            ("string", Some(_)) => Self::Text,
            ("string", None) if schema.get("pattern").is_some() => Self::Text,
            ("string", None) => match schema.get("maxLength").and_then(Value::as_u64) {
                Some(most) if most <= LINE => Self::Text,
                _ => Self::Area,
            },
            _ => Self::Json,
        }
    }

    /// The control that does not lose `value`: a line has no line breaks, a date picker only dates.
    fn holding(self, value: &str) -> Self {
        let is_date = || value.is_empty() || value.parse::<Date>().is_ok();
        match self {
            Self::Text if value.contains('\n') => Self::Area,
            Self::Date if !is_date() => Self::Text,
            other => other,
        }
    }

    /// The `type` of an `input`.
    pub(super) const fn input(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Email => "email",
            Self::Url => "url",
            _ => "text",
        }
    }
}

/// One choice of a select.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

/// One field of a form.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) help: Vec<String>,
    pub(super) error: Option<String>,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) value: String,
    pub(super) checked: bool,
    pub(super) choices: Vec<Choice>,
    /// The keyboard that phones show.
    pub(super) keyboard: &'static str,
    /// How many lines are shown of an area.
    pub(super) lines: u8,
}

impl Field {
    pub(super) fn new(
        property: &Property<'_>,
        filled: &Filled<'_>,
        error: Option<String>,
        locale: Locale,
    ) -> Self {
        let name = format!("{PREFIX}{}", property.key);
        let known = filled.present.get(property.key);
        let known = known.or_else(|| property.schema.get("default"));
        let value = match filled.sent {
            Some(sent) => sent.get(&name).to_owned(),
            None => known.map(as_text).unwrap_or_default(),
        };
        let checked = match filled.sent {
            Some(_) => !value.is_empty(),
            None => known.and_then(Value::as_bool).unwrap_or_default(),
        };
        let kind = Kind::of(property).holding(&value);
        let keyboard = match (kind, type_of(property.schema)) {
            (Kind::Number, "integer") => "numeric",
            (Kind::Number, _) => "decimal",
            _ => "text",
        };
        Self {
            label: property.label(locale),
            help: help(property, locale),
            choices: choices(property, &value, locale),
            required: property.required && kind != Kind::Checkbox,
            name,
            error,
            kind,
            value,
            checked,
            keyboard,
            lines: lines(property),
        }
    }

    /// What an assistive program reads with the field.
    pub(super) fn described_by(&self) -> String {
        let help = (!self.help.is_empty()).then(|| format!("{}-help", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        help.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }
}

/// One line, which grows, where no length is given; more where a long text is expected.
fn lines(property: &Property<'_>) -> u8 {
    let is_text = type_of(property.schema) == "string";
    match property.schema.get("maxLength") {
        None if is_text => 1,
        _ => 4,
    }
}

/// Whether the type of a schema includes null.
pub(super) fn allows_null(schema: &Value) -> bool {
    let kinds = schema.get("type").and_then(Value::as_array);
    kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"))
}

/// The type that a schema allows beside null.
fn type_of(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            kinds.find(|kind| *kind != "null").unwrap_or_default()
        }
        _ => "",
    }
}

fn help(property: &Property<'_>, locale: Locale) -> Vec<String> {
    let words = locale.words();
    let example = property
        .schema
        .get("examples")
        .and_then(|list| list.get(0))
        .map(as_text);
    let pattern = property.schema.get("pattern").and_then(Value::as_str);
    let shape = match (example, pattern) {
        (Some(example), _) => Some(fill(
            words.example_is,
            &[("example", &locale.name(&example))],
        )),
        (None, Some(pattern)) => {
            let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
            Some(fill(words.format_is, &[("format", &locale.name(pattern))]))
        }
        (None, None) => None,
    };
    property
        .text("description", locale)
        .into_iter()
        .chain(shape)
        .collect()
}

fn choices(property: &Property<'_>, value: &str, locale: Locale) -> Vec<Choice> {
    let values = property.schema.get("enum").and_then(Value::as_array);
    let choice = |choice: &Value| {
        let text = as_text(choice);
        Choice {
            label: if choice.is_string() {
                locale.of_key(&text)
            } else {
                text.clone()
            },
            chosen: text == value,
            value: text,
        }
    };
    values
        .into_iter()
        .flatten()
        .filter(|choice| !choice.is_null())
        .map(choice)
        .collect()
}

/// A value as a control holds it.
pub(super) fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What is wrong with a field, as people read it.
pub(super) fn message(property: &Property<'_>, error: &FieldError, locale: Locale) -> String {
    let words = locale.words();
    let limit = |keyword: &str| {
        property
            .schema
            .get(keyword)
            .map(as_text)
            .unwrap_or_default()
    };
    let with = |template: &str, keyword: &str| fill(template, &[("limit", &limit(keyword))]);
    match error.code.as_str() {
        "required" => words.field_required.to_owned(),
        "format" if Kind::of(property) == Kind::Date => words.field_date.to_owned(),
        "pattern" | "format" => words.field_pattern.to_owned(),
        "enum" => words.field_choice.to_owned(),
        "type" if type_of(property.schema) == "integer" => words.field_integer.to_owned(),
        "type" if type_of(property.schema) == "number" => words.field_number.to_owned(),
        "minimum" => with(words.field_minimum, "minimum"),
        "maximum" => with(words.field_maximum, "maximum"),
        "min_length" => with(words.field_short, "minLength"),
        "max_length" => with(words.field_long, "maxLength"),
        _ => fill(words.field_other, &[("why", &error.message)]),
    }
}

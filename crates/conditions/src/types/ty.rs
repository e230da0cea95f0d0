//! The types that are told apart before an expression runs.

use serde_json::Value;

/// What a value may be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type<'a> {
    /// Nothing is known.
    Any,
    Bool,
    Bytes,
    Decimal,
    Double,
    /// A type itself, such as `int`.
    Kind,
    Int,
    /// An item of this schema, as a loop binds it.
    Item(&'a Value),
    List(Box<Self>),
    Map,
    Null,
    /// An int or a double, as the data have it.
    Number,
    /// An object of this schema.
    Object(&'a Value),
    Span,
    Text,
    Time,
    Uint,
}

/// Keywords under which a schema says more than its `type`.
const OPAQUE: [&str; 8] = [
    "$ref",
    "$dynamicRef",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "prefixItems",
];

/// Whether a text of this schema is a decimal.
pub(super) fn is_decimal(schema: &Value) -> bool {
    let is_text = match schema.get("type") {
        Some(Value::String(name)) => name == "string",
        Some(Value::Array(names)) => names.iter().any(|name| name == "string"),
        _ => false,
    };
    is_text
        && schema
            .get("format")
            .is_some_and(|format| format == "decimal")
}

impl<'a> Type<'a> {
    /// What a value of this schema is, as far as that is certain.
    pub(super) fn of(schema: &'a Value) -> Self {
        if OPAQUE.iter().any(|keyword| schema.get(keyword).is_some()) {
            return Self::Any;
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("boolean") => Self::Bool,
            Some("integer") => Self::Int,
            Some("null") => Self::Null,
            Some("number") => Self::Number,
            Some("object") => Self::Object(schema),
            Some("string") if is_decimal(schema) => Self::Decimal,
            Some("string") => Self::Text,
            Some("array") => Self::List(Box::new(match schema.get("items") {
                Some(items) if items.is_object() => Self::Item(items),
                _ => Self::Any,
            })),
            _ => Self::Any,
        }
    }

    pub(super) fn list_of(mut items: Vec<Self>) -> Self {
        let first = items.pop();
        let same = first.filter(|first| items.iter().all(|item| item == first));
        Self::List(Box::new(same.unwrap_or(Self::Any)))
    }

    /// The type of one item of the list, where a loop does not bind it.
    pub(super) fn plain(self) -> Self {
        match self {
            Self::Item(schema) => Self::of(schema),
            other => other,
        }
    }

    pub(super) fn may_be(&self, other: &Self) -> bool {
        *self == Self::Any || self == other
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Decimal | Self::Double | Self::Int | Self::Number | Self::Uint
        )
    }

    /// Whether `==` may hold between the two.
    pub(super) fn may_equal(&self, other: &Self) -> bool {
        let free = |one: &Self| matches!(one, Self::Any | Self::Null | Self::Item(_));
        let is_map = |one: &Self| matches!(one, Self::Map | Self::Object(_));
        free(self)
            || free(other)
            || (self.is_number() && other.is_number())
            || (is_map(self) && is_map(other))
            || self.name() == other.name()
    }

    /// Whether `<` takes the two.
    pub(super) fn may_compare(&self, other: &Self) -> bool {
        let ordered = matches!(
            self,
            Self::Bool | Self::Bytes | Self::Span | Self::Text | Self::Time
        );
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            _ => (self.is_number() && other.is_number()) || (ordered && self == other),
        }
    }

    /// As error messages of evaluation have it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Any | Self::Item(_) => "any",
            Self::Bool => "bool",
            Self::Bytes => "bytes",
            Self::Decimal => "decimal",
            Self::Double => "double",
            Self::Kind => "type",
            Self::Int => "int",
            Self::List(_) => "list",
            Self::Map | Self::Object(_) => "map",
            Self::Null => "null",
            Self::Number => "number",
            Self::Span => "duration",
            Self::Text => "string",
            Self::Time => "timestamp",
            Self::Uint => "uint",
        }
    }
}

//! Values with `${ cel }` in them.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::conditions::{Condition, ConditionError, Conditions, Scope};

/// A JSON value whose strings may contain `${ cel }`.
///
/// A string that is exactly one `${}` keeps the type of its expression; otherwise results are put
/// into the text, strings as they are and everything else as JSON.
#[derive(Clone, Debug)]
pub enum Template {
    /// Any value without an expression in it.
    Literal(Value),
    /// One expression, whose type is kept.
    Expression(Arc<dyn Condition>),
    /// Text around expressions.
    Text(Vec<Part>),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Object(Vec<(String, Self)>),
}

/// A piece of a text with expressions.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text as it is.
    Literal(String),
    /// An expression.
    Expression(Arc<dyn Condition>),
}

impl Default for Template {
    fn default() -> Self {
        Self::Literal(Value::Null)
    }
}

impl Template {
    /// Compiles every `${ cel }` in `value`.
    ///
    /// # Errors
    /// The first expression that does not compile.
    pub fn compile(value: &Value, conditions: &dyn Conditions) -> Result<Self, ConditionError> {
        Self::compile_with(value, &mut |source| conditions.compile(source))
    }

    /// The same, each expression compiled by `compile`.
    ///
    /// # Errors
    /// The first expression that does not compile.
    pub fn compile_with(
        value: &Value,
        compile: &mut impl FnMut(&str) -> Result<Arc<dyn Condition>, ConditionError>,
    ) -> Result<Self, ConditionError> {
        Ok(match value {
            Value::String(text) if text.contains("${") => Self::compile_text(text, compile)?,
            Value::Array(items) => {
                let mut parts = Vec::with_capacity(items.len());
                for item in items {
                    parts.push(Self::compile_with(item, compile)?);
                }
                Self::List(parts)
            }
            Value::Object(fields) => {
                let mut parts = Vec::with_capacity(fields.len());
                for (key, value) in fields {
                    parts.push((key.clone(), Self::compile_with(value, compile)?));
                }
                Self::Object(parts)
            }
            other => Self::Literal(other.clone()),
        })
    }

    fn compile_text(
        text: &str,
        compile: &mut impl FnMut(&str) -> Result<Arc<dyn Condition>, ConditionError>,
    ) -> Result<Self, ConditionError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            if start > 0 {
                parts.push(Part::Literal(rest[..start].to_owned()));
            }
            let offset = text.len() - rest.len() + start;
            let source = &rest[start + 2..];
            let end = end_of_expression(source).ok_or_else(|| {
                ConditionError::new(
                    crate::conditions::ConditionErrorKind::Syntax,
                    "a `${` is never closed by `}`",
                )
                .at(offset)
            })?;
            parts.push(Part::Expression(compile(source[..end].trim())?));
            rest = &source[end + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(match <[Part; 1]>::try_from(parts) {
            Ok([Part::Expression(only)]) => Self::Expression(only),
            Ok([Part::Literal(text)]) => Self::Literal(Value::String(text)),
            Err(parts) => Self::Text(parts),
        })
    }

    /// Every expression in it.
    pub fn conditions(&self) -> Vec<&Arc<dyn Condition>> {
        match self {
            Self::Literal(_) => Vec::new(),
            Self::Expression(condition) => vec![condition],
            Self::Text(parts) => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Literal(_) => None,
                    Part::Expression(condition) => Some(condition),
                })
                .collect(),
            Self::List(items) => items.iter().flat_map(Self::conditions).collect(),
            Self::Object(fields) => fields
                .iter()
                .flat_map(|(_, value)| value.conditions())
                .collect(),
        }
    }

    /// The value with every expression replaced by its result.
    ///
    /// # Errors
    /// The first expression that does not evaluate.
    pub fn render(&self, scope: &dyn Scope) -> Result<Value, ConditionError> {
        Ok(match self {
            Self::Literal(value) => value.clone(),
            Self::Expression(condition) => condition.evaluate(scope)?,
            Self::Text(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part {
                        Part::Literal(literal) => text.push_str(literal),
                        Part::Expression(condition) => match condition.evaluate(scope)? {
                            Value::String(value) => text.push_str(&value),
                            other => text.push_str(&other.to_string()),
                        },
                    }
                }
                Value::String(text)
            }
            Self::List(items) => Value::Array(
                items
                    .iter()
                    .map(|item| item.render(scope))
                    .collect::<Result<_, _>>()?,
            ),
            Self::Object(fields) => {
                let mut object = Map::with_capacity(fields.len());
                for (key, value) in fields {
                    object.insert(key.clone(), value.render(scope)?);
                }
                Value::Object(object)
            }
        })
    }
}

/// Where the `}` stands that closes an expression, past braces and strings inside it.
fn end_of_expression(source: &str) -> Option<usize> {
    let mut depth = 0_u32;
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for (at, c) in source.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None => match c {
                '"' | '\'' => quote = Some(c),
                '{' => depth += 1,
                '}' if depth == 0 => return Some(at),
                '}' => depth -= 1,
                _ => {}
            },
        }
    }
    None
}

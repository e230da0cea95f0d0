//! Reading scenarios key by key; a key that nobody knows is an error that names the nearest.

use serde_json::{Map, Value};
use signoff_core::{
    pointer::Pointer,
    problem::{Problem, nearest, shown},
};

/// A mapping of a scenario, with its place.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    pub(super) path: Pointer,
}

/// Something is wrong with a scenario itself.
pub(super) type Result<T> = std::result::Result<T, Problem>;

/// A scenario that cannot be read.
pub(super) fn invalid(path: &Pointer, message: impl Into<String>) -> Problem {
    Problem::error("scenario_invalid", path.clone(), message)
}

/// A word that is none of `known`.
pub(super) fn unknown(path: &Pointer, what: &str, word: &str, known: &[&str]) -> Problem {
    let shown = shown(word);
    let problem = Problem::error(
        "unknown_key",
        path.clone(),
        format!("`{shown}` is not a known {what}"),
    );
    match nearest(word, known.iter().copied()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("one of `{}`", known.join("`, `"))),
    }
}

/// A word that the format has and this version does not run.
pub(super) fn not_yet(path: &Pointer, what: &str, word: &str) -> Problem {
    Problem::error(
        "not_supported_yet",
        path.clone(),
        format!("the {what} `{word}` is not supported yet"),
    )
}

impl<'a> Fields<'a> {
    pub(super) fn read(
        value: &'a Value,
        path: &Pointer,
        what: &str,
        keys: &[&str],
    ) -> Result<Self> {
        let Some(map) = value.as_object() else {
            return Err(invalid(path, format!("expected a mapping for the {what}")));
        };
        match map.keys().find(|key| !keys.contains(&key.as_str())) {
            Some(key) => Err(unknown(
                &path.key(key),
                &format!("key of a {what}"),
                key,
                keys,
            )),
            None => Ok(Self {
                map,
                path: path.clone(),
            }),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key)
    }

    pub(super) fn at(&self, key: &str) -> Pointer {
        self.path.key(key)
    }

    /// The text of `key`; a number or a boolean is text too.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>> {
        self.get(key)
            .map(|value| text(value, &self.at(key)))
            .transpose()
    }

    pub(super) fn required(&self, key: &str) -> Result<&'a Value> {
        self.get(key)
            .ok_or_else(|| invalid(&self.path, format!("`{key}` is missing")))
    }

    pub(super) fn flag(&self, key: &str, default: bool) -> Result<bool> {
        match self.get(key) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(invalid(&self.at(key), "expected true or false")),
        }
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<u64>> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) => Ok(Some(number)),
                None => Err(invalid(&self.at(key), "expected a whole number")),
            },
        }
    }

    pub(super) fn list(&self, key: &str) -> Result<Vec<(&'a Value, Pointer)>> {
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(value) => list(value, &self.at(key)),
        }
    }

    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>> {
        self.list(key)?
            .into_iter()
            .map(|(value, path)| text(value, &path))
            .collect()
    }

    /// The entries of the mapping `key`, with their places; empty when there is none.
    pub(super) fn entries(&self, key: &str) -> Result<Vec<(&'a String, &'a Value, Pointer)>> {
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Object(map)) => {
                let path = self.at(key);
                Ok(map
                    .iter()
                    .map(|(key, value)| (key, value, path.key(key)))
                    .collect())
            }
            Some(_) => Err(invalid(&self.at(key), "expected a mapping")),
        }
    }
}

pub(super) fn text(value: &Value, path: &Pointer) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err(invalid(path, "expected text")),
    }
}

pub(super) fn list<'a>(value: &'a Value, path: &Pointer) -> Result<Vec<(&'a Value, Pointer)>> {
    let Some(items) = value.as_array() else {
        return Err(invalid(path, "expected a list"));
    };
    Ok(items
        .iter()
        .enumerate()
        .map(|(index, item)| (item, path.index(index)))
        .collect())
}

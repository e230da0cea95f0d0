//! Reading a JSON value key by key, collecting every problem.

use std::cell::{Cell, RefCell};

use serde_json::{Map, Value};

use crate::{
    conditions::json_type,
    document::At,
    pointer::Pointer,
    problem::{Problem, nearest, shown},
    text::Text,
};

/// Where problems are collected.
#[derive(Debug, Default)]
pub(super) struct Sink {
    problems: RefCell<Vec<Problem>>,
    clocks: Cell<Clocks>,
    /// Words of the format that are not written in lower case, as they should be.
    words: RefCell<Vec<(Pointer, String)>>,
}

/// By what the document measures time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clocks {
    /// Whether days, months and years are those of a place.
    pub(super) zone: bool,
    /// Whether there is working time.
    pub(super) calendar: bool,
}

impl Sink {
    pub(super) fn push(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    pub(super) fn clocks(&self) -> Clocks {
        self.clocks.get()
    }

    pub(super) fn set_clocks(&self, clocks: Clocks) {
        self.clocks.set(clocks);
    }

    pub(super) fn into_words(self) -> Vec<(Pointer, String)> {
        self.words.into_inner()
    }

    pub(super) fn wrong_type(&self, path: &Pointer, expected: &str, found: &Value) {
        self.push(Problem::error(
            "wrong_type",
            path.clone(),
            format!("expected {expected}, found {}", json_type(found)),
        ));
    }

    pub(super) fn not_yet(&self, path: &Pointer, what: &str) {
        self.push(
            Problem::error(
                "not_supported_yet",
                path.clone(),
                format!("{what} is not supported yet"),
            )
            .help("the format has it, this version of the engine does not run it"),
        );
    }

    /// A word that is none of `known`.
    pub(super) fn unknown_word(&self, path: &Pointer, what: &str, word: &str, known: &[&str]) {
        let shown = shown(word);
        let problem = Problem::error(
            "unknown_value",
            path.clone(),
            format!("`{shown}` is not a known {what}"),
        );
        self.push(match nearest(word, known.iter().copied()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help(format!("one of {}", list(known))),
        });
    }
}

fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// A JSON object of the document, with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: &'a Pointer,
    sink: &'a Sink,
}

impl<'a> Fields<'a> {
    /// The object at `path`, its unknown keys reported.
    pub(super) fn read(
        value: &'a Value,
        path: &'a Pointer,
        keys: &[&[&str]],
        sink: &'a Sink,
    ) -> Option<Self> {
        let Some(map) = value.as_object() else {
            sink.wrong_type(path, "a mapping", value);
            return None;
        };
        for key in map.keys() {
            if keys.iter().any(|known| known.contains(&key.as_str())) {
                continue;
            }
            let shown = shown(key);
            let problem = Problem::error(
                "unknown_key",
                path.key(key),
                format!("`{shown}` is not a key here"),
            );
            sink.push(
                match nearest(key, keys.iter().flat_map(|known| known.iter().copied())) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem,
                },
            );
        }
        Some(Self { map, path, sink })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    pub(super) fn path(&self) -> &'a Pointer {
        self.path
    }

    pub(super) fn at(&self, key: &str) -> Pointer {
        self.path.key(key)
    }

    pub(super) fn sink(&self) -> &'a Sink {
        self.sink
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key)
    }

    pub(super) fn value(&self, key: &str) -> Option<At<Value>> {
        self.get(key).map(|value| At {
            value: value.clone(),
            path: self.at(key),
        })
    }

    pub(super) fn required(&self, key: &str) -> Option<&'a Value> {
        let value = self.get(key);
        if value.is_none() {
            self.sink.push(Problem::error(
                "missing_key",
                self.path.clone(),
                format!("`{key}` is missing"),
            ));
        }
        value
    }

    /// A string.
    pub(super) fn string(&self, key: &str) -> Option<&'a str> {
        let value = self.get(key)?;
        let text = value.as_str();
        if text.is_none() {
            self.sink.wrong_type(&self.at(key), "a string", value);
        }
        text
    }

    /// A key of the document's own: `[a-z][a-z0-9_]*`, at most 64 characters.
    pub(super) fn name(&self, key: &str) -> Option<&'a str> {
        self.required(key)?;
        let text = self.string(key)?;
        check_name(text, &self.at(key), self.sink).then_some(text)
    }

    /// A title: a string, or one per locale.
    pub(super) fn text(&self, key: &str) -> Option<Text> {
        let value = self.get(key)?;
        let fits = match value {
            Value::String(_) => true,
            Value::Object(texts) => !texts.is_empty() && texts.values().all(Value::is_string),
            _ => false,
        };
        if !fits {
            self.sink
                .wrong_type(&self.at(key), "a string, or a string per locale", value);
            return None;
        }
        Some(Text::from(value.clone()))
    }

    /// One of `words`, matched without regard to case; each is unsupported unless `read` knows it.
    pub(super) fn word<T>(
        &self,
        key: &str,
        what: &str,
        words: &[&str],
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.string(key)?;
        let lower = text.to_lowercase();
        if !words.contains(&lower.as_str()) {
            self.sink.unknown_word(&self.at(key), what, text, words);
            return None;
        }
        if lower != text {
            let word = (self.at(key), lower.clone());
            self.sink.words.borrow_mut().push(word);
        }
        let found = read(&lower);
        if found.is_none() {
            self.sink
                .not_yet(&self.at(key), &format!("{what} `{lower}`"));
        }
        found
    }

    /// A whole number within bounds.
    /// `true` or `false`; `default` when the key is absent, `None` when it holds something else.
    pub(super) fn flag(&self, key: &str, default: bool) -> Option<bool> {
        match self.get(key) {
            None => Some(default),
            Some(Value::Bool(flag)) => Some(*flag),
            Some(other) => {
                self.sink.wrong_type(&self.at(key), "true or false", other);
                None
            }
        }
    }

    /// Tells a list that is there and empty.
    pub(super) fn not_empty(&self, key: &str) {
        let list = self.get(key).and_then(Value::as_array);
        if list.is_some_and(Vec::is_empty) {
            let message = format!("`{key}` needs at least one element");
            let problem = Problem::error("empty_list", self.at(key), message);
            self.sink.push(problem);
        }
    }

    /// A color such as `#3498db`.
    pub(super) fn color(&self, key: &str) -> Option<String> {
        let text = self.string(key)?;
        let digits = text
            .strip_prefix('#')
            .filter(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()));
        if digits.is_some_and(|digits| matches!(digits.len(), 3 | 6)) {
            return Some(text.to_owned());
        }
        self.sink.push(
            Problem::error(
                "invalid_color",
                self.at(key),
                "a color is written `#rgb` or `#rrggbb`",
            )
            .help("for example `#3498db`; in YAML it needs quotes"),
        );
        None
    }

    pub(super) fn number(&self, key: &str, min: u32, max: u32) -> Option<u32> {
        let value = self.get(key)?;
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        let fits = number.filter(|number| (min..=max).contains(number));
        if fits.is_none() {
            let path = self.at(key);
            self.sink
                .wrong_type(&path, &format!("a whole number from {min} to {max}"), value);
        }
        fits
    }

    /// Says of a key, if it is there, that this place takes none.
    pub(super) fn unknown(&self, key: &str, message: &str) {
        if self.map.contains_key(key) {
            self.sink
                .push(Problem::error("unknown_key", self.at(key), message));
        }
    }

    /// Says of every key of `keys` that is there that it is not supported yet.
    pub(super) fn not_yet(&self, keys: &[&str]) {
        for key in keys.iter().filter(|key| self.map.contains_key(**key)) {
            self.sink.not_yet(&self.at(key), &format!("`{key}`"));
        }
    }

    /// A key, or a list of keys.
    pub(super) fn names(&self, key: &str) -> Vec<String> {
        let value = self.get(key);
        let items = match value {
            Some(one @ Value::String(_)) => vec![(one, self.at(key))],
            _ => self.list(key),
        };
        let named = items.into_iter().filter_map(|(item, path)| match item {
            Value::String(text) => check_name(text, &path, self.sink).then(|| text.clone()),
            other => {
                self.sink.wrong_type(&path, "a key", other);
                None
            }
        });
        named.collect()
    }

    /// The elements of a list with their places; empty when there is none.
    pub(super) fn list(&self, key: &str) -> Vec<(&'a Value, Pointer)> {
        let path = self.at(key);
        match self.get(key) {
            None => Vec::new(),
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(index, item)| (item, path.index(index)))
                .collect(),
            Some(other) => {
                self.sink.wrong_type(&path, "a list", other);
                Vec::new()
            }
        }
    }
}

/// Whether `text` is a key: `[a-z][a-z0-9_]*`, at most 64 characters; reports it when it is not.
pub(super) fn check_name(text: &str, path: &Pointer, sink: &Sink) -> bool {
    const LONGEST: usize = 64;
    if text.len() > LONGEST {
        sink.push(Problem::error(
            "limit_exceeded",
            path.clone(),
            format!(
                "a key has at most {LONGEST} characters, this one {}",
                text.chars().count()
            ),
        ));
        return false;
    }
    let mut chars = text.chars();
    let fits = chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !fits {
        sink.push(
            Problem::error(
                "invalid_key",
                path.clone(),
                format!("`{text}` is not a key"),
            )
            .help("a key begins with a-z and goes on with a-z, 0-9 and _"),
        );
    }
    fits
}

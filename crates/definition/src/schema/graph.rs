//! A schema as a graph of its parts, references resolved.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use signoff_core::{pointer::Pointer, schemas::FieldError};

use crate::schema::{
    keywords::{Target, parts},
    message::field_error,
};

/// The longest regular expression, in bytes.
const MAX_PATTERN_BYTES: usize = 1 << 10;

/// The most regular expressions in one schema.
const MAX_PATTERNS: usize = 100;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The parts of a schema; the first is the schema itself.
#[derive(Debug, Default)]
pub(crate) struct Graph<'a> {
    pub(crate) nodes: Vec<Node<'a>>,
    places: BTreeMap<Pointer, usize>,
    anchors: BTreeMap<&'a str, usize>,
    /// Node, keyword and text of every reference.
    references: Vec<(usize, &'a str)>,
    n_patterns: usize,
    errors: Vec<FieldError>,
}

/// One schema, where it stands and which others it applies.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) place: Pointer,
    /// Applied to the same value.
    pub(crate) same: Vec<usize>,
    /// Applied to parts of the value.
    pub(crate) below: Vec<(Target<'a>, usize)>,
}

impl<'a> Graph<'a> {
    /// Reads `schema`, whose nesting the caller has bounded.
    ///
    /// # Errors
    /// Everything in it that is refused, each with its place.
    pub(crate) fn read(schema: &'a Value) -> Result<Self, Vec<FieldError>> {
        let mut graph = Self::default();
        graph.add(schema, &Pointer::root());
        graph.resolve();
        if graph.errors.is_empty() {
            Ok(graph)
        } else {
            Err(graph.errors)
        }
    }

    fn add(&mut self, schema: &'a Value, place: &Pointer) -> usize {
        let idx = self.nodes.len();
        self.places.insert(place.clone(), idx);
        self.nodes.push(Node {
            place: place.clone(),
            same: Vec::new(),
            below: Vec::new(),
        });
        let Value::Object(schema) = schema else {
            return idx;
        };
        self.identity(idx, schema, place);
        self.patterns(schema, place);
        for part in parts(schema) {
            let keyword = place.key(part.keyword);
            let part_place = match &part.below {
                Some(name) => keyword.key(name),
                None => keyword,
            };
            let part_idx = self.add(part.schema, &part_place);
            match part.target {
                Target::Nothing => {}
                Target::Same => self.nodes[idx].same.push(part_idx),
                target => self.nodes[idx].below.push((target, part_idx)),
            }
        }
        idx
    }

    /// What names a schema, and what refers to one.
    fn identity(&mut self, idx: usize, schema: &'a Map<String, Value>, place: &Pointer) {
        let text = |keyword: &str| schema.get(keyword).and_then(Value::as_str);
        if text("$schema").is_some_and(|uri| uri.trim_end_matches('#') != DRAFT) {
            self.refuse(
                place.key("$schema"),
                "schema",
                &format!("only draft 2020-12 is understood: {DRAFT}"),
            );
        }
        if text("$id").is_some() && !place.is_root() {
            let message = "only the outermost schema may have an `$id`";
            self.refuse(place.key("$id"), "id", message);
        }
        for (keyword, code) in [
            ("$dynamicRef", "dynamic_ref"),
            ("$recursiveRef", "recursive_ref"),
        ] {
            if schema.contains_key(keyword) {
                let message = "only `$ref` may refer to a schema";
                self.refuse(place.key(keyword), code, message);
            }
        }
        if let Some(anchor) = text("$anchor") {
            self.anchors.insert(anchor, idx);
        }
        if let Some(reference) = text("$ref") {
            self.references.push((idx, reference));
        }
    }

    fn patterns(&mut self, schema: &'a Map<String, Value>, place: &Pointer) {
        let pattern = schema.get("pattern").and_then(Value::as_str);
        let pattern = pattern.map(|pattern| (pattern, place.key("pattern")));
        let keys = schema.get("patternProperties").and_then(Value::as_object);
        let keys = keys.into_iter().flat_map(Map::keys);
        let keys = keys.map(|key| (key.as_str(), place.key("patternProperties")));
        for (pattern, place) in pattern.into_iter().chain(keys) {
            self.n_patterns += 1;
            if self.n_patterns == MAX_PATTERNS + 1 {
                let message = format!("the schema has more than {MAX_PATTERNS} patterns");
                self.refuse(place.clone(), "pattern", &message);
            }
            if pattern.len() > MAX_PATTERN_BYTES {
                let message = format!("the pattern is longer than {MAX_PATTERN_BYTES} bytes");
                self.refuse(place, "pattern", &message);
            }
        }
    }

    fn resolve(&mut self) {
        for (idx, reference) in std::mem::take(&mut self.references) {
            match self.lookup(reference) {
                Ok(target) => self.nodes[idx].same.push(target),
                Err(message) => {
                    let place = self.nodes[idx].place.key("$ref");
                    self.refuse(place, "ref", message);
                }
            }
        }
    }

    fn lookup(&self, reference: &str) -> Result<usize, &'static str> {
        let Some(fragment) = reference.strip_prefix('#') else {
            return Err("a reference must stay inside the schema: `#/$defs/…`; nothing is fetched");
        };
        let fragment = percent_decode_str(fragment)
            .decode_utf8()
            .map_err(|_| "the reference is not valid UTF-8")?;
        let target = if fragment.is_empty() || fragment.starts_with('/') {
            let place = Pointer::from_encoded(fragment.into_owned());
            self.places.get(&place)
        } else {
            self.anchors.get(fragment.as_ref())
        };
        target.copied().ok_or("the reference leads to no schema")
    }

    fn refuse(&mut self, place: Pointer, code: &str, message: &str) {
        self.errors.push(field_error(place, code, message));
    }
}

//! The problems of a document of BPMN.

use serde_json::Value;
use signoff_core::{
    pointer::Pointer,
    problem::{Problem, shown},
};

use crate::{
    bpmn::xml::{self, Element},
    limits::MAX_PROBLEMS,
};

/// Where problems are collected.
#[derive(Debug)]
pub(super) struct Report<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

impl<'a> Report<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            problems: Vec::new(),
        }
    }

    pub(super) fn push(
        &mut self,
        code: &'static str,
        element: &Element,
        message: impl Into<String>,
    ) {
        self.add(element, Problem::error(code, Pointer::root(), message));
    }

    /// What BPMN has and a flow has not.
    pub(super) fn not_yet(&mut self, element: &Element, what: &str) {
        let message = format!("{what} is not supported yet");
        self.push("not_supported_yet", element, message);
    }

    /// An element that has no business where it is.
    pub(super) fn unknown(&mut self, element: &Element) {
        let name = shown(&element.name);
        let message = format!("`{name}` is not a known element here");
        self.push("unknown_value", element, message);
    }

    pub(super) fn dangling(&mut self, element: &Element, what: &str, id: &str) {
        let id = shown(id);
        let message = format!("there is no {what} `{id}`");
        self.push("dangling_reference", element, message);
    }

    pub(super) fn add(&mut self, element: &Element, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            let position = Some(xml::position(self.text, element.at));
            self.problems.push(Problem {
                position,
                ..problem
            });
        }
    }

    /// The attribute `name`, which must be there.
    pub(super) fn required<'x>(&mut self, element: &'x Element, name: &str) -> Option<&'x str> {
        let found = element.get(name);
        if found.is_none() {
            let message = format!("`{}` has no `{name}`", element.name);
            self.push("missing_key", element, message);
        }
        found
    }

    /// The document, or everything that is wrong with it.
    pub(super) fn finish(self, document: Option<Value>) -> Result<Value, Vec<Problem>> {
        match document {
            Some(document) if self.problems.is_empty() => Ok(document),
            _ => Err(self.problems),
        }
    }
}

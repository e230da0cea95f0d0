//! From text to tree, within limits. Entities besides XML's own are refused.

use std::collections::BTreeSet;

use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
    name::{Namespace, ResolveResult},
};
use signoff_core::{
    pointer::Pointer,
    problem::{Position, Problem, shown},
};

use super::{
    element::{Element, Ns},
    is_char,
};
use crate::limits::{MAX_DEPTH, MAX_NODES, MAX_TEXT_BYTES};

/// The most attributes of one element.
const MAX_ATTRIBUTES: usize = 256;

/// The place of the byte at `offset`; lines end as everywhere in this crate.
pub(in crate::bpmn) fn position(text: &str, offset: usize) -> Position {
    let before = &text[..text.floor_char_boundary(offset)];
    let mut at = Position { line: 1, column: 1 };
    let mut chars = before.chars().peekable();
    while let Some(c) = chars.next() {
        // Of `\r\n` the second ends the line.
        if c == '\n' || (c == '\r' && chars.peek() != Some(&'\n')) {
            at.line += 1;
            at.column = 1;
        } else {
            at.column += 1;
        }
    }
    at
}

/// The root of the document.
pub(in crate::bpmn) fn read(text: &str) -> Result<Element, Problem> {
    let mut tree = Tree::new(text)?;
    let mut reader = NsReader::from_str(text);
    loop {
        let at = offset(reader.buffer_position());
        let (ns, event) = match reader.read_resolved_event() {
            Ok((ns, event)) => (namespace(&ns), event),
            Err(error) => {
                let at = offset(reader.error_position());
                return Err(tree.syntax(at, error.to_string()));
            }
        };
        match event {
            Event::Start(start) => {
                let element = tree.element(ns, &start, at)?;
                tree.open(element)?;
            }
            Event::Empty(start) => {
                let element = tree.element(ns, &start, at)?;
                tree.open(element)?;
                tree.close();
            }
            Event::End(_) => tree.close(),
            Event::Text(text) => tree.text(&text.xml10_content(), at)?,
            Event::CData(text) => tree.text(&text.xml10_content(), at)?,
            Event::GeneralRef(reference) => {
                let c = tree.resolve(&reference, at)?;
                tree.text(c.encode_utf8(&mut [0; 4]), at)?;
            }
            Event::DocType(_) => {
                let problem = tree.syntax(at, "a document type declaration is not accepted");
                return Err(problem.help("remove `<!DOCTYPE …>`"));
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish(at),
        }
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// `None` when the prefix is not declared.
fn namespace(found: &ResolveResult<'_>) -> Option<Ns> {
    match found {
        ResolveResult::Bound(Namespace(uri)) => Some(Ns::of_uri(uri)),
        ResolveResult::Unbound => Some(Ns::Other),
        ResolveResult::Unknown(_) => None,
    }
}

/// A tree that grows.
struct Tree<'a> {
    source: &'a str,
    open: Vec<Element>,
    root: Option<Element>,
    n_elements: usize,
}

impl<'a> Tree<'a> {
    fn new(source: &'a str) -> Result<Self, Problem> {
        let tree = Self {
            source,
            open: Vec::new(),
            root: None,
            n_elements: 0,
        };
        if source.len() > MAX_TEXT_BYTES {
            let message = format!("the text is larger than {MAX_TEXT_BYTES} bytes");
            return Err(tree.problem("limit_exceeded", 0, message));
        }
        match source.char_indices().find(|(_, c)| !is_char(*c)) {
            Some((at, c)) => {
                let message = format!("XML has no character U+{:04X}", u32::from(c));
                Err(tree.syntax(at, message))
            }
            None => Ok(tree),
        }
    }

    fn problem(&self, code: &'static str, at: usize, message: impl Into<String>) -> Problem {
        Problem {
            position: Some(position(self.source, at)),
            ..Problem::error(code, Pointer::root(), message)
        }
    }

    fn syntax(&self, at: usize, message: impl Into<String>) -> Problem {
        self.problem("syntax", at, message)
    }

    fn element(
        &self,
        ns: Option<Ns>,
        start: &BytesStart<'_>,
        at: usize,
    ) -> Result<Element, Problem> {
        let name = start.local_name();
        let name: &str = name.as_ref();
        let Some(ns) = ns else {
            let message = format!("the prefix of `{name}` is not declared");
            return Err(self.syntax(at, message));
        };
        let mut element = Element {
            at,
            ..Element::new(ns, name)
        };
        let mut seen = BTreeSet::new();
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.syntax(at, error.to_string()))?;
            let key = attribute.key.0;
            if !seen.insert(key) {
                return Err(self.syntax(at, format!("`{key}` is given twice")));
            }
            if seen.len() > MAX_ATTRIBUTES {
                let message = format!("more than {MAX_ATTRIBUTES} attributes");
                return Err(self.problem("limit_exceeded", at, message));
            }
            let value = attribute.normalized_value(XmlVersion::Explicit1_0);
            let value = value.map_err(|error| self.syntax(at, error.to_string()))?;
            if !value.chars().all(is_char) {
                let message = format!("`{key}` has a character that XML has not");
                return Err(self.syntax(at, message));
            }
            if key != "xmlns" && !key.contains(':') {
                element
                    .attributes
                    .push((key.to_owned(), value.into_owned()));
            }
        }
        Ok(element)
    }

    fn open(&mut self, element: Element) -> Result<(), Problem> {
        self.n_elements += 1;
        if self.open.is_empty() && self.root.is_some() {
            return Err(self.syntax(element.at, "a second root"));
        }
        if self.open.len() >= MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} levels of elements");
            return Err(self.problem("limit_exceeded", element.at, message));
        }
        if self.n_elements > MAX_NODES {
            let message = format!("more than {MAX_NODES} elements");
            return Err(self.problem("limit_exceeded", element.at, message));
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) {
        let Some(element) = self.open.pop() else {
            return;
        };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, text: &str, at: usize) -> Result<(), Problem> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(self.syntax(at, "text outside of the root")),
        }
        Ok(())
    }

    fn resolve(&self, reference: &BytesRef<'_>, at: usize) -> Result<char, Problem> {
        let c = match &**reference {
            "amp" => Some('&'),
            "apos" => Some('\''),
            "gt" => Some('>'),
            "lt" => Some('<'),
            "quot" => Some('"'),
            _ => reference.resolve_char_ref().ok().flatten(),
        };
        c.filter(|c| is_char(*c)).ok_or_else(|| {
            let shown = shown(reference);
            self.syntax(at, format!("`&{shown};` stands for no character"))
        })
    }

    fn finish(self, at: usize) -> Result<Element, Problem> {
        if let Some(element) = self.open.last() {
            let message = format!("`{}` is not closed", element.name);
            return Err(self.syntax(element.at, message));
        }
        match self.root {
            Some(root) => Ok(root),
            None => Err(Problem {
                position: Some(position(self.source, at)),
                ..Problem::error("syntax", Pointer::root(), "the document is empty")
            }),
        }
    }
}

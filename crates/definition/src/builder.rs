//! Builds the tree from what the readers of the formats see, within the limits.

use std::{collections::BTreeMap, sync::Arc};

use indexmap::{IndexMap, map};
use serde_json::Value;
use signoff_core::{
    pointer::Pointer,
    problem::{Position, Problem},
};

use crate::{
    limits::{MAX_DEPTH, MAX_EXPANDED_BYTES, MAX_KEY_BYTES, MAX_NODES, MAX_PROBLEMS},
    parse::Parsed,
    positions::Positions,
    tree::{Content, Entry, Node, Weight},
};

/// No anchor: the value that YAML readers use for "not anchored".
pub(crate) const NO_ANCHOR: usize = 0;

/// Reading cannot go on; the problem is already reported.
#[derive(Debug)]
pub(crate) struct Halt;

/// Collects values in the order of the text. In a mapping keys and values alternate.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    stack: Vec<Frame>,
    root: Option<Node>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    bytes: usize,
    problems: Vec<Problem>,
}

/// A list or mapping that is still open.
#[derive(Debug)]
struct Frame {
    at: Position,
    anchor: usize,
    collection: Collection,
    weight: Weight,
}

#[derive(Debug)]
enum Collection {
    List(Vec<Node>),
    Map {
        entries: IndexMap<String, Entry>,
        key: Option<Key>,
    },
}

/// A key whose value is still to come.
#[derive(Debug)]
struct Key {
    name: String,
    at: Position,
    /// False when the key is reported, so that its value is read and dropped.
    kept: bool,
}

impl Builder {
    pub(crate) fn open_list(&mut self, at: Position, anchor: usize) -> Result<(), Halt> {
        self.open(at, anchor, Collection::List(Vec::new()))
    }

    pub(crate) fn open_map(&mut self, at: Position, anchor: usize) -> Result<(), Halt> {
        let entries = IndexMap::new();
        self.open(at, anchor, Collection::Map { entries, key: None })
    }

    fn open(&mut self, at: Position, anchor: usize, collection: Collection) -> Result<(), Halt> {
        if self.stack.len() >= MAX_DEPTH {
            return self.too_deep(at);
        }
        self.charge(1, 0, at)?;
        self.stack.push(Frame {
            at,
            anchor,
            collection,
            weight: Weight {
                nodes: 1,
                bytes: 0,
                depth: 1,
            },
        });
        Ok(())
    }

    /// Closes the list or mapping that was opened last.
    pub(crate) fn close(&mut self) -> Result<(), Halt> {
        let Some(frame) = self.stack.pop() else {
            return Ok(());
        };
        let content = match frame.collection {
            Collection::List(items) => Content::List(Arc::new(items)),
            Collection::Map { entries, .. } => Content::Map(Arc::new(entries)),
        };
        let node = Node {
            at: frame.at,
            content,
            weight: frame.weight,
        };
        self.complete(node, frame.anchor)
    }

    pub(crate) fn scalar(&mut self, at: Position, anchor: usize, value: Value) -> Result<(), Halt> {
        let node = Node::scalar(at, value);
        self.charge(1, node.weight.bytes, at)?;
        self.complete(node, anchor)
    }

    /// What the anchor stands for, once more.
    pub(crate) fn alias(&mut self, at: Position, anchor: usize) -> Result<(), Halt> {
        let Some(target) = self.anchors.get(&anchor) else {
            let problem = self
                .problem("syntax", at, "the alias stands inside its own anchor")
                .help("repeat the value, or move the anchor");
            self.report(problem)?;
            return self.scalar(at, NO_ANCHOR, Value::Null);
        };
        let node = Node {
            at,
            ..target.clone()
        };
        if self.stack.len() + node.weight.depth > MAX_DEPTH {
            return self.too_deep(at);
        }
        self.charge(node.weight.nodes, node.weight.bytes, at)?;
        self.complete(node, NO_ANCHOR)
    }

    /// Whether the next value is the key of a mapping.
    pub(crate) fn expects_key(&self) -> bool {
        let top = self.stack.last().map(|frame| &frame.collection);
        matches!(top, Some(Collection::Map { key: None, .. }))
    }

    /// A problem at the value that is read next.
    pub(crate) fn problem(
        &self,
        code: &'static str,
        at: Position,
        message: impl Into<String>,
    ) -> Problem {
        Problem {
            position: Some(at),
            ..Problem::error(code, self.path(), message)
        }
    }

    /// Notes a problem; `Halt` when there are too many to go on.
    pub(crate) fn report(&mut self, problem: Problem) -> Result<(), Halt> {
        self.problems.push(problem);
        if self.problems.len() >= MAX_PROBLEMS {
            return Err(Halt);
        }
        Ok(())
    }

    /// Everything that was read, or everything that is wrong with it.
    pub(crate) fn finish(self) -> Result<Parsed, Vec<Problem>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let Some(root) = self.root else {
            let start = Position { line: 1, column: 1 };
            return Err(vec![self.problem("syntax", start, "the document is empty")]);
        };
        Ok(Parsed {
            value: root.to_value(),
            positions: Positions::new(root),
        })
    }

    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), Halt> {
        if anchor != NO_ANCHOR {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.weight.nodes += node.weight.nodes;
        frame.weight.bytes += node.weight.bytes;
        frame.weight.depth = frame.weight.depth.max(node.weight.depth + 1);
        match &mut frame.collection {
            Collection::List(items) => items.push(node),
            Collection::Map { entries, key } => match key.take() {
                None => return self.key(&node),
                Some(key) if key.kept => {
                    let key_at = key.at;
                    entries.insert(key.name, Entry { key_at, node });
                }
                Some(_) => {}
            },
        }
        Ok(())
    }

    /// Takes `node` as the key of the mapping on top.
    fn key(&mut self, node: &Node) -> Result<(), Halt> {
        let at = node.at;
        let Content::Scalar(Value::String(name)) = &node.content else {
            let problem = self
                .problem("invalid_key", at, "the key is not a string")
                .help("put the key in quotes");
            self.expect_value(String::new(), at, false);
            return self.report(problem);
        };
        if name.len() > MAX_KEY_BYTES {
            let message = format!("the key is longer than {MAX_KEY_BYTES} bytes");
            return self.halt("limit_exceeded", at, message);
        }
        let first = match self.stack.last_mut().map(|frame| &mut frame.collection) {
            Some(Collection::Map { entries, .. }) => match entries.entry(name.clone()) {
                map::Entry::Occupied(first) => Some(first.get().key_at),
                map::Entry::Vacant(_) => None,
            },
            _ => None,
        };
        self.expect_value(name.clone(), at, first.is_none());
        let Some(first) = first else {
            return Ok(());
        };
        let Position { line, column } = first;
        let message = format!("the key `{name}` is given twice, first at {line}:{column}");
        let problem = self
            .problem("duplicate_key", at, message)
            .help("remove or rename one of them");
        self.report(problem)
    }

    fn expect_value(&mut self, name: String, at: Position, kept: bool) {
        if let Some(Frame {
            collection: Collection::Map { key, .. },
            ..
        }) = self.stack.last_mut()
        {
            *key = Some(Key { name, at, kept });
        }
    }

    fn charge(&mut self, nodes: usize, bytes: usize, at: Position) -> Result<(), Halt> {
        self.nodes += nodes;
        self.bytes += bytes;
        if self.nodes > MAX_NODES {
            let message = format!("more than {MAX_NODES} values, aliases expanded");
            return self.halt("limit_exceeded", at, message);
        }
        if self.bytes > MAX_EXPANDED_BYTES {
            let message = format!("more than {MAX_EXPANDED_BYTES} bytes, aliases expanded");
            return self.halt("limit_exceeded", at, message);
        }
        Ok(())
    }

    fn too_deep(&mut self, at: Position) -> Result<(), Halt> {
        let message = format!("more than {MAX_DEPTH} levels of lists and mappings");
        self.halt("limit_exceeded", at, message)
    }

    /// Reports what ends the reading.
    pub(crate) fn halt(
        &mut self,
        code: &'static str,
        at: Position,
        message: impl Into<String>,
    ) -> Result<(), Halt> {
        let problem = self.problem(code, at, message);
        self.report(problem)?;
        Err(Halt)
    }

    fn path(&self) -> Pointer {
        let mut path = Pointer::root();
        for frame in &self.stack {
            path = match &frame.collection {
                Collection::List(items) => path.index(items.len()),
                Collection::Map { key: Some(key), .. } => path.key(&key.name),
                Collection::Map { key: None, .. } => path,
            };
        }
        path
    }
}

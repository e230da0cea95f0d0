//! Where in the text the parts of a document stand.

use std::borrow::Cow;

use signoff_core::{
    pointer::Pointer,
    problem::{Position, Problem},
};

use crate::tree::{Content, Entry, Node};

/// The places of all parts of one document.
///
/// What an alias stands for has the places of its anchor; the alias itself has its own.
#[derive(Clone, Debug)]
pub struct Positions {
    root: Node,
}

impl Positions {
    pub(crate) fn new(root: Node) -> Self {
        Self { root }
    }

    /// Where the value at `path` starts; `None` when there is none.
    #[must_use]
    pub fn value_at(&self, path: &Pointer) -> Option<Position> {
        let found = self.find(path);
        found.exact.then_some(found.value_at)
    }

    /// Where the key of the mapping's entry at `path` starts; `None` for anything else.
    #[must_use]
    pub fn key_at(&self, path: &Pointer) -> Option<Position> {
        let found = self.find(path);
        found.key_at.filter(|_| found.exact)
    }

    /// Fills the position of `problem` unless it has one.
    ///
    /// That is the start of the value at its path, of the key when the code is `unknown_key`, and
    /// of the nearest value around it when the path leads nowhere.
    pub fn locate(&self, problem: &mut Problem) {
        if problem.position.is_some() {
            return;
        }
        let found = self.find(&problem.path);
        let key = found
            .key_at
            .filter(|_| found.exact && problem.code == "unknown_key");
        problem.position = Some(key.unwrap_or(found.value_at));
    }

    /// Fills the positions of all `problems` that have none.
    pub fn locate_all(&self, problems: &mut [Problem]) {
        for problem in problems {
            self.locate(problem);
        }
    }

    /// Follows `path` as far as it leads.
    fn find(&self, path: &Pointer) -> Found {
        let mut node = &self.root;
        let mut found = Found {
            value_at: node.at,
            key_at: None,
            exact: true,
        };
        for segment in path.as_str().split('/').skip(1) {
            let (next, key_at) = match &node.content {
                Content::List(items) => (list_item(items, segment), None),
                Content::Map(entries) => match entries.get(unescape(segment).as_ref()) {
                    Some(Entry { key_at, node }) => (Some(node), Some(*key_at)),
                    None => (None, None),
                },
                Content::Scalar(_) => (None, None),
            };
            let Some(next) = next else {
                found.exact = false;
                return found;
            };
            node = next;
            found.value_at = node.at;
            found.key_at = key_at;
        }
        found
    }
}

struct Found {
    value_at: Position,
    key_at: Option<Position>,
    /// Whether the path led to its end.
    exact: bool,
}

fn list_item<'a>(items: &'a [Node], segment: &str) -> Option<&'a Node> {
    items.get(segment.parse::<usize>().ok()?)
}

fn unescape(segment: &str) -> Cow<'_, str> {
    if segment.contains('~') {
        Cow::Owned(segment.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(segment)
    }
}

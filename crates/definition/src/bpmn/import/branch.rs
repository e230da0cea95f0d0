//! Ways on, and what BPMN leaves unsaid about them.

use serde_json::{Value, json};

use super::{
    extension,
    links::{self, Link},
    node::Flow,
    shown,
};
use crate::bpmn::exact::{self, Keys};

impl<'x> Flow<'_, 'x, '_> {
    /// Where the token of the node goes; `None` where its end needs none.
    pub(super) fn next(&mut self, id: &'x str, key: &str) -> Option<Value> {
        let links = self.links.outgoing(id);
        match links.as_slice() {
            [] if self.taking_back.contains(id) => None,
            [] => Some(Value::from(self.end(key))),
            [link] if !link.is_conditional() => Some(self.way(link, None)),
            _ => Some(Value::from(self.split(id, key, &links))),
        }
    }

    /// The same where only a node can be named.
    pub(super) fn next_node(&mut self, id: &'x str, key: &str) -> Value {
        let links = self.links.outgoing(id);
        Value::from(match links.as_slice() {
            [] => self.end(key),
            [link] if !link.is_conditional() => self.links.target(link),
            _ => self.split(id, key, &links),
        })
    }

    /// BPMN ends a branch where nothing leads on.
    pub(super) fn end(&mut self, key: &str) -> String {
        let end = self.names.after(key, "end");
        self.made.insert(end.clone(), json!({"end": {}}));
        end
    }

    /// BPMN takes all ways that lead on.
    fn split(&mut self, id: &str, key: &str, links: &[Link<'x>]) -> String {
        let split = self.names.after(key, "split");
        let element = self.elements.get(id);
        let default = element.and_then(|element| element.get("default"));
        let branches = self.branches(links, default);
        self.made.insert(split.clone(), json!({"split": branches}));
        split
    }

    /// The branches of a split; the default is taken when no other is.
    pub(super) fn branches(&mut self, links: &[Link<'x>], default: Option<&str>) -> Vec<Value> {
        let is_default = |link: &&Link<'x>| default == Some(link.id());
        let others: Vec<&Link<'x>> = links.iter().filter(|link| !is_default(link)).collect();
        let sources: Vec<String> = others
            .iter()
            .filter_map(|link| links::condition(link.element))
            .map(|condition| format!("({})", shown::expression(condition, self.report)))
            .collect();
        let otherwise = if sources.len() < others.len() {
            "false".to_owned()
        } else {
            format!("!({})", sources.join(" || "))
        };
        let mut branches = Vec::new();
        for link in links {
            let when = if is_default(&link) && !others.is_empty() {
                Some(Value::from(otherwise.clone()))
            } else {
                None
            };
            branches.push(self.way(link, when));
        }
        branches
    }

    /// A way with its own condition, or with `when`.
    pub(super) fn way(&mut self, link: &Link<'x>, when: Option<Value>) -> Value {
        let mut rest = self.rest(link);
        let own = self.condition(link, &mut rest);
        self.way_of(link, rest, when.or(own))
    }

    /// A way without the condition that it has.
    pub(super) fn bare_way(&mut self, link: &Link<'x>) -> Value {
        let mut rest = self.rest(link);
        rest.shift_remove("when");
        self.way_of(link, rest, None)
    }

    /// The condition of a way.
    pub(super) fn condition(&mut self, link: &Link<'x>, rest: &mut Keys) -> Option<Value> {
        let condition = links::condition(link.element)?;
        let source = shown::expression(condition, self.report);
        Some(exact::give(rest, "when", &source))
    }

    fn rest(&mut self, link: &Link<'x>) -> Keys {
        extension::read(link.element, &["way"], self.report).1
    }

    fn way_of(&self, link: &Link<'x>, mut rest: Keys, when: Option<Value>) -> Value {
        rest.retain(|name, _| name != "to" && name != "when");
        let to = Value::from(self.links.target(link));
        if rest.is_empty() && when.is_none() {
            return to;
        }
        let mut way = Keys::new();
        way.insert("to".to_owned(), to);
        way.extend(when.map(|when| ("when".to_owned(), when)));
        way.extend(rest);
        Value::Object(way)
    }
}

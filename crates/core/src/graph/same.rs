//! Whether a visit that goes on at a node of one version can go on at that of another as it is.

use std::sync::Arc;

use crate::{
    conditions::Condition,
    graph::{EntrySpec, MessageSpec, Moment, Mutex, Node, NodeKind, SignalNode, Timeout},
    template::{Part, Template},
};

impl Node {
    /// Whether a visit of this node can go on as one of `other`: what it waits for, or was given out
    /// for it, is the same. What comes of it may differ.
    pub(crate) fn keeps_visits_of(&self, old: &Self) -> bool {
        keeps(&old.kind, &self.kind)
            && mutex(old.mutex.as_ref()) == mutex(self.mutex.as_ref())
            && old.enabled_when.is_some() == self.enabled_when.is_some()
    }
}

fn keeps(old: &NodeKind, new: &NodeKind) -> bool {
    match (old, new) {
        (NodeKind::Approval(old), NodeKind::Approval(new)) => {
            old.opening == new.opening && old.entries.len() == new.entries.len()
        }
        (NodeKind::Job(old), NodeKind::Job(new)) => {
            old.name == new.name
                && template(&old.with, &new.with)
                && old.when.as_ref().map(moment) == new.when.as_ref().map(moment)
        }
        (NodeKind::Receive(old), NodeKind::Receive(new)) => {
            old.message.as_ref().map(message) == new.message.as_ref().map(message)
        }
        (
            NodeKind::Signal(SignalNode::Catch { name: old, .. }),
            NodeKind::Signal(SignalNode::Catch { name: new, .. }),
        ) => old == new,
        (NodeKind::Signal(SignalNode::Catch { .. }), _)
        | (_, NodeKind::Signal(SignalNode::Catch { .. })) => false,
        (NodeKind::Subprocess(old), NodeKind::Subprocess(new)) => {
            old.workflow == new.workflow
                && old.awaits == new.awaits
                && old.each.is_some() == new.each.is_some()
        }
        (NodeKind::Timer(old), NodeKind::Timer(new)) => moment(old) == moment(new),
        (old, new) => old.as_str() == new.as_str(),
    }
}

fn source(condition: Option<&Arc<dyn Condition>>) -> Option<&str> {
    condition.map(|condition| condition.source())
}

fn message(message: &MessageSpec) -> (&str, Option<&str>) {
    (&message.name, source(message.key.as_ref()))
}

fn mutex(mutex: Option<&Mutex>) -> Option<(&str, Option<&str>)> {
    mutex.map(|mutex| (mutex.name.as_str(), source(mutex.key.as_ref())))
}

/// A moment, as it is written.
fn moment(moment: &Moment) -> String {
    match moment {
        Moment::After(duration) => format!("after {duration}"),
        Moment::At(condition) => format!("at {}", condition.source()),
        Moment::Fixed(at) => format!("on {at}"),
    }
}

fn template(old: &Template, new: &Template) -> bool {
    match (old, new) {
        (Template::Literal(old), Template::Literal(new)) => old == new,
        (Template::Expression(old), Template::Expression(new)) => old.source() == new.source(),
        (Template::Text(old), Template::Text(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| part(old) == part(new))
        }
        (Template::List(old), Template::List(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| template(old, new))
        }
        (Template::Object(old), Template::Object(new)) => {
            let same = |((old_key, old), (new_key, new)): (&(String, _), &(String, _))| {
                old_key == new_key && template(old, new)
            };
            old.len() == new.len() && old.iter().zip(new).all(same)
        }
        _ => false,
    }
}

fn part(part: &Part) -> (bool, &str) {
    match part {
        Part::Literal(text) => (false, text),
        Part::Expression(condition) => (true, condition.source()),
    }
}

impl Timeout {
    /// Whether it comes at the same moment and does the same to its node.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.interrupting == other.interrupting && moment(&self.when) == moment(&other.when)
    }
}

impl EntrySpec {
    /// Whether nobody answering comes to the same.
    pub(crate) fn is_timed_like(&self, other: &Self) -> bool {
        let escalation = |spec: &Self| {
            let escalate = spec.escalate.as_ref();
            escalate.map(|escalate| (escalate.after, escalate.levels))
        };
        (self.due, &self.remind) == (other.due, &other.remind)
            && escalation(self) == escalation(other)
    }
}

//! What an instance or a task is about, or what came of it, in brief.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    actor::Actor,
    conditions::{Condition, ConditionError, Scope},
    facts::{Answers, Facts, Settings},
    graph::{Graph, Group, Node, NodeKind, Texts},
    id::CommandId,
    instance::{Given, Instance, InstanceStatus, Item},
    machine::Variables,
    template::{Part, Template},
    text::Text,
};

/// The longest brief text, in characters.
const LONGEST: usize = 500;

/// How far what is told in brief has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
    /// It came to its end, and not by being withdrawn: its result is told.
    Finished,
    /// It goes on, or was withdrawn: its summary is told.
    Open,
}

/// What the texts of a visit read besides the instance.
#[derive(Clone, Copy, Debug)]
pub struct Visited<'a> {
    /// The items of the branches around it.
    pub items: &'a [Item],
    /// What it was given.
    pub given: &'a Given,
}

/// An instance in brief, at `now`: its `result` once it has ended, unless it was cancelled; else its
/// `summary`, the description of its workflow, its title. A text that comes to nothing gives way to
/// the next.
///
/// What cannot be worked out is left out; the text is cut after 500 characters.
#[must_use]
pub fn brief_of_instance(graph: &Graph, instance: &Instance, now: Timestamp) -> Text {
    let phase = match instance.status() {
        InstanceStatus::Completed { .. }
        | InstanceStatus::Failed { .. }
        | InstanceStatus::Rejected { .. } => Phase::Finished,
        InstanceStatus::Cancelled { .. }
        | InstanceStatus::OnHold(_)
        | InstanceStatus::Pending { .. }
        | InstanceStatus::Running => Phase::Open,
    };
    let facts = facts(now);
    let scope = Variables::new(instance, &facts).about(graph.subject());
    brief(graph.texts(), instance.title(), phase, &scope)
}

/// A visit of a node in brief, and so a task of it, as [`brief_of_instance`].
///
/// Without `visited`, what only the visit has is left out; [`reads_visit`] tells whether that is
/// anything.
#[must_use]
pub fn brief_of_visit(
    instance: &Instance,
    node: &Node,
    visited: Option<Visited<'_>>,
    phase: Phase,
    now: Timestamp,
) -> Text {
    let facts = facts(now);
    let scope = Variables::new(instance, &facts);
    match visited {
        Some(Visited { items, given }) => {
            let scope = scope.visiting(items, given);
            brief(&node.texts, &node.title, phase, &scope)
        }
        None => brief(&node.texts, &node.title, phase, &scope),
    }
}

/// A group in brief, as [`brief_of_instance`].
#[must_use]
pub fn brief_of_group(instance: &Instance, group: &Group, phase: Phase, now: Timestamp) -> Text {
    let facts = facts(now);
    let scope = Variables::new(instance, &facts);
    brief(&group.texts, &group.title, phase, &scope)
}

/// What people read of a node where no instance is at hand: its description, else its title.
#[must_use]
pub fn brief_of_node(node: &Node) -> Text {
    let texts = [node.texts.description.as_ref(), Some(&node.title)];
    let mut texts = texts.into_iter().flatten();
    texts
        .find(|text| !is_blank(text))
        .map_or_else(Text::default, cut)
}

/// Whether the texts of a node read what only a visit has: its items, its data, its seed.
#[must_use]
pub fn reads_visit(graph: &Graph, node: &Node) -> bool {
    let named = |name: &str| {
        graph.nodes().any(|node| match &node.kind {
            NodeKind::Split(split) => {
                let mut each = split
                    .branches
                    .iter()
                    .filter_map(|branch| branch.each.as_ref());
                each.any(|each| each.name.as_deref() == Some(name))
            }
            _ => false,
        })
    };
    let own = |root: &str| matches!(root, "item" | "task") || named(root);
    node.texts.reads(own)
}

fn facts(now: Timestamp) -> Facts {
    Facts {
        command: CommandId::new(Uuid::nil()),
        now,
        actor: Actor::Engine,
        context: Arc::default(),
        settings: Arc::new(Settings::default()),
        answers: Answers::default(),
    }
}

fn brief(texts: &Texts, title: &Text, phase: Phase, scope: &dyn Scope) -> Text {
    let result = texts.result.iter().filter(|_| phase == Phase::Finished);
    let made = result
        .chain(&texts.summary)
        .map(|text| rendered(text, scope));
    let plain = texts.description.iter().chain([title]).cloned();
    let mut all = made.chain(plain);
    let found = all.find(|text| !is_blank(text));
    found.as_ref().map_or_else(Text::default, cut)
}

fn rendered(template: &Template, scope: &dyn Scope) -> Text {
    match template {
        Template::Object(locales) => {
            let locales = locales.iter();
            let texts = locales.map(|(locale, text)| (locale.clone(), one(text, scope)));
            Text::Localized(texts.collect())
        }
        text => Text::Plain(one(text, scope)),
    }
}

fn one(template: &Template, scope: &dyn Scope) -> String {
    let value = |condition: &Arc<dyn Condition>| shown(condition.evaluate(scope));
    match template {
        Template::Expression(condition) => value(condition),
        Template::Literal(text) => shown(Ok(text.clone())),
        Template::Text(parts) => {
            let parts = parts.iter();
            let texts = parts.map(|part| match part {
                Part::Expression(condition) => value(condition),
                Part::Literal(text) => text.clone(),
            });
            texts.collect()
        }
        // A text has neither lists nor objects in it.
        Template::List(_) | Template::Object(_) => String::new(),
    }
}

/// A value inside a text; nothing for `null` and for what cannot be worked out.
fn shown(value: Result<Value, ConditionError>) -> String {
    match value {
        Ok(Value::String(text)) => text,
        Ok(Value::Null) | Err(_) => String::new(),
        Ok(other) => other.to_string(),
    }
}

fn is_blank(text: &Text) -> bool {
    match text {
        Text::Plain(text) => text.trim().is_empty(),
        Text::Localized(texts) => texts.values().all(|text| text.trim().is_empty()),
    }
}

fn cut(text: &Text) -> Text {
    let cut = |text: &String| {
        let text = text.trim();
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.to_owned(),
        }
    };
    match text {
        Text::Plain(text) => Text::Plain(cut(text)),
        Text::Localized(texts) => {
            let texts = texts
                .iter()
                .map(|(locale, text)| (locale.clone(), cut(text)));
            Text::Localized(texts.collect())
        }
    }
}

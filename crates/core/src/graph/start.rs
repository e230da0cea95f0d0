//! How instances begin.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::{
    actor::Person,
    conditions::Condition,
    graph::{FormSpec, Gift},
    id::NodeKey,
    principal::Principal,
    text::Text,
};

/// One way to start: who may, where it leads, and what happens when an instance is running.
#[derive(Clone, Debug)]
pub struct StartRule {
    /// Its key.
    pub key: NodeKey,
    /// Its title for people.
    pub title: Text,
    /// What it is for.
    pub description: Option<Text>,
    /// The node that the instance enters; the first of the graph when `None`.
    pub first: Option<NodeKey>,
    /// What the first visit is given.
    pub passes: Gift,
    /// What begins it.
    pub trigger: Trigger,
    /// Who may start; empty means any active person.
    pub by: Vec<Principal>,
    /// The fields of the data that must be filled.
    pub form: Option<FormSpec>,
    /// When a bound subject starts by itself on creation.
    pub auto: Option<Arc<dyn Condition>>,
    /// What a start does while the same subject has a running instance of the workflow.
    pub if_running: IfRunning,
    /// Whether no two instances of the workflow may have one business key.
    pub unique: bool,
}

impl StartRule {
    /// Whether a person may take it.
    #[must_use]
    pub fn may_be_taken_by(&self, person: &Person) -> bool {
        let named = self.by.is_empty() || self.by.iter().any(|principal| person.is(principal));
        person.active && self.trigger == Trigger::Person && (named || person.admin)
    }
}

impl Default for StartRule {
    /// Any active person, without a form.
    fn default() -> Self {
        Self {
            key: NodeKey::from("start"),
            title: Text::from_key("start"),
            description: None,
            first: None,
            passes: Gift::default(),
            trigger: Trigger::Person,
            by: Vec::new(),
            form: None,
            auto: None,
            if_running: IfRunning::default(),
            unique: false,
        }
    }
}

/// What begins an instance.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Trigger {
    /// The host's code, nobody else.
    Code,
    /// A schedule in cron's five fields, by the clocks of the graph's time zone.
    Cron(String),
    /// Again and again, the first time at once.
    Every(SignedDuration),
    /// A message of that name.
    Message(String),
    /// A person, or the host's code.
    #[default]
    Person,
    /// A signal of that name.
    Signal(String),
}

/// What a start does while the same subject has a running instance of the workflow.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum IfRunning {
    /// Starts another.
    #[default]
    Allow,
    /// Refuses with `already_started`.
    Refuse,
    /// Gives the running one.
    Return,
}

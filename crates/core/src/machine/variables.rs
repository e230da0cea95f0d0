//! What conditions see.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::{
    actor::{Actor, By},
    conditions::Scope,
    facts::Facts,
    instance::Instance,
};

/// The root variables of a condition on an instance: each key of the data, and the engine's own.
///
/// The engine's names win; a key of the data that bears one of them is reached as `data.<key>`.
#[derive(Clone, Copy, Debug)]
pub struct Variables<'a> {
    instance: &'a Instance,
    facts: &'a Facts,
}

impl<'a> Variables<'a> {
    /// The names that the engine gives.
    pub const NAMES: &'static [&'static str] = &[
        "actor", "data", "forms", "instance", "nodes", "now", "subject",
    ];

    /// What is seen of `instance` by a command with `facts`.
    #[must_use]
    pub const fn new(instance: &'a Instance, facts: &'a Facts) -> Self {
        Self { instance, facts }
    }

    fn actor(&self) -> Value {
        match &self.facts.actor {
            Actor::Engine => json!({"id": null, "kind": "engine", "roles": []}),
            Actor::Host => json!({"id": null, "kind": "host", "roles": []}),
            Actor::Person(person) => {
                let roles: Vec<&str> = person.roles.iter().map(|role| role.as_str()).collect();
                json!({"id": person.id.as_str(), "kind": "person", "roles": roles})
            }
        }
    }

    fn instance(&self) -> Value {
        let instance = self.instance;
        let started_by = match instance.started_by() {
            By::Person(id) => Value::from(id.as_str()),
            By::Engine | By::Host => Value::Null,
        };
        json!({
            "id": instance.id().to_string(),
            "workflow": instance.definition().workflow.as_str(),
            "version": instance.definition().version,
            "status": instance.status().as_str(),
            "requester": instance.requester().map(|id| id.as_str()),
            "started_by": started_by,
            "started_at": instance.started_at().to_string(),
            "metadata": instance.metadata(),
        })
    }

    fn nodes(&self) -> Value {
        let nodes: Map<String, Value> = self
            .instance
            .results()
            .iter()
            .map(|(key, result)| {
                let actors: Vec<&str> = result.actors.iter().map(|id| id.as_str()).collect();
                (
                    key.as_str().to_owned(),
                    json!({"state": result.state, "actors": actors}),
                )
            })
            .collect();
        Value::Object(nodes)
    }
}

impl Scope for Variables<'_> {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        Some(match name {
            "actor" => Cow::Owned(self.actor()),
            "data" => Cow::Borrowed(&**self.instance.data()),
            "forms" => Cow::Borrowed(&**self.instance.forms()),
            "instance" => Cow::Owned(self.instance()),
            "nodes" => Cow::Owned(self.nodes()),
            "now" => Cow::Owned(Value::from(self.facts.now.to_string())),
            "subject" => {
                let subject = self.instance.subject()?;
                Cow::Owned(json!({"type": subject.kind, "id": subject.id}))
            }
            key => Cow::Borrowed(self.instance.data().get(key)?),
        })
    }
}

//! What conditions see.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::{
    actor::{Actor, By},
    conditions::{AboutPerson, People, Scope},
    facts::{Facts, Question},
    id::Subject,
    instance::{Activation, Given, Instance, Item},
    machine::context::Context,
};

/// The root variables of a condition on an instance: each key of the data, the items of the
/// branches around it, and the engine's own.
///
/// The engine's names win; a key of the data that bears one of them is reached as `data.<key>`.
/// The context of the command hides keys of the data of the same name. The type of the subject means
/// all of the data, unless they have a key of that name.
#[derive(Clone, Copy, Debug)]
pub struct Variables<'a> {
    instance: &'a Instance,
    facts: &'a Facts,
    items: &'a [Item],
    given: Option<&'a Given>,
    branches: Option<Branches>,
    data: Option<&'a Value>,
    about: Option<&'a str>,
}

/// How the branches of a scope stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Branches {
    pub(super) total: u32,
    pub(super) done: u32,
    pub(super) cancelled: u32,
    pub(super) failed: u32,
}

impl<'a> Variables<'a> {
    /// The names that are there before there is an instance.
    pub(crate) const AT_START: &'static [&'static str] = &["actor", "data", "now", "subject"];

    /// The names that the engine gives.
    pub const NAMES: &'static [&'static str] = &[
        "actor", "branches", "data", "forms", "instance", "item", "nodes", "now", "outcome",
        "subject", "task",
    ];

    /// What is seen of `instance` by a command with `facts`, outside every activation.
    #[must_use]
    pub const fn new(instance: &'a Instance, facts: &'a Facts) -> Self {
        Self {
            instance,
            facts,
            items: &[],
            given: None,
            branches: None,
            data: None,
            about: None,
        }
    }

    /// The same with what the subjects of the definition are called, by which all of the data is
    /// meant, of an instance without a subject too.
    #[must_use]
    pub(crate) const fn about(self, subject: Option<&'a str>) -> Self {
        Self {
            about: subject,
            ..self
        }
    }

    /// What is seen of `instance` by the command that is being decided.
    pub(super) fn here(cx: &Context<'a>, instance: &'a Instance) -> Self {
        Self::new(instance, cx.facts).about(cx.graph.subject())
    }

    /// The same as seen from a visit with these items, given this.
    pub(crate) const fn visiting(self, items: &'a [Item], given: &'a Given) -> Self {
        Self {
            items,
            given: Some(given),
            ..self
        }
    }

    /// The same as seen from an activation.
    pub(super) fn of(self, activation: &'a Activation) -> Self {
        self.visiting(&activation.items, &activation.given)
    }

    /// The same with the branches of a scope.
    pub(super) const fn with_branches(self, branches: Branches) -> Self {
        Self {
            branches: Some(branches),
            ..self
        }
    }

    /// The same with other data.
    pub(super) const fn with_data(self, data: &'a Value) -> Self {
        Self {
            data: Some(data),
            ..self
        }
    }

    /// The items of the branches around.
    pub(super) const fn items(&self) -> &'a [Item] {
        self.items
    }

    fn data(&self) -> &'a Value {
        self.data.unwrap_or_else(|| self.instance.data())
    }

    /// All of the data by the name of the subject's type, the context of the command laid over it.
    fn whole(&self, key: &str) -> Option<Cow<'_, Value>> {
        let of_instance = self.instance.subject().map(|subject| subject.kind.as_str());
        if self.about.or(of_instance) != Some(key) {
            return None;
        }
        let context = &self.facts.context;
        let data = self.data();
        Some(match data.as_object() {
            Some(fields) if !context.is_empty() => {
                let mut seen = fields.clone();
                seen.extend(Map::clone(context));
                Cow::Owned(Value::Object(seen))
            }
            _ => Cow::Borrowed(data),
        })
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
            "business_key": instance.business_key(),
            "requester": instance.requester().map(|id| id.as_str()),
            "started_by": started_by,
            "started_at": instance.started_at().to_string(),
            "metadata": instance.metadata(),
            "seed": instance.seed(),
            "artifact": instance.artifact(),
            "parent": instance.parent().map(|parent| parent.instance.to_string()),
        })
    }

    fn task(&self) -> Option<Value> {
        let given = self.given?;
        let data = given.data.as_deref().cloned();
        Some(json!({
            "data": data.unwrap_or_else(|| Value::Object(Map::new())),
            "seed": given.seed.as_deref(),
        }))
    }

    fn nodes(&self) -> Value {
        let nodes: Map<String, Value> = self
            .instance
            .results()
            .iter()
            .map(|(key, result)| {
                let actors: Vec<&str> = result.actors.iter().map(|id| id.as_str()).collect();
                let mut seen = json!({"state": result.state, "actors": actors});
                if let Some(status) = &result.status {
                    seen["status"] = Value::from(status.key.as_str());
                }
                if let Some(artifact) = &result.artifact {
                    seen["artifact"] = Value::clone(artifact);
                }
                (key.as_str().to_owned(), seen)
            })
            .collect();
        Value::Object(nodes)
    }

    /// The item that `name` means: the innermost of that name.
    fn item(&self, name: &str) -> Option<&'a Value> {
        let mut items = self.items.iter().rev();
        let item = if name == "item" {
            items.next()
        } else {
            items.find(|item| item.name.as_deref() == Some(name))
        };
        item.map(|item| &*item.value)
    }
}

/// Who acts, as conditions see it.
pub(super) fn actor(actor: &Actor) -> Value {
    let nobody = |kind: &str| json!({"id": null, "kind": kind, "roles": [], "department": null, "team": null});
    match actor {
        Actor::Engine => nobody("engine"),
        Actor::Host => nobody("host"),
        Actor::Person(person) => {
            let roles: Vec<&str> = person.roles.iter().map(|role| role.as_str()).collect();
            json!({
                "id": person.id.as_str(), "kind": "person", "roles": roles,
                "department": person.department, "team": person.team,
            })
        }
    }
}

/// What an instance is about, as conditions see it.
pub(super) fn subject(subject: &Subject) -> Value {
    json!({"type": subject.kind, "id": subject.id})
}

impl Scope for Variables<'_> {
    fn people(&self) -> People {
        let mut people = self.facts.answers.people();
        if let Actor::Person(person) = &self.facts.actor {
            let roles = match person.active {
                true => person.roles.clone(),
                false => Default::default(),
            };
            people.roles.insert(person.id.clone(), roles);
        }
        people
    }

    fn ask(&self, about: &AboutPerson) {
        self.facts.answers.want(match about {
            AboutPerson::Manager(of) => Question::Manager(of.clone()),
            AboutPerson::Roles(of) => Question::Person(of.clone()),
        });
    }

    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        Some(match name {
            "actor" => Cow::Owned(actor(&self.facts.actor)),
            "branches" => {
                let branches = self.branches?;
                Cow::Owned(json!({
                    "total": branches.total,
                    "done": branches.done,
                    "cancelled": branches.cancelled,
                    "failed": branches.failed,
                }))
            }
            "data" => Cow::Borrowed(self.data()),
            "forms" => Cow::Borrowed(&**self.instance.forms()),
            "instance" => Cow::Owned(self.instance()),
            "item" => Cow::Borrowed(self.item(name)?),
            "nodes" => Cow::Owned(self.nodes()),
            "now" => Cow::Owned(Value::from(self.facts.now.to_string())),
            "outcome" => Cow::Owned(Value::from(self.instance.outcome()?)),
            "subject" => Cow::Owned(subject(self.instance.subject()?)),
            "task" => Cow::Owned(self.task()?),
            key => match self.item(key).or_else(|| self.facts.context.get(key)) {
                Some(value) => Cow::Borrowed(value),
                None => match self.data().get(key) {
                    Some(value) => Cow::Borrowed(value),
                    None => self.whole(key)?,
                },
            },
        })
    }
}

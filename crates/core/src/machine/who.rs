//! Whom a definition means.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    graph::Who,
    id::PersonId,
    instance::Instance,
    machine::{
        context::{Context, Halt, gather},
        failure::Failure,
        variables::Variables,
    },
    principal::Principal,
    refusal::RefusalCode,
};

/// Those whom a definition means now.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// Those who are named and can be asked, in order, each once.
    pub(super) named: Vec<Principal>,
    /// The active persons among them, in order, each once; empty where anyone is meant.
    pub(super) persons: Vec<PersonId>,
}

impl Asked {
    fn one(cx: &Context<'_>, person: Option<PersonId>) -> Result<Self, Halt> {
        let Some(person) = person else {
            return Ok(Self::default());
        };
        let active = cx.active(&person)?;
        Ok(Self {
            named: active.iter().cloned().map(Principal::User).collect(),
            persons: active.into_iter().collect(),
        })
    }

    /// Whether any active person is meant.
    pub(super) fn is_anyone(&self) -> bool {
        self.named == [Principal::Anyone]
    }

    /// The same without those who may not act.
    pub(super) fn without(mut self, excluded: &BTreeSet<PersonId>) -> Self {
        self.persons.retain(|person| !excluded.contains(person));
        self.named.retain(|principal| match principal {
            Principal::Anyone | Principal::Role(_) => true,
            Principal::User(person) => !excluded.contains(person),
        });
        self
    }

    /// Whether somebody can act.
    pub(super) fn is_empty(&self) -> bool {
        self.persons.is_empty() && !self.is_anyone()
    }
}

/// Whom `who` means when a task opens; `Err` inside when an expression fails.
pub(super) fn resolve(
    cx: &Context<'_>,
    instance: &Instance,
    variables: &Variables<'_>,
    who: &Who,
) -> Result<Result<Asked, Failure>, Halt> {
    Ok(Ok(match who {
        Who::Anyone => Asked {
            named: vec![Principal::Anyone],
            persons: Vec::new(),
        },
        Who::From(source) => match source.evaluate(variables) {
            Ok(value) => match principals(&value) {
                Ok(named) => several(cx, named)?,
                Err(failure) => return Ok(Err(failure)),
            },
            Err(error) => return Ok(Err(Failure::condition(&**source, &error))),
        },
        Who::Role(role) => Asked {
            named: vec![Principal::Role(role.clone())],
            persons: cx.members(role)?.to_vec(),
        },
        Who::User(user) => Asked::one(cx, Some(user.clone()))?,
        Who::Requester => Asked::one(cx, instance.requester().cloned())?,
        Who::ActorOf(node) => {
            let result = instance.results().get(node);
            let last = result.and_then(|result| result.actors.last());
            Asked::one(cx, last.cloned())?
        }
        Who::ManagerOfRequester => match instance.requester() {
            Some(requester) => Asked::one(cx, cx.manager(requester)?.cloned())?,
            None => Asked::default(),
        },
        // Only an escalation has an assignee; the checker refuses it elsewhere.
        Who::ManagerOfAssignee => Asked::default(),
    }))
}

fn several(cx: &Context<'_>, named: Vec<Principal>) -> Result<Asked, Halt> {
    let found = gather(named.into_iter().map(|principal| {
        let persons = match &principal {
            Principal::Anyone => Vec::new(),
            Principal::Role(role) => cx.members(role)?.to_vec(),
            Principal::User(person) => match cx.active(person)? {
                Some(person) => vec![person],
                None => return Ok(None),
            },
        };
        Ok(Some((principal, persons)))
    }))?;
    let mut asked = Asked::default();
    for (principal, persons) in found.into_iter().flatten() {
        if !asked.named.contains(&principal) {
            asked.named.push(principal);
        }
        for person in persons {
            if !asked.persons.contains(&person) {
                asked.persons.push(person);
            }
        }
    }
    Ok(asked)
}

/// A person's id, a principal, or a list of those; nothing for `null`.
fn principals(value: &Value) -> Result<Vec<Principal>, Failure> {
    let invalid = |found: &Value| {
        let message = format!("`from` gives {found}, which names nobody");
        Failure::new(RefusalCode::NoApprover, message)
    };
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(text) if text.is_empty() => Ok(Vec::new()),
        Value::String(text) => {
            Ok(vec![text.parse().unwrap_or_else(|_| {
                Principal::User(PersonId::from(text.as_str()))
            })])
        }
        Value::Array(items) => items
            .iter()
            .map(|item| match item {
                Value::Array(_) => Err(invalid(item)),
                item => principals(item),
            })
            .collect::<Result<Vec<_>, _>>()
            .map(|lists| lists.into_iter().flatten().collect()),
        other => Err(invalid(other)),
    }
}

/// In words, for messages.
pub(super) fn describe(who: &Who) -> String {
    match who {
        Who::ActorOf(node) => format!("the actor of `{node}`"),
        Who::Anyone => "anyone".to_owned(),
        Who::From(source) => format!("given by `{}`", source.source()),
        Who::ManagerOfAssignee => "the assignee's manager".to_owned(),
        Who::ManagerOfRequester => "the requester's manager".to_owned(),
        Who::Requester => "the requester".to_owned(),
        Who::Role(role) => format!("in the role `{role}`"),
        Who::User(user) => format!("the user `{user}`"),
    }
}

//! Whom a definition means.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    graph::{Hierarchy, Led, Via, Who},
    id::{NodeKey, PersonId, RoleId},
    instance::Instance,
    machine::{
        context::{Context, Halt, gather},
        failure::Failure,
        variables::Variables,
    },
    principal::Principal,
    refusal::RefusalCode,
};

/// How far a hierarchy of roles is climbed where nothing says how far.
const ROLES_ABOVE: usize = 50;

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
        Who::ActorOf(node) => Asked::one(cx, last_actor(instance, node).cloned())?,
        Who::HeadOf(unit) => match instance.requester() {
            Some(requester) => Asked::one(cx, cx.head(*unit, requester)?.cloned())?,
            None => Asked::default(),
        },
        Who::ManagerOf(led, levels) => {
            let of = match led {
                Led::ActorOf(node) => last_actor(instance, node),
                Led::Requester => instance.requester(),
                // Only an escalation has an assignee; the checker refuses it elsewhere.
                Led::Assignee => None,
            };
            match of {
                Some(of) => Asked::one(cx, leader(cx, of, *levels)?)?,
                None => Asked::default(),
            }
        }
    }))
}

fn last_actor<'a>(instance: &'a Instance, node: &NodeKey) -> Option<&'a PersonId> {
    instance.results().get(node)?.actors.last()
}

/// Who leads the person so many levels up; nobody where the chain ends before, or comes back.
pub(super) fn leader(
    cx: &Context<'_>,
    person: &PersonId,
    levels: u32,
) -> Result<Option<PersonId>, Halt> {
    let mut chain = vec![person];
    for _ in 0..levels {
        match cx.manager(chain[chain.len() - 1])? {
            Some(manager) if !chain.contains(&manager) => chain.push(manager),
            _ => return Ok(None),
        }
    }
    Ok(chain.last().map(|person| (*person).clone()))
}

/// The roles above a role, from the nearest to the top; one that is above itself ends the way.
pub(super) fn ancestors(cx: &Context<'_>, role: &RoleId) -> Result<Vec<RoleId>, Halt> {
    let mut chain = vec![role.clone()];
    while chain.len() <= ROLES_ABOVE {
        match cx.role_parent(&chain[chain.len() - 1])? {
            Some(parent) if !chain.contains(parent) => chain.push(parent.clone()),
            _ => break,
        }
    }
    chain.remove(0);
    Ok(chain)
}

/// The active persons above those who are meant, level by level, each once; a level without any is
/// left out. Nobody is above himself, and a chain that comes back to somebody ends there.
pub(super) fn above(
    cx: &Context<'_>,
    base: &Asked,
    rule: Hierarchy,
) -> Result<Vec<Vec<PersonId>>, Halt> {
    let mut seen: BTreeSet<PersonId> = base.persons.iter().cloned().collect();
    let mut levels = Vec::new();
    match rule.via {
        Via::Manager => {
            let mut front = base.persons.clone();
            for _ in 0..rule.levels {
                let managers = gather(front.iter().map(|person| cx.manager(person)))?;
                front = managers
                    .into_iter()
                    .flatten()
                    .filter(|manager| seen.insert((*manager).clone()))
                    .cloned()
                    .collect();
                let active = gather(front.iter().map(|person| cx.active(person)))?;
                levels.push(active.into_iter().flatten().collect());
            }
        }
        Via::Role => {
            let mut front = roles(cx, base)?;
            let mut passed = BTreeSet::new();
            for _ in 0..rule.levels {
                let parents = gather(front.iter().map(|role| cx.role_parent(role)))?;
                front = parents
                    .into_iter()
                    .flatten()
                    .filter(|parent| passed.insert((*parent).clone()))
                    .cloned()
                    .collect();
                let members = gather(front.iter().map(|role| cx.members(role)))?;
                let members = members.iter().flat_map(|members| members.iter());
                levels.push(
                    members
                        .filter(|person| seen.insert((*person).clone()))
                        .cloned()
                        .collect(),
                );
            }
        }
    }
    levels.retain(|level: &Vec<PersonId>| !level.is_empty());
    Ok(levels)
}

/// The roles from which a hierarchy of roles is climbed: those that are named, else those that the
/// persons have.
fn roles(cx: &Context<'_>, base: &Asked) -> Result<BTreeSet<RoleId>, Halt> {
    let named: BTreeSet<RoleId> = base
        .named
        .iter()
        .filter_map(|principal| match principal {
            Principal::Role(role) => Some(role.clone()),
            Principal::Anyone | Principal::User(_) => None,
        })
        .collect();
    if !named.is_empty() {
        return Ok(named);
    }
    let persons = gather(base.persons.iter().map(|person| cx.person(person)))?;
    let roles = persons.into_iter().flatten();
    Ok(roles
        .flat_map(|person| person.roles.iter().cloned())
        .collect())
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
        Who::HeadOf(unit) => format!("the head of the requester's {}", unit.as_str()),
        Who::ManagerOf(led, levels) => {
            let of = match led {
                Led::ActorOf(node) => format!("the actor of `{node}`"),
                Led::Assignee => "the assignee".to_owned(),
                Led::Requester => "the requester".to_owned(),
            };
            match levels {
                1 => format!("the manager of {of}"),
                levels => format!("the manager {levels} levels above {of}"),
            }
        }
        Who::Requester => "the requester".to_owned(),
        Who::Role(role) => format!("in the role `{role}`"),
        Who::User(user) => format!("the user `{user}`"),
    }
}

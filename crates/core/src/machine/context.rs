//! What a decision may look at.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    actor::{Actor, Person},
    command::Command,
    facts::{Facts, Question},
    graph::{Graph, Unit},
    id::{PersonId, RoleId},
    principal::Principal,
    refusal::{Refusal, RefusalCode},
};

/// Why a decision cannot go on right now.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Halt {
    /// Something must be answered first.
    Ask(Vec<Question>),
    /// It may not happen.
    Refuse(Refusal),
}

impl Halt {
    pub(super) fn refuse(code: RefusalCode, message: impl Into<String>) -> Self {
        Self::Refuse(Refusal::new(code, message))
    }
}

/// What a decision may look at, besides the instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    pub(super) graph: &'a Graph,
    pub(super) command: &'a Command,
    pub(super) facts: &'a Facts,
}

impl<'a> Context<'a> {
    /// The active persons who have the role, in id order.
    pub(super) fn members(&self, role: &RoleId) -> Result<Arc<[PersonId]>, Halt> {
        self.facts
            .answers
            .get_members(role)
            .cloned()
            .ok_or_else(|| Halt::Ask(vec![Question::Members(role.clone())]))
    }

    /// The persons whom candidates mean now, in order; whoever is meant twice is there twice.
    pub(super) fn candidates(&self, candidates: &[Principal]) -> Result<Vec<PersonId>, Halt> {
        let found = gather(candidates.iter().map(|candidate| match candidate {
            // Everybody is nobody in particular: none is told, none is managed.
            Principal::Anyone => Ok(Vec::new()),
            Principal::User(person) => Ok(vec![person.clone()]),
            Principal::Role(role) => Ok(self.members(role)?.to_vec()),
        }))?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Who leads the person.
    pub(super) fn manager(&self, of: &PersonId) -> Result<Option<&'a PersonId>, Halt> {
        self.facts
            .answers
            .get_manager(of)
            .ok_or_else(|| Halt::Ask(vec![Question::Manager(of.clone())]))
    }

    /// Who leads the department or the team of the person.
    pub(super) fn head(&self, unit: Unit, of: &PersonId) -> Result<Option<&'a PersonId>, Halt> {
        self.facts
            .answers
            .get_head(unit, of)
            .ok_or_else(|| Halt::Ask(vec![Question::Head(unit, of.clone())]))
    }

    /// The role above the role.
    pub(super) fn role_parent(&self, role: &RoleId) -> Result<Option<&'a RoleId>, Halt> {
        self.facts
            .answers
            .get_role_parent(role)
            .ok_or_else(|| Halt::Ask(vec![Question::RoleParent(role.clone())]))
    }

    /// Who stands in for whom now.
    pub(super) fn substitutions(&self) -> Result<&'a BTreeMap<PersonId, PersonId>, Halt> {
        let found = self.facts.answers.get_substitutions();
        found
            .map(AsRef::as_ref)
            .ok_or_else(|| Halt::Ask(vec![Question::Substitutions]))
    }

    /// The person, if the directory knows one.
    pub(super) fn person(&self, id: &PersonId) -> Result<Option<&'a Person>, Halt> {
        match &self.facts.actor {
            Actor::Person(actor) if actor.id == *id => Ok(Some(actor)),
            _ => self
                .facts
                .answers
                .get_person(id)
                .ok_or_else(|| Halt::Ask(vec![Question::Person(id.clone())])),
        }
    }

    /// The person, if the directory knows an active one.
    pub(super) fn active(&self, id: &PersonId) -> Result<Option<PersonId>, Halt> {
        Ok(self
            .person(id)?
            .filter(|person| person.active)
            .map(|person| person.id.clone()))
    }

    /// Halts when conditions need to know something of people: what they came to so far is void.
    pub(super) fn asked(&self) -> Result<(), Halt> {
        let wanted = self.facts.answers.take_wanted();
        match wanted.is_empty() {
            true => Ok(()),
            false => Err(Halt::Ask(wanted)),
        }
    }

    /// Whether the call comes from a person or the host, so that a failure can be told to the caller.
    ///
    /// Whoever sends a message or throws a signal need not know what follows from it elsewhere.
    pub(super) fn is_called(&self) -> bool {
        let by_engine = matches!(self.facts.actor, Actor::Engine);
        let sent =
            matches!(self.command, Command::Deliver(_, delivery) if !delivery.name.is_empty());
        // Nor whoever resumes, of what the instance was told meanwhile.
        !by_engine && !sent && *self.command != Command::Resume
    }
}

/// Both results, or the questions of both, or the first refusal.
pub(super) fn both<A, B>(one: Result<A, Halt>, other: Result<B, Halt>) -> Result<(A, B), Halt> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(Halt::Ask(mut questions)), Err(Halt::Ask(more))) => {
            questions.extend(more);
            questions.sort();
            questions.dedup();
            Err(Halt::Ask(questions))
        }
        (Err(Halt::Ask(_)), Err(refusal)) => Err(refusal),
        (Err(halt), _) | (Ok(_), Err(halt)) => Err(halt),
    }
}

/// All results, or all questions of those that lack an answer, or the first refusal.
pub(super) fn gather<T>(
    results: impl IntoIterator<Item = Result<T, Halt>>,
) -> Result<Vec<T>, Halt> {
    let mut values = Vec::new();
    let mut questions = Vec::new();
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(Halt::Ask(more)) => questions.extend(more),
            Err(refusal) => return Err(refusal),
        }
    }
    if questions.is_empty() {
        return Ok(values);
    }
    questions.sort();
    questions.dedup();
    Err(Halt::Ask(questions))
}

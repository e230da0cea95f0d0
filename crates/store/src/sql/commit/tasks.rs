//! The stored form of tasks and of their candidates.

use std::collections::BTreeSet;

use serde::Serialize;
use signoff_core::{
    change::TaskOp,
    id::{PersonId, TaskId},
    instance::TaskRow,
    principal::Principal,
};

use crate::{
    error::Result,
    sql::{
        Arg,
        commit::args::{hex, json, list},
        nanos,
    },
};

/// Who may take a task.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Candidate {
    task: TaskId,
    principal: String,
    opened_at: i64,
    /// Whether others may too.
    shared: bool,
}

impl Candidate {
    /// Principal, opening and task, the key of its row; then whether it is shared.
    pub(super) fn args(&self) -> [Arg; 4] {
        [
            self.principal.as_str().into(),
            self.opened_at.into(),
            self.task.uuid().into(),
            i64::from(self.shared).into(),
        ]
    }

    fn json(&self) -> impl Serialize + '_ {
        let task = hex(self.task.uuid());
        (&self.principal, self.opened_at, task, u8::from(self.shared))
    }
}

/// What becomes of candidates.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// New ones, and those that are alone or not as they were not before.
    pub(super) put: Vec<Candidate>,
    /// Those that are none any more, by principal.
    pub(super) dropped: Vec<Candidate>,
}

impl Candidates {
    /// What changes of them when these tasks are written.
    pub(super) fn of(tasks: &[(TaskOp, TaskRow)]) -> Self {
        let mut all = Self::default();
        for (op, row) in tasks {
            let new: BTreeSet<&Principal> = row.candidates.iter().collect();
            let old: BTreeSet<&Principal> = match op {
                TaskOp::Insert => BTreeSet::new(),
                TaskOp::Update { candidates } => candidates.iter().collect(),
            };
            if new == old {
                continue;
            }
            let candidate = |who: &&Principal| Candidate {
                task: row.id,
                principal: who.to_string(),
                opened_at: nanos(row.opened_at),
                shared: new.len() > 1,
            };
            all.put.extend(new.iter().map(candidate));
            all.dropped.extend(old.difference(&new).map(candidate));
        }
        all.dropped
            .sort_unstable_by(|one, other| one.principal.cmp(&other.principal));
        all
    }

    /// As JSON: those to put, and those dropped.
    pub(super) fn lists(&self) -> Result<[Option<String>; 2]> {
        Ok([to_json(&self.put)?, to_json(&self.dropped)?])
    }
}

/// Candidates as JSON, if there are any.
pub(super) fn to_json(candidates: &[Candidate]) -> Result<Option<String>> {
    list(candidates, |candidate| Ok(candidate.json()))
}

/// Tasks as JSON, if there are any.
pub(super) fn tasks_json(tasks: &[(TaskOp, TaskRow)]) -> Result<Option<String>> {
    list(tasks, |(_, row)| {
        Ok((
            hex(row.id.uuid()),
            hex(row.activation.uuid()),
            &row.node,
            row.number,
            &row.state,
            &row.assignee,
            json(&row.candidates)?,
            nanos(row.opened_at),
            row.due_at.map(nanos),
            row.closed_at.map(nanos),
            &row.closed_by,
            &row.outcome,
            &row.body,
            &row.activation_body,
        ))
    })
}

/// What never changes of a task: id, activation, number and opening.
pub(super) fn fixed_args(row: &TaskRow) -> [Arg; 4] {
    [
        row.id.uuid().into(),
        row.activation.uuid().into(),
        i64::from(row.number).into(),
        row.opened_at.into(),
    ]
}

/// What may change of a task: node, state, assignee, candidates, due, closed at, closed by, outcome,
/// body, body of its activation.
pub(super) fn changing_args(row: &TaskRow) -> Result<[Arg; 10]> {
    Ok([
        row.node.as_str().into(),
        row.state.as_str().into(),
        row.assignee.as_ref().map(PersonId::as_str).into(),
        json(&row.candidates)?.into(),
        row.due_at.into(),
        row.closed_at.into(),
        row.closed_by.as_ref().map(PersonId::as_str).into(),
        row.outcome.as_deref().into(),
        row.body.as_str().into(),
        row.activation_body.as_deref().into(),
    ])
}

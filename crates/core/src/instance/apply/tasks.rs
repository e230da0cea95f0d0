//! Tasks, decisions, entries, data.

use std::sync::Arc;

use serde_json::Value;

use super::Stamp;
use crate::{
    event::{Decision, TaskOpened},
    id::{ActivationId, PersonId, TaskId},
    instance::{Activation, Body, Closing, EntryState, Instance, OpenEntry, Outcome, Task, Vote},
};

impl Instance {
    pub(super) fn change_task(&mut self, id: TaskId, change: impl FnOnce(&mut Task)) {
        if let Some(task) = self.tasks.get_mut(id) {
            let was_open = task.is_open();
            change(task);
            if was_open && !task.is_open() {
                self.tasks.close(id);
            }
        }
    }

    pub(super) fn open_task(&mut self, stamp: &Stamp, opened: &TaskOpened) {
        self.header.numbered = opened.number;
        self.add_task(Task {
            id: opened.task,
            activation: opened.activation,
            node: opened.node.clone(),
            entry: opened.entry,
            number: opened.number,
            duty: opened.duty.clone(),
            assignee: opened.assignee.clone(),
            candidates: opened.candidates.clone(),
            delegations: Vec::new(),
            escalated: 0,
            question: opened.question.clone(),
            check_in: None,
            opened_at: stamp.at,
            assigned_at: opened.assignee.as_ref().map(|_| stamp.at),
            left: None,
            started_at: None,
            suspended_at: None,
            draft: None,
            timers: opened.timers.clone(),
            closing: None,
        });
        if let Some(question) = &opened.question {
            self.change_task(question.about, |task| task.timers.stop(stamp.at));
        }
    }

    /// A task ends undecided, or is answered; the clock of what was asked about goes on unless other
    /// answers are waited for.
    pub(super) fn close_task(&mut self, stamp: &Stamp, id: TaskId, closing: Closing) {
        self.change_task(id, |task| task.closing = Some(closing));
        let about = self.tasks.get(id).and_then(|task| {
            let question = task.question.as_ref()?;
            Some((question.about, task.activation))
        });
        let Some((about, activation)) = about else {
            return;
        };
        let asks = |task: &Task| {
            let question = task.question.as_ref();
            question.is_some_and(|question| question.about == about)
        };
        let waits = self.tasks_of(activation).any(asks);
        if !waits && self.tasks_of(activation).any(|task| task.id == about) {
            self.change_task(about, |task| {
                // From its suspension on, the time is counted when it is resumed.
                let until = task
                    .suspended_at
                    .map_or(stamp.at, |since| since.min(stamp.at));
                task.timers.go_on(until);
            });
        }
    }

    pub(super) fn decide(&mut self, stamp: &Stamp, decision: &Decision) {
        self.change_task(decision.task, |task| {
            task.closing = Some(Closing::Completed {
                by: decision.by.clone(),
                at: stamp.at,
                outcome: decision.outcome,
            });
            task.draft = None;
        });
        if let (Some(form), true) = (&decision.form, decision.keeps_form())
            && let Value::Object(forms) = Arc::make_mut(&mut self.forms)
        {
            forms.insert(decision.node.as_str().to_owned(), Value::clone(form));
        }
        let Some(activation) = self.activations.get_mut(decision.activation) else {
            return;
        };
        activation.actors.extend(decision.by.person().cloned());
        activation.principals.extend(decision.on_behalf_of.clone());
        if let Body::Approval(entries) = &mut activation.body
            && let Some(EntryState::Open(entry)) = entries.get_mut(usize::from(decision.entry))
        {
            entry.votes.push(Vote {
                by: decision.by.clone(),
                approve: decision.outcome == Outcome::Approved,
            });
        }
    }

    /// Whoever gives a task away, or has it taken away, took part.
    pub(super) fn give_away(&mut self, id: TaskId, from: Option<&PersonId>) {
        let Some(task) = self.tasks.get(id) else {
            return;
        };
        let Some(from) = from.or(task.assignee.as_ref()).cloned() else {
            return;
        };
        let activation = task.activation;
        if let Some(activation) = self.activations.get_mut(activation)
            && !activation.givers.contains(&from)
        {
            activation.givers.push(from);
        }
    }

    /// A task goes to somebody for good: the vote that it carries is theirs, and whoever delegated it
    /// has nothing to do with it any more.
    pub(super) fn transfer(&mut self, stamp: &Stamp, id: TaskId, to: &PersonId) {
        let Some(task) = self.tasks.get(id) else {
            return;
        };
        let (activation, entry, duty) = (task.activation, task.entry, task.duty.clone());
        if let (Some(from), Some(found)) = (&duty, self.activations.get_mut(activation))
            && let Body::Approval(entries) = &mut found.body
            && let Some(EntryState::Open(open)) = entries.get_mut(usize::from(entry))
            && let Some(member) = open.members.iter_mut().find(|member| *member == from)
        {
            *member = to.clone();
        }
        self.change_task(id, |task| {
            task.duty = duty.map(|_| to.clone());
            task.delegations.clear();
            task.assign(Some(to.clone()), stamp.at);
        });
    }

    pub(super) fn set_entry(&mut self, id: ActivationId, index: u16, state: EntryState) {
        if let Some(Activation {
            body: Body::Approval(entries),
            ..
        }) = self.activations.get_mut(id)
            && let Some(slot) = entries.get_mut(usize::from(index))
        {
            *slot = state;
        }
    }

    pub(super) fn change_entry(
        &mut self,
        id: ActivationId,
        index: u16,
        change: impl FnOnce(&mut OpenEntry),
    ) {
        if let Some(Activation {
            body: Body::Approval(entries),
            ..
        }) = self.activations.get_mut(id)
            && let Some(EntryState::Open(open)) = entries.get_mut(usize::from(index))
        {
            change(open);
        }
    }

    pub(super) fn set_data(&mut self, into: Option<&str>, value: &Value) {
        if let Some(key) = into
            && let Value::Object(data) = Arc::make_mut(&mut self.data)
        {
            data.insert(key.to_owned(), value.clone());
        }
    }
}

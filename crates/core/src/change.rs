//! What an accepted command writes: net, and whole or not at all.

mod field;
mod job;
mod parts;
mod row;
mod touched;

use std::sync::Arc;

pub use self::{
    field::{FieldRow, field_key},
    job::{
        ActionCall, ActionContext, ActionsJob, Addressee, ChildJob, JobRow, JobWork, NodeJob,
        ResolvedAction,
    },
    row::{
        HistoryRow, IncidentRow, MessageRow, RequestRow, RowOp, Rows, SubscriptionKind,
        SubscriptionRow, TaskOp,
    },
};
use self::{parts::Parts, touched::Touched};
use crate::{
    event::HistoryEntry,
    graph::Indexed,
    instance::{Instance, to_json},
};

/// What an accepted command writes.
///
/// Net: nothing that was opened and closed again in it appears outside the history. A store writes
/// [`rows`](Self::rows) whole or not at all and interprets none of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The version that the command was decided on; 0 for a new instance. The only lock.
    pub before: u64,
    /// The new history entry.
    pub entry: HistoryEntry,
    after: Instance,
    rows: Parts,
}

impl Change {
    /// The net change from `before` to `after` by `entry`, with the jobs of its actions.
    ///
    /// `after` still holds what the command closed; it is found by the fields of `indexed`.
    pub(crate) fn net(
        before: Option<&Instance>,
        after: Instance,
        entry: HistoryEntry,
        actions: Vec<JobRow>,
        indexed: &[Indexed],
    ) -> Self {
        let mut parts = Parts {
            data: before.is_none_or(|before| !Arc::ptr_eq(before.data(), after.data())),
            forms: before.is_none_or(|before| !Arc::ptr_eq(before.forms(), after.forms())),
            jobs: actions,
            ..Parts::default()
        };
        let moved = before.is_some_and(|before| before.definition() != after.definition());
        if moved || (parts.data && !indexed.is_empty()) {
            parts.fields = Some(field::rows(indexed, after.data()));
        }
        let mut touched = Touched::default();
        for event in &entry.events {
            touched.add(event, &after);
        }
        touched.tasks.sort_unstable();
        touched.tasks.dedup();
        touched.activations.sort_unstable();
        touched.activations.dedup();
        for id in &touched.tasks {
            parts.add_task(before, &after, *id);
        }
        for id in &touched.activations {
            parts.add_activation(before, &after, *id, entry.at);
        }
        // Ordered and cancelled again in one command: there is nothing to run.
        parts.jobs.retain(|job| match &job.work {
            JobWork::Node(work) => after.activation(work.activation).is_some(),
            JobWork::Receive { activation, .. } => after.activation(*activation).is_some(),
            JobWork::StartChild(work) => {
                !work.parent.awaits || after.activation(work.parent.activation).is_some()
            }
            _ => true,
        });
        parts.add_incidents(&after, &entry);
        Self {
            before: before.map_or(0, Instance::version),
            after: after.at_version(entry.version),
            entry,
            rows: parts,
        }
    }

    /// The instance after the command; it still remembers what the command closed.
    #[must_use]
    pub fn instance(&self) -> &Instance {
        &self.after
    }

    /// The instance after the command, as the fold of its history gives it.
    #[must_use]
    pub fn into_instance(self) -> Instance {
        self.after.compact()
    }

    /// The jobs that the change adds.
    #[must_use]
    pub fn jobs(&self) -> &[JobRow] {
        &self.rows.jobs
    }

    /// The rows to write, in the stored form.
    #[must_use]
    pub fn rows(&self) -> Rows {
        let parts = &self.rows;
        let after = &self.after;
        let live = |op: RowOp| op != RowOp::Delete;
        Rows {
            before: self.before,
            instance: after.row(self.entry.at, parts.data, parts.forms),
            newest: None,
            history: HistoryRow {
                tenant: after.tenant().clone(),
                instance: after.id(),
                version: self.entry.version,
                at: self.entry.at,
                person: self.entry.by.person().cloned(),
                body: to_json(&self.entry),
            },
            tasks: parts
                .tasks
                .iter()
                .filter_map(|(id, op)| {
                    let task = after.touched_task(*id)?;
                    let carried = (after.carrier(task.activation) == Some(*id))
                        .then(|| after.activation(task.activation))
                        .flatten();
                    Some((op.clone(), task.row(after, carried)))
                })
                .collect(),
            activations: parts
                .activations
                .iter()
                .filter(|(_, op)| live(*op))
                .filter_map(|(id, op)| Some((*op, after.touched_activation(*id)?.row(after))))
                .collect(),
            dropped_activations: parts
                .activations
                .iter()
                .filter(|(_, op)| !live(*op))
                .map(|(id, _)| *id)
                .collect(),
            jobs: parts.jobs.clone(),
            dropped_jobs: parts.dropped_jobs.clone(),
            incidents: parts.incidents.clone(),
            resolved_incidents: parts.resolved_incidents.clone(),
            subscriptions: parts.subscriptions.clone(),
            dropped_subscriptions: parts.dropped_subscriptions.clone(),
            consumed: parts.consumed.clone(),
            fields: parts.fields.clone(),
            request: None,
        }
    }
}

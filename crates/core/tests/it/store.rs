//! A naive row store: maps by id that take a change literally.

use std::collections::{BTreeMap, BTreeSet};

use signoff_core::{
    change::{ChildJob, IncidentRow, JobRow, JobWork, RowOp, Rows, SubscriptionRow, TaskOp},
    facts::LoadedPart,
    id::{ActivationId, IncidentId, InstanceId, JobId, MessageId, TaskId},
    instance::{ActivationRow, Instance, InstanceRow, LoadedRows, TaskRow, read_live},
};

/// The rows of one instance.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    pub(crate) instance: Option<InstanceRow>,
    pub(crate) tasks: BTreeMap<TaskId, TaskRow>,
    pub(crate) activations: BTreeMap<ActivationId, ActivationRow>,
    pub(crate) jobs: BTreeMap<JobId, JobRow>,
    pub(crate) incidents: BTreeMap<IncidentId, IncidentRow>,
    pub(crate) subscriptions: BTreeMap<ActivationId, SubscriptionRow>,
    pub(crate) consumed: BTreeSet<MessageId>,
    /// The children that have started, with the jobs that started them.
    pub(crate) children: BTreeMap<InstanceId, ChildJob>,
}

impl Store {
    /// Writes rows as they say, and fails when they say what cannot be.
    pub(crate) fn write(&mut self, rows: &Rows) {
        let stored = self.instance.as_ref().map_or(0, |row| row.version);
        assert_eq!(rows.before, stored, "the version is the lock");
        assert_eq!(rows.instance.version, stored + 1);
        assert_eq!(rows.history.version, stored + 1);
        self.write_instance(rows.instance.clone());
        for (op, row) in &rows.tasks {
            self.write_task(op, row);
        }
        for (op, row) in &rows.activations {
            let old = self.activations.insert(row.id, row.clone());
            match op {
                RowOp::Insert => assert!(old.is_none(), "inserted twice: {row:?}"),
                RowOp::Update => assert!(old.is_some(), "updated without being there: {row:?}"),
                RowOp::Delete => panic!("deletions have a list of their own"),
            }
        }
        for id in &rows.dropped_activations {
            assert!(
                self.activations.remove(id).is_some(),
                "deleted without being there: {id}"
            );
        }
        for job in &rows.dropped_jobs {
            assert!(
                self.jobs.remove(job).is_some(),
                "dropped without being there: {job}"
            );
        }
        for job in &rows.jobs {
            let old = self.jobs.insert(job.id, job.clone());
            let timer = matches!(job.work, JobWork::Ring { .. } | JobWork::Wake { .. });
            assert!(old.is_none() || timer, "only a timer is replaced: {job:?}");
            // Of two timers at one moment, the second is ordered by the same row.
            let fired = rows.history.body.contains("timer_fired");
            assert!(
                fired || old.as_ref() != Some(job),
                "written without need: {job:?}"
            );
        }
        self.write_incidents(rows);
        self.write_subscriptions(rows);
        for message in &rows.consumed {
            assert!(
                self.consumed.insert(message.clone()),
                "consumed twice: {message}"
            );
        }
    }

    fn write_incidents(&mut self, rows: &Rows) {
        for incident in &rows.incidents {
            let old = self.incidents.insert(incident.id, incident.clone());
            assert!(old.is_none(), "inserted twice: {incident:?}");
        }
        for incident in &rows.resolved_incidents {
            assert!(
                self.incidents.remove(incident).is_some(),
                "resolved without being there: {incident}"
            );
        }
    }

    fn write_subscriptions(&mut self, rows: &Rows) {
        for activation in &rows.dropped_subscriptions {
            assert!(
                self.subscriptions.remove(activation).is_some(),
                "dropped without being there: {activation}"
            );
        }
        for row in &rows.subscriptions {
            let old = self.subscriptions.insert(row.activation, row.clone());
            assert!(old.is_none(), "inserted twice: {row:?}");
        }
    }

    fn write_instance(&mut self, mut row: InstanceRow) {
        if let Some(old) = self.instance.take() {
            row.data = row.data.or(old.data);
            row.forms = row.forms.or(old.forms);
        }
        self.instance = Some(row);
    }

    fn write_task(&mut self, op: &TaskOp, row: &TaskRow) {
        let old = self.tasks.insert(row.id, row.clone());
        match op {
            TaskOp::Insert => {
                assert!(old.is_none(), "inserted twice: {row:?}");
                assert!(
                    row.closed_at.is_none(),
                    "opened and closed in one change: {row:?}"
                );
            }
            TaskOp::Update { candidates } => {
                let old = old.unwrap_or_else(|| panic!("updated without being there: {row:?}"));
                assert!(old.closed_at.is_none(), "a closed task changed: {row:?}");
                assert_ne!(old, *row, "written without need");
                assert_eq!(*candidates, old.candidates, "not as stored: {row:?}");
            }
        }
    }

    /// The instance with everything that lives.
    pub(crate) fn load(&self) -> Option<Instance> {
        let rows = LoadedRows {
            instance: self.instance.clone()?,
            activations: self.activations.values().cloned().collect(),
            tasks: self.open_tasks().cloned().collect(),
        };
        Some(Instance::from_rows(&rows).unwrap())
    }

    /// The instance with no more than one activation.
    pub(crate) fn load_only(&self, activation: Option<ActivationId>) -> Option<Instance> {
        let rows = LoadedRows {
            instance: self.instance.clone()?,
            activations: self
                .activations
                .values()
                .filter(|row| Some(row.id) == activation)
                .cloned()
                .collect(),
            tasks: self
                .open_tasks()
                .filter(|row| Some(row.activation) == activation)
                .cloned()
                .collect(),
        };
        Some(Instance::from_rows(&rows).unwrap())
    }

    /// The answer to a question for one activation, or for all.
    pub(crate) fn part(&self, activation: Option<ActivationId>) -> LoadedPart {
        let wanted = |id: ActivationId| activation.is_none_or(|wanted| wanted == id);
        let activations: Vec<_> = self
            .activations
            .values()
            .filter(|row| wanted(row.id))
            .cloned()
            .collect();
        let tasks: Vec<_> = self
            .open_tasks()
            .filter(|row| wanted(row.activation))
            .cloned()
            .collect();
        let (activations, tasks) = read_live(&activations, &tasks).unwrap();
        LoadedPart { activations, tasks }
    }

    fn open_tasks(&self) -> impl Iterator<Item = &TaskRow> {
        self.tasks.values().filter(|row| row.closed_at.is_none())
    }
}

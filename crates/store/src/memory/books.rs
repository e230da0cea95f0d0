//! What the memory store keeps, and how a change is written into it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use signoff_core::{
    change::{FieldRow, HistoryRow, IncidentRow, Rows},
    id::{
        ActionId, ActivationId, FileId, IncidentId, InstanceId, JobId, PersonId, Subject,
        SubstitutionId, TaskId, TenantId, WorkflowKey,
    },
    instance::{ActivationRow, InstanceRow, LoadedRows, TaskRow},
};

use crate::{
    contract::{
        ActionRow, AnsweredRequest, BindingRow, DefinitionRow, DraftRow, FileRow, KeptRequest,
        Load, Loaded, Part, SubstitutionRow, Target, WorkflowRow,
    },
    error::{Error, ErrorKind, Result},
    memory::{
        check::{check, check_consumed, check_requests},
        jobs::KeptJob,
        messages::MessageBook,
        schedules::ScheduleBook,
        subscriptions::SubscriptionBook,
        task_lists::TaskLists,
    },
};

/// Everything, with the lists that queries read.
#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    pub(super) workflows: BTreeMap<(TenantId, WorkflowKey), WorkflowRow>,
    pub(super) drafts: BTreeMap<(TenantId, WorkflowKey), DraftRow>,
    /// Newest version and number of edits of workflows that were dropped.
    pub(super) dropped: BTreeMap<(TenantId, WorkflowKey), (u32, u64)>,
    pub(super) definitions: BTreeMap<(TenantId, WorkflowKey, u32), DefinitionRow>,
    pub(super) instances: BTreeMap<(TenantId, InstanceId), Kept>,
    pub(super) tasks: BTreeMap<(TenantId, TaskId), TaskRow>,
    pub(super) task_lists: TaskLists,
    pub(super) started: BTreeSet<(TenantId, Timestamp, InstanceId)>,
    pub(super) subjects: BTreeSet<(TenantId, Subject, Timestamp, InstanceId)>,
    pub(super) exclusive: BTreeMap<(TenantId, String), InstanceId>,
    /// The instances that have a business key, by it.
    pub(super) keyed: BTreeSet<(TenantId, String, Timestamp, InstanceId)>,
    pub(super) jobs: BTreeMap<(TenantId, JobId), KeptJob>,
    /// The jobs that are not parked, of all tenants.
    pub(super) runnable: BTreeSet<(TenantId, Timestamp, JobId)>,
    pub(super) incidents: BTreeMap<(TenantId, IncidentId), IncidentRow>,
    /// The incidents by moment.
    pub(super) opened: BTreeSet<(TenantId, Timestamp, IncidentId)>,
    pub(super) subscriptions: SubscriptionBook,
    pub(super) messages: MessageBook,
    pub(super) schedules: ScheduleBook,
    pub(super) bindings: BTreeMap<(TenantId, String), BindingRow>,
    pub(super) files: BTreeMap<(TenantId, FileId), (FileRow, Vec<u8>)>,
    pub(super) actions: BTreeMap<(TenantId, ActionId), ActionRow>,
    pub(super) substitutions: BTreeMap<(TenantId, SubstitutionId), SubstitutionRow>,
    pub(super) requests: BTreeMap<(TenantId, String), AnsweredRequest>,
    pub(super) kept_requests: BTreeMap<(TenantId, String), KeptRequest>,
    /// The entries of each tenant, by position from 1.
    pub(super) streams: BTreeMap<TenantId, Vec<(InstanceId, u64)>>,
    pub(super) turns: BTreeMap<(TenantId, String), BTreeMap<PersonId, u64>>,
}

/// An instance and what belongs to it alone; its open tasks are found in the lists of tasks.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) row: InstanceRow,
    pub(super) activations: BTreeMap<ActivationId, ActivationRow>,
    pub(super) history: Vec<HistoryRow>,
    pub(super) jobs: BTreeSet<(Timestamp, JobId)>,
    /// What it is found by.
    pub(super) fields: BTreeMap<String, String>,
}

impl Books {
    /// Writes every change, or none of them.
    pub(super) fn commit(&mut self, changes: &[Rows]) -> Result<()> {
        check(
            changes,
            |tenant, id| self.version(tenant, id),
            |tenant, key| self.holder(tenant, key),
            |row| self.unique(row, |_| true),
            |rows| self.is_gone(rows),
        )?;
        check_consumed(changes, |tenant, id| {
            self.messages.is_waiting(tenant, id).unwrap_or(false)
        })?;
        check_requests(changes, |tenant, id| self.is_answered(tenant, id))?;
        for rows in changes {
            self.apply(rows);
        }
        Ok(())
    }

    pub(super) fn version(&self, tenant: &TenantId, id: InstanceId) -> Option<u64> {
        self.instances
            .get(&(tenant.clone(), id))
            .map(|kept| kept.row.version)
    }

    pub(super) fn holder(&self, tenant: &TenantId, key: &str) -> Option<InstanceId> {
        self.exclusive
            .get(&(tenant.clone(), key.to_owned()))
            .copied()
    }

    /// The other instance that has the unique key of a row, of those that count.
    pub(super) fn unique(
        &self,
        row: &InstanceRow,
        counts: impl Fn(InstanceId) -> bool,
    ) -> Option<InstanceId> {
        let key = row.unique_key.as_ref()?;
        let others = self.with_key(&row.tenant, key);
        others
            .filter(|other| other.workflow == row.workflow && other.unique_key.is_some())
            .map(|other| other.id)
            .find(|id| *id != row.id && counts(*id))
    }

    /// The instances of a business key, the latest started first.
    pub(super) fn with_key<'a>(
        &'a self,
        tenant: &TenantId,
        key: &str,
    ) -> impl Iterator<Item = &'a InstanceRow> + use<'a> {
        let from = |at, id| (tenant.clone(), key.to_owned(), at, InstanceId::new(id));
        let low = from(Timestamp::MIN, uuid::Uuid::nil());
        let high = from(Timestamp::MAX, uuid::Uuid::max());
        let found = self.keyed.range(low..=high).rev();
        found
            .filter_map(|(tenant, _, _, id)| self.instances.get(&(tenant.clone(), *id)))
            .map(|kept| &kept.row)
    }

    /// Of the instances that count, the latest started of the workflow that has the business key.
    pub(super) fn keyed(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        key: &str,
        counts: impl Fn(InstanceId) -> bool,
    ) -> Option<&InstanceRow> {
        let mut found = self.with_key(tenant, key);
        found.find(|row| row.workflow == workflow.as_str() && counts(row.id))
    }

    /// Writes one change that was checked.
    pub(super) fn apply(&mut self, rows: &Rows) {
        let tenant = &rows.instance.tenant;
        self.put_instance(rows);
        for (_, task) in &rows.tasks {
            self.put_task(task.clone());
        }
        for id in &rows.dropped_jobs {
            self.drop_job(tenant, *id);
        }
        for job in &rows.jobs {
            self.put_job(job.clone(), rows.instance.version);
        }
        for id in &rows.resolved_incidents {
            self.drop_incident(tenant, *id);
        }
        for incident in &rows.incidents {
            self.put_incident(incident.clone());
        }
        for activation in &rows.dropped_subscriptions {
            self.subscriptions.drop(tenant, *activation);
        }
        for subscription in &rows.subscriptions {
            self.subscriptions.put(subscription.clone());
        }
        for message in &rows.consumed {
            self.messages
                .consume(tenant, message, rows.instance.id, rows.history.at);
        }
        self.answer(rows);
        self.number(tenant, rows.instance.id, rows.instance.version);
    }

    pub(super) fn put_incident(&mut self, incident: IncidentRow) {
        let tenant = incident.tenant.clone();
        self.drop_incident(&tenant, incident.id);
        self.opened
            .insert((tenant.clone(), incident.opened_at, incident.id));
        self.incidents.insert((tenant, incident.id), incident);
    }

    pub(super) fn drop_incident(&mut self, tenant: &TenantId, id: IncidentId) {
        if let Some(incident) = self.incidents.remove(&(tenant.clone(), id)) {
            self.opened
                .remove(&(tenant.clone(), incident.opened_at, id));
        }
    }

    pub(super) fn put_task(&mut self, row: TaskRow) {
        let key = (row.tenant.clone(), row.id);
        if let Some(old) = self.tasks.get(&key) {
            self.task_lists.remove(old);
        }
        self.task_lists.add(&row);
        self.tasks.insert(key, row);
    }

    fn put_instance(&mut self, rows: &Rows) {
        let mut row = rows.instance.clone();
        let key = (row.tenant.clone(), row.id);
        let exclusive = row
            .exclusive
            .clone()
            .map(|exclusive| (row.tenant.clone(), exclusive));
        let kept = if let Some(kept) = self.instances.get_mut(&key) {
            let old = std::mem::replace(&mut kept.row, row.clone());
            kept.row.data = row.data.take().or(old.data);
            kept.row.forms = row.forms.take().or(old.forms);
            if let Some(exclusive) = old.exclusive {
                self.exclusive.remove(&(old.tenant, exclusive));
            }
            kept
        } else {
            let empty = || Some("{}".to_owned());
            row.data = row.data.or_else(empty);
            row.forms = row.forms.or_else(empty);
            self.started
                .insert((row.tenant.clone(), row.started_at, row.id));
            if let Some(subject) = subject(&row) {
                self.subjects
                    .insert((row.tenant.clone(), subject, row.started_at, row.id));
            }
            if let Some(key) = row.business_key.clone() {
                self.keyed
                    .insert((row.tenant.clone(), key, row.started_at, row.id));
            }
            self.instances.entry(key.clone()).or_insert_with(|| Kept {
                row,
                activations: BTreeMap::new(),
                history: Vec::new(),
                jobs: BTreeSet::new(),
                fields: BTreeMap::new(),
            })
        };
        if let Some(fields) = &rows.fields {
            let pair = |row: &FieldRow| (row.name.clone(), row.key.clone());
            kept.fields = fields.iter().map(pair).collect();
        }
        if let Some(exclusive) = exclusive {
            self.exclusive.insert(exclusive, key.1);
        }
        kept.history.push(rows.history.clone());
        for id in &rows.dropped_activations {
            kept.activations.remove(id);
        }
        for (_, row) in &rows.activations {
            kept.activations.insert(row.id, row.clone());
        }
    }

    /// What a load asks for.
    pub(super) fn load(&self, load: &Load) -> Option<Loaded> {
        let (id, task) = match load.target {
            Target::Instance(id) => (id, None),
            Target::Task(id) => {
                let task = self.tasks.get(&(load.tenant.clone(), id))?;
                (task.instance, Some(task.clone()))
            }
        };
        let kept = self.instances.get(&(load.tenant.clone(), id))?;
        let part = match (load.part, &task) {
            (Part::OfTask, None) => Part::Header,
            (Part::OfTask, Some(task)) => Part::Activation(task.activation),
            (part, _) => part,
        };
        let wanted = |activation: ActivationId| match part {
            Part::Activation(id) => activation == id,
            Part::All => true,
            Part::Header | Part::OfTask => false,
        };
        let mut rows = LoadedRows {
            instance: kept.row.clone(),
            activations: Vec::new(),
            tasks: Vec::new(),
        };
        if part != Part::Header {
            rows.activations.extend(
                kept.activations
                    .values()
                    .filter(|row| wanted(row.id))
                    .cloned(),
            );
            let open = self.task_lists.open_of(&load.tenant, id);
            rows.tasks.extend(
                open.filter_map(|id| self.tasks.get(&(load.tenant.clone(), id)))
                    .filter(|row| wanted(row.activation))
                    .cloned(),
            );
            rows.tasks.sort_unstable_by_key(|row| row.id);
        }
        Some(Loaded { rows, task })
    }

    /// Of the instances that count, the latest started of the workflow for the subject that has not ended.
    pub(super) fn running(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        subject: &Subject,
        counts: impl Fn(InstanceId) -> bool,
    ) -> Option<&InstanceRow> {
        let low = (
            tenant.clone(),
            subject.clone(),
            Timestamp::MIN,
            InstanceId::new(uuid::Uuid::nil()),
        );
        let high = (
            tenant.clone(),
            subject.clone(),
            Timestamp::MAX,
            InstanceId::new(uuid::Uuid::max()),
        );
        self.subjects
            .range(low..=high)
            .rev()
            .filter_map(|(tenant, _, _, id)| self.instances.get(&(tenant.clone(), *id)))
            .map(|kept| &kept.row)
            .find(|row| {
                row.workflow == workflow.as_str() && row.ended_at.is_none() && counts(row.id)
            })
    }

    /// A turn that was not taken after all.
    pub(super) fn give_back(&mut self, tenant: TenantId, pool: String, person: &PersonId) {
        let turns = self.turns.get_mut(&(tenant, pool));
        if let Some(count) = turns.and_then(|turns| turns.get_mut(person)) {
            *count = count.saturating_sub(1);
        }
    }

    pub(super) fn turn(
        &mut self,
        tenant: &TenantId,
        pool: &str,
        members: &[PersonId],
    ) -> Result<PersonId> {
        let turns = self
            .turns
            .entry((tenant.clone(), pool.to_owned()))
            .or_default();
        let next = members
            .iter()
            .min_by_key(|member| (turns.get(*member).copied().unwrap_or(0), *member))
            .ok_or_else(|| {
                Error::new(ErrorKind::Other, "a pool without members has no next turn")
            })?;
        *turns.entry(next.clone()).or_default() += 1;
        Ok(next.clone())
    }
}

/// The subject of a row.
pub(super) fn subject(row: &InstanceRow) -> Option<Subject> {
    Some(Subject {
        kind: row.subject_type.clone()?,
        id: row.subject_id.clone()?,
    })
}

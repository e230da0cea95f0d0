//! How long things take, where they wait, and who has how much to do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use signoff_core::{
    id::{PersonId, TenantId, WorkflowKey},
    reading::Structure,
};
use signoff_store::{InstanceCount, StatisticsFilter};

use crate::{engine::Engine, error::Error};

/// Instances and tasks of a tenant, counted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// From when on: instances by their start, tasks by their opening; the beginning when `None`.
    pub since: Option<Timestamp>,
    /// Instances of all workflows, by status.
    pub by_status: BTreeMap<String, u64>,
    /// By workflow.
    pub workflows: Vec<WorkflowStatistics>,
    /// Stages where decisions took longest on average, the slowest first; those where nothing was
    /// decided yet last.
    pub nodes: Vec<NodeStatistics>,
    /// Who has how much to do: most open tasks first.
    pub people: Vec<Load>,
}

/// Instances of one workflow, of every version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkflowStatistics {
    /// The workflow.
    pub workflow: String,
    /// All of them.
    pub instances: u64,
    /// By status.
    pub by_status: BTreeMap<String, u64>,
    /// From start to end of those that ended, in whole seconds; `None` when none has.
    pub average_seconds: Option<i64>,
    /// The longest of them.
    pub longest_seconds: Option<i64>,
}

/// Tasks of one stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeStatistics {
    /// The workflow.
    pub workflow: String,
    /// The stage.
    pub node: String,
    /// Those that wait.
    pub open: u64,
    /// Of those, the ones whose moment has passed.
    pub overdue: u64,
    /// Those that somebody decided.
    pub done: u64,
    /// From opening to decision, in whole seconds; `None` when none was decided.
    pub average_seconds: Option<i64>,
    /// The longest of them.
    pub longest_seconds: Option<i64>,
}

/// Tasks of one person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Load {
    /// The person.
    pub person: PersonId,
    /// Those that the person has.
    pub open: u64,
    /// Of those, the ones whose moment has passed.
    pub overdue: u64,
    /// Those that the person decided.
    pub done: u64,
    /// From opening to decision, in whole seconds; `None` when none was decided.
    pub average_seconds: Option<i64>,
}

/// The workflows of a tenant, counted: each once, in its newest version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SystemReport {
    /// All workflows.
    pub workflows: u32,
    /// Those that take new instances.
    pub active: u32,
    /// The others.
    pub inactive: u32,
    /// Groups, such as pipelines.
    pub groups: u32,
    /// Stages.
    pub stages: u32,
    /// Entries that ask somebody.
    pub approvals: u32,
    /// Groups of a workflow on average, to two decimals.
    #[serde(serialize_with = "two_decimals")]
    pub groups_per_workflow: f64,
    /// Stages of a group on average, to two decimals; stages outside every group not counted.
    #[serde(serialize_with = "two_decimals")]
    pub stages_per_group: f64,
    /// Entries of a stage on average, to two decimals.
    #[serde(serialize_with = "two_decimals")]
    pub approvals_per_stage: f64,
}

/// Rounded half away from zero.
fn two_decimals<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64((value * 100.0).round() / 100.0)
}

fn average(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    (f64::from(part) / f64::from(whole) * 100.0).round() / 100.0
}

fn mean_seconds(total_ms: i64, n: u64) -> Option<i64> {
    let n = i64::try_from(n).ok().filter(|n| *n > 0)?;
    Some(total_ms / n / 1000)
}

impl Engine {
    /// Instances and tasks of a tenant, or of one workflow, counted: by status, how long they took,
    /// where they wait, and who has how much to do. A fixed number of questions to the store. Of a
    /// workflow that nobody knows, everything is empty.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn statistics(
        &self,
        tenant: &TenantId,
        workflow: Option<&WorkflowKey>,
        since: Option<Timestamp>,
    ) -> Result<Report, Error> {
        let filter = StatisticsFilter {
            workflow: workflow.map(ToString::to_string),
            since,
            now: self.clock().now(),
        };
        let found = self.inner().store.statistics(tenant, &filter).await?;
        let mut by_status = BTreeMap::new();
        for row in &found.instances {
            *by_status.entry(row.status.clone()).or_default() += row.count;
        }
        let mut nodes: Vec<_> = found
            .nodes
            .into_iter()
            .map(|row| NodeStatistics {
                average_seconds: mean_seconds(row.total_ms, row.done),
                longest_seconds: (row.done > 0).then_some(row.longest_ms / 1000),
                workflow: row.workflow,
                node: row.node,
                open: row.open,
                overdue: row.overdue,
                done: row.done,
            })
            .collect();
        nodes.sort_by_key(|node| std::cmp::Reverse(node.average_seconds));
        let mut people: Vec<_> = found
            .people
            .into_iter()
            .map(|row| Load {
                average_seconds: mean_seconds(row.total_ms, row.done),
                person: row.person,
                open: row.open,
                overdue: row.overdue,
                done: row.done,
            })
            .collect();
        people.sort_by_key(|load| std::cmp::Reverse((load.open, load.overdue)));
        Ok(Report {
            since,
            by_status,
            workflows: by_workflow(found.instances),
            nodes,
            people,
        })
    }

    /// The workflows of a tenant, counted: how many take new instances, how many groups, stages and
    /// approvals they have on average. Hidden workflows are left out, and versions
    /// are not counted: instances pin theirs.
    ///
    /// # Errors
    /// When the store fails, or holds a document that no longer compiles.
    pub async fn system_report(&self, tenant: &TenantId) -> Result<SystemReport, Error> {
        let rows = self.inner().store.workflows(tenant).await?;
        let mut report = SystemReport {
            workflows: 0,
            active: 0,
            inactive: 0,
            groups: 0,
            stages: 0,
            approvals: 0,
            groups_per_workflow: 0.0,
            stages_per_group: 0.0,
            approvals_per_stage: 0.0,
        };
        let mut grouped = 0;
        for row in rows.into_iter().filter(|row| !row.hidden) {
            report.workflows += 1;
            if row.is_active() {
                report.active += 1;
            } else {
                report.inactive += 1;
            }
            let version = Some(row.latest);
            let Some(definition) = self.definition(tenant, &row.key, version).await? else {
                continue;
            };
            for group in Structure::of(&definition.graph).groups {
                let stages = u32::try_from(group.stages.len()).unwrap_or(u32::MAX);
                report.stages += stages;
                if group.key.is_some() {
                    report.groups += 1;
                    grouped += stages;
                }
                let entries: usize = group.stages.iter().map(|stage| stage.approvals.len()).sum();
                report.approvals += u32::try_from(entries).unwrap_or(u32::MAX);
            }
        }
        report.groups_per_workflow = average(report.groups, report.workflows);
        report.stages_per_group = average(grouped, report.groups);
        report.approvals_per_stage = average(report.approvals, report.stages);
        Ok(report)
    }
}

fn by_workflow(rows: Vec<InstanceCount>) -> Vec<WorkflowStatistics> {
    let mut found: BTreeMap<String, (WorkflowStatistics, i64, u64)> = BTreeMap::new();
    for row in rows {
        let (one, total_ms, ended) = found.entry(row.workflow.clone()).or_insert_with(|| {
            let empty = WorkflowStatistics {
                workflow: row.workflow.clone(),
                instances: 0,
                by_status: BTreeMap::new(),
                average_seconds: None,
                longest_seconds: None,
            };
            (empty, 0, 0)
        });
        one.instances += row.count;
        if row.ended > 0 {
            *total_ms += row.total_ms;
            *ended += row.ended;
            one.longest_seconds = one.longest_seconds.max(Some(row.longest_ms / 1000));
        }
        one.by_status.insert(row.status, row.count);
    }
    found
        .into_values()
        .map(|(one, total_ms, ended)| WorkflowStatistics {
            average_seconds: mean_seconds(total_ms, ended),
            ..one
        })
        .collect()
}

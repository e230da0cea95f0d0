//! What stands still and goes on: the instance before its start and on hold, a suspended task.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::Stamp;
use crate::{
    change::{JobRow, JobWork},
    id::{ActivationId, PersonId, TaskId},
    instance::{Hold, Instance, InstanceStatus, News},
};

impl Instance {
    pub(super) fn begin_pending(&mut self, stamp: &Stamp, requester: Option<&PersonId>) {
        if !matches!(self.header.status, InstanceStatus::Pending { .. }) {
            return;
        }
        let header = &mut self.header;
        header.attached_at = Some(header.started_at);
        header.started_at = stamp.at;
        header.started_by = stamp.by.clone();
        if header.requester.is_none() {
            header.requester = requester.cloned();
        }
        header.status = InstanceStatus::Running;
        header.live = 1;
    }

    pub(super) fn hold(&mut self, stamp: &Stamp, reason: Option<&String>, jobs: &[JobRow]) {
        self.header.status = InstanceStatus::OnHold(Box::new(Hold {
            since: stamp.at,
            by: stamp.by.clone(),
            reason: reason.cloned(),
            jobs: jobs.to_vec(),
            news: Vec::new(),
        }));
    }

    /// What a job tells is the end of it: it does not run once more.
    pub(super) fn keep_news(&mut self, news: &News) {
        if let InstanceStatus::OnHold(hold) = &mut self.header.status {
            if let News::JobFailed { activation, .. } | News::JobReturned { activation, .. } = news
            {
                hold.jobs.retain(|job| !is_of(job, *activation));
            }
            hold.news.push(news.clone());
        }
    }

    /// Every moment that is waited for moves by the time held; a suspended task's moves when that
    /// goes on.
    pub(super) fn resume(&mut self, stamp: &Stamp) {
        let InstanceStatus::OnHold(hold) = &self.header.status else {
            return;
        };
        let held = stamp
            .at
            .duration_since(hold.since)
            .max(SignedDuration::ZERO);
        self.header.status = InstanceStatus::Running;
        let waits = |task: &&crate::instance::Task| {
            task.suspended_at.is_none() && task.timers.stopped.is_none()
        };
        let tasks: Vec<TaskId> = self.tasks().filter(waits).map(|task| task.id).collect();
        for task in tasks {
            self.change_task(task, |task| task.timers.shift(held));
        }
        let ringing = self.activations().filter(|found| found.alarm.is_some());
        let ringing: Vec<ActivationId> = ringing.map(|found| found.id).collect();
        for id in ringing {
            if let Some(alarm) = self
                .activations
                .get_mut(id)
                .and_then(|found| found.alarm.as_mut())
            {
                for (at, _) in &mut alarm.due {
                    *at = at.checked_add(held).unwrap_or(Timestamp::MAX);
                }
            }
        }
    }

    pub(super) fn resume_task(&mut self, stamp: &Stamp, task: TaskId) {
        self.change_task(task, |task| {
            if let Some(since) = task.suspended_at.take() {
                let stood = stamp.at.duration_since(since).max(SignedDuration::ZERO);
                task.timers.shift(stood);
            }
        });
    }

    pub(super) fn set_metadata(&mut self, values: &Map<String, Value>) {
        let metadata = Arc::make_mut(&mut self.header.metadata);
        if !metadata.is_object() {
            *metadata = Value::Object(Map::new());
        }
        if let Value::Object(metadata) = metadata {
            for (key, value) in values {
                match value {
                    Value::Null => drop(metadata.remove(key)),
                    value => drop(metadata.insert(key.clone(), value.clone())),
                }
            }
        }
    }
}

fn is_of(job: &JobRow, activation: ActivationId) -> bool {
    matches!(&job.work, JobWork::Node(work) if work.activation == activation)
}

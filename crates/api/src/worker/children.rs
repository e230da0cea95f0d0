//! What instances tell each other: after the commit, each exactly once.

use signoff_core::{
    change::ChildJob,
    id::InstanceId,
    instance::{Body, ChildEnd, Instance},
    refusal::RefusalCode,
};
use signoff_store::{ClaimedJob, Load, Part, Target};

use crate::{
    call::{Call, Made, Start, Verb, Who},
    error::{Error, NotDone},
    worker::Worker,
};

impl Worker {
    /// Starts a child; one that cannot start has failed, and its parent is told.
    pub(super) async fn start_child(&self, job: &ClaimedJob, work: &ChildJob) -> Result<(), Error> {
        if !self.is_wanted(job, work).await? {
            return self.finish(job).await;
        }
        let mut start = Start::of(work.definition.workflow.clone())
            .tenant(job.job.tenant.clone())
            .version(work.definition.version);
        start.by = Who::Engine;
        start.requester.clone_from(&work.requester);
        if let Some(data) = &work.given.data {
            start.data = std::sync::Arc::clone(data);
        }
        start.seed.clone_from(&work.given.seed);
        start.made = Made {
            id: Some(work.child),
            parent: Some(work.parent.clone()),
            message: None,
        };
        match self.engine.start(start).await {
            Ok(_) => self.finish_started(job, work).await,
            // It was started before the worker could say so.
            Err(NotDone::Failed(error)) if crate::engine::is_conflict(&error) => {
                self.finish_started(job, work).await
            }
            Err(NotDone::Failed(error)) => {
                tracing::warn!(%error, "a child could not be started and is tried again");
                self.later(job).await
            }
            Err(NotDone::Refused(refusal)) if work.parent.awaits => {
                let end = ChildEnd::Failed {
                    code: refusal.code.as_str().to_owned(),
                    message: refusal.to_string(),
                };
                let parent = &work.parent;
                let call = Call::by_engine(
                    job.job.tenant.clone(),
                    parent.instance,
                    parent.activation,
                    Verb::EndChild(work.child, end),
                );
                self.tell_once(job, call).await
            }
            Err(NotDone::Refused(refusal)) => {
                let message = format!("a child cannot start: {refusal}");
                self.give_up(job, "child_failed", message, None, None).await
            }
        }
    }

    /// Whether the parent still waits for the child, where it is to wait.
    async fn is_wanted(&self, job: &ClaimedJob, work: &ChildJob) -> Result<bool, Error> {
        let parent = &work.parent;
        if !parent.awaits {
            return Ok(true);
        }
        let load = Load {
            tenant: job.job.tenant.clone(),
            target: Target::Instance(parent.instance),
            part: Part::Activation(parent.activation),
        };
        let Some(loaded) = self.engine.inner().store.load(&load).await? else {
            return Ok(false);
        };
        let instance = Instance::from_rows(&loaded.rows)?;
        let activation = instance.activation(parent.activation);
        Ok(activation.is_some_and(|found| match &found.body {
            Body::Children(children) => children.live.contains_key(&work.child),
            _ => false,
        }))
    }

    /// A child runs. Jobs of one instance run in order, so the word that stops it comes later: unless
    /// the lease ran out meanwhile, and another worker was told both.
    async fn finish_started(&self, job: &ClaimedJob, work: &ChildJob) -> Result<(), Error> {
        let store = &self.engine.inner().store;
        let ours = store.finish(&job.job.tenant, job.job.id, job.token).await?;
        if ours || self.is_wanted(job, work).await? {
            return Ok(());
        }
        self.cancel_child(job, work.child, "its parent does not wait for it any more")
            .await
    }

    /// Stops a child that nobody waits for any more.
    pub(super) async fn cancel_child(
        &self,
        job: &ClaimedJob,
        child: InstanceId,
        reason: &str,
    ) -> Result<(), Error> {
        let mut call = Call::cancel(child)
            .tenant(job.job.tenant.clone())
            .reason(reason);
        call.by = Who::Engine;
        self.tell_once(job, call).await
    }

    /// Tells another instance; what comes too late is dropped.
    pub(super) async fn tell_once(&self, job: &ClaimedJob, call: Call) -> Result<(), Error> {
        match self.engine.call(call).await {
            Ok(_) => self.finish(job).await,
            Err(NotDone::Failed(error)) => {
                tracing::warn!(%error, "an instance could not be told and is told again");
                self.later(job).await
            }
            Err(NotDone::Refused(refusal)) => match refusal.code {
                RefusalCode::NotOpen | RefusalCode::NotRunning | RefusalCode::NotFound => {
                    self.finish(job).await
                }
                RefusalCode::Conflict => self.later(job).await,
                _ => {
                    self.give_up(job, "child_failed", refusal.to_string(), None, None)
                        .await
                }
            },
        }
    }

    /// The job is done; its row goes.
    pub(super) async fn finish(&self, job: &ClaimedJob) -> Result<(), Error> {
        let store = &self.engine.inner().store;
        store.finish(&job.job.tenant, job.job.id, job.token).await?;
        Ok(())
    }
}

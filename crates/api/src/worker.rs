//! The worker: claims due jobs and runs them.

mod actions;
mod node;

use std::{future::Future, time::Duration};

use jiff::{SignedDuration, Timestamp};
use signoff_core::{
    change::{IncidentRow, JobWork},
    id::IncidentId,
    refusal::RefusalCode,
};
use signoff_store::{ClaimedJob, Failure, Lease};

#[cfg(feature = "testing")]
pub(crate) use self::actions::{Executed, ExecutedAction};
use crate::{
    call::Call,
    engine::Engine,
    error::{Error, NotDone},
};

/// How long a claim holds.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How many jobs are claimed at once.
const BATCH: u32 = 16;
/// The longest sleep: other processes may have added work that nobody nudged us about.
const NAP: Duration = Duration::from_secs(1);

/// Runs jobs: actions, mail, timers.
#[derive(Clone, Debug)]
pub struct Worker {
    engine: Engine,
}

impl Worker {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// Runs until `shutdown` is ready; a job under way is finished first.
    pub async fn run(&self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let batch = self.batch().await;
            if let Err(error) = &batch {
                tracing::error!(%error, "the worker cannot reach its store");
            }
            let nap = match batch {
                Ok(0) | Err(_) => self.until_next().await,
                Ok(_) => Duration::ZERO,
            };
            tokio::select! {
                biased;
                () = &mut shutdown => return,
                () = self.engine.inner().nudge.notified() => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
    }

    /// Runs what is due now, until nothing is; gives how many jobs ran.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tick(&self) -> Result<usize, Error> {
        let mut ran = 0;
        loop {
            match self.batch().await? {
                0 => return Ok(ran),
                n => ran += n,
            }
        }
    }

    async fn until_next(&self) -> Duration {
        let next = self.engine.next_due().await.ok().flatten();
        next.and_then(|due| Duration::try_from(due.duration_since(self.now())).ok())
            .map_or(NAP, |wait| wait.clamp(Duration::from_millis(10), NAP))
    }

    fn now(&self) -> Timestamp {
        self.engine.inner().clock.now()
    }

    async fn batch(&self) -> Result<usize, Error> {
        let now = self.now();
        let lease = Lease {
            tenant: self.engine.inner().only_tenant.clone(),
            now,
            until: now.checked_add(LEASE).unwrap_or(now),
            limit: BATCH,
        };
        let jobs = self.engine.inner().store.claim(lease).await?;
        let n = jobs.len();
        for job in jobs {
            self.run_one(job).await?;
        }
        Ok(n)
    }

    async fn run_one(&self, job: ClaimedJob) -> Result<(), Error> {
        match &job.job.work {
            JobWork::Actions(work) => self.run_actions(&job, work).await,
            JobWork::Node(work) => self.run_job(&job, work).await,
            JobWork::Ring { activation } => {
                let call = Call::ring(job.job.tenant.clone(), job.job.instance, *activation);
                self.fire(&job, call).await
            }
            JobWork::Wake { task, .. } => {
                self.fire(&job, Call::wake(job.job.tenant.clone(), *task))
                    .await
            }
        }
    }

    /// Tells the machine; what it refuses because it came too late is dropped.
    pub(super) async fn fire(&self, job: &ClaimedJob, call: Call) -> Result<(), Error> {
        match self.engine.call(call).await {
            Ok(_) => Ok(()),
            Err(NotDone::Failed(error)) => {
                tracing::warn!(%error, "a job could not be told to its instance and is tried again");
                self.later(job).await
            }
            Err(NotDone::Refused(refusal)) => match refusal.code {
                // The task was closed, or its timer moved, while the job was claimed.
                RefusalCode::NotOpen | RefusalCode::NotRunning | RefusalCode::NotFound => {
                    let store = &self.engine.inner().store;
                    store.finish(&job.job.tenant, job.job.id, job.token).await?;
                    Ok(())
                }
                _ => {
                    self.give_up(job, "timer_refused", refusal.to_string(), None)
                        .await
                }
            },
        }
    }

    /// Gives the job back for a minute from now.
    async fn later(&self, job: &ClaimedJob) -> Result<(), Error> {
        let store = &self.engine.inner().store;
        let due = self.now().checked_add(LEASE).unwrap_or_else(|_| self.now());
        let failed = job.failed.saturating_add(1);
        store
            .retry(
                &job.job.tenant,
                job.job.id,
                job.token,
                due,
                failed,
                &job.job.work,
            )
            .await?;
        Ok(())
    }

    async fn give_up(
        &self,
        job: &ClaimedJob,
        code: &str,
        message: String,
        node: Option<String>,
    ) -> Result<(), Error> {
        tracing::error!(job = %job.job.id, code, message, "a job gave up");
        let failure = Failure {
            incident: IncidentRow {
                tenant: job.job.tenant.clone(),
                id: IncidentId::new(self.engine.inner().clock.command_id().derive(1)),
                instance: job.job.instance,
                code: code.to_owned(),
                message,
                node,
                opened_at: self.now(),
            },
        };
        self.engine
            .inner()
            .store
            .give_up(&job.job.tenant, job.job.id, job.token, &failure)
            .await?;
        Ok(())
    }
}

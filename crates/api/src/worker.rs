//! The worker: claims due jobs and runs them.

mod actions;
mod children;
mod node;

use std::{future::Future, sync::atomic::Ordering, time::Duration};

use jiff::{SignedDuration, Timestamp};
use signoff_core::{
    change::{IncidentRow, JobWork},
    id::{ActivationId, IncidentId, InstanceId},
    refusal::RefusalCode,
};
use signoff_store::{ClaimedJob, Failure, Lease};

#[cfg(feature = "testing")]
pub(crate) use self::actions::{Executed, ExecutedAction};
use crate::{
    call::{Call, Verb},
    engine::{Engine, Signal, Throw},
    error::{Error, NotDone},
};

/// How long a claim holds.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How often a claim is made to hold longer while its job goes on.
const BEAT: Duration = Duration::from_secs(20);
/// How many jobs are claimed at once.
const BATCH: u32 = 16;
/// How long a message is remembered after it was consumed or has expired: a sender that saw no answer
/// may send it again for so long.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long a request is remembered: sent again, it is answered and not done.
const ANSWERED: SignedDuration = SignedDuration::from_hours(24);
/// How often old messages are dropped, in seconds.
const CLEANING: i64 = 3_600;
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
                () = self.engine.inner().store.announced() => {}
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
        self.engine.align_clock().await?;
        let now = self.now();
        let inner = self.engine.inner();
        let lease = Lease {
            tenant: inner.only_tenant.clone(),
            behind: inner.last_turn().clone(),
            now,
            until: now.checked_add(LEASE).unwrap_or(now),
            limit: BATCH,
        };
        self.clean(now).await?;
        let began = self.engine.run_schedules(now, BATCH).await?;
        let jobs = inner.store.claim(lease.clone()).await?;
        *inner.last_turn() = lease.last_turn(&jobs);
        let n = jobs.len() + began;
        let mut failed = None;
        for job in jobs {
            // Those after it may be kept in another database, which works.
            if let Err(error) = self.run_held(job, now).await {
                tracing::error!(%error, "a job is run again when its claim has ended");
                failed.get_or_insert(error);
            }
        }
        failed.map_or(Ok(n), Err)
    }

    /// Drops old messages, requests and files that nobody refers to, now and then.
    async fn clean(&self, now: Timestamp) -> Result<(), Error> {
        let cleans_at = &self.engine.inner().cleans_at;
        if now.as_second() < cleans_at.load(Ordering::Relaxed) {
            return Ok(());
        }
        let next = now.as_second().saturating_add(CLEANING);
        cleans_at.store(next, Ordering::Relaxed);
        let before = now.checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        let tenant = self.engine.inner().only_tenant.as_ref();
        let store = &self.engine.inner().store;
        while store.messages_drop(tenant, before).await? > 0 {}
        let before = now.checked_sub(ANSWERED).unwrap_or(Timestamp::MIN);
        store.requests_drop(tenant, before).await?;
        self.engine.drop_unused_files().await?;
        Ok(())
    }

    /// Runs a job and lets its claim hold as long as it goes on. Once somebody else has it, or its work
    /// is written, there is nothing to hold: what is under way ends by itself, and a spent token writes
    /// nothing.
    async fn run_held(&self, job: ClaimedJob, claimed: Timestamp) -> Result<(), Error> {
        let (tenant, id, token) = (job.job.tenant.clone(), job.job.id, job.token);
        let extend = || async {
            let now = self.now();
            let until = now.checked_add(LEASE).unwrap_or(now);
            let store = &self.engine.inner().store;
            store.extend(&tenant, id, token, until).await
        };
        // Those that were claimed with it took long.
        let waited = self.now().duration_since(claimed);
        if waited.unsigned_abs() >= BEAT && !extend().await? {
            return Ok(());
        }
        let hold = async {
            loop {
                tokio::time::sleep(BEAT).await;
                // A store that cannot be reached now may be in time for the next beat.
                if matches!(extend().await, Ok(false)) {
                    return std::future::pending().await;
                }
            }
        };
        // Beside each other they would make one large future.
        let done = Box::pin(self.run_one(job));
        tokio::select! {
            biased;
            done = done => done,
            never = hold => never,
        }
    }

    async fn run_one(&self, job: ClaimedJob) -> Result<(), Error> {
        match &job.job.work {
            JobWork::Actions(work) => self.run_actions(&job, work).await,
            JobWork::Node(work) => self.run_job(&job, work).await,
            JobWork::CancelChild { child, reason } => self.cancel_child(&job, *child, reason).await,
            JobWork::EndChild {
                parent,
                activation,
                child,
                end,
            } => {
                let verb = Verb::EndChild(*child, end.clone());
                let call = self.by_engine(&job, *parent, *activation, verb);
                self.tell_once(&job, call).await
            }
            JobWork::Raise {
                parent,
                activation,
                child,
                code,
            } => {
                let verb = Verb::ChildRaised(*child, code.clone());
                let call = self.by_engine(&job, *parent, *activation, verb);
                self.tell_once(&job, call).await
            }
            JobWork::Receive { name, key, .. } => {
                let given = self.engine.give_kept(&job.job.tenant, name, key).await;
                self.heard(&job, given).await
            }
            JobWork::Ring { activation } => {
                let call = self.by_engine(&job, job.job.instance, *activation, Verb::Ring);
                self.fire(&job, call).await
            }
            JobWork::Signal {
                name,
                payload,
                thrown_at,
            } => {
                let tenant = job.job.tenant.clone();
                let signal = Signal::thrown(tenant, name.clone(), payload.clone());
                let throw = Throw {
                    at: thrown_at.unwrap_or(job.job.due_at),
                    job: job.job.id,
                };
                let heard = self.engine.signal_of(signal, throw).await;
                self.heard(&job, heard.map(|_| ())).await
            }
            JobWork::StartChild(work) => self.start_child(&job, work).await,
            JobWork::Wake { task, .. } => {
                self.fire(&job, Call::wake(job.job.tenant.clone(), *task))
                    .await
            }
        }
    }

    fn by_engine(
        &self,
        job: &ClaimedJob,
        instance: InstanceId,
        activation: ActivationId,
        verb: Verb,
    ) -> Call {
        Call::by_engine(job.job.tenant.clone(), instance, activation, verb)
    }

    /// What was to be told to others was told, or is told again.
    async fn heard(&self, job: &ClaimedJob, told: Result<(), NotDone>) -> Result<(), Error> {
        match told {
            Ok(()) => self.finish(job).await,
            Err(NotDone::Refused(refusal)) if refusal.code == RefusalCode::Conflict => {
                self.later(job).await
            }
            Err(NotDone::Refused(refusal)) => {
                let message = refusal.to_string();
                self.give_up(job, "timer_refused", message, None, None)
                    .await
            }
            Err(NotDone::Failed(error)) => {
                tracing::warn!(%error, "others could not be told and are told again");
                self.later(job).await
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
                RefusalCode::NotOpen
                | RefusalCode::NotRunning
                | RefusalCode::NotFound
                | RefusalCode::OnHold => {
                    let store = &self.engine.inner().store;
                    store.finish(&job.job.tenant, job.job.id, job.token).await?;
                    Ok(())
                }
                RefusalCode::Conflict => self.later(job).await,
                _ => {
                    self.give_up(job, "timer_refused", refusal.to_string(), None, None)
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
        left: Option<JobWork>,
    ) -> Result<(), Error> {
        tracing::error!(job = %job.job.id, code, message, "a job gave up");
        let failure = Failure {
            incident: IncidentRow {
                tenant: job.job.tenant.clone(),
                // So it is resolved when the job goes.
                id: IncidentId::new(job.job.id.uuid()),
                instance: job.job.instance,
                code: code.to_owned(),
                message: message.replace('\0', "\u{FFFD}"),
                node,
                opened_at: self.now(),
            },
            left,
        };
        self.engine
            .inner()
            .store
            .give_up(&job.job.tenant, job.job.id, job.token, &failure)
            .await?;
        Ok(())
    }
}

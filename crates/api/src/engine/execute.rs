//! One command: load, decide, commit; again when somebody else was faster.
//!
//! What is loaded may be what the last command left (`kept.rs`). The engine begins without a transaction. At the first call of a host's function it begins one,
//! reloads, and decides again inside it, keeping what the directory said.

use std::sync::Arc;

use signoff_core::{
    actor::Actor,
    change::{JobRow, JobWork, Rows},
    command::{Command, Start as StartCommand},
    event::Event,
    facts::{Answers, Facts, FunctionCall, FunctionFailure, Question},
    graph::IfRunning,
    id::{DefinitionId, IncidentId, InstanceId, TenantId},
    instance::Instance,
    machine::{Accepted, Run, Step},
    refusal::{Refusal, RefusalCode},
};
use signoff_store::{ErrorKind as StoreErrorKind, Load, Part, Target, UnitOfWork};

use crate::{
    call::{Call, Start, Who},
    engine::{
        Definition, Done, Engine,
        answer::About,
        case::Case,
        once::{note, opened},
    },
    error::{Error, NotDone},
};

/// How often a lost race is run again.
const CONFLICT_RETRIES: usize = 10;

/// The calls of functions that failed in this command.
type Failed = Vec<(FunctionCall, FunctionFailure)>;

/// How deciding ended, when it was neither refused nor failed.
enum Decided {
    Accepted(Box<Accepted>),
    /// A function must be called, and there is no transaction yet.
    NeedsTransaction,
}

impl Engine {
    pub(super) async fn start_on(
        &self,
        tx: Option<&mut dyn UnitOfWork>,
        start: Start,
    ) -> Result<Done, NotDone> {
        let known = &self.inner().newest;
        let newest = known.get(&start.tenant, &start.workflow);
        if let (None, Some(_)) = (&tx, newest) {
            match self.start_by(None, &start, newest).await {
                // It may have been stale: nothing is told of it.
                Err(NotDone::Refused(_)) => {}
                Err(NotDone::Failed(error)) if is_conflict(&error) => {}
                other => return other,
            }
            known.forget(&start.tenant, &start.workflow);
        }
        self.start_by(tx, &start, None).await
    }

    /// Starts by the newest version, read when it is `None`.
    async fn start_by(
        &self,
        mut tx: Option<&mut dyn UnitOfWork>,
        start: &Start,
        newest: Option<u32>,
    ) -> Result<Done, NotDone> {
        let (definition, command) = self.start_command(start, newest).await?;
        let case = Case {
            stamp: self.stamp(),
            tenant: start.tenant.clone(),
            definition,
            base: None,
            kept: false,
            command,
            context: Arc::default(),
            follow: None,
            once: start.once.clone(),
            newest,
            notice: None,
        };
        let returns = case.definition.graph.start().if_running == IfRunning::Return;
        let inside = tx.as_mut().map(|tx| &mut **tx as &mut dyn UnitOfWork);
        match self.decide_and_commit(inside, &start.by, case).await {
            Err(NotDone::Refused(refusal))
                if refusal.code == RefusalCode::AlreadyStarted && returns =>
            {
                self.running_instance(tx, start, refusal).await
            }
            other => other,
        }
    }

    async fn start_command(
        &self,
        start: &Start,
        newest: Option<u32>,
    ) -> Result<(Arc<Definition>, Command), NotDone> {
        let unknown = || {
            NotDone::Refused(Refusal::new(
                RefusalCode::NotFound,
                format!("there is no workflow `{}`", start.workflow),
            ))
        };
        let store = &self.inner().store;
        let binding = async {
            match &start.subject {
                None => Ok(None),
                Some(subject) => store.binding(&start.tenant, &subject.kind).await,
            }
        };
        let (newest, binding) = match newest {
            Some(newest) => (newest, binding.await?),
            None => {
                let workflow = store.workflow(&start.tenant, &start.workflow);
                // Neither waits for the other.
                let (workflow, binding) = tokio::try_join!(workflow, binding)?;
                let workflow = workflow.ok_or_else(unknown)?;
                if !workflow.is_active() {
                    let refusal = self.why_inactive(&start.tenant, &workflow).await?;
                    return Err(NotDone::Refused(refusal));
                }
                let known = &self.inner().newest;
                known.put(&start.tenant, &start.workflow, workflow.latest);
                (workflow.latest, binding)
            }
        };
        if start.subject.is_some() {
            Box::pin(self.may_be_about(start, &start.workflow, binding)).await?;
        }
        let version = start.version.unwrap_or(newest);
        let definition = self
            .definition(&start.tenant, &start.workflow, Some(version))
            .await?
            .ok_or_else(unknown)?;
        let definition = self.reacting(&start.tenant, definition).await?;
        if start.follows {
            let workflow = start.workflow.as_str();
            tracing::warn!(
                workflow,
                "the instance follows the newest version: what it runs is not frozen"
            );
        }
        let command = Command::Start(Box::new(StartCommand {
            tenant: start.tenant.clone(),
            definition: definition.id.clone(),
            instance: start.made.id,
            subject: start.subject.clone(),
            business_key: start.business_key.clone(),
            requester: start.requester.clone(),
            from: start.creator.as_ref().or(start.starter.as_ref()).cloned(),
            data: Arc::clone(&start.data),
            metadata: Arc::clone(&start.metadata),
            start: start.way.clone(),
            parent: start.made.parent.clone(),
            seed: start.seed.clone(),
            artifact: start.artifact.clone(),
            message: start.made.message.clone(),
            begins: start.begins,
            follows: start.follows,
        }));
        Ok((definition, command))
    }

    /// The instance that a start with `if_running: return` gives.
    async fn running_instance(
        &self,
        tx: Option<&mut dyn UnitOfWork>,
        start: &Start,
        refusal: Refusal,
    ) -> Result<Done, NotDone> {
        let Some(subject) = &start.subject else {
            return Err(NotDone::Refused(refusal));
        };
        let (tenant, workflow) = (&start.tenant, &start.workflow);
        let load = |id| Load {
            tenant: tenant.clone(),
            target: Target::Instance(id),
            part: Part::All,
        };
        let store = &self.inner().store;
        // What a transaction has started is seen in it alone.
        let loaded = match tx {
            Some(tx) => match tx.running(tenant, workflow, subject).await? {
                Some(id) => tx.load(&load(id)).await?,
                None => None,
            },
            None => match store.running(tenant, workflow, subject).await? {
                Some(id) => store.load(&load(id)).await?,
                None => None,
            },
        };
        let Some(loaded) = loaded else {
            return Err(NotDone::Refused(refusal));
        };
        Ok(Done {
            instance: Instance::from_rows(&loaded.rows)?,
            opened: Vec::new(),
            events: Vec::new(),
            notices: Vec::new(),
        })
    }

    pub(super) async fn call_on(
        &self,
        tx: Option<&mut dyn UnitOfWork>,
        call: Call,
    ) -> Result<Done, NotDone> {
        if let Some(tx) = tx {
            let case = self.case(&call, Some(&mut *tx)).await?;
            if let Some(instance) = case.instance() {
                // What the host may still roll back is not kept.
                self.inner().kept.forget(instance.id());
            }
            return self.decide_and_commit(Some(tx), &call.by, case).await;
        }
        let kept = &self.inner().kept;
        let (id, loaded) = match kept.instance_of(call.target) {
            Some(id) => (id, None),
            None => {
                let case = self.case(&call, None).await?;
                match case.instance().map(Instance::id) {
                    Some(id) => (id, Some(case)),
                    None => return self.decide_and_commit(None, &call.by, case).await,
                }
            }
        };
        let (_turn, waited) = self.inner().queue.wait(id).await;
        let mut case = match (self.kept_case(&call).await?, loaded) {
            (Some(kept), _) => kept,
            (None, Some(loaded)) if !waited => loaded,
            (None, _) => self.case(&call, None).await?,
        };
        let mut answers = Answers::default();
        let mut races = 0;
        while races < CONFLICT_RETRIES {
            let attempted = self.attempt(&call.by, &mut case, &mut answers).await;
            // What was kept may have been stale: no race was lost yet, and no refusal is told.
            let stale = case.kept;
            match attempted {
                Err(NotDone::Failed(error)) if is_conflict(&error) => races += usize::from(!stale),
                Err(NotDone::Refused(_)) if stale => {}
                other => return other,
            }
            kept.forget(id);
            answers.forget_after_conflict();
            // Its twin may have been the faster one.
            if let Some(done) = self.answered(&call.tenant, call.once.as_ref()).await? {
                return Ok(done);
            }
            case = self.case(&call, None).await?;
        }
        Err(lost(id))
    }

    /// Decides a call and forgets it: what it would do is told, and nothing is written.
    pub(super) async fn preview(&self, call: Call) -> Result<Done, NotDone> {
        Ok(done(*self.foresee(call).await?))
    }

    /// Decides a call, and drops what it would write.
    pub(super) async fn foresee(&self, call: Call) -> Result<Box<Accepted>, NotDone> {
        // What functions write and turns count goes with the transaction, which is dropped.
        let mut tx = self.inner().store.begin(&call.tenant).await?;
        let case = self.case(&call, Some(&mut *tx)).await?;
        let mut answers = Answers::default();
        let failed = &mut Failed::new();
        match self
            .decide(&call.by, &case, &mut answers, failed, Some(&mut *tx))
            .await?
        {
            Decided::Accepted(accepted) => Ok(accepted),
            Decided::NeedsTransaction => Err(defect()),
        }
    }

    /// Decides and commits; a lost race is the caller's.
    async fn decide_and_commit(
        &self,
        tx: Option<&mut dyn UnitOfWork>,
        by: &Who,
        case: Case,
    ) -> Result<Done, NotDone> {
        let mut answers = Answers::default();
        let Some(tx) = tx else {
            let mut case = case;
            return match self.attempt(by, &mut case, &mut answers).await {
                Err(NotDone::Failed(error)) if is_conflict(&error) => {
                    self.after_lost_start(&case, error).await
                }
                other => other,
            };
        };
        // What a function wrote before it failed is the host's to roll back: the transaction is its own.
        let failed = &mut Failed::new();
        match self
            .decide(by, &case, &mut answers, failed, Some(&mut *tx))
            .await?
        {
            Decided::Accepted(accepted) => {
                tx.commit(&[rows(&case, &accepted)]).await?;
                Ok(done(*accepted))
            }
            Decided::NeedsTransaction => Err(defect()),
        }
    }

    /// A start that lost the race for its subject or its business key, or against the end of its workflow, is refused as
    /// if it had come later.
    async fn after_lost_start(&self, case: &Case, error: Error) -> Result<Done, NotDone> {
        let Command::Start(start) = &case.command else {
            return Err(NotDone::Failed(error));
        };
        let DefinitionId { workflow, version } = &case.definition.id;
        let store = &self.inner().store;
        let pinned = store.definition(&case.tenant, workflow, Some(*version));
        if pinned.await?.is_none() {
            let message = format!("the workflow `{workflow}` was deleted meanwhile");
            return Err(Refusal::new(RefusalCode::NotFound, message).into());
        }
        if let Some(subject) = &start.subject
            && let Some(running) = store.running(&case.tenant, workflow, subject).await?
        {
            return Err(Refusal::already_runs(workflow, running).into());
        }
        // Whether the start is held to it, the graph says.
        if let Some(key) = &start.business_key
            && case.definition.graph.start().unique
            && let Some(other) = store.keyed(&case.tenant, workflow, key).await?
        {
            return Err(Refusal::not_unique(workflow, key, other).into());
        }
        Err(NotDone::Failed(error))
    }

    /// Decides once and commits: without a transaction if no function is called, else inside one.
    async fn attempt(
        &self,
        by: &Who,
        case: &mut Case,
        answers: &mut Answers,
    ) -> Result<Done, NotDone> {
        let attempted = self.decide_and_write(by, case, answers).await;
        let kept = &self.inner().kept;
        let (accepted, rows) = match attempted {
            Ok(written) => written,
            Err(not_done) => {
                if let NotDone::Failed(error) = &not_done {
                    match (store_error(error), case.instance()) {
                        (Some(StoreErrorKind::Unavailable), _) => kept.forget_all(),
                        (_, Some(instance)) => kept.forget(instance.id()),
                        (_, None) => {}
                    }
                }
                return Err(not_done);
            }
        };
        if !rows.jobs.is_empty() {
            self.nudge();
        }
        let done = done(*accepted);
        kept.put(&done.instance, case.base.as_ref(), &rows);
        Ok(done)
    }

    async fn decide_and_write(
        &self,
        by: &Who,
        case: &mut Case,
        answers: &mut Answers,
    ) -> Result<(Box<Accepted>, Rows), NotDone> {
        let failed = &mut Failed::new();
        match self.decide(by, case, answers, failed, None).await? {
            Decided::Accepted(accepted) => {
                let rows = [rows(case, &accepted)];
                let store = &self.inner().store;
                match by {
                    Who::Engine => store.commit_for_job(&rows).await?,
                    Who::Host | Who::Person(_) => store.commit_now(&rows).await?,
                }
                let [rows] = rows;
                Ok((accepted, rows))
            }
            Decided::NeedsTransaction => self.attempt_inside(by, case, answers).await,
        }
    }

    /// Decides in a transaction and commits it.
    ///
    /// A function that failed may have written before it did. So when the command is accepted all
    /// the same, its transaction is dropped, and everything is done again without that call.
    async fn attempt_inside(
        &self,
        by: &Who,
        case: &mut Case,
        answers: &mut Answers,
    ) -> Result<(Box<Accepted>, Rows), NotDone> {
        let mut failed = Failed::new();
        loop {
            answers.forget_after_conflict();
            let known = failed.len();
            let store = &self.inner().store;
            let mut tx = match by {
                Who::Engine => store.begin_for_job(&case.tenant).await?,
                Who::Host | Who::Person(_) => store.begin(&case.tenant).await?,
            };
            self.reload(case, &mut *tx).await?;
            let decided = self
                .decide(by, case, answers, &mut failed, Some(&mut *tx))
                .await?;
            let Decided::Accepted(accepted) = decided else {
                return Err(defect());
            };
            if failed.len() == known {
                let rows = [rows(case, &accepted)];
                tx.commit(&rows).await?;
                tx.finish().await?;
                let [rows] = rows;
                return Ok((accepted, rows));
            }
        }
    }

    /// Polls the machine until it refuses or accepts, answering what it asks.
    async fn decide(
        &self,
        by: &Who,
        case: &Case,
        answers: &mut Answers,
        failed: &mut Failed,
        mut tx: Option<&mut dyn UnitOfWork>,
    ) -> Result<Decided, NotDone> {
        let about = About {
            tenant: &case.tenant,
            instance: case.instance().map(Instance::id),
            version: case.instance().map_or(0, Instance::version),
            now: case.stamp.1,
        };
        let mut facts = Facts {
            command: case.stamp.0,
            now: case.stamp.1,
            actor: self.actor(&case.tenant, by).await?,
            context: Arc::clone(&case.context),
            settings: Arc::clone(&self.inner().settings),
            answers: std::mem::take(answers),
        };
        let run = Run::new(&case.definition.graph, case.instance(), &case.command);
        let mut run = match &case.follow {
            Some(plan) => run.following(plan),
            None => run,
        };
        let decided = loop {
            match run.poll(&facts) {
                Step::Accept(mut accepted) => {
                    #[cfg(feature = "testing")]
                    if self.inner().observed {
                        self.check_laws(case, &facts, &accepted);
                    }
                    accepted.notices.extend(case.notice);
                    break Decided::Accepted(accepted);
                }
                Step::Refuse(refusal) => return Err(NotDone::Refused(refusal)),
                Step::Ask(questions) => {
                    if case.kept && tx.is_none() && questions.iter().any(is_turn) {
                        // A turn counts for ever: it is not taken for what may be stale.
                        return Err(changed_meanwhile());
                    }
                    let calls: Vec<FunctionCall> = self
                        .answer(&about, &mut tx, questions, &mut facts.answers)
                        .await?;
                    match &mut tx {
                        _ if calls.is_empty() => {}
                        Some(tx) => {
                            for call in calls {
                                let known = failed.iter().find(|(other, _)| is_same(other, &call));
                                let result = match known {
                                    Some((_, failure)) => Err(failure.clone()),
                                    None => self.run_function(&case.tenant, &mut **tx, &call).await,
                                };
                                if let (Err(failure), None) = (&result, known) {
                                    failed.push((call.clone(), failure.clone()));
                                }
                                facts.answers.function(&call, result);
                            }
                        }
                        None => break Decided::NeedsTransaction,
                    }
                }
            }
        };
        *answers = facts.answers;
        Ok(decided)
    }

    #[cfg(feature = "testing")]
    fn check_laws(&self, case: &Case, facts: &Facts, accepted: &Accepted) {
        let graph = &case.definition.graph;
        let checked = crate::testing::check_run(
            graph,
            case.instance(),
            (&case.command, case.follow.as_deref()),
            facts,
            accepted,
        );
        if let Err(broken) = checked {
            *self
                .inner()
                .broken_law
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(broken);
        }
    }

    async fn actor(&self, tenant: &TenantId, by: &Who) -> Result<Actor, NotDone> {
        Ok(match by {
            Who::Engine => Actor::Engine,
            Who::Host => Actor::Host,
            Who::Person(id) => {
                let profile = self.profile(tenant, id).await?;
                let profile = profile.unwrap_or_else(|| crate::directory::Profile {
                    id: id.clone(),
                    ..crate::directory::Profile::default()
                });
                Actor::Person(profile.person())
            }
        })
    }
}

fn is_turn(question: &Question) -> bool {
    matches!(question, Question::Turn(_))
}

/// Whether two calls are of one activation; a function before them may have given other input.
fn is_same(call: &FunctionCall, other: &FunctionCall) -> bool {
    (call.activation, &call.name) == (other.activation, &other.name)
}

/// What is written. A job that gave up has an incident of its own id: that is over when the job goes or
/// is ordered anew.
fn rows(case: &Case, accepted: &Accepted) -> Rows {
    let mut rows = accepted.change.rows();
    rows.newest = case.newest;
    note(&mut rows, case.once.as_ref(), accepted);
    let anew = |job: &&JobRow| matches!(job.work, JobWork::Ring { .. } | JobWork::Wake { .. });
    let anew = rows.jobs.iter().filter(anew).map(|job| &job.id);
    let settled = rows.dropped_jobs.iter().chain(anew);
    let settled = settled
        .map(|job| IncidentId::new(job.uuid()))
        .collect::<Vec<_>>();
    rows.resolved_incidents.extend(settled);
    rows
}

fn done(accepted: Accepted) -> Done {
    let events = &accepted.change.entry.events;
    let opened = events.iter().filter_map(opened).collect();
    Done {
        opened,
        events: events.iter().map(Event::name).collect(),
        notices: accepted.notices,
        instance: accepted.change.into_instance(),
    }
}

pub(crate) fn is_conflict(error: &Error) -> bool {
    store_error(error) == Some(StoreErrorKind::Conflict)
}

/// What went wrong in the store, if it was there.
fn store_error(error: &Error) -> Option<StoreErrorKind> {
    use std::error::Error as _;
    let source = error.source()?.downcast_ref::<signoff_store::Error>()?;
    Some(source.kind())
}

/// Somebody else was faster: everything is looked at again.
pub(super) fn changed_meanwhile() -> NotDone {
    let message = "the instance was changed meanwhile";
    let error = signoff_store::Error::new(StoreErrorKind::Conflict, message);
    NotDone::Failed(error.into())
}

pub(super) fn lost(instance: InstanceId) -> NotDone {
    NotDone::Refused(Refusal::new(
        RefusalCode::Conflict,
        format!("others changed the instance {instance} faster, {CONFLICT_RETRIES} times in a row"),
    ))
}

fn defect() -> NotDone {
    NotDone::Failed(Error::new(
        crate::error::ErrorKind::Configuration,
        "a function was to be called outside a transaction",
    ))
}

//! One command: load, decide, commit; again when somebody else was faster.
//!
//! The engine begins without a transaction. At the first call of a host's function it begins one,
//! reloads, and decides again inside it, keeping what the directory said.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use serde_json::{Map, Value};
use signoff_core::{
    actor::Actor,
    change::{Change, JobRow, JobWork, Rows},
    command::{Command, Migration, Removed, Start as StartCommand, TaskRef},
    event::Event,
    facts::{Answers, Facts, FunctionCall, FunctionFailure},
    graph::IfRunning,
    id::{CommandId, DefinitionId, IncidentId, InstanceId, TenantId},
    instance::{Instance, InstanceStatus},
    machine::{Accepted, Run, Step, may_follow},
    refusal::{Refusal, RefusalCode},
};
use signoff_store::{ErrorKind as StoreErrorKind, Load, Part, Target, UnitOfWork};

use crate::{
    call::{Call, CallTarget, Start, Verb, Who},
    engine::{Definition, Done, Engine, answer::About},
    error::{Error, NotDone},
};

/// How often a lost race is run again.
const CONFLICT_RETRIES: usize = 10;

/// A command with everything that it is decided on.
struct Case {
    /// The id of the command and its moment: decided again, it gives the same ids.
    stamp: (CommandId, Timestamp),
    tenant: TenantId,
    definition: Arc<Definition>,
    instance: Option<Instance>,
    command: Command,
    context: Arc<Map<String, Value>>,
    /// How the instance comes to the newest version first.
    follow: Option<Arc<Migration>>,
    /// What is told beside what the machine tells.
    notice: Option<&'static str>,
}

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
        let (definition, command) = self.start_command(&start).await?;
        let case = Case {
            stamp: self.stamp(),
            tenant: start.tenant.clone(),
            definition,
            instance: None,
            command,
            context: Arc::default(),
            follow: None,
            notice: None,
        };
        let returns = case.definition.graph.start().if_running == IfRunning::Return;
        match self.decide_and_commit(tx, &start.by, case).await {
            Err(NotDone::Refused(refusal))
                if refusal.code == RefusalCode::AlreadyStarted && returns =>
            {
                self.running_instance(&start, refusal).await
            }
            other => other,
        }
    }

    async fn start_command(&self, start: &Start) -> Result<(Arc<Definition>, Command), NotDone> {
        let unknown = || {
            NotDone::Refused(Refusal::new(
                RefusalCode::NotFound,
                format!("there is no workflow `{}`", start.workflow),
            ))
        };
        let workflow = self
            .inner()
            .store
            .workflow(&start.tenant, &start.workflow)
            .await?
            .ok_or_else(unknown)?;
        if !workflow.is_active() {
            let refusal = self.why_inactive(&start.tenant, &workflow).await?;
            return Err(NotDone::Refused(refusal));
        }
        if start.subject.is_some() {
            Box::pin(self.may_be_about(start, &workflow.key)).await?;
        }
        let version = start.version.unwrap_or(workflow.latest);
        let definition = self
            .definition(&start.tenant, &start.workflow, Some(version))
            .await?
            .ok_or_else(unknown)?;
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
    async fn running_instance(&self, start: &Start, refusal: Refusal) -> Result<Done, NotDone> {
        let Some(subject) = &start.subject else {
            return Err(NotDone::Refused(refusal));
        };
        let store = &self.inner().store;
        let Some(id) = store
            .running(&start.tenant, &start.workflow, subject)
            .await?
        else {
            return Err(NotDone::Refused(refusal));
        };
        let load = Load {
            tenant: start.tenant.clone(),
            target: Target::Instance(id),
            part: Part::All,
        };
        let Some(loaded) = store.load(&load).await? else {
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
            return self.decide_and_commit(Some(tx), &call.by, case).await;
        }
        let case = self.case(&call, None).await?;
        let Some(id) = case.instance.as_ref().map(Instance::id) else {
            return self.decide_and_commit(None, &call.by, case).await;
        };
        let (_turn, waited) = self.inner().queue.wait(id).await;
        let mut case = if waited {
            self.case(&call, None).await?
        } else {
            case
        };
        let mut answers = Answers::default();
        for _ in 0..CONFLICT_RETRIES {
            match self.attempt(&call.by, &case, &mut answers).await {
                Err(NotDone::Failed(error)) if is_conflict(&error) => {
                    answers.forget_after_conflict();
                    case = self.case(&call, None).await?;
                }
                other => return other,
            }
        }
        Err(lost(id))
    }

    /// Loads what a call is about.
    async fn case(
        &self,
        call: &Call,
        tx: Option<&mut (dyn UnitOfWork + '_)>,
    ) -> Result<Case, NotDone> {
        let (target, part) = match call.target {
            CallTarget::Task(task) => (Target::Task(task), Part::OfTask),
            CallTarget::Instance(instance) => (Target::Instance(instance), Part::Header),
            CallTarget::Activation(instance, activation) => {
                (Target::Instance(instance), Part::Activation(activation))
            }
        };
        let load = Load {
            tenant: call.tenant.clone(),
            target,
            part,
        };
        let mut again = tx;
        let loaded = match &mut again {
            Some(tx) => tx.load(&load).await?,
            None => self.inner().store.load(&load).await?,
        };
        let loaded = loaded.ok_or_else(|| {
            NotDone::Refused(Refusal::new(
                RefusalCode::NotFound,
                "there is no such task or instance",
            ))
        })?;
        let instance = Instance::from_rows(&loaded.rows)?;
        let task = loaded
            .task
            .as_ref()
            .map(signoff_core::instance::TaskRow::task)
            .transpose()?;
        let task = task.as_ref().map(TaskRef::from);
        let definition = self
            .definition(
                &call.tenant,
                &instance.definition().workflow,
                Some(instance.definition().version),
            )
            .await?
            .ok_or_else(|| {
                let message = format!("the definition `{}` is gone", instance.definition());
                NotDone::Failed(Error::new(crate::error::ErrorKind::Store, message))
            })?;
        let follows = instance.follows_latest() && !matches!(call.verb, Verb::Migrate(_));
        let (definition, command) = match &call.verb {
            Verb::Migrate(plan) => self.migration(&call.tenant, &definition, plan).await?,
            _ => (definition, command(call, task)?),
        };
        let case = Case {
            stamp: self.stamp(),
            tenant: call.tenant.clone(),
            definition,
            command,
            context: Arc::clone(&call.context),
            instance: Some(instance),
            follow: None,
            notice: None,
        };
        match follows {
            true => Box::pin(self.following(case, again)).await,
            false => Ok(case),
        }
    }

    /// The case on the newest version, where every visit of the instance can stay as it is; else as it
    /// is, with a notice.
    async fn following(
        &self,
        case: Case,
        tx: Option<&mut (dyn UnitOfWork + '_)>,
    ) -> Result<Case, NotDone> {
        let id = &case.definition.id;
        let newest = self.definition(&case.tenant, &id.workflow, None).await?;
        let newest = newest.filter(|newest| newest.id.version > id.version);
        let (Some(newest), Some(instance)) = (newest, &case.instance) else {
            return Ok(case);
        };
        let goes_on = matches!(
            instance.status(),
            InstanceStatus::Pending { .. } | InstanceStatus::Running
        );
        if !goes_on {
            return Ok(case);
        }
        let load = Load {
            tenant: case.tenant.clone(),
            target: Target::Instance(instance.id()),
            part: Part::All,
        };
        let loaded = match tx {
            Some(tx) => tx.load(&load).await?,
            None => self.inner().store.load(&load).await?,
        };
        let whole = loaded.ok_or_else(|| lost(instance.id()))?;
        let whole = Instance::from_rows(&whole.rows)?;
        if whole.version() != instance.version() {
            return Err(changed_meanwhile());
        }
        let plan = Migration {
            to: newest.id.clone(),
            from: Arc::new(case.definition.graph.clone()),
            nodes: BTreeMap::new(),
            anew: BTreeSet::new(),
            removed: Removed::Refuse,
            data: Map::new(),
        };
        if !may_follow(&newest.graph, &whole, &plan, case.stamp.1) {
            return Ok(Case {
                notice: Some("follow_latest"),
                ..case
            });
        }
        Ok(Case {
            definition: newest,
            instance: Some(whole),
            follow: Some(Arc::new(plan)),
            ..case
        })
    }

    /// Decides a call and forgets it: what it would do is told, and nothing is written.
    pub(super) async fn preview(&self, call: Call) -> Result<Done, NotDone> {
        Ok(done(*self.foresee(call).await?))
    }

    /// Decides a call, and drops what it would write.
    pub(super) async fn foresee(&self, call: Call) -> Result<Box<Accepted>, NotDone> {
        // What functions write and turns count goes with the transaction, which is dropped.
        let mut tx = self.inner().store.begin().await?;
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
            return match self.attempt(by, &case, &mut answers).await {
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
                tx.commit(&[rows(&accepted.change)]).await?;
                Ok(done(*accepted))
            }
            Decided::NeedsTransaction => Err(defect()),
        }
    }

    /// A start that lost the race for its subject, or against the end of its workflow, is refused as
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
        let Some(subject) = &start.subject else {
            return Err(NotDone::Failed(error));
        };
        match store.running(&case.tenant, workflow, subject).await? {
            Some(running) => Err(NotDone::Refused(Refusal::new(
                RefusalCode::AlreadyStarted,
                format!("`{workflow}` already runs for this subject as {running}"),
            ))),
            None => Err(NotDone::Failed(error)),
        }
    }

    /// Decides once and commits: without a transaction if no function is called, else inside one.
    async fn attempt(&self, by: &Who, case: &Case, answers: &mut Answers) -> Result<Done, NotDone> {
        let failed = &mut Failed::new();
        let accepted = match self.decide(by, case, answers, failed, None).await? {
            Decided::Accepted(accepted) => {
                let store = &self.inner().store;
                store.commit_now(&[rows(&accepted.change)]).await?;
                accepted
            }
            Decided::NeedsTransaction => self.attempt_inside(by, case, answers).await?,
        };
        self.nudge();
        Ok(done(*accepted))
    }

    /// Decides in a transaction and commits it.
    ///
    /// A function that failed may have written before it did. So when the command is accepted all
    /// the same, its transaction is dropped, and everything is done again without that call.
    async fn attempt_inside(
        &self,
        by: &Who,
        case: &Case,
        answers: &mut Answers,
    ) -> Result<Box<Accepted>, NotDone> {
        let mut failed = Failed::new();
        loop {
            answers.forget_after_conflict();
            let known = failed.len();
            let mut tx = self.inner().store.begin().await?;
            let reloaded = self.reload(case, &mut *tx).await?;
            let decided = self
                .decide(by, &reloaded, answers, &mut failed, Some(&mut *tx))
                .await?;
            let Decided::Accepted(accepted) = decided else {
                return Err(defect());
            };
            if failed.len() == known {
                tx.commit(&[rows(&accepted.change)]).await?;
                tx.finish().await?;
                return Ok(accepted);
            }
        }
    }

    async fn reload(&self, case: &Case, tx: &mut dyn UnitOfWork) -> Result<Case, NotDone> {
        let instance = match &case.instance {
            None => None,
            Some(instance) => {
                let load = Load {
                    tenant: case.tenant.clone(),
                    target: Target::Instance(instance.id()),
                    part: match case.follow {
                        Some(_) => Part::All,
                        None => part(&case.command),
                    },
                };
                let loaded = tx.load(&load).await?.ok_or_else(|| lost(instance.id()))?;
                let again = Instance::from_rows(&loaded.rows)?;
                if case.follow.is_some() && again.version() != instance.version() {
                    // Whether it can follow is to be looked at again.
                    return Err(changed_meanwhile());
                }
                Some(again)
            }
        };
        Ok(Case {
            stamp: case.stamp,
            tenant: case.tenant.clone(),
            definition: Arc::clone(&case.definition),
            instance,
            command: case.command.clone(),
            context: Arc::clone(&case.context),
            follow: case.follow.clone(),
            notice: case.notice,
        })
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
            instance: case.instance.as_ref().map(Instance::id),
            version: case.instance.as_ref().map_or(0, Instance::version),
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
        let run = Run::new(
            &case.definition.graph,
            case.instance.as_ref(),
            &case.command,
        );
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

    fn stamp(&self) -> (CommandId, Timestamp) {
        let clock = &self.inner().clock;
        (clock.command_id(), clock.now())
    }

    #[cfg(feature = "testing")]
    fn check_laws(&self, case: &Case, facts: &Facts, accepted: &Accepted) {
        let graph = &case.definition.graph;
        let checked = crate::testing::check_run(
            graph,
            case.instance.as_ref(),
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

/// Whether two calls are of one activation; a function before them may have given other input.
fn is_same(call: &FunctionCall, other: &FunctionCall) -> bool {
    (call.activation, &call.name) == (other.activation, &other.name)
}

/// What a command needs of its instance.
fn part(command: &Command) -> Part {
    let activation = command
        .activation()
        .or_else(|| command.task().map(|task| task.activation));
    activation.map_or(Part::Header, Part::Activation)
}

/// What is written. A job that gave up has an incident of its own id: that is over when the job goes or
/// is ordered anew.
fn rows(change: &Change) -> Rows {
    let mut rows = change.rows();
    let anew = |job: &&JobRow| matches!(job.work, JobWork::Ring { .. } | JobWork::Wake { .. });
    let anew = rows.jobs.iter().filter(anew).map(|job| &job.id);
    let settled = rows.dropped_jobs.iter().chain(anew);
    let settled = settled
        .map(|job| IncidentId::new(job.uuid()))
        .collect::<Vec<_>>();
    rows.resolved_incidents.extend(settled);
    rows
}

fn command(call: &Call, task: Option<TaskRef>) -> Result<Command, NotDone> {
    call.command(task).ok_or_else(|| {
        NotDone::Refused(Refusal::new(RefusalCode::NotFound, "there is no such task"))
    })
}

fn done(accepted: Accepted) -> Done {
    let events = &accepted.change.entry.events;
    let opened = events
        .iter()
        .filter_map(|event| match event {
            Event::TaskOpened(opened) => Some(opened.task),
            _ => None,
        })
        .collect();
    Done {
        opened,
        events: events.iter().map(Event::name).collect(),
        notices: accepted.notices,
        instance: accepted.change.into_instance(),
    }
}

pub(crate) fn is_conflict(error: &Error) -> bool {
    use std::error::Error as _;
    error
        .source()
        .and_then(|source| source.downcast_ref::<signoff_store::Error>())
        .is_some_and(|error| error.kind() == StoreErrorKind::Conflict)
}

/// Somebody else was faster: everything is looked at again.
fn changed_meanwhile() -> NotDone {
    let message = "the instance was changed meanwhile";
    let error = signoff_store::Error::new(StoreErrorKind::Conflict, message);
    NotDone::Failed(error.into())
}

fn lost(instance: InstanceId) -> NotDone {
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

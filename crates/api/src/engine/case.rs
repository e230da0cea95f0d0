//! What a command is decided on: loaded, or kept from the one before.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use serde_json::{Map, Value};
use signoff_core::{
    command::{Command, Migration, Removed, TaskRef},
    id::{CommandId, TenantId},
    instance::{CorruptRow, Instance, InstanceStatus, TaskRow},
    machine::may_follow,
    refusal::{Refusal, RefusalCode},
};
use signoff_store::{Load, Loaded, Part, Target, UnitOfWork};

use crate::{
    call::{Call, CallTarget, Verb},
    engine::{
        Definition, Engine,
        execute::{changed_meanwhile, lost},
        kept::{Recent, Size},
    },
    error::{Error, ErrorKind, NotDone},
    once::Once,
};

/// A command with everything that it is decided on.
pub(super) struct Case {
    /// The id of the command and its moment: decided again, it gives the same ids.
    pub(super) stamp: (CommandId, Timestamp),
    pub(super) tenant: TenantId,
    pub(super) definition: Arc<Definition>,
    /// The instance that there is; a start has none.
    pub(super) base: Option<Recent>,
    /// Whether that was kept, and may be stale.
    pub(super) kept: bool,
    pub(super) command: Command,
    pub(super) context: Arc<Map<String, Value>>,
    /// How the instance comes to the newest version first.
    pub(super) follow: Option<Arc<Migration>>,
    /// The request that it is, when its sender named it.
    pub(super) once: Option<Once>,
    /// The newest version as a start takes it, when it did not read that.
    pub(super) newest: Option<u32>,
    /// What is told beside what the machine tells.
    pub(super) notice: Option<&'static str>,
}

impl Case {
    pub(super) fn instance(&self) -> Option<&Instance> {
        self.base.as_ref().map(|base| &*base.instance)
    }
}

impl Engine {
    /// What a call is about as it was kept; `None` when it must be loaded.
    pub(super) async fn kept_case(&self, call: &Call) -> Result<Option<Case>, NotDone> {
        if matches!(call.verb, Verb::Migrate(_)) {
            // Where it goes is looked at beside the machine.
            return Ok(None);
        }
        let Some(recent) = self.inner().kept.get(&call.tenant, call.target) else {
            return Ok(None);
        };
        let task = match call.target {
            CallTarget::Task(task) => recent.instance.task(task).map(TaskRef::from),
            CallTarget::Activation(..) | CallTarget::Instance(_) => None,
        };
        let case = self.case_of(call, recent, task).await?;
        Ok(Some(Case { kept: true, ..case }))
    }

    /// Loads what a call is about.
    pub(super) async fn case(
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
        let task = loaded.task.as_ref().map(TaskRow::task).transpose()?;
        let task = task.as_ref().map(TaskRef::from);
        let case = self.case_of(call, recent(&loaded)?, task).await?;
        let follows = case.instance().is_some_and(Instance::follows_latest)
            && !matches!(call.verb, Verb::Migrate(_));
        match follows {
            true => Box::pin(self.following(case, again)).await,
            false => Ok(case),
        }
    }

    async fn case_of(
        &self,
        call: &Call,
        base: Recent,
        task: Option<TaskRef>,
    ) -> Result<Case, NotDone> {
        let instance = &base.instance;
        let definition = self
            .definition(
                &call.tenant,
                &instance.definition().workflow,
                Some(instance.definition().version),
            )
            .await?
            .ok_or_else(|| {
                let message = format!("the definition `{}` is gone", instance.definition());
                NotDone::Failed(Error::new(ErrorKind::Store, message))
            })?;
        let definition = self.reacting(&call.tenant, definition).await?;
        let (definition, command) = match &call.verb {
            Verb::Migrate(plan) => self.migration(&call.tenant, &definition, plan).await?,
            _ => (definition, command(call, task)?),
        };
        Ok(Case {
            stamp: self.stamp(),
            tenant: call.tenant.clone(),
            definition,
            base: Some(base),
            kept: false,
            command,
            context: Arc::clone(&call.context),
            follow: None,
            once: call.once.clone(),
            newest: None,
            notice: None,
        })
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
        let (Some(newest), Some(instance)) = (newest, case.instance()) else {
            return Ok(case);
        };
        let newest = self.reacting(&case.tenant, newest).await?;
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
        let base = recent(&whole)?;
        let whole = &base.instance;
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
        if !may_follow(&newest.graph, whole, &plan, case.stamp.1) {
            return Ok(Case {
                notice: Some("follow_latest"),
                ..case
            });
        }
        Ok(Case {
            definition: newest,
            base: Some(base),
            follow: Some(Arc::new(plan)),
            ..case
        })
    }

    /// Looks at the instance again, inside a transaction.
    pub(super) async fn reload(
        &self,
        case: &mut Case,
        tx: &mut dyn UnitOfWork,
    ) -> Result<(), NotDone> {
        let Some(before) = case.instance() else {
            return Ok(());
        };
        let load = Load {
            tenant: case.tenant.clone(),
            target: Target::Instance(before.id()),
            part: match case.follow {
                Some(_) => Part::All,
                None => part(&case.command),
            },
        };
        let loaded = tx.load(&load).await?.ok_or_else(|| lost(before.id()))?;
        let base = recent(&loaded)?;
        let again = &base.instance;
        let moved = again.definition() != before.definition();
        if moved || (case.follow.is_some() && again.version() != before.version()) {
            // By which definition it is decided is to be looked at again.
            return Err(changed_meanwhile());
        }
        case.base = Some(base);
        case.kept = false;
        Ok(())
    }

    pub(super) fn stamp(&self) -> (CommandId, Timestamp) {
        let clock = &self.inner().clock;
        (clock.command_id(), clock.now())
    }
}

fn recent(loaded: &Loaded) -> Result<Recent, CorruptRow> {
    Ok(Recent {
        instance: Arc::new(Instance::from_rows(&loaded.rows)?),
        size: Size::of(&loaded.rows),
    })
}

/// What a command needs of its instance.
fn part(command: &Command) -> Part {
    let activation = command
        .activation()
        .or_else(|| command.task().map(|task| task.activation));
    activation.map_or(Part::Header, Part::Activation)
}

fn command(call: &Call, task: Option<TaskRef>) -> Result<Command, NotDone> {
    call.command(task).ok_or_else(|| {
        NotDone::Refused(Refusal::new(RefusalCode::NotFound, "there is no such task"))
    })
}

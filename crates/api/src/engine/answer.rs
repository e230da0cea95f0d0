//! Answers to what the machine asks.

use jiff::Timestamp;
use serde_json::Value;
use signoff_core::{
    facts::{Answers, FunctionCall, FunctionFailure, LoadedPart, Question},
    graph::Unit,
    id::{InstanceId, PersonId, TenantId},
    instance::read_live,
    refusal::{Refusal, RefusalCode},
};
use signoff_store::{Load, Part, Target, UnitOfWork};

use crate::{
    engine::{Engine, door},
    error::{Error, NotDone},
    function::FunctionContext,
};

/// What a command is about, while its questions are answered.
pub(super) struct About<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) instance: Option<InstanceId>,
    /// Its version, as it was loaded.
    pub(super) version: u64,
    /// The moment of the command.
    pub(super) now: Timestamp,
}

impl Engine {
    /// Answers everything that needs no transaction; gives the calls that do.
    #[expect(
        clippy::too_many_lines,
        reason = "one line for each question of the closed list"
    )]
    pub(super) async fn answer(
        &self,
        about: &About<'_>,
        tx: &mut Option<&mut dyn UnitOfWork>,
        questions: Vec<Question>,
        answers: &mut Answers,
    ) -> Result<Vec<FunctionCall>, NotDone> {
        let mut calls = Vec::new();
        for question in questions {
            match question {
                Question::Function(call) => calls.push(call),
                Question::Manager(of) => {
                    let profile = self.profile(about.tenant, &of).await?;
                    let manager = profile.and_then(|profile| profile.manager);
                    manager.as_ref().map_or(Ok(()), door::named)?;
                    answers.manager(of, manager);
                }
                Question::Members(role) => {
                    let members = self.inner().directory.members(about.tenant, &role).await;
                    let members = members.map_err(Error::directory)?;
                    members.iter().try_for_each(door::named)?;
                    answers.members(role, members);
                }
                Question::Head(unit, of) => {
                    let head = self.head(about.tenant, unit, &of).await?;
                    head.as_ref().map_or(Ok(()), door::named)?;
                    answers.head(unit, of, head);
                }
                Question::RoleParent(role) => {
                    let directory = &self.inner().directory;
                    let parent = directory.role_parent(about.tenant, &role).await;
                    answers.role_parent(role, parent.map_err(Error::directory)?);
                }
                Question::Substitutions => {
                    let found = self.substitutes(about.tenant, about.now).await?;
                    found.values().try_for_each(door::named)?;
                    answers.substitutions(found);
                }
                Question::Person(id) => {
                    let profile = self.profile(about.tenant, &id).await?;
                    answers.person(id, profile.map(|profile| profile.person()));
                }
                Question::All => {
                    let part = self.part(about, tx, Part::All).await?;
                    answers.all(part);
                }
                Question::History => {
                    let entries = match about.instance {
                        Some(instance) => self.history(about.tenant, instance).await?,
                        None => Vec::new(),
                    };
                    let last = entries.last().map_or(0, |entry| entry.version);
                    if tx.is_some() && last != about.version {
                        // The history is read beside the transaction, and part of it is not there yet.
                        return Err(NotDone::Refused(Refusal::new(
                            RefusalCode::Conflict,
                            "the instance was changed in this transaction: commit that first",
                        )));
                    }
                    answers.history(entries);
                }
                Question::Jobs => {
                    let jobs = match about.instance {
                        Some(instance) => self.jobs_of(about.tenant, instance).await?,
                        None => Vec::new(),
                    };
                    let jobs = jobs.into_iter().filter(|job| !job.parked);
                    answers.jobs(jobs.map(|job| job.job).collect());
                }
                Question::Version(ask) => {
                    let found = self.version_of(about.tenant, &ask).await?;
                    answers.version(ask, found);
                }
                Question::Load(activation) => {
                    let part = self.part(about, tx, Part::Activation(activation)).await?;
                    answers.load(activation, part);
                }
                Question::Running(workflow, subject) => {
                    let running = match tx {
                        Some(tx) => tx.running(about.tenant, &workflow, &subject).await?,
                        None => {
                            self.inner()
                                .store
                                .running(about.tenant, &workflow, &subject)
                                .await?
                        }
                    };
                    answers.running(running);
                }
                Question::Keyed(workflow, key) => {
                    let keyed = match tx {
                        Some(tx) => tx.keyed(about.tenant, &workflow, &key).await?,
                        None => {
                            let store = &self.inner().store;
                            store.keyed(about.tenant, &workflow, &key).await?
                        }
                    };
                    answers.keyed(keyed);
                }
                Question::Turn(turn) => {
                    let person = match tx {
                        Some(tx) => tx.turn(about.tenant, &turn.pool, &turn.members).await?,
                        None => {
                            self.inner()
                                .store
                                .turn(about.tenant, &turn.pool, &turn.members)
                                .await?
                        }
                    };
                    answers.turn(&turn, person);
                }
            }
        }
        Ok(calls)
    }

    /// Who leads the unit that the person belongs to.
    async fn head(
        &self,
        tenant: &TenantId,
        unit: Unit,
        of: &PersonId,
    ) -> Result<Option<PersonId>, Error> {
        let Some(profile) = self.profile(tenant, of).await? else {
            return Ok(None);
        };
        let name = match unit {
            Unit::Team => profile.team,
            _ => profile.department,
        };
        let Some(name) = name else {
            return Ok(None);
        };
        let head = self.inner().directory.head(tenant, unit, &name).await;
        head.map_err(Error::directory)
    }

    pub(crate) async fn profile(
        &self,
        tenant: &TenantId,
        id: &PersonId,
    ) -> Result<Option<crate::directory::Profile>, Error> {
        self.inner()
            .directory
            .profile(tenant, id)
            .await
            .map_err(Error::directory)
    }

    async fn part(
        &self,
        about: &About<'_>,
        tx: &mut Option<&mut dyn UnitOfWork>,
        part: Part,
    ) -> Result<LoadedPart, NotDone> {
        let Some(instance) = about.instance else {
            return Ok(LoadedPart::default());
        };
        let load = Load {
            tenant: about.tenant.clone(),
            target: Target::Instance(instance),
            part,
        };
        let loaded = match tx {
            Some(tx) => tx.load(&load).await?,
            None => self.inner().store.load(&load).await?,
        };
        let Some(loaded) = loaded else {
            return Ok(LoadedPart::default());
        };
        let (activations, tasks) = read_live(&loaded.rows.activations, &loaded.rows.tasks)?;
        Ok(LoadedPart { activations, tasks })
    }

    /// Runs a function of the host inside the transaction.
    pub(super) async fn run_function(
        &self,
        tenant: &TenantId,
        tx: &mut dyn UnitOfWork,
        call: &FunctionCall,
    ) -> Result<Value, FunctionFailure> {
        let Some(function) = self.inner().functions.get(&call.name) else {
            return Err(FunctionFailure {
                code: "unknown_function".to_owned(),
                message: format!("no function `{}` is registered", call.name),
            });
        };
        let mut cx = FunctionContext {
            tenant,
            input: serde_json::from_str(&call.input).unwrap_or_default(),
            tx,
        };
        function.call(&mut cx).await
    }
}

//! What the machine needs from outside, and what it has been told.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    actor::{Actor, Person},
    change::JobRow,
    conditions::People,
    event::HistoryEntry,
    graph::{ActionTable, Unit, VersionRule},
    id::{
        ActivationId, CommandId, DefinitionId, InstanceId, PersonId, RoleId, Subject, WorkflowKey,
    },
    instance::{Activation, Task},
    limits::Limits,
};

/// Something that the machine needs from outside.
///
/// Exhaustive on purpose: a new question must break every driver until it is answered.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Question {
    /// Every live activation, with its open tasks.
    All,
    /// A call of the host's function, inside the transaction.
    Function(FunctionCall),
    /// Who leads the department or the team of the person.
    Head(Unit, PersonId),
    /// Everything that has happened, in order.
    History,
    /// The jobs of the instance that are still to run, or gave up.
    Jobs,
    /// The instance of the workflow that has the business key, running or ended.
    Keyed(WorkflowKey, String),
    /// One activation with its open tasks.
    Load(ActivationId),
    /// Who leads the person.
    Manager(PersonId),
    /// Who has the role; only active persons.
    Members(RoleId),
    /// The person, if the directory knows one.
    Person(PersonId),
    /// The role above the role.
    RoleParent(RoleId),
    /// The instance of the workflow that runs for the subject.
    Running(WorkflowKey, Subject),
    /// Who stands in for whom now, of all.
    Substitutions,
    /// The next turn among the members of a pool.
    Turn(Turn),
    /// Which version of a workflow a child runs.
    Version(VersionAsk),
}

/// Which version of a workflow a child runs.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct VersionAsk {
    /// The workflow.
    pub workflow: WorkflowKey,
    /// Which version.
    pub rule: VersionRule,
    /// The definition that names it: when it was published decides what is pinned.
    pub parent: DefinitionId,
}

/// A call of the host's function.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct FunctionCall {
    /// The activation that calls.
    pub activation: ActivationId,
    /// The name that the host registered.
    pub name: String,
    /// What it is given, as JSON text.
    pub input: String,
}

/// A turn among the members of a pool.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Turn {
    /// The activation that needs it.
    pub activation: ActivationId,
    /// The entry of its node, from 0.
    pub entry: u16,
    /// The pool, counted for ever: `role:finance_reviewer`.
    pub pool: String,
    /// The members, in id order; never empty.
    pub members: Vec<PersonId>,
}

impl Question {
    /// Whether the answer is an act: after a lost race it must be asked again.
    #[must_use]
    pub fn acts(&self) -> bool {
        match self {
            Self::Function(_) | Self::Turn(_) => true,
            Self::All
            | Self::Head(..)
            | Self::History
            | Self::Jobs
            | Self::Keyed(..)
            | Self::Load(_)
            | Self::Manager(_)
            | Self::Members(_)
            | Self::Person(_)
            | Self::RoleParent(_)
            | Self::Running(..)
            | Self::Substitutions
            | Self::Version(_) => false,
        }
    }

    /// Whether the answer comes from the instance's rows.
    #[must_use]
    pub fn loads(&self) -> bool {
        match self {
            Self::All
            | Self::History
            | Self::Jobs
            | Self::Keyed(..)
            | Self::Load(_)
            | Self::Running(..) => true,
            Self::Function(_)
            | Self::Head(..)
            | Self::Manager(_)
            | Self::Members(_)
            | Self::Person(_)
            | Self::RoleParent(_)
            | Self::Substitutions
            | Self::Turn(_)
            | Self::Version(_) => false,
        }
    }
}

/// Activations with their open tasks, loaded for a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadedPart {
    /// The activations.
    pub activations: Vec<Activation>,
    /// Their open tasks.
    pub tasks: Vec<Task>,
}

/// Why a function of the host did not return a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FunctionFailure {
    /// The host's code.
    pub code: String,
    /// What went wrong.
    pub message: String,
}

/// Everything that a command may know: time, actor and settings from the start, answers as they come.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The id of the command.
    pub command: CommandId,
    /// The moment of the command.
    pub now: Timestamp,
    /// Who acts.
    pub actor: Actor,
    /// What conditions see in place of the data's keys of the same name, for this command only.
    pub context: Arc<Map<String, Value>>,
    /// What holds for the whole installation.
    pub settings: Arc<Settings>,
    /// The answers so far.
    pub answers: Answers,
}

/// What holds for the whole installation.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Upper bounds.
    pub limits: Limits,
    /// Whether mail can be sent: without it built-in mail is off.
    pub mail: bool,
    /// Actions by subject type; `default` for every other one.
    pub actions: BTreeMap<String, ActionTable>,
}

/// The answers so far.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    all: Option<LoadedPart>,
    functions: BTreeMap<ActivationId, Result<Value, FunctionFailure>>,
    heads: BTreeMap<(Unit, PersonId), Option<PersonId>>,
    loads: BTreeMap<ActivationId, LoadedPart>,
    managers: BTreeMap<PersonId, Option<PersonId>>,
    members: BTreeMap<RoleId, Arc<[PersonId]>>,
    persons: BTreeMap<PersonId, Option<Person>>,
    parents: BTreeMap<RoleId, Option<RoleId>>,
    substitutions: Option<Arc<BTreeMap<PersonId, PersonId>>>,
    running: Option<Option<InstanceId>>,
    keyed: Option<Option<InstanceId>>,
    turns: BTreeMap<(ActivationId, u16), PersonId>,
    history: Option<Arc<[HistoryEntry]>>,
    jobs: Option<Arc<[JobRow]>>,
    versions: BTreeMap<VersionAsk, Option<DefinitionId>>,
    wanted: Wanted,
}

/// What conditions asked while they were evaluated; it is no answer, so copies have none of it.
#[derive(Debug, Default)]
struct Wanted {
    questions: Mutex<BTreeSet<Question>>,
    /// Whether there are any: mostly there are none, and it is looked at after every wave.
    any: AtomicBool,
}

impl Wanted {
    fn lock(&self) -> MutexGuard<'_, BTreeSet<Question>> {
        let questions = self.questions.lock();
        questions.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for Wanted {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Answers {
    /// Notes a question of a condition.
    pub(crate) fn want(&self, question: Question) {
        self.wanted.lock().insert(question);
        self.wanted.any.store(true, Ordering::Release);
    }

    /// What conditions asked since the last time and has no answer yet, in order.
    pub(crate) fn take_wanted(&self) -> Vec<Question> {
        if !self.wanted.any.swap(false, Ordering::Acquire) {
            return Vec::new();
        }
        let wanted = std::mem::take(&mut *self.wanted.lock()).into_iter();
        wanted
            .filter(|question| match question {
                Question::Manager(of) => !self.managers.contains_key(of),
                Question::Person(id) => !self.persons.contains_key(id),
                _ => true,
            })
            .collect()
    }

    /// What the directory has said of people.
    pub(crate) fn people(&self) -> People {
        let roles = self.persons.iter().map(|(id, person)| {
            let active = person.as_ref().filter(|person| person.active);
            let roles = active.map(|person| person.roles.clone());
            (id.clone(), roles.unwrap_or_default())
        });
        People {
            roles: roles.collect(),
            managers: self.managers.clone(),
        }
    }

    /// Answers [`Question::All`].
    pub fn all(&mut self, part: LoadedPart) {
        self.all = Some(part);
    }

    /// Answers [`Question::Function`].
    pub fn function(&mut self, call: &FunctionCall, result: Result<Value, FunctionFailure>) {
        self.functions.insert(call.activation, result);
    }

    /// Answers [`Question::Load`]; an empty part when there is no such live activation.
    pub fn load(&mut self, activation: ActivationId, part: LoadedPart) {
        self.loads.insert(activation, part);
    }

    /// Answers [`Question::Manager`].
    pub fn manager(&mut self, of: PersonId, manager: Option<PersonId>) {
        self.managers.insert(of, manager);
    }

    /// Answers [`Question::Members`]; order and repetition do not matter.
    pub fn members(&mut self, role: RoleId, members: impl IntoIterator<Item = PersonId>) {
        let sorted: BTreeSet<PersonId> = members.into_iter().collect();
        self.members.insert(role, sorted.into_iter().collect());
    }

    /// Answers [`Question::Person`].
    pub fn person(&mut self, id: PersonId, person: Option<Person>) {
        self.persons.insert(id, person);
    }

    /// Answers [`Question::Head`]; `None` when the unit has no head, or the person no unit.
    pub fn head(&mut self, unit: Unit, of: PersonId, head: Option<PersonId>) {
        self.heads.insert((unit, of), head);
    }

    /// Answers [`Question::RoleParent`].
    pub fn role_parent(&mut self, role: RoleId, parent: Option<RoleId>) {
        self.parents.insert(role, parent);
    }

    /// Answers [`Question::Substitutions`], by principal.
    pub fn substitutions(&mut self, in_force: BTreeMap<PersonId, PersonId>) {
        self.substitutions = Some(Arc::new(in_force));
    }

    /// Answers [`Question::Running`].
    pub fn running(&mut self, instance: Option<InstanceId>) {
        self.running = Some(instance);
    }

    /// Answers [`Question::Keyed`].
    pub fn keyed(&mut self, instance: Option<InstanceId>) {
        self.keyed = Some(instance);
    }

    /// Answers [`Question::Turn`].
    pub fn turn(&mut self, turn: &Turn, person: PersonId) {
        self.turns.insert((turn.activation, turn.entry), person);
    }

    /// Answers [`Question::History`].
    pub fn history(&mut self, entries: Vec<HistoryEntry>) {
        self.history = Some(entries.into());
    }

    /// Answers [`Question::Jobs`].
    pub fn jobs(&mut self, jobs: Vec<JobRow>) {
        self.jobs = Some(jobs.into());
    }

    /// Answers [`Question::Version`]; `None` when there is no such workflow or version.
    pub fn version(&mut self, ask: VersionAsk, found: Option<DefinitionId>) {
        self.versions.insert(ask, found);
    }

    /// Takes one answer over from others; `false` when they have none.
    pub fn copy(&mut self, question: &Question, from: &Self) -> bool {
        fn one<K: Clone + Ord, V: Clone>(
            key: &K,
            to: &mut BTreeMap<K, V>,
            from: &BTreeMap<K, V>,
        ) -> bool {
            from.get(key).is_some_and(|value| {
                to.insert(key.clone(), value.clone());
                true
            })
        }
        match question {
            Question::All => {
                self.all.clone_from(&from.all);
                self.all.is_some()
            }
            Question::Function(call) => one(&call.activation, &mut self.functions, &from.functions),
            Question::Head(unit, of) => one(&(*unit, of.clone()), &mut self.heads, &from.heads),
            Question::RoleParent(role) => one(role, &mut self.parents, &from.parents),
            Question::Substitutions => {
                self.substitutions.clone_from(&from.substitutions);
                self.substitutions.is_some()
            }
            Question::History => {
                self.history.clone_from(&from.history);
                self.history.is_some()
            }
            Question::Jobs => {
                self.jobs.clone_from(&from.jobs);
                self.jobs.is_some()
            }
            Question::Version(ask) => one(ask, &mut self.versions, &from.versions),
            Question::Load(activation) => one(activation, &mut self.loads, &from.loads),
            Question::Manager(of) => one(of, &mut self.managers, &from.managers),
            Question::Members(role) => one(role, &mut self.members, &from.members),
            Question::Person(id) => one(id, &mut self.persons, &from.persons),
            Question::Running(..) => {
                self.running = from.running;
                self.running.is_some()
            }
            Question::Keyed(..) => {
                self.keyed = from.keyed;
                self.keyed.is_some()
            }
            Question::Turn(turn) => {
                one(&(turn.activation, turn.entry), &mut self.turns, &from.turns)
            }
        }
    }

    /// Forgets what a lost race made stale: acts and rows. What the directory said stays.
    pub fn forget_after_conflict(&mut self) {
        self.all = None;
        self.history = None;
        self.jobs = None;
        self.functions.clear();
        self.loads.clear();
        self.running = None;
        self.keyed = None;
        self.turns.clear();
    }

    pub(crate) fn get_all(&self) -> Option<&LoadedPart> {
        self.all.as_ref()
    }

    pub(crate) fn get_function(
        &self,
        activation: ActivationId,
    ) -> Option<&Result<Value, FunctionFailure>> {
        self.functions.get(&activation)
    }

    pub(crate) fn get_load(&self, activation: ActivationId) -> Option<&LoadedPart> {
        self.loads.get(&activation)
    }

    pub(crate) fn get_manager(&self, of: &PersonId) -> Option<Option<&PersonId>> {
        self.managers.get(of).map(Option::as_ref)
    }

    pub(crate) fn get_members(&self, role: &RoleId) -> Option<&Arc<[PersonId]>> {
        self.members.get(role)
    }

    pub(crate) fn get_person(&self, id: &PersonId) -> Option<Option<&Person>> {
        self.persons.get(id).map(Option::as_ref)
    }

    pub(crate) fn get_head(&self, unit: Unit, of: &PersonId) -> Option<Option<&PersonId>> {
        self.heads.get(&(unit, of.clone())).map(Option::as_ref)
    }

    pub(crate) fn get_role_parent(&self, role: &RoleId) -> Option<Option<&RoleId>> {
        self.parents.get(role).map(Option::as_ref)
    }

    pub(crate) fn get_substitutions(&self) -> Option<&Arc<BTreeMap<PersonId, PersonId>>> {
        self.substitutions.as_ref()
    }

    pub(crate) fn get_running(&self) -> Option<Option<InstanceId>> {
        self.running
    }

    pub(crate) fn get_keyed(&self) -> Option<Option<InstanceId>> {
        self.keyed
    }

    pub(crate) fn get_history(&self) -> Option<&Arc<[HistoryEntry]>> {
        self.history.as_ref()
    }

    pub(crate) fn get_jobs(&self) -> Option<&Arc<[JobRow]>> {
        self.jobs.as_ref()
    }

    pub(crate) fn get_version(&self, ask: &VersionAsk) -> Option<Option<&DefinitionId>> {
        self.versions.get(ask).map(Option::as_ref)
    }

    pub(crate) fn get_turn(&self, activation: ActivationId, entry: u16) -> Option<&PersonId> {
        self.turns.get(&(activation, entry))
    }
}

//! One instance, its people and its rows: runs commands in every way and checks every law.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use signoff_core::{
    change::{ActionsJob, JobWork},
    command::{Answer, Begins, Command, Force, HandOver, Return, Start, StatusChange, TaskRef},
    event::{Event, HistoryEntry},
    facts::{Answers, Facts, FunctionFailure, Question, Settings, Turn, VersionAsk},
    graph::Graph,
    id::{ActivationId, CommandId, DefinitionId, InstanceId, JobId, PersonId, Subject},
    instance::{Instance, Task},
    machine::{Accepted, Run, Step},
    refusal::{Refusal, RefusalCode},
};
use uuid::Uuid;

use crate::{directory::Directory, laws, store::Store};

/// What became of a command: the names of its events, or why not.
pub(crate) type Outcome = Result<Vec<&'static str>, RefusalCode>;

/// One instance with everything around it.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) graph: Graph,
    pub(crate) directory: Directory,
    pub(crate) settings: Settings,
    pub(crate) functions: BTreeMap<String, Result<Value, FunctionFailure>>,
    pub(crate) running: Option<InstanceId>,
    /// The instance that has the business key of what is started.
    pub(crate) keyed: Option<InstanceId>,
    pub(crate) subject: Option<Subject>,
    /// The context of the commands that come.
    pub(crate) context: Map<String, Value>,
    pub(crate) now: Timestamp,
    pub(crate) instance: Option<Instance>,
    pub(crate) history: Vec<HistoryEntry>,
    pub(crate) store: Store,
    /// The actions of the last accepted command.
    pub(crate) actions: Vec<ActionsJob>,
    /// The last refusal.
    pub(crate) refusal: Option<Refusal>,
    /// The ways besides the first in which every command is decided.
    pub(crate) ways: &'static [Way],
    /// How many functions were called in the first way, refused commands included.
    pub(crate) called: RefCell<usize>,
    turns: BTreeMap<(String, PersonId), u32>,
    commands: u32,
}

/// A way to decide a command; all give the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Way {
    loaded: Loaded,
    order: Order,
    restarts: bool,
}

/// What is loaded before the first question.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Loaded {
    Everything,
    Header,
    TheActivation,
}

/// Which of the questions are answered at a time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Order {
    All,
    First,
    Last,
}

const fn way(loaded: Loaded, order: Order, restarts: bool) -> Way {
    Way {
        loaded,
        order,
        restarts,
    }
}

/// Every way worth trying; the first is what all are compared with.
pub(crate) const WAYS: &[Way] = &[
    way(Loaded::Everything, Order::All, false),
    way(Loaded::Everything, Order::First, false),
    way(Loaded::Everything, Order::Last, true),
    way(Loaded::Header, Order::All, true),
    way(Loaded::Header, Order::First, false),
    way(Loaded::TheActivation, Order::All, false),
    way(Loaded::TheActivation, Order::Last, true),
];

impl World {
    /// A world in which nothing has started yet.
    pub(crate) fn new(graph: Graph, people: &str) -> Self {
        Self {
            graph,
            directory: Directory::of(people),
            settings: Settings::default(),
            functions: BTreeMap::new(),
            running: None,
            keyed: None,
            subject: None,
            context: Map::new(),
            now: "2026-01-05T09:00:00Z".parse().unwrap(),
            instance: None,
            history: Vec::new(),
            store: Store::default(),
            actions: Vec::new(),
            refusal: None,
            ways: &WAYS[1..],
            called: RefCell::default(),
            turns: BTreeMap::new(),
            commands: 0,
        }
    }

    /// A world with an instance that `ann` has started.
    #[track_caller]
    pub(crate) fn started(graph: Graph, people: &str) -> Self {
        let mut world = Self::new(graph, people);
        world.start("ann", json!({})).unwrap();
        world
    }

    /// What the host's function `name` returns.
    pub(crate) fn function(mut self, name: &str, result: Result<Value, &str>) -> Self {
        let result = result.map_err(|message| FunctionFailure {
            code: "broken".to_owned(),
            message: message.to_owned(),
        });
        self.functions.insert(name.to_owned(), result);
        self
    }

    pub(crate) fn start(&mut self, who: &str, data: Value) -> Outcome {
        let start = self.start_of(data);
        self.run(who, Command::Start(Box::new(start)))
    }

    /// A start with nothing but data.
    pub(crate) fn start_of(&self, data: Value) -> Start {
        Start {
            subject: self.subject.clone(),
            data: Arc::new(data),
            metadata: Arc::new(json!({})),
            ..Start::new(Default::default(), self.definition(1))
        }
    }

    /// The definition that instances run, or another of its versions.
    fn definition(&self, version: u32) -> DefinitionId {
        DefinitionId {
            workflow: self.graph.key().clone(),
            version,
        }
    }

    pub(crate) fn approve(&mut self, who: &str, node: &str) -> Outcome {
        self.approve_with(who, node, Answer::default())
    }

    pub(crate) fn approve_form(&mut self, who: &str, node: &str, form: Value) -> Outcome {
        let form = Some(Arc::new(form));
        let answer = Answer {
            form,
            ..Answer::default()
        };
        self.approve_with(who, node, answer)
    }

    pub(crate) fn approve_with(&mut self, who: &str, node: &str, answer: Answer) -> Outcome {
        self.run(who, Command::Approve(self.task(node, who), answer))
    }

    pub(crate) fn reject(&mut self, who: &str, node: &str) -> Outcome {
        let answer = Answer {
            reason: Some("no".to_owned()),
            ..Answer::default()
        };
        self.run(who, Command::Reject(self.task(node, who), answer))
    }

    pub(crate) fn resubmit(&mut self, who: &str, node: &str, to: Option<&str>) -> Outcome {
        let back = Return {
            to: to.map(Into::into),
            reason: "once more".to_owned(),
        };
        self.run(who, Command::Resubmit(self.task(node, who), back))
    }

    pub(crate) fn give_back(&mut self, who: &str, node: &str) -> Outcome {
        self.run(
            who,
            Command::Return(self.task(node, who), "no breakdown".to_owned()),
        )
    }

    pub(crate) fn delegate(&mut self, who: &str, node: &str, to: &str) -> Outcome {
        let over = HandOver {
            to: Some(to.into()),
            reason: "on leave".to_owned(),
        };
        self.run(who, Command::Delegate(self.task(node, who), over))
    }

    pub(crate) fn transfer(&mut self, who: &str, node: &str, to: &str) -> Outcome {
        let over = HandOver {
            to: Some(to.into()),
            reason: String::new(),
        };
        self.run(who, Command::Transfer(self.task(node, who), over))
    }

    pub(crate) fn add_approver(&mut self, who: &str, node: &str, to: &str) -> Outcome {
        let over = HandOver {
            to: Some(to.into()),
            reason: String::new(),
        };
        self.run(who, Command::AddApprover(self.task(node, who), over))
    }

    pub(crate) fn remove_approver(&mut self, who: &str, node: &str, to: &str) -> Outcome {
        let over = HandOver {
            to: Some(to.into()),
            reason: String::new(),
        };
        self.run(who, Command::RemoveApprover(self.task(node, who), over))
    }

    pub(crate) fn person_left(&mut self, who: &str, node: &str, person: &str) -> Outcome {
        let task = self.task(node, person);
        self.run(who, Command::PersonLeft(task, person.into()))
    }

    pub(crate) fn follow_members(&mut self, who: &str, node: &str) -> Outcome {
        self.run(who, Command::FollowMembers(self.task(node, who)))
    }

    pub(crate) fn assign(&mut self, who: &str, node: &str, to: &str) -> Outcome {
        let over = HandOver {
            to: Some(to.into()),
            reason: "she knows it".to_owned(),
        };
        self.run(who, Command::Assign(self.task(node, who), over))
    }

    pub(crate) fn escalate(&mut self, who: &str, node: &str) -> Outcome {
        self.run(
            who,
            Command::Escalate(self.task(node, who), "too large".to_owned()),
        )
    }

    pub(crate) fn comment(&mut self, who: &str, text: &str) -> Outcome {
        self.run(who, Command::Comment(None, text.to_owned()))
    }

    pub(crate) fn ask(&mut self, who: &str, node: &str, to: Option<&str>) -> Outcome {
        let over = HandOver {
            to: to.map(Into::into),
            reason: "which budget?".to_owned(),
        };
        self.run(who, Command::RequestInfo(self.task(node, who), over))
    }

    pub(crate) fn say(&mut self, who: &str, node: &str) -> Outcome {
        let answer = "من ميزانية العام".to_owned();
        self.run(who, Command::Answer(self.task(node, who), answer))
    }

    pub(crate) fn withdraw(&mut self, who: &str) -> Outcome {
        let reason = "not needed".to_owned();
        self.run(who, Command::Withdraw { reason })
    }

    pub(crate) fn claim(&mut self, who: &str, node: &str) -> Outcome {
        self.run(who, Command::Claim(self.task(node, who)))
    }

    pub(crate) fn release(&mut self, who: &str, node: &str) -> Outcome {
        self.run(who, Command::Release(self.task(node, who)))
    }

    pub(crate) fn cancel(&mut self, who: &str) -> Outcome {
        let reason = "not needed".to_owned();
        self.run(
            who,
            Command::Cancel {
                reason,
                force: Force::No,
            },
        )
    }

    /// A command about the task at `node`.
    pub(crate) fn on_task(
        &mut self,
        who: &str,
        node: &str,
        command: impl FnOnce(TaskRef) -> Command,
    ) -> Outcome {
        let task = self.task(node, who);
        self.run(who, command(task))
    }

    /// Makes the instance, to be started later.
    pub(crate) fn attach(&mut self, who: &str) -> Outcome {
        let start = Start {
            begins: Begins::Later,
            ..self.start_of(json!({}))
        };
        self.run(who, Command::Start(Box::new(start)))
    }

    /// Everything that has happened.
    pub(crate) fn history_names(&self) -> Outcome {
        Ok(self.events().map(Event::name).collect())
    }

    pub(crate) fn complete(&mut self, who: &str, node: &str) -> Outcome {
        self.run(
            who,
            Command::Complete(self.task(node, who), Answer::default()),
        )
    }

    pub(crate) fn complete_form(&mut self, who: &str, node: &str, form: Value) -> Outcome {
        let answer = Answer {
            form: Some(Arc::new(form)),
            ..Answer::default()
        };
        self.run(who, Command::Complete(self.task(node, who), answer))
    }

    pub(crate) fn hold(&mut self, who: &str) -> Outcome {
        self.run(who, Command::Hold(None))
    }

    pub(crate) fn resume(&mut self, who: &str) -> Outcome {
        self.run(who, Command::Resume)
    }

    pub(crate) fn set_status(&mut self, who: &str, node: &str, status: &str) -> Outcome {
        let change = StatusChange {
            status: status.to_owned(),
            ..StatusChange::default()
        };
        self.change_status(who, node, change)
    }

    pub(crate) fn change_status(&mut self, who: &str, node: &str, change: StatusChange) -> Outcome {
        self.run(who, Command::SetStatus(self.task(node, who), change))
    }

    /// The job of `node` has returned, or has failed for good.
    #[track_caller]
    pub(crate) fn finish(&mut self, node: &str, result: Result<Value, &str>) -> Outcome {
        self.run("engine", finished(self.job(node), result))
    }

    /// The job of `node` that is ordered, the first of several.
    #[track_caller]
    pub(crate) fn job(&self, node: &str) -> ActivationId {
        let jobs = self.store.jobs.values().filter_map(|job| match &job.work {
            JobWork::Node(work) => Some(work.activation),
            _ => None,
        });
        let instance = self.instance.as_ref().unwrap();
        let here = |id: &ActivationId| {
            instance
                .activation(*id)
                .is_some_and(|found| found.node.as_str() == node)
        };
        jobs.filter(here).min().unwrap()
    }

    /// What the jobs that are ordered are given, by their names.
    pub(crate) fn jobs(&self) -> Vec<(&str, &Value)> {
        let jobs = self.store.jobs.values();
        jobs.filter_map(|job| match &job.work {
            JobWork::Node(work) => Some((work.name.as_str(), &work.with)),
            _ => None,
        })
        .collect()
    }

    /// Lets time pass and fires every timer on its moment, in the order of moment and id.
    #[track_caller]
    pub(crate) fn advance(&mut self, by: SignedDuration) -> Vec<&'static str> {
        let until = self.now.checked_add(by).unwrap();
        let mut names = Vec::new();
        while let Some((at, timer)) = self.next_timer().filter(|(at, _)| *at <= until) {
            self.now = self.now.max(at);
            names.extend(self.run("engine", timer).unwrap());
        }
        self.now = until;
        names
    }

    /// The first timer of a task or a boundary, with the command that fires it.
    pub(crate) fn next_timer(&self) -> Option<(Timestamp, Command)> {
        let timers = self.store.jobs.values().filter_map(|job| {
            let command = match job.work {
                JobWork::Ring { activation } => Command::Ring(activation),
                JobWork::Wake {
                    task,
                    activation,
                    entry,
                } => Command::Wake(TaskRef {
                    task,
                    activation,
                    entry,
                }),
                _ => return None,
            };
            Some((job.due_at, job.id, command))
        });
        let first = timers.min_by_key(|(at, id, _): &(Timestamp, JobId, Command)| (*at, *id))?;
        Some((first.0, first.2))
    }

    /// The first wake-up of a task.
    pub(crate) fn next_wake(&self) -> Option<(Timestamp, TaskRef)> {
        match self.next_timer()? {
            (at, Command::Wake(task)) => Some((at, task)),
            _ => None,
        }
    }

    /// The task at `node` that `who` has, else an offered one, else any open, else the last closed.
    #[track_caller]
    pub(crate) fn task(&self, node: &str, who: &str) -> TaskRef {
        let open: Vec<&Task> = self.open(node).collect();
        let has = |task: &&&Task| {
            task.assignee
                .as_ref()
                .is_some_and(|has| has.as_str() == who)
        };
        let found = open
            .iter()
            .find(has)
            .or_else(|| open.iter().find(|task| task.assignee.is_none()))
            .or_else(|| open.first());
        match found {
            Some(task) => TaskRef {
                task: task.id,
                activation: task.activation,
                entry: task.entry,
            },
            None => *self.tasks_ever(node).last().unwrap(),
        }
    }

    /// Every task that was ever opened at `node`.
    pub(crate) fn tasks_ever(&self, node: &str) -> Vec<TaskRef> {
        self.events()
            .filter_map(|event| match event {
                Event::TaskOpened(opened) if opened.node.as_str() == node || node == "*" => {
                    Some(TaskRef {
                        task: opened.task,
                        activation: opened.activation,
                        entry: opened.entry,
                    })
                }
                _ => None,
            })
            .collect()
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.history.iter().flat_map(|entry| &entry.events)
    }

    pub(crate) fn open<'a>(&'a self, node: &'a str) -> impl Iterator<Item = &'a Task> {
        let tasks = self.instance.iter().flat_map(Instance::tasks);
        tasks.filter(move |task| task.node.as_str() == node)
    }

    /// Where the instance stands: the nodes of live activations, one per open task.
    pub(crate) fn at(&self) -> Vec<String> {
        let instance = self.instance.as_ref().unwrap();
        let mut nodes: Vec<String> = instance
            .activations()
            .flat_map(|found| {
                let times = instance.tasks_of(found.id).count().max(1);
                std::iter::repeat_n(found.node.to_string(), times)
            })
            .collect();
        nodes.sort();
        nodes
    }

    pub(crate) fn status(&self) -> &'static str {
        self.instance.as_ref().unwrap().status().as_str()
    }

    /// Who has the open tasks at `node`: an assignee, or `?`.
    pub(crate) fn assignees(&self, node: &str) -> Vec<String> {
        let name = |task: &Task| {
            task.assignee
                .as_ref()
                .map_or_else(|| "?".to_owned(), ToString::to_string)
        };
        self.open(node).map(name).collect()
    }

    /// The codes of the incidents.
    pub(crate) fn incidents(&self) -> Vec<&str> {
        self.store
            .incidents
            .values()
            .map(|row| row.code.as_str())
            .collect()
    }

    /// Decides a command in every way, checks that all agree, writes it, and checks every law.
    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "scenarios read better without a borrow"
    )]
    pub(crate) fn run(&mut self, who: &str, command: Command) -> Outcome {
        self.commands += 1;
        let id = (0x0190_0000_0000 + u128::from(self.commands)) << 80 | 7 << 76 | 8 << 60;
        let facts = Facts {
            command: CommandId::new(Uuid::from_u128(id)),
            now: self.now,
            actor: self.directory.actor(who),
            context: Arc::new(self.context.clone()),
            settings: Arc::new(self.settings.clone()),
            answers: Answers::default(),
        };
        let (step, turns) = self.decide(&command, &facts, WAYS[0]);
        if let Some(before) = &self.instance {
            laws::lists_what_is_possible(&self.graph, before, &command, &facts, &step);
        }
        for way in self.ways {
            let (other, _) = self.decide(&command, &facts, *way);
            same(&step, &other, *way);
        }
        match step {
            Step::Accept(accepted) => {
                for turn in turns {
                    *self.turns.entry(turn).or_default() += 1;
                }
                Ok(self.write(*accepted))
            }
            Step::Refuse(refusal) => {
                let code = refusal.code;
                self.refusal = Some(refusal);
                Err(code)
            }
            Step::Ask(_) => unreachable!("every question was answered"),
        }
    }

    fn decide(
        &self,
        command: &Command,
        facts: &Facts,
        way: Way,
    ) -> (Step, Vec<(String, PersonId)>) {
        let before = match way.loaded {
            Loaded::Everything => self.instance.clone(),
            Loaded::Header => self.store.load_only(None),
            Loaded::TheActivation => {
                let task = command.task().map(|task| task.activation);
                self.store.load_only(command.activation().or(task))
            }
        };
        let mut facts = facts.clone();
        let mut asked: BTreeSet<Question> = BTreeSet::new();
        let mut turns = Vec::new();
        let mut run = Run::new(&self.graph, before.as_ref(), command);
        loop {
            let questions = match run.poll(&facts) {
                Step::Ask(questions) => questions,
                step => {
                    let mut fresh = Run::new(&self.graph, before.as_ref(), command);
                    assert_eq!(fresh.poll(&facts), step, "from scratch with all facts");
                    return (step, turns);
                }
            };
            assert!(!questions.is_empty(), "asks for nothing");
            let chosen = match way.order {
                Order::All => questions.as_slice(),
                Order::First => &questions[..1],
                Order::Last => &questions[questions.len() - 1..],
            };
            for question in chosen {
                let calls = way == WAYS[0] && matches!(question, Question::Function(_));
                *self.called.borrow_mut() += usize::from(calls);
                assert!(asked.insert(question.clone()), "asked again: {question:?}");
                turns.extend(self.answer(question, &mut facts.answers));
            }
            if way.restarts {
                run = Run::new(&self.graph, before.as_ref(), command);
            }
        }
    }

    fn answer(&self, question: &Question, answers: &mut Answers) -> Option<(String, PersonId)> {
        match question {
            Question::All => answers.all(self.store.part(None)),
            Question::Function(call) => {
                let echo = || Ok(serde_json::from_str(&call.input).unwrap());
                let result = self.functions.get(&call.name).cloned().unwrap_or_else(echo);
                answers.function(call, result);
            }
            Question::History => answers.history(self.history.clone()),
            Question::Version(ask) => answers.version(ask.clone(), self.version(ask)),
            Question::Jobs => answers.jobs(self.store.jobs.values().cloned().collect()),
            Question::Load(id) => answers.load(*id, self.store.part(Some(*id))),
            Question::Manager(of) => answers.manager(of.clone(), self.directory.manager(of)),
            Question::Members(role) => answers.members(role.clone(), self.directory.members(role)),
            Question::Person(id) => answers.person(id.clone(), self.directory.person(id)),
            Question::Head(unit, of) => {
                let head = self.directory.head(*unit, of);
                answers.head(*unit, of.clone(), head);
            }
            Question::RoleParent(role) => {
                answers.role_parent(role.clone(), self.directory.parents.get(role).cloned());
            }
            Question::Substitutions => answers.substitutions(self.directory.away.clone()),
            Question::Running(..) => answers.running(self.running),
            Question::Keyed(..) => answers.keyed(self.keyed),
            Question::Turn(turn) => {
                let person = self.next_turn(turn);
                answers.turn(turn, person.clone());
                return Some((turn.pool.clone(), person));
            }
        }
        None
    }

    /// Every workflow has one version, but `ghost`, which is none.
    #[expect(clippy::unused_self, reason = "an answer like all the others")]
    fn version(&self, ask: &VersionAsk) -> Option<DefinitionId> {
        (ask.workflow.as_str() != "ghost").then(|| DefinitionId {
            workflow: ask.workflow.clone(),
            version: 1,
        })
    }

    /// The member with the fewest turns, ties by id.
    fn next_turn(&self, turn: &Turn) -> PersonId {
        let count = |person: &PersonId| {
            let key = (turn.pool.clone(), person.clone());
            self.turns.get(&key).copied().unwrap_or_default()
        };
        let members = turn.members.iter();
        members
            .min_by_key(|person| (count(person), (*person).clone()))
            .unwrap()
            .clone()
    }

    #[track_caller]
    fn write(&mut self, accepted: Accepted) -> Vec<&'static str> {
        let change = accepted.change;
        let rows = change.rows();
        laws::is_net(&change.entry, &rows);
        self.store.write(&rows);
        self.actions = rows
            .jobs
            .iter()
            .filter_map(|job| match &job.work {
                JobWork::Actions(actions) => Some(ActionsJob::clone(actions)),
                _ => None,
            })
            .collect();
        let stored: HistoryEntry = serde_json::from_str(&rows.history.body).unwrap();
        assert_eq!(stored, change.entry);
        let names = change.entry.events.iter().map(Event::name).collect();
        self.history.push(change.entry.clone());
        let instance = change.into_instance();
        laws::check(&self.history, &instance, &self.store);
        self.instance = Some(instance);
        names
    }
}

/// The command that tells how a job ended.
pub(crate) fn finished(job: ActivationId, result: Result<Value, &str>) -> Command {
    let result = result.map_err(|message| FunctionFailure {
        code: "broken".to_owned(),
        message: message.to_owned(),
    });
    Command::FinishJob(job, result)
}

/// However a command was decided, it came to the same.
#[track_caller]
fn same(one: &Step, other: &Step, way: Way) {
    match (one, other) {
        (Step::Accept(one), Step::Accept(other)) => {
            assert_eq!(one.change.entry, other.change.entry, "{way:?}");
            assert_eq!(one.change.rows(), other.change.rows(), "{way:?}");
            assert_eq!(one.notices, other.notices, "{way:?}");
            if way.loaded == Loaded::Everything {
                assert_eq!(one, other, "{way:?}");
            }
        }
        (one, other) => assert_eq!(one, other, "{way:?}"),
    }
}

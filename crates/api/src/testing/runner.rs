//! Runs one scenario.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use signoff_actions::mail::MemoryMailer;
use signoff_core::{
    command::Place,
    graph::NodeKind,
    id::{InstanceId, TenantId, WorkflowKey},
    instance::{ActivationState, Instance, Task},
    refusal::{Refusal, RefusalCode},
};
use signoff_store::{
    IncidentFilter, InstanceFilter, InstanceSummary, PageRequest, Store, TaskFilter, Whose,
};

use crate::{
    call::{Call, Start},
    clock::{Clock, VirtualClock},
    engine::{Done, Engine, InstanceView, Message, Sent, Signal},
    error::NotDone,
    testing::{
        expect::{Expect, Found},
        laws, people,
        read::{Fields, Result as Read, invalid, unknown},
        report::ScenarioResult,
        scenario::{SCENARIO, Scenario, Step},
        stubs,
        suite::Case,
        verbs::{InstanceVerb, PlaceVerb, TaskVerb, Verb, Words},
    },
};

/// What a scenario runs in.
struct World {
    engine: Engine,
    clock: Arc<VirtualClock>,
    mailer: Arc<MemoryMailer>,
    tenant: TenantId,
    workflow: WorkflowKey,
    instances: Vec<InstanceId>,
    names: BTreeMap<String, InstanceId>,
    manual: bool,
    /// Whether a step has started an instance.
    started: bool,
}

/// How a step went before anything was compared.
enum Went {
    Accepted(Vec<&'static str>),
    Refused(Refusal),
}

/// Something is wrong: with the scenario, with the engine, or with an expectation.
type Failure = String;

/// Reads a scenario whole, so that mistakes in it are told before anything runs.
pub(super) fn read(case: &Case) -> Read<Scenario> {
    let fields = Fields::read(&case.scenario, &case.path, "scenario", SCENARIO)?;
    people::read(&fields)?;
    stubs::register(&fields, Engine::builder())?;
    Scenario::read(&case.scenario, &case.path)
}

pub(super) async fn run(case: &Case, store: Arc<dyn Store>) -> ScenarioResult {
    let name = case.scenario["scenario"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let mut steps = 0;
    let failure = match read(case) {
        Err(problem) => Some(problem.to_string()),
        Ok(scenario) => run_steps(case, scenario, store, &mut steps).await.err(),
    };
    ScenarioResult {
        name,
        steps,
        failure,
    }
}

async fn run_steps(
    case: &Case,
    scenario: Scenario,
    store: Arc<dyn Store>,
    steps: &mut usize,
) -> Result<(), Failure> {
    let mut world = World::new(case, &scenario, store).await?;
    for (index, step) in scenario.steps.iter().enumerate() {
        *steps = index + 1;
        let place = |failure: Failure| format!("step {} ({}): {failure}", index + 1, step.path);
        world.step(step).await.map_err(place)?;
    }
    Ok(())
}

impl World {
    async fn new(case: &Case, scenario: &Scenario, store: Arc<dyn Store>) -> Result<Self, Failure> {
        let problem = |problem: signoff_core::problem::Problem| problem.to_string();
        let fields =
            Fields::read(&case.scenario, &case.path, "scenario", SCENARIO).map_err(problem)?;
        let clock = Arc::new(VirtualClock::at(scenario.clock));
        let mailer = Arc::new(MemoryMailer::new());
        let tenant = TenantId::from(format!("scenario-{}", uuid::Uuid::now_v7()));
        let mut builder = Engine::builder()
            .shared_store(store)
            .directory(people::read(&fields).map_err(problem)?)
            .clock(Arc::clone(&clock) as Arc<dyn Clock>)
            .only_tenant(tenant.clone())
            .observed();
        if scenario.mail {
            builder = builder
                .shared_mailer(Arc::clone(&mailer) as Arc<dyn signoff_actions::mail::Mailer>);
        }
        let builder = stubs::register(&fields, builder).map_err(problem)?;
        let engine = builder.build().map_err(|error| error.to_string())?;
        let sources: Vec<(&str, signoff_definition::Format)> = case
            .definitions
            .iter()
            .map(|(text, format)| (text.as_str(), *format))
            .collect();
        let published = engine
            .publish(&tenant, &sources)
            .await
            .map_err(|error| error.to_string())?;
        let named = fields
            .get("workflows")
            .and(fields.text("workflow").map_err(problem)?);
        let workflow = match (named, published.first()) {
            (Some(name), _) => WorkflowKey::from(name),
            (None, Some(first)) => first.id.workflow.clone(),
            (None, None) => return Err("the scenario has no definition".to_owned()),
        };
        Ok(Self {
            engine,
            clock,
            mailer,
            tenant,
            workflow,
            instances: Vec::new(),
            names: BTreeMap::new(),
            manual: scenario.manual,
            started: false,
        })
    }

    async fn step(&mut self, step: &Step) -> Result<(), Failure> {
        drop(self.mailer.take());
        drop(self.engine.take_executed());
        let subject = self.subject(&step.verb)?;
        let before = self.snapshot(subject).await?;
        let went = self.act(&step.verb).await?;
        if let Went::Refused(refusal) = &went {
            let after = self.snapshot(subject).await?;
            if before != after {
                return Err(format!(
                    "law: refused with {refusal}, but something was written"
                ));
            }
        }
        if !self.manual || matches!(step.verb, Verb::Work) {
            self.drain().await?;
        }
        self.check_laws().await?;
        self.adopt().await?;
        self.check(
            step,
            subject,
            before.map_or(0, |before| before.version()),
            went,
        )
        .await
    }

    /// The instance that a step is about; a start is about the one that it makes.
    fn subject(&self, verb: &Verb) -> Result<Option<InstanceId>, Failure> {
        let words = match verb {
            Verb::OnInstance { words, .. }
            | Verb::OnPlace { words, .. }
            | Verb::OnTask { words, .. } => words,
            Verb::Send(_) | Verb::Signal(_) | Verb::Advance(_) | Verb::Work => {
                return Ok(self.instances.last().copied());
            }
            Verb::Start { .. } => return Ok(None),
        };
        match &words.instance {
            None => match self.instances.last() {
                Some(id) => Ok(Some(*id)),
                None => Err("no instance has been started yet".to_owned()),
            },
            Some(name) => self.names.get(name).copied().map(Some).ok_or_else(|| {
                let known: Vec<&str> = self.names.keys().map(String::as_str).collect();
                say(&unknown(&words.path, "instance", name, &known))
            }),
        }
    }

    async fn snapshot(&self, id: Option<InstanceId>) -> Result<Option<Instance>, Failure> {
        let Some(id) = id else {
            return Ok(None);
        };
        let view = self
            .engine
            .instance(&self.tenant, id)
            .await
            .map_err(|error| error.to_string())?;
        Ok(view.map(|view| view.instance))
    }

    async fn act(&mut self, verb: &Verb) -> Result<Went, Failure> {
        match verb {
            Verb::Advance(by) => self.advance(*by).await,
            Verb::Work => Ok(Went::Accepted(Vec::new())),
            Verb::Start { start, name } => self.start(start, name.as_deref()).await,
            Verb::Send(words) => self.send(words).await,
            Verb::Signal(words) => self.signal(words).await,
            Verb::OnInstance { words, .. }
            | Verb::OnPlace { words, .. }
            | Verb::OnTask { words, .. } => {
                let Some(id) = self.subject(verb)? else {
                    return Err("no instance has been started yet".to_owned());
                };
                let call = match verb {
                    Verb::OnInstance { verb, .. } => on_instance(*verb, words, id)?,
                    Verb::OnPlace { verb, .. } => self.on_place(*verb, words, id).await?,
                    Verb::OnTask { verb, .. } => match self.on_task(*verb, words, id).await? {
                        Ok(call) => call,
                        Err(refusal) => return Ok(Went::Refused(refusal)),
                    },
                    _ => return Err("the verb is about no instance".to_owned()),
                };
                let call = words.with(call.tenant(self.tenant.clone()));
                went(self.engine.call(call).await)
            }
        }
    }

    async fn send(&mut self, words: &Words) -> Result<Went, Failure> {
        let name = words.node.clone().unwrap_or_default();
        let mut message = Message::new(name).tenant(self.tenant.clone());
        if let Some(key) = &words.key {
            message = message.key(key);
        }
        if let Some(id) = &words.id {
            message = message.id(id.as_str());
        }
        if let Some(data) = &words.data {
            message = message.payload(data).map_err(|error| error.to_string())?;
        }
        if let Some(by) = &words.by {
            message = message.by(by.as_str());
        }
        match self.engine.send(message).await {
            Ok(Sent::Delivered(id)) => {
                if let Some(name) = &words.as_name {
                    self.names.insert(name.clone(), id);
                }
                Ok(Went::Accepted(Vec::new()))
            }
            Ok(_) => Ok(Went::Accepted(Vec::new())),
            Err(NotDone::Refused(refusal)) => Ok(Went::Refused(refusal)),
            Err(NotDone::Failed(error)) => Err(error.to_string()),
        }
    }

    async fn signal(&self, words: &Words) -> Result<Went, Failure> {
        let name = words.node.clone().unwrap_or_default();
        let mut signal = Signal::new(name).tenant(self.tenant.clone());
        if let Some(data) = &words.data {
            signal = signal.payload(data).map_err(|error| error.to_string())?;
        }
        if let Some(by) = &words.by {
            signal = signal.by(by.as_str());
        }
        match self.engine.signal(signal).await {
            Ok(_) => Ok(Went::Accepted(Vec::new())),
            Err(NotDone::Refused(refusal)) => Ok(Went::Refused(refusal)),
            Err(NotDone::Failed(error)) => Err(error.to_string()),
        }
    }

    /// Every instance of the scenario, oldest first.
    async fn all(&self, filter: &InstanceFilter) -> Result<Vec<InstanceSummary>, Failure> {
        let mut all = Vec::new();
        let mut page = PageRequest {
            limit: 500,
            after: None,
        };
        loop {
            let found = self
                .engine
                .store()
                .instances(&self.tenant, filter, &page)
                .await
                .map_err(|error| error.to_string())?;
            all.extend(found.items);
            match found.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
        all.sort_by_key(|row| row.id);
        Ok(all)
    }

    /// The children of an instance and theirs, oldest first.
    async fn descendants(&self, id: InstanceId) -> Result<Vec<InstanceId>, Failure> {
        let mut found = Vec::new();
        let mut open = vec![id];
        while let Some(parent) = open.pop() {
            let filter = InstanceFilter {
                parent: Some(parent),
                ..InstanceFilter::default()
            };
            let children = self.all(&filter).await?;
            open.extend(children.iter().map(|child| child.id));
            found.extend(children.into_iter().map(|child| child.id));
        }
        found.sort();
        Ok(found)
    }

    /// Where no step starts anything, what began by itself is what the steps are about.
    async fn adopt(&mut self) -> Result<(), Failure> {
        if self.started {
            return Ok(());
        }
        for row in self.all(&InstanceFilter::default()).await? {
            if row.parent.is_none() && !self.instances.contains(&row.id) {
                self.instances.push(row.id);
            }
        }
        Ok(())
    }

    /// The call about the activation that is meant: of the open task, else the latest that lives,
    /// else of the last closed task.
    async fn on_place(
        &self,
        verb: PlaceVerb,
        words: &Words,
        id: InstanceId,
    ) -> Result<Call, Failure> {
        if let (PlaceVerb::Jump, None) = (verb, &words.node) {
            return Ok(Call::jump_whole(id));
        }
        let node = words.node.clone().unwrap_or_default();
        let id = self.owner(words, id).await?;
        let starts = self
            .view(id)
            .await?
            .definition
            .graph
            .start_named(&node)
            .is_some();
        let task = if starts {
            None
        } else {
            self.find_task(words, id).await?
        };
        let instance = self.view(id).await?.instance;
        let mut live = instance.activations();
        let lives = live.any(|found| found.node.as_str() == node);
        let place = match task {
            Some(task) if task.is_open() || !lives => Place::Activation(task.activation),
            _ => Place::from(node.as_str()),
        };
        Ok(match verb {
            PlaceVerb::CancelTask => Call::cancel_task(id, place),
            PlaceVerb::Jump => Call::jump(id, place),
            PlaceVerb::Retry => Call::retry(id, place),
            PlaceVerb::Revive => Call::revive(id, place),
            PlaceVerb::Skip => Call::skip(id, place),
            PlaceVerb::Undo => Call::undo(id, place),
        })
    }

    async fn view(&self, id: InstanceId) -> Result<InstanceView, Failure> {
        let view = self
            .engine
            .instance(&self.tenant, id)
            .await
            .map_err(|error| error.to_string())?;
        view.ok_or_else(|| format!("the instance {id} is gone"))
    }

    /// The instance whose node is meant: a node that its definition lacks is one of its children's,
    /// the oldest that has an open task there, else the oldest.
    async fn owner(&self, words: &Words, id: InstanceId) -> Result<InstanceId, Failure> {
        let Some(node) = &words.node else {
            return Ok(id);
        };
        let has = |view: &InstanceView| {
            let graph = &view.definition.graph;
            graph.node(&node.as_str().into()).is_some() || graph.start_named(node).is_some()
        };
        if has(&self.view(id).await?) {
            return Ok(id);
        }
        let mut first = None;
        let mut nth = words.task.unwrap_or(1);
        for child in self.descendants(id).await? {
            let view = self.view(child).await?;
            if !has(&view) {
                continue;
            }
            let open = view.instance.tasks();
            let open = open.filter(|task| task.node.as_str() == node).count() as u64;
            if open >= nth {
                return Ok(child);
            }
            nth -= open;
            first.get_or_insert(child);
        }
        Ok(first.unwrap_or(id))
    }

    async fn advance(&self, by: jiff::SignedDuration) -> Result<Went, Failure> {
        let target = self
            .clock
            .now()
            .checked_add(by)
            .map_err(|error| error.to_string())?;
        loop {
            let next = self
                .engine
                .next_due()
                .await
                .map_err(|error| error.to_string())?;
            match next.filter(|due| *due <= target && !self.manual) {
                Some(due) => {
                    self.clock.set(due);
                    let ran = self
                        .engine
                        .tick()
                        .await
                        .map_err(|error| error.to_string())?;
                    if ran == 0 {
                        return Err("law: a job is due, but none could be claimed".to_owned());
                    }
                }
                None => break,
            }
        }
        self.clock.set(target);
        Ok(Went::Accepted(Vec::new()))
    }

    async fn start(&mut self, start: &Start, name: Option<&str>) -> Result<Went, Failure> {
        let mut start = start.clone().tenant(self.tenant.clone());
        if start.workflow.as_str().is_empty() {
            start.workflow = self.workflow.clone();
        }
        let done = match self.engine.start(start).await {
            Ok(done) => done,
            Err(not_done) => return went(Err(not_done)),
        };
        self.started = true;
        if !self.instances.contains(&done.id()) {
            self.instances.push(done.id());
        }
        if let Some(name) = name {
            self.names.insert(name.to_owned(), done.id());
        }
        Ok(Went::Accepted(done.notices))
    }

    async fn on_task(
        &self,
        verb: TaskVerb,
        words: &Words,
        id: InstanceId,
    ) -> Result<Result<Call, Refusal>, Failure> {
        let owner = self.owner(words, id).await?;
        let node = words.node.as_deref().unwrap_or_default();
        if let (TaskVerb::Complete, true) = (verb, self.receives(owner, node).await?) {
            return Ok(Ok(Call::receive(owner, node)));
        }
        let words = &Words {
            // Counted over all children, the n-th is the first of its own child.
            task: words.task.filter(|_| owner == id),
            ..words.clone()
        };
        let Some(task) = self.find_task(words, owner).await? else {
            let running = self
                .snapshot(Some(owner))
                .await?
                .is_some_and(|found| found.status().is_running());
            let code = if running {
                RefusalCode::NotOpen
            } else {
                RefusalCode::NotRunning
            };
            return Ok(Err(Refusal::new(
                code,
                format!("no task of `{node}` has been opened"),
            )));
        };
        Ok(Ok(match verb {
            TaskVerb::Approve | TaskVerb::CheckIn => Call::approve(task.id),
            TaskVerb::Claim => Call::claim(task.id),
            TaskVerb::Complete => Call::complete(task.id),
            TaskVerb::Delegate => Call::delegate(task.id),
            TaskVerb::Reject => Call::reject(task.id),
            TaskVerb::Release => Call::release(task.id),
            TaskVerb::Resubmit => Call::resubmit(task.id),
        }))
    }

    /// Whether the node waits for the host.
    async fn receives(&self, id: InstanceId, node: &str) -> Result<bool, Failure> {
        let view = self.view(id).await?;
        let node = view.definition.graph.node(&node.into());
        Ok(node.is_some_and(|node| matches!(node.kind, NodeKind::Receive(_))))
    }

    /// The open task that `by` may act on, else the first open one, else the last closed one.
    async fn find_task(&self, words: &Words, id: InstanceId) -> Result<Option<Task>, Failure> {
        let Some(node) = &words.node else {
            return Err(invalid(&words.path, "name the node whose task is meant").to_string());
        };
        let view = self
            .engine
            .instance(&self.tenant, id)
            .await
            .map_err(|error| error.to_string())?;
        let keys: Vec<String> = view
            .iter()
            .flat_map(|view| view.definition.graph.nodes())
            .map(|node| node.key.as_str().to_owned())
            .collect();
        if !keys.contains(node) {
            let known: Vec<&str> = keys.iter().map(String::as_str).collect();
            return Err(say(&unknown(&words.path, "node", node, &known)));
        }
        let mut tasks = self.tasks(id).await?;
        tasks.retain(|task| task.node.as_str() == node);
        tasks.sort_by_key(|task| task.number);
        let open: Vec<&Task> = tasks.iter().filter(|task| task.is_open()).collect();
        if let Some(n) = words.task {
            let index = usize::try_from(n).unwrap_or(usize::MAX).checked_sub(1);
            return match index.and_then(|index| open.get(index)) {
                Some(task) => Ok(Some((*task).clone())),
                None => Err(format!(
                    "`{node}` has {} open tasks, there is no task {n}",
                    open.len()
                )),
            };
        }
        let person = match &words.by {
            Some(by) => self
                .engine
                .person(&self.tenant, &by.as_str().into())
                .await
                .map_err(|e| e.to_string())?,
            None => None,
        };
        let own = open.iter().find(|task| {
            person.as_ref().is_some_and(|person| match &task.assignee {
                Some(assignee) => *assignee == person.id,
                None => task.candidates.iter().any(|candidate| person.is(candidate)),
            })
        });
        Ok(own
            .or_else(|| open.first())
            .copied()
            .or_else(|| tasks.last())
            .cloned())
    }

    async fn tasks(&self, id: InstanceId) -> Result<Vec<Task>, Failure> {
        let filter = TaskFilter {
            whose: Whose::All,
            instance: Some(id),
            open: None,
        };
        let mut tasks = Vec::new();
        let mut page = PageRequest {
            limit: 500,
            after: None,
        };
        loop {
            let found = self
                .engine
                .store()
                .tasks(&self.tenant, &filter, &page)
                .await
                .map_err(|e| e.to_string())?;
            for item in &found.items {
                tasks.push(item.task.task().map_err(|error| error.to_string())?);
            }
            match found.next {
                Some(next) => page.after = Some(next),
                None => return Ok(tasks),
            }
        }
    }

    /// Runs jobs until none is due.
    async fn drain(&self) -> Result<(), Failure> {
        self.engine
            .tick()
            .await
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    async fn check_laws(&self) -> Result<(), Failure> {
        if let Some(broken) = self.engine.take_broken_law() {
            return Err(format!("law: {broken}"));
        }
        for row in self.all(&InstanceFilter::default()).await? {
            let id = row.id;
            let history = self
                .engine
                .history(&self.tenant, id)
                .await
                .map_err(|error| error.to_string())?;
            let Some(stored) = self.snapshot(Some(id)).await? else {
                return Err(format!("law: the instance {id} is gone"));
            };
            laws::check_fold(&history, &stored).map_err(|broken| format!("law: {broken}"))?;
        }
        Ok(())
    }

    async fn check(
        &self,
        step: &Step,
        subject: Option<InstanceId>,
        version: u64,
        went: Went,
    ) -> Result<(), Failure> {
        let notices = match (went, &step.expect.refused) {
            (Went::Accepted(notices), None) => notices,
            (Went::Accepted(_), Some(code)) => {
                return Err(format!(
                    "expected to be refused with `{code}`, but it was accepted"
                ));
            }
            (Went::Refused(refusal), None) => return Err(format!("refused: {refusal}")),
            (Went::Refused(refusal), Some(code)) if refusal.code.as_str() == code => Vec::new(),
            (Went::Refused(refusal), Some(code)) => {
                return Err(format!(
                    "expected to be refused with `{code}`, but it was refused with {refusal}"
                ));
            }
        };
        let Some(id) = subject.or_else(|| self.instances.last().copied()) else {
            return self.check_nothing(&step.expect);
        };
        let found = self.found(id, version, notices).await?;
        let wrong = step.expect.compare(&found);
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("\n"))
        }
    }

    /// After a refused first start there is nothing to compare with.
    fn check_nothing(&self, expect: &Expect) -> Result<(), Failure> {
        let compares = expect.status.is_some() || expect.at.is_some() || expect.tasks.is_some();
        if compares {
            return Err("there is no instance to compare with".to_owned());
        }
        Ok(())
    }

    async fn found(
        &self,
        id: InstanceId,
        version: u64,
        notices: Vec<&str>,
    ) -> Result<Found, Failure> {
        let view = self
            .engine
            .instance(&self.tenant, id)
            .await
            .map_err(|error| error.to_string())?;
        let Some(view) = view else {
            return Err(format!("the instance {id} is gone"));
        };
        let history = self
            .engine
            .history(&self.tenant, id)
            .await
            .map_err(|error| error.to_string())?;
        let events = history
            .iter()
            .filter(|entry| entry.version > version)
            .flat_map(|entry| &entry.events);
        let executed = self.engine.take_executed();
        let filter = IncidentFilter { instance: Some(id) };
        let incidents = self
            .engine
            .store()
            .incidents(&self.tenant, &filter, &PageRequest::default())
            .await
            .map_err(|error| error.to_string())?;
        let mut codes: Vec<String> = incidents
            .items
            .into_iter()
            .map(|incident| incident.code)
            .collect();
        codes.reverse();
        Ok(Found {
            status: view.instance.status().as_str().to_owned(),
            outcome: view.instance.outcome().unwrap_or_default().to_owned(),
            children: {
                let filter = InstanceFilter {
                    parent: Some(id),
                    ..InstanceFilter::default()
                };
                let children = self.all(&filter).await?.into_iter();
                children
                    .map(|row| json!({"workflow": row.workflow, "status": row.status}))
                    .collect()
            },
            at: at(&view.instance, &view.definition.graph),
            tasks: view.instance.tasks().map(shown).collect(),
            data: Value::clone(view.instance.data()),
            notices: notices.into_iter().map(str::to_owned).collect(),
            events: events.map(|event| event.name().to_owned()).collect(),
            actions: executed
                .into_iter()
                .filter(|action| action.instance == id)
                .map(|action| json!({"event": action.event.as_str(), "run": action.run}))
                .collect(),
            mail: self
                .mailer
                .take()
                .into_iter()
                .map(|mail| json!({"to": mail.to.address, "template": mail.template, "subject": mail.subject}))
                .collect(),
            incidents: codes,
            progress: u64::from(view.progress()),
        })
    }
}

impl Words {
    fn with(&self, mut call: Call) -> Call {
        if let Some(by) = &self.by {
            call = call.by(by.as_str());
        }
        if let Some(comment) = &self.comment {
            call = call.comment(comment);
        }
        if let Some(reason) = &self.reason {
            call = call.reason(reason);
        }
        if let Some(form) = &self.form {
            call = call.form(form.clone());
        }
        match &self.to {
            Some(to) => call.to(to),
            None => call,
        }
    }
}

/// The call about a whole instance.
fn on_instance(verb: InstanceVerb, words: &Words, id: InstanceId) -> Result<Call, Failure> {
    Ok(match verb {
        InstanceVerb::AddBranch => {
            let node = words.node.clone().unwrap_or_default();
            let item = words.item.clone().or_else(|| words.data.clone());
            Call::add_branch(id, node, item.unwrap_or_default())
        }
        InstanceVerb::Cancel => Call::cancel(id),
        InstanceVerb::SetData => match &words.data {
            Some(Value::Object(values)) => Call::set_data(id, values.clone()),
            _ => return Err(invalid(&words.path, "`set_data` needs `data`, a mapping").to_string()),
        },
    })
}

/// A problem of the scenario, with the way out.
fn say(problem: &signoff_core::problem::Problem) -> Failure {
    match &problem.help {
        Some(help) => format!("{problem}; {help}"),
        None => problem.to_string(),
    }
}

fn went(result: Result<Done, NotDone>) -> Result<Went, Failure> {
    match result {
        Ok(done) => Ok(Went::Accepted(done.notices)),
        Err(NotDone::Refused(refusal)) => Ok(Went::Refused(refusal)),
        Err(NotDone::Failed(error)) => Err(error.to_string()),
    }
}

/// The nodes of activations that wait, run or failed: once per open task, once where there is none.
fn at(instance: &Instance, graph: &signoff_core::graph::Graph) -> Vec<String> {
    let mut nodes = Vec::new();
    for activation in instance.activations() {
        let join = graph
            .node(&activation.node)
            .is_some_and(|node| matches!(node.kind, NodeKind::Join(_)));
        if join || activation.state == ActivationState::Ended {
            continue;
        }
        let open = instance.tasks_of(activation.id).count().max(1);
        nodes.extend(std::iter::repeat_n(
            activation.node.as_str().to_owned(),
            open,
        ));
    }
    nodes.sort();
    nodes
}

fn shown(task: &Task) -> Value {
    let candidates: Vec<String> = task.candidates.iter().map(ToString::to_string).collect();
    json!({
        "node": task.node.as_str(),
        "state": task.state().as_str(),
        "assignee": task.assignee.as_ref().map(|id| id.as_str()),
        "candidates": candidates,
    })
}

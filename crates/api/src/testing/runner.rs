//! Runs one scenario.

mod act;
mod check;
mod find;

use std::{collections::BTreeMap, sync::Arc};

use signoff_actions::mail::MemoryMailer;
use signoff_core::{
    id::{InstanceId, TenantId, WorkflowKey},
    instance::Instance,
    refusal::Refusal,
};
use signoff_store::Store;

use crate::{
    clock::{Clock, VirtualClock},
    directory::{Directory, MemoryDirectory},
    engine::Engine,
    testing::{
        people,
        read::{Fields, Result as Read, unknown},
        report::ScenarioResult,
        scenario::{SCENARIO, Scenario, Step},
        stubs,
        suite::Case,
        verbs::Verb,
    },
};

/// What a scenario runs in.
struct World {
    engine: Engine,
    clock: Arc<VirtualClock>,
    mailer: Arc<MemoryMailer>,
    directory: Arc<MemoryDirectory>,
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

pub(super) async fn run(case: &Case, store: Arc<dyn Store>, keeps: bool) -> ScenarioResult {
    let name = case.scenario["scenario"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let mut steps = 0;
    let failure = match read(case) {
        Err(problem) => Some(problem.to_string()),
        Ok(scenario) => match World::new(case, &scenario, store, keeps).await {
            Ok(world) => run_steps(world, &scenario, &mut steps).await.err(),
            Err(failure) => Some(failure),
        },
    };
    ScenarioResult {
        name,
        steps,
        failure,
    }
}

async fn run_steps(
    mut world: World,
    scenario: &Scenario,
    steps: &mut usize,
) -> Result<(), Failure> {
    for (index, step) in scenario.steps.iter().enumerate() {
        *steps = index + 1;
        let place = |failure: Failure| format!("step {} ({}): {failure}", index + 1, step.path);
        world.step(step).await.map_err(place)?;
    }
    Ok(())
}

impl World {
    async fn new(
        case: &Case,
        scenario: &Scenario,
        store: Arc<dyn Store>,
        keeps: bool,
    ) -> Result<Self, Failure> {
        let problem = |problem: signoff_core::problem::Problem| problem.to_string();
        let fields =
            Fields::read(&case.scenario, &case.path, "scenario", SCENARIO).map_err(problem)?;
        let clock = Arc::new(VirtualClock::at(scenario.clock));
        let mailer = Arc::new(MemoryMailer::new());
        let tenant = TenantId::from(format!("scenario-{}", uuid::Uuid::now_v7()));
        let directory = Arc::new(people::read(&fields).map_err(problem)?);
        let mut builder = Engine::builder()
            .shared_store(store)
            .shared_directory(Arc::clone(&directory) as Arc<dyn Directory>)
            .clock(Arc::clone(&clock) as Arc<dyn Clock>)
            .only_tenant(tenant.clone())
            .observed();
        if scenario.mail {
            builder = builder
                .shared_mailer(Arc::clone(&mailer) as Arc<dyn signoff_actions::mail::Mailer>);
        }
        for (kind, actions) in &scenario.actions {
            builder = builder.actions_of(kind.as_str(), actions.clone());
        }
        if !keeps {
            builder = builder.keep_instances(0);
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
            directory,
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
            Verb::Migrate { words, .. }
            | Verb::OnInstance { words, .. }
            | Verb::OnPlace { words, .. }
            | Verb::OnTask { words, .. } => words,
            Verb::Publish(_)
            | Verb::Send(_)
            | Verb::Signal(_)
            | Verb::Substitute(_)
            | Verb::Advance(_)
            | Verb::Work => {
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

    /// Runs jobs until none is due.
    async fn drain(&self) -> Result<(), Failure> {
        self.engine
            .tick()
            .await
            .map(|_| ())
            .map_err(|error| error.to_string())
    }
}

/// A problem of the scenario, with the way out.
fn say(problem: &signoff_core::problem::Problem) -> Failure {
    match &problem.help {
        Some(help) => format!("{problem}; {help}"),
        None => problem.to_string(),
    }
}

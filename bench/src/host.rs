//! The smallest host of the machine: in memory, no store, everybody exists.

use std::sync::Arc;

use anyhow::{anyhow, bail};
use jiff::Timestamp;
use serde_json::Value;
use signoff_conditions::Cel;
use signoff_core::{
    actor::{Actor, Person},
    command::{Command, Start},
    compile::{Languages, compile},
    document::Document,
    facts::{Answers, Facts, Question, Settings},
    graph::Graph,
    id::{CommandId, DefinitionId, TenantId},
    instance::Instance,
    limits::Limits,
    machine::{Accepted, Run, Step},
    problem::Problem,
};
use signoff_definition::{Format, JsonSchemas, parse};

/// What stands around a machine.
pub(crate) struct Host {
    pub(crate) graph: Graph,
    settings: Arc<Settings>,
    commands: u128,
}

impl Host {
    pub(crate) fn new(graph: Graph) -> Self {
        Self {
            graph,
            settings: Arc::new(Settings {
                // 10,000 branches are entered in one command.
                limits: Limits {
                    automatic_steps: 20_000,
                    ..Limits::default()
                },
                ..Settings::default()
            }),
            commands: 0,
        }
    }

    /// A host of the definition `text`, as it would be published.
    pub(crate) fn of(text: &str) -> anyhow::Result<Self> {
        Ok(Self::new(compiled(&document(text)?)?))
    }

    /// Runs one command to its end; every role has amy, every function returns 1.
    pub(crate) fn run(
        &mut self,
        by: &str,
        instance: Option<&Instance>,
        command: &Command,
    ) -> anyhow::Result<Accepted> {
        self.commands += 1;
        let mut facts = Facts {
            command: CommandId::new(uuid::Uuid::from_u128(
                (0x0190_u128 << 112) | (self.commands << 24),
            )),
            // A second later than the one before.
            now: Timestamp::from_second(i64::try_from(self.commands)?)?,
            actor: Actor::Person(person(by)),
            context: Default::default(),
            settings: Arc::clone(&self.settings),
            answers: Answers::default(),
        };
        let mut run = Run::new(&self.graph, instance, command);
        loop {
            match run.poll(&facts) {
                Step::Accept(accepted) => return Ok(*accepted),
                Step::Refuse(refusal) => bail!("refused: {refusal}"),
                Step::Ask(questions) => {
                    for question in questions {
                        answer(&mut facts.answers, question)?;
                    }
                }
            }
        }
    }

    /// The command that starts an instance with these data.
    pub(crate) fn start(&self, data: &Arc<Value>) -> Command {
        let definition = DefinitionId {
            workflow: self.graph.key().clone(),
            version: 1,
        };
        Command::Start(Box::new(Start {
            data: Arc::clone(data),
            ..Start::new(TenantId::default(), definition)
        }))
    }
}

/// The document that `text` holds.
pub(crate) fn document(text: &str) -> anyhow::Result<Value> {
    Ok(parse(text, Format::Yaml).map_err(wrong)?.value)
}

/// The graph of a document, with all its checks.
pub(crate) fn compiled(document: &Value) -> anyhow::Result<Graph> {
    let read = Document::read(document).map_err(wrong)?;
    let languages = Languages {
        conditions: &Cel::new(),
        schemas: &JsonSchemas,
        zones: &signoff_definition::TimeZones,
    };
    Ok(compile(&read, languages).map_err(wrong)?.graph)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the form that `map_err` takes"
)]
fn wrong(problems: Vec<Problem>) -> anyhow::Error {
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    anyhow!("the definition has problems: {}", all.join("; "))
}

fn person(id: &str) -> Person {
    Person {
        id: id.into(),
        roles: ["first".into()].into(),
        active: true,
        ..Person::default()
    }
}

fn answer(answers: &mut Answers, question: Question) -> anyhow::Result<()> {
    match question {
        Question::Members(role) => answers.members(role, ["amy".into()]),
        Question::Person(id) => {
            let found = person(id.as_str());
            answers.person(id, Some(found));
        }
        Question::Substitutions => answers.substitutions(Default::default()),
        Question::Function(call) => answers.function(&call, Ok(Value::from(1))),
        other => bail!("unexpected question {other:?}"),
    }
    Ok(())
}

//! The machine alone, in memory: poll and apply, no store, no directory.

use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use jiff::Timestamp;
use serde_json::Value;
use signoff_core::{
    actor::{Actor, Person},
    command::{Answer, Command, Start, TaskRef},
    facts::{Answers, Facts, Question, Settings},
    graph::{
        ApprovalNode, EntrySpec, FunctionNode, Graph, GraphBuilder, Node, NodeKind, Opening, Who,
    },
    id::{CommandId, DefinitionId, TenantId},
    instance::Instance,
    limits::Limits,
    machine::{Accepted, Run, Step},
    template::Template,
};

/// What stands around a machine: the smallest host there can be.
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

    /// Runs one command to its end; every person exists, every role has amy, every function returns 1.
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
            now: Timestamp::UNIX_EPOCH,
            actor: Actor::Person(person(by)),
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
}

fn person(id: &str) -> Person {
    Person {
        id: id.into(),
        roles: ["first".into()].into(),
        active: true,
        admin: false,
    }
}

fn answer(answers: &mut Answers, question: Question) -> anyhow::Result<()> {
    match question {
        Question::Members(role) => answers.members(role, ["amy".into()]),
        Question::Person(id) => {
            let found = person(id.as_str());
            answers.person(id, Some(found));
        }
        Question::Function(call) => answers.function(&call, Ok(Value::from(1))),
        other => bail!("unexpected question {other:?}"),
    }
    Ok(())
}

pub(crate) fn start(graph: &Graph) -> Command {
    Command::Start(Box::new(Start {
        tenant: TenantId::default(),
        definition: DefinitionId {
            workflow: graph.key().clone(),
            version: 1,
        },
        instance: None,
        subject: None,
        requester: None,
        data: Arc::default(),
        metadata: Arc::default(),
    }))
}

pub(crate) fn approval(who: Who) -> NodeKind {
    NodeKind::Approval(Box::new(ApprovalNode {
        entries: vec![EntrySpec::new(who)],
        opening: Opening::InOrder,
    }))
}

/// W1 once: three transitions.
pub(crate) fn two_approvals(host: &mut Host) -> anyhow::Result<u32> {
    let start = start(&host.graph);
    let mut instance = host.run("ann", None, &start)?.change.into_instance();
    for by in ["amy", "ben"] {
        let task = instance
            .tasks()
            .next()
            .map(TaskRef::from)
            .context("no task is open")?;
        let approve = Command::Approve(task, Answer::default());
        instance = host
            .run(by, Some(&instance), &approve)?
            .change
            .into_instance();
    }
    ensure!(
        instance.status().as_str() == "completed",
        "the process did not complete"
    );
    Ok(3)
}

pub(crate) fn two_approvals_graph() -> anyhow::Result<Graph> {
    Ok(GraphBuilder::new("two_approvals")
        .node(Node::new("first", approval(Who::Role("first".into()))).next("second"))
        .node(Node::new("second", approval(Who::User("ben".into()))))
        .build()?)
}

/// A chain of functions that one command runs through.
pub(crate) fn chain(length: usize) -> anyhow::Result<Graph> {
    let mut builder = GraphBuilder::new("chain");
    for index in 0..length {
        let function = NodeKind::Function(FunctionNode {
            name: "one".to_owned(),
            with: Template::default(),
            into: None,
        });
        builder =
            builder.node(Node::new(format!("f{index}"), function).next(format!("f{}", index + 1)));
    }
    Ok(builder
        .node(Node::new(format!("f{length}"), NodeKind::End))
        .build()?)
}

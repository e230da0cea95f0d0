//! Real changes of the machine.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use signoff_core::{
    actor::{Actor, Person},
    command::{Answer, Command, Start, TaskRef},
    event::HistoryEntry,
    facts::{Answers, Facts, Question},
    graph::{ApprovalNode, EntrySpec, Graph, GraphBuilder, Node, NodeKind, Opening, Who},
    id::{CommandId, DefinitionId},
    instance::{Instance, fold},
    machine::{Run, Step},
};
use uuid::Uuid;

use super::sample::{Tested, at, commit, tenant};
use crate::contract::{Load, Part, Target};

fn approval(key: &str, who: Who, next: &str) -> Node {
    let mut entry = EntrySpec::new(who);
    entry.due = Some(SignedDuration::from_hours(24).into());
    let approval = ApprovalNode {
        entries: vec![entry],
        opening: Opening::InOrder,
    };
    Node::new(key, NodeKind::Approval(Box::new(approval))).next(next)
}

fn graph() -> Graph {
    GraphBuilder::new("expense")
        .node(approval("review", Who::Role("clerk".into()), "sign"))
        .node(approval("sign", Who::User("max".into()), "end"))
        .node(Node::new("end", NodeKind::End(None)))
        .build()
        .unwrap()
}

fn person(id: &str) -> Person {
    Person {
        id: id.into(),
        roles: ["clerk".into()].into(),
        active: true,
        ..Person::default()
    }
}

/// Polls until the command is accepted, with a directory of whoever is asked for.
fn accept(
    graph: &Graph,
    before: Option<&Instance>,
    command: &Command,
    n: u128,
    by: &str,
) -> signoff_core::change::Change {
    let mut facts = Facts {
        command: CommandId::new(Uuid::from_u128(
            0x0191_0000_0000_7000_8000_0000_0000_0000 + (n << 24),
        )),
        now: at(i64::try_from(n).unwrap()),
        actor: Actor::Person(person(by)),
        context: Arc::default(),
        settings: Arc::default(),
        answers: Answers::default(),
    };
    let mut run = Run::new(graph, before, command);
    loop {
        match run.poll(&facts) {
            Step::Accept(accepted) => return accepted.change,
            Step::Refuse(refusal) => panic!("the machine refused {}: {refusal:?}", command.name()),
            Step::Ask(questions) => {
                for question in questions {
                    match question {
                        Question::Members(role) => {
                            facts.answers.members(role, ["ann".into(), "max".into()])
                        }
                        Question::Person(id) => {
                            facts.answers.person(id.clone(), Some(person(id.as_str())))
                        }
                        Question::Substitutions => facts.answers.substitutions(BTreeMap::new()),
                        other => panic!("the graph asks nothing like {other:?}"),
                    }
                }
            }
        }
    }
}

pub(super) async fn a_run_of_the_machine_comes_back_after_every_step(store: Tested) {
    let graph = graph();
    let definition = DefinitionId {
        workflow: "expense".into(),
        version: 1,
    };
    let start = Command::Start(Box::new(Start {
        data: Arc::new(json!({"amount": 1200.5, "note": "مرحبا"})),
        ..Start::new(tenant(), definition)
    }));
    let change = accept(&graph, None, &start, 1, "ann");
    let id = change.instance().id();
    commit(&store, &[change.rows()]).await;
    let mut expected = change.into_instance();
    let load = Load {
        tenant: tenant(),
        target: Target::Instance(id),
        part: Part::All,
    };
    for (n, by) in [(2, "ann"), (3, "max")] {
        let loaded = store.load(&load).await.unwrap().unwrap();
        let instance = Instance::from_rows(&loaded.rows).unwrap();
        assert_eq!(instance, expected);
        let task = TaskRef::from(instance.tasks().next().unwrap());
        let approve = Command::Approve(task, Answer::default());
        let change = accept(&graph, Some(&instance), &approve, n, by);
        commit(&store, &[change.rows()]).await;
        expected = change.into_instance();
    }
    let loaded = store.load(&load).await.unwrap().unwrap();
    let instance = Instance::from_rows(&loaded.rows).unwrap();
    assert_eq!(instance, expected);
    assert_eq!(instance.status().as_str(), "completed");
    let history = store.history(&tenant(), id).await.unwrap();
    let entries: Vec<HistoryEntry> = history
        .iter()
        .map(|row| serde_json::from_str(&row.body).unwrap())
        .collect();
    assert_eq!(fold(&entries), Some(instance));
    let due: Option<Timestamp> = store.next_due(None).await.unwrap();
    assert_eq!(due, None, "a finished instance has no timer");
}

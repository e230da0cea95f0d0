//! What operators, the host and the engine do to an instance, in few words.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Map, Value};
use signoff_core::{
    change::{JobWork, SubscriptionKind},
    command::{Command, Delivery, Migration, Place, Removed, Return},
    graph::Graph,
    id::{ActivationId, DefinitionId, InstanceId},
    instance::{Body, ChildEnd},
};

use crate::world::{Outcome, World};

/// The latest activation on a node.
pub(crate) fn on(node: &str) -> Place {
    Place::Node(node.into())
}

/// A child that completed with these data.
pub(crate) fn done(data: Value) -> ChildEnd {
    ChildEnd::Completed {
        data: Some(Arc::new(data)),
    }
}

/// A child that failed.
pub(crate) fn failed(code: &str) -> ChildEnd {
    ChildEnd::Failed {
        code: code.to_owned(),
        message: "no".to_owned(),
    }
}

impl World {
    pub(crate) fn cancel_task(&mut self, who: &str, node: &str) -> Outcome {
        self.run(who, Command::CancelTask(on(node), Some("why".to_owned())))
    }

    pub(crate) fn skip(&mut self, who: &str, node: &str) -> Outcome {
        self.run(who, Command::Skip(on(node), "why".to_owned()))
    }

    pub(crate) fn retry(&mut self, who: &str, node: &str) -> Outcome {
        self.run(who, Command::Retry(on(node)))
    }

    pub(crate) fn revive(&mut self, who: &str, node: &str) -> Outcome {
        self.run(who, Command::Revive(on(node)))
    }

    pub(crate) fn undo(&mut self, who: &str, node: &str) -> Outcome {
        self.run(who, Command::Undo(on(node)))
    }

    /// Moves the token of a node, or the whole instance.
    pub(crate) fn jump(&mut self, who: &str, from: Option<&str>, to: &str) -> Outcome {
        let to = Return {
            to: Some(to.into()),
            reason: "why".to_owned(),
        };
        self.run(who, Command::Jump(from.map(on), to))
    }

    /// Goes on by the graph of another version; by the old one when it is refused.
    #[track_caller]
    pub(crate) fn migrate(
        &mut self,
        who: &str,
        to: Graph,
        plan: impl FnOnce(&mut Migration),
    ) -> Outcome {
        let from = Arc::new(std::mem::replace(&mut self.graph, to));
        let now = self.instance.as_ref().unwrap().definition();
        let mut migration = Migration {
            to: DefinitionId {
                version: now.version + 1,
                ..now.clone()
            },
            from: Arc::clone(&from),
            nodes: BTreeMap::new(),
            anew: BTreeSet::new(),
            removed: Removed::Obsolete,
            data: Map::new(),
        };
        plan(&mut migration);
        let outcome = self.run(who, Command::Migrate(Box::new(migration)));
        if outcome.is_err() {
            self.graph = Graph::clone(&from);
        }
        outcome
    }

    pub(crate) fn set_data(&mut self, who: &str, values: Value) -> Outcome {
        let Value::Object(values) = values else {
            unreachable!("data are an object")
        };
        self.run(who, Command::SetData(values))
    }

    pub(crate) fn add_branch(&mut self, who: &str, node: &str, item: Value) -> Outcome {
        self.run(who, Command::AddBranch(node.into(), Arc::new(item)))
    }

    /// Brings what `node` waits for.
    pub(crate) fn deliver(
        &mut self,
        who: &str,
        node: &str,
        kind: SubscriptionKind,
        name: &str,
        payload: Value,
    ) -> Outcome {
        let message = (kind == SubscriptionKind::Message && !name.is_empty())
            .then(|| format!("m{}", self.history.len()).into());
        let delivery = Delivery {
            kind,
            name: name.to_owned(),
            message,
            payload,
        };
        self.run(who, Command::Deliver(on(node), delivery))
    }

    pub(crate) fn send(&mut self, node: &str, name: &str, payload: Value) -> Outcome {
        self.deliver("engine", node, SubscriptionKind::Message, name, payload)
    }

    /// The activation on a node, the latest of several.
    #[track_caller]
    pub(crate) fn at_node(&self, node: &str) -> ActivationId {
        let found = self.instance.as_ref().unwrap().activations();
        let here = found.filter(|found| found.node.as_str() == node);
        here.map(|found| found.id).max().unwrap()
    }

    /// The children that were ordered start; what they are given, in their order.
    pub(crate) fn start_children(&mut self) -> Vec<Value> {
        let ordered: Vec<_> = self
            .store
            .jobs
            .values()
            .filter_map(|job| match &job.work {
                JobWork::StartChild(work) => Some((job.id, work.clone())),
                _ => None,
            })
            .collect();
        let mut given = Vec::new();
        for (job, work) in ordered {
            self.store.jobs.remove(&job);
            given.push(work.given.data.as_deref().cloned().unwrap_or_default());
            self.store.children.insert(work.child, *work);
        }
        given
    }

    /// The child in that place of a node, with the activation that waits for it.
    #[track_caller]
    pub(crate) fn child_at(&self, node: &str, place: u32) -> (ActivationId, InstanceId) {
        let activations = self.instance.as_ref().unwrap().activations();
        let here = activations.filter(|found| found.node.as_str() == node);
        let children = here.filter_map(|found| match &found.body {
            Body::Children(children) => Some((found.id, children)),
            _ => None,
        });
        let mut live = children.flat_map(|(id, children)| {
            let live = children.live.iter();
            live.map(move |(child, place)| (id, *child, *place))
        });
        let found = live.find(|(_, _, at)| *at == place);
        found.map(|(id, child, _)| (id, child)).unwrap()
    }

    #[track_caller]
    pub(crate) fn end_child(&mut self, node: &str, place: u32, end: ChildEnd) -> Outcome {
        let (activation, child) = self.child_at(node, place);
        self.run("engine", Command::EndChild(activation, child, end))
    }

    /// What was ordered for others, by the name of the work.
    pub(crate) fn ordered(&self) -> Vec<&'static str> {
        let jobs = self.store.jobs.values();
        let names = jobs.filter_map(|job| match &job.work {
            JobWork::CancelChild { .. } => Some("cancel_child"),
            JobWork::EndChild { .. } => Some("end_child"),
            JobWork::Raise { .. } => Some("raise"),
            JobWork::Receive { .. } => Some("receive"),
            JobWork::Signal { .. } => Some("signal"),
            JobWork::StartChild(_) => Some("start_child"),
            JobWork::Actions(_)
            | JobWork::Node(_)
            | JobWork::Ring { .. }
            | JobWork::Wake { .. } => None,
        });
        names.collect()
    }

    pub(crate) fn data(&self) -> Value {
        Value::clone(self.instance.as_ref().unwrap().data())
    }

    /// The nodes with a parked token.
    pub(crate) fn parked(&self) -> Vec<&str> {
        let parked = self.instance.as_ref().unwrap().parked().values();
        parked.map(|token| token.node.as_str()).collect()
    }
}

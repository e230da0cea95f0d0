//! Whether an instance that follows the newest version can go on by it.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    actor::Actor,
    command::{Command, Migration},
    facts::{Answers, Facts, Settings},
    graph::Graph,
    id::CommandId,
    instance::Instance,
    machine::{commands, context::Context, draft::Draft},
};

/// Whether every visit of the instance can stay as it is in the version that `plan` leads to: its node
/// is there, of the same kind and in the same splits, and the data fit.
///
/// The instance must be whole; `graph` is that of the new version. Nothing is asked and nothing
/// changes: it is the very check of the migration, tried on a copy.
#[must_use]
pub fn may_follow(graph: &Graph, instance: &Instance, plan: &Migration, now: Timestamp) -> bool {
    let facts = Facts {
        command: CommandId::new(Uuid::nil()),
        now,
        actor: Actor::Engine,
        context: Arc::default(),
        settings: Arc::new(Settings::default()),
        answers: Answers::default(),
    };
    let cx = Context {
        graph,
        command: &Command::Begin,
        facts: &facts,
    };
    let mut draft = Draft::new(Some(instance), &facts);
    commands::follow(&cx, &mut draft, plan).is_ok()
}

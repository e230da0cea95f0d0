//! What an action is told.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One run of an action, as handed to [`Action::run`](crate::Action::run).
///
/// Actions run at least once: after a crash the same call comes again. `key` is what an action
/// passes on as an idempotency key so that its effect happens once.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ActionCall {
    /// The idempotency key; the same for every attempt of one run. A mail has it as Message-ID.
    pub key: String,
    /// The name under which the action is registered.
    pub name: String,
    /// The action event that selected it, for example `after_approve`.
    pub event: String,
    /// The tenant of the instance.
    pub tenant: String,
    /// The id of the instance.
    pub instance: String,
    /// The evaluated `with` of the action; `null` when it has none.
    pub input: Value,
    /// Where and why the event happened: workflow, node, actor, reason and the like.
    pub context: Value,
    /// Which attempt this is; the first is 1.
    pub attempt: u32,
}

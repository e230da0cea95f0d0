//! The trait of actions and the wrapper that makes one of a function.

use std::fmt;
use std::future::Future;

use async_trait::async_trait;
use serde_json::Value;

use crate::action_error::ActionError;
use crate::call::ActionCall;

/// A reaction to an event, run after the change is committed.
///
/// It runs at least once per event; see [`ActionCall::key`]. Its answer is stored with the job.
///
/// # Example: the smallest action
///
/// ```
/// use serde_json::{Value, json};
/// use signoff_actions::{Action, ActionCall, ActionError};
///
/// struct Greet;
///
/// #[async_trait::async_trait]
/// impl Action for Greet {
///     async fn run(&self, call: &ActionCall) -> Result<Value, ActionError> {
///         Ok(json!({ "hello": call.instance }))
///     }
/// }
/// ```
#[async_trait]
pub trait Action: Send + Sync {
    /// Does the work of one attempt.
    ///
    /// # Errors
    ///
    /// An [`ActionError`] of the action's own; it is tried again unless `permanent`.
    async fn run(&self, call: &ActionCall) -> Result<Value, ActionError>;
}

/// An [`Action`] made of an async function; see [`action_fn`].
#[derive(Clone, Copy)]
pub struct FnAction<F>(F);

/// Makes an [`Action`] of an async function or closure.
///
/// ```
/// use serde_json::Value;
/// use signoff_actions::{ActionCall, action_fn};
///
/// let action = action_fn(|call: ActionCall| async move { Ok(call.input) });
/// # let _: &dyn signoff_actions::Action = &action;
/// ```
pub fn action_fn<F, Fut>(function: F) -> FnAction<F>
where
    F: Fn(ActionCall) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Value, ActionError>> + Send,
{
    FnAction(function)
}

#[async_trait]
impl<F, Fut> Action for FnAction<F>
where
    F: Fn(ActionCall) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Value, ActionError>> + Send,
{
    async fn run(&self, call: &ActionCall) -> Result<Value, ActionError> {
        (self.0)(call.clone()).await
    }
}

impl<F> fmt::Debug for FnAction<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnAction").finish_non_exhaustive()
    }
}

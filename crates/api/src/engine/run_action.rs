//! An action that runs once for one instance, because somebody says so.

use serde_json::Value;
use signoff_core::{
    command::OneOff,
    id::{InstanceId, PersonId, TenantId},
    problem::Problem,
};

use crate::{
    call::{Call, Who},
    engine::{Done, Engine, settings::one},
    error::{Error, NotDone},
    once::Once,
};

/// An action that is to run once for an instance, beside what its definition says.
///
/// # Example
/// ```
/// use serde_json::json;
/// use signoff::{InstanceId, RunAction};
///
/// # fn of(instance: InstanceId) -> RunAction {
/// RunAction::of(instance, json!({"mail": "reminder", "to": ["current_approvers"]})).by("max")
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RunAction {
    tenant: TenantId,
    by: Who,
    instance: InstanceId,
    action: Value,
    once: Option<Once>,
}

impl RunAction {
    /// The instance, and what is to run, as in a document.
    #[must_use]
    pub fn of(instance: InstanceId, action: Value) -> Self {
        Self {
            tenant: TenantId::default(),
            by: Who::Host,
            instance,
            action,
            once: None,
        }
    }

    /// The tenant; `default` when not given.
    #[must_use]
    pub fn tenant(self, tenant: impl Into<TenantId>) -> Self {
        Self {
            tenant: tenant.into(),
            ..self
        }
    }

    /// The person who says so: a manager of the instance, or an admin. The host when not given.
    #[must_use]
    pub fn by(self, person: impl Into<PersonId>) -> Self {
        Self {
            by: Who::Person(person.into()),
            ..self
        }
    }

    /// The name of the request: it runs once, however often this is sent.
    #[must_use]
    pub fn once(self, once: Once) -> Self {
        Self {
            once: Some(once),
            ..self
        }
    }
}

impl Engine {
    /// Runs an action once for an instance that is not over. It is written with the command, runs after
    /// it as every other, and is tried again as it says itself; its event is `on_demand`.
    ///
    /// # Errors
    /// Refused: `not_found`, `not_running`, `not_permitted`. Failed: of kind `Definition` when the action
    /// cannot be read, or names what nobody registered; store or directory.
    pub async fn run_action(&self, run: RunAction) -> Result<Done, NotDone> {
        let (spec, graph) = one(&run.action).map_err(Error::definition)?;
        let problems = self.unknown_functions(&graph);
        if problems.iter().any(Problem::is_error) {
            return Err(Error::definition(problems).into());
        }
        let mut call = Call::run_action(run.instance, OneOff::new(spec)).tenant(run.tenant);
        call.by = run.by;
        call.once = run.once;
        self.call(call).await
    }
}

//! The actions of one event: one job, in order.

#[cfg(feature = "testing")]
use std::sync::Mutex;

use serde_json::{Value, json};
use signoff_actions::ActionError;
use signoff_core::{
    change::{ActionCall, ActionContext, ActionsJob, JobWork, ResolvedAction},
    graph::OnFailure,
};
#[cfg(feature = "testing")]
use signoff_core::{graph::ActionEvent, id::InstanceId};
use signoff_store::ClaimedJob;

use crate::{error::Error, mail::Mailing, worker::Worker};

/// An action that ran, for the test kit.
#[cfg(feature = "testing")]
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ExecutedAction {
    /// The instance.
    pub(crate) instance: InstanceId,
    /// The event that it reacted to.
    pub(crate) event: ActionEvent,
    /// The function's name, or `mail`.
    pub(crate) run: String,
}

/// Everything that ran, in order.
#[cfg(feature = "testing")]
#[derive(Debug, Default)]
pub(crate) struct Executed(pub(crate) Mutex<Vec<ExecutedAction>>);

/// How one action ended.
enum Ended {
    Done,
    /// What is left of it, and why.
    Failed(Box<ResolvedAction>, ActionError),
}

impl Worker {
    /// Runs the actions that are left. Those that failed are kept for the next attempt; a failed one
    /// with `on_failure: stop` keeps those after it back too.
    pub(super) async fn run_actions(
        &self,
        job: &ClaimedJob,
        work: &ActionsJob,
    ) -> Result<(), Error> {
        let attempt = job.failed.saturating_add(1);
        let mut left = Vec::new();
        let mut failures = Vec::new();
        let mut actions = work.actions.iter();
        for action in actions.by_ref() {
            if action.gave_up {
                left.push(action.clone());
                if action.on_failure == OnFailure::Stop {
                    break;
                }
            } else if let Ended::Failed(rest, error) =
                self.run_action(job, work, action, attempt).await?
            {
                failures.push(format!(
                    "{}: {}: {}",
                    rest.call.name(),
                    error.code,
                    error.message
                ));
                let stops = rest.on_failure == OnFailure::Stop;
                left.push(ResolvedAction {
                    gave_up: error.permanent || attempt >= rest.retry.max,
                    ..*rest
                });
                if stops {
                    break;
                }
            }
        }
        left.extend(actions.cloned());
        self.settle(job, work, left, attempt, &failures.join("; "))
            .await
    }

    async fn settle(
        &self,
        job: &ClaimedJob,
        work: &ActionsJob,
        mut left: Vec<ResolvedAction>,
        attempt: u32,
        failures: &str,
    ) -> Result<(), Error> {
        let store = &self.engine.inner().store;
        let (tenant, id) = (&job.job.tenant, job.job.id);
        if left.is_empty() {
            store.finish(tenant, id, job.token).await?;
            return Ok(());
        }
        // An action that stops the others decides for them too: they are behind it.
        let stops =
            |action: &&ResolvedAction| action.gave_up && action.on_failure == OnFailure::Stop;
        let tried = left.iter().take_while(|action| !stops(action));
        let wait = tried
            .filter(|action| !action.gave_up)
            .find_map(|action| action.retry.wait_after(attempt));
        let rest = |actions| {
            JobWork::Actions(Box::new(ActionsJob {
                actions,
                ..work.clone()
            }))
        };
        match wait {
            Some(wait) => {
                tracing::warn!(job = %id, failures, "actions failed and are tried again");
                let due = self.now().checked_add(wait).unwrap_or_else(|_| self.now());
                store
                    .retry(tenant, id, job.token, due, attempt, &rest(left))
                    .await?;
                Ok(())
            }
            None => {
                let message = format!("{}: {failures}", work.event.as_str());
                let node = work.context.node.clone();
                // Whoever lets it run again wants each to be tried.
                for action in &mut left {
                    action.gave_up = false;
                }
                let rest = rest(left);
                self.give_up(job, "action_failed", message, node, Some(rest))
                    .await
            }
        }
    }

    async fn run_action(
        &self,
        job: &ClaimedJob,
        work: &ActionsJob,
        action: &ResolvedAction,
        attempt: u32,
    ) -> Result<Ended, Error> {
        let ended = match &action.call {
            ActionCall::Run { name, with } => {
                let result = self.run_named(job, work, action, name, with, attempt).await;
                match result {
                    Ok(_) => Ended::Done,
                    Err(error) => Ended::Failed(Box::new(action.clone()), error),
                }
            }
            ActionCall::Mail {
                template,
                subject,
                to,
                cc,
                with,
            } => {
                let mailing = Mailing {
                    job: &job.job,
                    index: action.index,
                    context: &work.context,
                    template,
                    subject: subject.as_deref(),
                    with,
                };
                let everybody: Vec<_> = to.iter().chain(cc).cloned().collect();
                match self.engine.mail(&mailing, &everybody).await? {
                    Ok(()) => Ended::Done,
                    Err((unreached, failure)) => {
                        let call = ActionCall::Mail {
                            template: template.clone(),
                            subject: subject.clone(),
                            to: unreached,
                            cc: Vec::new(),
                            with: with.clone(),
                        };
                        Ended::Failed(
                            Box::new(ResolvedAction {
                                call,
                                ..action.clone()
                            }),
                            failure.into(),
                        )
                    }
                }
            }
        };
        #[cfg(feature = "testing")]
        if self.engine.inner().observed && matches!(ended, Ended::Done) {
            self.record(job, work, action);
        }
        Ok(ended)
    }

    #[cfg(feature = "testing")]
    fn record(&self, job: &ClaimedJob, work: &ActionsJob, action: &ResolvedAction) {
        let mut executed = self
            .engine
            .inner()
            .executed
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        executed.push(ExecutedAction {
            instance: job.job.instance,
            event: work.event,
            run: action.call.name().to_owned(),
        });
    }

    async fn run_named(
        &self,
        job: &ClaimedJob,
        work: &ActionsJob,
        action: &ResolvedAction,
        name: &str,
        with: &Value,
        attempt: u32,
    ) -> Result<Value, ActionError> {
        let Some(registered) = self.engine.inner().actions.get(name) else {
            return Err(ActionError::permanent(
                "unknown_function",
                format!("no action `{name}` is registered"),
            ));
        };
        let call = signoff_actions::ActionCall {
            key: format!("{}-{}", job.job.id, action.index),
            name: name.to_owned(),
            event: work.event.as_str().to_owned(),
            tenant: job.job.tenant.as_str().to_owned(),
            instance: job.job.instance.to_string(),
            input: with.clone(),
            context: context(&work.context),
            attempt,
        };
        registered.run(&call).await
    }
}

fn context(about: &ActionContext) -> Value {
    json!({
        "workflow": about.workflow,
        "node": about.node,
        "status": about.status,
        "subject": about.subject_type.as_ref().map(|kind| json!({"type": kind, "id": about.subject_id})),
        "requester": about.requester,
        "actor": about.actor.person(),
        "task": about.task,
        "meta": about.meta,
        "reason": about.reason,
        "comment": about.comment,
        "to": about.to,
    })
}

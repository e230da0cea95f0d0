//! The job of a job node: the host's function after the commit, tried again when it fails.

use std::time::Duration;

use serde_json::json;
use signoff_actions::ActionError;
use signoff_core::{
    change::{JobWork, NodeJob},
    facts::FunctionFailure,
};
use signoff_store::ClaimedJob;

use crate::{
    call::{Call, Verb},
    error::Error,
    worker::Worker,
};

impl Worker {
    /// Runs the function. A failure is tried again while attempts are left, then told to the machine.
    pub(super) async fn run_job(&self, job: &ClaimedJob, work: &NodeJob) -> Result<(), Error> {
        let attempt = job.failed.saturating_add(1);
        let result = match self.engine.inner().actions.get(&work.name) {
            None => Err(ActionError::permanent(
                "unknown_function",
                format!("no function `{}` is registered", work.name),
            )),
            Some(registered) => {
                let call = signoff_actions::ActionCall {
                    key: job.job.id.to_string(),
                    name: work.name.clone(),
                    event: "job".to_owned(),
                    tenant: job.job.tenant.as_str().to_owned(),
                    instance: job.job.instance.to_string(),
                    input: work.with.clone(),
                    context: json!({}),
                    attempt,
                };
                match work
                    .timeout
                    .and_then(|longest| Duration::try_from(longest).ok())
                {
                    None => registered.run(&call).await,
                    Some(longest) => tokio::time::timeout(longest, registered.run(&call))
                        .await
                        .unwrap_or_else(|_| Err(took_too_long(&work.name))),
                }
            }
        };
        let failure = match result {
            Ok(value) => return self.tell(job, work, Ok(value)).await,
            Err(failure) => failure,
        };
        match work
            .retry
            .wait_after(attempt)
            .filter(|_| !failure.permanent)
        {
            Some(wait) => {
                tracing::warn!(job = %job.job.id, error = %failure, "a job failed and is tried again");
                let due = self.now().checked_add(wait).unwrap_or_else(|_| self.now());
                let again = JobWork::Node(Box::new(work.clone()));
                let store = &self.engine.inner().store;
                store
                    .retry(&job.job.tenant, job.job.id, job.token, due, attempt, &again)
                    .await?;
                Ok(())
            }
            None => {
                let failure = FunctionFailure {
                    code: failure.code,
                    message: failure.message,
                };
                self.tell(job, work, Err(failure)).await
            }
        }
    }

    async fn tell(
        &self,
        job: &ClaimedJob,
        work: &NodeJob,
        result: Result<serde_json::Value, FunctionFailure>,
    ) -> Result<(), Error> {
        let (tenant, instance) = (job.job.tenant.clone(), job.job.instance);
        let verb = Verb::FinishJob(result);
        let call = Call::by_engine(tenant, instance, work.activation, verb);
        self.fire(job, call).await
    }
}

fn took_too_long(name: &str) -> ActionError {
    ActionError::transient("timed_out", format!("`{name}` took longer than it may"))
}

//! What people said of an instance, besides their decisions: comments, questions and answers.

use jiff::Timestamp;
use signoff_core::{
    actor::By,
    event::Event,
    id::{InstanceId, TaskId, TenantId},
};

use crate::{engine::Engine, error::Error};

/// Something that somebody said.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Comment {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: By,
    /// The task that it is about, if it is about one.
    pub task: Option<TaskId>,
    /// What was said.
    pub text: String,
}

impl Engine {
    /// What people said of an instance and its tasks, oldest first; empty when there is no such
    /// instance.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn comments(&self, tenant: &TenantId, id: InstanceId) -> Result<Vec<Comment>, Error> {
        let history = self.history(tenant, id).await?;
        let said = history.iter().flat_map(|entry| {
            entry
                .events
                .iter()
                .filter_map(|event| match event {
                    Event::Commented { task, text } => Some((*task, text)),
                    Event::InfoAnswered { task, text, .. } => Some((Some(*task), text)),
                    Event::TaskOpened(opened) => {
                        let question = opened.question.as_ref()?;
                        Some((Some(opened.task), &question.text))
                    }
                    _ => None,
                })
                .map(|(task, text)| Comment {
                    at: entry.at,
                    by: entry.by.clone(),
                    task,
                    text: text.clone(),
                })
        });
        Ok(said.collect())
    }
}

//! The statuses that subjects of a type may have, of all workflows about them.

use std::sync::Arc;

use signoff_core::{
    graph::{NodeKind, Status},
    id::{NodeKey, TenantId},
    text::Text,
};

use crate::{
    engine::{Definition, Engine},
    error::Error,
};

/// The statuses of one workflow.
#[derive(Clone, Debug)]
pub struct WorkflowStatuses {
    /// Its newest version.
    pub definition: Arc<Definition>,
    /// The statuses of its steps, in file order.
    pub statuses: Vec<CatalogueStatus>,
}

/// A status that a subject may have.
#[derive(Clone, Debug)]
pub struct CatalogueStatus {
    /// The step.
    pub step: NodeKey,
    /// The title of the step.
    pub step_title: Text,
    /// Its key.
    pub key: String,
    /// Its title, category, color, icon and fields of the author's own, and what setting it means.
    pub status: Status,
}

impl Engine {
    /// The statuses that subjects of a type may have in a tenant: those of the newest version of
    /// every active workflow about them, by key. Empty where no steps are about such subjects.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn status_catalogue(
        &self,
        tenant: &TenantId,
        subject_type: &str,
    ) -> Result<Vec<WorkflowStatuses>, Error> {
        let mut catalogue = Vec::new();
        for row in self.inner().store.workflows(tenant).await? {
            if !row.is_active() {
                continue;
            }
            let found = self.definition(tenant, &row.key, Some(row.latest)).await?;
            let Some(definition) =
                found.filter(|found| found.graph.subject() == Some(subject_type))
            else {
                continue;
            };
            let statuses = statuses(&definition);
            if !statuses.is_empty() {
                catalogue.push(WorkflowStatuses {
                    definition,
                    statuses,
                });
            }
        }
        Ok(catalogue)
    }
}

fn statuses(definition: &Definition) -> Vec<CatalogueStatus> {
    let steps = definition
        .graph
        .nodes()
        .filter_map(|node| match &node.kind {
            NodeKind::Step(step) => Some((node, step)),
            _ => None,
        });
    let each = steps.flat_map(|(node, step)| {
        step.statuses.iter().map(|(key, status)| CatalogueStatus {
            step: node.key.clone(),
            step_title: node.title.clone(),
            key: key.clone(),
            status: status.clone(),
        })
    });
    each.collect()
}

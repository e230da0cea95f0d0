//! What a person may start.

use signoff_core::{
    id::{DefinitionId, NodeKey, PersonId, TenantId},
    text::Text,
};

use crate::{engine::Engine, error::Error};

/// A way to start an instance, for a person who may take it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Startable {
    /// The workflow in its newest version.
    pub definition: DefinitionId,
    /// The title of the workflow.
    pub title: Text,
    /// The key of the way, for [`Start::at`](crate::Start::at).
    pub start: NodeKey,
    /// The title of the way.
    pub start_title: Text,
}

impl Engine {
    /// What a person may start: each way of the newest version of each active workflow
    /// that lists show, by key and
    /// in the order of the file. Empty for somebody who is unknown or not active.
    ///
    /// # Errors
    /// When the store fails or the directory cannot be asked.
    pub async fn startable(
        &self,
        tenant: &TenantId,
        person: &PersonId,
    ) -> Result<Vec<Startable>, Error> {
        let Some(person) = self.person(tenant, person).await? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        let rows = self.inner().store.workflows(tenant).await?;
        for row in rows
            .into_iter()
            .filter(|row| row.is_active() && !row.hidden)
        {
            let definition = self.definition(tenant, &row.key, Some(row.latest)).await?;
            let Some(definition) = definition else {
                continue;
            };
            let starts = definition.graph.starts();
            let starts = starts.filter(|start| start.may_be_taken_by(&person));
            found.extend(starts.map(|start| Startable {
                definition: definition.id.clone(),
                title: definition.graph.title().clone(),
                start: start.key.clone(),
                start_title: start.title.clone(),
            }));
        }
        Ok(found)
    }
}

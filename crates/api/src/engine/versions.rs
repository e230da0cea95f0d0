//! Which version of a workflow a child runs.

use signoff_core::{
    facts::VersionAsk,
    graph::VersionRule,
    id::{DefinitionId, TenantId},
};

use crate::{engine::Engine, error::Error};

impl Engine {
    /// The version that `ask` means; `None` when there is no such workflow or version, or nothing of
    /// it may start.
    pub(super) async fn version_of(
        &self,
        tenant: &TenantId,
        ask: &VersionAsk,
    ) -> Result<Option<DefinitionId>, Error> {
        let store = &self.inner().store;
        let Some(workflow) = store.workflow(tenant, &ask.workflow).await? else {
            return Ok(None);
        };
        if !workflow.is_active() {
            return Ok(None);
        }
        let version = match ask.rule {
            VersionRule::Latest => Some(workflow.latest),
            VersionRule::Exact(version) => store
                .definition(tenant, &ask.workflow, Some(version))
                .await?
                .map(|row| row.version),
            VersionRule::Pinned if ask.workflow == ask.parent.workflow => Some(ask.parent.version),
            VersionRule::Pinned => {
                let parent = &ask.parent;
                let parent = store
                    .definition(tenant, &parent.workflow, Some(parent.version))
                    .await?;
                let then = match parent {
                    Some(parent) => {
                        let at = parent.published_at;
                        store.definition_as_of(tenant, &ask.workflow, at).await?
                    }
                    None => None,
                };
                // What was published only later has nothing older to be pinned to.
                Some(then.map_or(workflow.latest, |row| row.version))
            }
        };
        Ok(version.map(|version| DefinitionId {
            workflow: ask.workflow.clone(),
            version,
        }))
    }
}

//! Reads a part of a list.

use signoff_core::id::{TenantId, WorkflowKey};
use signoff_store::{
    Choice, FieldFilter, InstanceFilter, InstanceOrder, InstanceSummary, Page, TaskFilter,
    TaskSummary,
};

use super::{Found, Part, asked::malformed};
use crate::{engine::Engine, error::Error};

impl Engine {
    /// A part of the list of a tenant's instances, whoever may see them.
    ///
    /// # Errors
    /// `Request` when the cursor is not one of this list, or a workflow that is named does not keep a
    /// field for finding; when the store fails.
    pub async fn find_instances(
        &self,
        tenant: &TenantId,
        filter: &InstanceFilter,
        part: &Part,
    ) -> Result<Found<InstanceSummary>, Error> {
        let (workflows, fields) = (&filter.workflow, &filter.fields);
        self.check_indexed(tenant, workflows, fields, &filter.order)
            .await?;
        let store = self.store();
        let page = store.instances(tenant, filter, &part.page).await;
        found(part, page, store.count_instances(tenant, filter)).await
    }

    /// A part of the list of a tenant's tasks, whoever may see them.
    ///
    /// # Errors
    /// As [`Engine::find_instances`].
    pub async fn find_tasks(
        &self,
        tenant: &TenantId,
        filter: &TaskFilter,
        part: &Part,
    ) -> Result<Found<TaskSummary>, Error> {
        let (workflows, fields) = (&filter.workflow, &filter.fields);
        self.check_indexed(tenant, workflows, fields, &InstanceOrder::Started)
            .await?;
        let store = self.store();
        let page = store.tasks(tenant, filter, &part.page).await;
        found(part, page, store.count_tasks(tenant, filter)).await
    }

    /// A field that the newest version of a workflow does not keep for finding is a mistake of the reader.
    async fn check_indexed(
        &self,
        tenant: &TenantId,
        workflows: &Choice,
        fields: &[FieldFilter],
        order: &InstanceOrder,
    ) -> Result<(), Error> {
        let mut names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        if let InstanceOrder::Field { name, .. } = order {
            names.push(name);
        }
        let Choice::OneOf(workflows) = workflows else {
            return Ok(());
        };
        if names.is_empty() {
            return Ok(());
        }
        for workflow in workflows {
            let key = WorkflowKey::from(workflow.as_str());
            let Some(definition) = self.definition(tenant, &key, None).await? else {
                continue;
            };
            let indexed = definition.graph.indexed().iter();
            let indexed: Vec<String> = indexed.map(|field| field.path.to_string()).collect();
            let unknown = |name: &&&str| indexed.iter().all(|one| one != **name);
            if let Some(name) = names.iter().find(unknown) {
                return Err(malformed(format!(
                    "`{name}` is not among the `indexed` fields of `{workflow}`"
                )));
            }
        }
        Ok(())
    }
}

/// A part that was read, counted where that was asked for.
async fn found<T>(
    part: &Part,
    page: signoff_store::Result<Page<T>>,
    count: impl Future<Output = signoff_store::Result<u64>>,
) -> Result<Found<T>, Error> {
    let is_of_reader = |error: &signoff_store::Error| {
        part.page.after.is_some() && error.kind() == signoff_store::ErrorKind::Other
    };
    let page = page.map_err(|error| match is_of_reader(&error) {
        true => malformed("the cursor does not belong to this list"),
        false => error.into(),
    })?;
    let total = match part.total {
        true => Some(count.await?),
        false => None,
    };
    Ok(Found { page, total })
}

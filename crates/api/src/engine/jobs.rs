//! The jobs of an instance.

use signoff_core::id::{InstanceId, TenantId};
use signoff_store::JobSummary;

use crate::{engine::Engine, error::Error};

impl Engine {
    /// The jobs of an instance: those that are still to run, by due moment, then those that gave up.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn jobs_of(
        &self,
        tenant: &TenantId,
        instance: InstanceId,
    ) -> Result<Vec<JobSummary>, Error> {
        Ok(self.inner().store.jobs_of(tenant, instance).await?)
    }
}

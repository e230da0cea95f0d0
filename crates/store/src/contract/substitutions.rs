//! Who stands in for whom.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{PersonId, SubstitutionId, TenantId};

use crate::error::Result;

/// Somebody stands in for somebody who is out of office.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SubstitutionRow {
    /// Its id.
    pub id: SubstitutionId,
    /// Who is away.
    pub principal: PersonId,
    /// Who stands in.
    pub substitute: PersonId,
    /// From then on.
    pub from: Timestamp,
    /// Until then, that moment excluded; until further notice when not given.
    pub until: Option<Timestamp>,
    /// Who wrote it; `None` for the host.
    pub changed_by: Option<PersonId>,
    /// When it was written.
    pub changed_at: Timestamp,
}

/// Which substitutions. Everything named must hold.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SubstitutionFilter {
    /// Of this person, who is away.
    pub principal: Option<PersonId>,
    /// In force at this moment.
    pub at: Option<Timestamp>,
    /// Not over at this moment: in force, or still to come.
    pub not_over: Option<Timestamp>,
}

/// Keeping substitutions.
#[async_trait]
pub trait Substitutions {
    /// Substitutions, by principal, then beginning, then id.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn substitutions(
        &self,
        tenant: &TenantId,
        filter: &SubstitutionFilter,
    ) -> Result<Vec<SubstitutionRow>>;

    /// One substitution.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn substitution(
        &self,
        tenant: &TenantId,
        id: SubstitutionId,
    ) -> Result<Option<SubstitutionRow>>;

    /// Writes a substitution in place of the one of its id.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn substitution_put(&self, tenant: &TenantId, row: &SubstitutionRow) -> Result<()>;

    /// Drops a substitution; `false` when there is none.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn substitution_drop(&self, tenant: &TenantId, id: SubstitutionId) -> Result<bool>;
}

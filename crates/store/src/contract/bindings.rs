//! Bindings: what a type of subject is configured with.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{PersonId, TenantId};

use crate::error::Result;

/// What a type of subject is configured with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BindingRow {
    /// The type of subject.
    pub subject_type: String,
    /// The configuration, as JSON.
    pub body: String,
    /// Who wrote it; `None` for the host.
    pub changed_by: Option<PersonId>,
    /// When it was written.
    pub changed_at: Timestamp,
}

/// Keeping bindings.
#[async_trait]
pub trait Bindings {
    /// All bindings, by type.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn bindings(&self, tenant: &TenantId) -> Result<Vec<BindingRow>>;

    /// The binding of a type of subject.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn binding(&self, tenant: &TenantId, subject_type: &str) -> Result<Option<BindingRow>>;

    /// Writes a binding in place of the last one of its type.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn binding_put(&self, tenant: &TenantId, row: &BindingRow) -> Result<()>;

    /// Drops the binding of a type; `false` when there is none.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn binding_drop(&self, tenant: &TenantId, subject_type: &str) -> Result<bool>;
}

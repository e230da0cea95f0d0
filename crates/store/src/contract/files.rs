//! Files: what people uploaded, with what is in them.

use async_trait::async_trait;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use signoff_core::id::{FileId, InstanceId, PersonId, TaskId, TenantId};

use crate::error::Result;

/// A file without its content.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileRow {
    /// Its id.
    pub id: FileId,
    /// The instance that refers to it; `None` while nobody does.
    pub instance: Option<InstanceId>,
    /// The task that it was added to.
    pub task: Option<TaskId>,
    /// What its uploader calls it.
    pub name: String,
    /// Its media type, such as `application/pdf`.
    pub content_type: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of the content, lowercase hex.
    pub sha256: String,
    /// Which person uploaded it; `None` for the host.
    pub uploaded_by: Option<PersonId>,
    /// When.
    pub uploaded_at: Timestamp,
}

/// SHA-256 of `content`, lowercase hex.
#[must_use]
pub fn sha256(content: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(content) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Keeping files.
#[async_trait]
pub trait Files {
    /// Keeps a file. An id is given once: a second file of the same id fails.
    ///
    /// # Errors
    /// `Conflict` when the id is taken, `Unavailable`, `Other`.
    async fn file_put(&self, tenant: &TenantId, row: &FileRow, content: &[u8]) -> Result<()>;

    /// A file without its content.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn file(&self, tenant: &TenantId, id: FileId) -> Result<Option<FileRow>>;

    /// What is in a file.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn file_content(&self, tenant: &TenantId, id: FileId) -> Result<Option<Vec<u8>>>;

    /// The files that an instance refers to, by moment, then id.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`, `Other`.
    async fn files_of(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<FileRow>>;

    /// The instance refers to these files from now on, if nobody did; a second call changes nothing.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn files_keep(
        &self,
        tenant: &TenantId,
        ids: &[FileId],
        instance: InstanceId,
    ) -> Result<()>;

    /// The instance refers to these files no more; those of its tasks stay.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn files_release(
        &self,
        tenant: &TenantId,
        ids: &[FileId],
        instance: InstanceId,
    ) -> Result<()>;

    /// Drops files of the tenant, or of all, that were uploaded before that moment and that nobody
    /// refers to: those without an instance, and those whose instance is gone. Gives how many.
    ///
    /// # Errors
    /// `Unavailable`, `Other`.
    async fn files_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64>;
}

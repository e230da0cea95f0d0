//! Files.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{FileId, InstanceId, TenantId};

use super::Calls as _;
use crate::{
    contract::{FileRow, Files},
    error::{Error, ErrorKind, Result},
    sql::{Driver, read::file_row, statements},
};

#[async_trait]
impl<D: Driver> Files for D {
    async fn file_put(&self, tenant: &TenantId, row: &FileRow, content: &[u8]) -> Result<()> {
        let put = statements::put_file(tenant, row, content)?;
        match self.change("keep a file", vec![put]).await? {
            0 => Err(Error::new(
                ErrorKind::Conflict,
                "the id of the file is taken",
            )),
            _ => Ok(()),
        }
    }

    async fn file(&self, tenant: &TenantId, id: FileId) -> Result<Option<FileRow>> {
        let row = self
            .row("read a file", statements::file(tenant, id))
            .await?;
        row.map(file_row).transpose()
    }

    async fn file_content(&self, tenant: &TenantId, id: FileId) -> Result<Option<Vec<u8>>> {
        let bound = statements::file_content(tenant, id);
        let row = self.row("read what is in a file", bound).await?;
        row.map(|mut row| row.bytes()).transpose()
    }

    async fn files_of(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<FileRow>> {
        let bound = statements::files_of(tenant, instance);
        let rows = self.rows("list files", bound).await?;
        rows.into_iter().map(file_row).collect()
    }

    async fn files_keep(
        &self,
        tenant: &TenantId,
        ids: &[FileId],
        instance: InstanceId,
    ) -> Result<()> {
        let keep = statements::keep_files(tenant, ids, instance);
        self.change("give files to an instance", keep).await?;
        Ok(())
    }

    async fn files_release(
        &self,
        tenant: &TenantId,
        ids: &[FileId],
        instance: InstanceId,
    ) -> Result<()> {
        let release = statements::release_files(tenant, ids, instance);
        self.change("take files from an instance", release).await?;
        Ok(())
    }

    async fn files_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        let drop = statements::drop_files(tenant, before);
        self.change("drop files", vec![drop]).await
    }
}

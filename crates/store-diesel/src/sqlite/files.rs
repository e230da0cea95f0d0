//! Files.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{FileId, InstanceId, TenantId};
use signoff_store::{
    Error, ErrorKind, FileRow, Files, Result,
    sql::{Cells, read::file_row, sqlite},
};

use super::SqliteStore;

#[async_trait]
impl Files for SqliteStore {
    async fn file_put(&self, tenant: &TenantId, row: &FileRow, content: &[u8]) -> Result<()> {
        let put = sqlite::put_file(tenant, row, content)?;
        match self
            .writer()
            .write("keep a file", vec![put.into()])
            .await?
            .changed
        {
            0 => Err(Error::new(
                ErrorKind::Conflict,
                "the id of the file is taken",
            )),
            _ => Ok(()),
        }
    }

    async fn file(&self, tenant: &TenantId, id: FileId) -> Result<Option<FileRow>> {
        let file = sqlite::file(tenant, id);
        let row = self.readers().row("read a file", file).await?;
        row.map(file_row).transpose()
    }

    async fn file_content(&self, tenant: &TenantId, id: FileId) -> Result<Option<Vec<u8>>> {
        let content = sqlite::file_content(tenant, id);
        let row = self
            .readers()
            .row("read what is in a file", content)
            .await?;
        row.map(|mut row| row.bytes()).transpose()
    }

    async fn files_of(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<FileRow>> {
        let files = sqlite::files_of(tenant, instance);
        let rows = self.readers().rows("list files", files).await?;
        rows.into_iter().map(file_row).collect()
    }

    async fn files_keep(
        &self,
        tenant: &TenantId,
        ids: &[FileId],
        instance: InstanceId,
    ) -> Result<()> {
        let keep = sqlite::keep_files(tenant, ids, instance);
        let keep = keep.into_iter().map(Into::into).collect();
        self.writer()
            .write("give files to an instance", keep)
            .await?;
        Ok(())
    }

    async fn files_release(
        &self,
        tenant: &TenantId,
        ids: &[FileId],
        instance: InstanceId,
    ) -> Result<()> {
        let release = sqlite::release_files(tenant, ids, instance);
        let release = release.into_iter().map(Into::into).collect();
        self.writer()
            .write("take files from an instance", release)
            .await?;
        Ok(())
    }

    async fn files_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        let drop = sqlite::drop_files(tenant, before);
        let dropped = self.writer().write("drop files", vec![drop.into()]).await?;
        Ok(u64::try_from(dropped.changed).unwrap_or(u64::MAX))
    }
}

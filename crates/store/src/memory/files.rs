//! Files in memory.

use async_trait::async_trait;
use jiff::Timestamp;
use signoff_core::id::{FileId, InstanceId, TenantId};

use crate::{
    contract::{FileRow, Files},
    error::{Error, ErrorKind, Result},
    memory::MemoryStore,
};

#[async_trait]
impl Files for MemoryStore {
    async fn file_put(&self, tenant: &TenantId, row: &FileRow, content: &[u8]) -> Result<()> {
        let mut books = self.books();
        let key = (tenant.clone(), row.id);
        if books.files.contains_key(&key) {
            return Err(Error::new(
                ErrorKind::Conflict,
                "the id of the file is taken",
            ));
        }
        books.files.insert(key, (row.clone(), content.to_vec()));
        Ok(())
    }

    async fn file(&self, tenant: &TenantId, id: FileId) -> Result<Option<FileRow>> {
        let books = self.books();
        let found = books.files.get(&(tenant.clone(), id));
        Ok(found.map(|(row, _)| row.clone()))
    }

    async fn file_content(&self, tenant: &TenantId, id: FileId) -> Result<Option<Vec<u8>>> {
        let books = self.books();
        let found = books.files.get(&(tenant.clone(), id));
        Ok(found.map(|(_, content)| content.clone()))
    }

    async fn files_of(&self, tenant: &TenantId, instance: InstanceId) -> Result<Vec<FileRow>> {
        let books = self.books();
        let all = books.files.iter().filter(|((of, _), _)| of == tenant);
        let mut found: Vec<FileRow> = all
            .map(|(_, (row, _))| row)
            .filter(|row| row.instance == Some(instance))
            .cloned()
            .collect();
        found.sort_by_key(|row| (row.uploaded_at, row.id));
        Ok(found)
    }

    async fn files_keep(
        &self,
        tenant: &TenantId,
        ids: &[FileId],
        instance: InstanceId,
    ) -> Result<()> {
        let mut books = self.books();
        for id in ids {
            if let Some((row, _)) = books.files.get_mut(&(tenant.clone(), *id)) {
                row.instance.get_or_insert(instance);
            }
        }
        Ok(())
    }

    async fn files_release(
        &self,
        tenant: &TenantId,
        ids: &[FileId],
        instance: InstanceId,
    ) -> Result<()> {
        let mut books = self.books();
        for id in ids {
            if let Some((row, _)) = books.files.get_mut(&(tenant.clone(), *id))
                && row.task.is_none()
                && row.instance == Some(instance)
            {
                row.instance = None;
            }
        }
        Ok(())
    }

    async fn files_drop(&self, tenant: Option<&TenantId>, before: Timestamp) -> Result<u64> {
        let mut books = self.books();
        let unused: Vec<(TenantId, FileId)> = books
            .files
            .iter()
            .filter(|((of, _), (row, _))| {
                let used = row
                    .instance
                    .is_some_and(|id| books.version(of, id).is_some());
                tenant.is_none_or(|tenant| tenant == of) && row.uploaded_at < before && !used
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in &unused {
            books.files.remove(key);
        }
        Ok(u64::try_from(unused.len()).unwrap_or(u64::MAX))
    }
}

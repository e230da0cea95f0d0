//! Files.

use jiff::Timestamp;
use signoff_core::id::{FileId, InstanceId, TenantId};

use crate::{
    contract::FileRow,
    error::{Error, ErrorKind, Result},
    sql::{Arg, Bound, Sql},
};

// 1 tenant, 2 id, 3 instance, 4 task, 5 name, 6 content type, 7 size, 8 hash, 9 person, 10 moment,
// 11 content.
static PUT: Sql = Sql::new("INSERT INTO signoff_file
    (tenant, id, instance, task, name, content_type, size, sha256, uploaded_by, uploaded_at, content)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT DO NOTHING")
.mysql("INSERT INTO signoff_file
    (tenant, id, instance, task, name, content_type, size, sha256, uploaded_by, uploaded_at, content)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");

// 1 tenant, 2 id.
static ONE: Sql = Sql::new(
    "SELECT id, instance, task, name, content_type, size, sha256, uploaded_by, uploaded_at
FROM signoff_file WHERE tenant = ?1 AND id = ?2",
);
static CONTENT: Sql = Sql::new("SELECT content FROM signoff_file WHERE tenant = ?1 AND id = ?2");

// 1 tenant, 2 instance.
static OF: Sql = Sql::new(
    "SELECT id, instance, task, name, content_type, size, sha256, uploaded_by, uploaded_at
FROM signoff_file WHERE tenant = ?1 AND instance = ?2
ORDER BY uploaded_at, id",
);

// 1 tenant, 2 id, 3 instance.
static KEEP: Sql = Sql::new(
    "UPDATE signoff_file SET instance = ?3
WHERE tenant = ?1 AND id = ?2 AND instance IS NULL",
);
static RELEASE: Sql = Sql::new(
    "UPDATE signoff_file SET instance = NULL
WHERE tenant = ?1 AND id = ?2 AND instance = ?3 AND task IS NULL",
);

// 1 tenant or null, 2 moment.
static DROP: Sql = Sql::new(
    "DELETE FROM signoff_file
WHERE (?1 IS NULL OR tenant = ?1) AND uploaded_at < ?2
    AND (instance IS NULL OR NOT EXISTS (SELECT 1 FROM signoff_instance AS kept
        WHERE kept.tenant = signoff_file.tenant AND kept.id = signoff_file.instance))",
);

/// Keeps a file; no row is changed when the id is taken.
///
/// # Errors
/// `Other` when the size is beyond 63 bits.
pub(crate) fn put_file(tenant: &TenantId, row: &FileRow, content: &[u8]) -> Result<Bound> {
    let size = i64::try_from(row.size).map_err(|error| {
        Error::new(ErrorKind::Other, "the size is beyond 63 bits").caused_by(error)
    })?;
    Ok(Bound::new(&PUT)
        .bind(tenant.as_str())
        .bind(row.id.uuid())
        .bind(row.instance.map(InstanceId::uuid))
        .bind(row.task.map(signoff_core::id::TaskId::uuid))
        .bind(row.name.as_str())
        .bind(row.content_type.as_str())
        .bind(size)
        .bind(row.sha256.as_str())
        .bind(row.uploaded_by.as_ref().map(|person| person.as_str()))
        .bind(row.uploaded_at)
        .bind(Arg::Bytes(Some(content.to_vec()))))
}

/// A file without its content.
pub(crate) fn file(tenant: &TenantId, id: FileId) -> Bound {
    Bound::new(&ONE).bind(tenant.as_str()).bind(id.uuid())
}

/// What is in a file.
pub(crate) fn file_content(tenant: &TenantId, id: FileId) -> Bound {
    Bound::new(&CONTENT).bind(tenant.as_str()).bind(id.uuid())
}

/// The files of an instance.
pub(crate) fn files_of(tenant: &TenantId, instance: InstanceId) -> Bound {
    Bound::new(&OF).bind(tenant.as_str()).bind(instance.uuid())
}

/// Gives files to an instance; all statements in one transaction.
pub(crate) fn keep_files(tenant: &TenantId, ids: &[FileId], instance: InstanceId) -> Vec<Bound> {
    each(&KEEP, tenant, ids, instance)
}

/// Takes files from an instance; all statements in one transaction.
pub(crate) fn release_files(tenant: &TenantId, ids: &[FileId], instance: InstanceId) -> Vec<Bound> {
    each(&RELEASE, tenant, ids, instance)
}

fn each(sql: &'static Sql, tenant: &TenantId, ids: &[FileId], instance: InstanceId) -> Vec<Bound> {
    let one = |id: &FileId| {
        let bound = Bound::new(sql).bind(tenant.as_str());
        bound.bind(id.uuid()).bind(instance.uuid())
    };
    ids.iter().map(one).collect()
}

/// Drops files that nobody refers to.
pub(crate) fn drop_files(tenant: Option<&TenantId>, before: Timestamp) -> Bound {
    let bound = Bound::new(&DROP).bind(tenant.map(TenantId::as_str));
    bound.bind(before)
}

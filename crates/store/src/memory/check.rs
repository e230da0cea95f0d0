//! Whether changes can be written, before anything of them is.

use std::collections::{BTreeMap, BTreeSet};

use signoff_core::{
    change::Rows,
    id::{InstanceId, MessageId, TenantId},
    instance::InstanceRow,
};

use crate::error::{Error, ErrorKind, Result};

/// Whether changes can be written, one after the other, onto what is stored.
pub(super) fn check(
    changes: &[Rows],
    version: impl Fn(&TenantId, InstanceId) -> Option<u64>,
    holder: impl Fn(&TenantId, &str) -> Option<InstanceId>,
    unique: impl Fn(&InstanceRow) -> Option<InstanceId>,
    is_gone: impl Fn(&Rows) -> bool,
) -> Result<()> {
    let mut written: BTreeMap<(&TenantId, InstanceId), &InstanceRow> = BTreeMap::new();
    for rows in changes {
        let row = &rows.instance;
        let key = (&row.tenant, row.id);
        let stored = match written.get(&key) {
            Some(row) => row.version,
            None => version(&row.tenant, row.id).unwrap_or(0),
        };
        if stored != rows.before {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!(
                    "instance `{}` is at version {stored}, expected {}",
                    row.id, rows.before
                ),
            ));
        }
        if rows.before == 0 && is_gone(rows) {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("the workflow `{}` was changed meanwhile", row.workflow),
            ));
        }
        let same_key = |other: &InstanceRow| {
            row.unique_key.is_some()
                && (&other.unique_key, &other.workflow) == (&row.unique_key, &row.workflow)
        };
        let taken = written
            .iter()
            .any(|((tenant, id), other)| *tenant == key.0 && *id != row.id && same_key(other));
        if rows.before == 0 && (taken || unique(row).is_some()) {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("the business key of instance `{}` is taken", row.id),
            ));
        }
        written.insert(key, row);
        let Some(exclusive) = &row.exclusive else {
            continue;
        };
        let earlier = written.iter().any(|((tenant, id), other)| {
            *tenant == key.0 && *id != row.id && other.exclusive.as_ref() == Some(exclusive)
        });
        let stored = holder(&row.tenant, exclusive)
            .filter(|id| *id != row.id && !written.contains_key(&(&row.tenant, *id)));
        if earlier || stored.is_some() {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("the exclusive key of instance `{}` is taken", row.id),
            ));
        }
    }
    Ok(())
}

/// Whether the messages that changes consume can be consumed, each once.
pub(super) fn check_consumed(
    changes: &[Rows],
    is_waiting: impl Fn(&TenantId, &MessageId) -> bool,
) -> Result<()> {
    let mut consumed = BTreeSet::new();
    for rows in changes {
        let tenant = &rows.instance.tenant;
        for id in &rows.consumed {
            if !consumed.insert((tenant, id)) || !is_waiting(tenant, id) {
                return Err(Error::new(
                    ErrorKind::Conflict,
                    format!("the message `{id}` is not there or consumed already"),
                ));
            }
        }
    }
    Ok(())
}

/// Whether the requests that changes answer are new, each once.
pub(super) fn check_requests(
    changes: &[Rows],
    is_answered: impl Fn(&TenantId, &str) -> bool,
) -> Result<()> {
    let mut answered = BTreeSet::new();
    for rows in changes {
        let tenant = &rows.instance.tenant;
        let Some(request) = &rows.request else {
            continue;
        };
        if !answered.insert((tenant, &request.id)) || is_answered(tenant, &request.id) {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("the request `{}` was answered before", request.id),
            ));
        }
    }
    Ok(())
}

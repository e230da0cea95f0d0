//! Instances, history and incidents.

use signoff_core::id::{InstanceId, PersonId, TenantId};

use crate::{contract::InstanceFilter, place::Place, sql::Bound};

macro_rules! instances {
    ($when:literal) => {
        concat!(
            "SELECT id, version, workflow, definition, status, title, subject_type, subject_id, exclusive,
    requester, parent, started_at, changed_at, ended_at
FROM signoff_instance
WHERE tenant = ?1 AND (started_at, id) < (?2, ?3) AND (?5 IS NULL OR status = ?5)
    AND (?6 IS NULL OR workflow = ?6) AND ",
            $when,
            "\nORDER BY started_at DESC, id DESC LIMIT ?4"
        )
    };
}

// 1 tenant, 2 and 3 place, 4 limit, 5 status, 6 workflow, 7 requester, 8 subject type, 9 subject id,
// 10 parent; NULL from 5 on means any. Each is for those filters that its index serves.
const ALL: &str =
    instances!("(?8 IS NULL OR subject_type = ?8) AND (?7 IS NULL OR ?9 IS NULL OR ?10 IS NULL)");
const BY_REQUESTER: &str = instances!(
    "requester = ?7 AND (?8 IS NULL OR subject_type = ?8) AND (?9 IS NULL OR ?10 IS NULL)"
);
const BY_SUBJECT: &str = instances!(
    "subject_type = ?8 AND subject_id = ?9 AND (?7 IS NULL OR requester = ?7) AND ?10 IS NULL"
);
const BY_PARENT: &str = instances!(
    "parent = ?10 AND (?7 IS NULL OR requester = ?7)
    AND (?8 IS NULL OR subject_type = ?8) AND (?9 IS NULL OR subject_id = ?9)"
);

/// Instances, the latest started first, from a place on.
#[must_use]
pub fn instances(tenant: &TenantId, filter: &InstanceFilter, place: Place, limit: i64) -> Bound {
    let sql = match (&filter.parent, &filter.subject, &filter.requester) {
        (Some(_), _, _) => BY_PARENT,
        (None, Some(_), _) => BY_SUBJECT,
        (None, None, Some(_)) => BY_REQUESTER,
        (None, None, None) => ALL,
    };
    let subject = filter.subject.as_ref();
    let kind = subject.map(|subject| subject.kind.as_str());
    Bound::new(sql)
        .bind(tenant.as_str())
        .bind(place.at)
        .bind(place.id)
        .bind(limit)
        .bind(filter.status.as_deref())
        .bind(filter.workflow.as_deref())
        .bind(filter.requester.as_ref().map(PersonId::as_str))
        .bind(kind.or(filter.subject_type.as_deref()))
        .bind(subject.map(|subject| subject.id.as_str()))
        .bind(filter.parent.map(InstanceId::uuid))
}

/// The history of an instance. 1 tenant, 2 instance.
pub const HISTORY: &str = "SELECT version, at, person, body FROM signoff_event
WHERE tenant = ?1 AND instance = ?2 ORDER BY version";

macro_rules! incidents {
    ($when:literal) => {
        concat!(
            "SELECT id, instance, code, message, node, opened_at FROM signoff_incident
WHERE tenant = ?1 AND (opened_at, id) < (?2, ?3) AND ",
            $when,
            "\nORDER BY opened_at DESC, id DESC LIMIT ?4"
        )
    };
}

/// Incidents, the latest first. 1 tenant, 2 and 3 place, 4 limit, 5 NULL.
pub const INCIDENTS: &str = incidents!("?5 IS NULL");

/// The same of one instance, 5.
pub const INCIDENTS_OF: &str = incidents!("instance = ?5");

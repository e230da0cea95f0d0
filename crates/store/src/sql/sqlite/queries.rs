//! Instances, history and incidents.

macro_rules! instances {
    ($when:literal) => {
        concat!(
            "SELECT id, version, workflow, definition, status, title, subject_type, subject_id, exclusive,
    requester, started_at, changed_at, ended_at
FROM signoff_instance
WHERE tenant = ?1 AND (started_at, id) < (?2, ?3) AND (?5 IS NULL OR status = ?5)
    AND (?6 IS NULL OR workflow = ?6) AND ",
            $when,
            "\nORDER BY started_at DESC, id DESC LIMIT ?4"
        )
    };
}

/// Instances, the latest started first. 1 tenant, 2 and 3 place, 4 limit, 5 status, 6 workflow;
/// 7 requester, 8 subject type and 9 subject id are not looked at. Nullable from 5 on.
pub const INSTANCES: &str = instances!("(?7 IS NULL OR ?8 IS NULL OR ?9 IS NULL)");

/// The same of one requester, 7.
pub const INSTANCES_BY_REQUESTER: &str =
    instances!("requester = ?7 AND (?8 IS NULL OR ?9 IS NULL)");

/// The same of one subject, 8 and 9, and of the requester 7 if any.
pub const INSTANCES_BY_SUBJECT: &str =
    instances!("subject_type = ?8 AND subject_id = ?9 AND (?7 IS NULL OR requester = ?7)");

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

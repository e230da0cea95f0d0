//! History and incidents.

use signoff_core::id::{InstanceId, TenantId};

use crate::{
    contract::IncidentFilter,
    place::{Place, Way},
    sql::{Bound, Sql},
};

/// The history of an instance. 1 tenant, 2 instance.
static HISTORY: Sql = Sql::new(
    "SELECT version, at, person, body FROM signoff_event
WHERE tenant = ?1 AND instance = ?2 ORDER BY version",
);

macro_rules! incidents {
    (of $index:literal, $behind:literal, $when:literal, $way:literal) => {
        concat!(
            "SELECT id, instance, code, message, node, opened_at FROM signoff_incident",
            $index,
            "
WHERE tenant = ?1 AND ",
            $behind,
            " AND ",
            $when,
            "\nORDER BY opened_at",
            $way,
            ", id",
            $way,
            " LIMIT ?4"
        )
    };
    ($index:literal, $when:literal) => {
        [
            Sql::new(incidents!(of "", "(opened_at, id) < (?2, ?3)", $when, " DESC"))
                .mysql(incidents!(of $index, "opened_at <= ?2 AND (opened_at < ?2 OR id < ?3)", $when, " DESC")),
            Sql::new(incidents!(of "", "(opened_at, id) > (?2, ?3)", $when, ""))
                .mysql(incidents!(of $index, "opened_at >= ?2 AND (opened_at > ?2 OR id > ?3)", $when, "")),
        ]
    };
}

// On and back.
static INCIDENTS: [Sql; 2] = incidents!(" FORCE INDEX (signoff_incident_opened)", "?5 IS NULL");
static INCIDENTS_OF: [Sql; 2] =
    incidents!(" FORCE INDEX (signoff_incident_instance)", "instance = ?5");
static INCIDENT: [Sql; 2] = incidents!("", "id = ?6 AND (?5 IS NULL OR instance = ?5)");

/// Incidents, the latest first, from a place on, or against that order.
pub(crate) fn incidents(
    tenant: &TenantId,
    filter: &IncidentFilter,
    place: Place,
    way: Way,
    limit: i64,
) -> Bound {
    let both = match (filter.id, filter.instance) {
        (None, None) => &INCIDENTS,
        (None, Some(_)) => &INCIDENTS_OF,
        (Some(_), _) => &INCIDENT,
    };
    let bound = Bound::new(&both[usize::from(way == Way::Back)])
        .bind(tenant.as_str())
        .bind(place.at)
        .bind(place.id)
        .bind(limit)
        .bind(filter.instance.map(InstanceId::uuid));
    match filter.id {
        None => bound,
        Some(id) => bound.bind(id.uuid()),
    }
}

/// The history of an instance.
pub(crate) fn history(tenant: &TenantId, instance: InstanceId) -> Bound {
    let bound = Bound::new(&HISTORY).bind(tenant.as_str());
    bound.bind(instance.uuid())
}

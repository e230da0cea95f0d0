//! Instances, history and incidents.

use signoff_core::id::{InstanceId, PersonId, TenantId};

use crate::{
    contract::{IncidentFilter, InstanceFilter, InstanceOrder},
    place::{InstancePlace, Place},
    sql::{
        Bound, Sql,
        statements::fields::{fields_hold, wanted},
    },
};

macro_rules! instances {
    (mysql $index:literal, $($when:tt)+) => {
        concat!(
            "SELECT id, parent, NULL, version, definition, started_at, changed_at, ended_at,
    workflow, status, title, subject_type, subject_id, exclusive, business_key, unique_key,
    requester, NULL
FROM signoff_instance",
            $index,
            "
WHERE tenant = ?1 AND started_at <= ?2 AND (started_at < ?2 OR id < ?3) AND (?5 IS NULL OR status = ?5)
    AND (?6 IS NULL OR workflow = ?6) AND ",
            $($when)+,
            "\nORDER BY started_at DESC, id DESC LIMIT ?4"
        )
    };
    ($($when:tt)+) => {
        concat!(
            "SELECT id, parent, NULL, version, definition, started_at, changed_at, ended_at,
    workflow, status, title, subject_type, subject_id, exclusive, business_key, unique_key,
    requester, NULL
FROM signoff_instance
WHERE tenant = ?1 AND (started_at, id) < (?2, ?3) AND (?5 IS NULL OR status = ?5)
    AND (?6 IS NULL OR workflow = ?6) AND ",
            $($when)+,
            "\nORDER BY started_at DESC, id DESC LIMIT ?4"
        )
    };
}

// 1 tenant, 2 and 3 place, 4 limit, 5 status, 6 workflow, 7 requester, 8 subject type, 9 subject id,
// 10 parent; NULL from 5 on means any. Each is for those filters that its index serves.
macro_rules! by_index {
    ($index:literal, $when:literal) => {
        Sql::new(instances!($when)).mysql(instances!(mysql $index, $when))
    };
}
static ALL: Sql = by_index!(
    " FORCE INDEX (signoff_instance_started)",
    "(?8 IS NULL OR subject_type = ?8) AND (?7 IS NULL OR ?9 IS NULL OR ?10 IS NULL)"
);
static BY_REQUESTER: Sql = by_index!(
    " FORCE INDEX (signoff_instance_requester)",
    "requester = ?7 AND (?8 IS NULL OR subject_type = ?8) AND (?9 IS NULL OR ?10 IS NULL)"
);
static BY_SUBJECT: Sql = by_index!(
    " FORCE INDEX (signoff_instance_subject)",
    "subject_type = ?8 AND subject_id = ?9 AND (?7 IS NULL OR requester = ?7) AND ?10 IS NULL"
);
static BY_PARENT: Sql = by_index!(
    " FORCE INDEX (signoff_instance_parent)",
    "parent = ?10 AND (?7 IS NULL OR requester = ?7)
    AND (?8 IS NULL OR subject_type = ?8) AND (?9 IS NULL OR subject_id = ?9)"
);

// The rest of the filter where fields of the data are asked for; 11 is what of them, as JSON.
macro_rules! fields {
    (sqlite) => {
        fields!(fields_hold!("signoff_instance.id", "?11"))
    };
    (postgres) => {
        fields!(fields_hold!(postgres "signoff_instance.id", "?11"))
    };
    (mysql) => {
        fields!(fields_hold!(mysql "signoff_instance.id", "?11"))
    };
    ($hold:expr) => {
        concat!(
            "(?7 IS NULL OR requester = ?7) AND (?8 IS NULL OR subject_type = ?8)
    AND (?9 IS NULL OR subject_id = ?9) AND (?10 IS NULL OR parent = ?10)
    AND ",
            $hold
        )
    };
}
static BY_ANY_FIELD: Sql = Sql::new(instances!(fields!(sqlite)))
    .postgres(instances!(fields!(postgres)))
    .mysql(instances!(mysql " FORCE INDEX (signoff_instance_started)", fields!(mysql)));

// 12 the name of a field, 13 its least key, 14 what its key is below.
macro_rules! by_field {
    (mysql) => {
        instances!(mysql "", by_field!(of fields!(mysql)))
    };
    (of $fields:expr) => {
        concat!(
            "id IN (SELECT instance FROM signoff_field
        WHERE tenant = ?1 AND name = ?12 AND sort_key >= ?13 AND sort_key < ?14)
    AND ",
            $fields
        )
    };
    ($fields:expr) => {
        instances!(by_field!(of $fields))
    };
}
static BY_FIELD: Sql = Sql::new(by_field!(fields!(sqlite)))
    .postgres(by_field!(fields!(postgres)))
    .mysql(by_field!(mysql));

// 12 the name of the field that orders, 13 the key behind which it begins, or NULL, 3 its id.
macro_rules! ordered {
    ($join:literal, $behind:literal, $way:literal, $fields:expr) => {
        concat!(
            "SELECT id, parent, NULL, version, definition, started_at, changed_at, ended_at,
    workflow, status, title, subject_type, subject_id, exclusive, business_key, unique_key,
    requester, place.sort_key
FROM signoff_field AS place
",
            $join,
            " signoff_instance ON signoff_instance.tenant = place.tenant AND signoff_instance.id = place.instance
WHERE place.tenant = ?1 AND place.name = ?12 AND ",
            $behind,
            "\n    AND (?5 IS NULL OR status = ?5) AND (?6 IS NULL OR workflow = ?6) AND ",
            $fields,
            "\nORDER BY place.sort_key",
            $way,
            ", place.instance",
            $way,
            " LIMIT ?4"
        )
    };
    ($behind:literal, $behind_mysql:literal, $way:literal) => {
        Sql::new(ordered!("CROSS JOIN", $behind, $way, fields!(sqlite)))
            .postgres(ordered!("JOIN", $behind, $way, fields!(postgres)))
            .mysql(ordered!("STRAIGHT_JOIN", $behind_mysql, $way, fields!(mysql)))
    };
}
static ASCENDING: Sql = ordered!(
    "(?13 IS NULL OR (place.sort_key, place.instance) > (?13, ?3))",
    "(?13 IS NULL OR place.sort_key >= ?13)
    AND (?13 IS NULL OR place.sort_key > ?13 OR place.instance > ?3)",
    ""
);
static DESCENDING: Sql = ordered!(
    "(?13 IS NULL OR (place.sort_key, place.instance) < (?13, ?3))",
    "(?13 IS NULL OR place.sort_key <= ?13)
    AND (?13 IS NULL OR place.sort_key < ?13 OR place.instance < ?3)",
    " DESC"
);

/// Instances in the order of the filter, from a place on, each with the key that it is ordered by,
/// or NULL.
pub(crate) fn instances(
    tenant: &TenantId,
    filter: &InstanceFilter,
    place: &InstancePlace,
    limit: i64,
) -> Bound {
    if let (InstanceOrder::Field { name, descending }, InstancePlace::Field(after)) =
        (&filter.order, place)
    {
        let sql = if *descending { &DESCENDING } else { &ASCENDING };
        let (key, id) = after.clone().unzip();
        return bound(
            sql,
            tenant,
            filter,
            (i64::MIN, id.unwrap_or_default()),
            limit,
        )
        .bind(wanted(&filter.fields))
        .bind(name.as_str())
        .bind(key);
    }
    let place = match place {
        InstancePlace::Started(place) => (place.at, place.id),
        InstancePlace::Field(_) => (i64::MAX, uuid::Uuid::max()),
    };
    if filter.fields.is_empty() {
        return bound(by_index(filter), tenant, filter, place, limit);
    }
    let wants = filter.fields.iter().map(|field| (field, field.wanted()));
    let driver = wants
        .filter_map(|(field, want)| {
            let (from, to) = want.bounds()?;
            Some((field.name.clone(), from.to_owned(), to.to_owned()))
        })
        .next();
    match driver {
        None => bound(&BY_ANY_FIELD, tenant, filter, place, limit).bind(wanted(&filter.fields)),
        Some((name, from, to)) => bound(&BY_FIELD, tenant, filter, place, limit)
            .bind(wanted(&filter.fields))
            .bind(name)
            .bind(from)
            .bind(to),
    }
}

fn by_index(filter: &InstanceFilter) -> &'static Sql {
    match (&filter.parent, &filter.subject, &filter.requester) {
        (Some(_), _, _) => &BY_PARENT,
        (None, Some(_), _) => &BY_SUBJECT,
        (None, None, Some(_)) => &BY_REQUESTER,
        (None, None, None) => &ALL,
    }
}

fn bound(
    sql: &'static Sql,
    tenant: &TenantId,
    filter: &InstanceFilter,
    place: (i64, uuid::Uuid),
    limit: i64,
) -> Bound {
    let subject = filter.subject.as_ref();
    let kind = subject.map(|subject| subject.kind.as_str());
    Bound::new(sql)
        .bind(tenant.as_str())
        .bind(place.0)
        .bind(place.1)
        .bind(limit)
        .bind(filter.status.as_deref())
        .bind(filter.workflow.as_deref())
        .bind(filter.requester.as_ref().map(PersonId::as_str))
        .bind(kind.or(filter.subject_type.as_deref()))
        .bind(subject.map(|subject| subject.id.as_str()))
        .bind(filter.parent.map(InstanceId::uuid))
}

/// The history of an instance. 1 tenant, 2 instance.
static HISTORY: Sql = Sql::new(
    "SELECT version, at, person, body FROM signoff_event
WHERE tenant = ?1 AND instance = ?2 ORDER BY version",
);

macro_rules! incidents {
    (of $index:literal, $behind:literal, $when:literal) => {
        concat!(
            "SELECT id, instance, code, message, node, opened_at FROM signoff_incident",
            $index,
            "
WHERE tenant = ?1 AND ",
            $behind,
            " AND ",
            $when,
            "\nORDER BY opened_at DESC, id DESC LIMIT ?4"
        )
    };
    ($index:literal, $when:literal) => {
        Sql::new(incidents!(of "", "(opened_at, id) < (?2, ?3)", $when))
            .mysql(incidents!(of $index, "opened_at <= ?2 AND (opened_at < ?2 OR id < ?3)", $when))
    };
}

static INCIDENTS: Sql = incidents!(" FORCE INDEX (signoff_incident_opened)", "?5 IS NULL");
static INCIDENTS_OF: Sql = incidents!(" FORCE INDEX (signoff_incident_instance)", "instance = ?5");
static INCIDENT: Sql = incidents!("", "id = ?6 AND (?5 IS NULL OR instance = ?5)");

/// Incidents, the latest first, from a place on.
pub(crate) fn incidents(
    tenant: &TenantId,
    filter: &IncidentFilter,
    place: Place,
    limit: i64,
) -> Bound {
    let sql = match (filter.id, filter.instance) {
        (None, None) => &INCIDENTS,
        (None, Some(_)) => &INCIDENTS_OF,
        (Some(_), _) => &INCIDENT,
    };
    let bound = Bound::new(sql)
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

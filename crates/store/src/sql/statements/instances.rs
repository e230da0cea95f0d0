//! Lists of instances: each reads an index in the order of the list.

use signoff_core::id::{InstanceId, PersonId, TenantId};
use uuid::Uuid;

use crate::{
    contract::{FieldFilter, FieldTest, InstanceFilter, InstanceOrder},
    place::{InstancePlace, List, Way},
    sql::{
        Bound, Sql, nanos,
        statements::{
            fields::{fields_hold, wanted},
            words::{is_chosen, is_found},
        },
    },
};

macro_rules! columns {
    ($key:literal) => {
        concat!(
            "SELECT i.id, i.parent, NULL, i.version, i.definition, i.started_at, i.changed_at, i.ended_at,
    i.workflow, i.status, i.title, i.subject_type, i.subject_id, i.exclusive, i.business_key, i.unique_key,
    i.requester, ",
            $key,
            "\nFROM "
        )
    };
}

// 1 tenant, 2 and 3 place, 4 limit, 5 status, 6 workflow, 7 requester, 8 subject type, 9 subject id,
// 10 parent, 11 the far end of the moments of start, 13 business key; NULL from 5 to 10 and for 13 means any.
macro_rules! on {
    () => {
        "(i.started_at, i.id) < (?2, ?3) AND i.started_at >= ?11"
    };
    (mysql) => {
        "i.started_at <= ?2 AND (i.started_at < ?2 OR i.id < ?3) AND i.started_at >= ?11"
    };
    (order) => {
        "\nORDER BY i.started_at DESC, i.id DESC LIMIT ?4"
    };
}
macro_rules! back {
    () => {
        "(i.started_at, i.id) > (?2, ?3) AND i.started_at <= ?11"
    };
    (mysql) => {
        "i.started_at >= ?2 AND (i.started_at > ?2 OR i.id > ?3) AND i.started_at <= ?11"
    };
    (order) => {
        "\nORDER BY i.started_at, i.id LIMIT ?4"
    };
}

macro_rules! plain {
    ($database:ident) => {
        "\n    AND (?5 IS NULL OR i.status = ?5) AND (?6 IS NULL OR i.workflow = ?6)"
    };
}

// 5 and 6 are lists, 14 none of these statuses, 15 none of these workflows, 16 a part to search for,
// 17 from when it ended, 18 before when, 19 whether it has open incidents, 20 what of the fields of the
// data; each NULL for any.
macro_rules! narrow {
    ($database:ident) => {
        concat!(
            "\n   ",
            is_chosen!($database "i.status", "?5", "?14"),
            "\n   ",
            is_chosen!($database "i.workflow", "?6", "?15"),
            "
    AND (?17 IS NULL OR i.ended_at >= ?17) AND (?18 IS NULL OR i.ended_at < ?18)
    AND (?19 IS NULL OR ?19 = CASE WHEN EXISTS (
        SELECT 1 FROM signoff_incident AS trouble WHERE trouble.tenant = ?1 AND trouble.instance = i.id
    ) THEN 1 ELSE 0 END)
    AND (?16 IS NULL OR ",
            is_found!($database "?16"),
            ")
    AND (?20 IS NULL OR ",
            fields_hold!($database "i.id", "?20"),
            ")"
        )
    };
}

/// A list that reads one index in its order.
#[derive(Debug)]
struct InstanceList {
    /// For filters without anything narrow: on and back.
    plain: Option<[Sql; 2]>,
    narrow: [Sql; 2],
    count: Sql,
}

macro_rules! page {
    ($head:expr, ($sqlite:expr, $mysql:expr), $when:literal, $way:ident, $more:ident, $order:expr) => {
        Sql::new(concat!(
            $head,
            "signoff_instance AS i",
            $sqlite,
            "\nWHERE i.tenant = ?1 AND ",
            $way!(),
            "\n    AND ",
            $when,
            $more!(sqlite),
            $order
        ))
        .postgres(concat!(
            $head,
            "signoff_instance AS i\nWHERE i.tenant = ?1 AND ",
            $way!(),
            "\n    AND ",
            $when,
            $more!(postgres),
            $order
        ))
        .mysql(concat!(
            $head,
            "signoff_instance AS i",
            $mysql,
            "\nWHERE i.tenant = ?1 AND ",
            $way!(mysql),
            "\n    AND ",
            $when,
            $more!(mysql),
            $order
        ))
    };
}

macro_rules! pages {
    ($hints:tt, $when:literal, $more:ident) => {
        [
            page!(columns!("NULL"), $hints, $when, on, $more, on!(order)),
            page!(columns!("NULL"), $hints, $when, back, $more, back!(order)),
        ]
    };
}

macro_rules! by_index {
    ($index:literal, $when:literal) => {
        by_index!(
            of(
                concat!(" INDEXED BY ", $index),
                concat!(" FORCE INDEX (", $index, ")")
            ),
            $when
        )
    };
    (of $hints:tt, $when:literal) => {
        InstanceList {
            plain: Some(pages!($hints, $when, plain)),
            narrow: pages!($hints, $when, narrow),
            count: page!("SELECT count(*) FROM ", $hints, $when, on, narrow, ""),
        }
    };
}

static ALL: InstanceList = by_index!(
    "signoff_instance_started",
    "(?8 IS NULL OR i.subject_type = ?8) AND (?7 IS NULL OR ?9 IS NULL OR ?10 IS NULL OR ?13 IS NULL)"
);
static BY_REQUESTER: InstanceList = by_index!(
    "signoff_instance_requester",
    "i.requester = ?7 AND (?8 IS NULL OR i.subject_type = ?8)
    AND (?9 IS NULL OR ?10 IS NULL OR ?13 IS NULL)"
);
static BY_SUBJECT: InstanceList = by_index!(
    "signoff_instance_subject",
    "i.subject_type = ?8 AND i.subject_id = ?9 AND (?7 IS NULL OR i.requester = ?7)
    AND (?10 IS NULL OR ?13 IS NULL)"
);
static BY_KEY: InstanceList = by_index!(
    "signoff_instance_business_key",
    "i.business_key = ?13 AND (?7 IS NULL OR i.requester = ?7) AND (?8 IS NULL OR i.subject_type = ?8)
    AND (?9 IS NULL OR i.subject_id = ?9) AND ?10 IS NULL"
);
static BY_PARENT: InstanceList = by_index!(
    "signoff_instance_parent",
    "i.parent = ?10 AND (?7 IS NULL OR i.requester = ?7) AND (?8 IS NULL OR i.subject_type = ?8)
    AND (?9 IS NULL OR i.subject_id = ?9) AND (?13 IS NULL OR i.business_key = ?13)"
);

// 21 the name of a field, 22 its least key, 23 what its key is below.
macro_rules! of_field {
    ($more:ident) => {
        InstanceList {
            plain: None,
            narrow: [
                of_field!(columns!("NULL"), on, $more, on!(order)),
                of_field!(columns!("NULL"), back, $more, back!(order)),
            ],
            count: of_field!("SELECT count(*) FROM ", on, $more, ""),
        }
    };
    ($head:expr, $way:ident, $more:ident, $order:expr) => {
        page!(
            $head,
            ("", ""),
            "i.id IN (SELECT instance FROM signoff_field
        WHERE tenant = ?1 AND name = ?21 AND sort_key >= ?22 AND sort_key < ?23)
    AND (?7 IS NULL OR i.requester = ?7) AND (?8 IS NULL OR i.subject_type = ?8)
    AND (?9 IS NULL OR i.subject_id = ?9) AND (?10 IS NULL OR i.parent = ?10)
    AND (?13 IS NULL OR i.business_key = ?13)",
            $way,
            $more,
            $order
        )
    };
}
static BY_FIELD: InstanceList = of_field!(narrow);

// 3 the id behind which it begins, 11 and 12 the ends of the moments of start, both included, 21 the
// name of the field that orders, 22 the key behind which it begins, or NULL.
macro_rules! ordered {
    ($join:literal, $behind:literal, $way:literal, $database:ident) => {
        concat!(
            columns!("place.sort_key"),
            "signoff_field AS place
",
            $join,
            " signoff_instance AS i ON i.tenant = place.tenant AND i.id = place.instance
WHERE place.tenant = ?1 AND place.name = ?21 AND ",
            $behind,
            "\n    AND i.started_at >= ?11 AND i.started_at <= ?12
    AND (?7 IS NULL OR i.requester = ?7) AND (?8 IS NULL OR i.subject_type = ?8)
    AND (?9 IS NULL OR i.subject_id = ?9) AND (?10 IS NULL OR i.parent = ?10)
    AND (?13 IS NULL OR i.business_key = ?13)",
            narrow!($database),
            "\nORDER BY place.sort_key",
            $way,
            ", place.instance",
            $way,
            " LIMIT ?4"
        )
    };
    ($behind:literal, $behind_mysql:literal, $way:literal) => {
        Sql::new(ordered!("CROSS JOIN", $behind, $way, sqlite))
            .postgres(ordered!("JOIN", $behind, $way, postgres))
            .mysql(ordered!("STRAIGHT_JOIN", $behind_mysql, $way, mysql))
    };
}
static ASCENDING: Sql = ordered!(
    "(?22 IS NULL OR (place.sort_key, place.instance) > (?22, ?3))",
    "(?22 IS NULL OR place.sort_key >= ?22)
    AND (?22 IS NULL OR place.sort_key > ?22 OR place.instance > ?3)",
    ""
);
static DESCENDING: Sql = ordered!(
    "(?22 IS NULL OR (place.sort_key, place.instance) < (?22, ?3))",
    "(?22 IS NULL OR place.sort_key <= ?22)
    AND (?22 IS NULL OR place.sort_key < ?22 OR place.instance < ?3)",
    " DESC"
);

/// Instances in the order of the filter from a place on, or against it, each with the key that it is
/// ordered by, or NULL.
pub(crate) fn instances(
    tenant: &TenantId,
    filter: &InstanceFilter,
    place: &InstancePlace,
    way: Way,
    limit: i64,
) -> Bound {
    let (first, last) = ends(filter);
    let asked = |place, ends| Asked {
        tenant,
        filter,
        place,
        limit,
        ends,
    };
    if let (InstanceOrder::Field { name, descending }, InstancePlace::Field(after)) =
        (&filter.order, place)
    {
        let descends = *descending == (way == Way::On);
        let sql = if descends { &DESCENDING } else { &ASCENDING };
        let (key, id) = after.clone().unzip();
        let asked = asked((i64::MIN, id.unwrap_or_default()), (first, last));
        let bound = asked.narrow(sql, &filter.fields);
        return bound.bind(name.as_str()).bind(key);
    }
    let place = match place {
        InstancePlace::Started(place) => *place,
        InstancePlace::Field(_) => way.edge(List::Instances),
    };
    let place = (place.at, place.id);
    // The near end of the moments is a place too: an index is read from there.
    let asked = match way {
        Way::On => asked(place.min(behind(last)), (first, last)),
        Way::Back => asked(place.max(before(first)), (last, first)),
    };
    let (list, driver) = list(filter);
    let turned = usize::from(way == Way::Back);
    let words = (filter.status.at_most_one(), filter.workflow.at_most_one());
    match (&list.plain, words) {
        (Some(plain), (Some(status), Some(workflow))) if !filter.is_narrow() => {
            asked.common(&plain[turned], status, workflow)
        }
        _ => driven(asked.narrow(&list.narrow[turned], &filter.fields), driver),
    }
}

/// How many instances there are in the list of the filter.
pub(crate) fn count_instances(tenant: &TenantId, filter: &InstanceFilter) -> Bound {
    let (first, last) = ends(filter);
    let mut fields = filter.fields.clone();
    // What has no such field is not in the list.
    if let InstanceOrder::Field { name, .. } = &filter.order {
        fields.push(FieldFilter {
            name: name.clone(),
            test: FieldTest::Exists(true),
        });
    }
    let (list, driver) = list(filter);
    let asked = Asked {
        tenant,
        filter,
        place: behind(last),
        limit: i64::MAX,
        ends: (first, last),
    };
    driven(asked.narrow(&list.count, &fields), driver)
}

/// The name of a field, its least key and what its key is below.
type Driver = (String, String, String);

/// The list that has the least to read, and what of a field drives it.
fn list(filter: &InstanceFilter) -> (&'static InstanceList, Option<Driver>) {
    let own = [
        (filter.parent.is_some(), &BY_PARENT),
        (filter.business_key.is_some(), &BY_KEY),
        (filter.subject.is_some(), &BY_SUBJECT),
    ];
    if let Some((_, list)) = own.into_iter().find(|(is_asked, _)| *is_asked) {
        return (list, None);
    }
    let driver = filter.fields.iter().find_map(|field| {
        let wanted = field.wanted();
        let (from, to) = wanted.bounds()?;
        Some((field.stored_name(), from.to_owned(), to.to_owned()))
    });
    match driver {
        Some(driver) => (&BY_FIELD, Some(driver)),
        None if filter.requester.is_some() => (&BY_REQUESTER, None),
        None => (&ALL, None),
    }
}

/// The first and the last moment of start, in nanoseconds.
fn ends(filter: &InstanceFilter) -> (i64, i64) {
    let last = |before| nanos(before).saturating_sub(1);
    (
        filter.started.from.map_or(i64::MIN, nanos),
        filter.started.before.map_or(i64::MAX, last),
    )
}

/// The place behind everything of a moment.
const fn behind(at: i64) -> (i64, Uuid) {
    match at.checked_add(1) {
        Some(next) => (next, Uuid::nil()),
        None => (at, Uuid::max()),
    }
}

/// The place before everything of a moment.
const fn before(at: i64) -> (i64, Uuid) {
    match at.checked_sub(1) {
        Some(last) => (last, Uuid::max()),
        None => (at, Uuid::nil()),
    }
}

fn driven(bound: Bound, driver: Option<Driver>) -> Bound {
    match driver {
        None => bound,
        Some((name, from, to)) => bound.bind(name).bind(from).bind(to),
    }
}

/// What a statement is run with.
struct Asked<'a> {
    tenant: &'a TenantId,
    filter: &'a InstanceFilter,
    place: (i64, Uuid),
    limit: i64,
    /// The ends of the moments of start: the parameters 11 and 12.
    ends: (i64, i64),
}

impl Asked<'_> {
    /// The parameters 1 to 13.
    fn common(&self, sql: &'static Sql, status: Option<&str>, workflow: Option<&str>) -> Bound {
        let filter = self.filter;
        let subject = filter.subject.as_ref();
        let kind = subject.map(|subject| subject.kind.as_str());
        Bound::new(sql)
            .bind(self.tenant.as_str())
            .bind(self.place.0)
            .bind(self.place.1)
            .bind(self.limit)
            .bind(status)
            .bind(workflow)
            .bind(filter.requester.as_ref().map(PersonId::as_str))
            .bind(kind.or(filter.subject_type.as_deref()))
            .bind(subject.map(|subject| subject.id.as_str()))
            .bind(filter.parent.map(InstanceId::uuid))
            .bind(self.ends.0)
            .bind(self.ends.1)
            .bind(filter.business_key.as_deref())
    }

    /// The parameters 1 to 20.
    fn narrow(&self, sql: &'static Sql, fields: &[FieldFilter]) -> Bound {
        let filter = self.filter;
        let (status, not_status) = filter.status.lists();
        let (workflow, not_workflow) = filter.workflow.lists();
        let search = filter.search.as_ref();
        self.common(sql, status.as_deref(), workflow.as_deref())
            .bind(not_status)
            .bind(not_workflow)
            .bind(search.map(|part| part.to_ascii_lowercase()))
            .bind(filter.ended.from)
            .bind(filter.ended.before)
            .bind(filter.incidents.map(i64::from))
            .bind((!fields.is_empty()).then(|| wanted(fields)))
    }
}

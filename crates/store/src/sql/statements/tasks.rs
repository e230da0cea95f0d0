//! Lists of tasks: each reads an index in the order of the list.

use signoff_core::{
    actor::Person,
    id::{InstanceId, PersonId, TaskId, TenantId},
    principal::Principal,
};

use crate::{
    contract::{TaskFilter, Whose},
    error::{Error, ErrorKind, Result},
    place::{List, Place, Way},
    sql::{
        Arg, Bound, Sql,
        statements::{
            fields::{fields_hold, wanted},
            words::{is_chosen, is_found},
        },
    },
};

macro_rules! columns {
    ($from:expr) => {
        concat!(
            "SELECT t.id, t.instance, t.activation, t.number, t.opened_at, t.due_at, t.closed_at, NULL AS unused,
    t.node, t.state, t.assignee, t.candidates, t.closed_by, t.outcome, t.body, t.activation_body,
    i.workflow, i.definition, i.title, i.subject_type, i.subject_id, i.requester, i.business_key
FROM ",
            $from,
            "signoff_instance AS i ON i.tenant = t.tenant AND i.id = t.instance
WHERE t.tenant = ?1"
        )
    };
}

/// One task. 1 tenant, 2 id; the columns are those of every list of tasks.
static TASK: Sql = Sql::new(concat!(
    columns!("signoff_task AS t JOIN "),
    " AND t.id = ?2"
));

macro_rules! count {
    ($index:expr, $state:literal, $when:literal) => {
        concat!(
            "SELECT count(*) FROM signoff_task AS t",
            $index,
            "
WHERE t.tenant = ?1 AND ?2 IS NULL AND ?3 IS NULL AND ?6 IS NULL AND ",
            $state,
            " AND ",
            $when
        )
    };
}

macro_rules! whole {
    ($database:ident) => {
        ""
    };
}

// What a narrow filter asks for beside: 7 one of these workflows, 13 none of these, 8 subject type,
// 9 outcome, 10 due before, 14 due from, 11 a part to search for, 12 what of the fields of the data,
// 15 business key, 16 requester, 17 node, 18 one of these states, 19 none of these, 20 opened from, 21
// opened before, 22 closed from, 23 closed before; each NULL for any.
macro_rules! narrow {
    ($database:ident) => {
        concat!(
            "\n   ",
            is_chosen!($database "i.workflow", "?7", "?13"),
            "
    AND (?8 IS NULL OR i.subject_type = ?8) AND (?9 IS NULL OR t.outcome = ?9)
    AND (?10 IS NULL OR t.due_at < ?10) AND (?14 IS NULL OR t.due_at >= ?14)
    AND (?15 IS NULL OR i.business_key = ?15) AND (?16 IS NULL OR i.requester = ?16)
    AND (?17 IS NULL OR t.node = ?17)
    AND (?20 IS NULL OR t.opened_at >= ?20) AND (?21 IS NULL OR t.opened_at < ?21)
    AND (?22 IS NULL OR t.closed_at >= ?22) AND (?23 IS NULL OR t.closed_at < ?23)
   ",
            is_chosen!($database "t.state", "?18", "?19"),
            "
    AND (?11 IS NULL OR ",
            is_found!($database "?11"),
            ") AND (?12 IS NULL OR ",
            fields_hold!($database "t.instance", "?12"),
            ")"
        )
    };
}

macro_rules! page {
    ($columns:expr, $when:expr, $order:literal) => {
        concat!($columns, $when, "\nORDER BY ", $order, " LIMIT ?6")
    };
}

macro_rules! narrow_count {
    ($columns:expr, $when:expr $(, $order:literal)?) => {
        concat!(
            "SELECT count(*) FROM (",
            $columns,
            $when,
            "\nLIMIT ?6) AS found"
        )
    };
}

// What reads an index in its order. SQLite's planner does not see which of two orders is the short
// one, so there each list names its index.
macro_rules! read {
    ($shape:ident, $index:literal, ($behind:literal, $behind_mysql:literal, $order:literal),
        ($when:literal, $when_postgres:literal, $when_mysql:literal), $more:ident) => {
        Sql::new($shape!(
            columns!(concat!(
                "signoff_task AS t INDEXED BY ",
                $index,
                "\nCROSS JOIN "
            )),
            concat!($behind, $when, $more!(sqlite)),
            $order
        ))
        .postgres($shape!(
            columns!("signoff_task AS t JOIN "),
            concat!($behind, $when_postgres, $more!(postgres)),
            $order
        ))
        .mysql($shape!(
            columns!(concat!(
                "signoff_task AS t FORCE INDEX (",
                $index,
                ")\nSTRAIGHT_JOIN "
            )),
            concat!($behind_mysql, $when_mysql, $more!(mysql)),
            $order
        ))
    };
}

macro_rules! by_index {
    ($list:expr, $index:literal, $state:literal, $on:tt, $back:tt, $when:tt) => {
        TaskList {
            list: $list,
            page: [
                read!(page, $index, $on, $when, whole),
                read!(page, $index, $back, $when, whole),
            ],
            narrow: [
                read!(page, $index, $on, $when, narrow),
                read!(page, $index, $back, $when, narrow),
            ],
            narrow_count: read!(narrow_count, $index, $on, $when, narrow),
            count: counted!($index, $state, $when),
        }
    };
}

macro_rules! counted {
    ($index:literal, $state:literal, ($when:literal, $when_postgres:literal, $when_mysql:literal)) => {
        Sql::new(count!(concat!(" INDEXED BY ", $index), $state, $when))
            .postgres(count!("", $state, $when_postgres))
            .mysql(count!(
                concat!(" FORCE INDEX (", $index, ")"),
                $state,
                $when_mysql
            ))
    };
}

macro_rules! open {
    ($index:literal, $when:literal) => {
        open!($index, $when, $when, $when)
    };
    ($index:literal, $when:literal, $when_postgres:literal, $when_mysql:literal) => {
        by_index!(
            List::OpenTasks,
            $index,
            "t.closed_at IS NULL",
            (
                " AND t.closed_at IS NULL AND (t.opened_at, t.id) > (?2, ?3)\n    AND ",
                " AND t.closed_at IS NULL AND t.opened_at >= ?2 AND (t.opened_at > ?2 OR t.id > ?3)\n    AND ",
                "t.opened_at, t.id"
            ),
            (
                " AND t.closed_at IS NULL AND (t.opened_at, t.id) < (?2, ?3)\n    AND ",
                " AND t.closed_at IS NULL AND t.opened_at <= ?2 AND (t.opened_at < ?2 OR t.id < ?3)\n    AND ",
                "t.opened_at DESC, t.id DESC"
            ),
            ($when, $when_postgres, $when_mysql)
        )
    };
}

macro_rules! closed {
    ($index:literal, $when:literal) => {
        by_index!(
            List::ClosedTasks,
            $index,
            "t.closed_at IS NOT NULL",
            (
                " AND t.closed_at IS NOT NULL AND (t.closed_at, t.id) < (?2, ?3)\n    AND ",
                " AND t.closed_at <= ?2 AND (t.closed_at < ?2 OR t.id < ?3)\n    AND ",
                "t.closed_at DESC, t.id DESC"
            ),
            (
                " AND t.closed_at IS NOT NULL AND (t.closed_at, t.id) > (?2, ?3)\n    AND ",
                " AND t.closed_at >= ?2 AND (t.closed_at > ?2 OR t.id > ?3)\n    AND ",
                "t.closed_at, t.id"
            ),
            ($when, $when, $when)
        )
    };
}

static OPEN: TaskList = open!("signoff_task_open", "?4 IS NULL AND ?5 IS NULL");
static OPEN_OF_INSTANCE: TaskList = open!("signoff_task_live", "t.instance = ?4 AND ?5 IS NULL");
static HELD: TaskList = open!(
    "signoff_task_assignee",
    "?4 IS NULL AND t.assignee = ?5 AND t.state <> 'snoozed'"
);
static HELD_OF_INSTANCE: TaskList = open!(
    "signoff_task_live",
    "t.instance = ?4 AND t.assignee = ?5 AND t.state <> 'snoozed'"
);
static CLOSED: TaskList = closed!("signoff_task_closed", "?4 IS NULL AND ?5 IS NULL");
static CLOSED_OF_INSTANCE: TaskList =
    closed!("signoff_task_past", "t.instance = ?4 AND ?5 IS NULL");
static DONE: TaskList = closed!(
    "signoff_task_closed_by",
    "t.closed_by = ?5 AND (?4 IS NULL OR t.instance = ?4)"
);

static AVAILABLE_OF_INSTANCE: TaskList = open!(
    "signoff_task_live",
    "t.instance = ?4 AND EXISTS (
        SELECT 1 FROM json_each(?5) AS who
        CROSS JOIN signoff_candidate AS c
            ON c.tenant = ?1 AND c.principal = who.value AND c.opened_at = t.opened_at AND c.task = t.id
    )",
    "t.instance = ?4 AND EXISTS (
        SELECT 1 FROM json_array_elements_text(?5::json) AS who(principal)
        CROSS JOIN LATERAL (
            SELECT 1 FROM signoff_candidate AS c
            WHERE c.tenant = ?1 AND c.principal = who.principal AND c.opened_at = t.opened_at AND c.task = t.id
            OFFSET 0
        ) AS offer
        OFFSET 0
    )",
    "t.instance = ?4 AND EXISTS (
        SELECT 1 FROM JSON_TABLE(?5, '$[*]' COLUMNS (principal LONGTEXT CHARSET utf8mb4 PATH '$')) AS who
        STRAIGHT_JOIN signoff_candidate AS c
            ON c.tenant = ?1 AND c.principal = who.principal AND c.opened_at = t.opened_at AND c.task = t.id
    )"
);

// `$is` is `>` on, and `<` back.
macro_rules! available {
    ($who:literal, $is:literal) => {
        concat!(
            " AND ?4 IS NULL AND (t.opened_at, t.id) ",
            $is,
            " (?2, ?3) AND t.id IN (
    SELECT offer.task FROM ",
            $who,
            " CROSS JOIN signoff_candidate AS offer
    WHERE offer.tenant = ?1 AND offer.principal = who.value
)"
        )
    };
    (sqlite $is:literal) => {
        concat!(available!("json_each(?5) AS who", $is), narrow!(sqlite))
    };
    (postgres $is:literal) => {
        concat!(
            available!("json_array_elements_text(?5::json) AS who(value)", $is),
            narrow!(postgres)
        )
    };
}

// What the principals may take, each task once.
macro_rules! mine {
    ($is:literal) => {
        concat!(
            "(
    SELECT DISTINCT offer.task FROM JSON_TABLE(?5, '$[*]' COLUMNS (principal LONGTEXT CHARSET utf8mb4 PATH '$')) AS who
    STRAIGHT_JOIN signoff_candidate AS offer ON offer.tenant = ?1 AND offer.principal = who.principal
        AND offer.opened_at ",
            $is,
            "= ?2 AND (offer.opened_at ",
            $is,
            " ?2 OR offer.task ",
            $is,
            " ?3)
) AS mine
STRAIGHT_JOIN signoff_task AS t ON t.tenant = ?1 AND t.id = mine.task
STRAIGHT_JOIN "
        )
    };
}

// The first that one of the principals may take.
macro_rules! offers {
    (one $is:literal, $way:literal, $n:literal) => {
        concat!(
            "(SELECT c.opened_at, c.task FROM signoff_candidate AS c
        WHERE c.tenant = ?1 AND c.principal = JSON_UNQUOTE(JSON_EXTRACT(?5, '$[",
            $n,
            "]')) AND c.opened_at ",
            $is,
            "= ?2 AND (c.opened_at ",
            $is,
            " ?2 OR c.task ",
            $is,
            " ?3)
        ORDER BY c.opened_at",
            $way,
            ", c.task",
            $way,
            " LIMIT ?6)"
        )
    };
    ($is:literal, $way:literal, $first:literal $($n:literal)+) => {
        concat!(offers!(one $is, $way, $first) $(, "\n    UNION ", offers!(one $is, $way, $n))+)
    };
}

// Where no join can read a few rows for each row of another table, each principal has a part of its own.
macro_rules! page_of_available {
    ($is:literal, $way:literal, ($($n:literal)+)) => {
        concat!(
            columns!(concat!(
                "(
    ",
                offers!($is, $way, $($n)+),
                "
    ORDER BY opened_at",
                $way,
                ", task",
                $way,
                " LIMIT ?6
) AS place
STRAIGHT_JOIN signoff_task AS t ON t.tenant = ?1 AND t.id = place.task
STRAIGHT_JOIN "
            )),
            " AND ?4 IS NULL\nORDER BY place.opened_at",
            $way,
            ", place.task",
            $way,
            " LIMIT ?6"
        )
    };
    ($is:literal, $way:literal, any) => {
        concat!(
            columns!(mine!($is)),
            " AND ?4 IS NULL\nORDER BY t.opened_at",
            $way,
            ", t.id",
            $way,
            " LIMIT ?6"
        )
    };
}

// Of each principal only as many candidates are read as the page holds: the cost does not grow
// with the number of open tasks.
macro_rules! few_of_each {
    ($is:literal, $way:literal, $principals:tt) => {
        Sql::new(concat!(
            columns!("signoff_task AS t CROSS JOIN "),
            " AND ?4 IS NULL AND t.id IN (
    SELECT offer.task FROM json_each(?5) AS who CROSS JOIN signoff_candidate AS offer
    WHERE offer.tenant = ?1 AND offer.principal = who.value AND (offer.opened_at, offer.task) IN (
        SELECT c.opened_at, c.task FROM signoff_candidate AS c
        WHERE c.tenant = ?1 AND c.principal = who.value AND (c.opened_at, c.task) ",
            $is,
            " (?2, ?3)
        ORDER BY c.opened_at",
            $way,
            ", c.task",
            $way,
            " LIMIT ?6
    )
)
ORDER BY +t.opened_at",
            $way,
            ", +t.id",
            $way,
            " LIMIT ?6"
        ))
        .postgres(concat!(
            columns!(concat!(
                "(
    SELECT DISTINCT offer.opened_at, offer.task FROM json_array_elements_text(?5::json) AS who(principal)
    CROSS JOIN LATERAL (
        SELECT c.opened_at, c.task FROM signoff_candidate AS c
        WHERE c.tenant = ?1 AND c.principal = who.principal AND (c.opened_at, c.task) ",
                $is,
                " (?2, ?3)
        ORDER BY c.opened_at",
                $way,
                ", c.task",
                $way,
                " LIMIT ?6
    ) AS offer
    ORDER BY offer.opened_at",
                $way,
                ", offer.task",
                $way,
                " LIMIT ?6
) AS place
JOIN signoff_task AS t ON t.tenant = ?1 AND t.id = place.task
JOIN "
            )),
            " AND ?4 IS NULL\nORDER BY place.opened_at",
            $way,
            ", place.task",
            $way,
            " LIMIT ?6"
        ))
        .mysql(page_of_available!($is, $way, $principals))
    };
}

macro_rules! narrow_available {
    ($is:literal, $sqlite:literal, $order:literal) => {
        Sql::new(page!(
            columns!("signoff_task AS t CROSS JOIN "),
            available!(sqlite $is),
            $sqlite
        ))
        .postgres(page!(
            columns!("signoff_task AS t JOIN "),
            available!(postgres $is),
            $order
        ))
        .mysql(page!(
            columns!(mine!($is)),
            concat!(" AND ?4 IS NULL", narrow!(mysql)),
            $order
        ))
    };
}

macro_rules! available_to {
    ($principals:tt) => { TaskList {
    list: List::OpenTasks,
    page: [
        few_of_each!(">", "", $principals),
        few_of_each!("<", " DESC", $principals),
    ],
    narrow: [
        narrow_available!(">", "+t.opened_at, +t.id", "t.opened_at, t.id"),
        narrow_available!("<", "+t.opened_at DESC, +t.id DESC", "t.opened_at DESC, t.id DESC"),
    ],
    narrow_count: Sql::new(narrow_count!(
        columns!("signoff_task AS t CROSS JOIN "),
        available!(sqlite ">")
    ))
    .postgres(narrow_count!(
        columns!("signoff_task AS t JOIN "),
        available!(postgres ">")
    ))
    .mysql(narrow_count!(
        columns!(mine!(">")),
        concat!(" AND ?4 IS NULL", narrow!(mysql))
    )),
    count: Sql::new(
        "SELECT count(*) FILTER (WHERE NOT c.shared) + count(DISTINCT CASE WHEN c.shared THEN c.task END)
FROM json_each(?5) AS who CROSS JOIN signoff_candidate AS c
WHERE c.tenant = ?1 AND c.principal = who.value AND ?2 IS NULL AND ?3 IS NULL AND ?4 IS NULL AND ?6 IS NULL",
    )
    .postgres(
        "SELECT count(*) FILTER (WHERE c.shared = 0) + count(DISTINCT CASE WHEN c.shared = 1 THEN c.task END)
FROM json_array_elements_text(?5::json) AS who(principal)
CROSS JOIN LATERAL (
    SELECT one.task, one.shared FROM signoff_candidate AS one
    WHERE one.tenant = ?1 AND one.principal = who.principal OFFSET 0
) AS c
WHERE ?2 IS NULL AND ?3 IS NULL AND ?4 IS NULL AND ?6 IS NULL",
    )
    .mysql(
        "SELECT CAST(coalesce(sum(c.shared = 0), 0) AS SIGNED)
    + count(DISTINCT CASE WHEN c.shared = 1 THEN c.task END)
FROM JSON_TABLE(?5, '$[*]' COLUMNS (principal LONGTEXT CHARSET utf8mb4 PATH '$')) AS who
STRAIGHT_JOIN signoff_candidate AS c ON c.tenant = ?1 AND c.principal = who.principal
WHERE ?2 IS NULL AND ?3 IS NULL AND ?4 IS NULL AND ?6 IS NULL",
    ),
} };
}

/// For persons with up to 16 principals, up to 64, and any number.
static AVAILABLE: [TaskList; 3] = [
    available_to!((0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)),
    available_to!((0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63)),
    available_to!(any),
];

/// One task.
pub(crate) fn task(tenant: &TenantId, id: TaskId) -> Bound {
    Bound::new(&TASK).bind(tenant.as_str()).bind(id.uuid())
}

/// A list of tasks: a page of it and its length.
///
/// Parameters: 1 tenant, 2 and 3 place, 4 instance or NULL, 5 who, 6 limit, and those of `narrow`; a
/// count wants NULL for 2, 3 and 6, a narrow one the beginning and no limit.
#[derive(Debug)]
pub(crate) struct TaskList {
    /// What its places are of.
    pub(crate) list: List,
    /// On and back.
    page: [Sql; 2],
    count: Sql,
    /// The same for a narrow filter.
    narrow: [Sql; 2],
    narrow_count: Sql,
}

impl TaskList {
    /// The lists that a filter asks for, one after the other; none when nothing can match it.
    pub(crate) fn of(filter: &TaskFilter) -> Vec<&'static Self> {
        let some = |open: &'static Self, wanted: bool| if wanted { vec![open] } else { Vec::new() };
        let wants_open = filter.open != Some(false);
        let wants_closed = filter.open != Some(true);
        match (&filter.whose, filter.instance) {
            (Whose::All, None) => [some(&OPEN, wants_open), some(&CLOSED, wants_closed)].concat(),
            (Whose::All, Some(_)) => [
                some(&OPEN_OF_INSTANCE, wants_open),
                some(&CLOSED_OF_INSTANCE, wants_closed),
            ]
            .concat(),
            (Whose::AvailableTo(person), None) => some(available(person), wants_open),
            (Whose::AvailableTo(_), Some(_)) => some(&AVAILABLE_OF_INSTANCE, wants_open),
            (Whose::DoneBy(_), _) => some(&DONE, wants_closed),
            (Whose::HeldBy(_), None) => some(&HELD, wants_open),
            (Whose::HeldBy(_), Some(_)) => some(&HELD_OF_INSTANCE, wants_open),
        }
    }

    /// A page of it, from a place on, or against its order.
    ///
    /// # Errors
    /// `Other` when the principals have no JSON form.
    pub(crate) fn page(
        &'static self,
        tenant: &TenantId,
        filter: &TaskFilter,
        from: Place,
        way: Way,
        limit: i64,
    ) -> Result<Bound> {
        let pages = if filter.is_narrow() {
            &self.narrow
        } else {
            &self.page
        };
        let sql = &pages[usize::from(way == Way::Back)];
        let place = (from.at.into(), from.id.into());
        bound(sql, tenant, filter, place, limit.into())
    }

    /// Its length.
    ///
    /// # Errors
    /// `Other` when the principals have no JSON form.
    pub(crate) fn count(&'static self, tenant: &TenantId, filter: &TaskFilter) -> Result<Bound> {
        if filter.is_narrow() {
            let from = self.list.beginning();
            let place = (from.at.into(), from.id.into());
            return bound(&self.narrow_count, tenant, filter, place, i64::MAX.into());
        }
        bound(
            &self.count,
            tenant,
            filter,
            (Arg::Integer(None), Arg::Id(None)),
            Arg::Integer(None),
        )
    }
}

fn bound(
    sql: &'static Sql,
    tenant: &TenantId,
    filter: &TaskFilter,
    (at, id): (Arg, Arg),
    limit: Arg,
) -> Result<Bound> {
    let bound = Bound::new(sql)
        .bind(tenant.as_str())
        .bind(at)
        .bind(id)
        .bind(filter.instance.map(InstanceId::uuid))
        .bind(who(&filter.whose)?)
        .bind(limit);
    if !filter.is_narrow() {
        return Ok(bound);
    }
    let search = filter.search.as_ref();
    let (workflow, not_workflow) = filter.workflow.lists();
    let (state, not_state) = filter.state.lists();
    Ok(bound
        .bind(workflow)
        .bind(filter.subject_type.as_deref())
        .bind(filter.outcome.as_deref())
        .bind(filter.due.before)
        .bind(search.map(|part| part.to_ascii_lowercase()))
        .bind((!filter.fields.is_empty()).then(|| wanted(&filter.fields)))
        .bind(not_workflow)
        .bind(filter.due.from)
        .bind(filter.business_key.as_deref())
        .bind(filter.requester.as_ref().map(PersonId::as_str))
        .bind(filter.node.as_deref())
        .bind(state)
        .bind(not_state)
        .bind(filter.opened.from)
        .bind(filter.opened.before)
        .bind(filter.closed.from)
        .bind(filter.closed.before))
}

/// The list of what a person may take.
fn available(person: &Person) -> &'static TaskList {
    let [few, many, any] = &AVAILABLE;
    match principals(person).len() {
        0..=16 => few,
        17..=64 => many,
        _ => any,
    }
}

/// The parameter that says whose tasks.
fn who(whose: &Whose) -> Result<Option<String>> {
    match whose {
        Whose::All => Ok(None),
        Whose::AvailableTo(person) => serde_json::to_string(&principals(person))
            .map(Some)
            .map_err(|error| {
                Error::new(ErrorKind::Other, "a person has no stored form").caused_by(error)
            }),
        Whose::DoneBy(id) | Whose::HeldBy(id) => Ok(Some(id.as_str().to_owned())),
    }
}

fn principals(person: &Person) -> Vec<String> {
    [Principal::Anyone.to_string(), format!("user:{}", person.id)]
        .into_iter()
        .chain(person.roles.iter().map(|role| format!("role:{role}")))
        .collect()
}

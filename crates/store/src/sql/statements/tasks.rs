//! Lists of tasks: each reads an index in the order of the list.

use signoff_core::{
    actor::Person,
    id::{InstanceId, TaskId, TenantId},
    principal::Principal,
};

use crate::{
    contract::{TaskFilter, Whose},
    error::{Error, ErrorKind, Result},
    place::{List, Place},
    sql::{
        Arg, Bound, Sql,
        statements::fields::{fields_hold, wanted},
    },
};

macro_rules! columns {
    ($index:literal) => {
        concat!(
            "SELECT t.id, t.instance, t.activation, t.node, t.number, t.state, t.assignee, t.candidates,
    t.opened_at, t.due_at, t.closed_at, t.closed_by, t.outcome, t.body, t.activation_body,
    i.workflow, i.definition, i.title, i.subject_type, i.subject_id, i.requester
FROM signoff_task AS t ",
            $index,
            "
CROSS JOIN signoff_instance AS i ON i.tenant = t.tenant AND i.id = t.instance
WHERE t.tenant = ?1"
        )
    };
}

/// One task. 1 tenant, 2 id; the columns are those of every list of tasks.
static TASK: Sql = Sql::new(concat!(columns!(""), " AND t.id = ?2"));

macro_rules! count {
    ($index:literal, $state:literal, $when:literal) => {
        concat!(
            "SELECT count(*) FROM signoff_task AS t ",
            $index,
            "
WHERE t.tenant = ?1 AND ?2 IS NULL AND ?3 IS NULL AND ?6 IS NULL AND ",
            $state,
            " AND ",
            $when
        )
    };
}

// What a narrow filter asks for beside: 7 workflow, 8 subject type, 9 outcome, 10 due before, 11 a part
// of title or subject in lower case, 12 what of the fields of the data; each NULL for any.
macro_rules! narrow {
    () => {
        concat!(
            " AND (?7 IS NULL OR i.workflow = ?7) AND (?8 IS NULL OR i.subject_type = ?8)
    AND (?9 IS NULL OR t.outcome = ?9) AND (?10 IS NULL OR t.due_at < ?10)
    AND (?11 IS NULL OR instr(lower(i.subject_id), ?11) > 0 OR EXISTS (
        SELECT 1 FROM json_tree(i.title) AS word
        WHERE word.type = 'text' AND instr(lower(word.value), ?11) > 0
    )) AND (?12 IS NULL OR ",
            fields_hold!("t.instance", "?12"),
            ")"
        )
    };
}

macro_rules! open {
    ($index:literal, $when:literal) => {
        TaskList {
            list: List::OpenTasks,
            page: Sql::new(concat!(
                columns!($index),
                " AND t.closed_at IS NULL AND (t.opened_at, t.id) > (?2, ?3)\n    AND ",
                $when,
                "\nORDER BY t.opened_at, t.id LIMIT ?6"
            )),
            narrow: Sql::new(concat!(
                columns!($index),
                " AND t.closed_at IS NULL AND (t.opened_at, t.id) > (?2, ?3)\n    AND ",
                $when,
                narrow!(),
                "\nORDER BY t.opened_at, t.id LIMIT ?6"
            )),
            narrow_count: Sql::new(concat!(
                "SELECT count(*) FROM (",
                columns!($index),
                " AND t.closed_at IS NULL AND (t.opened_at, t.id) > (?2, ?3)\n    AND ",
                $when,
                narrow!(),
                "\nLIMIT ?6)"
            )),
            count: Sql::new(count!($index, "t.closed_at IS NULL", $when)),
        }
    };
}

macro_rules! closed {
    ($index:literal, $when:literal) => {
        TaskList {
            list: List::ClosedTasks,
            page: Sql::new(concat!(
                columns!($index),
                " AND t.closed_at IS NOT NULL AND (t.closed_at, t.id) < (?2, ?3)\n    AND ",
                $when,
                "\nORDER BY t.closed_at DESC, t.id DESC LIMIT ?6"
            )),
            narrow: Sql::new(concat!(
                columns!($index),
                " AND t.closed_at IS NOT NULL AND (t.closed_at, t.id) < (?2, ?3)\n    AND ",
                $when,
                narrow!(),
                "\nORDER BY t.closed_at DESC, t.id DESC LIMIT ?6"
            )),
            narrow_count: Sql::new(concat!(
                "SELECT count(*) FROM (",
                columns!($index),
                " AND t.closed_at IS NOT NULL AND (t.closed_at, t.id) < (?2, ?3)\n    AND ",
                $when,
                narrow!(),
                "\nLIMIT ?6)"
            )),
            count: Sql::new(count!($index, "t.closed_at IS NOT NULL", $when)),
        }
    };
}

// The planner does not see which of two orders is the short one, so each list names its index.
static OPEN: TaskList = open!("INDEXED BY signoff_task_open", "?4 IS NULL AND ?5 IS NULL");
static OPEN_OF_INSTANCE: TaskList = open!(
    "INDEXED BY signoff_task_live",
    "t.instance = ?4 AND ?5 IS NULL"
);
static HELD: TaskList = open!(
    "INDEXED BY signoff_task_assignee",
    "t.assignee = ?5 AND (?4 IS NULL OR t.instance = ?4) AND t.state <> 'snoozed'"
);
static CLOSED: TaskList = closed!(
    "INDEXED BY signoff_task_closed",
    "?4 IS NULL AND ?5 IS NULL"
);
static CLOSED_OF_INSTANCE: TaskList = closed!(
    "INDEXED BY signoff_task_past",
    "t.instance = ?4 AND ?5 IS NULL"
);
static DONE: TaskList = closed!(
    "INDEXED BY signoff_task_closed_by",
    "t.closed_by = ?5 AND (?4 IS NULL OR t.instance = ?4)"
);

static AVAILABLE_OF_INSTANCE: TaskList = open!(
    "INDEXED BY signoff_task_live",
    "t.instance = ?4 AND EXISTS (
        SELECT 1 FROM json_each(?5) AS who
        CROSS JOIN signoff_candidate AS c
            ON c.tenant = ?1 AND c.principal = who.value AND c.opened_at = t.opened_at AND c.task = t.id
    )"
);

macro_rules! available {
    () => {
        " AND ?4 IS NULL AND (t.opened_at, t.id) > (?2, ?3) AND t.id IN (
    SELECT offer.task FROM json_each(?5) AS who CROSS JOIN signoff_candidate AS offer
    WHERE offer.tenant = ?1 AND offer.principal = who.value
)"
    };
}

/// Of each principal only as many candidates are read as the page holds: the cost does not grow
/// with the number of open tasks.
static AVAILABLE: TaskList = TaskList {
    list: List::OpenTasks,
    page: Sql::new(concat!(
        columns!(""),
        " AND ?4 IS NULL AND t.id IN (
    SELECT offer.task FROM json_each(?5) AS who CROSS JOIN signoff_candidate AS offer
    WHERE offer.tenant = ?1 AND offer.principal = who.value AND (offer.opened_at, offer.task) IN (
        SELECT c.opened_at, c.task FROM signoff_candidate AS c
        WHERE c.tenant = ?1 AND c.principal = who.value AND (c.opened_at, c.task) > (?2, ?3)
        ORDER BY c.opened_at, c.task LIMIT ?6
    )
)
ORDER BY +t.opened_at, +t.id LIMIT ?6"
    )),
    narrow: Sql::new(concat!(
        columns!(""),
        available!(),
        narrow!(),
        "\nORDER BY +t.opened_at, +t.id LIMIT ?6"
    )),
    narrow_count: Sql::new(concat!(
        "SELECT count(*) FROM (",
        columns!(""),
        available!(),
        narrow!(),
        "\nLIMIT ?6)"
    )),
    count: Sql::new("SELECT count(*) FILTER (WHERE NOT c.shared) + count(DISTINCT CASE WHEN c.shared THEN c.task END)
FROM json_each(?5) AS who CROSS JOIN signoff_candidate AS c
WHERE c.tenant = ?1 AND c.principal = who.value AND ?2 IS NULL AND ?3 IS NULL AND ?4 IS NULL AND ?6 IS NULL"),
};

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
    page: Sql,
    count: Sql,
    /// The same for a narrow filter.
    narrow: Sql,
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
            (Whose::AvailableTo(_), None) => some(&AVAILABLE, wants_open),
            (Whose::AvailableTo(_), Some(_)) => some(&AVAILABLE_OF_INSTANCE, wants_open),
            (Whose::DoneBy(_), _) => some(&DONE, wants_closed),
            (Whose::HeldBy(_), _) => some(&HELD, wants_open),
        }
    }

    /// A page of it, from a place on.
    ///
    /// # Errors
    /// `Other` when the principals have no JSON form.
    pub(crate) fn page(
        &'static self,
        tenant: &TenantId,
        filter: &TaskFilter,
        from: Place,
        limit: i64,
    ) -> Result<Bound> {
        let sql = if filter.is_narrow() {
            &self.narrow
        } else {
            &self.page
        };
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
    Ok(bound
        .bind(filter.workflow.as_deref())
        .bind(filter.subject_type.as_deref())
        .bind(filter.outcome.as_deref())
        .bind(filter.due_before)
        .bind(search.map(|part| part.to_ascii_lowercase()))
        .bind((!filter.fields.is_empty()).then(|| wanted(&filter.fields))))
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

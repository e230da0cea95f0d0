//! Approval entries: who, how many, how.

use serde_json::{Map, Value};

use crate::{
    calendar::Period,
    document::{
        At, duration,
        expression::Expression,
        hierarchy, keys,
        reader::{Fields, Sink},
    },
    graph::{Behaviour, Hierarchy, Unit},
    pointer::Pointer,
    problem::Problem,
};

/// One entry of a list of approvals.
#[derive(Clone, Debug)]
pub struct EntryDoc {
    /// Who is asked; the select way may say it too.
    pub who: Option<WhoDoc>,
    /// Everything else.
    pub keys: EntryKeys,
    /// Where it stands.
    pub path: Pointer,
}

/// Who is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum WhoDoc {
    /// Whoever decided at the node.
    ActorOf(At<String>),
    /// Whom the expression gives.
    From(Expression),
    /// Who leads the requester's department or team.
    HeadOf(Unit),
    /// Who leads them, so many levels up.
    ManagerOf(LedDoc, u32),
    /// Whoever has the permission that is called after the node.
    Permission,
    /// The person who asked.
    Requester,
    /// Whoever has the role.
    Role(String),
    /// One person.
    User(String),
}

/// Whose manager is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LedDoc {
    /// Whoever decided at the node.
    ActorOf(At<String>),
    /// Whoever has the task.
    Assignee,
    /// The person who asked.
    Requester,
}

/// How many of those asked must agree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SelectDoc {
    /// The first decides.
    Anyone,
    /// All.
    Consensus,
    /// Those above somebody; the entry's who, else the requester, when none is named here.
    Hierarchy(Hierarchy, Option<Box<WhoDoc>>),
    /// More than half.
    Majority,
    /// A part of a hundred.
    Percent(u8),
    /// So many.
    Quorum(u32),
    /// The one whose turn it is.
    RoundRobin,
}

/// What happens when an entry rejects.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OnRejectDoc {
    /// The instance is rejected.
    Reject,
    /// The node opens anew.
    Resubmit,
    /// The instance goes to the node.
    To(At<String>),
}

/// Who gets a task that nobody answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EscalateDoc {
    /// From level to level; only when the task is due where not given.
    pub after: Option<Period>,
    /// Who.
    pub to: WhoDoc,
    /// The last level.
    pub levels: u32,
}

/// What happens to a task that is due and still open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum WhenDueDoc {
    /// It is approved.
    Approve,
    /// It is handed to somebody else, who decides for the one who had it.
    Delegate(WhoDoc),
    /// It goes to whom `escalate` names.
    Escalate,
    /// It is rejected.
    Reject,
}

/// The keys of an entry besides who; each is inherited from stage, pipeline and defaults.
#[derive(Clone, Debug, Default)]
pub struct EntryKeys {
    /// `select`.
    pub select: Option<At<SelectDoc>>,
    /// `behaviour`.
    pub behaviour: Option<Behaviour>,
    /// `form`.
    pub form: Option<At<String>>,
    /// `mode: parallel`.
    pub parallel: Option<bool>,
    /// `members: live`.
    pub live: Option<bool>,
    /// `allow_higher_level`.
    pub allow_higher_level: Option<bool>,
    /// `exclude`: whoever decided at a node, or the requester for `None`.
    pub exclude: Option<Vec<Option<At<String>>>>,
    /// `due`.
    pub due: Option<Period>,
    /// `remind`.
    pub remind: Option<At<Vec<Period>>>,
    /// `escalate`.
    pub escalate: Option<At<EscalateDoc>>,
    /// `when_due`.
    pub when_due: Option<At<WhenDueDoc>>,
    /// `on_reject`.
    pub on_reject: Option<OnRejectDoc>,
    /// `reject_tolerance`.
    pub reject_tolerance: Option<u32>,
    /// `meta`.
    pub meta: Option<Map<String, Value>>,
}

impl EntryKeys {
    /// These keys over those of `outer`, key by key.
    #[must_use]
    pub fn over(&self, outer: &Self) -> Self {
        let inner = self.clone();
        let outer = outer.clone();
        Self {
            select: inner.select.or(outer.select),
            behaviour: inner.behaviour.or(outer.behaviour),
            form: inner.form.or(outer.form),
            parallel: inner.parallel.or(outer.parallel),
            live: inner.live.or(outer.live),
            allow_higher_level: inner.allow_higher_level.or(outer.allow_higher_level),
            exclude: inner.exclude.or(outer.exclude),
            due: inner.due.or(outer.due),
            remind: inner.remind.or(outer.remind),
            escalate: inner.escalate.or(outer.escalate),
            when_due: inner.when_due.or(outer.when_due),
            on_reject: inner.on_reject.or(outer.on_reject),
            reject_tolerance: inner.reject_tolerance.or(outer.reject_tolerance),
            meta: inner.meta.or(outer.meta),
        }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Self {
        Self {
            form: form_key(fields),
            ..Self::read_without_form(fields)
        }
    }

    /// Where `form` lists fields of the data instead of naming a form.
    pub(super) fn read_without_form(fields: &Fields<'_>) -> Self {
        Self {
            select: select(fields),
            behaviour: fields.word("behaviour", "behaviour", keys::BEHAVIOUR, |word| {
                Some(match word {
                    "check_in_verify" => Behaviour::CheckInVerify,
                    "move" => Behaviour::Move,
                    "submit" => Behaviour::Submit,
                    _ => Behaviour::Approve,
                })
            }),
            form: None,
            parallel: fields.word("mode", "mode", &["parallel", "sequence"], |word| {
                Some(word == "parallel")
            }),
            live: fields.word("members", "membership", keys::MEMBERS, |word| {
                Some(word == "live")
            }),
            allow_higher_level: fields
                .get("allow_higher_level")
                .and_then(|_| fields.flag("allow_higher_level", false)),
            exclude: fields.get("exclude").map(|_| exclude(fields)),
            due: fields
                .get("due")
                .and_then(|value| duration::period(value, &fields.at("due"), fields.sink())),
            remind: fields.get("remind").map(|_| At {
                value: fields
                    .list("remind")
                    .into_iter()
                    .filter_map(|(value, path)| duration::period(value, &path, fields.sink()))
                    .collect(),
                path: fields.at("remind"),
            }),
            escalate: escalate(fields).map(|value| At {
                value,
                path: fields.at("escalate"),
            }),
            when_due: when_due(fields).map(|value| At {
                value,
                path: fields.at("when_due"),
            }),
            on_reject: on_reject(fields),
            reject_tolerance: fields.number("reject_tolerance", 0, 1_000),
            meta: meta(fields),
        }
    }
}

/// The key of a form, as it is or in a mapping: `form: KEY`, `form: {val: KEY}`.
pub(super) fn form_key(fields: &Fields<'_>) -> Option<At<String>> {
    let value = fields.get("form")?;
    if !value.is_object() {
        return fields.string("form").map(|form| At {
            value: form.to_owned(),
            path: fields.at("form"),
        });
    }
    let path = fields.at("form");
    let inner = Fields::read(value, &path, &[keys::FORM], fields.sink())?;
    inner.required("val")?;
    inner.string("val").map(|form| At {
        value: form.to_owned(),
        path: inner.at("val"),
    })
}

/// Approvals in one list; the machine counts entries with 16 bits.
const MOST_ENTRIES: usize = 1_000;

pub(super) fn read_list(fields: &Fields<'_>, key: &str) -> Vec<EntryDoc> {
    let entries = fields.list(key);
    if entries.len() > MOST_ENTRIES {
        fields.sink().push(Problem::error(
            "limit_exceeded",
            fields.at(key),
            format!(
                "`{key}` has {} elements, {MOST_ENTRIES} are allowed",
                entries.len()
            ),
        ));
        return Vec::new();
    }
    entries
        .into_iter()
        .filter_map(|(value, path)| read(value, path, fields.sink()))
        .collect()
}

fn read(value: &Value, path: Pointer, sink: &Sink) -> Option<EntryDoc> {
    let fields = Fields::read(value, &path, &[keys::WHO, keys::LEVELS, keys::ENTRY], sink)?;
    if fields.get("mode").is_some() {
        sink.push(
            Problem::error(
                "misplaced_key",
                fields.at("mode"),
                "`mode` says how the entries of a list open",
            )
            .help("write it on the stage, the pipeline or under `defaults`"),
        );
    }
    let keys = EntryKeys::read(&fields);
    // Those above the requester need no name.
    let above = fields
        .get("select")
        .is_some_and(|select| select.get("hierarchy").is_some());
    let who = match names_somebody(&fields) || !above {
        true => Some(opening_who(&fields)?),
        false => None,
    };
    Some(EntryDoc { who, keys, path })
}

/// Whether one of the keys that say who is there.
pub(super) fn names_somebody(fields: &Fields<'_>) -> bool {
    keys::WHO.iter().any(|key| fields.get(key).is_some())
}

/// Who is asked when a task opens, which has no assignee yet.
pub(super) fn opening_who(fields: &Fields<'_>) -> Option<WhoDoc> {
    let who = who(fields)?;
    if matches!(who, WhoDoc::ManagerOf(LedDoc::Assignee, _)) {
        fields.sink().push(
            Problem::error(
                "invalid_who",
                fields.at("manager_of"),
                "an entry that opens has no assignee yet",
            )
            .help("write `manager_of: requester`; `assignee` is for `escalate`"),
        );
        return None;
    }
    Some(who)
}

/// Exactly one of the keys that say who.
pub(super) fn who(fields: &Fields<'_>) -> Option<WhoDoc> {
    let given: Vec<&str> = keys::WHO
        .iter()
        .copied()
        .filter(|key| fields.get(key).is_some())
        .collect();
    let key = match given.as_slice() {
        [key] => *key,
        [] => {
            fields.sink().push(missing_who(fields.path()));
            return None;
        }
        several => {
            let names = several.join("`, `");
            fields.sink().push(Problem::error(
                "invalid_who",
                fields.path().clone(),
                format!("expected one of them, found `{names}`"),
            ));
            return None;
        }
    };
    if key != "manager_of" {
        fields.unknown("levels", "only `manager_of` has `levels`");
    }
    named(fields, key)
}

/// Nobody is named where somebody must be.
pub(crate) fn missing_who(path: &Pointer) -> Problem {
    Problem::error("missing_who", path.clone(), "nobody is named").help(
        "name one of `user`, `role`, `permission`, `requester`, `manager_of`, `head_of`, `actor_of`, `from`",
    )
}

/// Managers that can be climbed.
const MOST_LEVELS: u32 = 50;

fn manager_of(fields: &Fields<'_>, text: &str) -> Option<WhoDoc> {
    let led = match text {
        "requester" => LedDoc::Requester,
        "assignee" => LedDoc::Assignee,
        node => LedDoc::ActorOf(At {
            value: node.to_owned(),
            path: fields.at("manager_of"),
        }),
    };
    let levels = match fields.get("levels") {
        Some(_) => fields.number("levels", 1, MOST_LEVELS)?,
        None => 1,
    };
    Some(WhoDoc::ManagerOf(led, levels))
}

fn named(fields: &Fields<'_>, key: &str) -> Option<WhoDoc> {
    let text = |key| {
        let text = fields.string(key)?;
        if text.is_empty() {
            let problem = Problem::error(
                "missing_who",
                fields.at(key),
                format!("`{key}` names nobody"),
            );
            fields.sink().push(problem);
            return None;
        }
        Some(text.to_owned())
    };
    match key {
        "user" => text(key).map(WhoDoc::User),
        "role" => text(key).map(WhoDoc::Role),
        "from" => fields.expression(key).map(WhoDoc::From),
        "actor_of" => Some(WhoDoc::ActorOf(At {
            value: text(key)?,
            path: fields.at(key),
        })),
        "manager_of" => manager_of(fields, &text(key)?),
        "head_of" => fields
            .word(key, "unit", keys::HEAD_OF, |word| {
                Some(match word {
                    "team" => Unit::Team,
                    _ => Unit::Department,
                })
            })
            .map(WhoDoc::HeadOf),
        "permission" => is_true(fields, key).then_some(WhoDoc::Permission),
        "requester" => is_true(fields, key).then_some(WhoDoc::Requester),
        other => {
            fields
                .sink()
                .not_yet(&fields.at(other), &format!("`{other}`"));
            None
        }
    }
}

/// Whether the key says `true`; anything else is a problem.
fn is_true(fields: &Fields<'_>, key: &str) -> bool {
    match fields.get(key) {
        Some(Value::Bool(true)) => true,
        Some(other) => {
            fields.sink().wrong_type(&fields.at(key), "`true`", other);
            false
        }
        None => false,
    }
}

fn select(fields: &Fields<'_>) -> Option<At<SelectDoc>> {
    let value = fields.get("select")?;
    let path = fields.at("select");
    let found = if value.is_object() {
        let inner = Fields::read(value, &path, &[keys::SELECT_MAP], fields.sink())?;
        let hierarchy = hierarchy::read(&inner);
        let quorum = inner.number("quorum", 1, 1_000).map(SelectDoc::Quorum);
        let percent = inner
            .number("percent", 1, 100)
            .and_then(|p| u8::try_from(p).ok())
            .map(SelectDoc::Percent);
        one_of(&inner)?;
        hierarchy.or(quorum).or(percent)
    } else {
        fields.word("select", "way to select", keys::SELECT, |word| {
            Some(match word {
                "consensus" => SelectDoc::Consensus,
                "majority" => SelectDoc::Majority,
                "round_robin" => SelectDoc::RoundRobin,
                _ => SelectDoc::Anyone,
            })
        })
    };
    found.map(|value| At { value, path })
}

/// Exactly one of the keys that say how many.
fn one_of(fields: &Fields<'_>) -> Option<()> {
    let ways = ["quorum", "percent", "hierarchy"];
    let given = ways.iter().filter(|key| fields.get(key).is_some()).count();
    if given == 1 {
        return Some(());
    }
    if given == 0 && !fields.is_empty() {
        // What stands there instead is told already.
        return None;
    }
    fields.sink().push(Problem::error(
        "invalid_shape",
        fields.path().clone(),
        "expected one of `quorum`, `percent` and `hierarchy`",
    ));
    None
}

fn exclude(fields: &Fields<'_>) -> Vec<Option<At<String>>> {
    fields
        .list("exclude")
        .into_iter()
        .filter_map(|(value, path)| match value {
            Value::String(word) if word == "requester" => Some(None),
            Value::Object(_) => {
                let inner = Fields::read(value, &path, &[&["actor_of"]], fields.sink())?;
                inner.required("actor_of")?;
                let node = inner.string("actor_of")?.to_owned();
                Some(Some(At {
                    value: node,
                    path: inner.at("actor_of"),
                }))
            }
            other => {
                fields
                    .sink()
                    .wrong_type(&path, "`requester` or `{actor_of: NODE}`", other);
                None
            }
        })
        .collect()
}

fn escalate(fields: &Fields<'_>) -> Option<EscalateDoc> {
    const LEVELS: u32 = 3;
    let value = fields.get("escalate")?;
    let path = fields.at("escalate");
    let inner = Fields::read(value, &path, &[keys::ESCALATE], fields.sink())?;
    let after = match inner.get("after") {
        Some(value) => Some(duration::period(value, &inner.at("after"), fields.sink())?),
        None => None,
    };
    let to_path = inner.at("to");
    let to = inner
        .required("to")
        .and_then(|value| Fields::read(value, &to_path, &[keys::WHO, keys::LEVELS], fields.sink()))
        .and_then(|fields| who(&fields));
    let levels = match inner.get("levels") {
        Some(_) => inner.number("levels", 1, 10)?,
        None => LEVELS,
    };
    Some(EscalateDoc {
        after,
        to: to?,
        levels,
    })
}

fn when_due(fields: &Fields<'_>) -> Option<WhenDueDoc> {
    let value = fields.get("when_due")?;
    if value.is_object() {
        let path = fields.at("when_due");
        let inner = Fields::read(value, &path, &[&["delegate"]], fields.sink())?;
        let to_path = inner.at("delegate");
        let to = inner.required("delegate")?;
        let to = Fields::read(to, &to_path, &[keys::WHO], fields.sink())?;
        return who(&to).map(WhenDueDoc::Delegate);
    }
    fields.word("when_due", "way on", keys::WHEN_DUE, |word| {
        Some(match word {
            "approve" => WhenDueDoc::Approve,
            "reject" => WhenDueDoc::Reject,
            _ => WhenDueDoc::Escalate,
        })
    })
}

/// The most bytes of one `meta`, as JSON: 256 KiB.
const MAX_META_BYTES: usize = 256 << 10;

/// Fields of the author's own, of any type.
pub(super) fn meta(fields: &Fields<'_>) -> Option<Map<String, Value>> {
    let value = fields.get("meta")?;
    let path = fields.at("meta");
    let Value::Object(meta) = value else {
        fields.sink().wrong_type(&path, "an object", value);
        return None;
    };
    let bytes = value.to_string().len();
    if bytes > MAX_META_BYTES {
        let message = format!("the metadata take {bytes} bytes where {MAX_META_BYTES} are allowed");
        let problem = Problem::error("limit_exceeded", path, message);
        fields.sink().push(problem);
        return None;
    }
    Some(meta.clone())
}

fn on_reject(fields: &Fields<'_>) -> Option<OnRejectDoc> {
    let value = fields.get("on_reject")?;
    if value.is_object() {
        let path = fields.at("on_reject");
        let inner = Fields::read(value, &path, &[&["to"]], fields.sink())?;
        inner.required("to")?;
        return Some(OnRejectDoc::To(At {
            value: inner.string("to")?.to_owned(),
            path: inner.at("to"),
        }));
    }
    fields.word(
        "on_reject",
        "way to reject",
        &["reject", "resubmit"],
        |word| {
            Some(match word {
                "resubmit" => OnRejectDoc::Resubmit,
                _ => OnRejectDoc::Reject,
            })
        },
    )
}

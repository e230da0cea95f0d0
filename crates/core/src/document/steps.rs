//! `kind: steps`: steps with statuses, and the transitions between them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{
    document::{
        At, FormDoc,
        action::{self, Actions},
        entry::{self, EntryDoc, WhoDoc},
        expression::Expression,
        flow, keys, principals,
        reader::{Fields, Sink},
        texts::TextsDoc,
    },
    graph::{StatusRole, Unit},
    pointer::Pointer,
    principal::Principal,
    problem::Problem,
    text::Text,
};

/// `from` of a transition that leaves any step.
const ANY: &str = "*";

/// The bounds of a priority.
const PRIORITY: i64 = 1_000_000;

/// What `kind: steps` consists of.
#[derive(Clone, Debug)]
pub struct StepsShape {
    /// The steps, in order.
    pub steps: Vec<StepDoc>,
    /// The transitions, in order.
    pub transitions: Vec<TransitionDoc>,
}

/// A step.
#[derive(Clone, Debug)]
pub struct StepDoc {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Option<Text>,
    /// What people read beside it.
    pub texts: TextsDoc,
    /// Whether instances begin there.
    pub initial: bool,
    /// Whether a completion status ends the instance.
    pub last: bool,
    /// Who may set its status; any active person when nobody is named.
    pub who: Option<WhoDoc>,
    /// What is filled with a completion status.
    pub form: FormDoc,
    /// Who approves before it is left.
    pub approvals: Vec<EntryDoc>,
    /// Its actions.
    pub actions: Actions,
    /// Its statuses.
    pub statuses: Vec<StatusDoc>,
    /// The keys that it had in earlier versions.
    pub was: Vec<String>,
    /// Where it stands.
    pub path: Pointer,
}

/// A status of a step.
#[derive(Clone, Debug)]
pub struct StatusDoc {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: Option<Text>,
    /// What setting it means.
    pub role: StatusRole,
    /// Whether the step begins with it.
    pub default: bool,
    /// Its kind for people.
    pub category: Option<String>,
    /// Its color.
    pub color: Option<String>,
    /// Its icon.
    pub icon: Option<String>,
    /// Fields of the author's own.
    pub meta: Option<Map<String, Value>>,
    /// Where it stands.
    pub path: Pointer,
}

/// A way from a step to another.
#[derive(Clone, Debug)]
pub struct TransitionDoc {
    /// The step that it leaves, `*` for any; where several are named, each has a transition.
    pub from: At<String>,
    /// The step that it leads to.
    pub to: At<String>,
    /// When it may be taken.
    pub when: Option<Expression>,
    /// What people read while that does not hold.
    pub reason: Option<Text>,
    /// Tried by descending priority.
    pub priority: i64,
    /// Who may take it.
    pub by: Vec<TakerDoc>,
    /// Who approves it.
    pub approvals: Vec<EntryDoc>,
    /// What a no to it means.
    pub on_reject: TransitionRejectDoc,
    /// The keys of the metadata that must be there.
    pub required: Vec<String>,
    /// The host's function that must agree.
    pub validate: Option<String>,
    /// Fields of the author's own.
    pub meta: Option<Map<String, Value>>,
    /// Where it stands.
    pub path: Pointer,
}

/// Who may take a transition.
#[derive(Clone, Debug)]
pub enum TakerDoc {
    /// Whoever has the task of the step.
    Assignee,
    /// Whoever belongs to the department or team of that name.
    Member(Unit, String),
    /// Whoever has done something in the instance before.
    Participant,
    /// A person or a role.
    Principal(Principal),
    /// Whom an entry could name.
    Who(WhoDoc),
}

/// What a no to a transition means.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum TransitionRejectDoc {
    /// The instance is rejected.
    Cancel,
    /// The token goes to a step; to the one that is chosen where there are several.
    Move(Vec<At<String>>),
    /// The step that it left begins anew.
    RequestChanges,
    /// The step that it left has the status that it had before.
    #[default]
    Stay,
}

pub(super) fn read(fields: &Fields<'_>) -> Option<StepsShape> {
    for key in ["pipelines", "approvals", "nodes"] {
        if fields.get(key).is_some() {
            let message = format!("`kind: steps` has no `{key}`");
            let problem = Problem::error("invalid_shape", fields.at(key), message);
            let help = "steps are written under `steps`, ways between them under `transitions`";
            fields.sink().push(problem.help(help));
        }
    }
    fields.required("steps")?;
    fields.not_empty("steps");
    let sink = fields.sink();
    let steps = fields.list("steps").into_iter();
    let steps: Vec<StepDoc> = steps
        .filter_map(|(value, path)| step(value, &path, sink))
        .collect();
    let transitions = fields.list("transitions").into_iter();
    let transitions = transitions.flat_map(|(value, path)| transition(value, &path, sink));
    Some(StepsShape {
        transitions: from_any(transitions.collect(), &steps),
        steps,
    })
}

fn step(value: &Value, path: &Pointer, sink: &Sink) -> Option<StepDoc> {
    let fields = Fields::read(value, path, &[keys::STEP, keys::WHO], sink)?;
    fields.required("statuses");
    fields.not_empty("approvals");
    let statuses = fields.list("statuses").into_iter();
    Some(StepDoc {
        key: fields.name("key")?.to_owned(),
        title: fields.text("title"),
        texts: TextsDoc::read(&fields),
        initial: fields.flag("initial", false) == Some(true),
        last: fields.flag("final", false) == Some(true),
        who: match entry::names_somebody(&fields) {
            true => Some(entry::opening_who(&fields)?),
            false => None,
        },
        form: flow::form(&fields),
        approvals: entry::read_list(&fields, "approvals"),
        actions: action::read_table(&fields),
        statuses: statuses
            .filter_map(|(value, path)| status(value, &path, sink))
            .collect(),
        was: fields.names("was"),
        path: path.clone(),
    })
}

fn status(value: &Value, path: &Pointer, sink: &Sink) -> Option<StatusDoc> {
    let fields = Fields::read(value, path, &[keys::STATUS], sink)?;
    let roles = [
        ("cancellation", StatusRole::Cancellation),
        ("completion", StatusRole::Completion),
        ("hold", StatusRole::Hold),
    ];
    let given: Vec<(&str, StatusRole)> = roles
        .into_iter()
        .filter(|(key, _)| fields.flag(key, false) == Some(true))
        .collect();
    if let [_, (second, _), ..] = given.as_slice() {
        fields.unknown(second, "a status means one of these; write two statuses");
    }
    Some(StatusDoc {
        key: fields.name("key")?.to_owned(),
        title: fields.text("title"),
        role: given.first().map_or(StatusRole::Open, |(_, role)| *role),
        default: fields.flag("default", false) == Some(true),
        category: fields.string("category").map(str::to_owned),
        color: fields.color("color"),
        icon: fields.string("icon").map(str::to_owned),
        meta: entry::meta(&fields),
        path: path.clone(),
    })
}

/// The transitions, with one from each step in place of those from any: from the steps that may be
/// left, but not to themselves, and not where the step has one of its own of the same priority.
fn from_any(all: Vec<TransitionDoc>, steps: &[StepDoc]) -> Vec<TransitionDoc> {
    let own: BTreeSet<(String, String, i64)> = all
        .iter()
        .map(|way| (way.from.value.clone(), way.to.value.clone(), way.priority))
        .collect();
    let mut each = Vec::new();
    for way in all {
        if way.from.value != ANY {
            each.push(way);
            continue;
        }
        let to = &way.to.value;
        let left = steps.iter().filter(|step| !step.last && step.key != *to);
        for step in left {
            if !own.contains(&(step.key.clone(), to.clone(), way.priority)) {
                each.push(TransitionDoc {
                    from: At {
                        value: step.key.clone(),
                        path: way.from.path.clone(),
                    },
                    ..way.clone()
                });
            }
        }
    }
    each
}

/// A transition for each step that it leaves.
fn transition(value: &Value, path: &Pointer, sink: &Sink) -> Vec<TransitionDoc> {
    let Some(fields) = Fields::read(value, path, &[keys::TRANSITION], sink) else {
        return Vec::new();
    };
    let from = match fields.get("from") {
        Some(Value::String(any)) if any == ANY => vec![At {
            value: ANY.to_owned(),
            path: fields.at("from"),
        }],
        _ => targets(&fields, "from"),
    };
    let to = target(&fields, "to");
    fields.not_empty("approvals");
    let when = fields.expression("when");
    let required = fields.list("required").into_iter();
    let required = required.filter_map(|(value, path)| match value.as_str() {
        Some(key) => Some(key.to_owned()),
        None => {
            sink.wrong_type(&path, "a key of the metadata", value);
            None
        }
    });
    let required: Vec<String> = required.collect();
    let (by, on_reject) = (takers(&fields), on_reject(&fields));
    let approvals = entry::read_list(&fields, "approvals");
    let validate = fields.string("validate").map(str::to_owned);
    let (priority, meta) = (priority(&fields), entry::meta(&fields));
    let reason = fields.text("reason");
    let Some(to) = to else { return Vec::new() };
    let each = from.into_iter().map(|from| TransitionDoc {
        from,
        to: to.clone(),
        when: when.clone(),
        reason: reason.clone(),
        priority,
        by: by.clone(),
        approvals: approvals.clone(),
        on_reject: on_reject.clone(),
        required: required.clone(),
        validate: validate.clone(),
        meta: meta.clone(),
        path: path.clone(),
    });
    each.collect()
}

/// The step that is named.
fn target(fields: &Fields<'_>, key: &str) -> Option<At<String>> {
    fields.required(key)?;
    Some(At {
        value: fields.name(key)?.to_owned(),
        path: fields.at(key),
    })
}

/// The steps that are named: one, or a list.
fn targets(fields: &Fields<'_>, key: &str) -> Vec<At<String>> {
    if !matches!(fields.get(key), Some(Value::Array(_))) {
        return target(fields, key).into_iter().collect();
    }
    fields.not_empty(key);
    let listed = fields.list(key).into_iter();
    let named = listed.filter_map(|(value, path)| match value.as_str() {
        Some(key) => Some(At {
            value: key.to_owned(),
            path,
        }),
        None => {
            fields.sink().wrong_type(&path, "the key of a step", value);
            None
        }
    });
    named.collect()
}

/// Who may take a transition: `user:ID`, `role:ID`, or a mapping that says who.
fn takers(fields: &Fields<'_>) -> Vec<TakerDoc> {
    let sink = fields.sink();
    let listed = fields.list("by").into_iter();
    let read = listed.filter_map(|(value, path)| match value {
        Value::Object(_) => taker(value, &path, sink),
        _ => principals::one(value, path, sink).map(TakerDoc::Principal),
    });
    read.collect()
}

fn taker(value: &Value, path: &Pointer, sink: &Sink) -> Option<TakerDoc> {
    let known = [keys::WHO, keys::LEVELS, keys::TAKER];
    let fields = Fields::read(value, path, &known, sink)?;
    let given = keys::TAKER.iter().find(|key| fields.get(key).is_some());
    let Some(key) = given else {
        return entry::opening_who(&fields).map(TakerDoc::Who);
    };
    let others = keys::WHO.iter().chain(keys::LEVELS).chain(keys::TAKER);
    for other in others.filter(|other| *other != key) {
        fields.unknown(other, "each of `by` says who in one way");
    }
    let is_so = |key| fields.flag(key, false) == Some(true);
    let member = |unit| Some(TakerDoc::Member(unit, fields.string(key)?.to_owned()));
    match *key {
        "department" => member(Unit::Department),
        "team" => member(Unit::Team),
        "assignee" => is_so(key).then_some(TakerDoc::Assignee),
        _ => is_so(key).then_some(TakerDoc::Participant),
    }
}

fn priority(fields: &Fields<'_>) -> i64 {
    let Some(value) = fields.get("priority") else {
        return 0;
    };
    let found = value.as_i64();
    found
        .filter(|found| (-PRIORITY..=PRIORITY).contains(found))
        .unwrap_or_else(|| {
            let what = format!("a whole number from -{PRIORITY} to {PRIORITY}");
            fields
                .sink()
                .wrong_type(&fields.at("priority"), &what, value);
            0
        })
}

fn on_reject(fields: &Fields<'_>) -> TransitionRejectDoc {
    if let Some(value @ Value::Object(_)) = fields.get("on_reject") {
        let path = fields.at("on_reject");
        let inner = Fields::read(value, &path, &[keys::MOVE], fields.sink());
        let targets = inner.map(|inner| targets(&inner, "move"));
        let targets = targets.filter(|targets| !targets.is_empty());
        return targets.map_or_else(TransitionRejectDoc::default, TransitionRejectDoc::Move);
    }
    let word = fields.word(
        "on_reject",
        "reaction",
        keys::TRANSITION_REJECT,
        |word| match word {
            "cancel" => Some(TransitionRejectDoc::Cancel),
            "request_changes" => Some(TransitionRejectDoc::RequestChanges),
            "stay" => Some(TransitionRejectDoc::Stay),
            _ => None,
        },
    );
    word.unwrap_or_default()
}

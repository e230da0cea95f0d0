//! `kind: steps`: steps with statuses, and the transitions between them.

use serde_json::Value;

use crate::{
    document::{
        At, FormDoc,
        action::{self, Actions},
        entry::{self, EntryDoc, WhoDoc},
        expression::Expression,
        flow, keys,
        reader::{Fields, Sink},
        texts::TextsDoc,
    },
    graph::StatusRole,
    pointer::Pointer,
    principal::Principal,
    problem::Problem,
    text::Text,
};

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
    /// Where it stands.
    pub path: Pointer,
}

/// A way from a step to another.
#[derive(Clone, Debug)]
pub struct TransitionDoc {
    /// The step that it leaves.
    pub from: At<String>,
    /// The step that it leads to.
    pub to: At<String>,
    /// When it may be taken.
    pub when: Option<Expression>,
    /// Tried by descending priority.
    pub priority: i64,
    /// Who may take it.
    pub by: Vec<Principal>,
    /// Who approves it.
    pub approvals: Vec<EntryDoc>,
    /// What a no to it means.
    pub on_reject: TransitionRejectDoc,
    /// The keys of the metadata that must be there.
    pub required: Vec<String>,
    /// Where it stands.
    pub path: Pointer,
}

/// What a no to a transition means.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum TransitionRejectDoc {
    /// The instance is rejected.
    Cancel,
    /// The token goes to a step.
    Move(At<String>),
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
    let transitions = fields.list("transitions").into_iter();
    Some(StepsShape {
        steps: steps
            .filter_map(|(value, path)| step(value, &path, sink))
            .collect(),
        transitions: transitions
            .filter_map(|(value, path)| transition(value, &path, sink))
            .collect(),
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
        path: path.clone(),
    })
}

fn transition(value: &Value, path: &Pointer, sink: &Sink) -> Option<TransitionDoc> {
    let fields = Fields::read(value, path, &[keys::TRANSITION], sink)?;
    let (from, to) = (target(&fields, "from"), target(&fields, "to"));
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
    Some(TransitionDoc {
        when,
        priority: priority(&fields),
        by: fields.principals("by"),
        approvals: entry::read_list(&fields, "approvals"),
        on_reject: on_reject(&fields),
        required: required.collect(),
        path: path.clone(),
        from: from?,
        to: to?,
    })
}

/// The step that is named.
fn target(fields: &Fields<'_>, key: &str) -> Option<At<String>> {
    fields.required(key)?;
    Some(At {
        value: fields.name(key)?.to_owned(),
        path: fields.at(key),
    })
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
        let target = inner.and_then(|inner| target(&inner, "move"));
        return target.map_or_else(TransitionRejectDoc::default, TransitionRejectDoc::Move);
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

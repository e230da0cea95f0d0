//! Actions as written.

use indexmap::IndexMap;
use serde_json::Value;

use crate::{
    document::{
        At, duration,
        expression::Expression,
        keys,
        reader::{Fields, Sink},
    },
    graph::{ActionEvent, OnFailure, Recipient, Retry},
    pointer::Pointer,
    problem::{Problem, nearest, shown},
};

/// The actions of one level, by event; an empty list names the event and runs nothing.
pub type Actions = IndexMap<ActionEvent, Vec<ActionDoc>>;

/// One action.
#[derive(Clone, Debug)]
pub struct ActionDoc {
    /// What it does.
    pub kind: ActionDocKind,
    /// `with`.
    pub with: Option<At<Value>>,
    /// `when`.
    pub when: Option<Expression>,
    /// `order`.
    pub order: i64,
    /// `on_failure`.
    pub on_failure: OnFailure,
    /// `retry`.
    pub retry: Retry,
    /// `active`.
    pub active: bool,
}

/// What an action does.
#[derive(Clone, Debug)]
pub enum ActionDocKind {
    /// Sends mail.
    Mail {
        /// The template.
        template: String,
        /// The subject, with `${ cel }`.
        subject: Option<At<Value>>,
        /// Who gets it.
        to: Vec<Recipient>,
        /// Who gets a copy.
        cc: Vec<Recipient>,
    },
    /// Runs the host's function.
    Run(String),
}

pub(super) fn read_table(fields: &Fields<'_>) -> Actions {
    let path = fields.at("actions");
    let mut actions = Actions::new();
    let Some(value) = fields.get("actions") else {
        return actions;
    };
    let names: Vec<&str> = ActionEvent::ALL
        .iter()
        .map(|event| event.as_str())
        .collect();
    let Some(events) = value.as_object() else {
        fields
            .sink()
            .wrong_type(&path, "a mapping of events to lists of actions", value);
        return actions;
    };
    for (name, list) in events {
        let at = path.key(name);
        let Some(event) = ActionEvent::parse(name) else {
            let shown = shown(name);
            let problem = Problem::error("unknown_key", at, format!("`{shown}` is not an event"));
            fields
                .sink()
                .push(match nearest(name, names.iter().copied()) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem,
                });
            continue;
        };
        let Value::Array(items) = list else {
            fields.sink().wrong_type(&at, "a list of actions", list);
            continue;
        };
        let read = items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| read(item, &at.index(index), fields.sink()));
        actions.insert(event, read.collect());
    }
    actions
}

fn read(value: &Value, path: &Pointer, sink: &Sink) -> Option<ActionDoc> {
    let fields = Fields::read(value, path, &[keys::ACTION_KIND, keys::ACTION], sink)?;
    fields.not_yet(&["in_transaction"]);
    let kind = kind(&fields)?;
    Some(ActionDoc {
        kind,
        with: fields.value("with"),
        when: fields.expression("when"),
        order: order(&fields),
        on_failure: fields
            .word("on_failure", "policy", &["continue", "stop"], |word| {
                Some(match word {
                    "stop" => OnFailure::Stop,
                    _ => OnFailure::Continue,
                })
            })
            .unwrap_or_default(),
        retry: retry(&fields),
        active: fields.flag("active", true).unwrap_or(true),
    })
}

/// What it does: exactly one of the keys that say so.
fn kind(fields: &Fields<'_>) -> Option<ActionDocKind> {
    let kinds: Vec<&str> = keys::ACTION_KIND
        .iter()
        .copied()
        .filter(|key| fields.get(key).is_some())
        .collect();
    match kinds.as_slice() {
        ["mail"] => mail(fields),
        ["run"] => {
            for key in ["to", "cc", "subject"] {
                if fields.get(key).is_some() {
                    fields.sink().push(Problem::error(
                        "unknown_key",
                        fields.at(key),
                        format!("`run` takes no `{key}`"),
                    ));
                }
            }
            Some(ActionDocKind::Run(fields.name("run")?.to_owned()))
        }
        [one] => {
            fields
                .sink()
                .not_yet(&fields.at(one), &format!("the action `{one}`"));
            None
        }
        [] => {
            fields.sink().push(
                Problem::error(
                    "missing_action",
                    fields.path().clone(),
                    "the action says not what to do",
                )
                .help("name one of `run`, `mail`"),
            );
            None
        }
        several => {
            let names = several.join("`, `");
            fields.sink().push(Problem::error(
                "missing_action",
                fields.path().clone(),
                format!("expected one thing to do, found `{names}`"),
            ));
            None
        }
    }
}

fn order(fields: &Fields<'_>) -> i64 {
    let Some(value) = fields.get("order") else {
        return 0;
    };
    value.as_i64().unwrap_or_else(|| {
        fields
            .sink()
            .wrong_type(&fields.at("order"), "a whole number", value);
        0
    })
}

pub(super) fn retry(fields: &Fields<'_>) -> Retry {
    let mut retry = Retry::default();
    let path = fields.at("retry");
    let Some(value) = fields.get("retry") else {
        return retry;
    };
    let Some(inner) = Fields::read(value, &path, &[keys::RETRY], fields.sink()) else {
        return retry;
    };
    if let Some(max) = inner.number("max", 1, 100) {
        retry.max = max;
    }
    if let Some(backoff) = inner
        .get("backoff")
        .and_then(|value| duration::read(value, &inner.at("backoff"), fields.sink()))
    {
        retry.backoff_seconds = u64::try_from(backoff.as_secs()).unwrap_or(retry.backoff_seconds);
    }
    retry
}

fn mail(fields: &Fields<'_>) -> Option<ActionDocKind> {
    let template = fields.name("mail")?.to_owned();
    fields.required("to")?;
    Some(ActionDocKind::Mail {
        template,
        subject: fields.value("subject"),
        to: recipients(fields, "to"),
        cc: recipients(fields, "cc"),
    })
}

fn recipients(fields: &Fields<'_>, key: &str) -> Vec<Recipient> {
    fields
        .list(key)
        .into_iter()
        .filter_map(|(value, path)| match value.as_str() {
            Some(text) => recipient(text, &path, fields.sink()),
            None => {
                fields.sink().wrong_type(&path, "a recipient", value);
                None
            }
        })
        .collect()
}

fn recipient(text: &str, path: &Pointer, sink: &Sink) -> Option<Recipient> {
    Some(match text {
        "creator" => Recipient::Creator,
        "requester" => Recipient::Requester,
        "current_approvers" => Recipient::CurrentApprovers,
        "delegate" => Recipient::Delegate,
        "delegator" => Recipient::Delegator,
        "workflow_starter" => Recipient::WorkflowStarter,
        "participants" => Recipient::Participants,
        "next_approvers" => {
            sink.not_yet(path, "the recipient `next_approvers`");
            return None;
        }
        other => match other.parse() {
            Ok(principal) => Recipient::Principal(principal),
            Err(_) if other.contains('@') && !other.contains(char::is_whitespace) => {
                Recipient::Address(other.to_owned())
            }
            Err(_) => {
                sink.unknown_word(path, "recipient", other, keys::RECIPIENTS);
                return None;
            }
        },
    })
}

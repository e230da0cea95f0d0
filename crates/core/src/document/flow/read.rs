//! Reading what a node does.

use serde_json::Value;

use super::{
    boundary,
    kind::{
        CallDoc, FieldDoc, FormDoc, JoinDoc, JoinNeedDoc, MutexDoc, NodeKindDoc, ReceiveDoc,
        SetDoc, SignalDoc, StartDoc, TaskDoc, TriggerDoc,
    },
    subprocess, way,
};
use crate::{
    document::{
        At, action, duration,
        entry::{self, EntryDoc, EntryKeys},
        expression, keys,
        reader::Fields,
    },
    graph::{Rest, Symbol},
    problem::{Problem, shown},
};

/// What the node does whose kind is `name`.
pub(super) fn kind(name: &str, fields: &Fields<'_>) -> Option<NodeKindDoc> {
    Some(match name {
        "start" => NodeKindDoc::Start(Box::new(start(fields)?)),
        "task" => NodeKindDoc::Task(Box::new(task(fields)?)),
        "function" => NodeKindDoc::Function(call(fields, "function")?),
        "job" => NodeKindDoc::Job {
            call: call(fields, "job")?,
            retry: action::retry(fields),
            when: boundary::moment(fields, "delay", "at"),
            timeout: fields
                .get("timeout")
                .and_then(|value| duration::read(value, &fields.at("timeout"), fields.sink())),
        },
        "if" => NodeKindDoc::If {
            when: fields.expression("if")?,
            then: way::required(fields, "then")?,
            otherwise: way::required(fields, "else")?,
        },
        "switch" => NodeKindDoc::Switch {
            cases: way::branches(fields, "switch", keys::CASE),
            default: way::one(fields, "default"),
        },
        "split" => NodeKindDoc::Split(way::branches(fields, "split", keys::BRANCH)),
        "first" => NodeKindDoc::First(nodes(fields, "first")),
        "join" => NodeKindDoc::Join(join(fields)?),
        "set" => NodeKindDoc::Set(set(fields)),
        "receive" => NodeKindDoc::Receive(receive(fields)?),
        "timer" => {
            let path = fields.at("timer");
            let inner = Fields::read(fields.get("timer")?, &path, &[keys::TIMER], fields.sink())?;
            NodeKindDoc::Timer(boundary::required_moment(&inner, "after", "at")?)
        }
        "wait" => NodeKindDoc::Wait(fields.expression("wait")?),
        "subprocess" => NodeKindDoc::Subprocess(Box::new(subprocess::subprocess(fields)?)),
        "signal" => NodeKindDoc::Signal(signal(fields)?),
        "raise" => NodeKindDoc::Raise(fields.name("raise")?.to_owned()),
        "compensate" => compensate(fields)?,
        "fail" => {
            let path = fields.at("fail");
            let inner = Fields::read(fields.get("fail")?, &path, &[keys::FAIL], fields.sink())?;
            NodeKindDoc::Fail(inner.name("code")?.to_owned())
        }
        "terminate" => NodeKindDoc::Terminate(ending(fields, "terminate")?),
        _ => NodeKindDoc::End(ending(fields, "end")?),
    })
}

/// The outcome of an `end` or a `terminate`, if it has one.
#[expect(
    clippy::option_option,
    reason = "unreadable, without an outcome, with one"
)]
fn ending(fields: &Fields<'_>, key: &str) -> Option<Option<String>> {
    let path = fields.at(key);
    let inner = Fields::read(fields.get(key)?, &path, &[keys::END], fields.sink())?;
    match inner.get("outcome") {
        None => Some(None),
        Some(_) => inner
            .name("outcome")
            .map(|outcome| Some(outcome.to_owned())),
    }
}

fn start(fields: &Fields<'_>) -> Option<StartDoc> {
    let path = fields.at("start");
    let value = fields.get("start")?;
    let inner = Fields::read(value, &path, &[keys::START_NODE], fields.sink())?;
    let triggers = ["code", "every", "cron", "message", "signal"];
    let given: Vec<&str> = triggers
        .into_iter()
        .filter(|key| inner.get(key).is_some())
        .collect();
    if let [_, second, ..] = given.as_slice() {
        inner.unknown(second, "a start begins in one way; add another start node");
    }
    let trigger = match given.first().copied() {
        None => TriggerDoc::Person,
        Some("every") => TriggerDoc::Every(duration::read(
            inner.get("every")?,
            &inner.at("every"),
            inner.sink(),
        )?),
        Some("cron") => TriggerDoc::Cron(target(&inner, "cron")?),
        Some("message") => TriggerDoc::Message(inner.name("message")?.to_owned()),
        Some("signal") => TriggerDoc::Signal(inner.name("signal")?.to_owned()),
        Some(_) => {
            only_true(&inner, "code")?;
            TriggerDoc::Code
        }
    };
    if trigger != TriggerDoc::Person {
        inner.unknown("by", "nobody starts this by hand, so nobody is named");
    }
    Some(StartDoc {
        form: form(&inner),
        by: inner.principals("by"),
        trigger,
    })
}

fn only_true(fields: &Fields<'_>, key: &str) -> Option<()> {
    match fields.get(key)? {
        Value::Bool(true) => Some(()),
        other => {
            fields.sink().wrong_type(&fields.at(key), "`true`", other);
            None
        }
    }
}

fn task(fields: &Fields<'_>) -> Option<TaskDoc> {
    let path = fields.at("task");
    let allowed = [keys::WHO, keys::LEVELS, keys::ENTRY, &["approvals"]];
    let inner = Fields::read(fields.get("task")?, &path, &allowed, fields.sink())?;
    let votes = inner.get("approvals").is_some();
    let others = [
        "select",
        "behaviour",
        "mode",
        "on_reject",
        "reject_tolerance",
    ];
    for key in keys::WHO
        .iter()
        .chain(keys::LEVELS)
        .chain(&["form"])
        .filter(|_| votes)
    {
        inner.unknown(
            key,
            &format!("`{key}` is said by each of `approvals`, not beside them"),
        );
    }
    for key in others.iter().filter(|_| !votes) {
        let fits = *key == "select" && matches!(one_does_it(&inner), Some(true));
        if !fits {
            let message = format!("one person does a task, so it takes no `{key}`");
            inner.unknown(key, &message);
        }
    }
    let named = !votes && entry::names_somebody(&inner);
    Some(TaskDoc {
        form: if votes {
            FormDoc::Fields(Vec::new())
        } else {
            form(&inner)
        },
        who: if named {
            Some(entry::opening_who(&inner)?)
        } else {
            None
        },
        keys: EntryKeys::read_without_form(&inner),
        approvals: approvals(&inner),
    })
}

fn approvals(fields: &Fields<'_>) -> Vec<EntryDoc> {
    fields.not_empty("approvals");
    entry::read_list(fields, "approvals")
}

/// Whether `select` chooses one person.
fn one_does_it(fields: &Fields<'_>) -> Option<bool> {
    let word = fields.get("select")?.as_str()?;
    Some(!matches!(word, "consensus" | "majority"))
}

/// `form`: fields of the data, or the key of a form.
pub(in crate::document) fn form(fields: &Fields<'_>) -> FormDoc {
    if matches!(
        fields.get("form"),
        Some(Value::Object(_) | Value::String(_))
    ) {
        return match entry::form_key(fields) {
            Some(key) => FormDoc::Key(key),
            None => FormDoc::Fields(Vec::new()),
        };
    }
    let listed = fields.list("form").into_iter();
    FormDoc::Fields(
        listed
            .filter_map(|(value, path)| {
                let Some(text) = value.as_str() else {
                    let sink = fields.sink();
                    sink.wrong_type(&path, "the name of a field", value);
                    return None;
                };
                let name = text.strip_suffix('?').unwrap_or(text);
                Some(FieldDoc {
                    optional: name.len() < text.len(),
                    name: At {
                        value: name.to_owned(),
                        path,
                    },
                })
            })
            .collect(),
    )
}

fn call(fields: &Fields<'_>, key: &str) -> Option<CallDoc> {
    Some(CallDoc {
        name: fields.name(key)?.to_owned(),
        with: fields.value("with"),
        into: data_path(fields, "into"),
        symbol: fields.word("symbol", "symbol", keys::SYMBOL, |word| {
            Some(match word {
                "message" => Symbol::Message,
                "rule" => Symbol::Rule,
                _ => Symbol::Send,
            })
        }),
    })
}

fn join(fields: &Fields<'_>) -> Option<JoinDoc> {
    let path = fields.at("join");
    let need = if fields.get("join")?.is_object() {
        let value = fields.get("join")?;
        let inner = Fields::read(value, &path, &[keys::JOIN_MAP], fields.sink())?;
        let count = inner.number("count", 1, 1_000_000).map(JoinNeedDoc::Count);
        let percent = inner
            .number("percent", 1, 100)
            .and_then(|p| u8::try_from(p).ok())
            .map(JoinNeedDoc::Percent);
        let when = inner.expression("when").map(JoinNeedDoc::When);
        let given = keys::JOIN_MAP.iter().filter(|key| inner.get(key).is_some());
        if given.count() != 1 {
            fields.sink().push(Problem::error(
                "missing_key",
                path,
                "expected one of `count`, `percent`, `when`",
            ));
            return None;
        }
        count.or(percent).or(when)?
    } else {
        fields.word("join", "requirement", keys::JOIN, |word| {
            Some(match word {
                "any" => JoinNeedDoc::Any,
                _ => JoinNeedDoc::All,
            })
        })?
    };
    let rest = fields.word("rest", "policy", keys::REST, |word| {
        Some(match word {
            "absorb" => Rest::Absorb,
            "block" => Rest::Block,
            _ => Rest::Cancel,
        })
    });
    if matches!(need, JoinNeedDoc::All) {
        fields.unknown("rest", "`all` leaves no rest");
    }
    Some(JoinDoc { need, rest })
}

fn set(fields: &Fields<'_>) -> SetDoc {
    let path = fields.at("set");
    let sink = fields.sink();
    let Some(map) = fields.get("set").and_then(Value::as_object) else {
        if let Some(other) = fields.get("set") {
            sink.wrong_type(&path, "a mapping of expressions", other);
        }
        return SetDoc::default();
    };
    if map.is_empty() {
        let problem = Problem::error("empty_list", path.clone(), "`set` sets nothing");
        sink.push(problem);
    }
    SetDoc(
        map.iter()
            .filter_map(|(key, value)| {
                let place = At {
                    value: key.clone(),
                    path: path.key(key),
                };
                let place = check_data_path(fields, place)?;
                let source = expression::read(value, path.key(key), sink)?;
                Some((place, source))
            })
            .collect(),
    )
}

fn receive(fields: &Fields<'_>) -> Option<ReceiveDoc> {
    let path = fields.at("receive");
    let value = fields.get("receive")?;
    let inner = Fields::read(value, &path, &[keys::RECEIVE], fields.sink())?;
    let into = data_path(fields, "into");
    if inner.get("code").is_some() {
        only_true(&inner, "code")?;
        for key in ["message", "key"] {
            inner.unknown(key, "the host completes it by code, no message does");
        }
        return Some(ReceiveDoc {
            message: None,
            key: None,
            into,
        });
    }
    Some(ReceiveDoc {
        message: Some(inner.name("message")?.to_owned()),
        key: inner.expression("key"),
        into,
    })
}

fn signal(fields: &Fields<'_>) -> Option<SignalDoc> {
    let path = fields.at("signal");
    let value = fields.get("signal")?;
    let inner = Fields::read(value, &path, &[keys::SIGNAL], fields.sink())?;
    match (inner.get("throw"), inner.get("catch")) {
        (Some(_), None) => Some(SignalDoc::Throw {
            name: inner.name("throw")?.to_owned(),
            with: fields.value("with"),
        }),
        (None, Some(_)) => {
            fields.unknown("with", "what catches a signal says nothing");
            Some(SignalDoc::Catch {
                name: inner.name("catch")?.to_owned(),
                into: data_path(fields, "into"),
            })
        }
        _ => {
            fields.sink().push(Problem::error(
                "missing_key",
                path,
                "expected one of `throw`, `catch`",
            ));
            None
        }
    }
}

fn compensate(fields: &Fields<'_>) -> Option<NodeKindDoc> {
    if fields.get("compensate")?.is_array() {
        let listed = nodes(fields, "compensate");
        if listed.is_empty() {
            fields.sink().push(Problem::error(
                "empty_list",
                fields.at("compensate"),
                "no node is named",
            ));
        }
        return Some(NodeKindDoc::Compensate(listed));
    }
    fields.word("compensate", "word", &["all"], |_| {
        Some(NodeKindDoc::Compensate(Vec::new()))
    })
}

pub(super) fn mutex(fields: &Fields<'_>) -> Option<MutexDoc> {
    let value = fields.get("mutex")?;
    if value.is_object() {
        let path = fields.at("mutex");
        let inner = Fields::read(value, &path, &[keys::MUTEX], fields.sink())?;
        return Some(MutexDoc {
            name: inner.name("name")?.to_owned(),
            key: inner.expression("key"),
        });
    }
    Some(MutexDoc {
        name: fields.name("mutex")?.to_owned(),
        key: None,
    })
}

/// A list of nodes.
pub(super) fn nodes(fields: &Fields<'_>, key: &str) -> Vec<At<String>> {
    let listed = fields.list(key).into_iter();
    listed
        .filter_map(|(value, path)| match value.as_str() {
            Some(text) => Some(At {
                value: text.to_owned(),
                path,
            }),
            None => {
                fields.sink().wrong_type(&path, "a node", value);
                None
            }
        })
        .collect()
}

/// A place in the data: keys with dots between them.
pub(super) fn data_path(fields: &Fields<'_>, key: &str) -> Option<At<String>> {
    check_data_path(fields, target(fields, key)?)
}

pub(in crate::document) fn check_data_path(
    fields: &Fields<'_>,
    place: At<String>,
) -> Option<At<String>> {
    const DEEPEST: usize = 16;
    let mut keys = place.value.split('.');
    let first = keys.next().unwrap_or_default();
    let wrong = first.is_empty()
        || keys::RESERVED.contains(&first)
        || keys.any(str::is_empty)
        || place.value.split('.').count() > DEEPEST;
    if wrong {
        let shown = shown(&place.value);
        let message = format!("`{shown}` cannot be a field");
        let problem = Problem::error("invalid_key", place.path, message);
        fields.sink().push(problem);
        return None;
    }
    Some(place)
}

pub(super) fn target(fields: &Fields<'_>, key: &str) -> Option<At<String>> {
    Some(At {
        value: fields.string(key)?.to_owned(),
        path: fields.at(key),
    })
}

pub(super) fn required_target(fields: &Fields<'_>, key: &str) -> Option<At<String>> {
    fields.required(key)?;
    target(fields, key)
}

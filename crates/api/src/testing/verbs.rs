//! The verbs of a step.

use jiff::SignedDuration;
use serde_json::{Map, Value};
use signoff_core::pointer::Pointer;

use crate::{
    call::Start,
    directory::Substitution,
    migration::Migration,
    testing::{
        people,
        read::{Fields, Result, invalid, not_yet, text, unknown},
    },
};

/// Every verb of the format.
const VERBS: &[&str] = &[
    "start",
    "approve",
    "reject",
    "resubmit",
    "return",
    "delegate",
    "transfer",
    "escalate",
    "complete",
    "check_in",
    "claim",
    "release",
    "assign",
    "start_work",
    "set_status",
    "request_info",
    "answer",
    "hold",
    "resume",
    "cancel",
    "withdraw",
    "cancel_task",
    "undo",
    "revive",
    "retry",
    "skip",
    "jump",
    "suspend",
    "snooze",
    "send",
    "signal",
    "add_branch",
    "set_data",
    "set_metadata",
    "save_draft",
    "unsnooze",
    "comment",
    "add_approver",
    "remove_approver",
    "substitute",
    "publish",
    "migrate",
    "advance",
    "work",
];
/// What stands in the verb's mapping or beside the verb.
const BESIDE: &[&str] = &["by", "form", "comment", "reason", "to", "context", "data"];
const START: &[&str] = &[
    "subject",
    "as",
    "workflow",
    "version",
    "metadata",
    "requester",
    "at",
    "seed",
    "artifact",
    "auto_start",
    "follow_latest",
    "business_key",
    "instance",
];
const TARGET: &[&str] = &["node", "task", "instance"];
/// What stands in the mapping of some verbs only.
const OF_SOME: &[&str] = &[
    "item", "key", "id", "name", "as", "status", "force", "until", "metadata",
];

/// What somebody does.
#[derive(Debug)]
pub(super) enum Verb {
    Advance(SignedDuration),
    OnInstance {
        verb: InstanceVerb,
        words: Words,
    },
    Migrate {
        plan: Box<Migration>,
        words: Words,
    },
    OnPlace {
        verb: PlaceVerb,
        words: Words,
    },
    OnTask {
        verb: TaskVerb,
        words: Words,
    },
    /// A document, as JSON.
    Publish(String),
    Send(Words),
    Signal(Words),
    Substitute(Substitution),
    Start {
        start: Box<Start>,
        name: Option<String>,
    },
    Work,
}

/// A verb that is about one instance.
#[derive(Clone, Copy, Debug)]
pub(super) enum InstanceVerb {
    AddBranch,
    Begin,
    Cancel,
    Comment,
    Hold,
    Resume,
    SetData,
    SetMetadata,
    Withdraw,
}

/// A verb that is about one activation.
#[derive(Clone, Copy, Debug)]
pub(super) enum PlaceVerb {
    CancelTask,
    Jump,
    Retry,
    Revive,
    Skip,
    Undo,
}

/// A verb that is about one task.
#[derive(Clone, Copy, Debug)]
pub(super) enum TaskVerb {
    AddApprover,
    Answer,
    Approve,
    Assign,
    CheckIn,
    Claim,
    Comment,
    Complete,
    Delegate,
    Escalate,
    Reject,
    Release,
    RemoveApprover,
    RequestInfo,
    Resubmit,
    Return,
    SetStatus,
    Transfer,
    ResumeTask,
    SaveDraft,
    Snooze,
    StartWork,
    Suspend,
    Unsnooze,
}

/// What stands with a verb.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    pub(super) node: Option<String>,
    pub(super) task: Option<u64>,
    pub(super) instance: Option<String>,
    pub(super) by: Option<String>,
    pub(super) form: Option<Value>,
    pub(super) comment: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) to: Option<String>,
    pub(super) data: Option<Value>,
    pub(super) item: Option<Value>,
    pub(super) key: Option<String>,
    pub(super) id: Option<String>,
    pub(super) as_name: Option<String>,
    pub(super) context: Map<String, Value>,
    pub(super) metadata: Option<Box<Map<String, Value>>>,
    pub(super) force: bool,
    pub(super) until: Option<String>,
    pub(super) path: Pointer,
}

impl Verb {
    pub(super) fn read(step: &Value, path: &Pointer) -> Result<Self> {
        let Some(map) = step.as_object() else {
            return Err(invalid(path, "expected a step: a verb with its target"));
        };
        let known = |key: &&String| {
            let key = key.as_str();
            key == "expect" || BESIDE.contains(&key) || OF_SOME.contains(&key)
        };
        // `comment` is a verb only when there is no other.
        let verbs: Vec<&String> = map.keys().filter(|key| !known(key)).collect();
        let verb = match verbs.as_slice() {
            [verb] => *verb,
            [] if map.contains_key("comment") => {
                return Self::named("comment", map, path);
            }
            [] => return Err(invalid(path, "the step has no verb")),
            [first, second, ..] => {
                let stranger = [first, second]
                    .into_iter()
                    .find(|key| !VERBS.contains(&key.as_str()));
                return Err(match stranger {
                    Some(stranger) => {
                        let all: Vec<&str> = VERBS
                            .iter()
                            .chain(BESIDE)
                            .copied()
                            .chain(["expect"])
                            .collect();
                        unknown(&path.key(stranger), "verb or key of a step", stranger, &all)
                    }
                    None => invalid(
                        path,
                        format!("a step does one thing, not `{first}` and `{second}`"),
                    ),
                });
            }
        };
        if !VERBS.contains(&verb.as_str()) {
            return Err(unknown(&path.key(verb), "verb", verb, VERBS));
        }
        Self::named(verb, map, path)
    }

    fn named(verb: &str, map: &Map<String, Value>, path: &Pointer) -> Result<Self> {
        let at = path.key(verb);
        let value = &map[verb];
        let task = |verb| {
            Ok(Self::OnTask {
                verb,
                words: Words::read(value, map, path, &at)?,
            })
        };
        let instance = |verb| {
            Ok(Self::OnInstance {
                verb,
                words: Words::read(value, map, path, &at)?,
            })
        };
        let place = |verb| {
            Ok(Self::OnPlace {
                verb,
                words: Words::read(value, map, path, &at)?,
            })
        };
        match verb {
            "start" => start(value, map, path, &at),
            "start_work" => task(TaskVerb::StartWork),
            "save_draft" => task(TaskVerb::SaveDraft),
            "snooze" => task(TaskVerb::Snooze),
            "unsnooze" => task(TaskVerb::Unsnooze),
            "suspend" => task(TaskVerb::Suspend),
            "hold" => instance(InstanceVerb::Hold),
            // With a node it is a task that goes on.
            "resume" => match Words::read(value, map, path, &at)? {
                words if words.node.is_some() => Ok(Self::OnTask {
                    verb: TaskVerb::ResumeTask,
                    words,
                }),
                words => Ok(Self::OnInstance {
                    verb: InstanceVerb::Resume,
                    words,
                }),
            },
            "set_metadata" => instance(InstanceVerb::SetMetadata),
            "advance" => Ok(Self::Advance(duration(&text(value, &at)?, &at)?)),
            "work" => Ok(Self::Work),
            "add_approver" => task(TaskVerb::AddApprover),
            "remove_approver" => task(TaskVerb::RemoveApprover),
            "approve" => task(TaskVerb::Approve),
            "answer" => task(TaskVerb::Answer),
            "request_info" => task(TaskVerb::RequestInfo),
            "assign" => task(TaskVerb::Assign),
            "check_in" => task(TaskVerb::CheckIn),
            "claim" => task(TaskVerb::Claim),
            "complete" => task(TaskVerb::Complete),
            "delegate" => task(TaskVerb::Delegate),
            "escalate" => task(TaskVerb::Escalate),
            "reject" => task(TaskVerb::Reject),
            "release" => task(TaskVerb::Release),
            "resubmit" => task(TaskVerb::Resubmit),
            "return" => task(TaskVerb::Return),
            "transfer" => task(TaskVerb::Transfer),
            "comment" => Ok(comment(Words::said(value, map, path, &at)?)),
            "withdraw" => instance(InstanceVerb::Withdraw),
            "migrate" => migrate(value, map, path, &at),
            "publish" if value.is_object() => Ok(Self::Publish(value.to_string())),
            "publish" => Err(invalid(&at, "`publish` needs a document")),
            "cancel" => instance(InstanceVerb::Cancel),
            "set_data" => instance(InstanceVerb::SetData),
            "set_status" => task(TaskVerb::SetStatus),
            "add_branch" => instance(InstanceVerb::AddBranch),
            "cancel_task" => place(PlaceVerb::CancelTask),
            "jump" => place(PlaceVerb::Jump),
            "retry" => place(PlaceVerb::Retry),
            "revive" => place(PlaceVerb::Revive),
            "skip" => place(PlaceVerb::Skip),
            "undo" => place(PlaceVerb::Undo),
            "substitute" => Ok(Self::Substitute(people::substitute(value, map, path, &at)?)),
            "send" => Ok(Self::Send(Words::read(value, map, path, &at)?)),
            "signal" => Ok(Self::Signal(Words::read(value, map, path, &at)?)),
            other => Err(not_yet(&at, "verb", other)),
        }
    }
}

/// Something said of a task where a node is named, else of the instance.
fn comment(words: Words) -> Verb {
    match words.node {
        Some(_) => Verb::OnTask {
            verb: TaskVerb::Comment,
            words,
        },
        None => Verb::OnInstance {
            verb: InstanceVerb::Comment,
            words,
        },
    }
}

/// The value of `key` in the verb's mapping or beside the verb.
fn beside<'a>(inside: &Fields<'a>, map: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    inside.get(key).or_else(|| map.get(key))
}

static EMPTY: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| Value::Object(Map::new()));

impl Words {
    /// Of `comment`: a text alone is what is said of the instance.
    fn said(value: &Value, map: &Map<String, Value>, path: &Pointer, at: &Pointer) -> Result<Self> {
        let mut beside = map.clone();
        beside.remove("comment");
        let Value::String(said) = value else {
            return Self::read(value, &beside, path, at);
        };
        Ok(Self {
            comment: Some(said.clone()),
            ..Self::read(&Value::Null, &beside, path, at)?
        })
    }

    fn read(value: &Value, map: &Map<String, Value>, path: &Pointer, at: &Pointer) -> Result<Self> {
        let (node, inside) = match value {
            Value::String(node) => (Some(node.clone()), &*EMPTY),
            Value::Null => (None, &*EMPTY),
            other => (None, other),
        };
        let keys: Vec<&str> = TARGET
            .iter()
            .chain(BESIDE)
            .chain(OF_SOME)
            .copied()
            .collect();
        let fields = Fields::read(inside, at, "verb's mapping", &keys)?;
        let context = match beside(&fields, map, "context") {
            None => Map::new(),
            Some(Value::Object(context)) => context.clone(),
            Some(_) => return Err(invalid(&path.key("context"), "expected a mapping")),
        };
        let word = |key: &str| {
            beside(&fields, map, key)
                .map(|value| text(value, &path.key(key)))
                .transpose()
        };
        Ok(Self {
            node: node
                .or(fields.text("node")?)
                .or(fields.text("name")?)
                .or(fields.text("status")?),
            task: fields.number("task")?,
            instance: fields.text("instance")?,
            by: word("by")?,
            form: beside(&fields, map, "form").cloned(),
            comment: word("comment")?,
            reason: word("reason")?,
            to: word("to")?,
            data: beside(&fields, map, "data").cloned(),
            item: beside(&fields, map, "item").cloned(),
            key: word("key")?,
            id: word("id")?,
            as_name: word("as")?,
            context,
            metadata: match beside(&fields, map, "metadata") {
                None => None,
                Some(Value::Object(metadata)) => Some(Box::new(metadata.clone())),
                Some(_) => return Err(invalid(&path.key("metadata"), "expected a mapping")),
            },
            force: beside(&fields, map, "force") == Some(&Value::Bool(true)),
            until: word("until")?,
            path: at.clone(),
        })
    }
}

fn start(value: &Value, map: &Map<String, Value>, path: &Pointer, at: &Pointer) -> Result<Verb> {
    let keys: Vec<&str> = START.iter().chain(BESIDE).copied().collect();
    let inside = if value.is_null() { &*EMPTY } else { value };
    let fields = Fields::read(inside, at, "start", &keys)?;
    for key in ["form", "comment", "reason", "to", "context"] {
        if beside(&fields, map, key).is_some() {
            return Err(invalid(&path.key(key), format!("`start` takes no `{key}`")));
        }
    }
    if let Some(instance) = fields.text("instance")? {
        let words = Words {
            instance: Some(instance),
            by: beside(&fields, map, "by")
                .map(|value| text(value, &fields.at("by")))
                .transpose()?,
            path: at.clone(),
            ..Words::default()
        };
        return Ok(Verb::OnInstance {
            verb: InstanceVerb::Begin,
            words,
        });
    }
    let by = beside(&fields, map, "by")
        .map(|value| text(value, &fields.at("by")))
        .transpose()?;
    let data = beside(&fields, map, "data").cloned().unwrap_or(Value::Null);
    // The runner puts the workflow under test where none is named.
    let mut start = Start::of(fields.text("workflow")?.unwrap_or_default());
    let json = |error: crate::error::Error| invalid(at, error.to_string());
    start = start.data(&data).map_err(json)?;
    if let Some(metadata) = beside(&fields, map, "metadata") {
        start = start.metadata(metadata).map_err(json)?;
    }
    if let Some(seed) = fields.get("seed") {
        start = start.seed(seed).map_err(json)?;
    }
    if let Some(artifact) = fields.get("artifact") {
        start = start.artifact(artifact).map_err(json)?;
    }
    if let Some(way) = fields.text("at")? {
        start = start.at(way);
    }
    if let Some(version) = fields.number("version")? {
        start = start.version(u32::try_from(version).unwrap_or(u32::MAX));
    }
    if fields.get("auto_start") == Some(&Value::Bool(false)) {
        start = start.later();
    }
    if fields.get("follow_latest") == Some(&Value::Bool(true)) {
        start = start.follow_latest();
    }
    if let Some(by) = by {
        start = start.by(by);
    }
    if let Some(key) = fields.text("business_key")? {
        start = start.business_key(key);
    }
    if let Some(requester) = fields.text("requester")? {
        start = start.requester(requester);
    }
    if let Some(subject) = fields.get("subject") {
        let subject = Fields::read(subject, &fields.at("subject"), "subject", &["type", "id"])?;
        let kind = text(subject.required("type")?, &subject.at("type"))?;
        start = start.subject(kind, text(subject.required("id")?, &subject.at("id"))?);
    }
    Ok(Verb::Start {
        start: Box::new(start),
        name: fields.text("as")?,
    })
}

/// The version, or a mapping with more of the plan.
fn migrate(value: &Value, map: &Map<String, Value>, path: &Pointer, at: &Pointer) -> Result<Verb> {
    let version = value
        .as_u64()
        .map(|version| serde_json::json!({"to": version}));
    let inside = match (&version, value) {
        (Some(version), _) => version,
        (None, Value::Null) => &*EMPTY,
        (None, other) => other,
    };
    let keys = ["to", "nodes", "anew", "removed", "data", "instance", "by"];
    let fields = Fields::read(inside, at, "verb's mapping", &keys)?;
    let mut plan = Map::new();
    for key in ["to", "nodes", "anew", "removed", "data"] {
        if let Some(value) = fields.get(key).or_else(|| map.get(key)) {
            plan.insert(key.to_owned(), value.clone());
        }
    }
    let plan = serde_json::from_value(Value::Object(plan))
        .map_err(|error| invalid(at, format!("no plan of a migration: {error}")))?;
    let by = beside(&fields, map, "by");
    Ok(Verb::Migrate {
        plan: Box::new(plan),
        words: Words {
            instance: fields.text("instance")?,
            by: by.map(|by| text(by, &path.key("by"))).transpose()?,
            path: at.clone(),
            ..Words::default()
        },
    })
}

/// An ISO 8601 duration; a day is 24 hours.
pub(super) fn duration(text: &str, path: &Pointer) -> Result<SignedDuration> {
    let not_one = || {
        invalid(
            path,
            format!("`{text}` is not a duration such as `P2D` or `PT4H`"),
        )
    };
    let span: jiff::Span = text.parse().map_err(|_| not_one())?;
    let duration = span
        .to_duration(jiff::SpanRelativeTo::days_are_24_hours())
        .map_err(|_| not_one())?;
    if duration.is_negative() {
        return Err(invalid(path, "time does not go back"));
    }
    Ok(duration)
}

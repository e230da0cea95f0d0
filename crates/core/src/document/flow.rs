//! `kind: flow`: nodes by key, each of one kind.

use indexmap::IndexMap;
use jiff::SignedDuration;
use serde_json::Value;

use crate::{
    document::{
        At,
        action::{self, Actions},
        duration,
        entry::{self, EntryDoc, EntryKeys, WhoDoc},
        expression::Expression,
        keys,
        reader::{Fields, Sink, check_name},
    },
    graph::Retry,
    pointer::Pointer,
    principal::Principal,
    problem::Problem,
    text::Text,
};

/// The nodes of a flow, in file order.
pub type FlowShape = IndexMap<String, NodeDoc>;

/// One node.
#[derive(Clone, Debug)]
pub struct NodeDoc {
    /// Its title.
    pub title: Option<Text>,
    /// What it does.
    pub kind: NodeKindDoc,
    /// Where its token goes.
    pub next: Option<At<String>>,
    /// Its actions.
    pub actions: Actions,
    /// What happens when it waits too long.
    pub on_timeout: Vec<TimeoutDoc>,
    /// Where it stands.
    pub path: Pointer,
}

/// What a node does.
#[derive(Clone, Debug)]
pub enum NodeKindDoc {
    /// Ends its branch.
    End,
    /// Calls the host's function within the command.
    Function(CallDoc),
    /// One of two ways.
    If {
        /// The condition.
        when: Expression,
        /// Where it goes when the condition holds.
        then: At<String>,
        /// Where it goes otherwise.
        otherwise: At<String>,
    },
    /// Runs the host's function after the commit.
    Job(CallDoc, Retry),
    /// Waits for every branch of a split.
    Join,
    /// Runs branches side by side.
    Split(Vec<BranchDoc>),
    /// Begins an instance.
    Start {
        /// The fields of the data that are filled.
        form: Vec<FieldDoc>,
        /// Who may.
        by: Vec<Principal>,
    },
    /// The first way whose condition holds.
    Switch {
        /// Tried in order.
        cases: Vec<BranchDoc>,
        /// Taken when none holds.
        default: Option<At<String>>,
    },
    /// A person does something.
    Task {
        /// The fields of the data that are filled.
        form: Vec<FieldDoc>,
        /// Who; nobody named is any active person.
        who: Option<WhoDoc>,
        /// The rest of an entry.
        keys: Box<EntryKeys>,
        /// Approvals in place of a plain task.
        approvals: Vec<EntryDoc>,
    },
    /// Ends the whole instance.
    Terminate,
}

/// A call of the host's function.
#[derive(Clone, Debug)]
pub struct CallDoc {
    /// The name that the host registered.
    pub name: String,
    /// What it is given.
    pub with: Option<At<Value>>,
    /// The top-level key of the data that takes the result.
    pub into: Option<At<String>>,
}

/// A way on, perhaps under a condition.
#[derive(Clone, Debug)]
pub struct BranchDoc {
    /// The node that it leads to.
    pub to: At<String>,
    /// The condition.
    pub when: Option<Expression>,
}

/// A field of the data that a form fills: `name`, or `name?` where it is optional.
#[derive(Clone, Debug)]
pub struct FieldDoc {
    /// The top-level key of the data.
    pub name: At<String>,
    /// Whether it may be left out.
    pub optional: bool,
}

/// What happens when a node waits too long.
#[derive(Clone, Debug)]
pub struct TimeoutDoc {
    /// From entry.
    pub after: SignedDuration,
    /// Whether the node is left.
    pub interrupting: bool,
    /// Where the token goes.
    pub next: At<String>,
}

pub(super) fn read(fields: &Fields<'_>) -> Option<FlowShape> {
    let value = fields.required("nodes")?;
    let path = fields.at("nodes");
    let sink = fields.sink();
    let Some(nodes) = value.as_object() else {
        sink.wrong_type(&path, "a mapping of nodes", value);
        return None;
    };
    Some(
        nodes
            .iter()
            .filter(|(key, _)| check_name(key, &path.key(key), sink))
            .filter_map(|(key, value)| Some((key.clone(), node(value, &path.key(key), sink)?)))
            .collect(),
    )
}

fn node(value: &Value, path: &Pointer, sink: &Sink) -> Option<NodeDoc> {
    let allowed = [
        keys::NODE_KIND,
        keys::NODE,
        keys::BOUNDARY,
        keys::NODE_EXTRA,
    ];
    let fields = Fields::read(value, path, &allowed, sink)?;
    fields.not_yet(&[
        "data",
        "seed",
        "mutex",
        "enabled_when",
        "cancels",
        "on_error",
        "on_escalation",
        "compensate_with",
        "delay",
        "at",
        "timeout",
        "rest",
    ]);
    let kinds: Vec<&str> = keys::NODE_KIND
        .iter()
        .copied()
        .filter(|key| fields.get(key).is_some())
        .collect();
    let kind = match kinds.as_slice() {
        [one] => kind(one, &fields)?,
        [] => {
            sink.push(
                Problem::error(
                    "missing_kind",
                    path.clone(),
                    "the node says not what it does",
                )
                .help("name one of `task`, `function`, `if`, `split`, `join`, `end` …"),
            );
            return None;
        }
        several => {
            let names = several.join("`, `");
            sink.push(Problem::error(
                "missing_kind",
                path.clone(),
                format!("expected one thing to do, found `{names}`"),
            ));
            return None;
        }
    };
    Some(NodeDoc {
        title: fields.text("title"),
        next: target(&fields, "next"),
        actions: action::read_table(&fields),
        on_timeout: timeouts(&fields),
        kind,
        path: path.clone(),
    })
}

fn kind(name: &str, fields: &Fields<'_>) -> Option<NodeKindDoc> {
    match name {
        "start" => start(fields),
        "task" => task(fields),
        "function" => Some(NodeKindDoc::Function(call(fields, "function")?)),
        "job" => Some(NodeKindDoc::Job(
            call(fields, "job")?,
            action::retry(fields),
        )),
        "if" => Some(NodeKindDoc::If {
            when: fields.expression("if")?,
            then: required_target(fields, "then")?,
            otherwise: required_target(fields, "else")?,
        }),
        "switch" => Some(NodeKindDoc::Switch {
            cases: branches(fields, "switch"),
            default: target(fields, "default"),
        }),
        "split" => Some(NodeKindDoc::Split(branches(fields, "split"))),
        "join" => fields.word("join", "requirement", &["all", "any"], |word| {
            (word == "all").then_some(NodeKindDoc::Join)
        }),
        "end" => Some(NodeKindDoc::End),
        "terminate" => Some(NodeKindDoc::Terminate),
        other => {
            fields
                .sink()
                .not_yet(&fields.at(other), &format!("the node `{other}`"));
            None
        }
    }
}

fn start(fields: &Fields<'_>) -> Option<NodeKindDoc> {
    let path = fields.at("start");
    let inner = Fields::read(
        fields.get("start")?,
        &path,
        &[keys::START_NODE],
        fields.sink(),
    )?;
    inner.not_yet(&["code", "every", "cron", "message", "signal"]);
    Some(NodeKindDoc::Start {
        form: form(&inner),
        by: inner.principals("by"),
    })
}

fn task(fields: &Fields<'_>) -> Option<NodeKindDoc> {
    let path = fields.at("task");
    let allowed = [keys::WHO, keys::ENTRY, &["approvals"]];
    let inner = Fields::read(fields.get("task")?, &path, &allowed, fields.sink())?;
    let named = keys::WHO.iter().any(|key| inner.get(key).is_some());
    Some(NodeKindDoc::Task {
        form: form(&inner),
        who: if named {
            Some(entry::who(&inner)?)
        } else {
            None
        },
        keys: Box::new(EntryKeys::read_without_form(&inner)),
        approvals: entry::read_list(&inner, "approvals"),
    })
}

fn form(fields: &Fields<'_>) -> Vec<FieldDoc> {
    if fields.get("form").is_some_and(Value::is_string) {
        fields
            .sink()
            .not_yet(&fields.at("form"), "a form by key in a flow");
        return Vec::new();
    }
    fields
        .list("form")
        .into_iter()
        .filter_map(|(value, path)| {
            let Some(text) = value.as_str() else {
                fields
                    .sink()
                    .wrong_type(&path, "the name of a field", value);
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
        .collect()
}

fn call(fields: &Fields<'_>, key: &str) -> Option<CallDoc> {
    Some(CallDoc {
        name: fields.name(key)?.to_owned(),
        with: fields.value("with"),
        into: target(fields, "into"),
    })
}

fn branches(fields: &Fields<'_>, key: &str) -> Vec<BranchDoc> {
    fields
        .list(key)
        .into_iter()
        .filter_map(|(value, path)| match value {
            Value::String(to) => Some(BranchDoc {
                to: At {
                    value: to.clone(),
                    path,
                },
                when: None,
            }),
            Value::Object(_) => {
                let inner = Fields::read(value, &path, &[keys::BRANCH], fields.sink())?;
                inner.not_yet(&["for_each", "as"]);
                Some(BranchDoc {
                    to: required_target(&inner, "to")?,
                    when: inner.expression("when"),
                })
            }
            other => {
                fields
                    .sink()
                    .wrong_type(&path, "a node, or `{to, when}`", other);
                None
            }
        })
        .collect()
}

fn timeouts(fields: &Fields<'_>) -> Vec<TimeoutDoc> {
    let path = fields.at("on_timeout");
    let read = |value: &Value, path: Pointer| {
        let inner = Fields::read(value, &path, &[keys::TIMEOUT], fields.sink())?;
        inner.not_yet(&["at"]);
        let interrupting = match inner.get("interrupting") {
            None => true,
            Some(Value::Bool(flag)) => *flag,
            Some(other) => {
                fields
                    .sink()
                    .wrong_type(&inner.at("interrupting"), "true or false", other);
                return None;
            }
        };
        Some(TimeoutDoc {
            after: duration::read(inner.required("after")?, &inner.at("after"), fields.sink())?,
            interrupting,
            next: required_target(&inner, "next")?,
        })
    };
    match fields.get("on_timeout") {
        None => Vec::new(),
        Some(Value::Array(_)) => {
            let items = fields.list("on_timeout");
            items
                .into_iter()
                .filter_map(|(value, path)| read(value, path))
                .collect()
        }
        Some(value) => read(value, path).into_iter().collect(),
    }
}

fn target(fields: &Fields<'_>, key: &str) -> Option<At<String>> {
    Some(At {
        value: fields.string(key)?.to_owned(),
        path: fields.at(key),
    })
}

fn required_target(fields: &Fields<'_>, key: &str) -> Option<At<String>> {
    fields.required(key)?;
    target(fields, key)
}

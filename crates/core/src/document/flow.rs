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
    check_shape(fields);
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

/// What makes up the other kinds has no place in a flow.
fn check_shape(fields: &Fields<'_>) {
    for key in ["pipelines", "approvals", "steps", "transitions"] {
        if fields.get(key).is_some() {
            fields.sink().push(
                Problem::error(
                    "invalid_shape",
                    fields.at(key),
                    format!("a flow has no `{key}`"),
                )
                .help("a flow is made of `nodes`; a task may have `approvals`"),
            );
        }
    }
    if fields
        .get("start")
        .is_some_and(|start| start.get("by").is_some())
    {
        fields.sink().push(
            Problem::error(
                "unknown_key",
                fields.at("start").key("by"),
                "a flow says at its start node who may start",
            )
            .help("move it there: `start: {by: […]}` under `nodes`"),
        );
    }
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
    check_extra(kinds[0], &fields);
    Some(NodeDoc {
        title: title(&fields),
        next: target(&fields, "next"),
        actions: action::read_table(&fields),
        on_timeout: timeouts(&fields),
        kind,
        path: path.clone(),
    })
}

/// What a node of one kind takes, another does not: nothing that is written is ignored.
fn check_extra(kind: &str, fields: &Fields<'_>) {
    let takes = |key: &str| match key {
        "with" | "into" | "retry" => matches!(kind, "function" | "job"),
        "then" | "else" => kind == "if",
        "default" => kind == "switch",
        "on_timeout" => matches!(kind, "task" | "job"),
        _ => kind != "start",
    };
    let of_some = [
        "with",
        "into",
        "retry",
        "then",
        "else",
        "default",
        "on_timeout",
        "actions",
    ];
    for key in of_some.iter().filter(|key| !takes(key)) {
        fields.unknown(key, &format!("a node with `{kind}` takes no `{key}`"));
    }
    if kind == "function" {
        fields.not_yet(&["retry"]);
    }
}

/// The title of a node; only an instance has one that is made from data.
fn title(fields: &Fields<'_>) -> Option<Text> {
    let made = fields
        .get("title")
        .is_some_and(|title| title.to_string().contains("${"));
    if made {
        let what = "a title of a node with `${}`";
        fields.sink().not_yet(&fields.at("title"), what);
    }
    fields.text("title")
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
        "join" if fields.get("join").is_some_and(Value::is_object) => {
            let what = "a requirement other than `all`";
            fields.sink().not_yet(&fields.at("join"), what);
            None
        }
        "join" => fields.word("join", "requirement", &["all", "any"], |word| {
            (word == "all").then_some(NodeKindDoc::Join)
        }),
        "end" => ending(fields, "end").map(|()| NodeKindDoc::End),
        "terminate" => ending(fields, "terminate").map(|()| NodeKindDoc::Terminate),
        other => {
            fields
                .sink()
                .not_yet(&fields.at(other), &format!("the node `{other}`"));
            None
        }
    }
}

fn ending(fields: &Fields<'_>, key: &str) -> Option<()> {
    let path = fields.at(key);
    let inner = Fields::read(fields.get(key)?, &path, &[keys::END], fields.sink())?;
    inner.not_yet(keys::END);
    Some(())
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
    let votes = inner.get("approvals").is_some();
    let others = [
        "select",
        "behaviour",
        "mode",
        "on_reject",
        "reject_tolerance",
    ];
    for key in keys::WHO.iter().chain(&["form"]).filter(|_| votes) {
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
    let named = !votes && keys::WHO.iter().any(|key| inner.get(key).is_some());
    Some(NodeKindDoc::Task {
        form: if votes { Vec::new() } else { form(&inner) },
        who: if named {
            Some(entry::opening_who(&inner)?)
        } else {
            None
        },
        keys: Box::new(EntryKeys::read_without_form(&inner)),
        approvals: approvals(&inner),
    })
}

fn approvals(fields: &Fields<'_>) -> Vec<EntryDoc> {
    let none = Value::Array(Vec::new());
    if fields.get("approvals") == Some(&none) {
        fields.sink().push(Problem::error(
            "empty_list",
            fields.at("approvals"),
            "`approvals` is empty",
        ));
    }
    entry::read_list(fields, "approvals")
}

/// Whether `select` chooses one person.
fn one_does_it(fields: &Fields<'_>) -> Option<bool> {
    let word = fields.get("select")?.as_str()?;
    Some(!matches!(word, "consensus" | "majority"))
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
        into: into(fields),
    })
}

/// A key of the data, which every condition can read.
fn into(fields: &Fields<'_>) -> Option<At<String>> {
    let into = target(fields, "into")?;
    let sink = fields.sink();
    if into.value.contains(['.', '/']) {
        sink.not_yet(&into.path, "a path into the data");
        return None;
    }
    if into.value.is_empty() || keys::RESERVED.contains(&into.value.as_str()) {
        sink.push(Problem::error(
            "invalid_key",
            into.path.clone(),
            format!("`{}` cannot be a field", into.value),
        ));
        return None;
    }
    Some(into)
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

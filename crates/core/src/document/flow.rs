//! `kind: flow`: nodes by key, each of one kind.

mod boundary;
mod kind;
mod read;
mod subprocess;
mod way;

use indexmap::IndexMap;
use serde_json::Value;

pub(super) use self::read::check_data_path;
pub(super) use self::read::form;
pub use self::{
    boundary::{CatchDoc, MomentDoc, TimeoutDoc},
    kind::{
        CallDoc, FieldDoc, FormDoc, JoinDoc, JoinNeedDoc, MutexDoc, NodeKindDoc, ReceiveDoc,
        SetDoc, SignalDoc, StartDoc, TaskDoc, TriggerDoc,
    },
    subprocess::{SubprocessDoc, VersionDoc},
    way::{BranchDoc, ForEachDoc, GiftDoc, WayDoc},
};
use crate::{
    document::{
        At,
        action::{self, Actions},
        expression::Expression,
        keys,
        reader::{Fields, Sink, check_name},
        texts::TextsDoc,
    },
    pointer::Pointer,
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
    /// What people read beside it.
    pub texts: TextsDoc,
    /// What it does.
    pub kind: NodeKindDoc,
    /// Where its token goes.
    pub next: Option<WayDoc>,
    /// What each of its visits has from the start.
    pub gift: GiftDoc,
    /// What a visit has produced when it completes.
    pub artifact: Option<Expression>,
    /// Its actions.
    pub actions: Actions,
    /// What never runs at the same time.
    pub mutex: Option<MutexDoc>,
    /// It can only be done while this holds.
    pub enabled_when: Option<Expression>,
    /// The nodes whose visits are withdrawn when it completes.
    pub cancels: Vec<At<String>>,
    /// What happens when it waits too long.
    pub on_timeout: Vec<TimeoutDoc>,
    /// Where its token goes when it fails.
    pub on_error: Vec<CatchDoc>,
    /// What runs beside it when its child raises a code.
    pub on_escalation: Vec<CatchDoc>,
    /// The node that takes back what it did.
    pub compensate_with: Option<At<String>>,
    /// The keys that it had in earlier versions.
    pub was: Vec<String>,
    /// Where it stands.
    pub path: Pointer,
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
    let start = fields.get("start");
    for (key, what) in [("by", "who may start"), ("form", "what is filled to start")] {
        if start.is_some_and(|start| start.get(key).is_some()) {
            fields.sink().push(
                Problem::error(
                    "unknown_key",
                    fields.at("start").key(key),
                    format!("a flow says at its start node {what}"),
                )
                .help(format!(
                    "move it there: `start: {{{key}: […]}}` under `nodes`"
                )),
            );
        }
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
    let kinds: Vec<&str> = keys::NODE_KIND
        .iter()
        .copied()
        .filter(|key| fields.get(key).is_some())
        .collect();
    let kind = match kinds.as_slice() {
        [one] => read::kind(one, &fields)?,
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
        texts: TextsDoc::read(&fields),
        next: way::one(&fields, "next"),
        gift: way::gift(&fields),
        artifact: fields.expression("artifact"),
        actions: action::read_table(&fields),
        mutex: read::mutex(&fields),
        enabled_when: fields.expression("enabled_when"),
        cancels: read::nodes(&fields, "cancels"),
        on_timeout: boundary::timeouts(&fields),
        on_error: boundary::catches(&fields, "on_error"),
        on_escalation: boundary::catches(&fields, "on_escalation"),
        compensate_with: read::target(&fields, "compensate_with"),
        was: fields.names("was"),
        kind,
        path: path.clone(),
    })
}

/// Kinds whose visits wait for somebody or something.
const WAITING: &[&str] = &["task", "job", "receive", "timer", "wait", "subprocess"];

/// What a node of one kind takes, another does not: nothing that is written is ignored.
fn check_extra(kind: &str, fields: &Fields<'_>) {
    let catches = kind == "signal"
        && fields
            .get("signal")
            .is_some_and(|signal| signal.get("catch").is_some());
    let waits = WAITING.contains(&kind) || catches;
    let works = waits || matches!(kind, "function" | "set");
    let takes = |key: &str| match key {
        "with" => matches!(kind, "function" | "job" | "signal"),
        "symbol" => matches!(kind, "function" | "job"),
        "into" => matches!(kind, "function" | "job" | "receive") || catches,
        "retry" | "delay" | "at" | "timeout" => kind == "job",
        "then" | "else" => kind == "if",
        "default" => kind == "switch",
        "rest" => kind == "join",
        "on_timeout" => waits,
        "enabled_when" => kind == "task",
        "artifact" | "mutex" => works,
        "on_error" => matches!(kind, "function" | "job" | "subprocess" | "set"),
        "on_escalation" => kind == "subprocess",
        "compensate_with" => works,
        _ => kind != "start",
    };
    let of_some = keys::NODE_EXTRA.iter().chain(keys::BOUNDARY).chain(&[
        "actions",
        "data",
        "seed",
        "artifact",
        "mutex",
        "enabled_when",
        "cancels",
    ]);
    for key in of_some.filter(|key| !takes(key)) {
        fields.unknown(key, &format!("a node with `{kind}` takes no `{key}`"));
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

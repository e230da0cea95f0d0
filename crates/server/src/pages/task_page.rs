//! What the page of a task shows.

use std::collections::BTreeSet;

use askama::Template;
use serde_json::Value;
use signoff::{
    InstanceView, PersonId, TaskView,
    core::{graph::Behaviour, instance::Closing},
};

use super::{
    field::{Field, Kind},
    form::{self, Sent},
    frame::{Frame, Shell},
    instance::{Entry, entries},
    message,
};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{
        Names, Row, Stage, headline, holders, people_in, people_of, rows, stages, story, title_of,
    },
    text::{Moment, fill},
};

/// The page of a task.
#[derive(Template)]
#[template(path = "task.html")]
pub(super) struct Page {
    s: Shell,
    id: String,
    instance: String,
    title: String,
    workflow: String,
    stage: String,
    requester: Option<String>,
    holders: String,
    offered: bool,
    due: Option<Moment>,
    overdue: bool,
    rows: Vec<Row>,
    stages: Vec<Stage>,
    next: String,
    timeline: Vec<Entry>,
    /// Why nothing can be decided here, when nothing can.
    closed: Option<&'static str>,
    bar: Bar,
    error: Option<String>,
    others: Vec<String>,
}

/// What the reader may do, and what was typed so far.
#[derive(Debug, Default)]
struct Bar {
    shown: bool,
    note: Option<String>,
    can_claim: bool,
    can_release: bool,
    check_in: bool,
    fields: Vec<Field>,
    has_required: bool,
    targets: Vec<(String, String, bool)>,
    people: Vec<(String, String, bool)>,
    lists_people: bool,
    comment: String,
    reject_reason: String,
    resubmit_reason: String,
    delegate_reason: String,
    delegate_to: String,
    /// The decision that was refused.
    open: String,
    /// The control that it was refused for, and why.
    wrong: Wrong,
}

impl Page {
    /// The page, after a refusal with what was typed.
    pub(super) async fn new(
        cx: &Cx,
        view: TaskView,
        frame: &Frame,
        refused: Option<(&Sent, &Fault)>,
    ) -> Result<Self, Fault> {
        let bar = Bar::new(cx, &view, refused).await?;
        let history = cx
            .app
            .engine
            .history(&cx.app.tenant, view.instance.id())
            .await?;
        let mut people: BTreeSet<PersonId> = people_of(&history);
        people.extend(people_in(&view.instance));
        people.extend(view.task.assignee.clone());
        let names = Names::of(&cx.app, people).await?;
        let words = cx.locale.words();
        let task = &view.task;
        let graph = &view.definition.graph;
        let lines = story(&history, graph, &names, cx.locale);
        let schema = graph.data().map(|data| &data.source);
        let form_schema = form_schema(&view);
        let errors = refused
            .map(|(_, fault)| fault.fields.as_slice())
            .unwrap_or_default();
        let workflow = cx.locale.of_text(view.instance.title());
        let title = headline(schema, view.instance.data()).unwrap_or_else(|| workflow.clone());
        let due = task.timers.due;
        let instance = InstanceView {
            instance: view.instance.clone(),
            definition: view.definition.clone(),
        };
        Ok(Self {
            s: Shell::of(cx, &title, "inbox", frame).await?,
            id: task.id.to_string(),
            instance: view.instance.id().to_string(),
            stage: title_of(graph, &task.node, cx.locale),
            requester: view.instance.requester().map(|id| names.get(id).to_owned()),
            holders: cx.locale.list(&holders(task, &names, cx.locale)),
            offered: task.assignee.is_none(),
            due: due.map(|due| Moment::new(cx.locale, cx.now(), due)),
            overdue: task.is_open() && due.is_some_and(|due| due < cx.now()),
            rows: rows(schema, view.instance.data(), cx.locale),
            stages: stages(&instance, cx.locale),
            next: next(&view, cx),
            timeline: entries(lines, cx),
            closed: match &task.closing {
                Some(Closing::Cancelled { .. } | Closing::Completed { .. }) => {
                    Some(words.task_over)
                }
                None if !bar.shown => Some(words.not_yours),
                None => None,
            },
            bar,
            error: refused.map(|(_, fault)| message::sentence(fault, cx.locale)),
            others: form::other_errors(form_schema, errors),
            title,
            workflow,
        })
    }
}

/// The schema of the task's form.
pub(super) fn form_schema(view: &TaskView) -> &Value {
    let form = view.entry().and_then(|entry| entry.form.as_ref());
    form.map_or(&Value::Null, |form| &*form.source)
}

/// Whether the next yes only records the check-in, which takes no form.
pub(super) fn is_check_in(view: &TaskView) -> bool {
    let behaviour = view.entry().map(|entry| entry.behaviour);
    behaviour == Some(Behaviour::CheckInVerify) && view.task.check_in.is_none()
}

fn next(view: &TaskView, cx: &Cx) -> String {
    let words = cx.locale.words();
    let graph = &view.definition.graph;
    let following = graph
        .node(&view.task.node)
        .and_then(|node| node.next.as_ref());
    match following
        .and_then(|key| graph.node(key))
        .filter(|node| node.is_stage())
    {
        Some(node) => fill(words.next_is, &[("stage", &cx.locale.of_text(&node.title))]),
        None => String::new(),
    }
}

impl Bar {
    async fn new(
        cx: &Cx,
        view: &TaskView,
        refused: Option<(&Sent, &Fault)>,
    ) -> Result<Self, Fault> {
        let task = &view.task;
        let mine = view.may_be_done_by(&cx.person);
        if !task.is_open() || !(mine || cx.person.admin) {
            return Ok(Self::default());
        }
        let sent = refused.map(|(sent, _)| sent);
        let errors = refused
            .map(|(_, fault)| fault.fields.as_slice())
            .unwrap_or_default();
        let typed = |name: &str| {
            sent.map(|sent| sent.get(name).to_owned())
                .unwrap_or_default()
        };
        let check_in = is_check_in(view);
        let held = task.assignee.as_ref() == Some(&cx.person.id);
        let people = people(cx, view, &typed("delegate_to")).await?;
        let fields = match check_in {
            true => Vec::new(),
            false => form::fields(form_schema(view), sent, errors, cx.locale),
        };
        Ok(Self {
            shown: true,
            note: note(cx, view, mine).await?,
            can_claim: task.assignee.is_none() && mine,
            can_release: held && task.delegators.is_empty() && !task.candidates.is_empty(),
            check_in,
            has_required: fields.iter().any(|field| field.required),
            fields,
            targets: targets(cx, view, &typed("resubmit_to")),
            lists_people: !people.is_empty(),
            people,
            comment: typed("comment"),
            reject_reason: typed("reject_reason"),
            resubmit_reason: typed("resubmit_reason"),
            delegate_reason: typed("delegate_reason"),
            delegate_to: typed("delegate_to"),
            open: typed("outcome"),
            wrong: refused
                .map(|(sent, fault)| Wrong::new(sent, fault, cx))
                .unwrap_or_default(),
        })
    }
}

/// The control that a decision was refused for, and why.
#[derive(Debug, Default)]
struct Wrong {
    control: String,
    why: String,
}

impl Wrong {
    fn new(sent: &Sent, fault: &Fault, cx: &Cx) -> Self {
        let part = match fault.code {
            "reason_required" => "reason",
            "self_approval"
            | "separation_of_duties"
            | "target_invalid"
            | "target_required"
            | "unknown_user" => "to",
            _ => return Self::default(),
        };
        Self {
            control: format!("{}_{part}", sent.get("outcome")),
            why: message::sentence(fault, cx.locale),
        }
    }

    /// Why the control is wrong; `None` when it is not.
    fn of(&self, control: &str) -> Option<&str> {
        (self.control == control).then_some(self.why.as_str())
    }
}

async fn note(cx: &Cx, view: &TaskView, mine: bool) -> Result<Option<String>, Fault> {
    if mine {
        return Ok(None);
    }
    let names = Names::of(&cx.app, people_in(&view.instance)).await?;
    let who = cx.locale.list(&holders(&view.task, &names, cx.locale));
    Ok(Some(fill(cx.locale.words().decision_for, &[("who", &who)])))
}

/// The stages that it can go back to: those visited, this one first.
fn targets(cx: &Cx, view: &TaskView, chosen: &str) -> Vec<(String, String, bool)> {
    let instance = InstanceView {
        instance: view.instance.clone(),
        definition: view.definition.clone(),
    };
    let here = &view.task.node;
    let target = |stage: Stage| {
        let is_here = stage.key == *here;
        let title = match is_here {
            true => fill(cx.locale.words().this_stage, &[("stage", &stage.title)]),
            false => stage.title,
        };
        let is_chosen = if chosen.is_empty() {
            is_here
        } else {
            chosen == stage.key.as_str()
        };
        (stage.key.to_string(), title, is_chosen)
    };
    let visited = stages(&instance, cx.locale)
        .into_iter()
        .filter(|stage| stage.visited);
    visited.map(target).collect()
}

/// The people whom the task can be given to, by name.
async fn people(
    cx: &Cx,
    view: &TaskView,
    chosen: &str,
) -> Result<Vec<(String, String, bool)>, Fault> {
    let found = cx.app.engine.directory().list(&cx.app.tenant).await;
    let found = found.map_err(|error| Fault::directory(&error))?;
    let task = &view.task;
    let mut people: Vec<_> = found
        .into_iter()
        .filter(|profile| profile.active && profile.id != cx.person.id)
        .filter(|profile| {
            task.assignee.as_ref() != Some(&profile.id) && !task.delegators.contains(&profile.id)
        })
        .map(|profile| {
            let id = profile.id.to_string();
            let is_chosen = id == chosen;
            (id, profile.display_name().to_owned(), is_chosen)
        })
        .collect();
    people.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(people)
}

//! What the page of a task shows.

use std::collections::BTreeSet;

use askama::Template;
use signoff::{InstanceView, PersonId, TaskView, core::instance::Closing};

use super::{
    field::Kind,
    form::{self, Sent},
    frame::{Frame, Shell},
    instance::{Entry, entries},
    message,
    task_bar::{Bar, form_schema},
};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{
        Names, Row, Stage, Titles, asked_data, holders, people_in, people_of, rows, stages, story,
        title_of, without,
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
        let titles = Titles::of(&view.instance, graph, cx.locale);
        let data = asked_data(&view.instance, graph);
        let data = match bar.completes {
            true => without(data, form_schema),
            false => data,
        };
        let due = task.timers.due;
        let instance = InstanceView {
            instance: view.instance.clone(),
            definition: view.definition.clone(),
        };
        Ok(Self {
            s: Shell::of(cx, &titles.instance, "inbox", frame).await?,
            id: task.id.to_string(),
            instance: view.instance.id().to_string(),
            stage: title_of(graph, &task.node, cx.locale),
            requester: view.instance.requester().map(|id| names.get(id).to_owned()),
            holders: cx.locale.list(&holders(task, &names, cx.locale)),
            offered: task.assignee.is_none(),
            due: due.map(|due| Moment::new(cx.locale, cx.now(), due)),
            overdue: task.is_open() && due.is_some_and(|due| due < cx.now()),
            rows: rows(schema, &data, cx.locale),
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
            title: titles.instance,
            workflow: titles.workflow,
        })
    }
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

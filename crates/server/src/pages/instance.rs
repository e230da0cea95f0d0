//! The page of an instance: where it stands, what was said, what happened.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
    http::StatusCode,
    response::Response,
};
use signoff::{
    Call, InstanceView, NotDone, PersonId,
    core::{
        actor::Actor,
        graph::{Graph, NodeKind},
        instance::Instance,
    },
};

use super::{
    did::Did,
    form::Sent,
    frame::{Frame, Shell},
    message,
    operation::{Operation, Shown, WITH_INSTANCE},
    picture::Picture,
    related::Related,
    render,
};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{
        Line, Names, Row, Stage, Titles, asked_data, holders, people_in, people_of, rows,
        situation, stages, story, title_of,
    },
    text::{Locale, Moment},
};

#[derive(Template)]
#[template(path = "instance.html")]
struct Page {
    s: Shell,
    id: String,
    title: String,
    workflow: String,
    status: (String, &'static str),
    situation: String,
    progress: u8,
    requester: Option<String>,
    started: Moment,
    stages: Vec<Stage>,
    picture: Picture,
    related: Related,
    rows: Vec<Row>,
    forms: Vec<(String, Vec<Row>)>,
    tasks: Vec<OpenTask>,
    timeline: Vec<Entry>,
    can_begin: bool,
    can_resume: bool,
    operations: Vec<Operation>,
    error: Option<String>,
}

struct OpenTask {
    id: String,
    stage: String,
    who: String,
    due: Option<Moment>,
    overdue: bool,
}

/// One thing that happened, as a page shows it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) text: String,
    pub(super) said: Option<String>,
    pub(super) tone: &'static str,
    pub(super) moment: Moment,
}

/// Where the instance stands and what happened to it.
pub(super) async fn show(cx: Cx, frame: Frame, Path(id): Path<String>) -> Result<Response, Fault> {
    let view = cx.instance(&id).await?;
    written(&cx, view, &frame, None).await
}

/// Does what the pressed button says, or shows why not with everything that was typed.
pub(super) async fn act(
    cx: Cx,
    Path(id): Path<String>,
    sent: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(sent) = sent?;
    let sent = Sent(sent);
    let instance = cx.instance(&id).await?.instance.id();
    let place = format!("/instances/{instance}");
    let outcome = sent.get("outcome");
    let spec = WITH_INSTANCE.iter().find(|spec| spec.key == outcome);
    let (call, did) = match (outcome, spec) {
        (_, Some(spec)) => (spec.call(instance, &sent), spec.did),
        ("begin", None) => (Call::begin(instance), Did::Begin),
        ("resume", None) => (Call::resume(instance), Did::Resume),
        _ => return Err(Fault::malformed("no such operation")),
    };
    match cx.app.engine.call(cx.says(call)).await {
        Ok(_) => Ok(render::go(&cx.app, &place, did)),
        Err(NotDone::Refused(refusal)) => {
            let view = cx.instance(&id).await?;
            let fault = Fault::from(refusal);
            written(&cx, view, &Frame::at(place), Some((&sent, &fault))).await
        }
        Err(failed) => Err(failed.into()),
    }
}

async fn written(
    cx: &Cx,
    view: InstanceView,
    frame: &Frame,
    refused: Option<(&Sent, &Fault)>,
) -> Result<Response, Fault> {
    let instance = &view.instance;
    let graph = &view.definition.graph;
    let history = cx.app.engine.history(&cx.app.tenant, instance.id()).await?;
    let mut people: BTreeSet<PersonId> = people_of(&history);
    people.extend(people_in(instance));
    let names = Names::of(&cx.app, people).await?;
    let schema = graph.data().map(|data| &data.source);
    let titles = Titles::of(instance, graph, cx.locale);
    let possible = view.possible_with_it(&Actor::Person(cx.person.clone()), cx.now());
    let page = Page {
        s: Shell::of(cx, &titles.instance, "", frame).await?,
        id: instance.id().to_string(),
        status: status(instance, cx.locale),
        situation: situation(instance, graph, &names, cx.locale, cx.now()),
        progress: view.progress(),
        requester: instance.requester().map(|id| names.get(id).to_owned()),
        started: Moment::new(cx.locale, cx.now(), instance.started_at()),
        stages: stages(&view, cx.locale),
        picture: Picture::of_instance(cx, &view),
        related: Related::of(cx, instance).await?,
        rows: rows(schema, &asked_data(instance, graph), cx.locale),
        forms: forms(instance, graph, cx.locale),
        tasks: tasks(&view, &names, cx),
        timeline: entries(story(&history, graph, &names, cx.locale), cx),
        can_begin: possible.contains(&"begin"),
        can_resume: possible.contains(&"resume"),
        operations: Shown {
            possible: &possible,
            refused,
            people: &Vec::new(),
            stages: &Vec::new(),
            rejections: &Vec::new(),
            locale: cx.locale,
        }
        .of(WITH_INSTANCE),
        error: refused.map(|(_, fault)| message::sentence(fault, cx.locale)),
        title: titles.instance,
        workflow: titles.workflow,
    };
    render::page(
        refused.map_or(StatusCode::OK, |(_, fault)| fault.status),
        &page,
    )
}

/// The status as key and for people.
pub(super) fn status(instance: &Instance, locale: Locale) -> (String, &'static str) {
    let words = locale.words();
    let key = instance.status().as_str();
    let title = match key {
        "cancelled" => words.cancelled,
        "completed" => words.completed,
        "failed" => words.failed_status,
        "on_hold" => words.on_hold,
        "pending" => words.pending,
        "rejected" => words.rejected,
        _ => words.running,
    };
    (key.to_owned(), title)
}

/// The history as a page shows it, the latest first.
pub(super) fn entries(lines: Vec<Line>, cx: &Cx) -> Vec<Entry> {
    let entry = |line: Line| Entry {
        text: line.text,
        said: line.said,
        tone: line.tone,
        moment: Moment::new(cx.locale, cx.now(), line.at),
    };
    lines.into_iter().rev().map(entry).collect()
}

fn tasks(view: &InstanceView, names: &Names, cx: &Cx) -> Vec<OpenTask> {
    let task = |task: &signoff::core::instance::Task| OpenTask {
        id: task.id.to_string(),
        stage: title_of(&view.definition.graph, &task.node, cx.locale),
        who: cx.locale.list(&holders(task, names, cx.locale)),
        due: task
            .timers
            .due
            .map(|due| Moment::new(cx.locale, cx.now(), due)),
        overdue: task.timers.due.is_some_and(|due| due < cx.now()),
    };
    view.instance.tasks().map(task).collect()
}

/// The filled forms in the order of the stages.
fn forms(instance: &Instance, graph: &Graph, locale: Locale) -> Vec<(String, Vec<Row>)> {
    let form = |node: &signoff::core::graph::Node| {
        let filled = instance.forms().get(node.key.as_str())?;
        let NodeKind::Approval(approval) = &node.kind else {
            return None;
        };
        let spec = approval
            .entries
            .iter()
            .find_map(|entry| entry.form.as_ref());
        let rows = rows(spec.map(|form| &*form.source), filled, locale);
        (!rows.is_empty()).then(|| (locale.of_text(&node.title), rows))
    };
    graph.nodes().filter_map(form).collect()
}

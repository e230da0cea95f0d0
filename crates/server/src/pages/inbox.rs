//! The inbox: what waits for the reader, what the reader may take, asked for, and did.

use askama::Template;
use axum::{
    extract::{Query, rejection::QueryRejection},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use signoff::{
    InstanceView, PersonId,
    core::instance::{InstanceRow, TaskRow},
    store::{Cursor, InstanceFilter, PageRequest, TaskFilter, TaskSummary, Whose},
};

use super::{
    frame::{Frame, Shell, counts},
    render,
};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{Names, Titles, color, people_in, situation, title_of},
    text::{Moment, Words, fill},
};

/// How many rows a page has.
const ROWS: u32 = 20;

#[derive(Template)]
#[template(path = "inbox.html")]
struct Page {
    s: Shell,
    tabs: Vec<Tab>,
    heading: &'static str,
    items: Vec<Item>,
    more: Option<String>,
    empty: (&'static str, &'static str),
    offer_start: bool,
}

struct Tab {
    view: &'static str,
    title: &'static str,
    count: u64,
    active: bool,
}

struct Item {
    href: String,
    title: String,
    /// The workflow, when the title is not that.
    workflow: String,
    stage: String,
    color: Option<String>,
    /// Who asked, or where it stands.
    about: String,
    /// The status of an instance or the outcome of a task, as key and for people.
    status: Option<(String, &'static str)>,
    /// A template with `{time}`, already split around the time.
    when: When,
    overdue: bool,
}

/// A moment within a sentence.
struct When {
    before: String,
    moment: Moment,
    after: String,
}

impl When {
    fn new(template: &str, moment: Moment) -> Self {
        let (before, after) = template.split_once("{time}").unwrap_or((template, ""));
        Self {
            before: before.to_owned(),
            moment,
            after: after.to_owned(),
        }
    }
}

/// Which tab, from where.
#[derive(Debug, Deserialize)]
pub(super) struct Where {
    #[serde(default)]
    view: View,
    after: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
enum View {
    Available,
    Done,
    #[default]
    Mine,
    Requested,
}

impl View {
    const ALL: [Self; 4] = [Self::Mine, Self::Available, Self::Requested, Self::Done];

    const fn key(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Done => "done",
            Self::Mine => "mine",
            Self::Requested => "requested",
        }
    }

    const fn title(self, words: &Words) -> &'static str {
        match self {
            Self::Available => words.available,
            Self::Done => words.done,
            Self::Mine => words.mine,
            Self::Requested => words.requested,
        }
    }

    /// What to say when there is nothing, and what to do next.
    const fn empty(self, words: &Words) -> (&'static str, &'static str) {
        match self {
            Self::Available => (words.nothing_available, words.nothing_available_next),
            Self::Done => (words.nothing_done, words.nothing_done_next),
            Self::Mine => (words.nothing_mine, words.nothing_mine_next),
            Self::Requested => (words.nothing_requested, words.nothing_requested_next),
        }
    }
}

/// One tab of the inbox.
pub(super) async fn show(
    cx: Cx,
    frame: Frame,
    place: Result<Query<Where>, QueryRejection>,
) -> Result<Response, Fault> {
    let Query(place) = place?;
    let view = place.view;
    let page = PageRequest {
        limit: ROWS,
        after: place.after.map(Cursor),
    };
    let (items, next) = match view {
        View::Available => tasks(&cx, Whose::AvailableTo(cx.person.clone()), &page).await?,
        View::Done => tasks(&cx, Whose::DoneBy(cx.person.id.clone()), &page).await?,
        View::Mine => tasks(&cx, Whose::HeldBy(cx.person.id.clone()), &page).await?,
        View::Requested => instances(&cx, &page).await?,
    };
    let words = cx.locale.words();
    let [mine, available] = counts(&cx).await?;
    let tab = |tab: View| Tab {
        view: tab.key(),
        title: tab.title(words),
        count: match tab {
            View::Available => available,
            View::Mine => mine,
            View::Done | View::Requested => 0,
        },
        active: tab == view,
    };
    let page = Page {
        s: Shell::of(&cx, words.inbox, "inbox", &frame).await?,
        tabs: View::ALL.map(tab).into(),
        heading: view.title(words),
        items,
        more: next.map(|cursor| cursor.0),
        empty: view.empty(words),
        offer_start: matches!(view, View::Mine | View::Requested),
    };
    render::page(StatusCode::OK, &page)
}

async fn tasks(
    cx: &Cx,
    whose: Whose,
    page: &PageRequest,
) -> Result<(Vec<Item>, Option<Cursor>), Fault> {
    let filter = TaskFilter {
        whose,
        ..TaskFilter::default()
    };
    let found = cx
        .app
        .engine
        .store()
        .tasks(&cx.app.tenant, &filter, page)
        .await;
    let found = found.map_err(|error| Fault::list(error, page.after.is_some()))?;
    let people = found
        .items
        .iter()
        .filter_map(|summary| summary.requester.clone())
        .collect();
    let names = Names::of(&cx.app, people).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for summary in &found.items {
        items.extend(task(cx, summary, &names).await?);
    }
    Ok((items, found.next))
}

async fn task(cx: &Cx, summary: &TaskSummary, names: &Names) -> Result<Option<Item>, Fault> {
    let row = &summary.task;
    let Some(view) = cx.app.engine.instance(&cx.app.tenant, row.instance).await? else {
        return Ok(None);
    };
    let words = cx.locale.words();
    let node = row.node.as_str().into();
    let graph = &view.definition.graph;
    let about = summary
        .requester
        .as_ref()
        .map(|id| asked_by(names, id, cx))
        .unwrap_or_default();
    let (title, workflow) = titles(&view, cx);
    Ok(Some(Item {
        href: format!("/tasks/{}", row.id),
        title,
        workflow,
        stage: title_of(graph, &node, cx.locale),
        color: color(graph.node(&node).and_then(|node| node.color.as_deref())),
        about,
        status: outcome(row, words),
        when: when(row, cx),
        overdue: row.closed_at.is_none() && row.due_at.is_some_and(|due| due < cx.now()),
    }))
}

fn asked_by(names: &Names, id: &PersonId, cx: &Cx) -> String {
    fill(
        cx.locale.words().asked_by,
        &[("who", &cx.locale.name(names.get(id)))],
    )
}

fn when(row: &TaskRow, cx: &Cx) -> When {
    let words = cx.locale.words();
    let (template, at) = match (row.closed_at, row.due_at) {
        (Some(closed), _) => (words.closed, closed),
        (None, Some(due)) if due < cx.now() => (words.overdue, due),
        (None, Some(due)) => (words.due, due),
        (None, None) => (words.opened, row.opened_at),
    };
    When::new(template, Moment::new(cx.locale, cx.now(), at))
}

fn outcome(row: &TaskRow, words: &Words) -> Option<(String, &'static str)> {
    let outcome = row.outcome.clone()?;
    let title = match outcome.as_str() {
        "approved" => words.approved,
        "completed" => words.task_completed,
        "rejected" => words.rejected,
        _ => words.resubmitted,
    };
    Some((outcome, title))
}

/// What tells the instance from others, and the title of its workflow when that is something else.
fn titles(view: &InstanceView, cx: &Cx) -> (String, String) {
    let titles = Titles::of(&view.instance, &view.definition.graph, cx.locale);
    let same = titles.instance == titles.workflow;
    (
        titles.instance,
        if same { String::new() } else { titles.workflow },
    )
}

async fn instances(cx: &Cx, page: &PageRequest) -> Result<(Vec<Item>, Option<Cursor>), Fault> {
    let filter = InstanceFilter {
        requester: Some(cx.person.id.clone()),
        ..InstanceFilter::default()
    };
    let found = cx
        .app
        .engine
        .store()
        .instances(&cx.app.tenant, &filter, page)
        .await;
    let found = found.map_err(|error| Fault::list(error, page.after.is_some()))?;
    let mut items = Vec::with_capacity(found.items.len());
    for row in &found.items {
        items.extend(instance(cx, row).await?);
    }
    Ok((items, found.next))
}

async fn instance(cx: &Cx, row: &InstanceRow) -> Result<Option<Item>, Fault> {
    let Some(view) = cx.app.engine.instance(&cx.app.tenant, row.id).await? else {
        return Ok(None);
    };
    let names = Names::of(&cx.app, people_in(&view.instance)).await?;
    let graph = &view.definition.graph;
    let (title, workflow) = titles(&view, cx);
    let moment = Moment::new(cx.locale, cx.now(), row.started_at);
    Ok(Some(Item {
        href: format!("/instances/{}", row.id),
        title,
        workflow,
        stage: String::new(),
        color: None,
        about: situation(&view.instance, graph, &names, cx.locale, cx.now()),
        status: Some(super::instance::status(&view.instance, cx.locale)),
        when: When::new(cx.locale.words().started, moment),
        overdue: false,
    }))
}

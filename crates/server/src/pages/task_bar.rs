//! What the reader of a task may do with it, and what was typed so far.

use serde_json::Value;
use signoff::{
    InstanceView, TaskView,
    core::graph::{Behaviour, NodeKind, StatusRole},
};

use super::{
    field::Field,
    form::{self, Filled, Sent},
    message,
};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{Names, Stage, form_of, holders, is_completed_by_form, people_in, prefill, stages},
    text::fill,
};

/// What the reader may do, and what was typed so far.
#[derive(Debug, Default)]
pub(super) struct Bar {
    pub(super) shown: bool,
    /// Whether the task is done rather than voted on.
    pub(super) completes: bool,
    /// Of a step: what it has now, and what the reader may give it.
    pub(super) status_now: Option<String>,
    pub(super) statuses: Vec<StatusButton>,
    /// What was asked, when the task is a question.
    pub(super) question: Option<String>,
    pub(super) ask: String,
    pub(super) ask_to: String,
    pub(super) transfer_to: String,
    pub(super) transfer_reason: String,
    pub(super) note: Option<String>,
    pub(super) can_claim: bool,
    pub(super) can_release: bool,
    pub(super) check_in: bool,
    pub(super) fields: Vec<Field>,
    pub(super) has_required: bool,
    pub(super) targets: Vec<(String, String, bool)>,
    pub(super) people: Vec<(String, String, bool)>,
    pub(super) lists_people: bool,
    pub(super) comment: String,
    pub(super) reject_reason: String,
    pub(super) resubmit_reason: String,
    pub(super) delegate_reason: String,
    pub(super) delegate_to: String,
    /// The decision that was refused.
    pub(super) open: String,
    /// The control that it was refused for, and why.
    pub(super) wrong: Wrong,
}

/// A status that the reader may give.
#[derive(Debug)]
pub(super) struct StatusButton {
    pub(super) key: String,
    pub(super) title: String,
    /// Whether it leaves the step.
    pub(super) completes: bool,
}

/// The schema of the task's form.
pub(super) fn form_schema(view: &TaskView) -> &Value {
    let form = form_of(&view.definition.graph, &view.task);
    form.map_or(&Value::Null, |form| &*form.source)
}

/// Whether the next yes only records the check-in, which takes no form.
pub(super) fn is_check_in(view: &TaskView) -> bool {
    let behaviour = view.entry().map(|entry| entry.behaviour);
    behaviour == Some(Behaviour::CheckInVerify) && view.task.check_in.is_none()
}

impl Bar {
    pub(super) async fn new(
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
        let completes = is_completed_by_form(&view.definition.graph, task);
        let held = task.assignee.as_ref() == Some(&cx.person.id);
        let people = people(cx, view, &typed("delegate_to")).await?;
        let fields = match check_in {
            true => Vec::new(),
            false => form::fields(
                form_schema(view),
                &Filled {
                    sent,
                    present: &prefill(view),
                    errors,
                },
                cx.locale,
            ),
        };
        let (status_now, statuses) = statuses(cx, view).await?;
        Ok(Self {
            shown: true,
            completes,
            status_now,
            statuses,
            question: task.question.as_ref().map(|asked| asked.text.clone()),
            ask: typed("ask_question"),
            ask_to: typed("ask_to"),
            transfer_to: typed("transfer_to"),
            transfer_reason: typed("transfer_reason"),
            note: note(cx, view, mine, completes).await?,
            can_claim: task.assignee.is_none() && mine,
            can_release: held && task.delegations.is_empty() && !task.candidates.is_empty(),
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
pub(super) struct Wrong {
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
    pub(super) fn of(&self, control: &str) -> Option<&str> {
        (self.control == control).then_some(self.why.as_str())
    }
}

/// What the step of the task has now, and what the reader may give it; nothing where it is no step's.
///
/// A status that only lacks its form is offered: the form stands above the buttons.
async fn statuses(cx: &Cx, view: &TaskView) -> Result<(Option<String>, Vec<StatusButton>), Fault> {
    let node = view.definition.graph.node(&view.task.node);
    if !node.is_some_and(|node| matches!(node.kind, NodeKind::Step(_))) {
        return Ok((None, Vec::new()));
    }
    let engine = &cx.app.engine;
    let id = view.instance.id();
    let found = engine
        .statuses(&cx.app.tenant, id, Some(&cx.person.id))
        .await?;
    let Some(found) = found else {
        return Ok((None, Vec::new()));
    };
    let now = found.statuses.iter().find(|choice| choice.current);
    let now = now.map(|choice| cx.locale.of_text(&choice.status.title));
    let offered = found.statuses.into_iter().filter(|choice| {
        choice.is_permitted() && (!choice.current || choice.status.role == StatusRole::Completion)
    });
    let buttons = offered.map(|choice| StatusButton {
        title: cx.locale.of_text(&choice.status.title),
        completes: choice.status.role == StatusRole::Completion,
        key: choice.key,
    });
    Ok((now, buttons.collect()))
}

async fn note(
    cx: &Cx,
    view: &TaskView,
    mine: bool,
    completes: bool,
) -> Result<Option<String>, Fault> {
    if mine {
        return Ok(None);
    }
    let names = Names::of(&cx.app, people_in(&view.instance)).await?;
    let who = cx.locale.list(&holders(&view.task, &names, cx.locale));
    let words = cx.locale.words();
    let template = match completes {
        true => words.task_for,
        false => words.decision_for,
    };
    Ok(Some(fill(template, &[("who", &who)])))
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
            task.assignee.as_ref() != Some(&profile.id) && !task.was_delegated_by(&profile.id)
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

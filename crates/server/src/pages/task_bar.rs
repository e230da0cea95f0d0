//! What the reader of a task may do with it, and what was typed so far.

use serde_json::Value;
use signoff::{
    InstanceView, TaskView,
    core::{
        actor::Actor,
        graph::{Behaviour, NodeKind, StatusRole},
        id::NodeKey,
    },
};

use super::{
    field::Field,
    form::{self, Filled, Sent},
    operation::{Choices, Operation, Shown, WITH_TASK},
};
use crate::{
    auth::Cx,
    fault::Fault,
    read::{
        Names, Stage, form_of, holders, is_completed_by_form, people_in, prefill, stages, title_of,
    },
    text::{Moment, fill},
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
    pub(super) note: Option<String>,
    /// Until when the reader has put it off.
    pub(super) snoozed: Option<Moment>,
    pub(super) check_in: bool,
    pub(super) fields: Vec<Field>,
    pub(super) has_required: bool,
    pub(super) comment: String,
    /// What can be done besides.
    pub(super) operations: Vec<Operation>,
    possible: Vec<&'static str>,
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
        let possible = match task.is_open() {
            true => view.possible(&Actor::Person(cx.person.clone()), cx.now()),
            false => Vec::new(),
        };
        let mine = view.may_be_done_by(&cx.person);
        if possible.is_empty() && !(mine && task.is_open()) {
            return Ok(Self::default());
        }
        let sent = refused.map(|(sent, _)| sent);
        let errors = refused
            .map(|(_, fault)| fault.fields.as_slice())
            .unwrap_or_default();
        let check_in = is_check_in(view);
        let completes = is_completed_by_form(&view.definition.graph, task);
        let fields = match check_in {
            true => Vec::new(),
            false => form::fields(
                form_schema(view),
                &Filled {
                    sent,
                    present: &filled_so_far(view),
                    errors,
                },
                cx.locale,
            ),
        };
        let (status_now, statuses) = statuses(cx, view).await?;
        let shown = Shown {
            possible: &possible,
            refused,
            people: &people(cx, view).await?,
            stages: &stages_to_return_to(cx, view),
            rejections: &rejections(cx, view),
            locale: cx.locale,
        };
        let comment = sent.map(|sent| sent.get("comment").to_owned());
        Ok(Self {
            shown: true,
            completes,
            status_now,
            statuses,
            question: task.question.as_ref().map(|asked| asked.text.clone()),
            note: note(cx, view, mine, completes).await?,
            snoozed: task
                .timers
                .snoozed
                .map(|until| Moment::new(cx.locale, cx.now(), until)),
            check_in,
            has_required: fields.iter().any(|field| field.required),
            fields,
            comment: comment.unwrap_or_default(),
            operations: shown.of(WITH_TASK),
            possible,
        })
    }

    /// Whether the reader may give the command now.
    pub(super) fn may(&self, command: &str) -> bool {
        self.possible.contains(&command)
    }

    /// Whether the reader may decide it, or do it.
    pub(super) fn decides(&self) -> bool {
        let decisions = ["answer", "approve", "complete", "set_status"];
        decisions.iter().any(|command| self.may(command))
    }
}

/// What the form holds when the page opens: what was kept for later, else what is known.
fn filled_so_far(view: &TaskView) -> Value {
    match &view.task.draft {
        Some(draft) => Value::clone(draft),
        None => prefill(view),
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

/// The stages that it can go back to: this one first, then those visited.
fn stages_to_return_to(cx: &Cx, view: &TaskView) -> Choices {
    let instance = InstanceView {
        instance: view.instance.clone(),
        definition: view.definition.clone(),
    };
    let here = &view.task.node;
    let visited = stages(&instance, cx.locale).into_iter();
    let visited = visited.filter(|stage| stage.visited);
    let (mut first, others): (Vec<_>, Vec<_>) = visited.partition(|stage| stage.key == *here);
    for stage in &mut first {
        stage.title = fill(cx.locale.words().this_stage, &[("stage", &stage.title)]);
    }
    let choice = |stage: Stage| (stage.key.to_string(), stage.title);
    first.into_iter().chain(others).map(choice).collect()
}

/// The stages among which whoever says no chooses.
fn rejections(cx: &Cx, view: &TaskView) -> Choices {
    let choices = view.entry().map(|entry| entry.on_reject.choices());
    let choice = |node: &NodeKey| {
        let title = title_of(&view.definition.graph, node, cx.locale);
        (node.to_string(), title)
    };
    choices.into_iter().flatten().map(choice).collect()
}

/// The people whom the task can be given to, by name.
async fn people(cx: &Cx, view: &TaskView) -> Result<Choices, Fault> {
    let found = cx.app.engine.directory().list(&cx.app.tenant).await;
    let found = found.map_err(|error| Fault::directory(&error))?;
    let task = &view.task;
    let mut people: Choices = found
        .into_iter()
        .filter(|profile| profile.active && profile.id != cx.person.id)
        .filter(|profile| {
            task.assignee.as_ref() != Some(&profile.id) && !task.was_delegated_by(&profile.id)
        })
        .map(|profile| (profile.id.to_string(), profile.display_name().to_owned()))
        .collect();
    people.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(people)
}

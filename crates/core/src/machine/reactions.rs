//! What reacts to the events of a command, worked out at its end.
//!
//! Per event the first level that names it wins, even with an empty list: node, group, workflow,
//! settings, built-in mail.

use std::{
    slice::from_ref,
    sync::{Arc, LazyLock},
};

use crate::{
    change::{ActionCall, ActionContext, ActionsJob, JobRow, JobWork, ResolvedAction},
    conditions::ConditionError,
    graph::{
        ActionEvent, ActionKind, ActionSpec, ActionTable, Graph, MailSpec, OnFailure, Recipient,
        Retry,
    },
    id::JobId,
    instance::Instance,
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        recipients,
        variables::Variables,
    },
    template::Template,
};

/// The jobs that run the actions of everything that was fired, one job per event.
///
/// Asks before it writes: a failing `when` or `with` leaves an incident, which is written only when
/// every question has its answer.
pub(super) fn resolve(cx: &Context<'_>, draft: &mut Draft) -> Result<Vec<JobRow>, Halt> {
    let mut resolved = Vec::new();
    let mut failures = Vec::new();
    for fired in draft.fired.clone() {
        let kind = draft.instance()?.subject();
        let kind = kind.map(|subject| subject.kind.as_str());
        let only = fired.only.as_ref().map(|only| from_ref(only.spec()));
        let specs = only.or_else(|| named(cx, kind, &fired).map(|specs| &**specs));
        let Some(specs) = specs.filter(|specs| !specs.is_empty()) else {
            continue;
        };
        let mut actions = Vec::new();
        for (index, spec) in (0_u16..).zip(specs.iter()) {
            match action(cx, draft, &fired, spec, index)? {
                Ok(found) => actions.extend(found),
                Err(error) => failures.push((fired.clone(), error)),
            }
        }
        if !actions.is_empty() {
            resolved.push((fired, actions));
        }
    }
    cx.asked()?;
    for (fired, error) in failures {
        let message = format!(
            "an action of `{}` cannot be prepared: {error}",
            fired.event.as_str()
        );
        draft.incident("action_failed", message, None, fired.task);
    }
    let mut jobs = std::mem::take(&mut draft.jobs);
    for (fired, actions) in resolved {
        let id = JobId::new(draft.id());
        let instance = draft.instance()?;
        jobs.push(JobRow {
            tenant: instance.tenant().clone(),
            id,
            instance: instance.id(),
            due_at: cx.facts.now,
            work: JobWork::Actions(Box::new(ActionsJob {
                event: fired.event,
                context: context(cx, instance, &fired),
                actions,
            })),
        });
    }
    Ok(jobs)
}

/// The actions of the first level that names the event, for an instance about that type of subject.
fn named<'a>(cx: &Context<'a>, kind: Option<&str>, fired: &Fired) -> Option<&'a Arc<[ActionSpec]>> {
    let node = fired.node.as_ref().and_then(|node| cx.graph.node(node));
    let group = node
        .and_then(|node| node.group.as_ref())
        .and_then(|group| cx.graph.group(group));
    let settings = &cx.facts.settings;
    let by_subject = kind
        .or_else(|| cx.graph.subject())
        .and_then(|kind| settings.actions.get(kind));
    let levels: [Option<&ActionTable>; 5] = [
        node.map(|node| &node.actions),
        group.map(|group| &group.actions),
        Some(cx.graph.actions()),
        by_subject.or_else(|| settings.actions.get("default")),
        settings.mail.then(|| &*BUILT_IN),
    ];
    levels
        .into_iter()
        .flatten()
        .find_map(|table| table.get(&fired.event))
}

type Prepared = Result<Option<ResolvedAction>, ConditionError>;

/// One action worked out; `None` when its condition is false or nobody would get its mail.
fn action(
    cx: &Context<'_>,
    draft: &mut Draft,
    fired: &Fired,
    spec: &ActionSpec,
    index: u16,
) -> Result<Prepared, Halt> {
    let variables = Variables::here(cx, draft.instance()?);
    if let Some(when) = &spec.when {
        match when.holds(&variables) {
            Ok(true) => {}
            Ok(false) => return Ok(Ok(None)),
            Err(error) => return Ok(Err(error)),
        }
    }
    let render = |template: &Option<Template>| {
        template
            .as_ref()
            .map(|with| with.render(&variables))
            .transpose()
    };
    let call = match &spec.kind {
        ActionKind::Run(run) => match render(&run.with) {
            Ok(with) => ActionCall::Run {
                name: run.name.clone(),
                with: with.unwrap_or_default(),
            },
            Err(error) => return Ok(Err(error)),
        },
        ActionKind::Mail(mail) => {
            let (with, subject) = match (render(&mail.with), render(&mail.subject)) {
                (Ok(with), Ok(subject)) => (with.unwrap_or_default(), subject),
                (Err(error), _) | (_, Err(error)) => return Ok(Err(error)),
            };
            let to = recipients::resolve(cx, draft, fired, &mail.to)?;
            let cc = recipients::resolve(cx, draft, fired, &mail.cc)?;
            if to.is_empty() && cc.is_empty() {
                return Ok(Ok(None));
            }
            ActionCall::Mail {
                template: mail.template.clone(),
                subject: subject.map(|subject| match subject {
                    serde_json::Value::String(text) => text,
                    other => other.to_string(),
                }),
                to,
                cc,
                with,
            }
        }
    };
    Ok(Ok(Some(ResolvedAction {
        gave_up: false,
        index,
        call,
        on_failure: spec.on_failure,
        retry: spec.retry,
    })))
}

fn context(cx: &Context<'_>, instance: &Instance, fired: &Fired) -> ActionContext {
    let graph: &Graph = cx.graph;
    let node = fired.node.as_ref().and_then(|node| graph.node(node));
    let task = fired.task.and_then(|task| instance.task(task));
    let about = fired.task.and_then(|task| instance.touched_task(task));
    let entry = about.map_or(0, |task| task.entry);
    let of_entry = || node.and_then(|node| node.entry(entry)?.meta.clone());
    let meta = fired.meta.clone().or_else(of_entry);
    ActionContext {
        workflow: graph.key().as_str().to_owned(),
        workflow_title: graph.title().clone(),
        node: node.map(|node| node.key.as_str().to_owned()),
        node_title: node.map(|node| node.title.clone()),
        title: instance.title().clone(),
        status: instance.status().as_str().to_owned(),
        subject_type: instance.subject().map(|subject| subject.kind.clone()),
        subject_id: instance.subject().map(|subject| subject.id.clone()),
        requester: instance.requester().cloned(),
        actor: cx.facts.actor.by(),
        task: fired.task,
        meta,
        reason: fired.reason.clone(),
        comment: fired.comment.clone(),
        due: task.and_then(|task| task.timers.due),
        to: fired.to.clone(),
    }
}

/// The mail that is sent where no level names the event.
static BUILT_IN: LazyLock<ActionTable> = LazyLock::new(|| {
    use ActionEvent as On;
    use Recipient as To;
    [
        (On::AfterApprove, vec![("approved", vec![To::Creator])]),
        (On::AfterReject, vec![("rejected", vec![To::Creator])]),
        (
            On::AfterResubmission,
            vec![(
                "resubmission_required",
                vec![To::Creator, To::CurrentApprovers],
            )],
        ),
        (
            On::AfterDelegate,
            vec![("delegated", vec![To::Delegate, To::Creator])],
        ),
        (
            On::AfterMoveStage,
            vec![
                ("progress", vec![To::Creator]),
                ("action_required", vec![To::CurrentApprovers]),
            ],
        ),
        (On::OnReminder, vec![("reminder", vec![To::TaskHolders])]),
        (On::OnOverdue, vec![("overdue", vec![To::TaskHolders])]),
        (
            On::AfterEscalate,
            vec![("escalated", vec![To::TaskHolders])],
        ),
    ]
    .into_iter()
    .map(|(event, mails)| {
        (
            event,
            mails
                .into_iter()
                .map(|(template, to)| mail(template, to))
                .collect(),
        )
    })
    .collect()
});

fn mail(template: &str, to: Vec<Recipient>) -> ActionSpec {
    ActionSpec {
        kind: ActionKind::Mail(MailSpec {
            template: template.to_owned(),
            subject: None,
            to,
            cc: Vec::new(),
            with: None,
        }),
        when: None,
        order: 0,
        on_failure: OnFailure::Continue,
        retry: Retry::default(),
    }
}

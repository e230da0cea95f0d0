//! Resume: what stood still goes on, an instance or a task.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | resume | instance on hold | whoever may act there, or manager | `instance_resumed` and what it was told meanwhile | instance running, every moment later by the time held |
//! | resume_task | task suspended | manager | `task_resumed` | task as it was, every moment later by the time that it stood still |

use jiff::{SignedDuration, Timestamp};

use crate::{
    change::{JobRow, JobWork, SubscriptionKind},
    command::TaskRef,
    event::Event,
    facts::FunctionFailure,
    graph::ActionEvent,
    instance::{Activation, ActivationState, Body, Hold, InstanceStatus, News},
    machine::{
        commands::{child_raised, end_child, finish_job},
        context::{Context, Halt},
        draft::{Draft, Fired},
        rights, steps, withdraw,
    },
    refusal::RefusalCode,
};

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    rights::lives(draft.instance()?)?;
    let hold = match draft.instance()?.status() {
        InstanceStatus::OnHold(hold) => Hold::clone(hold),
        other => {
            return Err(Halt::refuse(
                RefusalCode::NotOnHold,
                format!("the instance is {}", other.as_str()),
            ));
        }
    };
    rights::may_act_there(cx, draft)?;
    draft.load_all(cx.facts)?;
    draft.emit(Event::InstanceResumed);
    steps::resume(cx, draft)?;
    draft.fired.push(Fired::new(ActionEvent::OnResume, None));
    let held = cx
        .facts
        .now
        .duration_since(hold.since)
        .max(SignedDuration::ZERO);
    draft.jobs.extend(hold.jobs.into_iter().map(|job| JobRow {
        due_at: job.due_at.checked_add(held).unwrap_or(Timestamp::MAX),
        ..job
    }));
    listen(cx, draft)?;
    for news in &hold.news {
        tell(cx, draft, news)?;
    }
    Ok(())
}

pub(super) fn task(cx: &Context<'_>, draft: &mut Draft, target: TaskRef) -> Result<(), Halt> {
    let task = rights::open_task(cx, draft, target)?;
    if task.suspended_at.is_none() {
        return Err(Halt::refuse(
            RefusalCode::NotOnHold,
            format!("the task is {}", task.state().as_str()),
        ));
    }
    rights::manages(cx)?;
    draft.emit(Event::TaskResumed { task: task.id });
    Ok(())
}

/// Messages that came meanwhile were kept: they are looked for after the commit.
fn listen(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    let waits = |found: &Activation| match &found.body {
        Body::Subscribed { kind, name, key }
            if *kind == SubscriptionKind::Message
                && !name.is_empty()
                && found.state == ActivationState::Running =>
        {
            Some(JobWork::Receive {
                activation: found.id,
                name: name.clone(),
                key: key.clone(),
            })
        }
        _ => None,
    };
    let found: Vec<JobWork> = draft.instance()?.activations().filter_map(waits).collect();
    for work in found {
        withdraw::order(cx, draft, work)?;
    }
    Ok(())
}

/// What the instance was told while it was on hold takes effect; what is not waited for any more is
/// dropped.
fn tell(cx: &Context<'_>, draft: &mut Draft, news: &News) -> Result<(), Halt> {
    let told = match news {
        News::ChildEnded {
            activation,
            child,
            end,
        } => end_child::hear(cx, draft, *activation, *child, end),
        News::CodeRaised {
            activation,
            child,
            code,
        } => child_raised::hear(cx, draft, *activation, *child, code),
        News::JobFailed {
            activation,
            code,
            message,
        } => {
            let failure = FunctionFailure {
                code: code.clone(),
                message: message.clone(),
            };
            finish_job::hear(cx, draft, *activation, &Err(failure))
        }
        News::JobReturned { activation, value } => {
            finish_job::hear(cx, draft, *activation, &Ok(value.clone()))
        }
    };
    match told {
        Err(Halt::Refuse(refusal)) if refusal.code == RefusalCode::NotOpen => Ok(()),
        other => other,
    }
}

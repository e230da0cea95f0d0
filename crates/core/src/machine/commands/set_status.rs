//! Set status: a step has another status; a completion status leaves it by a transition.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | set_status | step open, the status is only itself | whoever may act there, or manager | `status_set` | the step as it is |
//! | set_status | step open, the status is a completion | the same; the form fits | `status_set` `decision_made` `transition_taken` `entry_closed` `node_completed` | the next step, or the approval before it |
//! | set_status | the same, no transition can be taken | the same | `status_set` `transition_failed`… | the step as it is |

use serde_json::{Map, Value};

use crate::{
    actor::Actor,
    command::{StatusChange, TaskRef},
    event::Event,
    graph::{ActionEvent, Fills, Node, NodeKind, StatusRole, StepNode, Transition},
    instance::{Activation, Outcome, Task},
    machine::{
        commands::decide,
        context::{Context, Halt},
        data,
        draft::{Draft, Fired},
        leave,
        rights::{self, For},
        steps,
        variables::Variables,
        votes,
        work::{Enter, Work},
    },
    pointer::Pointer,
    refusal::{Refusal, RefusalCode},
    schemas::FieldError,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    change: &StatusChange,
) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::SettingStatus)?;
    let Some((node, step)) = step_of(cx, &task) else {
        let message = "the task is not a step's: it has no status to set";
        return Err(Halt::refuse(RefusalCode::UnknownStatus, message));
    };
    let role = role_of(step, &change.status)?;
    decide::check_comment(cx, &change.answer)?;
    if role != StatusRole::Completion {
        return only_set(draft, &task, change);
    }
    let ways = ways(step, change)?;
    decide::check_form(cx, &step.entry, change.answer.form.as_ref())?;
    set(draft, &task, change)?;
    fill(cx, draft, step, change)?;
    if step.last {
        return go(cx, draft, &task, change, node, None);
    }
    match choose(cx, draft, &task, &ways)? {
        Some(way) => go(cx, draft, &task, change, node, Some(way)),
        None => {
            draft.notices.push("no_transition");
            Ok(())
        }
    }
}

fn step_of<'a>(cx: &Context<'a>, task: &Task) -> Option<(&'a Node, &'a StepNode)> {
    let node = cx.graph.node(&task.node)?;
    match &node.kind {
        NodeKind::Step(step) => Some((node, step)),
        _ => None,
    }
}

/// What setting the status means; refuses those that the step does not have, or has for other
/// commands.
fn role_of(step: &StepNode, key: &str) -> Result<StatusRole, Halt> {
    let refused = |message| Err(Halt::refuse(RefusalCode::UnknownStatus, message));
    let Some(status) = step.statuses.get(key) else {
        let shown: String = key.chars().take(80).collect();
        let settable = step
            .statuses
            .iter()
            .filter(|(_, status)| matches!(status.role, StatusRole::Completion | StatusRole::Open));
        let known: Vec<String> = settable.map(|(key, _)| format!("`{key}`")).collect();
        let known = known.join(", ");
        return refused(format!("the step has no status `{shown}`; it has {known}"));
    };
    match status.role {
        StatusRole::Cancellation => refused(format!("`{key}` is given by cancelling the instance")),
        StatusRole::Hold => refused(format!("`{key}` is given by holding the instance")),
        role => Ok(role),
    }
}

/// A status that leaves the step where it is.
fn only_set(draft: &mut Draft, task: &Task, change: &StatusChange) -> Result<(), Halt> {
    if let Some(to) = &change.to {
        let message = format!("`{}` does not leave the step to `{to}`", change.status);
        return Err(Halt::refuse(RefusalCode::TargetInvalid, message));
    }
    if change.answer.form.is_some() {
        let message = "a form goes with a completion status";
        return Err(Halt::refuse(RefusalCode::FormNotAllowed, message));
    }
    set(draft, task, change)
}

fn set(draft: &mut Draft, task: &Task, change: &StatusChange) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(task.activation).cloned() else {
        return Ok(());
    };
    let comment = change.answer.comment.clone();
    steps::change(draft, &activation, &change.status, comment)
}

/// The fields of the step's form go to the data.
fn fill(
    cx: &Context<'_>,
    draft: &mut Draft,
    step: &StepNode,
    change: &StatusChange,
) -> Result<(), Halt> {
    let values: Map<String, Value> = match change.answer.form.as_deref() {
        Some(Value::Object(values)) if step.fills == Fills::Data => values.clone(),
        _ => return Ok(()),
    };
    let added = Value::Object(values.clone());
    data::within(cx, draft.instance()?.data(), &added)
        .map_err(|failure| Halt::refuse(RefusalCode::LimitExceeded, failure.message))?;
    if !values.is_empty() {
        draft.emit(Event::DataSet { values });
    }
    Ok(())
}

/// The transitions that the caller means.
fn ways<'a>(step: &'a StepNode, change: &StatusChange) -> Result<Vec<&'a Transition>, Halt> {
    let all = step.transitions.iter();
    let Some(to) = &change.to else {
        return Ok(all.collect());
    };
    let meant: Vec<&Transition> = all.filter(|way| way.to == *to).collect();
    if meant.is_empty() {
        let message = format!("no transition leads from here to `{to}`");
        return Err(Halt::refuse(RefusalCode::TargetInvalid, message));
    }
    Ok(meant)
}

/// The first transition that holds and that the actor may take.
///
/// One whose condition fails is passed over, which is told; one that only others may take is passed
/// over too, and when none is left for that, the actor is refused.
fn choose<'a>(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: &Task,
    ways: &[&'a Transition],
) -> Result<Option<&'a Transition>, Halt> {
    let mut barred = None;
    for way in ways {
        if !holds(cx, draft, task, way)? {
            continue;
        }
        if !may_take(cx, way) {
            barred = barred.or(Some(way));
            continue;
        }
        has_metadata(draft, way)?;
        return Ok(Some(way));
    }
    match barred {
        None => Ok(None),
        Some(way) => {
            let message = format!("the transition to `{}` is for others to take", way.to);
            Err(Halt::refuse(RefusalCode::NotPermitted, message))
        }
    }
}

fn holds(cx: &Context<'_>, draft: &mut Draft, task: &Task, way: &Transition) -> Result<bool, Halt> {
    let Some(condition) = &way.when else {
        return Ok(true);
    };
    let found = condition.holds(&Variables::new(draft.instance()?, cx.facts));
    Ok(found.unwrap_or_else(|error| {
        draft.notices.push("condition_failed");
        draft.emit(Event::TransitionFailed {
            activation: task.activation,
            node: task.node.clone(),
            to: way.to.clone(),
            message: error.message,
        });
        false
    }))
}

fn may_take(cx: &Context<'_>, way: &Transition) -> bool {
    let Actor::Person(person) = &cx.facts.actor else {
        return true;
    };
    way.by.is_empty()
        || way.by.iter().any(|principal| person.is(principal))
        || rights::manages(cx).is_ok()
}

fn has_metadata(draft: &Draft, way: &Transition) -> Result<(), Halt> {
    let metadata = draft.instance()?.metadata();
    let missing = |key: &&String| metadata.get(key.as_str()).is_none_or(Value::is_null);
    let missing: Vec<FieldError> = way
        .required
        .iter()
        .filter(missing)
        .map(|key| FieldError {
            pointer: Pointer::root().key("metadata").key(key),
            code: "required".to_owned(),
            message: "is required".to_owned(),
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("the transition to `{}` needs metadata", way.to);
    let refusal = Refusal::new(RefusalCode::FormRequired, message);
    Err(Halt::Refuse(refusal.fields(missing)))
}

/// The step is left: by a transition, or for good.
fn go(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: &Task,
    change: &StatusChange,
    node: &Node,
    way: Option<&Transition>,
) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(task.activation).cloned() else {
        return Ok(());
    };
    decide::record(cx, draft, task, Outcome::Completed, &change.answer, None);
    if let Some(way) = way {
        draft.emit(Event::TransitionTaken {
            activation: activation.id,
            node: node.key.clone(),
            to: way.to.clone(),
            priority: way.priority,
        });
        draft.fired.push(Fired {
            to: Some(way.to.as_str().to_owned()),
            comment: change.answer.comment.clone(),
            ..Fired::new(ActionEvent::AfterTransition, Some(&node.key)).task(task.id)
        });
    }
    votes::close_entry(draft, task.activation, task.entry, Outcome::Completed)?;
    leave::complete(draft, &activation, Some(node), None)?;
    onwards(draft, &activation, node, way);
    Ok(())
}

fn onwards(draft: &mut Draft, activation: &Activation, node: &Node, way: Option<&Transition>) {
    let gate = match &node.kind {
        NodeKind::Step(step) => step.gate.as_ref(),
        _ => None,
    };
    match way.map(Transition::next).or(gate) {
        None => draft.end_branch(activation.scope, activation.stray),
        Some(to) => draft.next.push(Work::Enter(Enter {
            group: node.group.clone(),
            ..Enter::from(activation, to.clone())
        })),
    }
}

//! Set status: a step has another status; a completion status leaves it by a transition.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | set_status | step open, the status is only itself | whoever may act there, or manager | `status_set` | the step as it is |
//! | set_status | step open, the status is a completion | the same; the form fits | `status_set` `decision_made` `transition_taken` `entry_closed` `node_completed` | the next step, or the approval before it |
//! | set_status | the same, no transition can be taken | the same; no target is named | `status_set` `transition_failed`… | the step as it is |

use serde_json::{Map, Value, json};

use crate::{
    actor::{Actor, Person},
    command::{StatusChange, TaskRef},
    event::Event,
    facts::{FunctionCall, Question},
    graph::{
        ActionEvent, Fills, Node, NodeKind, StatusRole, StepNode, Taker, Transition, Unit, Who,
    },
    instance::{Activation, Instance, Outcome, Task},
    machine::{
        commands::{decide, set_metadata},
        context::{Context, Halt},
        data,
        draft::{Draft, Fired},
        leave,
        rights::{self, For},
        steps,
        variables::Variables,
        votes, who,
        work::{Enter, Work},
    },
    pointer::Pointer,
    problem::shown,
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
        return only_set(cx, draft, &task, step, change);
    }
    let ways = ways(step, change)?;
    let form = change.answer.form.as_ref();
    let said =
        decide::check_form(cx, &step.entry, form).and_then(|()| note(cx, draft, step, change));
    if let Err(lacks) = said {
        // Whoever may take none of them is told so before what is missing.
        let barred = barred(cx, draft, &task, &ways)?;
        return Err(barred.map_or(lacks, for_others));
    }
    set(draft, &task, change)?;
    fill(cx, draft, step, change)?;
    if step.last {
        return go(cx, draft, &task, change, node, None);
    }
    match choose(cx, draft, &task, &ways)? {
        Some(way) => {
            agreed(cx, draft, &task, change, way)?;
            go(cx, draft, &task, change, node, Some(way))
        }
        None if change.to.is_some() => Err(closed(cx, draft, &ways)),
        None => {
            draft.notices.push("no_transition");
            Ok(())
        }
    }
}

/// Why the step that somebody names cannot be gone to: the condition that does not hold.
fn closed(cx: &Context<'_>, draft: &Draft, ways: &[&Transition]) -> Halt {
    let why = ways.iter().filter_map(|way| {
        let condition = way.when.as_ref()?;
        let instance = draft.instance().ok()?;
        let source = condition.source();
        let told = match condition.holds(&Variables::here(cx, instance)) {
            Err(error) => format!("`{source}` failed: {}", error.message),
            Ok(_) => format!("`{source}` does not hold"),
        };
        Some(match &way.reason {
            Some(reason) => format!("{} ({told})", reason.for_locale("en")),
            None => told,
        })
    });
    let why: Vec<String> = why.collect();
    Halt::refuse(RefusalCode::TargetInvalid, why.join("; "))
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
        let shown = shown(key);
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
fn only_set(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: &Task,
    step: &StepNode,
    change: &StatusChange,
) -> Result<(), Halt> {
    if let Some(to) = &change.to {
        let message = format!("`{}` does not leave the step to `{to}`", change.status);
        return Err(Halt::refuse(RefusalCode::TargetInvalid, message));
    }
    if change.answer.form.is_some() {
        let message = "a form goes with a completion status";
        return Err(Halt::refuse(RefusalCode::FormNotAllowed, message));
    }
    note(cx, draft, step, change)?;
    set(draft, task, change)
}

/// What is noted with the status goes to the metadata: keys that a transition of the step requires.
fn note(
    cx: &Context<'_>,
    draft: &mut Draft,
    step: &StepNode,
    change: &StatusChange,
) -> Result<(), Halt> {
    if change.metadata.is_empty() {
        return Ok(());
    }
    let required = |key: &String| {
        step.transitions
            .iter()
            .any(|way| way.required.contains(key))
    };
    let unknown = change.metadata.keys().filter(|key| !required(key));
    let unknown: Vec<FieldError> = unknown
        .map(|key| {
            wrong_key(
                key,
                "additional",
                "is nothing that a transition of the step requires",
            )
        })
        .collect();
    if !unknown.is_empty() {
        let message = "what is noted with a status is what its transitions require";
        let refusal = Refusal::new(RefusalCode::FormInvalid, message);
        return Err(Halt::Refuse(refusal.fields(unknown)));
    }
    set_metadata::put(cx, draft, &change.metadata)
}

fn wrong_key(key: &str, code: &str, message: &str) -> FieldError {
    FieldError {
        pointer: Pointer::root().key("metadata").key(key),
        code: code.to_owned(),
        message: message.to_owned(),
    }
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
        if !may_take(cx, draft, task, way)? {
            barred = barred.or(Some(way));
            continue;
        }
        has_metadata(draft, way)?;
        return Ok(Some(way));
    }
    match barred {
        None => Ok(None),
        Some(way) => Err(for_others(way)),
    }
}

/// The first of the transitions when the actor may take none of them, whatever their conditions.
fn barred<'a>(
    cx: &Context<'_>,
    draft: &Draft,
    task: &Task,
    ways: &[&'a Transition],
) -> Result<Option<&'a Transition>, Halt> {
    for way in ways {
        if may_take(cx, draft, task, way)? {
            return Ok(None);
        }
    }
    Ok(ways.first().copied())
}

fn for_others(way: &Transition) -> Halt {
    let message = format!("the transition to `{}` is for others to take", way.to);
    Halt::refuse(RefusalCode::NotPermitted, message)
}

fn holds(cx: &Context<'_>, draft: &mut Draft, task: &Task, way: &Transition) -> Result<bool, Halt> {
    let Some(condition) = &way.when else {
        return Ok(true);
    };
    let found = condition.holds(&Variables::here(cx, draft.instance()?));
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

fn may_take(cx: &Context<'_>, draft: &Draft, task: &Task, way: &Transition) -> Result<bool, Halt> {
    let Actor::Person(person) = &cx.facts.actor else {
        return Ok(true);
    };
    if way.by.is_empty() || rights::manages(cx).is_ok() {
        return Ok(true);
    }
    for taker in &way.by {
        if means(cx, draft.instance()?, task, taker, person)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether `taker` means the person now.
fn means(
    cx: &Context<'_>,
    instance: &Instance,
    task: &Task,
    taker: &Taker,
    person: &Person,
) -> Result<bool, Halt> {
    let asked = |who: &Who| -> Result<bool, Halt> {
        let variables = Variables::here(cx, instance);
        let asked = who::resolve(cx, instance, &variables, who)?;
        let asked =
            asked.map_err(|failure| Halt::refuse(RefusalCode::NodeFailed, failure.message))?;
        let named = asked.named.iter().any(|principal| person.is(principal));
        Ok(named || asked.persons.contains(&person.id))
    };
    Ok(match taker {
        Taker::Assignee => task.assignee.as_ref() == Some(&person.id),
        Taker::Member(Unit::Department, name) => person.department.as_ref() == Some(name),
        Taker::Member(Unit::Team, name) => person.team.as_ref() == Some(name),
        Taker::Participant => {
            let mut results = instance.results().values();
            results.any(|result| result.actors.contains(&person.id))
                || instance.started_by().person() == Some(&person.id)
        }
        Taker::Permission(role) => person.roles.contains(role),
        Taker::Principal(principal) => person.is(principal),
        Taker::Who(who) => asked(who)?,
    })
}

/// The host's function agrees to the transition, where the definition names one.
fn agreed(
    cx: &Context<'_>,
    draft: &Draft,
    task: &Task,
    change: &StatusChange,
    way: &Transition,
) -> Result<(), Halt> {
    let Some(name) = &way.validate else {
        return Ok(());
    };
    let Some(answer) = cx.facts.answers.get_function(task.activation) else {
        let instance = draft.instance()?;
        let input = json!({
            "from": task.node.as_str(),
            "to": way.to.as_str(),
            "status": change.status,
            "comment": change.answer.comment,
            "context": &*cx.facts.context,
            "data": &**instance.data(),
            "metadata": instance.metadata(),
            "subject": instance.subject().map(|subject| json!({"type": subject.kind, "id": subject.id})),
            "actor": cx.facts.actor.person().map(|person| person.id.as_str()),
        });
        return Err(Halt::Ask(vec![Question::Function(FunctionCall {
            activation: task.activation,
            name: name.clone(),
            input: input.to_string(),
        })]));
    };
    let refused = |why: &str| {
        let message = format!(
            "`{name}` does not agree to the transition to `{}`{why}",
            way.to
        );
        Err(Halt::refuse(RefusalCode::NodeFailed, message))
    };
    match answer {
        Ok(Value::Bool(false)) => refused(""),
        Ok(_) => Ok(()),
        Err(failure) => refused(&format!(": {}", failure.message)),
    }
}

fn has_metadata(draft: &Draft, way: &Transition) -> Result<(), Halt> {
    let metadata = draft.instance()?.metadata();
    let missing = |key: &&String| metadata.get(key.as_str()).is_none_or(Value::is_null);
    let missing: Vec<FieldError> = way
        .required
        .iter()
        .filter(missing)
        .map(|key| wrong_key(key, "required", "is required"))
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
            meta: way.meta.clone(),
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

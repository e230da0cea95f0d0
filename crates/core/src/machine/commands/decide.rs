//! Approve and reject: a person says yes or no to a task.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | approve | task ready or assigned | candidate or assignee, not excluded, form fits | `decision_made`, and when enough agreed `task_cancelled`… `entry_closed` `node_completed` | task completed |
//! | approve | the same, `check_in_verify`, not checked in | the same | `checked_in` | task assigned |
//! | reject | task ready or assigned | candidate or assignee, not excluded, a reason | `decision_made`, and when too many said no `entry_closed`, then what `on_reject` says | task completed |

use std::sync::Arc;

use serde_json::Value;

use crate::{
    command::{Answer, TaskRef},
    event::{Decision, Event},
    graph::{ActionEvent, Behaviour, EntrySpec, Fills, NodeKind, OnReject},
    id::{NodeKey, PersonId},
    instance::{Outcome, Task},
    machine::{
        context::{Context, Halt},
        data,
        draft::{Draft, Fired},
        entry,
        members::{self, News},
        rights::{self, For},
        votes,
    },
    problem::shown,
    refusal::{Refusal, RefusalCode},
};

pub(super) fn approve(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    answer: &Answer,
) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::Deciding)?;
    let spec = spec_of(cx, &task, Says::Vote)?;
    if spec.behaviour == Behaviour::CheckInVerify && task.check_in.is_none() {
        if answer.form.is_some() {
            return Err(not_allowed("the check-in comes first, without a form"));
        }
        check_comment(cx, answer)?;
        draft.emit(Event::CheckedIn {
            task: task.id,
            by: cx.facts.actor.by(),
            comment: answer.comment.clone(),
        });
        return claim_implicitly(cx, draft, &task);
    }
    check_form(cx, spec, answer.form.as_ref())?;
    check_comment(cx, answer)?;
    let news = news(cx, draft, &task)?;
    record(cx, draft, &task, Outcome::Approved, answer, None);
    members::follow(cx, draft, task.activation, task.entry, news)?;
    votes::settle_approval(cx, draft, &task, fired(&task, answer, None))
}

/// Who came and who went meanwhile; who went has no vote any more.
fn news(cx: &Context<'_>, draft: &Draft, task: &Task) -> Result<Option<News>, Halt> {
    let news = members::news(cx, draft.instance()?, task.activation, task.entry)?;
    let gone = |person: &&PersonId| news.as_ref().is_some_and(|news| news.is_gone(person));
    match task.duty.as_ref().filter(gone) {
        None => Ok(news),
        Some(person) => Err(Halt::refuse(
            RefusalCode::NotPermitted,
            format!("`{person}` is not asked here any more"),
        )),
    }
}

pub(super) fn reject(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    answer: &Answer,
) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::Deciding)?;
    let spec = spec_of(cx, &task, Says::Vote)?;
    let reason = rights::reason(cx, answer.reason.as_deref())?;
    let to = target_of_no(spec, answer.to.as_ref())?;
    if answer.form.is_some() {
        return Err(not_allowed("a rejection takes no form"));
    }
    rights::within(cx, "reason", &reason)?;
    check_comment(cx, answer)?;
    if matches!(spec.on_reject, OnReject::Cancel | OnReject::Reject) {
        draft.load_all(cx.facts)?;
    }
    let news = news(cx, draft, &task)?;
    record(
        cx,
        draft,
        &task,
        Outcome::Rejected,
        answer,
        Some(reason.clone()),
    );
    members::follow(cx, draft, task.activation, task.entry, news)?;
    let fired = Fired {
        to,
        ..fired(&task, answer, Some(reason))
    };
    votes::settle_rejection(cx, draft, &task, spec, fired)
}

/// The node that whoever says no has chosen, where the definition leaves the choice.
fn target_of_no(spec: &EntrySpec, to: Option<&NodeKey>) -> Result<Option<String>, Halt> {
    let allowed = match &spec.on_reject {
        OnReject::Choose(several) => several.as_slice(),
        OnReject::GoTo(one) | OnReject::Stay(one) => std::slice::from_ref(one),
        OnReject::Cancel | OnReject::Reject | OnReject::Resubmit => &[],
    };
    let names = || {
        let names = allowed.iter().map(|node| format!("`{node}`"));
        names.collect::<Vec<_>>().join(", ")
    };
    match to {
        Some(to) if allowed.contains(to) => Ok(Some(to.as_str().to_owned())),
        Some(to) => {
            let shown = shown(to.as_str());
            let message = match allowed {
                [] => format!("a no does not send this anywhere, nor to `{shown}`"),
                _ => format!("a no sends this to {}, not to `{shown}`", names()),
            };
            Err(Halt::refuse(RefusalCode::TargetInvalid, message))
        }
        None if allowed.len() > 1 => {
            let message = format!("say where a no sends this: {}", names());
            Err(Halt::refuse(RefusalCode::TargetRequired, message))
        }
        None => Ok(None),
    }
}

/// What a command says of a task.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Says {
    /// That it is done.
    Done,
    /// A status of a step.
    Status,
    /// Yes, no or once more.
    Vote,
}

/// The entry of a task of which this can be said: votes of approvals, that tasks of flows are done.
pub(super) fn spec_of<'a>(
    cx: &Context<'a>,
    task: &Task,
    says: Says,
) -> Result<&'a EntrySpec, Halt> {
    if task.question.is_some() {
        let message = "the task is a question: it is answered";
        return Err(Halt::refuse(RefusalCode::UnknownOutcome, message));
    }
    let Some((node, spec)) = entry::spec(cx, &task.node, task.entry) else {
        let message = "the definition has no such entry any more";
        return Err(Halt::refuse(RefusalCode::NotOpen, message));
    };
    let fits = match &node.kind {
        NodeKind::Step(_) => Says::Status,
        NodeKind::Task(_) => Says::Done,
        _ => Says::Vote,
    };
    if fits == says {
        return Ok(spec);
    }
    Err(Halt::refuse(
        RefusalCode::UnknownOutcome,
        match fits {
            Says::Done => "the task is completed, not voted on",
            Says::Status => "the task of a step is done by a status",
            Says::Vote => "the task is approved or rejected, not completed",
        },
    ))
}

pub(super) fn check_comment(cx: &Context<'_>, answer: &Answer) -> Result<(), Halt> {
    answer
        .comment
        .as_deref()
        .map_or(Ok(()), |comment| rights::within(cx, "comment", comment))
}

fn not_allowed(message: &str) -> Halt {
    Halt::refuse(RefusalCode::FormNotAllowed, message)
}

pub(super) fn check_form(
    cx: &Context<'_>,
    spec: &EntrySpec,
    form: Option<&Arc<Value>>,
) -> Result<(), Halt> {
    let empty = form.is_none_or(|form| form.as_object().is_some_and(serde_json::Map::is_empty));
    if spec.behaviour == Behaviour::Submit && empty {
        return Err(Halt::refuse(
            RefusalCode::FormRequired,
            "the form must be filled",
        ));
    }
    let Some(form) = form else {
        return required_form(spec);
    };
    if spec.behaviour == Behaviour::Move {
        return Err(not_allowed("a move takes no form and no data"));
    }
    let Some(spec) = &spec.form else {
        return Err(not_allowed("the task has no form"));
    };
    if !form.is_object() {
        return Err(Halt::refuse(
            RefusalCode::FormInvalid,
            "a filled form is a JSON object",
        ));
    }
    // An oversized form is not worth a look at its fields.
    data::small("the form", form, cx.facts.settings.limits.form_bytes)?;
    let wrong = spec.schema.check(form);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Halt::Refuse(
        Refusal::new(
            RefusalCode::FormInvalid,
            format!("the form `{}` is not filled correctly", spec.key),
        )
        .fields(wrong),
    ))
}

/// A form with required fields must be filled, although the behaviour leaves forms optional.
fn required_form(spec: &EntrySpec) -> Result<(), Halt> {
    let Some(form) = spec
        .form
        .as_ref()
        .filter(|_| spec.behaviour != Behaviour::Move)
    else {
        return Ok(());
    };
    let wrong = form.schema.check(&Value::Object(serde_json::Map::new()));
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Halt::Refuse(
        Refusal::new(
            RefusalCode::FormRequired,
            format!("the form `{}` must be filled", form.key),
        )
        .fields(wrong),
    ))
}

/// A candidate who begins with a task has it from then on.
pub(super) fn claim_implicitly(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: &Task,
) -> Result<(), Halt> {
    if let (None, Some(person)) = (&task.assignee, cx.facts.actor.person()) {
        draft.emit(Event::TaskClaimed {
            task: task.id,
            by: person.id.clone(),
        });
    }
    Ok(())
}

fn fired(task: &Task, answer: &Answer, reason: Option<String>) -> Fired {
    Fired {
        reason,
        comment: answer.comment.clone(),
        ..Fired::new(ActionEvent::AfterApprove, Some(&task.node)).task(task.id)
    }
}

/// What the form of a task fills.
pub(super) fn fills(cx: &Context<'_>, node: &NodeKey) -> Fills {
    match cx.graph.node(node).map(|node| &node.kind) {
        Some(NodeKind::Step(step)) => step.fills,
        Some(NodeKind::Task(task)) => task.fills,
        _ => Fills::Data,
    }
}

/// Why the engine decides or hands over by itself.
pub(super) const OVERDUE: &str = "overdue";

/// The vote of the engine itself on a task that is due: nobody has voted, so nobody is its actor.
pub(super) fn when_due(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: &Task,
    spec: &EntrySpec,
    outcome: Outcome,
) -> Result<(), Halt> {
    let rejected = outcome == Outcome::Rejected;
    let reason = rejected.then(|| OVERDUE.to_owned());
    draft.emit(Event::DecisionMade(Decision {
        task: task.id,
        activation: task.activation,
        node: task.node.clone(),
        entry: task.entry,
        by: cx.facts.actor.by(),
        on_behalf_of: None,
        outcome,
        comment: None,
        reason: reason.clone(),
        form: None,
        own_form: false,
    }));
    let fired = Fired {
        reason,
        ..Fired::new(ActionEvent::AfterApprove, Some(&task.node)).task(task.id)
    };
    match rejected {
        true => votes::settle_rejection(cx, draft, task, spec, fired),
        false => votes::settle_approval(cx, draft, task, fired),
    }
}

/// Records the decision, which closes the task.
pub(super) fn record(
    cx: &Context<'_>,
    draft: &mut Draft,
    task: &Task,
    outcome: Outcome,
    answer: &Answer,
    reason: Option<String>,
) {
    let by = cx.facts.actor.by();
    let on_behalf_of: Option<PersonId> = task.duty.clone().filter(|duty| by.person() != Some(duty));
    draft.emit(Event::DecisionMade(Decision {
        task: task.id,
        activation: task.activation,
        node: task.node.clone(),
        entry: task.entry,
        by,
        on_behalf_of,
        outcome,
        comment: answer.comment.clone(),
        reason,
        form: answer.form.clone(),
        own_form: outcome == Outcome::Completed && fills(cx, &task.node) == Fills::Form,
    }));
    let asked = draft.instance().map_or_else(
        |_| Vec::new(),
        |instance| {
            let open = instance.tasks_of(task.activation);
            let asked = open.filter(|other| {
                let question = other.question.as_ref();
                question.is_some_and(|question| question.about == task.id)
            });
            asked.map(|other| other.id).collect()
        },
    );
    for question in asked {
        draft.emit(Event::TaskCancelled { task: question });
    }
}

//! What a node does once a token is there and nothing keeps it from beginning.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    change::{JobRow, JobWork, NodeJob, SubscriptionKind},
    conditions::Condition,
    event::Event,
    graph::{ActionEvent, ApprovalNode, DataPath, Node, NodeKind, Opening, SignalNode},
    id::{ActivationId, JobId},
    instance::{Activation, EntryState, Instance, Timer},
    limits::{MESSAGE_BYTES, check_plain},
    machine::{
        children::{self, ChildrenPlan},
        compensate,
        context::{Context, Halt},
        data,
        draft::{Draft, Fired},
        enter::moment,
        failure::{Failure, fail},
        leave, steps,
        variables::Variables,
        watch,
        ways::{self, TokenPlan},
        withdraw,
        work::Work,
    },
    refusal::RefusalCode,
};

/// What a node will do, everything of it worked out.
#[derive(Clone, Debug)]
pub(super) enum Begin {
    /// Its children.
    Children(ChildrenPlan),
    /// Its job, with its input and when it runs.
    Job { input: Value, due: Timestamp },
    /// Nothing had to be worked out.
    Plain,
    /// What it says.
    Throw(Value),
    /// What it waits for.
    Subscribe {
        kind: SubscriptionKind,
        name: String,
        key: String,
    },
    /// Whether what it waits for holds already.
    Wait(bool),
    /// The ways that it takes.
    Ways(Vec<TokenPlan>),
}

/// What an activation that had to wait will do.
#[derive(Clone, Debug)]
pub(super) enum BeginPlan {
    /// It is over.
    Gone,
    /// It still cannot be done.
    Disabled,
    /// It cannot go on.
    Fail(Failure),
    /// It begins.
    Go(Begin),
}

pub(super) fn plan(
    cx: &Context<'_>,
    instance: &Instance,
    node: &Node,
    variables: &Variables<'_>,
) -> Result<Result<Begin, Failure>, Halt> {
    if let NodeKind::Subprocess(child) = &node.kind {
        let plan = children::plan(cx, instance, child, variables)?;
        return Ok(plan.map(Begin::Children));
    }
    Ok(of_kind(cx, node, variables))
}

fn of_kind(cx: &Context<'_>, node: &Node, variables: &Variables<'_>) -> Result<Begin, Failure> {
    Ok(match &node.kind {
        NodeKind::Choice(choice) => Begin::Ways(vec![ways::choose(choice, variables)?]),
        NodeKind::Job(job) => Begin::Job {
            input: render(&job.with, variables)?,
            due: match &job.when {
                Some(when) => moment(cx, when, variables)?,
                None => cx.facts.now,
            },
        },
        NodeKind::Receive(receive) => Begin::Subscribe {
            kind: SubscriptionKind::Message,
            name: match &receive.message {
                Some(message) => message.name.clone(),
                None => String::new(),
            },
            key: match receive
                .message
                .as_ref()
                .and_then(|message| message.key.as_ref())
            {
                Some(key) => text(&**key, variables)?,
                None => String::new(),
            },
        },
        NodeKind::Signal(SignalNode::Catch { name, .. }) => Begin::Subscribe {
            kind: SubscriptionKind::Signal,
            name: name.clone(),
            key: String::new(),
        },
        NodeKind::Signal(SignalNode::Throw { with, .. }) => Begin::Throw(render(with, variables)?),
        NodeKind::Split(split) => Begin::Ways(ways::branches(split, variables)?),
        NodeKind::Wait(condition) => Begin::Wait(watch::now(&**condition, variables)?),
        NodeKind::Approval(_)
        | NodeKind::Compensate(_)
        | NodeKind::End(_)
        | NodeKind::Fail(_)
        | NodeKind::First(_)
        | NodeKind::Function(_)
        | NodeKind::Join(_)
        | NodeKind::Raise(_)
        // Worked out as it is set: it sees what others of its wave have set before it.
        | NodeKind::Set(_)
        | NodeKind::Step(_)
        | NodeKind::Subprocess(_)
        | NodeKind::Task(_)
        | NodeKind::Terminate(_)
        | NodeKind::Timer(_) => Begin::Plain,
    })
}

fn render(
    template: &crate::template::Template,
    variables: &Variables<'_>,
) -> Result<Value, Failure> {
    let value = template
        .render(variables)
        .map_err(|error| Failure::node(format!("`with`: {error}")))?;
    data::shallow("`with`", &value).map(|()| value)
}

/// What an expression gives, as the text of a key.
pub(super) fn text(source: &dyn Condition, variables: &Variables<'_>) -> Result<String, Failure> {
    match source.evaluate(variables) {
        Ok(Value::String(text)) => Ok(text),
        Ok(value) => Ok(value.to_string()),
        Err(error) => Err(Failure::condition(source, &error)),
    }
}

pub(super) fn emit(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    node: &Node,
    begin: Begin,
) -> Result<(), Halt> {
    match (&node.kind, begin) {
        (NodeKind::Approval(approval), _) => {
            open_entries(draft, id, approval);
            Ok(())
        }
        (NodeKind::Step(step), _) => steps::begin(draft, id, step),
        (NodeKind::Task(_), _) => {
            draft.next.push(Work::Open {
                activation: id,
                entry: 0,
            });
            Ok(())
        }
        (NodeKind::Function(_), _) => {
            draft.next.push(Work::Call(id));
            Ok(())
        }
        (NodeKind::Job(_), Begin::Job { input, due }) => order(cx, draft, id, node, input, due),
        (NodeKind::Split(_), Begin::Ways(ways)) => ways::split(draft, id, node, ways),
        (NodeKind::Choice(_), Begin::Ways(ways)) => ways::choice(draft, id, node, ways),
        (NodeKind::First(nodes), _) => ways::first(draft, id, node, nodes),
        (NodeKind::Compensate(nodes), _) => compensate::begin(cx, draft, id, nodes),
        (NodeKind::Subprocess(child), Begin::Children(plan)) => {
            children::begin(cx, draft, id, child, plan)
        }
        (NodeKind::Set(assignments), _) => set(cx, draft, id, assignments),
        (NodeKind::Signal(SignalNode::Throw { name, .. }), Begin::Throw(payload)) => {
            throw(cx, draft, id, name, payload)
        }
        (NodeKind::Raise(code), _) => {
            children::raise(cx, draft, id, code)?;
            leave::leave(cx, draft, id)
        }
        (_, Begin::Subscribe { kind, name, key }) => subscribe(cx, draft, id, kind, name, key),
        (NodeKind::Wait(_), Begin::Wait(false)) => {
            draft.emit(Event::ConditionWatched { activation: id });
            Ok(())
        }
        (NodeKind::Wait(_), _) => leave::leave(cx, draft, id),
        (NodeKind::End(outcome), _) => {
            set_outcome(draft, outcome.as_ref());
            leave::leave(cx, draft, id)
        }
        (NodeKind::Fail(code), _) => end_all(cx, draft, id, Some(code)),
        (NodeKind::Terminate(outcome), _) => {
            set_outcome(draft, outcome.as_ref());
            end_all(cx, draft, id, None)
        }
        // A join outside every scope has nothing to wait for.
        (NodeKind::Join(_), _) => leave::leave(cx, draft, id),
        (NodeKind::Timer(_), _) => wait_for_moment(cx, draft, id),
        // Plans are made for the kind of the node.
        _ => Ok(()),
    }
}

fn throw(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    name: &str,
    payload: Value,
) -> Result<(), Halt> {
    draft.emit(Event::SignalThrown {
        activation: id,
        name: name.to_owned(),
    });
    let work = JobWork::Signal {
        name: name.to_owned(),
        payload,
        thrown_at: Some(cx.facts.now),
    };
    withdraw::order(cx, draft, work)?;
    leave::leave(cx, draft, id)
}

fn subscribe(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    kind: SubscriptionKind,
    name: String,
    key: String,
) -> Result<(), Halt> {
    if key.len() > MESSAGE_BYTES {
        let length = key.len();
        let message = format!("the key is {length} bytes long, {MESSAGE_BYTES} are allowed");
        return Err(Halt::refuse(RefusalCode::LimitExceeded, message));
    }
    check_plain("key", "/key", &key).map_err(Halt::Refuse)?;
    if kind == SubscriptionKind::Message && !name.is_empty() {
        // What was sent before is looked for after the commit.
        let work = JobWork::Receive {
            activation: id,
            name: name.clone(),
            key: key.clone(),
        };
        withdraw::order(cx, draft, work)?;
    }
    draft.emit(Event::SubscriptionOpened {
        activation: id,
        kind,
        name,
        key,
    });
    Ok(())
}

/// A timer waits, unless its moment came while somebody else had its lock.
fn wait_for_moment(cx: &Context<'_>, draft: &mut Draft, id: ActivationId) -> Result<(), Halt> {
    let found = draft.instance()?.activation(id);
    let alarm = found.and_then(|found| found.alarm.as_ref());
    if alarm.is_some_and(|alarm| alarm.due.iter().any(|(_, timer)| *timer == Timer::Own)) {
        return Ok(());
    }
    leave::leave(cx, draft, id)
}

fn set(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    assignments: &[(DataPath, Arc<dyn Condition>)],
) -> Result<(), Halt> {
    let instance = draft.instance()?;
    let Some(activation) = instance.activation(id) else {
        return Ok(());
    };
    let variables = Variables::here(cx, instance).of(activation);
    let values = data::evaluate(instance.data(), assignments, &variables);
    let outcome = match values {
        Ok(values) => data::set(cx, draft, values)?,
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(()) => leave::leave(cx, draft, id),
        Err(failure) => fail(cx, draft, id, &failure),
    }
}

fn set_outcome(draft: &mut Draft, outcome: Option<&String>) {
    if let Some(outcome) = outcome {
        draft.emit(Event::OutcomeSet {
            outcome: outcome.clone(),
        });
    }
}

/// Opens the entries of an approval that come first, or those that did not open yet.
fn open_entries(draft: &mut Draft, id: ActivationId, approval: &ApprovalNode) {
    let opened = match approval.opening {
        Opening::InOrder => 1,
        Opening::Together => approval.entries.len(),
    };
    for entry in (0..=u16::MAX).take(opened) {
        draft.next.push(Work::Open {
            activation: id,
            entry,
        });
    }
}

/// Opens the entries that are not open or over: after a failure, or once the node is enabled.
pub(super) fn open_pending(cx: &Context<'_>, draft: &mut Draft, activation: &Activation) {
    let in_order = match cx.graph.node(&activation.node).map(|node| &node.kind) {
        Some(NodeKind::Approval(approval)) => approval.opening == Opening::InOrder,
        _ => true,
    };
    let pending = (0_u16..)
        .zip(activation.entries())
        .filter(|(_, entry)| **entry == EntryState::Pending)
        .map(|(entry, _)| entry);
    let most = if in_order { 1 } else { usize::MAX };
    for entry in pending.take(most) {
        draft.next.push(Work::Open {
            activation: activation.id,
            entry,
        });
    }
}

/// Orders the job of a job node: it runs after the commit.
fn order(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: ActivationId,
    node: &Node,
    with: Value,
    due: Timestamp,
) -> Result<(), Halt> {
    let NodeKind::Job(job) = &node.kind else {
        return Ok(());
    };
    draft.emit(Event::JobOrdered {
        activation,
        due_at: (due > cx.facts.now).then_some(due),
    });
    let instance = draft.instance()?;
    let row = JobRow {
        tenant: instance.tenant().clone(),
        id: JobId::new(activation.uuid()),
        instance: instance.id(),
        due_at: due,
        work: JobWork::Node(Box::new(NodeJob {
            activation,
            name: job.name.clone(),
            with,
            retry: job.retry,
            timeout: job.timeout,
        })),
    };
    draft.jobs.push(row);
    Ok(())
}

/// Ends the whole instance, whatever else lives in it; as failed when there is a code.
fn end_all(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    code: Option<&String>,
) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(id).cloned() else {
        return Ok(());
    };
    draft.emit(Event::NodeCompleted {
        activation: id,
        node: activation.node,
        artifact: None,
    });
    withdraw::all(cx, draft, None)?;
    if cx.command.begins() {
        draft
            .fired
            .push(Fired::new(ActionEvent::OnWorkflowStart, None));
    }
    match code {
        Some(code) => draft.emit(Event::InstanceFailed { code: code.clone() }),
        None => {
            draft.emit(Event::InstanceCompleted);
            draft
                .fired
                .push(Fired::new(ActionEvent::OnWorkflowComplete, None));
        }
    }
    Ok(())
}

/// What an activation that had to wait will do.
pub(super) fn plan_of(
    cx: &Context<'_>,
    instance: &Instance,
    id: ActivationId,
) -> Result<BeginPlan, Halt> {
    let Some(activation) = instance.activation(id) else {
        return Ok(BeginPlan::Gone);
    };
    let Some(node) = cx.graph.node(&activation.node) else {
        return Ok(BeginPlan::Gone);
    };
    let variables = Variables::here(cx, instance).of(activation);
    if let Some(condition) = &node.enabled_when {
        match watch::now(&**condition, &variables) {
            Ok(true) => {}
            Ok(false) => return Ok(BeginPlan::Disabled),
            Err(failure) => return Ok(BeginPlan::Fail(failure)),
        }
    }
    Ok(match plan(cx, instance, node, &variables)? {
        Ok(begin) => BeginPlan::Go(begin),
        Err(failure) => BeginPlan::Fail(failure),
    })
}

/// An activation has the lock that it waited for.
pub(super) fn emit_of(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    plan: BeginPlan,
) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(id).cloned() else {
        return Ok(());
    };
    if let Some(lock) = activation.lock.clone() {
        draft.emit(Event::LockTaken {
            activation: id,
            lock,
        });
    }
    match plan {
        BeginPlan::Gone => Ok(()),
        BeginPlan::Disabled => {
            draft.emit(Event::NodeDisabled { activation: id });
            Ok(())
        }
        BeginPlan::Fail(failure) => fail(cx, draft, id, &failure),
        BeginPlan::Go(begin) => match cx.graph.node(&activation.node) {
            Some(node) => emit(cx, draft, id, node, begin),
            None => Ok(()),
        },
    }
}

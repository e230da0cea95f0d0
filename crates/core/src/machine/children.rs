//! Instances of another workflow: their start, and what they tell their parent.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    change::{ChildJob, JobWork},
    event::Event,
    facts::{Question, VersionAsk},
    graph::{ChildMode, NodeKind, SubprocessNode},
    id::{ActivationId, DefinitionId, InstanceId},
    instance::{Activation, Body, Children, Given, Instance, Parent},
    machine::{
        context::{Context, Halt},
        data,
        draft::Draft,
        failure::{Failure, fail},
        leave,
        variables::Variables,
        ways, withdraw,
    },
    refusal::RefusalCode,
};

/// The children of a node, everything known.
#[derive(Clone, Debug)]
pub(super) struct ChildrenPlan {
    definition: DefinitionId,
    given: Vec<Given>,
}

pub(super) fn plan(
    cx: &Context<'_>,
    instance: &Instance,
    node: &SubprocessNode,
    variables: &Variables<'_>,
) -> Result<Result<ChildrenPlan, Failure>, Halt> {
    let given = match given(cx, node, variables) {
        Ok(given) => given,
        Err(failure) => return Ok(Err(failure)),
    };
    let ask = VersionAsk {
        workflow: node.workflow.clone(),
        rule: node.version,
        parent: instance.definition().clone(),
    };
    let Some(found) = cx.facts.answers.get_version(&ask) else {
        return Err(Halt::Ask(vec![Question::Version(ask)]));
    };
    Ok(match found {
        Some(definition) => Ok(ChildrenPlan {
            definition: definition.clone(),
            given,
        }),
        None => Err(Failure::new(
            RefusalCode::DanglingReference,
            format!("there is no workflow `{}` to start", node.workflow),
        )),
    })
}

/// What each child is given.
fn given(
    cx: &Context<'_>,
    node: &SubprocessNode,
    variables: &Variables<'_>,
) -> Result<Vec<Given>, Failure> {
    let Some(each) = &node.each else {
        return Ok(vec![leave::give(&node.gift, variables)?]);
    };
    let items = ways::items(each, variables)?;
    let limit = cx.facts.settings.limits.children;
    if items.len() > limit {
        return Err(Failure::new(
            RefusalCode::LimitExceeded,
            format!(
                "{} children are wanted, {limit} are allowed: split with `for_each` and start one on each branch",
                items.len()
            ),
        ));
    }
    let items = items.iter();
    items
        .map(|item| ways::give_item(&node.gift, item, variables))
        .collect()
}

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    node: &SubprocessNode,
    plan: ChildrenPlan,
) -> Result<(), Halt> {
    if !node.awaits {
        for (place, given) in (0_u32..).zip(plan.given) {
            let parent = parent(draft, id, node)?;
            order(cx, draft, place, plan.definition.clone(), parent, given)?;
        }
        return leave::leave(cx, draft, id);
    }
    draft.emit(Event::ChildrenPlanned {
        activation: id,
        definition: plan.definition,
        children: plan.given,
    });
    go_on(cx, draft, id, node)
}

fn parent(draft: &Draft, activation: ActivationId, node: &SubprocessNode) -> Result<Parent, Halt> {
    Ok(Parent {
        instance: draft.instance()?.id(),
        activation,
        awaits: node.awaits,
        wants_data: node.awaits && node.into.is_some(),
    })
}

/// Orders a child: it starts after the commit.
fn order(
    cx: &Context<'_>,
    draft: &mut Draft,
    place: u32,
    definition: DefinitionId,
    parent: Parent,
    given: Given,
) -> Result<(), Halt> {
    let child = InstanceId::new(draft.id());
    draft.emit(Event::ChildOrdered {
        activation: parent.activation,
        child,
        place,
    });
    let requester = draft.instance()?.requester().cloned();
    let job = ChildJob {
        child,
        definition,
        given,
        parent,
        requester,
    };
    withdraw::order(cx, draft, JobWork::StartChild(Box::new(job)))
}

fn children_of(instance: &Instance, id: ActivationId) -> Option<(Activation, Children)> {
    let activation = instance.activation(id)?;
    match &activation.body {
        Body::Children(children) => Some((activation.clone(), children.clone())),
        _ => None,
    }
}

/// How many children an activation has, ended ones and those not started yet included.
pub(super) fn planned(activation: &Activation) -> usize {
    match &activation.body {
        Body::Children(children) => usize::try_from(children.total).unwrap_or(usize::MAX),
        _ => 0,
    }
}

/// Starts those whose turn it is; leaves the node when none is left.
pub(super) fn go_on(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    node: &SubprocessNode,
) -> Result<(), Halt> {
    let Some((activation, children)) = children_of(draft.instance()?, id) else {
        return Ok(());
    };
    if children.are_over() {
        return end(cx, draft, &activation, &children, node);
    }
    let at_once = match node.mode {
        ChildMode::Parallel => children.left.len(),
        ChildMode::Sequence if children.live.is_empty() => 1,
        ChildMode::Sequence => 0,
    };
    let first = children.next_place();
    for (place, given) in (first..).zip(children.left.into_iter().take(at_once)) {
        let parent = parent(draft, id, node)?;
        order(cx, draft, place, children.definition.clone(), parent, given)?;
    }
    Ok(())
}

/// Every child has ended.
fn end(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: &Activation,
    children: &Children,
    node: &SubprocessNode,
) -> Result<(), Halt> {
    if children.completed == 0 && children.total > 0 {
        let failure = Failure::of_child("cancelled", "no child came to its end");
        return fail(cx, draft, activation.id, &failure);
    }
    if let Some(into) = &node.into {
        let result = |place: u32| {
            let data = children.results.get(&place);
            data.map_or(Value::Null, |data| Value::clone(data))
        };
        let value = match &node.each {
            None => result(0),
            Some(_) => Value::Array((0..children.total).map(result).collect()),
        };
        if let Err(failure) = data::set(cx, draft, vec![(into.clone(), value)])? {
            return fail(cx, draft, activation.id, &failure);
        }
    }
    leave::leave(cx, draft, activation.id)
}

/// The node of an activation that waits for children.
pub(super) fn node_of<'a>(cx: &Context<'a>, activation: &Activation) -> Option<&'a SubprocessNode> {
    match &cx.graph.node(&activation.node)?.kind {
        NodeKind::Subprocess(node) => Some(node),
        _ => None,
    }
}

/// Tells the parent a code; without one that waits, nobody hears it.
pub(super) fn raise(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    code: &str,
) -> Result<(), Halt> {
    draft.emit(Event::CodeRaised {
        activation: id,
        code: code.to_owned(),
    });
    let instance = draft.instance()?;
    let Some(parent) = instance.parent().filter(|parent| parent.awaits).cloned() else {
        return Ok(());
    };
    let child = instance.id();
    withdraw::order(
        cx,
        draft,
        JobWork::Raise {
            parent: parent.instance,
            activation: parent.activation,
            child,
            code: code.to_owned(),
        },
    )
}

/// Tells a parent that waits that this instance has ended.
pub(super) fn tell_parent(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    use crate::instance::{ChildEnd, InstanceStatus};
    let instance = draft.instance()?;
    let Some(parent) = instance.parent().filter(|parent| parent.awaits).cloned() else {
        return Ok(());
    };
    let end = match instance.status() {
        InstanceStatus::Cancelled { .. } => ChildEnd::Cancelled,
        InstanceStatus::Completed { .. } => ChildEnd::Completed {
            data: parent.wants_data.then(|| Arc::clone(instance.data())),
        },
        InstanceStatus::Failed { code, .. } => ChildEnd::Failed {
            code: code.clone(),
            message: "the child failed".to_owned(),
        },
        InstanceStatus::Rejected { reason, .. } => ChildEnd::Failed {
            code: "rejected".to_owned(),
            message: reason.clone(),
        },
        InstanceStatus::OnHold(_) | InstanceStatus::Pending { .. } | InstanceStatus::Running => {
            return Ok(());
        }
    };
    let child = instance.id();
    withdraw::order(
        cx,
        draft,
        JobWork::EndChild {
            parent: parent.instance,
            activation: parent.activation,
            child,
            end,
        },
    )
}

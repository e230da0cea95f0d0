//! What happens when a token comes to a node.

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    change::{JobRow, JobWork, NodeJob},
    conditions::{Condition, ConditionError},
    event::Event,
    facts::{FunctionFailure, Question},
    graph::{ActionEvent, Choice, Node, NodeKind, Opening, SplitNode},
    id::{ActivationId, GroupKey, JobId, NodeKey, ScopeId},
    instance::Instance,
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        variables::Variables,
        votes,
        work::{Enter, Work},
    },
    refusal::RefusalCode,
};

/// What a token will do at a node.
#[derive(Clone, Debug)]
pub(super) enum EnterPlan {
    /// The definition that the instance pins has no such node.
    Dangling,
    /// A condition failed, or no way leads on.
    Fail(Failure),
    /// It takes these ways: the one of a choice, the branches of a split; empty for the others.
    Go(Vec<NodeKey>),
    /// A job node orders its job with this input.
    Order(Value),
    /// The group's guard is false.
    SkipGroup(GroupKey),
    /// The node's guard is false.
    SkipNode,
}

/// Why a node cannot go on.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) code: RefusalCode,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn node(message: impl Into<String>) -> Self {
        Self {
            code: RefusalCode::NodeFailed,
            message: message.into(),
        }
    }

    pub(super) fn job(failure: &FunctionFailure) -> Self {
        Self::node(format!("{}: {}", failure.code, failure.message))
    }

    pub(super) fn condition(condition: &dyn Condition, error: &ConditionError) -> Self {
        Self::node(format!("condition `{}`: {error}", condition.source()))
    }
}

pub(super) fn plan(cx: &Context<'_>, instance: &Instance, work: &Enter) -> Result<EnterPlan, Halt> {
    let Some(node) = cx.graph.node(&work.node) else {
        return Ok(EnterPlan::Dangling);
    };
    if matches!(node.kind, NodeKind::Terminate(_))
        && !instance.is_complete()
        && cx.facts.answers.get_all().is_none()
    {
        return Err(Halt::Ask(vec![Question::All]));
    }
    let variables = Variables::new(instance, cx.facts);
    Ok(ways(cx, node, work, &variables).unwrap_or_else(EnterPlan::Fail))
}

fn ways(
    cx: &Context<'_>,
    node: &Node,
    work: &Enter,
    variables: &Variables<'_>,
) -> Result<EnterPlan, Failure> {
    let holds = |condition: &dyn Condition| {
        condition
            .holds(variables)
            .map_err(|error| Failure::condition(condition, &error))
    };
    if !work.direct {
        if let Some(key) = node
            .group
            .as_ref()
            .filter(|key| work.group.as_ref() != Some(*key))
            && let Some(guard) = cx.graph.group(key).and_then(|group| group.when.as_deref())
            && !holds(guard)?
        {
            return Ok(EnterPlan::SkipGroup(key.clone()));
        }
        if let Some(guard) = node.when.as_deref()
            && !holds(guard)?
        {
            return Ok(EnterPlan::SkipNode);
        }
    }
    match &node.kind {
        NodeKind::Choice(choice) => choose(choice, holds),
        NodeKind::Split(split) => branches(split, holds),
        NodeKind::Job(job) => match job.with.render(variables) {
            Ok(input) => Ok(EnterPlan::Order(input)),
            Err(error) => Err(Failure::node(format!("`with`: {error}"))),
        },
        NodeKind::Approval(_)
        | NodeKind::End(_)
        | NodeKind::Function(_)
        | NodeKind::Join(_)
        | NodeKind::Task(_)
        | NodeKind::Terminate(_) => Ok(EnterPlan::Go(Vec::new())),
        other => Err(Failure::node(format!("`{}` does not run yet", other.as_str()))),
    }
}

fn choose(
    choice: &Choice,
    holds: impl Fn(&dyn Condition) -> Result<bool, Failure>,
) -> Result<EnterPlan, Failure> {
    for case in &choice.cases {
        if holds(&*case.when)? {
            return Ok(EnterPlan::Go(vec![case.way.to.clone()]));
        }
    }
    match &choice.default {
        Some(way) => Ok(EnterPlan::Go(vec![way.to.clone()])),
        None => Err(Failure::node("no case holds and there is no default")),
    }
}

fn branches(
    split: &SplitNode,
    holds: impl Fn(&dyn Condition) -> Result<bool, Failure>,
) -> Result<EnterPlan, Failure> {
    let mut taken = Vec::new();
    for branch in &split.branches {
        let open = match branch.when.as_deref() {
            Some(condition) => holds(condition)?,
            None => true,
        };
        if open {
            taken.push(branch.way.to.clone());
        }
    }
    if taken.is_empty() {
        return Err(Failure::node("no branch of the split holds"));
    }
    Ok(EnterPlan::Go(taken))
}

pub(super) fn emit(
    cx: &Context<'_>,
    draft: &mut Draft,
    work: Enter,
    plan: EnterPlan,
) -> Result<(), Halt> {
    check_limits(cx, draft, &work)?;
    let Some(node) = cx.graph.node(&work.node) else {
        return fail_at(
            cx,
            draft,
            &work,
            &Failure::node(format!("there is no node `{}`", work.node)),
        );
    };
    match plan {
        EnterPlan::Dangling => Ok(()),
        EnterPlan::Fail(failure) => fail_at(cx, draft, &work, &failure),
        EnterPlan::SkipNode => {
            draft.emit(Event::NodeSkipped {
                node: node.key.clone(),
            });
            skip(draft, work, node.group.clone(), node.next.clone());
            Ok(())
        }
        EnterPlan::SkipGroup(key) => {
            let nodes = cx
                .graph
                .nodes()
                .filter(|node| node.group.as_ref() == Some(&key))
                .map(|node| node.key.clone())
                .collect();
            let next = cx.graph.group(&key).and_then(|group| group.next.clone());
            draft.emit(Event::GroupSkipped {
                group: key.clone(),
                nodes,
            });
            skip(draft, work, Some(key), next);
            Ok(())
        }
        EnterPlan::Order(input) => {
            let activation = entered(draft, &work, node);
            arm(cx, draft, activation, node);
            order(cx, draft, activation, node, input)
        }
        EnterPlan::Go(ways) => enter(cx, draft, work, node, ways),
    }
}

fn check_limits(cx: &Context<'_>, draft: &mut Draft, work: &Enter) -> Result<(), Halt> {
    let limits = &cx.facts.settings.limits;
    draft.entered += 1;
    if draft.entered > limits.automatic_steps {
        return Err(Halt::refuse(
            RefusalCode::LimitExceeded,
            format!(
                "more than {} nodes run without waiting",
                limits.automatic_steps
            ),
        ));
    }
    let instance = draft.instance()?;
    if instance.live_activations() >= limits.live_activations {
        return Err(Halt::refuse(
            RefusalCode::LimitExceeded,
            format!("more than {} activations live", limits.live_activations),
        ));
    }
    let depth = |scope: ScopeId| instance.scopes().get(&scope).map_or(0, |scope| scope.depth);
    if work.scope.map_or(0, depth) > limits.split_depth {
        return Err(Halt::refuse(
            RefusalCode::LimitExceeded,
            format!("splits are nested more than {} deep", limits.split_depth),
        ));
    }
    Ok(())
}

fn skip(draft: &mut Draft, work: Enter, group: Option<GroupKey>, next: Option<NodeKey>) {
    match next {
        Some(node) => draft.next.push(Work::Enter(Enter {
            node,
            group,
            ..work
        })),
        None => draft.end_branch(work.scope),
    }
}

/// Enters `node`, all its ways known.
fn enter(
    cx: &Context<'_>,
    draft: &mut Draft,
    work: Enter,
    node: &Node,
    ways: Vec<NodeKey>,
) -> Result<(), Halt> {
    if let (NodeKind::Join(_), Some(scope)) = (&node.kind, work.scope) {
        draft.emit(Event::JoinArrived {
            join: node.key.clone(),
            scope,
            from: work.from,
        });
        draft.dirty.insert(scope);
        return Ok(());
    }
    let activation = entered(draft, &work, node);
    arm(cx, draft, activation, node);
    match &node.kind {
        NodeKind::Approval(approval) => {
            announce_move(cx, draft, &work, node);
            let opened = match approval.opening {
                Opening::InOrder => 1,
                Opening::Together => approval.entries.len(),
            };
            for entry in (0..=u16::MAX).take(opened) {
                draft.next.push(Work::Open { activation, entry });
            }
        }
        NodeKind::Function(_) => draft.next.push(Work::Call(activation)),
        NodeKind::Split(_) => split(draft, activation, &work, node, ways),
        NodeKind::Choice(_) => {
            complete(draft, activation, node);
            go(draft, &work, node, ways.into_iter().next());
        }
        // A join outside every scope has nothing to wait for.
        NodeKind::Join(_) => {
            complete(draft, activation, node);
            go(draft, &work, node, node.next.clone());
        }
        NodeKind::End(_) => {
            complete(draft, activation, node);
            draft.end_branch(work.scope);
        }
        NodeKind::Task(_) => draft.next.push(Work::Open {
            activation,
            entry: 0,
        }),
        NodeKind::Terminate(_) => return terminate(cx, draft, activation, node),
        // Ordered with its input.
        NodeKind::Job(_) => {}
        _ => {}
    }
    Ok(())
}

/// Ends the whole instance, whatever else lives in it.
fn terminate(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: ActivationId,
    node: &Node,
) -> Result<(), Halt> {
    complete(draft, activation, node);
    draft.load_all(cx.facts)?;
    votes::withdraw_all(draft, None)?;
    draft.emit(Event::InstanceCompleted);
    if cx.command.is_start() {
        draft
            .fired
            .push(Fired::new(ActionEvent::OnWorkflowStart, None));
    }
    draft
        .fired
        .push(Fired::new(ActionEvent::OnWorkflowComplete, None));
    Ok(())
}

/// The boundaries of a node begin to wait.
fn arm(cx: &Context<'_>, draft: &mut Draft, activation: ActivationId, node: &Node) {
    let mut due: Vec<(Timestamp, u16)> = (0_u16..)
        .zip(&node.timeouts)
        .filter_map(|(index, timeout)| Some((match timeout.when {
                crate::graph::Moment::After(after) => cx.facts.now.checked_add(after).ok()?,
                _ => return None,
            }, index)))
        .collect();
    if due.is_empty() {
        return;
    }
    due.sort_unstable();
    let job = JobId::new(draft.id());
    draft.emit(Event::TimersArmed {
        activation,
        job,
        due,
    });
}

/// Orders the job of a job node: it runs after the commit.
fn order(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: ActivationId,
    node: &Node,
    with: Value,
) -> Result<(), Halt> {
    let NodeKind::Job(job) = &node.kind else {
        return Ok(());
    };
    draft.emit(Event::JobOrdered { activation });
    let instance = draft.instance()?;
    let row = JobRow {
        tenant: instance.tenant().clone(),
        id: JobId::new(activation.uuid()),
        instance: instance.id(),
        due_at: cx.facts.now,
        work: JobWork::Node(Box::new(NodeJob {
            activation,
            name: job.name.clone(),
            with,
            retry: job.retry,
        })),
    };
    draft.jobs.push(row);
    Ok(())
}

fn entered(draft: &mut Draft, work: &Enter, node: &Node) -> ActivationId {
    let activation = ActivationId::new(draft.id());
    let entries = match &node.kind {
        NodeKind::Approval(approval) => u16::try_from(approval.entries.len()).unwrap_or(u16::MAX),
        NodeKind::Task(_) => 1,
        _ => 0,
    };
    draft.emit(Event::NodeEntered {
        activation,
        node: node.key.clone(),
        scope: work.scope,
        from: work.from.clone(),
        entries,
    });
    activation
}

fn complete(draft: &mut Draft, activation: ActivationId, node: &Node) {
    draft.emit(Event::NodeCompleted {
        activation,
        node: node.key.clone(),
    });
}

/// The token of `work` goes on from `node`.
fn go(draft: &mut Draft, work: &Enter, node: &Node, to: Option<NodeKey>) {
    match to {
        Some(to) => draft.next.push(Work::Enter(Enter {
            node: to,
            scope: work.scope,
            from: work.from.clone(),
            group: node.group.clone(),
            direct: false,
        })),
        None => draft.end_branch(work.scope),
    }
}

fn split(
    draft: &mut Draft,
    activation: ActivationId,
    work: &Enter,
    node: &Node,
    ways: Vec<NodeKey>,
) {
    let scope = ScopeId::new(draft.id());
    draft.emit(Event::ScopeOpened {
        scope,
        activation,
        branches: u32::try_from(ways.len()).unwrap_or(u32::MAX),
    });
    complete(draft, activation, node);
    for way in ways {
        draft.next.push(Work::Enter(Enter {
            node: way,
            scope: Some(scope),
            from: work.from.clone(),
            group: node.group.clone(),
            direct: false,
        }));
    }
}

/// Says that the instance moved from one approval node to the next; not at the start.
fn announce_move(cx: &Context<'_>, draft: &mut Draft, work: &Enter, node: &Node) {
    let Some(from) = work
        .from
        .as_ref()
        .and_then(|from| cx.graph.node(from))
        .filter(|_| !work.direct)
    else {
        return;
    };
    let moved = |event| Fired {
        to: Some(node.key.as_str().to_owned()),
        ..Fired::new(event, Some(&node.key))
    };
    if from.group != node.group {
        draft.fired.push(moved(ActionEvent::AfterMovePipeline));
    }
    draft.fired.push(moved(ActionEvent::AfterMoveStage));
}

/// The node cannot be entered: refuses the call, or leaves an incident when nobody called.
fn fail_at(
    cx: &Context<'_>,
    draft: &mut Draft,
    work: &Enter,
    failure: &Failure,
) -> Result<(), Halt> {
    if cx.is_called() {
        return Err(Halt::refuse(
            failure.code,
            format!("node `{}`: {}", work.node, failure.message),
        ));
    }
    let activation = ActivationId::new(draft.id());
    draft.emit(Event::NodeEntered {
        activation,
        node: work.node.clone(),
        scope: work.scope,
        from: work.from.clone(),
        entries: 0,
    });
    park(draft, activation, work.node.clone(), failure);
    Ok(())
}

/// Leaves a failed activation with its incident.
pub(super) fn park(draft: &mut Draft, activation: ActivationId, node: NodeKey, failure: &Failure) {
    // Incidents have a list of codes of their own: to an operator the rest is a failed node.
    let code = match failure.code {
        RefusalCode::NoApprover => "no_approver",
        _ => "node_failed",
    };
    let incident = draft.incident(code, failure.message.clone(), Some(activation), None);
    draft.emit(Event::NodeFailed {
        activation,
        node,
        incident,
    });
}

/// An activation is done, and its token goes on.
pub(super) fn leave(cx: &Context<'_>, draft: &mut Draft, id: ActivationId) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(id).cloned() else {
        return Ok(());
    };
    draft.emit(Event::NodeCompleted {
        activation: id,
        node: activation.node.clone(),
    });
    let Some(node) = cx.graph.node(&activation.node) else {
        draft.end_branch(activation.scope);
        return Ok(());
    };
    let from = match node.kind {
        NodeKind::Approval(_) => Some(node.key.clone()),
        _ => activation.from.clone(),
    };
    match node.next.clone() {
        Some(to) => draft.next.push(Work::Enter(Enter {
            node: to,
            scope: activation.scope,
            from,
            group: node.group.clone(),
            direct: false,
        })),
        None => draft.end_branch(activation.scope),
    }
    Ok(())
}

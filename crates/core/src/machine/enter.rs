//! What happens when a token comes to a node.

use jiff::Timestamp;

use crate::{
    conditions::Condition,
    event::Event,
    graph::ActionEvent,
    graph::{Moment, Node, NodeKind},
    id::{ActivationId, GroupKey, JobId, NodeKey, ScopeId},
    instance::{Given, Instance, ScopeKind, Timer},
    machine::{
        begin::{self, Begin},
        context::{Context, Halt},
        draft::{Draft, Fired},
        failure::{Failure, fail},
        leave,
        variables::Variables,
        watch,
        work::{Enter, Work, entered},
    },
    refusal::RefusalCode,
};

/// What a token will do at a node.
#[derive(Clone, Debug)]
pub(super) enum EnterPlan {
    /// It arrives at a join of its scope.
    Arrive,
    /// The definition that the instance pins has no such node.
    Dangling,
    /// A condition failed, or no way leads on; the visit was given this.
    Fail(Given, Failure),
    /// It is there.
    Go(Arrival),
    /// The group's guard is false.
    SkipGroup(GroupKey),
    /// The node's guard is false.
    SkipNode,
}

/// A token that is there, with everything worked out.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    given: Given,
    /// The lock that it needs.
    lock: Option<String>,
    /// What it waits for, earliest first.
    timers: Vec<(Timestamp, Timer)>,
    /// Whether it can be done now.
    enabled: bool,
    begin: Begin,
}

/// Whether a token that comes there ends the instance, so that all that lives must be known.
pub(super) fn ends_all(cx: &Context<'_>, work: &Enter) -> bool {
    let node = cx.graph.node(&work.node);
    node.is_some_and(|node| matches!(node.kind, NodeKind::Fail(_) | NodeKind::Terminate(_)))
}

pub(super) fn plan(cx: &Context<'_>, instance: &Instance, work: &Enter) -> Result<EnterPlan, Halt> {
    let Some(node) = cx.graph.node(&work.node) else {
        return Ok(EnterPlan::Dangling);
    };
    if matches!(node.kind, NodeKind::Join(_)) && work.scope.is_some() {
        return Ok(EnterPlan::Arrive);
    }
    let on_the_way = Variables::here(cx, instance).visiting(&work.items, &work.given);
    match guards(cx, node, work, &on_the_way) {
        Ok(None) => {}
        Ok(Some(skipped)) => return Ok(skipped),
        Err(failure) => return Ok(EnterPlan::Fail(work.given.clone(), failure)),
    }
    let given = match leave::give(&node.gift, &on_the_way) {
        Ok(own) => work.given.clone().over(own),
        Err(failure) => return Ok(EnterPlan::Fail(work.given.clone(), failure)),
    };
    let variables = Variables::here(cx, instance).visiting(&work.items, &given);
    let arrival = match arrive(cx, node, &variables) {
        Ok(arrival) => arrival,
        Err(failure) => return Ok(EnterPlan::Fail(given, failure)),
    };
    Ok(match begin::plan(cx, instance, node, &variables)? {
        Ok(begin) => EnterPlan::Go(Arrival {
            given,
            begin,
            ..arrival
        }),
        // It may be right by the time that it can begin.
        Err(_) if !arrival.enabled => EnterPlan::Go(Arrival { given, ..arrival }),
        Err(failure) => EnterPlan::Fail(given, failure),
    })
}

/// What a false guard passes by.
fn guards(
    cx: &Context<'_>,
    node: &Node,
    work: &Enter,
    variables: &Variables<'_>,
) -> Result<Option<EnterPlan>, Failure> {
    if work.direct {
        return Ok(None);
    }
    if let Some(key) = node
        .group
        .as_ref()
        .filter(|key| work.group.as_ref() != Some(*key))
        && let Some(guard) = cx.graph.group(key).and_then(|group| group.when.as_deref())
        && !holds(guard, variables)?
    {
        return Ok(Some(EnterPlan::SkipGroup(key.clone())));
    }
    if let Some(guard) = node.when.as_deref()
        && !holds(guard, variables)?
    {
        return Ok(Some(EnterPlan::SkipNode));
    }
    Ok(None)
}

pub(super) fn holds(condition: &dyn Condition, variables: &Variables<'_>) -> Result<bool, Failure> {
    condition
        .holds(variables)
        .map_err(|error| Failure::condition(condition, &error))
}

/// Everything but what the kind of the node needs.
fn arrive(cx: &Context<'_>, node: &Node, variables: &Variables<'_>) -> Result<Arrival, Failure> {
    let mut timers = Vec::with_capacity(node.timeouts.len());
    for (index, timeout) in (0_u16..).zip(&node.timeouts) {
        timers.push((
            moment(cx, &timeout.when, variables)?,
            Timer::Boundary(index),
        ));
    }
    if let NodeKind::Timer(when) = &node.kind {
        timers.push((moment(cx, when, variables)?, Timer::Own));
    }
    timers.sort_unstable();
    let lock = match &node.mutex {
        None => None,
        Some(mutex) => Some(match &mutex.key {
            None => mutex.name.clone(),
            Some(key) => format!("{}:{}", mutex.name, begin::text(&**key, variables)?),
        }),
    };
    let enabled = match &node.enabled_when {
        Some(condition) => watch::now(&**condition, variables)?,
        None => true,
    };
    Ok(Arrival {
        given: Given::default(),
        lock,
        timers,
        enabled,
        begin: Begin::Plain,
    })
}

/// The moment that is meant at entry.
pub(super) fn moment(
    cx: &Context<'_>,
    moment: &Moment,
    variables: &Variables<'_>,
) -> Result<Timestamp, Failure> {
    match moment {
        Moment::After(period) => period
            .after(cx.graph.calendar(), cx.facts.now)
            .ok_or_else(|| Failure::node("the moment is past the end of time")),
        Moment::Fixed(at) => Ok(*at),
        Moment::At(source) => {
            let value = source
                .evaluate(variables)
                .map_err(|error| Failure::condition(&**source, &error))?;
            let parsed = value.as_str().and_then(|text| text.parse().ok());
            parsed.ok_or_else(|| {
                let source = source.source();
                Failure::node(format!("`{source}` gives {value}, which is no moment"))
            })
        }
    }
}

pub(super) fn emit(
    cx: &Context<'_>,
    draft: &mut Draft,
    mut work: Enter,
    plan: EnterPlan,
) -> Result<(), Halt> {
    if work.is_withdrawn(draft.instance()?) {
        return Ok(());
    }
    check_limits(cx, draft, &work)?;
    stray(cx, draft, &mut work)?;
    let Some(node) = cx.graph.node(&work.node) else {
        let message = format!("there is no node `{}`", work.node);
        let failure = Failure::new(RefusalCode::DanglingReference, message);
        let activation = entered(draft, &work, 0, work.given.clone());
        return fail(cx, draft, activation, &failure);
    };
    match plan {
        EnterPlan::Dangling => Ok(()),
        EnterPlan::Arrive => arrived(draft, work),
        EnterPlan::Fail(given, failure) => {
            let activation = entered(draft, &work, 0, given);
            fail(cx, draft, activation, &failure)
        }
        EnterPlan::SkipNode => {
            draft.emit(Event::NodeSkipped {
                node: node.key.clone(),
                activation: None,
            });
            skip(draft, work, node.group.clone(), node.next.clone());
            Ok(())
        }
        EnterPlan::SkipGroup(key) => {
            skip_group(cx, draft, work, key);
            Ok(())
        }
        EnterPlan::Go(arrival) => settle(cx, draft, &work, node, arrival),
    }
}

/// A token of a split that comes to where no way leads to a join any more is not waited for.
fn stray(cx: &Context<'_>, draft: &mut Draft, work: &mut Enter) -> Result<(), Halt> {
    // A token that is offered on several nodes has strayed with the `first`, or waits for all of them.
    let stays = work.stray || work.race.is_some() || cx.graph.leads_to_join(&work.node);
    let (Some(id), false) = (work.scope, stays) else {
        return Ok(());
    };
    let node = cx.graph.node(&work.node);
    if node.is_some_and(|node| matches!(node.kind, NodeKind::End(_))) {
        // It is over at once anyway.
        return Ok(());
    }
    let scope = draft.instance()?.scopes().get(&id);
    let joined = scope.is_some_and(|scope| {
        scope.kind == ScopeKind::Split
            && scope.fired.is_none()
            && cx.graph.leads_to_join(&scope.split)
    });
    if joined {
        draft.emit(Event::TokenStrayed { scope: id });
        draft.dirty.insert(id);
        work.stray = true;
    }
    Ok(())
}

/// A token comes to a join of its scope.
fn arrived(draft: &mut Draft, work: Enter) -> Result<(), Halt> {
    if let Some(scope) = work.scope {
        draft.emit(Event::JoinArrived {
            join: work.node,
            scope,
            from: work.from,
            after: work.after,
        });
        draft.dirty.insert(scope);
    }
    Ok(())
}

/// The token is there: it begins, or waits until it can.
fn settle(
    cx: &Context<'_>,
    draft: &mut Draft,
    work: &Enter,
    node: &Node,
    arrival: Arrival,
) -> Result<(), Halt> {
    let id = entered(draft, work, entries(node), arrival.given);
    arm(draft, id, arrival.timers);
    if let NodeKind::Approval(_) = &node.kind {
        announce_move(cx, draft, work, node);
    }
    if node.enabled_when.is_some() {
        draft.emit(Event::ConditionWatched { activation: id });
    }
    if let Some(lock) = arrival.lock {
        let locks = draft.instance()?.locks();
        if locks.contains_key(&lock) {
            draft.emit(Event::LockAwaited {
                activation: id,
                lock,
            });
            return Ok(());
        }
        draft.emit(Event::LockTaken {
            activation: id,
            lock,
        });
    }
    if !arrival.enabled {
        draft.emit(Event::NodeDisabled { activation: id });
        return Ok(());
    }
    begin::emit(cx, draft, id, node, arrival.begin)
}

fn entries(node: &Node) -> u16 {
    match &node.kind {
        NodeKind::Approval(approval) => u16::try_from(approval.entries.len()).unwrap_or(u16::MAX),
        NodeKind::Step(_) | NodeKind::Task(_) => 1,
        _ => 0,
    }
}

fn check_limits(cx: &Context<'_>, draft: &mut Draft, work: &Enter) -> Result<(), Halt> {
    let limits = &cx.facts.settings.limits;
    draft.counts_step(cx)?;
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
        None => draft.end_branch(work.scope, work.stray),
    }
}

fn skip_group(cx: &Context<'_>, draft: &mut Draft, work: Enter, key: GroupKey) {
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
}

/// The moments of an activation begin to be waited for.
fn arm(draft: &mut Draft, activation: ActivationId, due: Vec<(Timestamp, Timer)>) {
    if due.is_empty() {
        return;
    }
    let job = JobId::new(draft.id());
    draft.emit(Event::TimersArmed {
        activation,
        job,
        due,
    });
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

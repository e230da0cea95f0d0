//! Joins: looked at when nothing else can run.
//!
//! A scope carries counters, so looking at a join never walks the branches.

use crate::{
    event::Event,
    graph::{JoinNeed, JoinNode, Node, NodeKind, Rest},
    id::{ActivationId, NodeKey, ScopeId},
    instance::{Activation, Given, Instance, Scope, ScopeKind},
    machine::{
        context::{Context, Halt},
        draft::Draft,
        enter::holds,
        failure::{Failure, fail},
        leave,
        variables::{Branches, Variables},
        withdraw,
        work::{Enter, Work, entered},
    },
};

/// Looks at the joins of every scope that changed; the inner ones first, as they were opened later.
pub(super) fn look(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    while let Some(id) = draft.dirty.pop_last() {
        let Some(scope) = draft.instance()?.scopes().get(&id).cloned() else {
            continue;
        };
        match scope.kind {
            ScopeKind::Compensation(owner) if scope.live == 0 => {
                draft.next.push(Work::Compensate(owner));
            }
            ScopeKind::Compensation(_) => {}
            // A token that is parked there may be put back.
            ScopeKind::Side if scope.live == 0 && !draft.instance()?.is_parked_in(id) => {
                withdraw::close(draft, id)?;
            }
            ScopeKind::Side => {}
            ScopeKind::Split if scope.fired.is_some() => {
                if scope.live == 0 {
                    withdraw::close(draft, id)?;
                    wake_later(draft, &scope)?;
                }
            }
            ScopeKind::Split => look_at(cx, draft, id, &scope)?,
        }
    }
    Ok(())
}

/// Fires joins whose condition has come to hold without anybody arriving.
pub(super) fn look_again(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    let instance = draft.instance()?;
    let mut fires = Vec::new();
    // What takes something back, or runs beside a node, has no joins: it ends at one.
    let splits = instance
        .scopes()
        .iter()
        .filter(|(_, scope)| scope.kind == ScopeKind::Split);
    for (id, scope) in splits.filter(|(_, scope)| !scope.arrived.is_empty()) {
        let first = arrived(cx, scope).into_iter().find(|(node, join)| {
            matches!(join.need, JoinNeed::When(_))
                && scope.fired.is_none()
                && !is_blocked(instance, join, *id, scope)
                // One that cannot be worked out is told when somebody arrives.
                && is_met(cx, instance, node, join, scope).unwrap_or(false)
        });
        fires.extend(first.map(|(node, _)| Work::FireJoin {
            scope: *id,
            join: node.key.clone(),
        }));
    }
    draft.next.extend(fires);
    Ok(())
}

/// The joins where tokens of the scope have arrived.
fn arrived<'a>(cx: &Context<'a>, scope: &Scope) -> Vec<(&'a Node, &'a JoinNode)> {
    let nodes = cx.graph.in_file_order(scope.arrived.keys()).into_iter();
    nodes
        .filter_map(|node| match &node.kind {
            NodeKind::Join(join) => Some((node, join)),
            _ => None,
        })
        .collect()
}

/// Scopes of the same split that were opened later may have waited for this one.
fn wake_later(draft: &mut Draft, scope: &Scope) -> Result<(), Halt> {
    let later: Vec<ScopeId> = draft
        .instance()?
        .scopes()
        .iter()
        .filter(|(_, other)| other.split == scope.split && other.parent == scope.parent)
        .map(|(id, _)| *id)
        .collect();
    draft.dirty.extend(later);
    Ok(())
}

fn look_at(cx: &Context<'_>, draft: &mut Draft, id: ScopeId, scope: &Scope) -> Result<(), Halt> {
    let arrived = arrived(cx, scope);
    let mut blocked = false;
    for (node, join) in &arrived {
        if is_blocked(draft.instance()?, join, id, scope) {
            blocked = true;
            continue;
        }
        match is_met(cx, draft.instance()?, node, join, scope) {
            Ok(false) => {}
            Ok(true) => {
                draft.next.push(Work::FireJoin {
                    scope: id,
                    join: node.key.clone(),
                });
                return Ok(());
            }
            Err(failure) => return cannot_fire(cx, draft, id, scope, node, &failure),
        }
    }
    if scope.live > scope.strayed || blocked || (scope.live > 0 && arrived.is_empty()) {
        return Ok(());
    }
    let waits = draft.instance()?.is_parked_in(id);
    match arrived.first() {
        // Nothing is left that could make the condition hold.
        Some((node, _)) => {
            let failure = Failure::node("all branches have ended and the condition does not hold");
            cannot_fire(cx, draft, id, scope, node, &failure)
        }
        // An operator took the tokens out of their way and may put them back.
        None if waits => Ok(()),
        None => {
            draft.emit(Event::ScopeClosed { scope: id });
            draft.end_branch(scope.parent, scope.stray);
            Ok(())
        }
    }
}

/// Whether an earlier scope of the same split has fired this join and is not over.
fn is_blocked(instance: &Instance, join: &JoinNode, id: ScopeId, scope: &Scope) -> bool {
    join.rest == Rest::Block
        && instance.scopes().iter().any(|(other_id, other)| {
            *other_id < id
                && other.split == scope.split
                && other.parent == scope.parent
                && other.fired.is_some()
        })
}

fn is_met(
    cx: &Context<'_>,
    instance: &Instance,
    node: &Node,
    join: &JoinNode,
    scope: &Scope,
) -> Result<bool, Failure> {
    let arrived = scope.arrived.get(&node.key).copied().unwrap_or(0);
    // What has strayed cannot arrive any more.
    let all = scope.live == scope.strayed;
    Ok(match &join.need {
        JoinNeed::All => all,
        JoinNeed::Any => true,
        JoinNeed::Count(n) => arrived >= *n || all,
        JoinNeed::Percent(p) => {
            let wanted = (u64::from(scope.branches) * u64::from(*p)).div_ceil(100);
            u64::from(arrived) >= wanted.max(1) || all
        }
        JoinNeed::When(condition) => {
            let given = Given::default();
            let variables = Variables::here(cx, instance)
                .visiting(&scope.items, &given)
                .with_branches(Branches {
                    total: scope.branches,
                    done: arrived,
                    cancelled: scope.gone(),
                    failed: scope.failed,
                });
            holds(&**condition, &variables)?
        }
    })
}

/// A join that can never fire fails; its scope is over.
fn cannot_fire(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ScopeId,
    scope: &Scope,
    node: &Node,
    failure: &Failure,
) -> Result<(), Halt> {
    if scope.live > scope.strayed {
        // It may yet: whoever called is told, an operator is not troubled.
        if cx.is_called() {
            return Err(Halt::refuse(
                failure.code,
                format!("node `{}`: {}", node.key, failure.message),
            ));
        }
        return Ok(());
    }
    if scope.live > 0 {
        draft.emit(Event::JoinFired {
            join: node.key.clone(),
            scope: id,
        });
    } else {
        draft.emit(Event::ScopeClosed { scope: id });
    }
    let activation = entered(draft, &token(scope, node), 0, Given::default());
    fail(cx, draft, activation, failure)
}

/// The one token that goes on in the scope around.
fn token(scope: &Scope, node: &Node) -> Enter {
    Enter {
        scope: scope.parent,
        stray: scope.stray,
        from: scope.from.clone(),
        items: scope.items.clone(),
        ..Enter::new(node.key.clone())
    }
}

/// Whether a join that fires withdraws tokens, so that all that lives must be known.
pub(super) fn withdraws(
    cx: &Context<'_>,
    draft: &Draft,
    scope: ScopeId,
    join: &NodeKey,
) -> Result<bool, Halt> {
    let Some(NodeKind::Join(join)) = cx.graph.node(join).map(|node| &node.kind) else {
        return Ok(false);
    };
    let scope = draft.instance()?.scopes().get(&scope);
    let leaves_none = join.rest == Rest::Cancel && !matches!(join.need, JoinNeed::All);
    Ok(leaves_none && scope.is_some_and(|scope| scope.live > 0))
}

pub(super) fn fire(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ScopeId,
    key: &NodeKey,
) -> Result<(), Halt> {
    let Some(scope) = draft.instance()?.scopes().get(&id).cloned() else {
        return Ok(());
    };
    let Some(node) = cx.graph.node(key) else {
        return Ok(());
    };
    let NodeKind::Join(join) = &node.kind else {
        return Ok(());
    };
    if scope.live == 0 {
        draft.emit(Event::ScopeClosed { scope: id });
        wake_later(draft, &scope)?;
    } else if join.rest == Rest::Cancel && !matches!(join.need, JoinNeed::All) {
        withdraw::scope(cx, draft, id)?;
    } else {
        draft.emit(Event::JoinFired {
            join: key.clone(),
            scope: id,
        });
    }
    let activation: ActivationId = entered(draft, &token(&scope, node), 0, Given::default());
    let found: Option<Activation> = draft.instance()?.activation(activation).cloned();
    match found {
        Some(_) => leave::leave(cx, draft, activation),
        None => Ok(()),
    }
}

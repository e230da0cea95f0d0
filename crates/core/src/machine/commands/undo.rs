//! Undo: a completed visit is taken back, and its token is parked on it.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | undo | visit completed, all that came of it undone or taken out | manager | `token_unparked`… `node_undone` `token_parked` | token parked |
//! | undo | the same, a split | manager | `scope_closed` `branch_ended` `node_undone` `token_parked` | token parked |
//! | undo | the same, a join | manager | `scope_reopened` `node_undone` `token_parked`… | the tokens of its branches parked |
//! | undo | the last node of a completed instance | manager | `instance_reopened` `node_undone` `token_parked` | instance running, token parked |
//! | undo | the start, all that came of it undone or taken out | manager | `instance_cancelled` | instance cancelled |

use crate::{
    command::Place,
    event::{Event, ScopeReopened, TokenParked},
    facts::Question,
    graph::{ActionEvent, NodeKind},
    id::{ActivationId, NodeKey},
    instance::InstanceStatus,
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        rights,
        trail::{End, Trail},
        withdraw,
    },
    refusal::RefusalCode,
};

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, place: &Place) -> Result<(), Halt> {
    let completed = matches!(draft.instance()?.status(), InstanceStatus::Completed { .. });
    if !completed {
        rights::running(draft.instance()?)?;
    }
    rights::manages(cx)?;
    let Some(history) = cx.facts.answers.get_history() else {
        return Err(Halt::Ask(vec![Question::History]));
    };
    let trail = Trail::of(history);
    if let Place::Node(node) = place
        && cx.graph.start_named(node.as_str()).is_some()
    {
        return start(cx, draft, &trail);
    }
    let found = match place {
        Place::Activation(id) => Some(*id),
        Place::Node(node) => trail.latest_completed(node),
    };
    let visit = found.and_then(|id| Some((id, trail.visit(id)?)));
    let Some((id, visit)) = visit.filter(|(_, visit)| visit.end == End::Completed) else {
        return Err(not_undoable("nothing that is completed is there"));
    };
    if completed {
        draft.emit(Event::InstanceReopened { tokens: 0 });
    }
    let kind = cx.graph.node(visit.node).map(|node| &node.kind);
    match kind {
        Some(NodeKind::Split(_)) => split(cx, draft, &trail, id)?,
        _ => take_back(cx, draft, &trail, id)?,
    }
    let node = visit.node;
    draft.emit(Event::NodeUndone {
        activation: id,
        node: node.clone(),
    });
    draft
        .fired
        .push(Fired::new(ActionEvent::OnUndo, Some(node)));
    match trail.closed_by(id) {
        Some((scope, ..)) if draft.instance()?.scopes().contains_key(&scope) => {
            Err(not_undoable("branches of its split are still on their way"))
        }
        Some((scope, split, branches, arrived)) => {
            draft.emit(Event::ScopeReopened(Box::new(reopened(
                &trail, scope, split, branches,
            )?)));
            for token in arrived {
                park(draft, &trail, token, None)?;
            }
            Ok(())
        }
        None => park(draft, &trail, id, trail.arrived_at(id)),
    }
}

fn not_undoable(message: impl Into<String>) -> Halt {
    Halt::refuse(RefusalCode::NotUndoable, message)
}

/// What came of a visit must be undone or taken out; tokens that are parked there go back.
///
/// An end goes back with what led to it: nobody did anything there.
fn take_back(
    cx: &Context<'_>,
    draft: &mut Draft,
    trail: &Trail<'_>,
    id: ActivationId,
) -> Result<(), Halt> {
    if let Some(join) = trail.join_after(id).and_then(|join| trail.visit(join)) {
        let message = format!("its token went on from `{}`", join.node);
        return Err(not_undoable(message));
    }
    for next in trail.after(id) {
        let Some(visit) = trail.visit(next) else {
            continue;
        };
        let node = cx.graph.node(visit.node);
        if visit.end == End::Completed
            && node.is_some_and(|node| matches!(node.kind, NodeKind::End(_)))
        {
            draft.emit(Event::NodeUndone {
                activation: next,
                node: visit.node.clone(),
            });
            continue;
        }
        if matches!(visit.end, End::Completed | End::Live) {
            let message = format!("its token went on to `{}`", visit.node);
            return Err(not_undoable(message));
        }
        if draft.instance()?.parked().contains_key(&next) {
            draft.emit(Event::TokenUnparked {
                activation: next,
                back: false,
            });
        } else if visit.end == End::Gone {
            // It was left by a boundary or a jump: its token went on from there.
            take_back(cx, draft, trail, next)?;
        }
    }
    Ok(())
}

/// A split: every branch must be undone or taken out, and its scope is over.
fn split(
    cx: &Context<'_>,
    draft: &mut Draft,
    trail: &Trail<'_>,
    id: ActivationId,
) -> Result<(), Halt> {
    let scope = trail.opened_by(id);
    let open = scope.and_then(|scope| Some((scope, draft.instance().ok()?.scopes().get(&scope)?)));
    let found = open.map(|(id, scope)| (id, scope.clone()));
    let Some((scope, found)) = found else {
        return Err(not_undoable("its branches have come together"));
    };
    take_back(cx, draft, trail, id)?;
    if found.live > 0 {
        // One that was added later came of no visit.
        return Err(not_undoable("a branch of it goes on"));
    }
    withdraw::close(draft, scope)?;
    // The scope counted as one token around it.
    draft.end_branch(found.parent, found.stray);
    Ok(())
}

fn reopened(
    trail: &Trail<'_>,
    scope: crate::id::ScopeId,
    split: ActivationId,
    branches: u32,
) -> Result<ScopeReopened, Halt> {
    let visit = trail
        .visit(split)
        .ok_or_else(|| not_undoable("its split is not known"))?;
    Ok(ScopeReopened {
        scope,
        split: visit.node.clone(),
        parent: visit.entered.scope,
        from: visit.entered.from.clone(),
        items: visit.entered.items.clone(),
        branches,
    })
}

/// Parks the token of a visit on it, away from the join that it had arrived at.
fn park(
    draft: &mut Draft,
    trail: &Trail<'_>,
    id: ActivationId,
    join: Option<&NodeKey>,
) -> Result<(), Halt> {
    let Some(visit) = trail.visit(id) else {
        return Ok(());
    };
    if let Some(scope) = visit.entered.scope
        && !draft.instance()?.scopes().contains_key(&scope)
    {
        return Err(not_undoable("its scope is over"));
    }
    draft.emit(Event::TokenParked(Box::new(TokenParked {
        activation: id,
        token: visit.token(),
        join: join.cloned(),
    })));
    if join.is_some() {
        draft.dirty.extend(visit.entered.scope);
    }
    Ok(())
}

/// Undoing the start stops the instance.
fn start(cx: &Context<'_>, draft: &mut Draft, trail: &Trail<'_>) -> Result<(), Halt> {
    if trail.has_visits() {
        return Err(not_undoable("its token went on"));
    }
    withdraw::all(cx, draft, None)?;
    draft.emit(Event::InstanceCancelled {
        reason: "the start was undone".to_owned(),
    });
    Ok(())
}

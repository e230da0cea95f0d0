//! Taking back what completed nodes did.

use crate::{
    event::Event,
    id::{ActivationId, NodeKey, ScopeId},
    instance::{Body, Compensation},
    machine::{
        context::{Context, Halt},
        draft::Draft,
        leave,
        work::{Enter, Work},
    },
};

/// Takes what is to be taken back, newest first; all when no node is named.
pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    nodes: &[NodeKey],
) -> Result<(), Halt> {
    let named = |done: &&Compensation| nodes.is_empty() || nodes.contains(&done.node);
    let noted = draft.instance()?.compensations().iter().rev();
    let left: Vec<Compensation> = noted.filter(named).cloned().collect();
    if left.is_empty() {
        return leave::leave(cx, draft, id);
    }
    let scope = ScopeId::new(draft.id());
    draft.emit(Event::CompensationBegun {
        activation: id,
        scope,
        left,
    });
    draft.next.push(Work::Compensate(id));
    Ok(())
}

/// The last handler has ended: the next one begins, or the node goes on.
pub(super) fn next(cx: &Context<'_>, draft: &mut Draft, id: ActivationId) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(id).cloned() else {
        return Ok(());
    };
    let Body::Compensating { scope, left } = &activation.body else {
        return Ok(());
    };
    let Some(done) = left.first() else {
        draft.emit(Event::ScopeClosed { scope: *scope });
        return leave::leave(cx, draft, id);
    };
    draft.emit(Event::CompensationRun {
        activation: id,
        scope: *scope,
    });
    draft.next.push(Work::Enter(Enter {
        scope: Some(*scope),
        items: done.items.clone(),
        direct: true,
        ..Enter::from(&activation, done.handler.clone())
    }));
    Ok(())
}

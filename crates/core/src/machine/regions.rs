//! Regions that are withdrawn as a node completes, and locks that are handed on.

use crate::{
    event::Event,
    id::{ActivationId, NodeKey, ScopeId},
    instance::Activation,
    machine::{
        context::{Context, Halt},
        draft::Draft,
        withdraw,
        work::Work,
    },
};

/// Withdraws what lives on the nodes that `node` names; everything must be loaded.
pub(super) fn cancel(cx: &Context<'_>, draft: &mut Draft, node: &NodeKey) -> Result<(), Halt> {
    let named = cx.graph.node(node).map_or(&[][..], |node| &node.cancels);
    let found: Vec<Activation> = draft
        .instance()?
        .activations()
        .filter(|activation| named.contains(&activation.node))
        .cloned()
        .collect();
    for activation in found {
        if draft.instance()?.activation(activation.id).is_some() {
            withdraw::with_token(cx, draft, &activation)?;
        }
    }
    let parked: Vec<(ActivationId, Option<ScopeId>)> = draft
        .instance()?
        .parked()
        .iter()
        .filter(|(_, token)| named.contains(&token.node))
        .map(|(id, token)| (*id, token.scope))
        .collect();
    for (activation, scope) in parked {
        draft.emit(Event::TokenUnparked {
            activation,
            back: false,
        });
        draft.dirty.extend(scope);
    }
    Ok(())
}

/// Hands every free lock to the one who has waited longest.
pub(super) fn hand_on(draft: &mut Draft) -> Result<(), Halt> {
    let next: Vec<ActivationId> = draft
        .instance()?
        .locks()
        .values()
        .filter(|lock| lock.holder.is_none())
        .filter_map(|lock| lock.queue.first().copied())
        .collect();
    draft.next.extend(next.into_iter().map(Work::Begin));
    Ok(())
}

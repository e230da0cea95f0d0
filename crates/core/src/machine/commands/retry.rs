//! Retry and revive: what failed, or was taken out of its way, is done anew.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | retry | approval failed | manager | `incident_resolved` `node_retried` `entry_opened`… | activation runs |
//! | retry | activation failed | manager | `incident_resolved` `node_revived` `node_entered` | a new activation |
//! | revive | activation failed, or its token is parked in a scope that is open | manager | `node_revived` or `token_unparked`, `node_entered` | a new activation |

use crate::{
    command::Place,
    event::Event,
    id::ActivationId,
    instance::{Activation, ActivationState, Body, Parked},
    machine::{
        begin,
        context::{Context, Halt},
        draft::Draft,
        rights,
        withdraw::{self, As},
        work::{Enter, Work},
    },
    refusal::RefusalCode,
};

pub(super) fn retry(cx: &Context<'_>, draft: &mut Draft, place: &Place) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    let found = rights::place(cx, draft, place)?;
    rights::manages(cx)?;
    let Some((activation, incident)) = found.and_then(failed) else {
        return Err(Halt::refuse(
            RefusalCode::NotRevivable,
            "nothing that failed is there",
        ));
    };
    if let Body::Approval(_) = &activation.body {
        draft.emit(Event::IncidentResolved { incident });
        draft.emit(Event::NodeRetried {
            activation: activation.id,
        });
        begin::open_pending(cx, draft, &activation);
        return Ok(());
    }
    again(cx, draft, &activation)
}

pub(super) fn revive(cx: &Context<'_>, draft: &mut Draft, place: &Place) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    let found = rights::place(cx, draft, place)?;
    rights::manages(cx)?;
    if let Some((activation, _)) = found.and_then(failed) {
        return again(cx, draft, &activation);
    }
    let Some((id, token)) = parked(draft, place)? else {
        return Err(Halt::refuse(
            RefusalCode::NotRevivable,
            "nothing that failed or was taken out is there",
        ));
    };
    draft.emit(Event::TokenUnparked {
        activation: id,
        back: true,
    });
    draft.next.push(Work::Enter(Enter {
        scope: token.scope,
        from: token.from,
        after: token.after,
        items: token.items,
        given: token.given,
        direct: true,
        ..Enter::new(token.node)
    }));
    Ok(())
}

fn failed(activation: Activation) -> Option<(Activation, crate::id::IncidentId)> {
    match activation.state {
        ActivationState::Failed(incident) => Some((activation, incident)),
        _ => None,
    }
}

/// The token of a failed activation enters its node anew.
fn again(cx: &Context<'_>, draft: &mut Draft, activation: &Activation) -> Result<(), Halt> {
    rights::load_inside(cx, draft, activation)?;
    withdraw::activation(cx, draft, activation, As::Revived)?;
    draft.next.push(Work::Enter(Enter {
        after: activation.after,
        given: activation.given.clone(),
        race: activation.race,
        direct: true,
        ..Enter::from(activation, activation.node.clone())
    }));
    Ok(())
}

/// The token that is parked there; on a node, the latest.
fn parked(draft: &Draft, place: &Place) -> Result<Option<(ActivationId, Parked)>, Halt> {
    let parked = draft.instance()?.parked();
    let found = match place {
        Place::Activation(id) => parked.get_key_value(id),
        Place::Node(node) => parked.iter().rev().find(|(_, token)| token.node == *node),
    };
    Ok(found.map(|(id, token)| (*id, token.clone())))
}

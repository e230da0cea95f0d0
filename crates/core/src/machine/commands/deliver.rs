//! Deliver: a message or a signal comes to an activation that waits for it, or the host completes one.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | deliver | activation waits for it | manager, the engine or the host | `message_received` `node_completed` | activation completed |

use crate::{
    actor::Actor,
    command::{Delivery, Place},
    event::Event,
    graph::{DataPath, NodeKind, SignalNode},
    instance::{Activation, ActivationState, Body},
    machine::{
        call,
        context::{Context, Halt},
        data,
        draft::Draft,
        failure::fail,
        leave, rights,
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    place: &Place,
    delivery: &Delivery,
) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    let Some(activation) = rights::place(cx, draft, place)? else {
        return Err(Halt::refuse(RefusalCode::NotOpen, "nothing waits here"));
    };
    rights::manages(cx)?;
    if !waits(&activation, delivery) {
        return Err(Halt::refuse(
            RefusalCode::UnknownMessage,
            format!("`{}` does not wait for this", activation.node),
        ));
    }
    data::small(
        "the message",
        &delivery.payload,
        cx.facts.settings.limits.form_bytes,
    )?;
    let taken = call::take(cx, draft, into(cx, &activation), delivery.payload.clone())?;
    let (into, value) = match taken {
        Ok(taken) => taken,
        // What does not fit is the sender's; what follows from it is not.
        Err(failure) if !matches!(cx.facts.actor, Actor::Engine) => {
            return Err(Halt::refuse(failure.code, failure.message));
        }
        Err(failure) => return fail(cx, draft, activation.id, &failure),
    };
    draft.emit(Event::MessageReceived {
        activation: activation.id,
        message: delivery.message.clone(),
        into,
        value,
    });
    leave::leave(cx, draft, activation.id)
}

fn waits(activation: &Activation, delivery: &Delivery) -> bool {
    let named = matches!(
        &activation.body,
        Body::Subscribed { kind, name, .. } if *kind == delivery.kind && *name == delivery.name
    );
    named && activation.state == ActivationState::Running
}

fn into<'a>(cx: &Context<'a>, activation: &Activation) -> Option<&'a DataPath> {
    match &cx.graph.node(&activation.node)?.kind {
        NodeKind::Receive(receive) => receive.into.as_ref(),
        NodeKind::Signal(SignalNode::Catch { into, .. }) => into.as_ref(),
        _ => None,
    }
}

//! Cancel a task: one activation is withdrawn, the instance goes on.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | cancel_task | activation lives | manager | `task_cancelled`… `node_cancelled` `token_parked` `branch_ended` | activation cancelled, its token parked |

use crate::{
    command::Place,
    event::{Event, TokenParked},
    instance::{Activation, Parked, ParkedState},
    machine::{
        context::{Context, Halt},
        draft::Draft,
        rights,
        withdraw::{self, As},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    place: &Place,
    reason: Option<&str>,
) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    let activation = rights::place(cx, draft, place)?;
    rights::manages(cx)?;
    if let Some(reason) = reason {
        rights::within(cx, "reason", reason)?;
    }
    let Some(activation) = activation else {
        return Err(Halt::refuse(
            RefusalCode::NotCancellable,
            "nothing that lives is there",
        ));
    };
    rights::load_inside(cx, draft, &activation)?;
    let shared = withdraw::shares(draft.instance()?, &activation);
    withdraw::activation(cx, draft, &activation, As::Cancelled)?;
    if !shared {
        draft.emit(Event::TokenParked(Box::new(TokenParked {
            activation: activation.id,
            token: parked(&activation, ParkedState::Cancelled),
            join: None,
        })));
        draft.end_branch(activation.scope, activation.stray);
    }
    Ok(())
}

/// What is needed to put the token of an activation back.
fn parked(activation: &Activation, state: ParkedState) -> Parked {
    Parked {
        node: activation.node.clone(),
        state,
        scope: activation.scope,
        from: activation.from.clone(),
        items: activation.items.clone(),
        given: activation.given.clone(),
        after: activation.after,
    }
}

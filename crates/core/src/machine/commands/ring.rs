//! Ring: the earliest moment of an activation has come: its own, or one of its boundaries.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | ring | activation waits for a moment that has come | the engine or the host | `timer_fired` `node_completed` | activation completed |
//! | ring | activation waits, a boundary due | the engine or the host | `timer_fired` `side_opened`, or `timer_fired` `task_cancelled`… `node_cancelled` | activation as it is, or cancelled |

use crate::{
    event::Event,
    graph::Timeout,
    id::{ActivationId, ScopeId},
    instance::{Activation, ActivationState, Timer},
    machine::{
        context::{Context, Halt},
        draft::Draft,
        leave, rights,
        withdraw::{self, As},
        work::{Enter, Work},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, id: ActivationId) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    let Some(activation) = draft.load(id, cx.facts)?.cloned() else {
        return Err(Halt::refuse(RefusalCode::NotOpen, "the activation is over"));
    };
    rights::by_itself(cx, "timers fire")?;
    rights::load_inside(cx, draft, &activation)?;
    let due = activation
        .alarm
        .as_ref()
        .and_then(|alarm| alarm.due.first());
    let Some((_, timer)) = due.filter(|(at, _)| *at <= cx.facts.now).copied() else {
        return Err(Halt::refuse(
            RefusalCode::NotOpen,
            "no moment of the node has come",
        ));
    };
    draft.emit(Event::TimerFired {
        activation: id,
        task: None,
        timer,
    });
    let node = cx.graph.node(&activation.node);
    let timeout = match timer {
        Timer::Own if activation.state == ActivationState::Running => {
            return leave::leave(cx, draft, id);
        }
        Timer::Boundary(index) => node.and_then(|node| node.timeouts.get(usize::from(index))),
        _ => None,
    };
    match timeout {
        Some(timeout) => take(cx, draft, &activation, timeout),
        None => Ok(()),
    }
}

/// A boundary is taken: its node is left, or a token runs beside it.
fn take(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: &Activation,
    timeout: &Timeout,
) -> Result<(), Halt> {
    let scope = if timeout.interrupting {
        leave::win(draft, activation)?;
        withdraw::activation(cx, draft, activation, As::Cancelled)?;
        activation.scope
    } else {
        let scope = ScopeId::new(draft.id());
        draft.emit(Event::SideOpened {
            scope,
            activation: activation.id,
        });
        Some(scope)
    };
    draft.next.push(Work::Enter(Enter {
        scope,
        ..Enter::from(activation, timeout.next.clone())
    }));
    Ok(())
}

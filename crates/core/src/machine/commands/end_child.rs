//! End a child: a child of a subprocess node has ended.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | end_child | activation waits for the child | the engine or the host | `child_ended`, then `child_ordered`, `node_completed` or `node_failed` | activation as it is, completed or failed |

use crate::{
    change::JobWork,
    event::Event,
    id::{ActivationId, InstanceId},
    instance::{ActivationState, Body, ChildEnd},
    machine::{
        children,
        context::{Context, Halt},
        draft::Draft,
        failure::{Failure, fail},
        rights, withdraw,
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    child: InstanceId,
    end: &ChildEnd,
) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    let Some(activation) = draft.load(id, cx.facts)?.cloned() else {
        return Err(Halt::refuse(RefusalCode::NotOpen, "nobody waits for it"));
    };
    rights::by_itself(cx, "children end")?;
    let Body::Children(before) = &activation.body else {
        return Err(Halt::refuse(RefusalCode::NotOpen, "nobody waits for it"));
    };
    if !before.live.contains_key(&child) {
        return Err(Halt::refuse(RefusalCode::NotOpen, "it has ended before"));
    }
    draft.emit(Event::ChildEnded {
        activation: id,
        child,
        end: end.clone(),
    });
    if activation.state != ActivationState::Running {
        return Ok(());
    }
    if let ChildEnd::Failed { code, message } = end {
        for other in before.live.keys().filter(|other| **other != child) {
            let reason = format!("another child of `{}` failed", activation.node);
            let work = JobWork::CancelChild {
                child: *other,
                reason,
            };
            withdraw::order(cx, draft, work)?;
        }
        return fail(cx, draft, id, &Failure::of_child(code, message));
    }
    match children::node_of(cx, &activation) {
        Some(node) => children::go_on(cx, draft, id, node),
        None => Ok(()),
    }
}

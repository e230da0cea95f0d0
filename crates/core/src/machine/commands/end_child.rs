//! End a child: a child of a subprocess node has ended.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | end_child | activation waits for the child | the engine or the host | `child_ended`, then `child_ordered`, `node_completed` or `node_failed` | activation as it is, completed or failed |
//! | end_child | instance on hold, activation waits for the child | the engine or the host | `news_kept` | the same |

use crate::{
    change::JobWork,
    event::Event,
    id::{ActivationId, InstanceId},
    instance::{Activation, ActivationState, Body, ChildEnd, Children, News},
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
    let hears = rights::hears(draft.instance()?)?;
    waiting(cx, draft, id, child)?;
    rights::by_itself(cx, "children end")?;
    if !hears {
        draft.emit(Event::NewsKept(News::ChildEnded {
            activation: id,
            child,
            end: end.clone(),
        }));
        return Ok(());
    }
    hear(cx, draft, id, child, end)
}

/// The activation that waits for the child, and its children.
fn waiting(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    child: InstanceId,
) -> Result<(Activation, Children), Halt> {
    let late = |message: &str| Halt::refuse(RefusalCode::NotOpen, message);
    let activation = draft.load(id, cx.facts)?.cloned();
    let activation = activation.ok_or_else(|| late("nobody waits for it"))?;
    let Body::Children(children) = &activation.body else {
        return Err(late("nobody waits for it"));
    };
    if !children.live.contains_key(&child) {
        return Err(late("it has ended before"));
    }
    let children = children.clone();
    Ok((activation, children))
}

/// It takes effect.
pub(super) fn hear(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    child: InstanceId,
    end: &ChildEnd,
) -> Result<(), Halt> {
    let (activation, before) = waiting(cx, draft, id, child)?;
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

//! A child raised a code: a token runs beside the node that waits for it.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | child_raised | activation waits for the child, a boundary for the code | the engine or the host | `side_opened` `node_entered` | activation as it is |
//! | child_raised | instance on hold, the same | the engine or the host | `news_kept` | the same |

use crate::{
    event::Event,
    graph::Catch,
    id::{ActivationId, InstanceId, NodeKey, ScopeId},
    instance::{Activation, Body, News},
    machine::{
        context::{Context, Halt},
        draft::Draft,
        rights,
        work::{Enter, Work},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    child: InstanceId,
    code: &str,
) -> Result<(), Halt> {
    let hears = rights::hears(draft.instance()?)?;
    listener(cx, draft, id, child, code)?;
    rights::by_itself(cx, "children raise codes")?;
    if !hears {
        draft.emit(Event::NewsKept(News::CodeRaised {
            activation: id,
            child,
            code: code.to_owned(),
        }));
        return Ok(());
    }
    hear(cx, draft, id, child, code)
}

/// The activation that waits for the child, and where a boundary of it leads.
fn listener(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    child: InstanceId,
    code: &str,
) -> Result<(Activation, NodeKey), Halt> {
    let late = |message: &str| Halt::refuse(RefusalCode::NotOpen, message);
    let activation = draft.load(id, cx.facts)?.cloned();
    let activation = activation.ok_or_else(|| late("nobody waits for it"))?;
    let waits = matches!(&activation.body, Body::Children(all) if all.live.contains_key(&child));
    let node = cx.graph.node(&activation.node).filter(|_| waits);
    let catch = node.and_then(|node| Catch::find(&node.escalations, code));
    let next = catch.map(|catch| catch.next.clone());
    Ok((
        activation,
        next.ok_or_else(|| late("nobody listens to it"))?,
    ))
}

/// It takes effect.
pub(super) fn hear(
    cx: &Context<'_>,
    draft: &mut Draft,
    id: ActivationId,
    child: InstanceId,
    code: &str,
) -> Result<(), Halt> {
    let (activation, next) = listener(cx, draft, id, child, code)?;
    let scope = ScopeId::new(draft.id());
    draft.emit(Event::SideOpened {
        scope,
        activation: id,
    });
    draft.next.push(Work::Enter(Enter {
        scope: Some(scope),
        ..Enter::from(&activation, next)
    }));
    Ok(())
}

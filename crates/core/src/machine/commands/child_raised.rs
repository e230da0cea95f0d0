//! A child raised a code: a token runs beside the node that waits for it.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | child_raised | activation waits for the child, a boundary for the code | the engine or the host | `side_opened` `node_entered` | activation as it is |

use crate::{
    event::Event,
    graph::Catch,
    id::{ActivationId, InstanceId, ScopeId},
    instance::Body,
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
    rights::running(draft.instance()?)?;
    let Some(activation) = draft.load(id, cx.facts)?.cloned() else {
        return Err(Halt::refuse(RefusalCode::NotOpen, "nobody waits for it"));
    };
    rights::by_itself(cx, "children raise codes")?;
    let waits = matches!(&activation.body, Body::Children(all) if all.live.contains_key(&child));
    let node = cx.graph.node(&activation.node);
    let catch = node.and_then(|node| Catch::find(&node.escalations, code));
    let Some(catch) = catch.filter(|_| waits) else {
        return Err(Halt::refuse(RefusalCode::NotOpen, "nobody listens to it"));
    };
    let scope = ScopeId::new(draft.id());
    draft.emit(Event::SideOpened {
        scope,
        activation: id,
    });
    draft.next.push(Work::Enter(Enter {
        scope: Some(scope),
        ..Enter::from(&activation, catch.next.clone())
    }));
    Ok(())
}

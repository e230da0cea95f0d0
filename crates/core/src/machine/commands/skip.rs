//! Skip: an activation is left out, and its token goes on as if it had completed.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | skip | activation lives, its node has a `next` | manager; a reason | `task_cancelled`… `node_skipped` | activation skipped |

use crate::{
    command::Place,
    instance::Given,
    machine::{
        context::{Context, Halt},
        draft::Draft,
        leave, rights,
        withdraw::{self, As},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    place: &Place,
    reason: &str,
) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    let activation = rights::place(cx, draft, place)?;
    rights::manages(cx)?;
    let reason = rights::reason(cx, Some(reason))?;
    rights::within(cx, "reason", &reason)?;
    let refused = |message: &str| Halt::refuse(RefusalCode::NotSkippable, message);
    let activation = activation.ok_or_else(|| refused("nothing that lives is there"))?;
    let node = cx
        .graph
        .node(&activation.node)
        .filter(|node| node.next.is_some() || node.goes_back())
        .ok_or_else(|| refused("nothing comes after the node"))?;
    rights::load_inside(cx, draft, &activation)?;
    leave::win(draft, &activation)?;
    withdraw::activation(cx, draft, &activation, As::Skipped)?;
    leave::go(draft, &activation, node, Given::default())
}

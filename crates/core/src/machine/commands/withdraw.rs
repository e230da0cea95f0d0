//! Withdraw: the requester takes the request back.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | withdraw | instance running | the requester; a reason | `task_cancelled`… `node_cancelled`… `outcome_set` `instance_cancelled` | instance cancelled, its outcome `withdrawn` |

use crate::{
    machine::{
        commands::cancel,
        context::{Context, Halt},
        draft::Draft,
        rights,
    },
    refusal::RefusalCode,
};

/// What the instance has come to.
const OUTCOME: &str = "withdrawn";

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, reason: &str) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    permitted(cx, draft)?;
    let reason = rights::reason(cx, Some(reason))?;
    rights::within(cx, "reason", &reason)?;
    draft.load_all(cx.facts)?;
    cancel::stop(cx, draft, reason, Some(OUTCOME))
}

fn permitted(cx: &Context<'_>, draft: &Draft) -> Result<(), Halt> {
    let Some(person) = cx.facts.actor.person() else {
        return Ok(());
    };
    let asked = draft.instance()?.requester() == Some(&person.id);
    if person.active && (asked || person.admin) {
        return Ok(());
    }
    Err(Halt::refuse(
        RefusalCode::NotPermitted,
        format!("`{}` has not asked for this instance", person.id),
    ))
}

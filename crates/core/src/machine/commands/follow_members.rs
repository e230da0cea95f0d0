//! Follow members: the directory is asked again who is asked, where the members are live.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | follow_members | task of one of several, `members: live` | manager; somebody came or went | `entry_changed`, `task_opened` of who came, `task_cancelled` of who went, and when enough have agreed `entry_closed` `node_completed` | those asked who are members now |

use crate::{
    command::TaskRef,
    machine::{
        context::{Context, Halt},
        draft::Draft,
        members, rights, votes,
    },
    refusal::RefusalCode,
};

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, target: TaskRef) -> Result<(), Halt> {
    let (task, _) = rights::open(cx, draft, target)?;
    rights::manages(cx)?;
    let (activation, index) = (task.activation, task.entry);
    let Some(news) = members::news(cx, draft.instance()?, activation, index)? else {
        return Err(Halt::refuse(
            RefusalCode::TargetInvalid,
            "nobody came or went, or the members are frozen",
        ));
    };
    members::follow(cx, draft, activation, index, Some(news))?;
    let here = draft.instance()?.activation(activation);
    let open = here.and_then(|here| here.open_entry(index));
    match open.map(|open| open.approvals() >= open.needed) {
        Some(true) => votes::complete(cx, draft, activation, index),
        Some(false) => votes::next_level(draft, activation, index),
        None => Ok(()),
    }
}

//! Hold: nothing moves and nothing fires until somebody resumes the instance.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | hold | instance running | whoever may act there, or manager | `instance_held` | instance on hold |

use crate::{
    change::JobWork,
    event::Event,
    facts::Question,
    graph::ActionEvent,
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        rights, steps,
    },
};

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, reason: Option<&str>) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    rights::may_act_there(cx, draft)?;
    if let Some(reason) = reason {
        rights::within(cx, "reason", reason)?;
    }
    draft.load_all(cx.facts)?;
    let Some(jobs) = cx.facts.answers.get_jobs() else {
        return Err(Halt::Ask(vec![Question::Jobs]));
    };
    // What the instance tells others is on its way already.
    let of_nodes = jobs
        .iter()
        .filter(|job| matches!(job.work, JobWork::Node(_)));
    let reason = reason.map(str::to_owned);
    steps::hold(cx, draft)?;
    draft.emit(Event::InstanceHeld {
        reason: reason.clone(),
        jobs: of_nodes.cloned().collect(),
    });
    draft.fired.push(Fired {
        reason,
        ..Fired::new(ActionEvent::OnHold, None)
    });
    Ok(())
}

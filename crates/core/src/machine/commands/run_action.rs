//! Run action: a manager has an action run that the definition does not name, once.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | run_action | instance not over | manager | `action_requested` | as it is |

use crate::{
    command::OneOff,
    event::Event,
    graph::{ActionEvent, ActionKind},
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        rights,
    },
};

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, action: &OneOff) -> Result<(), Halt> {
    rights::lives(draft.instance()?)?;
    rights::manages(cx)?;
    let run = match &action.spec().kind {
        ActionKind::Mail(_) => "mail".to_owned(),
        ActionKind::Run(run) => run.name.clone(),
    };
    draft.emit(Event::ActionRequested { run });
    draft.fired.push(Fired {
        only: Some(action.clone()),
        ..Fired::new(ActionEvent::OnDemand, None)
    });
    Ok(())
}

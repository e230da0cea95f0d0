//! Return: a person gives a stage back to the requester, who corrects what was asked for.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | return | task ready or assigned | candidate or assignee, not excluded, a reason, a requester who is active | `decision_made` `task_cancelled`… `node_returned` `node_entered` `entry_opened` `task_opened` | task completed, the requester has `revise` |
//!
//! Votes so far count no more, and no task of the stage is left whose clock could run. Completing
//! `revise` opens the stage anew.

use crate::{
    command::{Answer, TaskRef},
    event::Event,
    graph::{ActionEvent, Node},
    instance::{Outcome, Task},
    machine::{
        commands::decide,
        context::{Context, Halt},
        draft::{Draft, Fired},
        leave,
        rights::{self, For},
        withdraw,
        work::{Enter, Work},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    reason: &str,
) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::Deciding)?;
    decide::spec_of(cx, &task, decide::Says::Vote)?;
    let reason = rights::reason(cx, Some(reason))?;
    let revise = revise(cx)?;
    rights::within(cx, "reason", &reason)?;
    has_requester(cx, draft)?;
    let said = Some(reason.clone());
    decide::record(
        cx,
        draft,
        &task,
        Outcome::Returned,
        &Answer::default(),
        said,
    );
    draft.fired.push(Fired {
        reason: Some(reason),
        to: Some(revise.key.as_str().to_owned()),
        ..Fired::new(ActionEvent::AfterResubmission, Some(&task.node)).task(task.id)
    });
    give_back(draft, &task, revise)
}

/// Where the requester corrects it.
fn revise<'a>(cx: &Context<'a>) -> Result<&'a Node, Halt> {
    cx.graph.revise().ok_or_else(|| {
        Halt::refuse(
            RefusalCode::TargetInvalid,
            format!("a node of `{}` is called `revise`", cx.graph.key()),
        )
    })
}

fn has_requester(cx: &Context<'_>, draft: &Draft) -> Result<(), Halt> {
    let nobody = |message: String| Err(Halt::refuse(RefusalCode::NoApprover, message));
    match draft.instance()?.requester() {
        None => nobody("nobody asked for this: it can be returned to nobody".to_owned()),
        Some(requester) if cx.active(requester)?.is_none() => {
            nobody(format!("`{requester}`, who asked for this, is not active"))
        }
        Some(_) => Ok(()),
    }
}

/// The token goes to the requester, and knows where it came from.
fn give_back(draft: &mut Draft, task: &Task, revise: &Node) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(task.activation).cloned() else {
        return Ok(());
    };
    withdraw::tasks(draft, activation.id)?;
    leave::win(draft, &activation)?;
    draft.emit(Event::NodeReturned {
        activation: activation.id,
        node: activation.node.clone(),
    });
    draft.next.push(Work::Enter(Enter {
        from: Some(activation.node.clone()),
        given: activation.given.clone(),
        direct: true,
        ..Enter::from(&activation, revise.key.clone())
    }));
    Ok(())
}

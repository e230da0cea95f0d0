//! Resubmit: a person sends the instance back to a stage, which opens anew.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | resubmit | task ready or assigned | candidate or assignee, not excluded, a reason, a stage that was visited | `decision_made` `task_cancelled`… `node_resubmitted` `node_entered` | task completed |
//!
//! Only a stage that was visited can be the target: a way forward would pass approvals by.

use crate::{
    command::{Answer, Return, TaskRef},
    graph::{ActionEvent, NodeKind},
    id::NodeKey,
    instance::{Outcome, Task, VisitState},
    machine::{
        commands::decide,
        context::{Context, Halt},
        draft::{Draft, Fired},
        rights::{self, For},
        votes,
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    target: TaskRef,
    back: &Return,
) -> Result<(), Halt> {
    let (task, _) = rights::may_act(cx, draft, target, For::Deciding)?;
    decide::spec_of(cx, &task, decide::Says::Vote)?;
    let reason = rights::reason(cx, Some(&back.reason))?;
    let to = stage(cx, draft, &task, back.to.as_ref())?;
    rights::within(cx, "reason", &reason)?;
    decide::record(
        cx,
        draft,
        &task,
        Outcome::Resubmitted,
        &Answer::default(),
        Some(reason.clone()),
    );
    draft.fired.push(Fired {
        reason: Some(reason),
        to: Some(to.as_str().to_owned()),
        ..Fired::new(ActionEvent::AfterResubmission, Some(&task.node)).task(task.id)
    });
    votes::send(cx, draft, task.activation, to)
}

fn stage(
    cx: &Context<'_>,
    draft: &Draft,
    task: &Task,
    to: Option<&NodeKey>,
) -> Result<NodeKey, Halt> {
    let Some(to) = to else {
        return Ok(task.node.clone());
    };
    let invalid = |why: &str| Halt::refuse(RefusalCode::TargetInvalid, format!("`{to}` {why}"));
    if !cx
        .graph
        .node(to)
        .is_some_and(|node| matches!(node.kind, NodeKind::Approval(_)))
    {
        return Err(invalid("is not a stage of this workflow"));
    }
    let instance = draft.instance()?;
    let state = instance.results().get(to).map(|result| result.state);
    match state {
        // Sent back earlier, it lies ahead again.
        None
        | Some(
            VisitState::Cancelled
            | VisitState::Resubmitted
            | VisitState::Skipped
            | VisitState::Undone,
        ) => {
            return Err(invalid("has not been visited yet"));
        }
        Some(
            VisitState::Completed | VisitState::Failed | VisitState::Open | VisitState::Rejected,
        ) => {}
    }
    let inside = instance
        .activation(task.activation)
        .is_some_and(|found| found.scope.is_some());
    if inside && *to != task.node {
        return Err(invalid("lies outside the branch of this task"));
    }
    Ok(to.clone())
}

//! Jump: a token is moved to another node.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | jump | activation lives, the target is in its scope | manager; a reason | `task_cancelled`… `node_cancelled` `node_entered` | the token on the target |
//! | jump | instance running or ended, the target is outside every scope | manager; a reason | `node_cancelled`… `instance_reopened` `node_entered` | one token, on the target |

use crate::{
    command::{Place, Return},
    event::Event,
    id::NodeKey,
    instance::{Activation, Instance},
    machine::{
        context::{Context, Halt},
        draft::Draft,
        leave, rights,
        withdraw::{self, As},
        work::{Enter, Work},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    place: Option<&Place>,
    to: &Return,
) -> Result<(), Halt> {
    let activation = match place {
        Some(place) => {
            rights::running(draft.instance()?)?;
            let found = rights::place(cx, draft, place)?;
            let closed = || Halt::refuse(RefusalCode::NotOpen, "nothing that lives is there");
            Some(found.ok_or_else(closed)?)
        }
        None => {
            rights::has_begun(draft.instance()?)?;
            None
        }
    };
    rights::manages(cx)?;
    let reason = rights::reason(cx, Some(&to.reason))?;
    rights::within(cx, "reason", &reason)?;
    let target = target(cx, to)?;
    match activation {
        Some(activation) => move_one(cx, draft, &activation, target),
        None => move_all(cx, draft, target),
    }
}

fn target(cx: &Context<'_>, to: &Return) -> Result<NodeKey, Halt> {
    let Some(target) = &to.to else {
        return Err(Halt::refuse(
            RefusalCode::TargetRequired,
            "a node to go to must be named",
        ));
    };
    if cx.graph.node(target).is_none() {
        return Err(Halt::refuse(
            RefusalCode::TargetInvalid,
            format!("there is no node `{target}`"),
        ));
    }
    if cx.graph.revise().is_some_and(|node| node.key == *target) {
        return Err(Halt::refuse(
            RefusalCode::TargetInvalid,
            format!("only a stage that is returned leads to `{target}`"),
        ));
    }
    Ok(target.clone())
}

fn move_one(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: &Activation,
    target: NodeKey,
) -> Result<(), Halt> {
    let here = splits(draft.instance()?, activation);
    if !cx.graph.scopes_of(&target).contains(&here) {
        return Err(Halt::refuse(
            RefusalCode::TargetInvalid,
            format!("`{target}` is not in the scope of `{}`", activation.node),
        ));
    }
    rights::load_inside(cx, draft, activation)?;
    leave::win(draft, activation)?;
    withdraw::activation(cx, draft, activation, As::Cancelled)?;
    draft.next.push(Work::Enter(Enter {
        direct: true,
        ..Enter::from(activation, target)
    }));
    Ok(())
}

/// The splits around an activation, the outermost first.
pub(super) fn splits(instance: &Instance, activation: &Activation) -> Vec<NodeKey> {
    let mut around = Vec::new();
    let mut next = activation.scope;
    while let Some(scope) = next.and_then(|id| instance.scopes().get(&id)) {
        around.push(scope.split.clone());
        next = scope.parent;
    }
    around.reverse();
    around
}

fn move_all(cx: &Context<'_>, draft: &mut Draft, target: NodeKey) -> Result<(), Halt> {
    if !cx.graph.scopes_of(&target).contains(&Vec::new()) {
        return Err(Halt::refuse(
            RefusalCode::TargetInvalid,
            format!("`{target}` is inside a split"),
        ));
    }
    draft.load_all(cx.facts)?;
    withdraw::all(cx, draft, None)?;
    draft.emit(Event::InstanceReopened { tokens: 1 });
    draft.next.push(Work::Enter(Enter {
        direct: true,
        ..Enter::new(target)
    }));
    Ok(())
}

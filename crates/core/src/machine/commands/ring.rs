//! Ring: the earliest boundary timer of an activation has come.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | ring | activation waits, a boundary due | the engine or the host | `timer_fired` `side_opened`, or `timer_fired` `task_cancelled`… `node_cancelled` | activation as it is, or cancelled |

use crate::{
    actor::Actor,
    event::Event,
    id::{ActivationId, ScopeId, TaskId},
    instance::Timer,
    machine::{
        context::{Context, Halt},
        draft::Draft,
        rights,
        work::{Enter, Work},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, id: ActivationId) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    let Some(activation) = draft.load(id, cx.facts)?.cloned() else {
        return Err(Halt::refuse(RefusalCode::NotOpen, "the activation is over"));
    };
    if let Actor::Person(person) = &cx.facts.actor {
        return Err(Halt::refuse(
            RefusalCode::NotPermitted,
            format!("timers fire by themselves, not by `{}`", person.id),
        ));
    }
    let due = activation
        .alarm
        .as_ref()
        .and_then(|alarm| alarm.due.first());
    let Some((_, boundary)) = due.filter(|(at, _)| *at <= cx.facts.now).copied() else {
        return Err(Halt::refuse(
            RefusalCode::NotOpen,
            "no boundary of the node is due",
        ));
    };
    let timeout = cx
        .graph
        .node(&activation.node)
        .and_then(|node| node.timeouts.get(usize::from(boundary)));
    draft.emit(Event::TimerFired {
        activation: id,
        task: None,
        timer: Timer::Boundary(boundary),
    });
    let Some(timeout) = timeout else {
        return Ok(());
    };
    let scope = if timeout.interrupting {
        let open: Vec<TaskId> = draft.instance()?.tasks_of(id).map(|task| task.id).collect();
        for task in open {
            draft.emit(Event::TaskCancelled { task });
        }
        draft.emit(Event::NodeCancelled {
            activation: id,
            node: activation.node.clone(),
        });
        activation.scope
    } else {
        let scope = ScopeId::new(draft.id());
        draft.emit(Event::SideOpened {
            scope,
            activation: id,
        });
        Some(scope)
    };
    draft.next.push(Work::Enter(Enter {
        node: timeout.next.clone(),
        scope,
        from: activation.from,
        group: None,
        direct: false,
    }));
    Ok(())
}

//! What a visit waits for, worked out anew by another version of its node.

use jiff::Timestamp;

use crate::{
    event::Event,
    graph::{EntrySpec, Node},
    id::JobId,
    instance::{Activation, Escalation, Task, Timer, Timers},
    machine::{
        context::{Context, Halt},
        draft::Draft,
        enter::moment,
        entry,
        variables::Variables,
    },
};

/// A visit goes on, and was one of `old` so far.
pub(super) fn activation(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: &Activation,
    old: &Node,
) -> Result<(), Halt> {
    let Some(new) = cx.graph.node(&activation.node) else {
        return Ok(());
    };
    boundaries(cx, draft, activation, old, new)?;
    let open: Vec<Task> = draft.instance()?.tasks_of(activation.id).cloned().collect();
    for found in open {
        let specs = old.entry(found.entry).zip(new.entry(found.entry));
        let Some((_, spec)) = specs.filter(|(old, new)| !old.is_timed_like(new)) else {
            continue;
        };
        let timers = task(cx, spec, &found);
        if timers != found.timers {
            draft.emit(Event::TaskRetimed {
                task: found.id,
                timers,
            });
        }
    }
    Ok(())
}

/// Boundaries that both versions have keep their moments, those that came count from now, those
/// that went are forgotten.
fn boundaries(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: &Activation,
    old: &Node,
    new: &Node,
) -> Result<(), Halt> {
    let waits: &[(Timestamp, Timer)] = activation.alarm.as_ref().map_or(&[], |alarm| &alarm.due);
    let own = waits.iter().filter(|(_, timer)| *timer == Timer::Own);
    let mut due: Vec<(Timestamp, Timer)> = own.copied().collect();
    let mut left: Vec<(u16, &_)> = (0..).zip(&old.timeouts).collect();
    let instance = draft.instance()?;
    let variables = Variables::here(cx, instance).of(activation);
    for (index, timeout) in (0_u16..).zip(&new.timeouts) {
        let at = match left.iter().position(|(_, old)| timeout.is_like(old)) {
            // One that has fired does not fire again.
            Some(place) => {
                let (was, _) = left.remove(place);
                let waits = waits.iter();
                let mut waits = waits.filter(|(_, timer)| *timer == Timer::Boundary(was));
                waits.next().map(|(at, _)| *at)
            }
            None => Some(
                moment(cx, &timeout.when, &variables)
                    .map_err(|failure| Halt::refuse(failure.code, failure.message))?,
            ),
        };
        due.extend(at.map(|at| (at, Timer::Boundary(index))));
    }
    due.sort_unstable();
    if due == waits {
        return Ok(());
    }
    let job = match &activation.alarm {
        Some(alarm) => alarm.job,
        None => JobId::new(draft.id()),
    };
    draft.emit(Event::TimersArmed {
        activation: activation.id,
        job,
        due,
    });
    Ok(())
}

/// As if the task had been opened by `spec`, when it was: what was told is not told again, and
/// escalation goes on at its level.
fn task(cx: &Context<'_>, spec: &EntrySpec, task: &Task) -> Timers {
    let now = cx.facts.now;
    let mut timers = entry::timers(spec, cx.graph.calendar(), task.opened_at);
    timers.remind.retain(|at| *at > now);
    timers.overdue = task.timers.overdue && timers.due.is_some_and(|due| due <= now);
    let level = task.timers.escalation.as_ref().map_or(1, |next| next.level);
    timers.escalation = timers.escalation.and_then(|first| at_level(&first, level));
    timers
}

fn at_level(first: &Escalation, level: u32) -> Option<Escalation> {
    if level > first.levels {
        return None;
    }
    let passed = usize::try_from(level.saturating_sub(1)).ok()?;
    let mut left = std::iter::once(first.at).chain(first.later.iter().copied());
    Some(Escalation {
        at: left.nth(passed)?,
        level,
        levels: first.levels,
        later: left.collect(),
    })
}

//! Who is asked: the opening of an entry of an approval node.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{
    calendar::{Calendar, Period},
    event::{Event, TaskOpened},
    facts::{Question, Turn},
    graph::{ApprovalNode, Duty, EntrySpec, Exclusion, Node, NodeKind},
    id::{ActivationId, NodeKey, PersonId, TaskId},
    instance::{Escalation, Instance, Timers},
    machine::{
        context::{Context, Halt},
        draft::{Draft, Fired},
        failure::{Failure, park},
        variables::Variables,
        who,
    },
    principal::Principal,
    refusal::RefusalCode,
};

/// What opening an entry will do.
#[derive(Clone, Debug)]
pub(super) enum EntryPlan {
    /// Nobody can be asked.
    Fail(Failure),
    /// These tasks open.
    Open(Opened),
}

/// The tasks of an entry that opens.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    members: Vec<PersonId>,
    needed: u32,
    excluded: Vec<PersonId>,
    tasks: Vec<Seat>,
}

/// One task of an entry that opens.
#[derive(Clone, Debug)]
struct Seat {
    duty: Option<PersonId>,
    candidates: Vec<Principal>,
}

impl Seat {
    fn of(person: PersonId) -> Self {
        Self {
            duty: Some(person),
            candidates: Vec::new(),
        }
    }
}

/// The approval node of an activation with the entry `index`.
pub(super) fn spec<'a>(
    cx: &Context<'a>,
    node: &NodeKey,
    index: u16,
) -> Option<(&'a Node, &'a EntrySpec)> {
    let node = cx.graph.node(node)?;
    match &node.kind {
        NodeKind::Approval(approval) => Some((node, approval.entries.get(usize::from(index))?)),
        NodeKind::Step(step) if index == 0 => Some((node, &step.entry)),
        NodeKind::Task(task) if index == 0 => Some((node, &task.entry)),
        _ => None,
    }
}

/// The approval part of the node `key`.
pub(super) fn approval<'a>(cx: &Context<'a>, key: &NodeKey) -> Option<&'a ApprovalNode> {
    match &cx.graph.node(key)?.kind {
        NodeKind::Approval(approval) => Some(approval),
        _ => None,
    }
}

pub(super) fn plan(
    cx: &Context<'_>,
    instance: &Instance,
    activation: ActivationId,
    index: u16,
) -> Result<EntryPlan, Halt> {
    let found = instance
        .activation(activation)
        .and_then(|activation| Some((activation, spec(cx, &activation.node, index)?)));
    let Some((here, (_, spec))) = found else {
        return Ok(EntryPlan::Fail(Failure::node("the node has no such entry")));
    };
    let excluded = excluded(instance, &spec.exclude);
    let variables = Variables::new(instance, cx.facts).of(here);
    let asked = match who::resolve(cx, instance, &variables, &spec.who)? {
        Ok(asked) => asked.without(&excluded),
        Err(failure) => return Ok(EntryPlan::Fail(failure)),
    };
    if asked.is_empty() {
        return Ok(nobody(spec, &excluded));
    }
    let eligible = asked.persons.clone();
    let seats = match spec.duty {
        Duty::Offer => vec![match asked.named.as_slice() {
            [Principal::User(one)] => Seat::of(one.clone()),
            _ => Seat {
                duty: None,
                candidates: asked.named,
            },
        }],
        Duty::Each(_) | Duty::RoundRobin if asked.is_anyone() => {
            return Ok(nobody(spec, &excluded));
        }
        Duty::RoundRobin => {
            let names: Vec<String> = asked.named.iter().map(ToString::to_string).collect();
            let pool = names.join(",");
            vec![Seat::of(turn(cx, activation, index, pool, eligible)?)]
        }
        Duty::Each(need) => {
            return Ok(each(
                cx,
                spec,
                need.of(count(&eligible)),
                eligible,
                excluded,
            ));
        }
    };
    Ok(EntryPlan::Open(Opened {
        members: Vec::new(),
        needed: 1,
        excluded: excluded.into_iter().collect(),
        tasks: seats,
    }))
}

fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

fn each(
    cx: &Context<'_>,
    spec: &EntrySpec,
    needed: Option<u32>,
    members: Vec<PersonId>,
    excluded: BTreeSet<PersonId>,
) -> EntryPlan {
    let limit = cx.facts.settings.limits.members;
    if members.len() > limit {
        return EntryPlan::Fail(Failure::new(
            RefusalCode::LimitExceeded,
            format!("{} members are asked, {limit} are allowed", members.len()),
        ));
    }
    let Some(needed) = needed else {
        return EntryPlan::Fail(Failure::new(
            RefusalCode::NoApprover,
            format!("{:?} cannot be met by {} members", spec.duty, members.len()),
        ));
    };
    EntryPlan::Open(Opened {
        tasks: members.iter().cloned().map(Seat::of).collect(),
        members,
        needed,
        excluded: excluded.into_iter().collect(),
    })
}

fn nobody(spec: &EntrySpec, excluded: &BTreeSet<PersonId>) -> EntryPlan {
    let who = who::describe(&spec.who);
    let why = if excluded.is_empty() {
        String::new()
    } else {
        let names: Vec<&str> = excluded.iter().map(|person| person.as_str()).collect();
        format!(", apart from those excluded ({})", names.join(", "))
    };
    EntryPlan::Fail(Failure::new(
        RefusalCode::NoApprover,
        format!("nobody active is {who}{why}"),
    ))
}

/// The natural persons who may not decide.
pub(super) fn excluded(instance: &Instance, rules: &[Exclusion]) -> BTreeSet<PersonId> {
    let mut persons = BTreeSet::new();
    for rule in rules {
        match rule {
            Exclusion::ActorOf(node) => {
                if let Some(result) = instance.results().get(node) {
                    persons.extend(result.actors.iter().chain(&result.principals).cloned());
                }
            }
            Exclusion::Requester => persons.extend(instance.requester().cloned()),
        }
    }
    persons
}

fn turn(
    cx: &Context<'_>,
    activation: ActivationId,
    entry: u16,
    pool: String,
    members: Vec<PersonId>,
) -> Result<PersonId, Halt> {
    match cx.facts.answers.get_turn(activation, entry) {
        Some(person) => Ok(person.clone()),
        None => Err(Halt::Ask(vec![Question::Turn(Turn {
            activation,
            entry,
            pool,
            members,
        })])),
    }
}

pub(super) fn emit(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: ActivationId,
    entry: u16,
    plan: EntryPlan,
) -> Result<(), Halt> {
    let Some(node) = draft
        .instance()?
        .activation(activation)
        .map(|found| found.node.clone())
    else {
        return Ok(());
    };
    match plan {
        // No decision is lost over a missing next approver: only a start is refused.
        EntryPlan::Fail(failure) if cx.command.begins() && cx.is_called() => Err(Halt::refuse(
            failure.code,
            format!("node `{node}`: {}", failure.message),
        )),
        EntryPlan::Fail(failure) => {
            if let Some(activation) = draft.instance()?.activation(activation).cloned() {
                park(draft, &activation, &failure);
            }
            Ok(())
        }
        EntryPlan::Open(opened) => {
            let Some((_, spec)) = spec(cx, &node, entry) else {
                return Ok(());
            };
            open(cx, draft, activation, entry, &node, spec, opened)
        }
    }
}

fn open(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: ActivationId,
    entry: u16,
    node: &NodeKey,
    spec: &EntrySpec,
    opened: Opened,
) -> Result<(), Halt> {
    draft.emit(Event::EntryOpened {
        activation,
        entry,
        members: opened.members,
        needed: opened.needed,
        excluded: opened.excluded,
    });
    let timers = timers(spec, cx.graph.calendar(), cx.facts.now);
    for seat in opened.tasks {
        let task = TaskId::new(draft.id());
        let number = draft.instance()?.next_number();
        draft.emit(Event::TaskOpened(Box::new(TaskOpened {
            task,
            activation,
            node: node.clone(),
            entry,
            number,
            assignee: seat.duty.clone(),
            duty: seat.duty,
            candidates: seat.candidates,
            timers: timers.clone(),
            question: None,
        })));
        draft
            .fired
            .push(Fired::new(crate::graph::ActionEvent::OnTaskOpened, Some(node)).task(task));
    }
    Ok(())
}

/// The timers of a task that opens now. A reminder whose moment has passed is dropped.
pub(super) fn timers(spec: &EntrySpec, calendar: &Calendar, now: Timestamp) -> Timers {
    let after = |period: Period| period.after(calendar, now);
    let due = spec.due.and_then(after);
    let mut remind: Vec<Timestamp> = due
        .map(|due| {
            spec.remind
                .iter()
                .filter_map(|before| before.before(calendar, due))
                .filter(|at| *at > now)
                .collect()
        })
        .unwrap_or_default();
    remind.sort_unstable();
    let escalation = spec.escalate.as_ref().and_then(|escalate| {
        let period = escalate.after?;
        let levels = 1..=escalate.levels;
        let mut moments = levels.map_while(|level| after(period.times(level)?));
        Some(Escalation {
            at: moments.next()?,
            level: 1,
            levels: escalate.levels,
            later: moments.collect(),
        })
    });
    Timers {
        due,
        overdue: false,
        remind,
        escalation,
        stopped: None,
        snoozed: None,
    }
}

//! Who is asked: the opening of an entry of an approval node.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{
    calendar::{Calendar, Period},
    event::Event,
    facts::{Question, Turn},
    graph::{ApprovalNode, Duty, EntrySpec, Exclusion, Node, NodeKind, Who},
    id::{ActivationId, NodeKey, PersonId, RoleId},
    instance::{Activation, Escalation, Instance, Timers},
    machine::{
        context::{Context, Halt, both},
        draft::Draft,
        failure::{Failure, park},
        seats::{self, Seat},
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
    later: Vec<Vec<PersonId>>,
    needed: u32,
    excluded: Vec<PersonId>,
    higher: Vec<RoleId>,
    followed: Option<Vec<PersonId>>,
    tasks: Vec<Seat>,
}

/// The approval node of an activation with the entry `index`.
pub(super) fn spec<'a>(
    cx: &Context<'a>,
    node: &NodeKey,
    index: u16,
) -> Option<(&'a Node, &'a EntrySpec)> {
    let node = cx.graph.node(node)?;
    Some((node, node.entry(index)?))
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
    let plan = match spec.duty {
        Duty::Offer | Duty::RoundRobin => one_task(cx, instance, here, index, spec, &excluded),
        Duty::Each(_) | Duty::Hierarchy(_) => each(cx, instance, here, spec, &excluded),
    };
    let higher = match (&spec.who, spec.allow_higher_level) {
        (Who::Role(role), true) => who::ancestors(cx, role),
        _ => Ok(Vec::new()),
    };
    let (plan, higher) = both(plan, higher)?;
    Ok(match plan {
        Ok(EntryPlan::Open(opened)) => EntryPlan::Open(Opened { higher, ..opened }),
        other => other.unwrap_or_else(EntryPlan::Fail),
    })
}

/// One task: for a person, or offered.
fn one_task(
    cx: &Context<'_>,
    instance: &Instance,
    here: &Activation,
    index: u16,
    spec: &EntrySpec,
    excluded: &BTreeSet<PersonId>,
) -> Result<Result<EntryPlan, Failure>, Halt> {
    let variables = Variables::here(cx, instance).of(here);
    let asked = who::resolve(cx, instance, &variables, &spec.who);
    let asked = match spec.who {
        // Offers stay with whoever they name: nobody stands in.
        Who::Anyone | Who::Role(_) if spec.duty == Duty::Offer => asked?,
        _ => both(asked, cx.substitutions())?.0,
    };
    let asked = match asked {
        Ok(asked) => asked.without(excluded),
        Err(failure) => return Ok(Err(failure)),
    };
    let anyone_in_turn = spec.duty == Duty::RoundRobin && asked.is_anyone();
    if asked.is_empty() || anyone_in_turn {
        return Ok(Err(nobody(spec, excluded)));
    }
    let tasks = match asked.named.as_slice() {
        [Principal::User(_)] if spec.duty == Duty::Offer => {
            seats::of(cx, &asked.persons, excluded)?
        }
        _ if spec.duty == Duty::Offer => vec![Seat::offered(asked.named)],
        named => {
            let names: Vec<String> = named.iter().map(ToString::to_string).collect();
            let chosen = turn(cx, here.id, index, names.join(","), asked.persons)?;
            seats::of(cx, &[chosen], excluded)?
        }
    };
    Ok(Ok(EntryPlan::Open(Opened {
        members: Vec::new(),
        later: Vec::new(),
        needed: 1,
        excluded: excluded.iter().cloned().collect(),
        higher: Vec::new(),
        followed: None,
        tasks,
    })))
}

/// One task for each of several.
fn each(
    cx: &Context<'_>,
    instance: &Instance,
    here: &Activation,
    spec: &EntrySpec,
    excluded: &BTreeSet<PersonId>,
) -> Result<Result<EntryPlan, Failure>, Halt> {
    let levels = both(
        voters(cx, instance, here, spec, excluded),
        cx.substitutions(),
    )?;
    let levels = match levels.0 {
        Ok(levels) => levels,
        Err(failure) => return Ok(Err(failure)),
    };
    let seats = seats::of(cx, &levels.concat(), excluded)?;
    let members: Vec<PersonId> = seats.iter().filter_map(|seat| seat.duty.clone()).collect();
    let limit = cx.facts.settings.limits.members;
    if members.len() > limit {
        return Ok(Err(Failure::new(
            RefusalCode::LimitExceeded,
            format!("{} members are asked, {limit} are allowed", members.len()),
        )));
    }
    let Some(needed) = seats::needed(spec, members.len()) else {
        return Ok(Err(Failure::new(
            RefusalCode::NoApprover,
            format!("{:?} cannot be met by {} members", spec.duty, members.len()),
        )));
    };
    let followed = spec.live.then(|| levels.concat());
    let mut later = Vec::new();
    if spec.is_one_by_one() {
        later = levels;
        for level in &mut later {
            level.retain(|person| members.contains(person));
        }
        later.retain(|level| !level.is_empty());
        let first = if later.is_empty() {
            Vec::new()
        } else {
            later.remove(0)
        };
        return Ok(Ok(EntryPlan::Open(Opened {
            tasks: seats
                .into_iter()
                .filter(|seat| seat.duty.as_ref().is_some_and(|duty| first.contains(duty)))
                .collect(),
            members,
            later,
            needed,
            excluded: excluded.iter().cloned().collect(),
            higher: Vec::new(),
            followed,
        })));
    }
    Ok(Ok(EntryPlan::Open(Opened {
        tasks: seats,
        members,
        later,
        needed,
        excluded: excluded.iter().cloned().collect(),
        higher: Vec::new(),
        followed,
    })))
}

/// Whose votes an entry asks for, level by level, without those who may not act; never nobody.
pub(super) fn voters(
    cx: &Context<'_>,
    instance: &Instance,
    here: &Activation,
    spec: &EntrySpec,
    excluded: &BTreeSet<PersonId>,
) -> Result<Result<Vec<Vec<PersonId>>, Failure>, Halt> {
    let variables = Variables::here(cx, instance).of(here);
    let asked = match who::resolve(cx, instance, &variables, &spec.who)? {
        Ok(asked) => asked,
        Err(failure) => return Ok(Err(failure)),
    };
    let mut levels = match spec.duty {
        Duty::Hierarchy(rule) => who::above(cx, &asked, rule)?,
        _ => vec![asked.persons],
    };
    for level in &mut levels {
        level.retain(|person| !excluded.contains(person));
    }
    levels.retain(|level| !level.is_empty());
    if levels.is_empty() {
        return Ok(Err(nobody(spec, excluded)));
    }
    Ok(Ok(levels))
}

fn nobody(spec: &EntrySpec, excluded: &BTreeSet<PersonId>) -> Failure {
    let who = match spec.duty {
        Duty::Hierarchy(rule) => {
            let levels = rule.levels;
            let who = who::describe(&spec.who);
            format!("within {levels} levels above whoever is {who}")
        }
        _ => who::describe(&spec.who),
    };
    let why = if excluded.is_empty() {
        String::new()
    } else {
        let names: Vec<&str> = excluded.iter().map(|person| person.as_str()).collect();
        format!(", apart from those excluded ({})", names.join(", "))
    };
    Failure::new(
        RefusalCode::NoApprover,
        format!("nobody active is {who}{why}"),
    )
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
            draft.emit(Event::EntryOpened {
                activation,
                entry,
                members: opened.members,
                later: opened.later,
                needed: opened.needed,
                excluded: opened.excluded,
                higher: opened.higher,
                followed: opened.followed,
            });
            seats::open(cx, draft, activation, entry, opened.tasks)
        }
    }
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

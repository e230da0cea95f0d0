//! Random graphs, random commands of random people: every law holds after every step.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::json;
use signoff_core::{
    command::{Answer, Command, Force, HandOver, Return, TaskRef},
    event::Event,
    graph::NodeKind,
    id::{ActivationId, NodeKey, PersonId},
    instance::Body,
    principal::Principal,
    refusal::RefusalCode as Code,
};

use crate::{
    blocks::{Block, Builder, sequence},
    directory::Directory,
    world::{WAYS, World, finished},
};

const PEOPLE: &str =
    "p0 r0 >p3; p1 r0 r1 >p3; p2 r1 r2 >p4; p3 r2 >p4; p4* r0; p5- r0 r1; p6 r1 >p5";
/// The same people when some have moved or left.
const LATER: &str = "p0 r0 r2; p1- r0; p2 r1; p3 r2 >p1; p4* r0; p5 r0 r1 >p4; p6 r1 >p0";

/// What somebody tries.
#[derive(Clone, Debug)]
struct Act {
    verb: usize,
    task: u16,
    who: u16,
    other: u16,
    /// What is wrong with it: 0 and 1 break it, the others do not.
    flaw: u16,
}

fn act() -> impl Strategy<Value = Act> {
    (
        0..24_usize,
        any::<u16>(),
        any::<u16>(),
        any::<u16>(),
        0..16_u16,
    )
        .prop_map(|(verb, task, who, other, flaw)| Act {
            verb,
            task,
            who,
            other,
            flaw,
        })
}

fn pick<T>(items: &[T], at: u16) -> Option<&T> {
    items.get(usize::from(at).checked_rem(items.len())?)
}

const ACTORS: &[&str] = &[
    "p0", "p1", "p2", "p3", "p4", "p5", "p6", "ghost", "host", "engine",
];

/// The task that is meant: mostly an open one, sometimes a stale or garbled one.
fn target(world: &World, act: &Act) -> Option<TaskRef> {
    let instance = world.instance.as_ref()?;
    let open: Vec<TaskRef> = instance
        .tasks()
        .map(|task| TaskRef {
            task: task.id,
            activation: task.activation,
            entry: task.entry,
        })
        .collect();
    let ever = world.tasks_ever("*");
    let mut target = match act.task % 8 {
        0 => *pick(&ever, act.task / 8)?,
        _ => *pick(&open, act.task / 8).or_else(|| ever.last())?,
    };
    match act.flaw {
        0 => target.entry ^= 1,
        1 => target.activation = pick(&ever, act.other)?.activation,
        _ => {}
    }
    Some(target)
}

/// Who acts: mostly somebody who may.
fn actor(world: &World, act: &Act, target: Option<TaskRef>) -> String {
    let task = target.and_then(|target| world.instance.as_ref()?.task(target.task));
    let able: Vec<String> = task
        .map(|task| match &task.assignee {
            Some(person) => vec![person.to_string()],
            None => task
                .candidates
                .iter()
                .flat_map(|candidate| match candidate {
                    Principal::Anyone => Vec::new(),
                    Principal::Role(role) => world.directory.members(role).into_iter().collect(),
                    Principal::User(person) => vec![person.clone()],
                })
                .map(|person| person.to_string())
                .collect(),
        })
        .unwrap_or_default();
    match act.who % 4 {
        0 => (*pick(ACTORS, act.who / 4).unwrap()).to_owned(),
        _ => pick(&able, act.who / 4)
            .cloned()
            .unwrap_or_else(|| "p4".to_owned()),
    }
}

/// Tells how a job ended: mostly one that is under way, sometimes an activation that is none.
fn end_of_job(world: &World, act: &Act) -> Option<Command> {
    let instance = world.instance.as_ref()?;
    let jobs: Vec<ActivationId> = instance
        .activations()
        .filter(|found| found.body == Body::Job)
        .map(|found| found.id)
        .collect();
    let any = || Some(pick(&world.tasks_ever("*"), act.other)?.activation);
    let id = match act.task % 8 {
        0 => any()?,
        _ => pick(&jobs, act.task / 8).copied().or_else(any)?,
    };
    let result = match act.flaw {
        0..=3 => Err("no"),
        _ => Ok(json!(act.other)),
    };
    Some(finished(id, result))
}

/// A timer that is due, or not yet; sometimes the ring of an activation that waits for none.
fn timer(world: &World, act: &Act, task: Option<TaskRef>) -> Option<Command> {
    match (world.next_timer(), task) {
        (Some((_, timer)), _) if act.flaw > 1 => Some(timer),
        (_, Some(task)) if act.flaw == 0 => Some(Command::Ring(task.activation)),
        (_, Some(task)) => Some(Command::Wake(task)),
        (timer, None) => timer.map(|(_, timer)| timer),
    }
}

fn command(world: &World, act: &Act, task: TaskRef) -> Command {
    let reason = if act.other.is_multiple_of(8) {
        " "
    } else {
        "why"
    }
    .to_owned();
    let answer = Answer {
        comment: (act.other.is_multiple_of(3)).then(|| "so".to_owned()),
        reason: Some(reason.clone()),
        form: None,
        to: None,
    };
    let nodes: Vec<&NodeKey> = world.graph.nodes().map(|node| &node.key).collect();
    match act.verb {
        0..=7 => {
            let node = world.instance.as_ref().and_then(|instance| {
                let node = &instance.task(task.task)?.node;
                world.graph.node(node)
            });
            let spec = node.and_then(|node| match &node.kind {
                NodeKind::Approval(approval) => approval.entries.get(usize::from(task.entry)),
                NodeKind::Task(task) => Some(&task.entry),
                _ => None,
            });
            let filled =
                spec.is_some_and(|spec| spec.form.is_some()) != (act.other.is_multiple_of(8));
            let form = filled.then(|| json!({"code": "x"}).into());
            let answer = Answer { form, ..answer };
            let is_task = node.is_some_and(|node| matches!(node.kind, NodeKind::Task(_)));
            match is_task != (act.other % 16 == 1) {
                true => Command::Complete(task, answer),
                false => Command::Approve(task, answer),
            }
        }
        8..=10 => Command::Reject(task, answer),
        11 if act.other.is_multiple_of(4) => Command::Comment(Some(task), reason),
        11 if act.other % 4 == 1 => Command::Answer(task, reason),
        11 => Command::Claim(task),
        12 => Command::Release(task),
        13 | 14 => {
            let over = HandOver {
                to: pick(&ACTORS[..8], act.other).map(|to| (*to).into()),
                reason,
            };
            match (act.verb, act.other % 4) {
                (13, 0) => Command::Escalate(task, over.reason),
                (13, 1) => Command::RequestInfo(task, over),
                (14, 0) => Command::Assign(task, over),
                (14, 1) => Command::Transfer(task, over),
                (14, 2) => Command::PersonLeft(task, holder(world, task)),
                _ => Command::Delegate(task, over),
            }
        }
        15 if act.other % 4 == 1 => Command::Return(task, reason),
        15 | 16 => Command::Resubmit(
            task,
            Return {
                to: pick(&nodes, act.other)
                    .filter(|_| act.other.is_multiple_of(2))
                    .map(|to| (*to).clone()),
                reason,
            },
        ),
        _ if act.other.is_multiple_of(4) => Command::Withdraw { reason },
        _ => Command::Cancel {
            reason,
            force: Force::No,
        },
    }
}

/// Whoever has the task, else somebody.
fn holder(world: &World, task: TaskRef) -> PersonId {
    let instance = world.instance.as_ref();
    let held = instance.and_then(|instance| instance.task(task.task)?.assignee.clone());
    held.unwrap_or_else(|| ACTORS[0].into())
}

/// Runs the acts and gives what was seen: names of events and codes of refusals.
fn play(
    blocks: &[Block],
    acts: &[Act],
    by_engine: bool,
) -> (BTreeSet<&'static str>, BTreeSet<Code>) {
    let mut world = World::new(Builder::graph(blocks), PEOPLE).function("broken", Err("no"));
    world.settings.limits.automatic_steps = 200;
    let mut codes = BTreeSet::new();
    let start = signoff_core::command::Start {
        requester: Some("p0".into()),
        ..world.start_of(json!({"open": true, "n": 1}))
    };
    let starter = if by_engine { "engine" } else { "p0" };
    codes.extend(world.run(starter, Command::Start(Box::new(start))).err());
    for (step, act) in acts.iter().enumerate() {
        let other = 1 + step % 3 * 2;
        world.ways = &WAYS[other..other + 2];
        let target = target(&world, act);
        let engine = || ["engine", "engine", "host", "p1"][usize::from(act.who % 4)].to_owned();
        let who = match act.verb {
            17 | 18 => {
                let hours = SignedDuration::from_hours(i64::from(act.other % 13));
                world.now = world.now.checked_add(hours).unwrap();
                engine()
            }
            20..=23 => engine(),
            19 => ["p0", "p4", "host", "p1"][usize::from(act.who % 4)].to_owned(),
            _ => actor(&world, act, target),
        };
        if act.verb == 19 && act.flaw > 3 || world.instance.is_none() {
            continue;
        }
        if act.flaw == 15 {
            let people = if act.other.is_multiple_of(2) {
                PEOPLE
            } else {
                LATER
            };
            world.directory = Directory::of(people);
        }
        let over = world.status() != "running";
        let command = match act.verb {
            17 | 18 => timer(&world, act, target),
            20..=23 => end_of_job(&world, act),
            _ => target.map(|target| command(&world, act, target)),
        };
        let Some(command) = command else {
            continue;
        };
        let found = world.run(&who, command);
        if over {
            assert_eq!(found, Err(Code::NotRunning), "an end absorbs");
        }
        codes.extend(found.err());
    }
    (world.events().map(Event::name).collect(), codes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_law_holds_after_every_step(
        blocks in sequence(),
        acts in prop::collection::vec(act(), 0..30),
        by_engine in any::<bool>(),
    ) {
        play(&blocks, &acts, by_engine);
    }
}

/// Events of nodes and commands that have tests of their own.
pub(crate) const ELSEWHERE: &[&str] = &[
    "action_requested",
    "branch_added",
    "child_added",
    "child_ended",
    "child_ordered",
    "children_planned",
    "code_raised",
    "compensation_begun",
    "compensation_noted",
    "compensation_run",
    "condition_watched",
    "entry_changed",
    "error_caught",
    "instance_attached",
    "instance_begun",
    "instance_failed",
    "instance_migrated",
    "instance_held",
    "instance_reopened",
    "instance_resumed",
    "lock_awaited",
    "lock_taken",
    "message_received",
    "metadata_set",
    "news_kept",
    "node_disabled",
    "node_enabled",
    "node_obsolete",
    "node_retried",
    "node_revived",
    "node_undone",
    "race_opened",
    "race_won",
    "scope_reopened",
    "signal_thrown",
    "status_set",
    "subscription_opened",
    "task_retimed",
    "task_drafted",
    "task_resumed",
    "task_snoozed",
    "task_started",
    "task_suspended",
    "task_woken",
    "token_parked",
    "token_unparked",
    "transition_failed",
    "transition_taken",
    "task_offered",
];

#[test]
fn random_runs_reach_every_event_and_most_refusals() {
    let mut runner = TestRunner::deterministic();
    let strategy = (sequence(), prop::collection::vec(act(), 40));
    let (mut events, mut codes) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..400 {
        let (blocks, acts) = strategy.new_tree(&mut runner).unwrap().current();
        let (more_events, more_codes) = play(&blocks, &acts, round % 2 == 0);
        events.extend(more_events);
        codes.extend(more_codes);
    }
    let missing = crate::records::event_names();
    let missing = missing.into_iter().filter(|name| !events.contains(&**name));
    let missing: BTreeSet<String> = missing.collect();
    let expected: BTreeSet<String> = ELSEWHERE.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(missing, expected, "events that no random run produced");
    let expected = [
        Code::NotRunning,
        Code::NotOpen,
        Code::AlreadyDecided,
        Code::AlreadyClaimed,
        Code::NotPermitted,
        Code::SelfApproval,
        Code::SeparationOfDuties,
        Code::UnknownUser,
        Code::ReasonRequired,
        Code::TargetInvalid,
        Code::FormRequired,
        Code::FormNotAllowed,
        Code::NoApprover,
        Code::NodeFailed,
        Code::UnknownOutcome,
    ];
    let unseen: Vec<Code> = expected
        .into_iter()
        .filter(|code| !codes.contains(code))
        .collect();
    assert_eq!(unseen, [], "refusals that no random run produced");
}

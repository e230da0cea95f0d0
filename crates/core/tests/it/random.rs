//! Random graphs, random commands of random people: every law holds after every step.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::json;
use signoff_core::{
    command::{Answer, Command, HandOver, Return, TaskRef},
    event::Event,
    graph::{
        Behaviour, Duty, EntrySpec, Escalate, Exclusion, Graph, Need, Node, NodeKind, OnReject, Who,
    },
    id::NodeKey,
    principal::Principal,
    refusal::RefusalCode as Code,
};

use crate::{
    directory::Directory,
    graphs::{approval, choice, end, form, function, graph, guarded, join, split, together},
    world::{WAYS, World},
};

const PEOPLE: &str =
    "p0 r0 >p3; p1 r0 r1 >p3; p2 r1 r2 >p4; p3 r2 >p4; p4* r0; p5- r0 r1; p6 r1 >p5";
/// The same people when some have moved or left.
const LATER: &str = "p0 r0 r2; p1- r0; p2 r1; p3 r2 >p1; p4* r0; p5 r0 r1 >p4; p6 r1 >p0";
const GUARDS: &[&str] = &[
    "true", "true", "open", "n == 1", "n >= 1", "missing", "false",
];

/// A piece of a graph with one way in and at most one way out.
#[derive(Clone, Debug)]
enum Block {
    Ask(Asked),
    Branches(Vec<Vec<Self>>, Vec<bool>),
    Choose(Vec<(usize, Vec<Self>)>, bool),
    Work(bool),
}

#[derive(Clone, Debug)]
struct Asked {
    entries: Vec<Entry>,
    together: bool,
    guard: Option<usize>,
}

#[derive(Clone, Debug)]
struct Entry {
    who: usize,
    duty: usize,
    behaviour: usize,
    exclude: usize,
    tolerance: u32,
    on_reject: usize,
    timers: usize,
}

fn entry() -> impl Strategy<Value = Entry> {
    (
        0..12_usize,
        0..9_usize,
        0..8_usize,
        0..6_usize,
        0..3_u32,
        0..9_usize,
        0..6_usize,
    )
        .prop_map(
            |(who, duty, behaviour, exclude, tolerance, on_reject, timers)| Entry {
                who,
                duty,
                behaviour,
                exclude,
                tolerance,
                on_reject,
                timers,
            },
        )
}

fn asked() -> impl Strategy<Value = Block> {
    let guard = prop::option::weighted(0.2, 0..GUARDS.len());
    (prop::collection::vec(entry(), 1..4), any::<bool>(), guard).prop_map(
        |(entries, together, guard)| {
            Block::Ask(Asked {
                entries,
                together,
                guard,
            })
        },
    )
}

fn sequence() -> impl Strategy<Value = Vec<Block>> {
    let work = prop::bool::weighted(0.1).prop_map(Block::Work);
    let leaf = prop_oneof![4 => asked(), 1 => work];
    let block = leaf.prop_recursive(3, 14, 3, |inner| {
        let inside = prop::collection::vec(inner, 0..3);
        prop_oneof![
            2 => (
                prop::collection::vec(inside.clone(), 1..4),
                prop::collection::vec(prop::bool::weighted(0.2), 4),
            ).prop_map(|(branches, ends)| Block::Branches(branches, ends)),
            1 => (
                prop::collection::vec((0..GUARDS.len(), inside), 1..3),
                prop::bool::weighted(0.9),
            ).prop_map(|(cases, default)| Block::Choose(cases, default)),
        ]
    });
    prop::collection::vec(block, 1..4)
}

/// Turns blocks into nodes, the last first.
#[derive(Debug, Default)]
struct Builder {
    nodes: Vec<Node>,
    approvals: Vec<NodeKey>,
}

impl Builder {
    fn graph(blocks: &[Block]) -> Graph {
        let mut builder = Self::default();
        let first = builder.sequence(blocks, None).unwrap();
        let at = builder
            .nodes
            .iter()
            .position(|node| node.key == first)
            .unwrap();
        builder.nodes.swap(0, at);
        builder.aim();
        graph(builder.nodes)
    }

    fn key(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.nodes.len())
    }

    fn add(&mut self, mut node: Node, next: Option<NodeKey>) -> NodeKey {
        if node.next.is_none() {
            node.next = next;
        }
        let key = node.key.clone();
        self.nodes.push(node);
        key
    }

    fn sequence(&mut self, blocks: &[Block], next: Option<NodeKey>) -> Option<NodeKey> {
        blocks
            .iter()
            .rev()
            .fold(next, |next, block| Some(self.block(block, next)))
    }

    fn block(&mut self, block: &Block, next: Option<NodeKey>) -> NodeKey {
        match block {
            Block::Ask(asked) => self.ask(asked, next),
            Block::Branches(branches, ends) => {
                let join = self.add(join(&self.key("join")), next);
                let ways: Vec<String> = branches
                    .iter()
                    .zip(ends)
                    .map(|(branch, ends)| {
                        let to = match ends {
                            true => self.add(end(&self.key("end")), None),
                            false => join.clone(),
                        };
                        self.sequence(branch, Some(to)).unwrap().to_string()
                    })
                    .collect();
                let ways: Vec<&str> = ways.iter().map(String::as_str).collect();
                self.add(split(&self.key("split"), &ways), None)
            }
            Block::Choose(cases, default) => {
                let after = match next {
                    Some(next) => next,
                    None => self.add(end(&self.key("end")), None),
                };
                let ways: Vec<(&str, String)> = cases
                    .iter()
                    .map(|(guard, blocks)| {
                        let to = self.sequence(blocks, Some(after.clone())).unwrap();
                        (GUARDS[*guard], to.to_string())
                    })
                    .collect();
                let cases: Vec<(&str, &str)> = ways
                    .iter()
                    .map(|(guard, to)| (*guard, to.as_str()))
                    .collect();
                let default = default.then(|| after.as_str());
                self.add(choice(&self.key("choice"), &cases, default), None)
            }
            Block::Work(fails) => {
                let mut node = function(&self.key("work"));
                if let (true, NodeKind::Function(function)) = (*fails, &mut node.kind) {
                    function.name = "broken".to_owned();
                }
                self.add(node, next)
            }
        }
    }

    fn ask(&mut self, asked: &Asked, next: Option<NodeKey>) -> NodeKey {
        let entries: Vec<EntrySpec> = asked.entries.iter().map(spec).collect();
        let key = self.key("ask");
        let node = match asked.together {
            true => together(&key, entries),
            false => approval(&key, entries),
        };
        let node = match asked.guard {
            Some(guard) => guarded(node, GUARDS[guard]),
            None => node,
        };
        let key = self.add(node, next);
        self.approvals.push(key.clone());
        key
    }

    /// Names the nodes that entries speak of, now that all are known.
    fn aim(&mut self) {
        for (index, node) in self.nodes.iter_mut().enumerate() {
            let NodeKind::Approval(approval) = &mut node.kind else {
                continue;
            };
            // Built last to first: the next one built comes before it.
            let own = self
                .approvals
                .iter()
                .position(|key| *key == node.key)
                .unwrap();
            let before = self.approvals.get(own + 1).unwrap_or(&node.key);
            for entry in &mut approval.entries {
                if let OnReject::GoTo(target) = &mut entry.on_reject {
                    *target = self.approvals[index % self.approvals.len()].clone();
                }
                if let Who::ActorOf(target) = &mut entry.who {
                    *target = before.clone();
                }
                if let Some(Exclusion::ActorOf(target)) = entry.exclude.first_mut() {
                    *target = before.clone();
                }
            }
        }
    }
}

/// The entry with `?` in place of every node that it speaks of.
fn spec(entry: &Entry) -> EntrySpec {
    let who = match entry.who {
        0..=2 => Who::Role(format!("r{}", entry.who).into()),
        3..=6 => Who::User(format!("p{}", entry.who - 2).into()),
        7 => Who::Requester,
        8 => Who::ManagerOfRequester,
        9 => Who::ActorOf("?".into()),
        _ => Who::Role("r0".into()),
    };
    let duty = match entry.duty {
        0 => Duty::Each(Need::All),
        1 => Duty::Each(Need::Majority),
        2 => Duty::Each(Need::Percent(50)),
        3 => Duty::Each(Need::Quorum(2)),
        4 => Duty::RoundRobin,
        _ => Duty::Offer,
    };
    let (behaviour, form) = match entry.behaviour {
        0 => (Behaviour::CheckInVerify, None),
        1 => (Behaviour::Submit, form("code")),
        2 => (Behaviour::Move, None),
        3 => (Behaviour::Approve, form("code")),
        _ => (Behaviour::Approve, None),
    };
    let exclude = match entry.exclude {
        0 => vec![Exclusion::Requester],
        1 => vec![Exclusion::ActorOf("?".into())],
        _ => Vec::new(),
    };
    let on_reject = match entry.on_reject {
        0..=2 => OnReject::Resubmit,
        3..=5 => OnReject::GoTo("?".into()),
        _ => OnReject::Reject,
    };
    let hours = SignedDuration::from_hours;
    let escalate = Escalate {
        after: hours(12),
        to: [
            Who::ManagerOfAssignee,
            Who::Role("r2".into()),
            Who::User("p4".into()),
        ][entry.timers % 3]
            .clone(),
        levels: 2,
    };
    EntrySpec {
        who,
        duty,
        behaviour,
        form,
        exclude,
        reject_tolerance: entry.tolerance,
        on_reject,
        due: (entry.timers > 1).then(|| hours(10)),
        remind: if entry.timers > 1 {
            vec![hours(4)]
        } else {
            Vec::new()
        },
        escalate: (entry.timers > 2).then_some(escalate),
    }
}

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
        0..20_usize,
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
    };
    let nodes: Vec<&NodeKey> = world.graph.nodes().map(|node| &node.key).collect();
    match act.verb {
        0..=7 => {
            let spec = world.graph.nodes().find_map(|node| match &node.kind {
                NodeKind::Approval(approval) => {
                    let here = world.instance.as_ref()?.task(task.task)?.node == node.key;
                    approval
                        .entries
                        .get(usize::from(task.entry))
                        .filter(|_| here)
                }
                _ => None,
            });
            let filled =
                spec.is_some_and(|spec| spec.form.is_some()) != (act.other.is_multiple_of(8));
            let form = filled.then(|| json!({"code": "x"}).into());
            Command::Approve(task, Answer { form, ..answer })
        }
        8..=10 => Command::Reject(task, answer),
        11 => Command::Claim(task),
        12 => Command::Release(task),
        13 | 14 => Command::Delegate(
            task,
            HandOver {
                to: pick(&ACTORS[..8], act.other).map(|to| (*to).into()),
                reason,
            },
        ),
        15 | 16 => Command::Resubmit(
            task,
            Return {
                to: pick(&nodes, act.other)
                    .filter(|_| act.other.is_multiple_of(2))
                    .map(|to| (*to).clone()),
                reason,
            },
        ),
        17 | 18 => Command::Wake(world.next_wake().map_or(task, |(_, task)| task)),
        _ => Command::Cancel { reason },
    }
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
        let Some(target) = target(&world, act) else {
            break;
        };
        let who = match act.verb {
            17 | 18 => {
                let hours = SignedDuration::from_hours(i64::from(act.other % 13));
                world.now = world.now.checked_add(hours).unwrap();
                "engine".to_owned()
            }
            19 => ["p0", "p4", "host", "p1"][usize::from(act.who % 4)].to_owned(),
            _ => actor(&world, act, Some(target)),
        };
        if act.verb == 19 && act.flaw > 3 {
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
        let command = command(&world, act, target);
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

#[test]
fn random_runs_reach_every_event_and_most_refusals() {
    let mut runner = TestRunner::deterministic();
    let strategy = (sequence(), prop::collection::vec(act(), 40));
    let (mut events, mut codes) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..150 {
        let (blocks, acts) = strategy.new_tree(&mut runner).unwrap().current();
        let (more_events, more_codes) = play(&blocks, &acts, round % 2 == 0);
        events.extend(more_events);
        codes.extend(more_codes);
    }
    // Groups come from definitions with pipelines; `flow` has them.
    events.insert("group_skipped");
    // Tasks, jobs and boundaries come from flows; `flow_nodes` has them.
    events.extend(["data_set", "job_ordered", "side_opened", "timers_armed"]);
    let mut names = crate::records::event_names();
    names.sort();
    assert_eq!(
        events.into_iter().collect::<Vec<_>>(),
        names,
        "every event happens"
    );
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
    ];
    let unseen: Vec<Code> = expected
        .into_iter()
        .filter(|code| !codes.contains(code))
        .collect();
    assert_eq!(unseen, [], "refusals that no random run produced");
}

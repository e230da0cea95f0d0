//! Random graphs: blocks with one way in and at most one way out, built into nodes.

use jiff::SignedDuration;
use proptest::prelude::*;
use signoff_core::{
    graph::{
        Behaviour, Duty, EntrySpec, Escalate, Exclusion, Graph, GraphBuilder, Group, Led, Moment,
        Need, Node, NodeKind, OnReject, Timeout, Who,
    },
    id::NodeKey,
};

use crate::graphs::{
    self, approval, choice, end, form, function, guarded, in_group, job, join, split, task,
    terminate, together,
};

const GUARDS: &[&str] = &[
    "true", "true", "open", "n == 1", "n >= 1", "missing", "false",
];

/// A piece of a graph with one way in and at most one way out.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Ask(Asked),
    Branches(Vec<Vec<Self>>, Vec<bool>),
    Choose(Vec<(usize, Vec<Self>)>, bool),
    Do(Entry, bool),
    Job,
    Late(Box<Self>, Vec<Timed>),
    Stop,
    Work(bool),
}

/// A boundary of a block, with the way that it opens.
#[derive(Clone, Debug)]
pub(crate) struct Timed {
    hours: i64,
    interrupting: bool,
    rejoins: bool,
    way: Vec<Block>,
}

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    entries: Vec<Entry>,
    together: bool,
    guard: Option<usize>,
    /// The guard of a group of its own.
    group: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
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
    let guard = || prop::option::weighted(0.2, 0..GUARDS.len());
    let entries = prop::collection::vec(entry(), 1..4);
    (entries, any::<bool>(), guard(), guard()).prop_map(|(entries, together, guard, group)| {
        Block::Ask(Asked {
            entries,
            together,
            guard,
            group,
        })
    })
}

fn waiting() -> impl Strategy<Value = Block> {
    let done = (entry(), any::<bool>()).prop_map(|(entry, form)| Block::Do(entry, form));
    prop_oneof![4 => asked(), 2 => done, 2 => Just(Block::Job)]
}

pub(crate) fn sequence() -> impl Strategy<Value = Vec<Block>> {
    let work = prop::bool::weighted(0.1).prop_map(Block::Work);
    let leaf = prop_oneof![16 => waiting(), 3 => work, 1 => Just(Block::Stop)];
    let block = leaf.prop_recursive(3, 14, 3, |inner| {
        let inside = prop::collection::vec(inner, 0..3);
        let timed = (1..20_i64, any::<bool>(), any::<bool>(), inside.clone()).prop_map(
            |(hours, interrupting, rejoins, way)| Timed {
                hours,
                interrupting,
                rejoins,
                way,
            },
        );
        prop_oneof![
            2 => (waiting(), prop::collection::vec(timed, 1..3))
                .prop_map(|(host, timed)| Block::Late(Box::new(host), timed)),
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
pub(crate) struct Builder {
    nodes: Vec<Node>,
    approvals: Vec<NodeKey>,
    /// The nodes where people are asked, approvals and tasks.
    asking: Vec<NodeKey>,
    groups: Vec<Group>,
}

impl Builder {
    pub(crate) fn graph(blocks: &[Block]) -> Graph {
        let mut builder = Self::default();
        let first = builder.sequence(blocks, None).unwrap();
        let at = builder
            .nodes
            .iter()
            .position(|node| node.key == first)
            .unwrap();
        builder.nodes.swap(0, at);
        builder.aim();
        let groups = builder.groups;
        let graph = groups
            .into_iter()
            .fold(graphs::builder(builder.nodes), GraphBuilder::group);
        graph.build().unwrap()
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
            Block::Do(entry, filled) => {
                let entry = EntrySpec {
                    form: filled.then(|| form("code")).flatten(),
                    behaviour: Behaviour::Approve,
                    ..spec(entry)
                };
                let key = self.add(task(&self.key("do"), entry), next);
                self.asking.push(key.clone());
                key
            }
            Block::Job => self.add(job(&self.key("job")), next),
            Block::Late(host, timed) => self.late(host, timed, next),
            Block::Stop => self.add(terminate(&self.key("stop")), None),
            Block::Work(fails) => {
                let mut node = function(&self.key("work"));
                if let (true, NodeKind::Function(function)) = (*fails, &mut node.kind) {
                    function.name = "broken".to_owned();
                }
                self.add(node, next)
            }
        }
    }

    /// A host with its boundaries: only what interrupts may come back to the way of its host.
    fn late(&mut self, host: &Block, timed: &[Timed], next: Option<NodeKey>) -> NodeKey {
        let timeouts: Vec<Timeout> = timed
            .iter()
            .map(|timed| {
                let back = next.clone().filter(|_| timed.interrupting && timed.rejoins);
                let to = match back {
                    Some(next) => next,
                    None => self.add(end(&self.key("end")), None),
                };
                Timeout {
                    when: Moment::After(SignedDuration::from_hours(timed.hours).into()),
                    interrupting: timed.interrupting,
                    next: self.sequence(&timed.way, Some(to)).unwrap(),
                }
            })
            .collect();
        let key = self.block(host, next);
        let host = self.nodes.iter_mut().find(|node| node.key == key).unwrap();
        host.timeouts = timeouts;
        key
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
        let node = match asked.group {
            Some(guard) => {
                let next = next.as_ref().map(NodeKey::as_str);
                let own = format!("of_{key}");
                self.groups
                    .push(graphs::group(&own, Some(GUARDS[guard]), next));
                in_group(node, &own)
            }
            None => node,
        };
        let key = self.add(node, next);
        self.approvals.push(key.clone());
        self.asking.push(key.clone());
        key
    }

    /// Names the nodes that entries speak of, now that all are known.
    fn aim(&mut self) {
        for (index, node) in self.nodes.iter_mut().enumerate() {
            let entries = match &mut node.kind {
                NodeKind::Approval(approval) => approval.entries.as_mut_slice(),
                NodeKind::Task(task) => std::slice::from_mut(&mut task.entry),
                _ => continue,
            };
            // Built last to first: the next one built comes before it.
            let own = self.asking.iter().position(|key| *key == node.key).unwrap();
            let before = self.asking.get(own + 1).unwrap_or(&node.key);
            for entry in entries {
                if let OnReject::GoTo(target) = &mut entry.on_reject {
                    let back = index.checked_rem(self.approvals.len());
                    *target = back.map_or(before, |back| &self.approvals[back]).clone();
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
        8 => Who::ManagerOf(Led::Requester, 1),
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
        after: Some(hours(5).into()),
        to: [
            Who::ManagerOf(Led::Assignee, 1),
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
        live: false,
        allow_higher_level: false,
        reject_tolerance: entry.tolerance,
        on_reject,
        due: (entry.timers > 1).then(|| hours(10).into()),
        remind: if entry.timers > 1 {
            vec![hours(4).into()]
        } else {
            Vec::new()
        },
        escalate: (entry.timers > 2).then_some(escalate),
        when_due: None,
        meta: None,
    }
}

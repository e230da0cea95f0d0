//! Small nets: for the graph builder, for the oracle, and to be read.

use std::fmt;

use signoff_core::graph::{
    Branch, Case, Choice, ForEach, Graph, GraphBuilder, JoinNeed, JoinNode, Node, NodeKind, Rest,
    SignalNode, SplitNode, Way,
};

use crate::toy::{condition, when};

/// A net of nodes by number; instances enter the first.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Net(pub(crate) Vec<Place>);

/// What a node does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    End,
    If(usize, usize),
    Join(Need, Late, usize),
    Split(Vec<(usize, Taken)>),
    /// Ends the whole instance.
    Stop,
    Task(usize),
}

/// What a join waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Need {
    All,
    Any,
    Count(u32),
    Percent(u8),
}

/// What becomes of those that come too late.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Late {
    Absorb,
    Cancel,
}

/// When a branch is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Taken {
    Always,
    Each,
    When,
}

impl Place {
    /// Every node that it leads to.
    pub(crate) fn targets(&self) -> Vec<usize> {
        match self {
            Self::End | Self::Stop => Vec::new(),
            Self::If(then, otherwise) => vec![*then, *otherwise],
            Self::Join(.., next) | Self::Task(next) => vec![*next],
            Self::Split(branches) => branches.iter().map(|(to, _)| *to).collect(),
        }
    }

    /// The same with other targets.
    pub(crate) fn map(&self, mut to: impl FnMut(usize) -> usize) -> Self {
        match self {
            Self::End => Self::End,
            Self::Stop => Self::Stop,
            Self::If(then, otherwise) => Self::If(to(*then), to(*otherwise)),
            Self::Join(need, late, next) => Self::Join(*need, *late, to(*next)),
            Self::Task(next) => Self::Task(to(*next)),
            Self::Split(branches) => {
                let branches = branches.iter();
                Self::Split(branches.map(|(way, taken)| (to(*way), *taken)).collect())
            }
        }
    }
}

impl Net {
    /// The same without the nodes that nothing leads to.
    pub(crate) fn pruned(&self) -> Self {
        let mut kept = Vec::new();
        let mut open = vec![0];
        while let Some(node) = open.pop() {
            if !kept.contains(&node) {
                kept.push(node);
                open.extend(self.0[node].targets());
            }
        }
        kept.sort_unstable();
        let new = |node| kept.iter().position(|kept| *kept == node).unwrap();
        Self(kept.iter().map(|node| self.0[*node].map(new)).collect())
    }

    pub(crate) fn graph(&self) -> Graph {
        let places = self.0.iter().enumerate();
        places
            .fold(GraphBuilder::new("net"), |builder, (number, place)| {
                builder.node(node(number, place))
            })
            .build()
            .unwrap()
    }
}

/// A node that waits, and what becomes of its token.
fn waiting(key: &str) -> Node {
    let name = "go".to_owned();
    Node::new(
        key,
        NodeKind::Signal(SignalNode::Catch { name, into: None }),
    )
}

pub(crate) fn key(number: usize) -> String {
    format!("n{number}")
}

fn node(number: usize, place: &Place) -> Node {
    let own = key(number);
    let way = |to: usize| Way::from(key(to).as_str());
    match place {
        Place::End => Node::new(own.as_str(), NodeKind::End(None)),
        Place::Stop => Node::new(own.as_str(), NodeKind::Terminate(None)),
        Place::Task(next) => waiting(&own).next(key(*next).as_str()),
        Place::If(then, otherwise) => {
            let choice = Choice {
                cases: vec![Case {
                    when: condition("flag"),
                    way: way(*then),
                }],
                default: Some(way(*otherwise)),
            };
            Node::new(own.as_str(), NodeKind::Choice(choice))
        }
        Place::Split(branches) => {
            let branch = |(to, taken): &(usize, Taken)| Branch {
                way: way(*to),
                when: (*taken == Taken::When).then(|| when("flag")).flatten(),
                each: (*taken == Taken::Each).then(|| ForEach {
                    items: condition("items"),
                    name: None,
                }),
            };
            let branches = branches.iter().map(branch).collect();
            Node::new(own.as_str(), NodeKind::Split(SplitNode { branches }))
        }
        Place::Join(need, late, next) => {
            let join = JoinNode {
                need: match need {
                    Need::All => JoinNeed::All,
                    Need::Any => JoinNeed::Any,
                    Need::Count(n) => JoinNeed::Count(*n),
                    Need::Percent(p) => JoinNeed::Percent(*p),
                },
                rest: match late {
                    Late::Absorb => Rest::Absorb,
                    Late::Cancel => Rest::Cancel,
                },
            };
            Node::new(own.as_str(), NodeKind::Join(join)).next(key(*next).as_str())
        }
    }
}

/// As it would be written in a definition.
impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nnodes:\n  start: {{start: {{}}, next: n0}}")?;
        for (number, place) in self.0.iter().enumerate() {
            write!(f, "  n{number}: ")?;
            match place {
                Place::End => write!(f, "{{end: {{}}}}")?,
                Place::Stop => write!(f, "{{terminate: {{}}}}")?,
                Place::Task(next) => write!(f, "{{task: {{}}, next: n{next}}}")?,
                Place::If(then, otherwise) => {
                    write!(f, "{{if: flag, then: n{then}, else: n{otherwise}}}")?;
                }
                Place::Join(need, late, next) => {
                    match need {
                        Need::All => write!(f, "{{join: all")?,
                        Need::Any => write!(f, "{{join: any")?,
                        Need::Count(n) => write!(f, "{{join: {{count: {n}}}")?,
                        Need::Percent(p) => write!(f, "{{join: {{percent: {p}}}")?,
                    }
                    let rest = match late {
                        Late::Absorb => ", rest: absorb",
                        Late::Cancel => "",
                    };
                    write!(f, "{rest}, next: n{next}}}")?;
                }
                Place::Split(branches) => {
                    let branch = |(to, taken): &(usize, Taken)| match taken {
                        Taken::Always => format!("n{to}"),
                        Taken::Each => format!("{{to: n{to}, for_each: items}}"),
                        Taken::When => format!("{{to: n{to}, when: flag}}"),
                    };
                    let branches: Vec<String> = branches.iter().map(branch).collect();
                    write!(f, "{{split: [{}]}}", branches.join(", "))?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

//! Random flows for the reference: pieces with one way in and at most one way out, made into a plan
//! that the reference reads.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value};

/// A flow as the reference reads it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) first: String,
    pub(crate) nodes: BTreeMap<String, Planned>,
}

#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) kind: Kind,
    pub(crate) next: Option<String>,
    pub(crate) timeouts: Vec<Late>,
    pub(crate) on_error: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    End,
    First(Vec<String>),
    Function {
        broken: bool,
    },
    If(Vec<(Condition, String)>, Option<String>),
    /// Whether what is left is absorbed.
    Join(Need, bool),
    Set,
    Split(Vec<Branch>),
    Task {
        form: bool,
    },
    Terminate,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Need {
    All,
    Any,
    Count(usize),
}

#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) to: String,
    pub(crate) when: Condition,
    /// Once for each of `lines`.
    pub(crate) each: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Late {
    pub(crate) hours: i64,
    pub(crate) interrupting: bool,
    pub(crate) to: String,
}

/// What choices and branches ask of the data.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Condition {
    Always,
    Is(&'static str),
    Never,
}

impl Condition {
    pub(crate) fn holds(self, data: &Map<String, Value>) -> bool {
        match self {
            Self::Always => true,
            Self::Is(word) => data["n"] == word,
            Self::Never => false,
        }
    }

    pub(crate) fn source(self) -> String {
        match self {
            Self::Always => "true".to_owned(),
            Self::Is(word) => format!("n == \"{word}\""),
            Self::Never => "false".to_owned(),
        }
    }
}

/// A piece of a flow with one way in and at most one way out.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Again(Vec<Self>),
    Choose(Vec<(Condition, Vec<Self>)>, bool),
    Do(bool, Vec<Aside>),
    Race(Vec<Vec<Aside>>),
    Set,
    Split(Vec<Arm>, Need, bool),
    Stop,
    Work(bool, Option<Aside>),
}

/// A branch of a split.
#[derive(Clone, Debug)]
pub(crate) struct Arm {
    body: Vec<Piece>,
    when: Condition,
    each: bool,
    ends: bool,
}

/// A way off the border of a node.
#[derive(Clone, Debug)]
pub(crate) struct Aside {
    hours: i64,
    interrupting: bool,
    rejoins: bool,
    way: Vec<Piece>,
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        4 => Just(Condition::Always),
        3 => prop::sample::select(vec!["a", "b"]).prop_map(Condition::Is),
        1 => Just(Condition::Never),
    ]
}

fn need() -> impl Strategy<Value = Need> {
    prop_oneof![
        3 => Just(Need::All),
        2 => Just(Need::Any),
        2 => (1..4_usize).prop_map(Need::Count),
    ]
}

/// A few pieces one after another.
pub(crate) fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let leaf = prop_oneof![
        8 => any::<bool>().prop_map(|form| Piece::Do(form, Vec::new())),
        3 => Just(Piece::Set),
        3 => prop::bool::weighted(0.15).prop_map(|broken| Piece::Work(broken, None)),
        1 => Just(Piece::Stop),
    ];
    let piece = leaf.prop_recursive(4, 24, 3, |inner| {
        let body = || prop::collection::vec(inner.clone(), 0..3);
        let aside = || {
            (1..8_i64, any::<bool>(), any::<bool>(), body()).prop_map(
                |(hours, interrupting, rejoins, way)| Aside {
                    hours,
                    interrupting,
                    rejoins,
                    way,
                },
            )
        };
        let asides = || prop::collection::vec(aside(), 0..3);
        let arm = (
            body(),
            condition(),
            prop::bool::weighted(0.2),
            prop::bool::weighted(0.2),
        )
            .prop_map(|(body, when, each, ends)| Arm {
                body,
                when,
                each,
                ends,
            });
        let cases = prop::collection::vec((condition(), body()), 1..3);
        prop_oneof![
            5 => (prop::collection::vec(arm, 1..4), need(), any::<bool>())
                .prop_map(|(arms, need, absorbs)| Piece::Split(arms, need, absorbs)),
            2 => (any::<bool>(), asides()).prop_map(|(form, asides)| Piece::Do(form, asides)),
            1 => prop::collection::vec(asides(), 2..4).prop_map(Piece::Race),
            1 => (cases, prop::bool::weighted(0.9))
                .prop_map(|(cases, default)| Piece::Choose(cases, default)),
            1 => body().prop_map(Piece::Again),
            1 => (any::<bool>(), aside())
                .prop_map(|(broken, aside)| Piece::Work(broken, Some(aside))),
        ]
    });
    prop::collection::vec(piece, 1..4)
}

impl Plan {
    /// The plan of pieces one after another.
    pub(crate) fn of(pieces: &[Piece]) -> Self {
        let mut plan = Self::default();
        plan.first = plan.sequence(pieces, None).unwrap();
        plan
    }

    fn add(&mut self, name: &str, kind: Kind, next: Option<String>) -> String {
        let key = format!("{name}{}", self.nodes.len());
        self.insert(key, kind, next)
    }

    fn insert(&mut self, key: String, kind: Kind, next: Option<String>) -> String {
        let planned = Planned {
            kind,
            next,
            timeouts: Vec::new(),
            on_error: None,
        };
        self.nodes.insert(key.clone(), planned);
        key
    }

    fn end(&mut self) -> String {
        self.add("end", Kind::End, None)
    }

    fn or_end(&mut self, next: Option<String>) -> String {
        next.unwrap_or_else(|| self.end())
    }

    fn sequence(&mut self, pieces: &[Piece], next: Option<String>) -> Option<String> {
        let pieces = pieces.iter().rev();
        pieces.fold(next, |next, piece| Some(self.piece(piece, next)))
    }

    fn piece(&mut self, piece: &Piece, next: Option<String>) -> String {
        match piece {
            Piece::Do(form, asides) => self.task(*form, asides, next),
            Piece::Set => self.add("set", Kind::Set, next),
            Piece::Stop => self.add("stop", Kind::Terminate, None),
            Piece::Work(broken, aside) => {
                let to = aside
                    .as_ref()
                    .map(|aside| self.aside(aside, next.clone(), true));
                let key = self.add("work", Kind::Function { broken: *broken }, next);
                self.nodes.get_mut(&key).unwrap().on_error = to;
                key
            }
            Piece::Race(racers) => {
                let racers = racers.iter();
                let keys = racers.map(|asides| self.task(false, asides, next.clone()));
                let keys = keys.collect();
                self.add("first", Kind::First(keys), None)
            }
            Piece::Choose(cases, default) => {
                let after = self.or_end(next);
                let cases = cases.iter().map(|(condition, body)| {
                    (
                        *condition,
                        self.sequence(body, Some(after.clone())).unwrap(),
                    )
                });
                let cases = cases.collect();
                self.add("if", Kind::If(cases, default.then_some(after)), None)
            }
            Piece::Again(body) => {
                let after = self.or_end(next);
                let back = format!("again{}", self.nodes.len());
                self.insert(back.clone(), Kind::End, None);
                let body = self.sequence(body, Some(back.clone()));
                let first = self.task(true, &[], body);
                let cases = vec![(Condition::Is("a"), first.clone())];
                self.insert(back, Kind::If(cases, Some(after)), None);
                first
            }
            Piece::Split(arms, need, absorbs) => {
                let join = self.add("join", Kind::Join(*need, *absorbs), next);
                let branches = arms.iter().map(|arm| {
                    let to = if arm.ends { self.end() } else { join.clone() };
                    Branch {
                        to: self.sequence(&arm.body, Some(to)).unwrap(),
                        when: arm.when,
                        each: arm.each,
                    }
                });
                let branches = branches.collect();
                self.add("split", Kind::Split(branches), None)
            }
        }
    }

    /// Where a way off a border leads: only what takes the token along may come back.
    fn aside(&mut self, aside: &Aside, next: Option<String>, takes: bool) -> String {
        let to = match next.filter(|_| takes && aside.rejoins) {
            Some(next) => next,
            None => self.end(),
        };
        self.sequence(&aside.way, Some(to)).unwrap()
    }

    fn task(&mut self, form: bool, asides: &[Aside], next: Option<String>) -> String {
        let timeouts = asides.iter().map(|aside| Late {
            hours: aside.hours,
            interrupting: aside.interrupting,
            to: self.aside(aside, next.clone(), aside.interrupting),
        });
        let timeouts = timeouts.collect();
        let key = self.add("do", Kind::Task { form }, next);
        self.nodes.get_mut(&key).unwrap().timeouts = timeouts;
        key
    }
}

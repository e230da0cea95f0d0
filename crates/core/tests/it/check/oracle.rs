//! The token game, played out: every state of a small net, one by one.
//!
//! Nothing here is clever, and nothing is shared with the checker: tokens lie in scopes, any of them
//! moves, and what can be reached is looked at as a whole.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::check::nets::{Late, Need, Net, Place, Taken};

/// More states than this are not looked at.
const MOST_STATES: usize = 4_000;
/// A branch with `for_each` is taken as often as this at most.
const MOST_ITEMS: usize = 3;

/// Why a net is not sound.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Fault {
    /// No run comes to the node.
    Dead(usize),
    /// More are needed at the join than ever arrive.
    Few(usize),
    /// The join is come to from several splits, or the split comes to several joins.
    Intersecting(usize),
    /// The split opens inside itself.
    Nested(usize),
    /// From some state the instance cannot complete.
    Stuck,
    /// Tokens arrive at the join, and it never fires.
    Unfired(usize),
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Token {
    At(usize),
    Scope(Scope),
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Scope {
    split: usize,
    opened: usize,
    arrived: BTreeMap<usize, usize>,
    live: Vec<Token>,
}

/// A state of an instance: its token, and those that joins have left behind, each with its split. Two
/// that are alike are one: they can do the same.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum State {
    Running(Option<Token>, BTreeSet<(usize, Token)>),
    Stopped,
}

/// What a token may do next.
enum Move {
    Arrive(usize),
    Become(Token, Vec<(usize, Token)>),
    End,
    Stop,
}

struct Game<'a> {
    net: &'a Net,
    visited: BTreeSet<usize>,
    closes: BTreeSet<(usize, usize)>,
    fired: BTreeSet<usize>,
    most: BTreeMap<usize, usize>,
    nested: BTreeSet<usize>,
}

/// Every fault of the net; `None` when it has too many states.
pub(crate) fn faults(net: &Net) -> Option<BTreeSet<Fault>> {
    let mut game = Game {
        net,
        visited: BTreeSet::new(),
        closes: BTreeSet::new(),
        fired: BTreeSet::new(),
        most: BTreeMap::new(),
        nested: BTreeSet::new(),
    };
    let stuck = game.play()?;
    let mut faults: BTreeSet<Fault> = game.nested.iter().copied().map(Fault::Nested).collect();
    if stuck {
        faults.insert(Fault::Stuck);
    }
    for (number, place) in net.0.iter().enumerate() {
        if !game.visited.contains(&number) {
            faults.insert(Fault::Dead(number));
        }
        let pairs = game.closes.iter();
        let alike = pairs.filter(|(split, join)| [*split, *join].contains(&number));
        if alike.count() > 1 {
            faults.insert(Fault::Intersecting(number));
        }
        if let (Place::Join(need, ..), Some(most)) = (place, game.most.get(&number)) {
            if matches!(need, Need::Count(n) if *n as usize > *most) {
                faults.insert(Fault::Few(number));
            }
            if !game.fired.contains(&number) {
                faults.insert(Fault::Unfired(number));
            }
        }
    }
    Some(faults)
}

impl Game<'_> {
    /// Whether from some state the instance cannot complete.
    fn play(&mut self) -> Option<bool> {
        let first = State::Running(Some(Token::At(0)), BTreeSet::new());
        let mut numbers = BTreeMap::from([(first.clone(), 0)]);
        let mut before: Vec<Vec<usize>> = vec![Vec::new()];
        let mut complete = Vec::new();
        let mut open = VecDeque::from([(first, 0)]);
        while let Some((state, number)) = open.pop_front() {
            let done = match &state {
                State::Running(token, rest) => token.is_none() && rest.is_empty(),
                State::Stopped => true,
            };
            if done {
                complete.push(number);
            }
            for next in self.after(&state) {
                let fresh = numbers.len();
                let to = *numbers.entry(next.clone()).or_insert(fresh);
                if to == fresh {
                    before.push(Vec::new());
                    open.push_back((next, to));
                }
                before[to].push(number);
            }
            if !self.nested.is_empty() {
                // It would go on for ever.
                return Some(false);
            }
            if numbers.len() > MOST_STATES {
                return None;
            }
        }
        let mut completes = vec![false; before.len()];
        while let Some(number) = complete.pop() {
            if !std::mem::replace(&mut completes[number], true) {
                complete.extend(&before[number]);
            }
        }
        Some(completes.contains(&false))
    }

    fn after(&mut self, state: &State) -> Vec<State> {
        let State::Running(token, rest) = state else {
            return Vec::new();
        };
        let mut states = Vec::new();
        if let Some(token) = token {
            for step in self.moves(token, &[]) {
                states.push(match step {
                    Move::Become(token, left) => {
                        let rest = rest.iter().cloned().chain(left).collect();
                        State::Running(Some(token), rest)
                    }
                    Move::Arrive(_) => unreachable!("a join outside every scope passes on"),
                    Move::End => State::Running(None, rest.clone()),
                    Move::Stop => State::Stopped,
                });
            }
        }
        for late in rest {
            let mut others = rest.clone();
            others.remove(late);
            for step in self.moves(&late.1, &[late.0]) {
                states.push(match step {
                    Move::Become(token, left) => {
                        others.insert((late.0, token));
                        let state = State::Running(
                            token_of(state),
                            others.iter().cloned().chain(left).collect(),
                        );
                        others = rest.clone();
                        others.remove(late);
                        state
                    }
                    Move::Arrive(_) | Move::End => State::Running(token_of(state), others.clone()),
                    Move::Stop => State::Stopped,
                });
            }
        }
        states
    }

    /// What a token may do that is in the scopes of these splits, the innermost last.
    fn moves(&mut self, token: &Token, inside: &[usize]) -> Vec<Move> {
        let to = |node| Move::Become(Token::At(node), Vec::new());
        match token {
            Token::Scope(scope) => self.scope_moves(scope, inside),
            Token::At(node) => {
                self.visited.insert(*node);
                match &self.net.0[*node] {
                    Place::End => vec![Move::End],
                    Place::Stop => vec![Move::Stop],
                    Place::Task(next) => vec![to(*next)],
                    Place::If(then, otherwise) => vec![to(*then), to(*otherwise)],
                    Place::Join(.., next) => match inside.last() {
                        None => vec![to(*next)],
                        Some(split) => {
                            self.closes.insert((*split, *node));
                            vec![Move::Arrive(*node)]
                        }
                    },
                    Place::Split(branches) => {
                        if inside.contains(node) {
                            self.nested.insert(*node);
                            return Vec::new();
                        }
                        opened(branches)
                            .into_iter()
                            .map(|live| {
                                let scope = Scope {
                                    split: *node,
                                    opened: live.len(),
                                    arrived: BTreeMap::new(),
                                    live,
                                };
                                Move::Become(Token::Scope(scope), Vec::new())
                            })
                            .collect()
                    }
                }
            }
        }
    }

    fn scope_moves(&mut self, scope: &Scope, inside: &[usize]) -> Vec<Move> {
        let mut within = inside.to_vec();
        within.push(scope.split);
        let mut moves = Vec::new();
        for (index, token) in scope.live.iter().enumerate() {
            let mut others = scope.clone();
            others.live.remove(index);
            for step in self.moves(token, &within) {
                let mut scope = others.clone();
                let mut left = Vec::new();
                match step {
                    Move::Arrive(join) => {
                        let arrived = scope.arrived.entry(join).or_default();
                        *arrived += 1;
                        let most = self.most.entry(join).or_default();
                        *most = (*most).max(*arrived);
                    }
                    Move::Become(token, late) => {
                        scope.live.push(token);
                        scope.live.sort_unstable();
                        left = late;
                    }
                    Move::End => {}
                    Move::Stop => {
                        moves.push(Move::Stop);
                        continue;
                    }
                }
                moves.push(Move::Become(Token::Scope(scope), left));
            }
        }
        for (join, arrived) in &scope.arrived {
            moves.extend(self.fire(scope, *join, *arrived));
        }
        if scope.live.is_empty() && scope.arrived.is_empty() {
            moves.push(Move::End);
        }
        moves
    }

    fn fire(&mut self, scope: &Scope, join: usize, arrived: usize) -> Option<Move> {
        let Place::Join(need, late, next) = &self.net.0[join] else {
            return None;
        };
        let enough = match need {
            Need::All => false,
            Need::Any => true,
            Need::Count(n) => arrived >= *n as usize,
            Need::Percent(p) => arrived * 100 >= usize::from(*p) * scope.opened,
        };
        if !enough && !scope.live.is_empty() {
            return None;
        }
        self.fired.insert(join);
        let left = match late {
            Late::Absorb => scope
                .live
                .iter()
                .map(|token| (scope.split, token.clone()))
                .collect(),
            Late::Cancel => Vec::new(),
        };
        Some(Move::Become(Token::At(*next), left))
    }
}

fn token_of(state: &State) -> Option<Token> {
    match state {
        State::Running(token, _) => token.clone(),
        State::Stopped => None,
    }
}

/// Every choice of branches, at least one.
fn opened(branches: &[(usize, Taken)]) -> Vec<Vec<Token>> {
    let mut choices: Vec<Vec<Token>> = vec![Vec::new()];
    for (to, taken) in branches {
        let times = match taken {
            Taken::Always => 1..=1,
            Taken::Each => 0..=MOST_ITEMS,
            Taken::When => 0..=1,
        };
        choices = choices
            .iter()
            .flat_map(|choice| {
                times.clone().map(move |times| {
                    let mut choice = choice.clone();
                    choice.extend(std::iter::repeat_n(Token::At(*to), times));
                    choice.sort_unstable();
                    choice
                })
            })
            .collect();
    }
    choices.retain(|choice| !choice.is_empty());
    choices
}

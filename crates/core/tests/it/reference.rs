//! A naive interpreter of flows, written from `docs/flows.md` alone: it keeps a set of tokens, counts
//! by walking all of them, and knows nothing of events, rows or partial loading.
//!
//! It runs a part of the language: tasks, functions, `set`, choices, splits and joins, `first`, ends,
//! timeouts, and what operators do to one visit.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use signoff_core::refusal::RefusalCode as Code;

use crate::pieces::{Kind, Need, Plan};

/// A visit, numbered in the order of all of them.
pub(crate) type Visit = usize;
type Scope = usize;

/// A token that stands somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) node: String,
    scope: Option<Scope>,
    race: Option<Visit>,
    pub(crate) failed: bool,
    alarms: Vec<(Timestamp, usize)>,
}

/// What holds branches together.
#[derive(Clone, Debug)]
struct Bracket {
    /// The node that opened it.
    by: String,
    parent: Option<Scope>,
    side: bool,
    fired: bool,
    arrived: BTreeMap<String, usize>,
}

/// What is still to be done in this command.
#[derive(Clone, Debug)]
enum Move {
    Call(Visit),
    Enter {
        to: String,
        scope: Option<Scope>,
        race: Option<Visit>,
    },
    Fire(Scope, String),
}

/// What somebody does.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Cancel(Option<Visit>),
    Complete(Option<Visit>, Option<Value>),
    Retry(Option<Visit>),
    Revive(Option<Visit>),
    Ring(Option<Visit>),
    Skip(Option<Visit>),
}

/// Where an instance stands.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    plan: Plan,
    pub(crate) now: Timestamp,
    pub(crate) status: &'static str,
    pub(crate) data: Map<String, Value>,
    pub(crate) tokens: BTreeMap<Visit, Token>,
    pub(crate) parked: BTreeMap<Visit, (String, Option<Scope>)>,
    brackets: BTreeMap<Scope, Bracket>,
    /// The nodes that offered their token on several.
    firsts: BTreeMap<Visit, String>,
    moves: Vec<Move>,
    /// Whether somebody called, so that a failure refuses.
    called: bool,
    visits: usize,
    scopes: usize,
    /// Nodes entered (`+`) and completed (`-`) by the last command, in order.
    pub(crate) trace: Vec<String>,
    /// How visits ended otherwise.
    pub(crate) ends: Vec<String>,
}

type Done = Result<(), Code>;

impl Reference {
    pub(crate) fn new(plan: Plan, now: Timestamp, data: Map<String, Value>) -> Self {
        Self {
            plan,
            now,
            status: "running",
            data,
            tokens: BTreeMap::new(),
            parked: BTreeMap::new(),
            brackets: BTreeMap::new(),
            firsts: BTreeMap::new(),
            moves: Vec::new(),
            called: true,
            visits: 0,
            scopes: 0,
            trace: Vec::new(),
            ends: Vec::new(),
        }
    }

    pub(crate) fn start(&mut self, who: &str) -> Done {
        self.called = who != "engine";
        self.go_to(self.plan.first.clone(), None);
        self.settle()
    }

    /// Does it whole or not at all.
    pub(crate) fn act(&mut self, who: &str, deed: &Deed) -> Done {
        let mut next = self.clone();
        next.trace.clear();
        next.ends.clear();
        next.called = who != "engine";
        next.allowed(who, deed)?;
        next.perform(deed)?;
        next.settle()?;
        *self = next;
        Ok(())
    }

    /// Everything that refuses before anything moves, in the order of refusals.
    fn allowed(&self, who: &str, deed: &Deed) -> Done {
        let refused = |when: bool, code: Code| if when { Err(code) } else { Ok(()) };
        let lives = |visit: &Option<Visit>| visit.and_then(|visit| self.tokens.get(&visit));
        let manages = ["root", "host", "engine"].contains(&who);
        refused(self.status != "running", Code::NotRunning)?;
        match deed {
            Deed::Complete(visit, form) => {
                let token = lives(visit).ok_or(Code::NotOpen)?;
                let Kind::Task { form: has } = &self.plan.nodes[&token.node].kind else {
                    return Err(Code::NotOpen);
                };
                refused(who == "eve", Code::NotPermitted)?;
                match (has, form) {
                    (false, Some(_)) => Err(Code::FormNotAllowed),
                    (true, None) => Err(Code::FormRequired),
                    (true, Some(form)) if !form["n"].is_string() => Err(Code::FormInvalid),
                    _ => Ok(()),
                }
            }
            Deed::Cancel(visit) => {
                refused(!manages, Code::NotPermitted)?;
                lives(visit).map(|_| ()).ok_or(Code::NotCancellable)
            }
            Deed::Skip(visit) => {
                refused(!manages, Code::NotPermitted)?;
                let token = lives(visit).ok_or(Code::NotSkippable)?;
                let stuck = self.plan.nodes[&token.node].next.is_none();
                refused(stuck, Code::NotSkippable)
            }
            Deed::Retry(visit) | Deed::Revive(visit) => {
                refused(!manages, Code::NotPermitted)?;
                let failed = lives(visit).is_some_and(|token| token.failed);
                let parked = visit.is_some_and(|visit| self.parked.contains_key(&visit));
                let may = failed || (parked && matches!(deed, Deed::Revive(_)));
                refused(!may, Code::NotRevivable)
            }
            Deed::Ring(visit) => {
                let token = lives(visit).ok_or(Code::NotOpen)?;
                refused(!["host", "engine"].contains(&who), Code::NotPermitted)?;
                let due = token.alarms.first().is_some_and(|(at, _)| *at <= self.now);
                refused(!due, Code::NotOpen)
            }
        }
    }

    fn perform(&mut self, deed: &Deed) -> Done {
        match deed {
            Deed::Complete(Some(visit), form) => {
                if let Some(form) = form {
                    self.data.insert("n".to_owned(), form["n"].clone());
                }
                self.leave(*visit);
            }
            Deed::Cancel(Some(visit)) => {
                let token = self.withdraw(*visit);
                let shared = token
                    .race
                    .is_some_and(|race| self.tokens.values().any(|other| other.race == Some(race)));
                if !shared {
                    self.parked.insert(*visit, (token.node, token.scope));
                }
            }
            Deed::Skip(Some(visit)) => {
                self.win(*visit);
                let token = self.tokens.remove(visit).unwrap();
                self.ends.push(format!("skipped {}", token.node));
                let next = self.plan.nodes[&token.node].next.clone();
                self.go_to(next.unwrap(), token.scope);
            }
            Deed::Retry(Some(visit)) | Deed::Revive(Some(visit)) => {
                let (to, scope) = match self.tokens.remove(visit) {
                    Some(token) => {
                        self.ends.push(format!("revived {}", token.node));
                        (token.node, token.scope)
                    }
                    None => self.parked.remove(visit).unwrap(),
                };
                self.go_to(to, scope);
            }
            Deed::Ring(Some(visit)) => self.ring(*visit),
            _ => {}
        }
        Ok(())
    }

    fn ring(&mut self, visit: Visit) {
        let alarms = &mut self.tokens.get_mut(&visit).unwrap().alarms;
        let (_, index) = alarms.remove(0);
        let token = self.tokens[&visit].clone();
        let timeout = self.plan.nodes[&token.node].timeouts[index].clone();
        let scope = token.scope;
        if timeout.interrupting {
            self.win(visit);
            self.withdraw(visit);
            self.go_to(timeout.to, scope);
        } else {
            let side = self.open(&token.node, None, true);
            self.go_to(timeout.to, Some(side));
        }
    }

    fn go_to(&mut self, to: String, scope: Option<Scope>) {
        let race = None;
        self.moves.push(Move::Enter { to, scope, race });
    }

    fn open(&mut self, by: &str, parent: Option<Scope>, side: bool) -> Scope {
        self.scopes += 1;
        let bracket = Bracket {
            by: by.to_owned(),
            parent,
            side,
            fired: false,
            arrived: BTreeMap::new(),
        };
        self.brackets.insert(self.scopes, bracket);
        self.scopes
    }

    fn close(&mut self, scope: Scope) {
        self.brackets.remove(&scope);
        self.parked.retain(|_, (_, at)| *at != Some(scope));
    }

    fn withdraw(&mut self, visit: Visit) -> Token {
        let token = self.tokens.remove(&visit).unwrap();
        self.ends.push(format!("cancelled {}", token.node));
        token
    }

    /// The others on which its token was offered are withdrawn.
    fn win(&mut self, visit: Visit) {
        let race = self.tokens[&visit].race;
        let others: Vec<Visit> = self
            .tokens
            .iter()
            .filter(|(other, token)| race.is_some() && token.race == race && **other != visit)
            .map(|(other, _)| *other)
            .collect();
        for other in others {
            self.withdraw(other);
        }
    }

    fn complete(&mut self, visit: Visit) -> Token {
        self.win(visit);
        let token = self.tokens.remove(&visit).unwrap();
        self.trace.push(format!("-{}", token.node));
        token
    }

    /// Completes it, and its token goes to what comes next.
    fn leave(&mut self, visit: Visit) {
        let token = self.complete(visit);
        if let Some(next) = self.plan.nodes[&token.node].next.clone() {
            self.go_to(next, token.scope);
        }
    }

    /// Runs whatever can run, wave by wave; joins when nothing else can.
    fn settle(&mut self) -> Done {
        loop {
            for step in std::mem::take(&mut self.moves) {
                match step {
                    Move::Enter { to, scope, race } => self.enter(&to, scope, race)?,
                    Move::Call(visit) => self.call(visit)?,
                    Move::Fire(scope, join) => self.fire(scope, &join),
                }
                if self.status != "running" {
                    self.moves.clear();
                    return Ok(());
                }
            }
            if self.moves.is_empty() {
                self.look();
            }
            if self.moves.is_empty() {
                break;
            }
        }
        let outside = self.parked.values().any(|(_, scope)| scope.is_none());
        if self.tokens.is_empty() && self.brackets.is_empty() && !outside {
            self.status = "completed";
        }
        Ok(())
    }

    fn enter(&mut self, to: &str, scope: Option<Scope>, race: Option<Visit>) -> Done {
        if let Some(scope) = scope
            && !self.brackets.contains_key(&scope)
        {
            return Ok(());
        }
        let node = self.plan.nodes[to].clone();
        if let (Kind::Join(..), Some(scope)) = (&node.kind, scope) {
            let arrived = &mut self.brackets.get_mut(&scope).unwrap().arrived;
            *arrived.entry(to.to_owned()).or_default() += 1;
            return Ok(());
        }
        let visit = self.stand(to, scope, race);
        match &node.kind {
            Kind::Task { .. } => {
                let alarms = node.timeouts.iter().enumerate();
                let now = self.now;
                let alarms = alarms.map(|(index, timeout)| {
                    let after = jiff::SignedDuration::from_hours(timeout.hours);
                    (now.checked_add(after).unwrap(), index)
                });
                let mut alarms: Vec<_> = alarms.collect();
                alarms.sort();
                self.tokens.get_mut(&visit).unwrap().alarms = alarms;
            }
            // A function is called once all of its wave have come.
            Kind::Function { .. } => self.moves.push(Move::Call(visit)),
            Kind::Set => {
                self.data.insert(to.to_owned(), json!("set"));
                self.leave(visit);
            }
            Kind::If(cases, default) => {
                let case = cases
                    .iter()
                    .find(|(condition, _)| condition.holds(&self.data));
                let Some(to) = case.map(|(_, to)| to).or(default.as_ref()) else {
                    return self.fail(visit);
                };
                self.complete(visit);
                self.go_to(to.clone(), scope);
            }
            Kind::Split(branches) => {
                let taken = branches
                    .iter()
                    .filter(|branch| branch.when.holds(&self.data));
                let items = self.data["lines"].as_array().unwrap().len();
                let ways: Vec<String> = taken
                    .flat_map(|branch| {
                        let times = if branch.each { items } else { 1 };
                        std::iter::repeat_n(branch.to.clone(), times)
                    })
                    .collect();
                if ways.is_empty() {
                    return self.fail(visit);
                }
                let inside = self.open(to, scope, false);
                self.complete(visit);
                for way in ways {
                    self.go_to(way, Some(inside));
                }
            }
            Kind::First(nodes) => {
                self.firsts.insert(visit, to.to_owned());
                self.complete(visit);
                for to in nodes.clone() {
                    let race = Some(visit);
                    self.moves.push(Move::Enter { to, scope, race });
                }
            }
            Kind::Terminate => {
                self.complete(visit);
                for visit in self.tokens.keys().copied().collect::<Vec<_>>() {
                    self.withdraw(visit);
                }
                self.brackets.clear();
                self.parked.clear();
                self.status = "completed";
            }
            Kind::End | Kind::Join(..) => self.leave(visit),
        }
        Ok(())
    }

    fn stand(&mut self, node: &str, scope: Option<Scope>, race: Option<Visit>) -> Visit {
        let visit = self.visits;
        self.visits += 1;
        self.trace.push(format!("+{node}"));
        let token = Token {
            node: node.to_owned(),
            scope,
            race,
            failed: false,
            alarms: Vec::new(),
        };
        self.tokens.insert(visit, token);
        visit
    }

    fn call(&mut self, visit: Visit) -> Done {
        let Some(token) = self.tokens.get(&visit) else {
            return Ok(());
        };
        let node = token.node.clone();
        match self.plan.nodes[&node].kind {
            Kind::Function { broken: true } => self.fail(visit),
            _ => {
                self.data.insert(node, json!(1));
                self.leave(visit);
                Ok(())
            }
        }
    }

    fn fail(&mut self, visit: Visit) -> Done {
        let token = self.tokens.get_mut(&visit).unwrap();
        let (node, scope) = (token.node.clone(), token.scope);
        if let Some(to) = self.plan.nodes[&node].on_error.clone() {
            self.win(visit);
            self.tokens.remove(&visit);
            self.ends.push(format!("caught {node}"));
            self.go_to(to, scope);
            return Ok(());
        }
        if self.called {
            return Err(Code::NodeFailed);
        }
        token.failed = true;
        self.ends.push(format!("failed {node}"));
        Ok(())
    }

    /// The tokens that stand in a scope or are on their way in it, by the nodes that they are on; a
    /// scope inside counts as one, and so do those who race.
    fn live(&self, scope: Scope) -> Vec<&str> {
        let here = self.tokens.iter();
        let here = here.filter(|(_, token)| token.scope == Some(scope));
        let standing: BTreeMap<Visit, &str> = here
            .map(|(visit, token)| match token.race {
                Some(race) => (race, self.firsts[&race].as_str()),
                None => (*visit, token.node.as_str()),
            })
            .collect();
        let moving = self.moves.iter().filter_map(|step| match step {
            Move::Enter { to, scope: at, .. } if *at == Some(scope) => Some(to.as_str()),
            _ => None,
        });
        let inside = self
            .brackets
            .values()
            .filter(|bracket| bracket.parent == Some(scope) && !bracket.side && !bracket.fired);
        let inside = inside.map(|bracket| bracket.by.as_str());
        standing.into_values().chain(moving).chain(inside).collect()
    }

    /// Whether some way leads from the node to a join, itself included.
    fn leads_to_join(&self, node: &str) -> bool {
        let mut open = vec![node.to_owned()];
        let mut seen = BTreeSet::new();
        while let Some(at) = open.pop() {
            if !seen.insert(at.clone()) {
                continue;
            }
            let planned = &self.plan.nodes[&at];
            match &planned.kind {
                Kind::Join(..) => return true,
                Kind::First(nodes) => open.extend(nodes.clone()),
                Kind::If(cases, default) => {
                    open.extend(cases.iter().map(|(_, to)| to.clone()));
                    open.extend(default.clone());
                }
                Kind::Split(branches) => open.extend(branches.iter().map(|way| way.to.clone())),
                Kind::End
                | Kind::Function { .. }
                | Kind::Set
                | Kind::Task { .. }
                | Kind::Terminate => {}
            }
            open.extend(planned.next.clone());
            open.extend(planned.on_error.clone());
            open.extend(planned.timeouts.iter().map(|late| late.to.clone()));
        }
        false
    }

    /// Looks at every scope, the newest first.
    fn look(&mut self) {
        for scope in self.brackets.keys().rev().copied().collect::<Vec<_>>() {
            let tokens = self.live(scope);
            // What cannot arrive any more is not waited for.
            let awaited = tokens.iter().any(|node| self.leads_to_join(node));
            let live = tokens.len();
            let bracket = &self.brackets[&scope];
            let parked = self.parked.values().any(|(_, at)| *at == Some(scope));
            if bracket.side || bracket.fired {
                if live == 0 && !(bracket.side && parked) {
                    self.close(scope);
                }
                continue;
            }
            let met = bracket.arrived.iter().find(|(join, arrived)| {
                !awaited
                    || match self.plan.nodes[*join].kind {
                        Kind::Join(Need::Any, _) => true,
                        Kind::Join(Need::Count(n), _) => **arrived >= n,
                        _ => false,
                    }
            });
            if let Some((join, _)) = met {
                self.moves.push(Move::Fire(scope, join.clone()));
            } else if live == 0 && !parked {
                self.close(scope);
            }
        }
    }

    fn fire(&mut self, scope: Scope, join: &str) {
        let Some(parent) = self.brackets.get(&scope).map(|bracket| bracket.parent) else {
            return;
        };
        let absorbs = matches!(
            self.plan.nodes[join].kind,
            Kind::Join(_, true) | Kind::Join(Need::All, _)
        );
        if self.live(scope).is_empty() {
            self.close(scope);
        } else if absorbs {
            self.brackets.get_mut(&scope).unwrap().fired = true;
        } else {
            self.withdraw_scope(scope);
        }
        let visit = self.stand(join, parent, None);
        self.leave(visit);
    }

    /// A scope goes with everything inside.
    fn withdraw_scope(&mut self, scope: Scope) {
        let gone: Vec<Scope> = self
            .brackets
            .keys()
            .copied()
            .filter(|at| self.around(*at).contains(&scope))
            .collect();
        let lost = self.tokens.iter();
        let lost = lost.filter(|(_, token)| token.scope.is_some_and(|at| gone.contains(&at)));
        for visit in lost.map(|(visit, _)| *visit).collect::<Vec<_>>() {
            self.withdraw(visit);
        }
        for scope in gone {
            self.close(scope);
        }
    }

    /// A scope and those around it that are open, the innermost first.
    fn around(&self, scope: Scope) -> Vec<Scope> {
        let mut around = Vec::new();
        let mut next = Some(scope);
        while let Some((at, bracket)) = next.and_then(|at| Some((at, self.brackets.get(&at)?))) {
            around.push(at);
            next = bracket.parent;
        }
        around
    }

    /// How many scopes are around a token.
    pub(crate) fn depth(&self, token: &Token) -> usize {
        token.scope.map_or(0, |scope| self.around(scope).len())
    }
}

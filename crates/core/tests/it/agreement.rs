//! The machine and the naive reference agree after every command of random runs of random flows.

use std::{collections::BTreeSet, sync::Arc};

use jiff::SignedDuration;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};
use signoff_core::{
    command::{Answer, Command, Place, TaskRef},
    event::Event,
    id::{ActivationId, TaskId},
    instance::{ActivationState, Instance},
    refusal::RefusalCode as Code,
};

use crate::{
    pieces::{Piece, Plan, pieces},
    reference::{Deed, Reference, Visit},
    world::World,
};

const PEOPLE: &str = "ann; rita; eve; root*";

/// What somebody tries.
#[derive(Clone, Debug)]
struct Try {
    verb: u8,
    pick: u16,
    who: u8,
    flaw: u8,
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one =
        (0..20_u8, any::<u16>(), 0..16_u8, 0..16_u8).prop_map(|(verb, pick, who, flaw)| Try {
            verb,
            pick,
            who,
            flaw,
        });
    prop::collection::vec(one, 0..16)
}

/// Both, side by side.
#[derive(Debug)]
struct Pair {
    world: World,
    reference: Reference,
    /// What the machine calls the visits of the reference.
    visits: Vec<ActivationId>,
}

impl Pair {
    /// Both started; `None` when both refused it.
    fn start(pieces: &[Piece], data: &Value, who: &str) -> Option<Self> {
        let plan = Plan::of(pieces);
        let mut world = World::new(plan.graph(), PEOPLE).function("broken", Err("no"));
        world.ways = &[];
        let keys = plan.nodes.keys().filter(|key| key.starts_with("work"));
        for key in keys {
            world.functions.insert(key.clone(), Ok(json!(1)));
        }
        let fields = data.as_object().unwrap().clone();
        let mut reference = Reference::new(plan, world.now, fields);
        let expected = reference.start(who);
        let found = world.start(who, data.clone());
        assert_eq!(found.map(|_| ()), expected, "the start");
        expected.ok()?;
        let mut pair = Self {
            world,
            reference,
            visits: Vec::new(),
        };
        pair.agree();
        Some(pair)
    }

    /// Everything that both know of.
    #[track_caller]
    fn agree(&mut self) {
        let (trace, ends) = self.told();
        assert_eq!(
            trace, self.reference.trace,
            "entered and completed, in order"
        );
        let mut expected = self.reference.ends.clone();
        expected.sort();
        assert_eq!(ends, expected, "ended in other ways");
        let instance = self.world.instance.as_ref().unwrap();
        assert_eq!(instance.status().as_str(), self.reference.status);
        let data = Value::Object(self.reference.data.clone());
        assert_eq!(**instance.data(), data);
        let tokens = self.reference.tokens.iter().map(|(visit, token)| {
            let depth = self.reference.depth(token);
            (self.visits[*visit], token.node.clone(), depth, token.failed)
        });
        let standing = instance.activations().map(|found| {
            let failed = matches!(found.state, ActivationState::Failed(_));
            (
                found.id,
                found.node.to_string(),
                depth(instance, found.scope),
                failed,
            )
        });
        let mut tokens: Vec<_> = tokens.collect();
        tokens.sort();
        assert_eq!(standing.collect::<Vec<_>>(), tokens, "where the tokens are");
        let parked = self
            .reference
            .parked
            .keys()
            .map(|visit| self.visits[*visit]);
        let mut parked: Vec<_> = parked.collect();
        parked.sort();
        assert!(
            instance.parked().keys().copied().eq(parked),
            "what is parked"
        );
    }

    /// What the last command did by the machine's history; notes the names of new visits.
    fn told(&mut self) -> (Vec<String>, Vec<String>) {
        let (mut trace, mut ends) = (Vec::new(), Vec::new());
        for event in &self.world.history.last().unwrap().events {
            match event {
                Event::NodeEntered(entered) => {
                    self.visits.push(entered.activation);
                    trace.push(format!("+{}", entered.node));
                }
                Event::NodeCompleted { node, .. } => trace.push(format!("-{node}")),
                Event::NodeCancelled { node, .. } => ends.push(format!("cancelled {node}")),
                Event::NodeSkipped { node, .. } => ends.push(format!("skipped {node}")),
                Event::NodeRevived { node, .. } => ends.push(format!("revived {node}")),
                Event::NodeFailed { node, .. } => ends.push(format!("failed {node}")),
                Event::ErrorCaught { node, .. } => ends.push(format!("caught {node}")),
                _ => {}
            }
        }
        ends.sort();
        (trace, ends)
    }

    /// The visit that is meant: mostly one that fits, sometimes any ever, or none that exists.
    fn target(&self, attempt: &Try, fits: impl Fn(Visit) -> bool) -> Option<Visit> {
        let fitting: Vec<Visit> = (0..self.visits.len())
            .filter(|visit| fits(*visit))
            .collect();
        let any: Vec<Visit> = (0..self.visits.len()).collect();
        let from = match attempt.flaw {
            0 => return None,
            1 | 2 => &any,
            _ if fitting.is_empty() => &any,
            _ => &fitting,
        };
        let at = usize::from(attempt.pick).checked_rem(from.len())?;
        Some(from[at])
    }

    fn deed(&self, attempt: &Try) -> Deed {
        let lives = |visit| self.reference.tokens.contains_key(&visit);
        let parked = |visit| self.reference.parked.contains_key(&visit);
        let failed = |visit| {
            let token = self.reference.tokens.get(&visit);
            token.is_some_and(|token| token.failed)
        };
        match attempt.verb {
            0..=10 => {
                let visit = self.target(attempt, lives);
                let word = ["a", "b", "c"][usize::from(attempt.who % 3)];
                let open = visit.and_then(|visit| self.task(visit));
                let wanted = open.is_some_and(|task| self.wants_form(task));
                let form = match attempt.flaw {
                    3 => (!wanted).then(|| json!({"n": word})),
                    4 => Some(json!({"n": 5})),
                    _ => wanted.then(|| json!({"n": word})),
                };
                Deed::Complete(visit, form)
            }
            11 | 12 => Deed::Cancel(self.target(attempt, lives)),
            13 => Deed::Skip(self.target(attempt, lives)),
            14 | 15 => Deed::Revive(self.target(attempt, |visit| parked(visit) || failed(visit))),
            16 => Deed::Retry(self.target(attempt, failed)),
            _ => Deed::Ring(self.target(attempt, lives)),
        }
    }

    /// The task that was opened for a visit.
    fn task(&self, visit: Visit) -> Option<TaskRef> {
        let activation = self.visits[visit];
        let tasks = self.world.tasks_ever("*");
        tasks.into_iter().find(|task| task.activation == activation)
    }

    fn wants_form(&self, task: TaskRef) -> bool {
        let instance = self.world.instance.as_ref().unwrap();
        let node = instance.activation(task.activation);
        let node = node.and_then(|found| self.world.graph.node(&found.node));
        node.is_some_and(|node| match &node.kind {
            signoff_core::graph::NodeKind::Task(task) => task.entry.form.is_some(),
            _ => false,
        })
    }

    fn command(&self, deed: &Deed) -> Command {
        let nobody = || uuid::Uuid::from_u128(7);
        let id = |visit: &Option<Visit>| match visit {
            Some(visit) => self.visits[*visit],
            None => ActivationId::new(nobody()),
        };
        let place = |visit| Place::Activation(id(visit));
        let why = || "why".to_owned();
        match deed {
            Deed::Cancel(visit) => Command::CancelTask(place(visit), Some(why())),
            Deed::Complete(visit, form) => {
                let task = visit.and_then(|visit| self.task(visit));
                let task = task.unwrap_or_else(|| TaskRef {
                    task: TaskId::new(nobody()),
                    activation: id(visit),
                    entry: 0,
                });
                let form = form.clone().map(Arc::new);
                let answer = Answer {
                    form,
                    ..Answer::default()
                };
                Command::Complete(task, answer)
            }
            Deed::Retry(visit) => Command::Retry(place(visit)),
            Deed::Revive(visit) => Command::Revive(place(visit)),
            Deed::Ring(visit) => Command::Ring(id(visit)),
            Deed::Skip(visit) => Command::Skip(place(visit), why()),
        }
    }

    /// Does it with both.
    fn step(&mut self, attempt: &Try) -> Option<Code> {
        if attempt.verb == 19 || attempt.verb == 18 {
            let hours = SignedDuration::from_hours(i64::from(attempt.pick % 6));
            self.world.now = self.world.now.checked_add(hours).unwrap();
            self.reference.now = self.world.now;
        }
        let deed = self.deed(attempt);
        let who = who(&deed, attempt);
        let command = self.command(&deed);
        let expected = self.reference.act(who, &deed);
        let found = self.world.run(who, command);
        assert_eq!(found.map(|_| ()), expected, "{deed:?} by {who}");
        if expected.is_ok() {
            self.agree();
        }
        expected.err()
    }
}

/// Who acts: mostly somebody who may.
fn who(deed: &Deed, attempt: &Try) -> &'static str {
    let able: &[&str] = match deed {
        Deed::Complete(..) => &["rita", "rita", "rita", "root", "host", "engine"],
        Deed::Ring(_) => &["engine", "engine", "host"],
        _ => &["root", "host", "engine"],
    };
    let all = ["rita", "eve", "root", "host", "engine"];
    match attempt.who {
        0 | 1 => all[usize::from(attempt.pick) % all.len()],
        who => able[usize::from(who) % able.len()],
    }
}

fn depth(instance: &Instance, scope: Option<signoff_core::id::ScopeId>) -> usize {
    let around = std::iter::successors(scope.and_then(|id| instance.scopes().get(&id)), |scope| {
        scope.parent.and_then(|id| instance.scopes().get(&id))
    });
    around.count()
}

fn data() -> impl Strategy<Value = Value> {
    let n = prop::sample::select(vec!["a", "b", "c"]);
    (n, 0..3_usize).prop_map(|(n, items)| json!({"n": n, "lines": vec![1; items]}))
}

/// So many cases, or as many as `SIGNOFF_CASES` says.
pub(crate) fn cases(default: u32) -> ProptestConfig {
    let wanted = std::env::var_os("SIGNOFF_CASES");
    let wanted = wanted.and_then(|text| text.to_str()?.parse().ok());
    ProptestConfig::with_cases(wanted.unwrap_or(default))
}

fn play(pieces: &[Piece], data: &Value, tries: &[Try], starter: &str) -> Vec<Code> {
    let Some(mut pair) = Pair::start(pieces, data, starter) else {
        return vec![Code::NodeFailed];
    };
    let codes = tries.iter().filter_map(|attempt| pair.step(attempt));
    codes.collect()
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn the_machine_agrees_with_the_reference_when_people_start(
        pieces in pieces(), data in data(), tries in tries(),
    ) {
        play(&pieces, &data, &tries, "ann");
    }

    #[test]
    fn the_machine_agrees_with_the_reference_when_the_engine_starts(
        pieces in pieces(), data in data(), tries in tries(),
    ) {
        play(&pieces, &data, &tries, "engine");
    }
}

/// Agreement says little about what never happens.
#[test]
fn runs_beside_the_reference_reach_what_it_knows() {
    let mut runner = TestRunner::deterministic();
    let strategy = (pieces(), data(), tries());
    let (mut events, mut codes, mut ended) = (BTreeSet::new(), BTreeSet::new(), 0);
    for round in 0..600 {
        let (pieces, data, tries) = strategy.new_tree(&mut runner).unwrap().current();
        let who = if round % 2 == 0 { "ann" } else { "engine" };
        let Some(mut pair) = Pair::start(&pieces, &data, who) else {
            continue;
        };
        codes.extend(tries.iter().filter_map(|attempt| pair.step(attempt)));
        events.extend(pair.world.events().map(Event::name));
        ended += usize::from(pair.reference.status == "completed");
    }
    let expected = [
        "branch_ended",
        "data_set",
        "decision_made",
        "error_caught",
        "function_returned",
        "incident_opened",
        "incident_resolved",
        "instance_completed",
        "join_arrived",
        "join_fired",
        "node_cancelled",
        "node_failed",
        "node_revived",
        "node_skipped",
        "race_opened",
        "race_won",
        "scope_closed",
        "scope_opened",
        "side_opened",
        "timer_fired",
        "timers_armed",
        "token_parked",
        "token_unparked",
    ];
    let unseen: Vec<&str> = expected
        .into_iter()
        .filter(|name| !events.contains(name))
        .collect();
    assert_eq!(unseen, [""; 0], "events that no run led to");
    let expected = [
        Code::FormInvalid,
        Code::FormNotAllowed,
        Code::FormRequired,
        Code::NodeFailed,
        Code::NotCancellable,
        Code::NotOpen,
        Code::NotPermitted,
        Code::NotRevivable,
        Code::NotRunning,
        Code::NotSkippable,
    ];
    let unseen: Vec<Code> = expected
        .into_iter()
        .filter(|code| !codes.contains(code))
        .collect();
    assert_eq!(unseen, [], "refusals that no run led to");
    assert!(
        (60..540).contains(&ended),
        "{ended} of 600 came to their end"
    );
}

//! Steps beside a naive oracle: random documents, and whatever random people try with them.
//!
//! The oracle knows nothing of tokens, visits and tasks: only a list of steps with flags, where the
//! instance stands, and the rules as people say them.

use proptest::prelude::*;
use serde_json::json;
use signoff_core::command::StatusChange;

use crate::{
    agreement::cases,
    documents::publish,
    steps_random::{No, Step, Way, document, steps},
    world::World,
};

const PEOPLE: &str = "ann; bob clerk; max boss; rita; eve chief; root*; off- clerk boss chief";
const WHO: [&str; 7] = ["ann", "bob", "max", "rita", "eve", "root", "off"];
const STATUSES: [&str; 6] = ["new", "busy", "done", "held", "gone", "nothing"];

#[derive(Clone, Debug)]
enum Try {
    Set(usize, Option<usize>, i64),
    Approve,
    Reject,
    Hold,
    Resume,
    Cancel,
}

fn tries() -> impl Strategy<Value = Vec<(usize, Try)>> {
    let set = (
        0..STATUSES.len(),
        prop::option::weighted(0.2, 0..5_usize),
        0..6_i64,
    );
    let done = (Just(2_usize), Just(None), 0..6_i64);
    let one = prop_oneof![
        4 => set.prop_map(|(status, to, n)| Try::Set(status, to, n)),
        6 => done.prop_map(|(status, to, n)| Try::Set(status, to, n)),
        4 => Just(Try::Approve),
        3 => Just(Try::Reject),
        2 => Just(Try::Hold),
        3 => Just(Try::Resume),
        1 => Just(Try::Cancel),
    ];
    prop::collection::vec((0..WHO.len(), one), 0..30)
}

/// Where the instance stands by the rules.
#[derive(Debug)]
struct Oracle {
    steps: Vec<Step>,
    step: usize,
    status: &'static str,
    before: Option<&'static str>,
    /// The approval that is waited for: of a way of the step, or of its end.
    asked: Option<Option<Way>>,
    state: &'static str,
}

type Answer = Result<(), &'static str>;

impl Oracle {
    fn enter(&mut self, step: usize, status: &'static str) {
        (self.step, self.status, self.before) = (step, status, None);
    }

    fn change(&mut self, status: &'static str) {
        if self.status != status {
            self.before = Some(self.status);
            self.status = status;
        }
    }

    fn runs(&self) -> Answer {
        match self.state {
            "running" => Ok(()),
            "on_hold" => Err("on_hold"),
            _ => Err("not_running"),
        }
    }

    fn manages(who: &str) -> bool {
        matches!(who, "eve" | "root")
    }

    /// Whether the person may work where the instance stands.
    fn acts(&self, who: &str) -> bool {
        match (&self.asked, self.steps[self.step].clerk) {
            _ if who == "off" => false,
            (Some(_), _) => matches!(who, "rita" | "root"),
            (None, true) => matches!(who, "bob" | "root"),
            (None, false) => true,
        }
    }

    fn permitted(&self, who: &str) -> Answer {
        match self.acts(who) || Self::manages(who) {
            true => Ok(()),
            false => Err("not_permitted"),
        }
    }

    fn act(&mut self, who: &str, attempt: &Try) -> Answer {
        match attempt {
            Try::Set(status, to, n) => self.set(who, STATUSES[*status], *to, *n),
            Try::Approve => self.decide(who, true),
            Try::Reject => self.decide(who, false),
            Try::Hold => {
                self.runs()?;
                self.permitted(who)?;
                if self.asked.is_none() {
                    if !self.steps[self.step].hold {
                        return Err("unknown_status");
                    }
                    self.change("held");
                }
                self.state = "on_hold";
                Ok(())
            }
            Try::Resume => {
                match self.state {
                    "on_hold" => self.permitted(who)?,
                    "running" => return Err("not_on_hold"),
                    _ => return Err("not_running"),
                }
                if self.asked.is_none() {
                    let back = self.before.unwrap_or("new");
                    self.change(back);
                }
                self.state = "running";
                Ok(())
            }
            Try::Cancel => {
                if !matches!(self.state, "running" | "on_hold") {
                    return Err("not_running");
                }
                if !Self::manages(who) {
                    return Err("not_permitted");
                }
                if self.asked.is_none() && self.steps[self.step].cancellation {
                    self.change("gone");
                }
                self.asked = None;
                self.state = "cancelled";
                Ok(())
            }
        }
    }

    fn set(&mut self, who: &str, status: &'static str, to: Option<usize>, n: i64) -> Answer {
        self.runs()?;
        if self.asked.is_some() {
            return Err("not_open");
        }
        self.permitted(who)?;
        if !matches!(status, "new" | "busy" | "done") {
            return Err("unknown_status");
        }
        let step = self.steps[self.step].clone();
        if status != "done" {
            return match to {
                Some(_) => Err("target_invalid"),
                None => {
                    self.change(status);
                    Ok(())
                }
            };
        }
        let mut ways: Vec<&Way> = step.ways.iter().collect();
        if let Some(to) = to {
            ways.retain(|way| way.to == to);
            if ways.is_empty() {
                return Err("target_invalid");
            }
        }
        if step.last {
            self.change(status);
            match step.approved {
                true => self.asked = Some(None),
                false => self.state = "completed",
            }
            return Ok(());
        }
        ways.sort_by_key(|way| -way.priority);
        ways.retain(|way| way.from.is_none_or(|from| from <= 5 && n >= from));
        let may = |way: &&&Way| !way.boss || who == "max" || Self::manages(who);
        match (ways.iter().find(may), ways.is_empty()) {
            (Some(way), _) => {
                self.change(status);
                match way.approved || step.approved {
                    true => self.asked = Some(Some(Way::clone(way))),
                    false => self.enter(way.to, "new"),
                }
                Ok(())
            }
            (None, false) => Err("not_permitted"),
            // Whoever names a step learns that its condition does not hold.
            (None, true) if to.is_some() => Err("target_invalid"),
            (None, true) => {
                self.change(status);
                Ok(())
            }
        }
    }

    fn decide(&mut self, who: &str, yes: bool) -> Answer {
        self.runs()?;
        let Some(asked) = self.asked.clone() else {
            return Err("not_open");
        };
        if !self.acts(who) {
            return Err("not_permitted");
        }
        self.asked = None;
        let no = asked.as_ref().map_or(No::Stay, |way| way.no);
        match (yes, asked, no) {
            (true, Some(way), _) => self.enter(way.to, "new"),
            (true, None, _) => self.state = "completed",
            (false, _, No::Stay) => self.enter(self.step, self.before.unwrap_or("new")),
            (false, _, No::Anew) => self.enter(self.step, "new"),
            (false, _, No::Move(to)) => self.enter(to, "new"),
            (false, _, No::Cancel) => self.state = "cancelled",
        }
        Ok(())
    }
}

/// What the machine does of it; `None` where nothing was ever asked.
fn machine(world: &mut World, oracle: &Oracle, who: &str, attempt: &Try) -> Option<Answer> {
    let step = format!("s{}", oracle.step);
    let told = match attempt {
        Try::Set(status, to, n) => {
            world.context = json!({ "n": n }).as_object().unwrap().clone();
            let change = StatusChange {
                status: STATUSES[*status].to_owned(),
                to: to.map(|to| format!("s{to}").as_str().into()),
                ..StatusChange::default()
            };
            world.change_status(who, &step, change)
        }
        Try::Approve | Try::Reject => {
            let opened = world.events().filter_map(|event| match event {
                signoff_core::event::Event::TaskOpened(opened) => Some(opened.node.to_string()),
                _ => None,
            });
            let gate = opened.filter(|node| node.contains("_to_") || node.contains("_approval"));
            let gate = gate.last()?;
            match attempt {
                Try::Approve => world.approve(who, &gate),
                _ => world.reject(who, &gate),
            }
        }
        Try::Hold => world.hold(who),
        Try::Resume => world.resume(who),
        Try::Cancel => world.cancel(who),
    };
    Some(told.map(|_| ()).map_err(|code| code.as_str()))
}

fn check(steps: &[Step], tries: &[(usize, Try)]) -> bool {
    let Ok(compiled) = publish(&document(steps)) else {
        return false;
    };
    let mut world = World::new(compiled.graph, PEOPLE);
    world.ways = &[];
    world.start("ann", json!({"n": 0})).unwrap();
    let mut oracle = Oracle {
        steps: steps.to_vec(),
        step: 0,
        status: "new",
        before: None,
        asked: None,
        state: "running",
    };
    for (who, attempt) in tries {
        let who = WHO[*who];
        let Some(found) = machine(&mut world, &oracle, who, attempt) else {
            continue;
        };
        let expected = oracle.act(who, attempt);
        assert_eq!(found, expected, "{attempt:?} by {who} at {oracle:?}");
        let instance = world.instance.as_ref().unwrap();
        assert_eq!(
            instance.status().as_str(),
            oracle.state,
            "{attempt:?} by {who}"
        );
        let (step, status) = instance.step().unwrap();
        let stands = format!("s{}", oracle.step);
        assert_eq!(
            (step.as_str(), status.key.as_str()),
            (stands.as_str(), oracle.status),
            "{attempt:?} by {who}"
        );
        let waits = instance.tasks().any(|task| task.node == *step);
        let open = matches!(oracle.state, "running" | "on_hold") && oracle.asked.is_none();
        assert_eq!(waits, open, "{attempt:?} by {who}");
    }
    true
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn steps_go_as_the_rules_say_whoever_tries_whatever(steps in steps(), tries in tries()) {
        prop_assume!(check(&steps, &tries));
    }
}

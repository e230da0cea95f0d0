//! The table of `docs/matrix.md`: who may do what in which state. Every cell of it is tried.
//!
//! `SIGNOFF_WRITE=1 cargo test -p signoff-core --test it matrix` writes the table anew, to be read
//! before it is kept.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::PathBuf, sync::Arc};

use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use signoff_core::{
    command::{Answer, Command, Force, HandOver, Place, Return, StatusChange, TaskRef},
    graph::{EntrySpec, Node},
    id::{ActivationId, TaskId},
    machine::TRANSITIONS,
    principal::Principal,
    refusal::RefusalCode as Code,
};
use uuid::Uuid;

use crate::{
    graphs::{approval, builder, form, role, row, task, user},
    steps::last_step,
    transitions::archive,
    world::{Outcome, WAYS, World},
};

const PAGE: &str = "docs/matrix.md";

/// Everybody who may try: what the table calls them, and who they are.
const ACTORS: &[(&str, &str)] = &[
    ("requester", "ann"),
    ("has it", "ben"),
    ("may take it", "cat"),
    ("manager", "max"),
    ("admin", "ada"),
    ("anybody else", "eve"),
    ("not active", "old"),
    ("host", "host"),
    ("engine", "engine"),
];

const PEOPLE: &str = "ann; ben lead >zoe; cat lead >zoe; max chief; ada* >zoe; eve; old- lead; zoe";

/// What a state of the table is called, and how it comes to that from an offered task.
type State = (&'static str, fn(&mut World));

/// How the task or its instance stands.
const STATES: &[State] = &[
    ("not begun", |_| ()),
    ("offered", |_| ()),
    ("assigned", taken),
    ("in progress", |world| {
        taken(world);
        world.on_task("ben", "a", Command::StartWork).unwrap();
    }),
    ("snoozed", |world| {
        taken(world);
        let until = later(world);
        let snooze = |task| Command::Snooze(task, Some(until));
        world.on_task("ben", "a", snooze).unwrap();
    }),
    ("suspended", |world| {
        taken(world);
        suspend(world);
    }),
    ("asking", |world| {
        taken(world);
        world.ask("ben", "a", Some("zoe")).unwrap();
    }),
    ("on hold", |world| {
        taken(world);
        world.hold("host").unwrap();
    }),
    ("task cancelled", |world| {
        taken(world);
        world.cancel_task("host", "a").unwrap();
    }),
    ("closed", |world| {
        taken(world);
        world.approve("ben", "a").unwrap();
    }),
    ("instance completed", |world| {
        taken(world);
        world.approve("ben", "a").unwrap();
        world.complete("zoe", "last").unwrap();
    }),
    ("instance rejected", |world| {
        taken(world);
        world.reject("ben", "a").unwrap();
    }),
    ("instance cancelled", |world| {
        taken(world);
        cancel(world);
    }),
];

/// Where a task is not decided as an approval is: done, asked, or a step that only ends.
const SIMPLE: &[State] = &[
    STATES[0],
    STATES[1],
    STATES[2],
    STATES[3],
    STATES[4],
    STATES[5],
    STATES[7],
    STATES[8],
    ("closed", |world| {
        taken(world);
        finish(world);
    }),
    STATES[12],
];

const UNDONE: State = ("closed, what followed cancelled", |world| {
    taken(world);
    world.approve("ben", "a").unwrap();
    world.cancel_task("host", "last").unwrap();
});

/// A question has an assignee from the beginning.
const ASKED: &[State] = &[
    ("assigned", |_| ()),
    ("suspended", suspend),
    ("on hold", |world| {
        world.hold("host").unwrap();
    }),
    ("closed", |world| {
        world.say("ben", "a").unwrap();
    }),
    ("instance cancelled", cancel),
];

fn taken(world: &mut World) {
    world.claim("ben", "a").unwrap();
}

fn suspend(world: &mut World) {
    let task = world.task("a", "ben");
    world.run("host", Command::Suspend(task, None)).unwrap();
}

fn cancel(world: &mut World) {
    let reason = "not needed".to_owned();
    let force = Force::Yes;
    world
        .run("host", Command::Cancel { reason, force })
        .unwrap();
}

fn finish(world: &mut World) {
    let task = world.task("a", "ben");
    let ended = [
        Command::Complete(task, Answer::default()),
        Command::SetStatus(task, done()),
    ];
    let ended = ended.map(|command| world.run("ben", command).is_ok());
    assert!(ended.contains(&true), "neither a task nor a step");
}

fn later(world: &World) -> jiff::Timestamp {
    let hour = SignedDuration::from_hours(1);
    world.now.checked_add(hour).unwrap()
}

fn done() -> StatusChange {
    StatusChange {
        status: "done".to_owned(),
        ..StatusChange::default()
    }
}

fn entry() -> EntrySpec {
    EntrySpec {
        form: form(""),
        ..role("lead")
    }
}

fn decided() -> Vec<Node> {
    row([approval("a", [entry()]), task("last", user("zoe"))])
}

/// A command with all that it may need, and the world where it is tried.
struct Line {
    about: fn() -> Vec<Node>,
    states: &'static [State],
    /// What has happened besides.
    before: fn(&mut World),
    command: fn(&World) -> Command,
}

const fn line(command: fn(&World) -> Command) -> Line {
    Line {
        about: decided,
        states: STATES,
        before: |_| (),
        command,
    }
}

/// The task of the table.
fn it(world: &World) -> TaskRef {
    // Before the instance begins there is none: any will do.
    world.tasks_ever("a").first().copied().unwrap_or(TaskRef {
        task: TaskId::new(Uuid::from_u128(1)),
        activation: ActivationId::new(Uuid::from_u128(2)),
        entry: 0,
    })
}

/// The question that was asked before the task is decided.
fn question(world: &World) -> TaskRef {
    *world.tasks_ever("a").last().unwrap()
}

fn to_eve() -> HandOver {
    HandOver {
        to: Some("eve".into()),
        reason: "she knows it".to_owned(),
    }
}

fn why() -> String {
    "why".to_owned()
}

fn at() -> Place {
    Place::Node("a".into())
}

fn no() -> Answer {
    Answer {
        reason: Some(why()),
        ..Answer::default()
    }
}

fn values() -> Map<String, Value> {
    json!({"n": 1}).as_object().unwrap().clone()
}

/// Every command that people give.
const LINES: &[Line] = &[
    line(|world| Command::Approve(it(world), Answer::default())),
    line(|world| Command::Reject(it(world), no())),
    line(|world| {
        let reason = why();
        Command::Resubmit(it(world), Return { to: None, reason })
    }),
    line(|world| Command::Return(it(world), why())),
    Line {
        about: || row([task("a", entry()), task("last", user("zoe"))]),
        states: SIMPLE,
        ..line(|world| Command::Complete(it(world), Answer::default()))
    },
    Line {
        about: || vec![last_step("a")],
        states: &[STATES[0], STATES[1], STATES[5], STATES[7], STATES[12]],
        ..line(|world| Command::SetStatus(it(world), done()))
    },
    Line {
        states: ASKED,
        before: |world| {
            world.claim("cat", "a").unwrap();
            world.ask("cat", "a", Some("ben")).unwrap();
        },
        ..line(|world| Command::Answer(question(world), why()))
    },
    line(|world| Command::Claim(it(world))),
    line(|world| Command::Release(it(world))),
    line(|world| Command::StartWork(it(world))),
    line(|world| Command::SaveDraft(it(world), Some(Arc::new(json!({}))))),
    line(|world| Command::RequestInfo(it(world), to_eve())),
    line(|world| Command::Delegate(it(world), to_eve())),
    line(|world| Command::Transfer(it(world), to_eve())),
    line(|world| Command::Assign(it(world), to_eve())),
    line(|world| Command::Escalate(it(world), why())),
    line(|world| Command::AddApprover(it(world), to_eve())),
    Line {
        before: |world| {
            world.add_approver("host", "a", "zoe").unwrap();
        },
        ..line(|world| {
            let to = Some("zoe".into());
            Command::RemoveApprover(it(world), HandOver { to, reason: why() })
        })
    },
    line(|world| Command::PersonLeft(it(world), "ben".into())),
    line(|world| Command::Snooze(it(world), Some(later(world)))),
    line(|world| Command::Unsnooze(it(world))),
    line(|world| Command::Suspend(it(world), None)),
    line(|world| Command::ResumeTask(it(world))),
    line(|_| Command::Begin),
    line(|_| Command::Hold(None)),
    line(|_| Command::Resume),
    line(|_| Command::Comment(None, why())),
    line(|_| Command::Withdraw { reason: why() }),
    line(|_| Command::Cancel {
        reason: why(),
        force: Force::No,
    }),
    line(|_| Command::Cancel {
        reason: why(),
        force: Force::Yes,
    }),
    line(|_| Command::SetData(values())),
    line(|_| Command::SetMetadata(values())),
    line(|_| Command::RunAction(archive())),
    line(|_| Command::CancelTask(at(), Some(why()))),
    line(|_| Command::Revive(at())),
    line(|_| Command::Skip(at(), why())),
    line(|_| {
        let to = Some("last".into());
        Command::Jump(Some(at()), Return { to, reason: why() })
    }),
    Line {
        states: &[
            STATES[0], STATES[1], STATES[2], STATES[7], STATES[8], STATES[9], UNDONE, STATES[10],
            STATES[11], STATES[12],
        ],
        ..line(|_| Command::Undo(at()))
    },
];

/// What is not a person's to give: tried in its own tests, with the states of a job, a child, a timer.
const ELSEWHERE: &[&str] = &[
    "add_branch",
    "child_raised",
    "deliver",
    "end_child",
    "finish_job",
    "follow_members",
    "migrate",
    "retry",
    "ring",
    "start",
    "wake",
];

impl Line {
    fn world(&self, state: &State) -> World {
        let managers = vec![Principal::Role("chief".into())];
        let graph = builder((self.about)()).managers(managers).build();
        let mut world = World::new(graph.unwrap(), PEOPLE);
        world.ways = &[];
        if state.0 == "not begun" {
            world.attach("ann").unwrap();
        } else {
            world.start("ann", json!({})).unwrap();
            (self.before)(&mut world);
            (state.1)(&mut world);
        }
        world
    }

    /// What the command becomes in a state, by each of the actors.
    fn row(&self, state: &State) -> Vec<Outcome> {
        let world = self.world(state);
        let try_as = |(_, who): &(&str, &str)| {
            let mut world = world.clone();
            world.ways = &WAYS[1..];
            let before = world.instance.clone();
            let outcome = world.run(who, (self.command)(&world));
            assert!(
                outcome.is_ok() || world.instance == before,
                "nothing is written"
            );
            outcome
        };
        ACTORS.iter().map(try_as).collect()
    }

    fn title(&self) -> String {
        let command = (self.command)(&self.world(&self.states[1]));
        match command {
            Command::Cancel {
                force: Force::Yes, ..
            } => "cancel, by force".to_owned(),
            _ => command.name().to_owned(),
        }
    }
}

fn shown(outcome: &Outcome) -> String {
    match outcome {
        Ok(_) => "yes".to_owned(),
        Err(code) => format!("[{code}](errors/{code}.md)"),
    }
}

fn page() -> String {
    let mut page = "\
# Who may do what\n\n\
<!-- Every cell is tried by `crates/core/tests/it/matrix.rs`, which also writes this page. -->\n\n\
What becomes of each command in each state, by who gives it: `yes`, or the code of the refusal, which\n\
writes nothing. Everything that a command may need is given: a reason, a target, a form.\n\n\
The task is one of an approval that two people of a role are asked for; it stands before another\n\
task. `complete`, `set_status` and `answer` are tried on a task, a step and a question.\n\
The document names managers; where it names none, the requester may cancel.\n\n\
| column | who |\n| --- | --- |\n\
| requester | who asked for it, and is not asked |\n\
| has it | who took the task, or may take it while nobody has |\n\
| may take it | another one who is asked |\n\
| manager | named by `managers` of the document |\n\
| admin | of the tenant |\n\
| anybody else | an active person who is neither asked nor named |\n\
| not active | somebody with the role, who is no longer active |\n\
| host, engine | no person |\n"
        .to_owned();
    for line in LINES {
        let heads: Vec<&str> = ACTORS.iter().map(|(title, _)| *title).collect();
        let rules = "| --- ".repeat(heads.len() + 1);
        let heads = heads.join(" | ");
        let _ = write!(page, "\n## {}\n\n| | {heads} |\n{rules}|\n", line.title());
        let mut rows: Vec<(String, Vec<&str>)> = Vec::new();
        for state in line.states {
            let cells: Vec<String> = line.row(state).iter().map(shown).collect();
            let cells = cells.join(" | ");
            match rows.iter_mut().find(|(known, _)| *known == cells) {
                Some((_, states)) => states.push(state.0),
                None => rows.push((cells, vec![state.0])),
            }
        }
        for (cells, states) in rows {
            let _ = writeln!(page, "| {} | {cells} |", states.join(", "));
        }
    }
    page
}

#[test]
fn every_cell_of_the_table_is_what_the_machine_does() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(PAGE);
    let page = page();
    if std::env::var_os("SIGNOFF_WRITE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    let differ = kept
        .lines()
        .zip(page.lines())
        .find(|(kept, now)| kept != now);
    assert_eq!(differ, None, "{PAGE}, and what is true now");
    assert_eq!(kept, page);
}

#[test]
fn every_command_is_in_the_table_or_tried_elsewhere() {
    let here = LINES.iter().map(|line| {
        let command = (line.command)(&line.world(&line.states[1]));
        command.name()
    });
    let known: BTreeSet<&str> = here.chain(ELSEWHERE.iter().copied()).collect();
    let every: BTreeSet<&str> = TRANSITIONS.iter().map(|row| row.command).collect();
    assert_eq!(known, every);
}

/// The refusals that say how things stand, whoever asks.
const STANDING: &[Code] = &[
    Code::NotRunning,
    Code::OnHold,
    Code::NotOnHold,
    Code::NotOpen,
];

#[test]
fn how_things_stand_is_told_before_what_somebody_may() {
    for line in LINES {
        for state in line.states {
            let row = line.row(state);
            let told = |outcome: &Outcome| {
                let code = outcome.as_ref().err();
                code.filter(|code| STANDING.contains(code)).copied()
            };
            let first = told(&row[0]);
            let same = row.iter().all(|outcome| told(outcome) == first);
            assert!(same, "{} while {}", line.title(), state.0);
        }
    }
}

/// What holds whatever the table says.
#[test]
fn strangers_change_nothing_and_what_is_over_stays_so() {
    for line in LINES {
        let title = line.title();
        for state in line.states {
            let row = line.row(state);
            let by = |name: &str| {
                let place = ACTORS.iter().position(|(title, _)| *title == name);
                row[place.unwrap()].is_ok()
            };
            let open_to_all = ["begin", "set_status"].contains(&title.as_str());
            assert!(!by("not active"), "{title} while {}", state.0);
            assert!(
                !by("anybody else") || open_to_all,
                "{title} while {}",
                state.0
            );
            let over = state.0.starts_with("instance");
            let again = ["jump", "undo"].contains(&title.as_str());
            let any = row.iter().any(Result::is_ok);
            assert!(!over || !any || again, "{title} while {}", state.0);
        }
    }
}

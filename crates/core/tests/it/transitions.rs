//! The table of transitions: it says what the commands say, and every row of it happens.

use std::{collections::BTreeSet, fs, path::PathBuf};

use jiff::SignedDuration;
use serde_json::json;
use signoff_core::{
    command::{Command, OneOff, Removed, TaskRef},
    graph::{
        ActionKind, ActionSpec, Behaviour, ChildMode, EntrySpec, Escalate, Need, Node, OnFailure,
        Retry, RunSpec, WhenDue, Who,
    },
    instance::ChildEnd,
    machine::{TRANSITIONS, Transition},
};

use crate::{
    flow_nodes::{PEOPLE, does},
    graphs::{
        approval, beside_after, each, form, graph, job, join, left_after, role, row, split, task,
        user,
    },
    kinds::{child, children, on_escalation, receive, split_each, subprocess, timer},
    operate::{done, failed},
    steps::{last_step, step},
    world::{Outcome, World, finished},
};

/// An action that nobody names.
pub(crate) fn archive() -> OneOff {
    OneOff::new(ActionSpec {
        kind: ActionKind::Run(RunSpec {
            name: "archive".to_owned(),
            with: None,
        }),
        when: None,
        order: 0,
        on_failure: OnFailure::Continue,
        retry: Retry::default(),
    })
}

/// The rows of the tables in the command files, in the order of the files.
fn documented() -> Vec<Vec<String>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/machine/commands");
    let files = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let table = text.lines().filter_map(|line| line.strip_prefix("//! | "));
        for line in table.skip(2) {
            let cells = line.trim_end_matches('|').split(" | ");
            rows.push(cells.map(|cell| cell.trim().to_owned()).collect());
        }
    }
    rows
}

#[test]
fn the_list_of_transitions_is_what_the_commands_say() {
    let listed: Vec<Vec<String>> = TRANSITIONS
        .iter()
        .map(|row| [row.command, row.from, row.guard, row.events, row.to])
        .map(|row| row.map(str::to_owned).to_vec())
        .collect();
    assert_eq!(listed, documented());
}

/// One command on a world that stands as its row says; the place is that of the row among those of
/// its command.
struct Case {
    command: &'static str,
    place: usize,
    run: fn() -> Outcome,
}

const fn case(command: &'static str, place: usize, run: fn() -> Outcome) -> Case {
    Case {
        command,
        place,
        run,
    }
}

fn started(nodes: impl IntoIterator<Item = Node>) -> World {
    World::started(graph(nodes), PEOPLE)
}

/// A split of `b` and the job `c`, joined.
fn branches() -> World {
    started([
        split("s", &["b", "c"]),
        does("b").next("j"),
        job("c").next("j"),
        join("j").next("last"),
        does("last"),
    ])
}

fn lines(mode: ChildMode) -> World {
    let nodes = row([subprocess("c", children("c", "[1, 2]", mode)), does("last")]);
    started(nodes)
}

/// Attached by the host, to begin later.
fn pending() -> World {
    let mut world = World::new(graph([does("a")]), PEOPLE);
    world.attach("host").unwrap();
    world
}

fn held(mut world: World) -> World {
    world.run("host", Command::Hold(None)).unwrap();
    world
}

fn suspend(task: TaskRef) -> Command {
    Command::Suspend(task, None)
}

fn snoozed(world: &mut World) -> Outcome {
    let until = world.now.checked_add(SignedDuration::from_hours(1)).ok();
    world.on_task("bob", "a", |task| Command::Snooze(task, until))
}

fn offered() -> World {
    started([task("a", role("clerk"))])
}

fn vote(entry: EntrySpec) -> World {
    started([approval("a", [entry])])
}

fn checked() -> World {
    vote(EntrySpec {
        behaviour: Behaviour::CheckInVerify,
        ..user("rita")
    })
}

fn escalating(to: Who) -> World {
    let escalate = Escalate {
        after: Some(SignedDuration::from_hours(1).into()),
        to,
        levels: 1,
    };
    started([task(
        "a",
        EntrySpec {
            escalate: Some(escalate),
            ..user("rita")
        },
    )])
}

fn overdue(rule: WhenDue) -> World {
    let escalate = Escalate {
        after: None,
        to: Who::User("bob".into()),
        levels: 1,
    };
    vote(EntrySpec {
        due: Some(SignedDuration::from_hours(1).into()),
        when_due: Some(rule),
        escalate: Some(escalate),
        ..user("rita")
    })
}

fn after_hours(mut world: World) -> Outcome {
    Ok(world.advance(SignedDuration::from_hours(1)))
}

/// Every row once, and again where it says `or`.
const CASES: &[Case] = &[
    case("add_approver", 0, || {
        offered().add_approver("host", "a", "rita")
    }),
    case("add_approver", 1, || {
        vote(user("rita")).add_approver("host", "a", "bob")
    }),
    case("add_branch", 0, || {
        let mut world = started([split_each("s", "[1]", "a"), does("a")]);
        world.add_branch("host", "a", json!(2))
    }),
    case("add_branch", 1, || {
        lines(ChildMode::Parallel).add_branch("host", "c", json!(3))
    }),
    case("begin", 0, || pending().run("ann", Command::Begin)),
    case("cancel", 0, || branches().cancel("ann")),
    case("cancel_task", 0, || branches().cancel_task("host", "b")),
    case("child_raised", 0, || {
        let node = on_escalation("late", "nag", subprocess("c", child("c")));
        let mut world = started([node, does("nag")]);
        let (activation, id) = world.child_at("c", 0);
        world.run(
            "engine",
            Command::ChildRaised(activation, id, "late".to_owned()),
        )
    }),
    case("child_raised", 1, || {
        let node = on_escalation("late", "nag", subprocess("c", child("c")));
        let mut world = held(started([node, does("nag")]));
        let (activation, id) = world.child_at("c", 0);
        world.run(
            "engine",
            Command::ChildRaised(activation, id, "late".to_owned()),
        )
    }),
    case("claim", 0, || offered().claim("bob", "a")),
    case("comment", 0, || {
        vote(user("rita")).comment("ann", "تم الإرسال")
    }),
    case("complete", 0, || {
        let entry = EntrySpec {
            form: form("size"),
            ..user("rita")
        };
        started([task("a", entry)]).complete_form("rita", "a", json!({"size": "x"}))
    }),
    case("complete", 0, || {
        started([task("a", each("clerk", Need::Quorum(1)))]).complete("bob", "a")
    }),
    case("answer", 0, || {
        let mut world = vote(user("rita"));
        world.ask("rita", "a", None).unwrap();
        world.say("ann", "a")
    }),
    case("request_info", 0, || {
        vote(user("rita")).ask("rita", "a", Some("bob"))
    }),
    case("approve", 0, || {
        vote(each("clerk", Need::Quorum(1))).approve("bob", "a")
    }),
    case("approve", 1, || checked().approve("rita", "a")),
    case("reject", 0, || vote(user("rita")).reject("rita", "a")),
    case("delegate", 0, || {
        vote(user("rita")).delegate("rita", "a", "bob")
    }),
    case("deliver", 0, || {
        started([receive("m", "m", None)]).send("m", "m", json!(1))
    }),
    case("end_child", 0, || {
        lines(ChildMode::Sequence).end_child("c", 0, ChildEnd::Cancelled)
    }),
    case("end_child", 0, || {
        started([subprocess("c", child("c"))]).end_child("c", 0, done(json!(1)))
    }),
    case("end_child", 0, || {
        lines(ChildMode::Parallel).end_child("c", 0, failed("x"))
    }),
    case("escalate", 0, || {
        let mut world = vote(user("bob"));
        world.directory = crate::directory::Directory::of("bob >max; max");
        world.escalate("bob", "a")
    }),
    case("end_child", 1, || {
        held(lines(ChildMode::Parallel)).end_child("c", 0, ChildEnd::Cancelled)
    }),
    case("finish_job", 0, || branches().finish("c", Ok(json!(1)))),
    case("finish_job", 0, || branches().finish("c", Err("no"))),
    case("finish_job", 1, || {
        let mut world = branches();
        let job = world.job("c");
        world.run("host", Command::Hold(None)).unwrap();
        world.run("engine", finished(job, Ok(json!(1))))
    }),
    case("hold", 0, || branches().run("rita", Command::Hold(None))),
    case("jump", 0, || branches().jump("host", Some("b"), "c")),
    case("jump", 1, || branches().jump("host", None, "last")),
    case("migrate", 0, || {
        let escalate = Escalate {
            after: Some(SignedDuration::from_hours(1).into()),
            to: Who::User("bob".into()),
            levels: 1,
        };
        let timed = EntrySpec {
            escalate: Some(escalate),
            ..user("rita")
        };
        let node = beside_after(1, "nag", task("a", timed));
        started([does("a")]).migrate("host", graph([node, does("nag")]), |_| {})
    }),
    case("migrate", 1, || {
        started([does("a")]).migrate("host", graph([job("a")]), |_| {})
    }),
    case("migrate", 2, || {
        started([does("a")]).migrate("host", graph([does("b")]), |_| {})
    }),
    case("migrate", 2, || {
        started([does("a")]).migrate("host", graph([does("b")]), |plan| {
            plan.removed = Removed::Cancel;
        })
    }),
    case("follow_members", 0, || {
        let live = EntrySpec {
            live: true,
            ..each("c", Need::All)
        };
        let graph = graph([approval("a", [live])]);
        let mut world = World::started(graph, "ann; bob c; eve c; zoe");
        world.approve("bob", "a").unwrap();
        world.directory.change("eve; zoe c");
        world.follow_members("host", "a").unwrap();
        world.directory.change("zoe");
        world.follow_members("host", "a").unwrap();
        world.history_names()
    }),
    case("person_left", 0, || {
        let mut world = World::started(graph([task("a", role("c"))]), "ann; bob c; eve c");
        world.claim("bob", "a").unwrap();
        world.person_left("host", "a", "bob")
    }),
    case("person_left", 1, || {
        let mut world = World::started(graph([task("a", user("bob"))]), "ann; bob >max; max");
        world.person_left("host", "a", "bob")
    }),
    case("person_left", 2, || {
        let mut world = World::started(
            graph([task("a", user("bob"))]),
            "ann; bob >max; max >top; top",
        );
        world.delegate("bob", "a", "max").unwrap();
        world.person_left("host", "a", "max")
    }),
    case("person_left", 3, || {
        let mut world = World::started(graph([task("a", user("bob"))]), "ann; bob >max; max-");
        world.person_left("host", "a", "bob")
    }),
    case("remove_approver", 0, || {
        let mut world = offered();
        world.add_approver("host", "a", "rita").unwrap();
        world.remove_approver("host", "a", "rita")
    }),
    case("remove_approver", 1, || {
        let mut world = vote(user("rita"));
        world.add_approver("host", "a", "bob").unwrap();
        world.approve("rita", "a").unwrap();
        world.remove_approver("host", "a", "bob")
    }),
    case("release", 0, || {
        let mut world = offered();
        world.claim("bob", "a").unwrap();
        world.release("bob", "a")
    }),
    case("resubmit", 0, || {
        vote(each("clerk", Need::All)).resubmit("bob", "a", None)
    }),
    case("resume", 0, || {
        held(branches()).run("rita", Command::Resume)
    }),
    case("resume_task", 0, || {
        let mut world = offered();
        world.on_task("host", "a", suspend).unwrap();
        world.on_task("host", "a", Command::ResumeTask)
    }),
    case("retry", 0, || {
        let mut world = World::new(graph([approval("a", [role("boss")])]), PEOPLE);
        world.start("engine", json!({})).unwrap();
        world.directory = crate::directory::Directory::of("max boss");
        world.retry("host", "a")
    }),
    case("retry", 1, || {
        let mut world = branches();
        world.finish("c", Err("no")).unwrap();
        world.retry("host", "c")
    }),
    case("return", 0, || {
        vote(each("clerk", Need::All)).give_back("bob", "a")
    }),
    case("revive", 0, || {
        let mut world = branches();
        world.finish("c", Err("no")).unwrap();
        world.revive("host", "c")
    }),
    case("revive", 0, || {
        let mut world = branches();
        world.cancel_task("host", "b").unwrap();
        world.revive("host", "b")
    }),
    case("ring", 0, || after_hours(started([timer("t", 1)]))),
    case("ring", 1, || {
        after_hours(started([beside_after(1, "nag", does("a")), does("nag")]))
    }),
    case("ring", 1, || {
        after_hours(started([left_after(1, "late", does("a")), does("late")]))
    }),
    case("save_draft", 0, || {
        let entry = EntrySpec {
            form: form("size"),
            ..role("clerk")
        };
        let draft = |task| Command::SaveDraft(task, Some(json!({}).into()));
        started([task("a", entry)]).on_task("bob", "a", draft)
    }),
    case("set_data", 0, || {
        branches().set_data("host", json!({"n": 1}))
    }),
    case("set_status", 0, || {
        started([step("a", &[("b", None)]), last_step("b")]).set_status("ann", "a", "waiting")
    }),
    case("set_status", 1, || {
        started([step("a", &[("b", None)]), last_step("b")]).set_status("ann", "a", "done")
    }),
    case("set_status", 2, || {
        started([step("a", &[("b", Some("none == 1"))]), last_step("b")])
            .set_status("ann", "a", "done")
    }),
    case("set_metadata", 0, || {
        let values = json!({"n": 1}).as_object().unwrap().clone();
        branches().run("host", Command::SetMetadata(values))
    }),
    case("run_action", 0, || {
        branches().run("host", Command::RunAction(archive()))
    }),
    case("skip", 0, || branches().skip("host", "b")),
    case("start", 0, || {
        World::new(graph([does("a")]), PEOPLE).start("ann", json!({}))
    }),
    case("transfer", 0, || {
        vote(user("rita")).transfer("rita", "a", "bob")
    }),
    case("assign", 0, || {
        vote(role("clerk")).assign("host", "a", "bob")
    }),
    case("snooze", 0, || snoozed(&mut offered())),
    case("unsnooze", 0, || {
        let mut world = offered();
        snoozed(&mut world).unwrap();
        world.on_task("bob", "a", Command::Unsnooze)
    }),
    case("start", 1, || pending().history_names()),
    case("start_work", 0, || {
        offered().on_task("bob", "a", Command::StartWork)
    }),
    case("suspend", 0, || offered().on_task("host", "a", suspend)),
    case("undo", 0, || {
        let mut world = started(row([does("a"), does("b")]));
        world.complete("rita", "a").unwrap();
        world.cancel_task("host", "b").unwrap();
        world.undo("host", "a")
    }),
    case("undo", 1, || {
        let mut world = branches();
        for node in ["b", "c"] {
            world.cancel_task("host", node).unwrap();
        }
        world.undo("host", "s")
    }),
    case("undo", 2, || {
        let mut world = branches();
        world.complete("rita", "b").unwrap();
        world.finish("c", Ok(json!(1))).unwrap();
        world.cancel_task("host", "last").unwrap();
        world.undo("host", "j")
    }),
    case("undo", 3, || {
        let mut world = started([does("a")]);
        world.complete("rita", "a").unwrap();
        world.undo("host", "a")
    }),
    case("undo", 4, || {
        let mut world = started([does("a")]);
        world.cancel_task("host", "a").unwrap();
        world.undo("host", "start")
    }),
    case("wake", 0, || {
        after_hours(escalating(Who::User("bob".into())))
    }),
    case("wake", 0, || {
        after_hours(escalating(Who::Role("boss".into())))
    }),
    case("wake", 1, || after_hours(overdue(WhenDue::Approve))),
    case("wake", 2, || after_hours(overdue(WhenDue::Escalate))),
    case("wake", 2, || {
        after_hours(overdue(WhenDue::Delegate(Who::User("bob".into()))))
    }),
    case("wake", 2, || {
        after_hours(overdue(WhenDue::Delegate(Who::Role("boss".into()))))
    }),
    case("withdraw", 0, || branches().withdraw("ann")),
];

#[test]
fn every_row_of_the_table_happens() {
    let mut place = 0;
    let mut last = "";
    let mut unseen = Vec::new();
    for row in TRANSITIONS {
        place = if row.command == last { place + 1 } else { 0 };
        last = row.command;
        let missing = missing(row, place);
        if !missing.is_empty() {
            unseen.push(format!("{} {place}: {missing:?}", row.command));
        }
    }
    assert!(unseen.is_empty(), "rows that did not happen: {unseen:#?}");
    for case in CASES {
        let rows = TRANSITIONS.iter().filter(|row| row.command == case.command);
        assert!(
            case.place < rows.count(),
            "{} has no such row",
            case.command
        );
    }
}

/// The events of a row that none of its cases led to.
fn missing(row: &Transition, place: usize) -> Vec<&'static str> {
    let cases = CASES
        .iter()
        .filter(|case| case.command == row.command && case.place == place);
    let seen: BTreeSet<&str> = cases.flat_map(|case| (case.run)().unwrap()).collect();
    if seen.is_empty() {
        return vec!["everything"];
    }
    row.event_names()
        .filter(|name| !seen.contains(name))
        .collect()
}

#[test]
fn every_command_and_every_event_of_the_table_exists() {
    let events = crate::records::event_names();
    let commands: BTreeSet<&str> = CASES.iter().map(|case| case.command).collect();
    let listed: BTreeSet<&str> = TRANSITIONS.iter().map(|row| row.command).collect();
    assert_eq!(commands, listed);
    for row in TRANSITIONS {
        for name in row.event_names() {
            assert!(events.iter().any(|event| event == name), "{name}: {row:?}");
        }
    }
}

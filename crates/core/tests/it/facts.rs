//! Facts: what a lost race makes stale, and what a command with many questions asks for.

use signoff_core::{
    actor::Actor,
    command::Command,
    facts::{Answers, Facts, Question},
    graph::{Duty, EntrySpec, Unit},
    id::CommandId,
    machine::{Run, Step},
};
use uuid::Uuid;

use crate::{
    graphs::{approval, function, graph, join, role, split},
    world::World,
};

/// A split into two functions and a turn, all asked in one wave.
fn world() -> World {
    let turn = EntrySpec {
        duty: Duty::RoundRobin,
        ..role("clerk")
    };
    let nodes = [
        split("s", &["f", "g", "a"]),
        function("f").next("j"),
        function("g").next("j"),
        approval("a", [turn]).next("j"),
        join("j"),
    ];
    World::new(graph(nodes), "ann; rita clerk; bob clerk")
}

fn facts() -> Facts {
    Facts {
        command: CommandId::new(Uuid::from_u128(1 << 90)),
        now: "2026-01-05T09:00:00Z".parse().unwrap(),
        actor: Actor::Host,
        context: Default::default(),
        settings: Default::default(),
        answers: Answers::default(),
    }
}

/// Answers everything; gives the questions of each round by their kind.
fn ask(world: &World, facts: &mut Facts, command: &Command) -> Vec<Vec<&'static str>> {
    let mut rounds = Vec::new();
    let mut run = Run::new(&world.graph, None, command);
    while let Step::Ask(questions) = run.poll(facts) {
        let kinds = questions.iter().map(|question| match question {
            Question::Function(call) => {
                facts.answers.function(call, Ok(1.into()));
                "function"
            }
            Question::Members(role) => {
                facts
                    .answers
                    .members(role.clone(), world.directory.members(role));
                "members"
            }
            Question::Turn(turn) => {
                facts.answers.turn(turn, turn.members[0].clone());
                "turn"
            }
            Question::Substitutions => {
                facts.answers.substitutions(world.directory.away.clone());
                "substitutions"
            }
            other => unreachable!("{other:?}"),
        });
        rounds.push(kinds.collect());
    }
    rounds
}

#[test]
fn all_that_a_wave_lacks_is_asked_together() {
    let (world, mut facts) = (world(), facts());
    let command = Command::Start(Box::new(world.start_of(serde_json::json!({}))));
    let rounds = ask(&world, &mut facts, &command);
    assert_eq!(
        rounds,
        [
            vec!["function", "function", "members", "substitutions"],
            vec!["turn"]
        ]
    );
}

#[test]
fn a_lost_race_forgets_acts_and_keeps_the_directory() {
    let (world, mut facts) = (world(), facts());
    let command = Command::Start(Box::new(world.start_of(serde_json::json!({}))));
    ask(&world, &mut facts, &command);
    assert!(ask(&world, &mut facts, &command).is_empty());
    facts.answers.forget_after_conflict();
    let rounds = ask(&world, &mut facts, &command);
    assert_eq!(rounds, [vec!["function", "function", "turn"]]);
}

#[test]
fn questions_that_act_and_questions_that_load_are_told_apart() {
    let activation = signoff_core::id::ActivationId::new(Uuid::from_u128(1));
    for (question, acts, loads) in [
        (Question::All, false, true),
        (Question::Load(activation), false, true),
        (Question::Manager("a".into()), false, false),
        (Question::Members("a".into()), false, false),
        (Question::Person("a".into()), false, false),
        (Question::Head(Unit::Team, "a".into()), false, false),
        (Question::RoleParent("a".into()), false, false),
        (Question::Substitutions, false, false),
    ] {
        assert_eq!(
            (question.acts(), question.loads()),
            (acts, loads),
            "{question:?}"
        );
    }
}

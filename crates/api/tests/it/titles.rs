//! Titles of instances: made from what is known before there is one.

use serde_json::json;
use signoff::{Format, Start};

use crate::world::World;

const DAMAGE: &str = "
format: signoff/v1
kind: flow
key: damage
title: 'Claim ${ TITLE }'
subject: claim
data: {type: object, properties: {number: {type: string}}, required: [number]}
nodes:
  begin: {start: {}, next: look}
  look: {task: {user: ann}, next: done}
  done: {end: {}}
";

#[tokio::test]
async fn a_title_is_made_of_data_subject_actor_and_time() {
    for (expression, title) in [
        ("number", "Claim سبعة"),
        ("data.number", "Claim سبعة"),
        ("claim.number", "Claim سبعة"),
        ("subject.id", "Claim C-7"),
        ("actor.id", "Claim ann"),
        ("string(timestamp(now).getFullYear())", "Claim 2026"),
    ] {
        let world = World::new(&[&DAMAGE.replace("TITLE", expression)]).await;
        let start = Start::of("damage").by("ann").subject("claim", "C-7");
        let start = start.data(&json!({"number": "سبعة"})).unwrap();
        let done = world.engine.start(start).await.unwrap();
        assert_eq!(
            done.instance.title().for_locale("en"),
            title,
            "{expression}"
        );
    }
}

#[tokio::test]
async fn a_title_that_reads_what_is_not_there_yet_is_not_published() {
    let world = World::new(&[]).await;
    for expression in [
        "instance.id",
        "nodes.look.outcome",
        "task.id",
        "outcome",
        "string(has_role(\"ann\", \"clerk\"))",
    ] {
        let source = DAMAGE.replace("TITLE", expression);
        let sources = [(source.as_str(), Format::Yaml)];
        let refused = world.engine.publish(&world.tenant, &sources).await;
        let problems = refused.unwrap_err().problems().to_vec();
        let found = problems.iter().any(|problem| {
            problem.code == "invalid_condition" && problem.path.to_string() == "/title"
        });
        assert!(found, "{expression}: {problems:?}");
    }
}

//! Whom and what a definition names is looked for when it is checked and published.

use serde_json::{Value, json};
use signoff::{ErrorKind, Format, NotDone, Problem, RefusalCode, Start};

use crate::world::{World, people};

fn text() -> String {
    json!({
        "format": "signoff/v1", "kind": "approval", "key": "naming", "title": "Naming",
        "start": {"by": ["role:starter"]},
        "managers": ["user:ann", "role:manager"],
        "viewers": ["user:ghost"],
        "pipelines": [{"key": "p", "stages": [{"key": "s", "approvals": [
            {"role": "clerc", "escalate": {"after": "P1D", "to": {"role": "chief"}}},
            {"user": "off", "due": "P1D", "when_due": {"delegate": {"user": "nobody"}}},
            {"role": "clerk"}, {"user": "ann"},
        ]}]}],
    })
    .to_string()
}

fn told(problems: &[Problem], is_error: bool) -> Value {
    let of_people = problems
        .iter()
        .filter(|problem| problem.code.starts_with("unknown_"));
    let mut told: Vec<String> = of_people
        .map(|problem| {
            assert_eq!(problem.is_error(), is_error, "{problem:?}");
            assert!(problem.position.is_some(), "{problem:?}");
            format!("{} {}", problem.code, problem.path.as_str())
        })
        .collect();
    told.sort();
    json!(told)
}

fn expected() -> Value {
    json!([
        "unknown_role /managers/1",
        "unknown_role /pipelines/0/stages/0/approvals/0/escalate/to/role",
        "unknown_role /pipelines/0/stages/0/approvals/0/role",
        "unknown_role /start/by/0",
        "unknown_user /pipelines/0/stages/0/approvals/1/user",
        "unknown_user /pipelines/0/stages/0/approvals/1/when_due/delegate/user",
        "unknown_user /viewers/0",
    ])
}

#[tokio::test]
async fn persons_and_roles_who_are_not_there_are_warned_of_and_do_not_become_the_requester() {
    let world = World::new(&[]).await;
    let text = text();
    let sources = [(text.as_str(), Format::Json)];
    let published = world.engine.publish(&world.tenant, &sources).await.unwrap();
    assert_eq!(told(&published[0].warnings, false), expected());
    let found = world.engine.check(&world.tenant, &text, Format::Json).await;
    assert_eq!(told(&found.unwrap(), false), expected());
    let refused = world.engine.start(Start::of("naming")).await.unwrap_err();
    assert!(
        matches!(&refused, NotDone::Refused(refusal) if refusal.code == RefusalCode::NoApprover),
        "nobody else is asked instead: {refused:?}"
    );
}

#[tokio::test]
async fn a_directory_that_is_complete_makes_errors_of_them() {
    let world = World::with(|builder| builder.directory(people().complete()), &[]).await;
    let text = text();
    let sources = [(text.as_str(), Format::Json)];
    let error = world
        .engine
        .publish(&world.tenant, &sources)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Definition);
    assert_eq!(told(error.problems(), true), expected());
    let key = "naming".into();
    let found = world.engine.definition(&world.tenant, &key, None).await;
    assert!(found.unwrap().is_none(), "nothing was published");
}

/// Explicit, else who made the subject, else who began it, else whoever starts.
#[tokio::test]
async fn the_requester_is_whoever_is_named_or_made_or_began_the_subject_or_starts() {
    let world = World::new(&[
        "{format: signoff/v1, kind: approval, key: asking, approvals: [{user: max}]}",
    ])
    .await;
    let start = || Start::of("asking").by("ann");
    let starts = [
        (start().by("ada").requester("bob").creator("max"), "bob"),
        (start().creator("max").starter("bob"), "max"),
        (start().starter("bob"), "bob"),
        (start(), "ann"),
    ];
    for (start, requester) in starts {
        let done = world.engine.start(start).await.unwrap();
        assert_eq!(done.instance.requester(), Some(&requester.into()));
    }
    let refused = world.engine.start(start().requester("bob")).await;
    assert!(
        matches!(refused, Err(NotDone::Refused(refusal)) if refusal.code == RefusalCode::NotPermitted),
        "only admins and the host name somebody else"
    );
}

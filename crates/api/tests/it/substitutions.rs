//! Substitutions that are kept in the store.

use std::time::Duration;

use signoff::{
    Call, Clock as _, Substitution,
    store::{SubstitutionFilter, SubstitutionRow},
};

use crate::world::World;

const ASK: &str = "
format: signoff/v1
kind: approval
key: ask
approvals: [{user: max}]
";

async fn substitute(
    world: &World,
    (principal, substitute): (&str, &str),
    (from, until): (u64, Option<u64>),
) -> Result<SubstitutionRow, &'static str> {
    let at = |hours: u64| world.clock.now() + Duration::from_secs(hours * 3_600);
    let substitution = Substitution {
        principal: principal.into(),
        substitute: substitute.into(),
        from: at(from),
        until: until.map(at),
    };
    let ada = "ada".into();
    let engine = &world.engine;
    let done = engine.substitute(&world.tenant, &substitution, Some(&ada));
    done.await.map_err(|not_done| not_done.code())
}

async fn holder(world: &World) -> String {
    let done = world.start("ask", "ann").await;
    let task = done.instance.task(done.opened[0]).unwrap();
    task.assignee
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default()
}

#[tokio::test]
async fn a_substitute_gets_what_comes_while_somebody_is_away() {
    let world = World::new(&[ASK]).await;
    assert_eq!(holder(&world).await, "max");
    let row = substitute(&world, ("max", "ann"), (1, Some(3)))
        .await
        .unwrap();
    assert_eq!(row.changed_by, Some("ada".into()));
    let later = |hours: u64| {
        let at = world.clock.now() + Duration::from_secs(hours * 3_600);
        world.clock.set(at);
    };
    assert_eq!(holder(&world).await, "max", "not yet");
    later(1);
    assert_eq!(holder(&world).await, "ann");
    // Of two in force, the one that began last holds.
    substitute(&world, ("max", "bob"), (1, None)).await.unwrap();
    later(1);
    assert_eq!(holder(&world).await, "bob");
    let now = SubstitutionFilter {
        principal: Some("max".into()),
        at: Some(world.clock.now()),
        not_over: None,
    };
    let found = world
        .engine
        .substitutions(&world.tenant, &now)
        .await
        .unwrap();
    assert_eq!(found.len(), 2);
    later(5);
    let now = SubstitutionFilter {
        at: Some(world.clock.now()),
        ..now
    };
    let found = world.engine.substitutions(&world.tenant, &now);
    let found = found.await.unwrap();
    assert_eq!(found.len(), 1);
    let engine = &world.engine;
    assert!(
        engine
            .end_substitution(&world.tenant, found[0].id)
            .await
            .unwrap()
    );
    assert!(
        !engine
            .end_substitution(&world.tenant, found[0].id)
            .await
            .unwrap()
    );
    assert_eq!(holder(&world).await, "max");
}

#[tokio::test]
async fn a_substitute_decides_and_what_makes_no_sense_is_refused() {
    let world = World::new(&[ASK]).await;
    substitute(&world, ("max", "bob"), (0, None)).await.unwrap();
    let done = world.start("ask", "ann").await;
    let done = world
        .engine
        .call(Call::approve(done.opened[0]).by("bob"))
        .await;
    assert_eq!(done.unwrap().instance.status().as_str(), "completed");
    for (people, moments, code) in [
        (("max", "max"), (0, None), "target_invalid"),
        (("max", "bob"), (2, Some(2)), "target_invalid"),
        (("max", "off"), (0, None), "unknown_user"),
        (("nobody", "bob"), (0, None), "unknown_user"),
    ] {
        let refused = substitute(&world, people, moments).await;
        assert_eq!(refused.unwrap_err(), code, "{people:?}");
    }
    let (elsewhere, all) = ("elsewhere".into(), SubstitutionFilter::default());
    let found = world.engine.substitutions(&elsewhere, &all).await;
    assert_eq!(found.unwrap(), []);
}

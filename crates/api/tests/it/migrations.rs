//! All running instances of a workflow go on by another version: each is migrated or refused by
//! itself.

use serde_json::json;
use signoff::{Becomes, Call, InstanceId, MigrateAll, MigratedInstance, Migration, Removed};

use crate::world::World;

const FIRST: &str = "
format: signoff/v1
kind: flow
key: order
managers: [role:lead]
data: {type: object, properties: {n: {type: integer}}}
nodes:
  start: {start: {}, next: check}
  check: {task: {role: clerk}, next: pay}
  pay: {task: {role: clerk}, next: end}
  end: {end: {}}
";

/// `check` has another key, `pay` is gone.
const SECOND: &str = "
format: signoff/v1
kind: flow
key: order
managers: [role:lead]
data: {type: object, properties: {n: {type: integer}, paid: {type: boolean}}, required: [paid]}
nodes:
  start: {start: {}, next: verify}
  verify: {task: {role: clerk}, was: check, next: ship}
  ship: {task: {role: clerk}, next: end}
  end: {end: {}}
";

/// One at `check`, one at `pay`, one at its end; of the first version, and one of the second.
async fn orders() -> (World, [InstanceId; 4]) {
    let world = World::new(&[FIRST]).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(world.start("order", "ann").await.id());
    }
    world.complete(ids[1], "check", "ann").await;
    for node in ["check", "pay"] {
        world.complete(ids[2], node, "ann").await;
    }
    world.publish(SECOND).await;
    let start = signoff::Start::of("order").by("ann");
    let start = start.data(&json!({"paid": true})).unwrap();
    ids.push(world.engine.start(start).await.unwrap().id());
    (world, ids.try_into().unwrap())
}

fn paid() -> Migration {
    Migration::to_newest().data("paid", false)
}

/// What became of each, the first started first.
fn shown(migrated: &[MigratedInstance]) -> Vec<String> {
    let one = |one: &MigratedInstance| match &one.outcome {
        Ok(visits) => {
            let visits = visits.iter();
            let shown = visits.map(|visit| format!("{} {}", visit.node, visit.becomes.as_str()));
            shown.collect::<Vec<_>>().join(", ")
        }
        Err(refusal) => refusal.code.as_str().to_owned(),
    };
    migrated.iter().rev().map(one).collect()
}

async fn version(world: &World, id: InstanceId) -> u32 {
    world.view(id).await.instance.definition().version
}

#[tokio::test]
async fn each_running_instance_is_migrated_and_those_that_have_ended_stay() {
    let (world, ids) = orders().await;
    let all = MigrateAll::of("order", paid()).by("max");
    let migrated = world.engine.migrate_all(all.clone()).await.unwrap();
    assert_eq!(shown(&migrated), ["verify kept", "pay obsolete"]);
    let moved: Vec<(InstanceId, u32)> = migrated.iter().map(|one| (one.id, one.from)).collect();
    assert_eq!(
        moved,
        [(ids[1], 1), (ids[0], 1)],
        "the latest started first"
    );
    let mut versions = Vec::new();
    for id in ids {
        versions.push(version(&world, id).await);
    }
    assert_eq!(versions, [2, 2, 1, 2]);
    world.complete(ids[0], "verify", "bob").await;
    assert_eq!(world.at(ids[0]).await, ["ship"]);
    assert_eq!(world.at(ids[1]).await, ["pay"], "it is seen as obsolete");
    let again = world.engine.migrate_all(all).await.unwrap();
    assert!(again.is_empty(), "nothing is left: {:?}", shown(&again));
}

#[tokio::test]
async fn one_that_cannot_be_migrated_holds_up_no_other() {
    let (world, ids) = orders().await;
    let strict = paid().removed(Removed::Refuse);
    let all = MigrateAll::of("order", strict).by("max");
    let migrated = world.engine.migrate_all(all).await.unwrap();
    assert_eq!(shown(&migrated), ["verify kept", "target_invalid"]);
    let refusal = migrated[0].outcome.as_ref().unwrap_err();
    assert!(refusal.message.contains("`pay`"), "{refusal:?}");
    assert_eq!(version(&world, ids[1]).await, 1);
    assert_eq!(world.at(ids[1]).await, ["pay"]);
    // The data do not fit: nobody is migrated.
    let (world, _) = orders().await;
    let all = MigrateAll::of("order", Migration::to_newest()).by("max");
    let migrated = world.engine.migrate_all(all).await.unwrap();
    assert_eq!(shown(&migrated), ["form_invalid", "form_invalid"]);
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_writes_nothing() {
    let (world, ids) = orders().await;
    let all = MigrateAll::of("order", paid().removed(Removed::Cancel)).by("max");
    let dry = all.clone().dry_run(true);
    let before = world.events(ids[0]).await;
    let foreseen = world.engine.migrate_all(dry).await.unwrap();
    assert_eq!(shown(&foreseen), ["verify kept", "pay cancelled"]);
    assert_eq!(version(&world, ids[0]).await, 1);
    assert_eq!(world.events(ids[0]).await, before);
    let migrated = world.engine.migrate_all(all).await.unwrap();
    assert_eq!(shown(&migrated), shown(&foreseen));
    assert_eq!(world.status(ids[1]).await, "completed");
    let call = Call::migrate(ids[3], Migration::to_version(1)).by("max");
    let visits = world.engine.foresee_migration(call).await.unwrap();
    assert_eq!(
        visits[0].becomes,
        Becomes::Obsolete,
        "an older one has no `verify`"
    );
}

#[tokio::test]
async fn only_those_of_a_version_and_only_by_managers() {
    let (world, ids) = orders().await;
    let of = |version| MigrateAll::of("order", paid()).from_version(version);
    let none = world.engine.migrate_all(of(2).by("max")).await.unwrap();
    assert!(none.is_empty(), "they are of it");
    let refused = world.engine.migrate_all(of(1).by("ann")).await.unwrap();
    assert_eq!(shown(&refused), ["not_permitted", "not_permitted"]);
    let other = of(1).tenant("elsewhere");
    assert!(world.engine.migrate_all(other).await.unwrap().is_empty());
    let missing = MigrateAll::of("order", Migration::to_version(9));
    let refused = world.engine.migrate_all(missing).await.unwrap();
    assert_eq!(shown(&refused).first().unwrap(), "target_invalid");
    assert_eq!(version(&world, ids[0]).await, 1);
    let back = MigrateAll::of("order", Migration::to_version(1).node("verify", "check"));
    let migrated = world.engine.migrate_all(back).await.unwrap();
    assert_eq!(shown(&migrated), ["check kept"], "an older version too");
}

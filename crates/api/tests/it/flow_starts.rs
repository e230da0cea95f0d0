//! What a person may start, of all that there is.

use signoff::PersonId;

use crate::world::World;

const SHOP: &str = "
format: signoff/v1
kind: flow
key: shop
title: Shop
nodes:
  at_desk: {title: At the desk, start: {by: [role:clerk]}, next: work}
  by_lead: {start: {by: [role:lead, user:bob]}, next: work}
  nightly: {start: {every: P1D}, next: end}
  by_code: {start: {code: true}, next: end}
  by_order: {start: {message: ordered}, next: end}
  work: {task: {}, next: end}
  end: {end: {}}
";
const LEAVE: &str = "
format: signoff/v1
kind: approval
key: leave
approvals: [{role: lead}]
";
const OLD: &str = "
format: signoff/v1
kind: flow
key: closed
nodes:
  start: {start: {}, next: work}
  work: {task: {}, next: end}
  end: {end: {}}
";

#[tokio::test]
async fn a_person_is_told_each_way_to_start_that_is_open_to_them() {
    let world = World::new(&[SHOP, LEAVE, OLD]).await;
    let store = world.engine.store();
    store
        .set_active(&world.tenant, &"closed".into(), false)
        .await
        .unwrap();
    for (person, expected) in [
        ("ann", "leave.start shop.at_desk"),
        ("bob", "leave.start shop.at_desk shop.by_lead"),
        ("max", "leave.start shop.by_lead"),
        ("ada", "leave.start shop.at_desk shop.by_lead"),
        ("off", ""),
        ("nobody", ""),
    ] {
        let person = PersonId::from(person);
        let found = world
            .engine
            .startable(&world.tenant, &person)
            .await
            .unwrap();
        let told: Vec<String> = found
            .iter()
            .map(|start| format!("{}.{}", start.definition.workflow, start.start))
            .collect();
        assert_eq!(told.join(" "), expected, "{person}");
        for start in found {
            let begin = signoff::Start::of(start.definition.workflow.clone());
            let begun = world
                .engine
                .start(begin.at(start.start).by(person.clone()))
                .await;
            assert_eq!(begun.unwrap().instance.status().as_str(), "running");
        }
    }
    let found = world.engine.startable(&world.tenant, &"ann".into()).await;
    let shop = &found.unwrap()[1];
    assert_eq!(shop.title.for_locale("en"), "Shop");
    assert_eq!(shop.start_title.for_locale("en"), "At the desk");
}

#[tokio::test]
async fn a_schedule_follows_the_clocks_of_its_zone_through_the_change_of_time() {
    let nine = "{format: signoff/v1, kind: flow, key: nine, time_zone: Europe/Berlin, nodes: {start: {start: {cron: '0 9 * * *'}, next: walk}, walk: {task: {user: bob}, next: end}, end: {end: {}}}}";
    let world = World::new(&[nine]).await;
    let mut due = Vec::new();
    // Europe goes an hour forward on the 29th of March, and back on the 25th of October.
    for day in [
        "2026-01-05",
        "2026-03-28",
        "2026-03-29",
        "2026-10-24",
        "2026-10-25",
    ] {
        let noon = format!("{day}T12:00:00Z");
        world.clock.set(noon.parse().unwrap());
        world.engine.tick().await.unwrap();
        due.push(world.engine.next_due().await.unwrap().unwrap().to_string());
    }
    assert_eq!(
        due,
        [
            "2026-01-06T08:00:00Z",
            "2026-03-29T07:00:00Z",
            "2026-03-30T07:00:00Z",
            "2026-10-25T08:00:00Z",
            "2026-10-26T08:00:00Z",
        ]
    );
    let page = signoff::store::PageRequest::default();
    let filter = signoff::store::InstanceFilter::default();
    let store = world.engine.store();
    let begun = store
        .instances(&world.tenant, &filter, &page)
        .await
        .unwrap();
    assert_eq!(begun.items.len(), 4, "what was missed is not made up for");
}

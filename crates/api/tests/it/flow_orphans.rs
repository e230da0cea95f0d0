//! What refers to a definition that is gone: lists and timers of others go on.

use std::sync::Arc;

use jiff::Timestamp;
use signoff::{
    Clock, InstanceId, PersonId,
    core::{
        actor::Actor,
        command::{Command, Start},
        facts::{Answers, Facts, Settings},
        machine::{Run, Step},
    },
    store::{InstanceFilter, PageRequest, Whose},
};

use crate::world::World;

const NAP: &str = "
format: signoff/v1
kind: flow
key: nap
nodes:
  start: {start: {}, next: fork}
  fork: {split: [sleep, watch]}
  sleep: {timer: {after: PT1H}, next: end}
  watch: {task: {}, next: end}
  end: {end: {}}
";
const WALK: &str = "
format: signoff/v1
kind: flow
key: walk
nodes:
  start: {start: {}, next: rest}
  rest: {timer: {after: PT1H}, next: go_on}
  go_on: {task: {}, next: end}
  end: {end: {}}
";

/// An instance in a store that does not have its definition.
async fn orphan(world: &World, now: Timestamp) -> InstanceId {
    let origin = World::new(&[NAP]).await;
    let nap = origin
        .engine
        .definition(&origin.tenant, &"nap".into(), None)
        .await;
    let nap = nap.unwrap().unwrap();
    let command = Command::Start(Box::new(Start::new(world.tenant.clone(), nap.id.clone())));
    let facts = Facts {
        command: world.clock.command_id(),
        now,
        actor: Actor::Host,
        context: Default::default(),
        settings: Arc::new(Settings::default()),
        answers: Answers::default(),
    };
    let Step::Accept(accepted) = Run::new(&nap.graph, None, &command).poll(&facts) else {
        panic!("the start asks for nothing");
    };
    world
        .engine
        .store()
        .commit_now(&[accepted.change.rows()])
        .await
        .unwrap();
    accepted.change.into_instance().id()
}

#[tokio::test]
async fn an_instance_whose_definition_is_gone_breaks_no_list_and_holds_up_no_timer() {
    let world = World::new(&[WALK]).await;
    let lost = orphan(&world, world.clock.now()).await;
    let walk = world.start("walk", "ann").await.id();
    assert!(
        world
            .engine
            .instance(&world.tenant, lost)
            .await
            .unwrap()
            .is_none()
    );
    let store = world.engine.store();
    let page = PageRequest::default();
    let listed = store
        .instances(&world.tenant, &InstanceFilter::default(), &page)
        .await
        .unwrap();
    let mut ids: Vec<InstanceId> = listed.items.iter().map(|row| row.id).collect();
    ids.sort();
    let mut expected = [lost, walk];
    expected.sort();
    assert_eq!(ids, expected);
    assert!(world.after(3_600).await >= 1);
    assert_eq!(world.at(walk).await, ["go_on"]);
    let ann = world
        .engine
        .person(&world.tenant, &PersonId::from("ann"))
        .await;
    let whose = Whose::AvailableTo(ann.unwrap().unwrap());
    let tasks = world
        .engine
        .tasks(&world.tenant, whose, &page)
        .await
        .unwrap();
    let mut workflows: Vec<&str> = tasks
        .items
        .iter()
        .map(|task| task.workflow.as_str())
        .collect();
    workflows.sort_unstable();
    assert_eq!(workflows, ["nap", "walk"]);
    let task = tasks
        .items
        .iter()
        .find(|task| task.workflow == "nap")
        .unwrap();
    let gone = task.task.task().unwrap().id;
    assert!(
        world
            .engine
            .task(&world.tenant, gone)
            .await
            .unwrap()
            .is_none()
    );
}

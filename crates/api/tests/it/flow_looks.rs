//! What is known of an instance: its row, its data as a type, its visits, its marks.

use serde::Deserialize;
use serde_json::json;
use signoff::{
    Call, Start, Visit, VisitState,
    definition::diagram::{Diagram, Mark, SvgOptions},
    store::{InstanceFilter, PageRequest, Whose},
};

use crate::world::World;

const CROSSING: &str = "
format: signoff/v1
kind: flow
key: crossing
nodes:
  start: {start: {}, next: plan}
  plan: {task: {}, next: fork}
  fork: {split: [left, right]}
  left: {task: {}, next: met}
  right: {task: {}, next: met}
  met: {join: all, next: close}
  close: {task: {}, next: end}
  end: {end: {}}
";
const BILL: &str = "
format: signoff/v1
kind: flow
key: bill
title: Bill
data: {type: object, properties: {total: {type: integer, default: 0}}}
nodes:
  start: {start: {}, next: pay}
  pay: {task: {role: clerk}, next: end}
  end: {end: {}}
";
const TRIP: &str = "
format: signoff/v1
kind: flow
key: trip
title: Trip
data: {type: object, properties: {city: {type: string}, days: {type: integer, default: 1}}}
nodes:
  start: {start: {}, next: book}
  book: {task: {role: clerk}, next: child}
  child: {subprocess: {workflow: bill}, next: end}
  end: {end: {}}
";

#[derive(Debug, Deserialize, PartialEq)]
struct Trip {
    city: String,
    days: u32,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Bill {
    total: i64,
}

#[tokio::test]
async fn an_instance_keeps_what_it_was_started_with_and_how_it_ended() {
    let world = World::new(&[BILL, TRIP]).await;
    let reference = json!({"type": "offer", "id": "3b241101-e2bb-4255-8caf-4136c566a962"});
    let start = Start::of("trip")
        .data(&json!({"city": "Rome"}))
        .and_then(|start| start.seed(&reference))
        .and_then(|start| start.artifact(&json!({"ticket": null})));
    let id = world
        .engine
        .start(start.unwrap().by("ann"))
        .await
        .unwrap()
        .id();
    let began = world.view(id).await.instance;
    assert_eq!(began.seed().map(|seed| (**seed).clone()), Some(reference));
    let artifact = began.artifact().map(|artifact| (**artifact).clone());
    assert_eq!(artifact, Some(json!({"ticket": null})));
    assert_eq!(began.definition().to_string(), "trip@1");
    assert_eq!(
        (began.status().as_str(), began.status().ended_at()),
        ("running", None)
    );
    assert_eq!(began.parent(), None);
    world.complete(id, "book", "ann").await;
    world.engine.tick().await.unwrap();
    let filter = InstanceFilter {
        parent: Some(id),
        ..InstanceFilter::default()
    };
    let page = PageRequest::default();
    let children = world
        .engine
        .store()
        .instances(&world.tenant, &filter, &page)
        .await;
    let child = children.unwrap().items[0].id;
    let parent = world.view(child).await.instance.parent().cloned().unwrap();
    assert_eq!(parent.instance, id);
    world.after(60).await;
    world.complete(child, "pay", "bob").await;
    world.engine.tick().await.unwrap();
    let ended = world.view(id).await.instance;
    assert_eq!(ended.status().as_str(), "completed");
    let moment = began.started_at() + jiff::SignedDuration::from_secs(60);
    assert_eq!(
        (ended.started_at(), ended.status().ended_at()),
        (began.started_at(), Some(moment))
    );
    let stopped = world.start("bill", "ann").await.id();
    let stop = Call::cancel(stopped).reason("twice");
    assert_eq!(
        world
            .engine
            .call(stop)
            .await
            .unwrap()
            .instance
            .status()
            .as_str(),
        "cancelled"
    );
}

#[tokio::test]
async fn data_are_read_as_a_type_of_the_hosts_and_one_list_shows_every_workflow() {
    let world = World::new(&[BILL, TRIP]).await;
    let trip = Start::of("trip").data(&json!({"city": "Rome", "days": 3}));
    let trip = world
        .engine
        .start(trip.unwrap().by("ann"))
        .await
        .unwrap()
        .id();
    let bill = world.start("bill", "bob").await.id();
    let page = PageRequest::default();
    let all = InstanceFilter::default();
    let listed = world
        .engine
        .store()
        .instances(&world.tenant, &all, &page)
        .await;
    let mut listed: Vec<_> = listed
        .unwrap()
        .items
        .into_iter()
        .map(|row| (row.workflow, row.id))
        .collect();
    listed.sort();
    assert_eq!(
        listed,
        [("bill".to_owned(), bill), ("trip".to_owned(), trip)]
    );
    let rome = Trip {
        city: "Rome".to_owned(),
        days: 3,
    };
    assert_eq!(world.view(trip).await.data::<Trip>().unwrap(), rome);
    assert_eq!(
        world.view(bill).await.data::<Bill>().unwrap(),
        Bill { total: 0 }
    );
    let wrong = world.view(bill).await.data::<Trip>().unwrap_err();
    assert_eq!(wrong.kind(), signoff::ErrorKind::Serialization);
    let ann = world
        .engine
        .person(&world.tenant, &"ann".into())
        .await
        .unwrap()
        .unwrap();
    let tasks = world
        .engine
        .tasks(&world.tenant, Whose::AvailableTo(ann), &page)
        .await;
    let mut told: Vec<_> = tasks
        .unwrap()
        .items
        .into_iter()
        .map(|task| (task.workflow, task.title))
        .collect();
    told.sort();
    let titles: Vec<&str> = told.iter().map(|(workflow, _)| workflow.as_str()).collect();
    assert_eq!(titles, ["bill", "trip"]);
    assert!(
        told[0].1.contains("Bill") && told[1].1.contains("Trip"),
        "{told:?}"
    );
}

fn nodes(visits: &[Visit], ids: &[signoff::core::id::ActivationId]) -> Vec<String> {
    let node = |id| {
        visits
            .iter()
            .find(|visit| visit.id == id)
            .unwrap()
            .node
            .to_string()
    };
    ids.iter().map(|id| node(*id)).collect()
}

/// Visits as `node state before→after`.
fn told(visits: &[Visit]) -> Vec<String> {
    let told = |visit: &Visit| {
        let before = nodes(visits, &visit.before).join(",");
        let after = nodes(visits, &visit.after).join(",");
        format!("{before}>{} {:?}>{after}", visit.node, visit.state)
    };
    visits.iter().map(told).collect()
}

#[tokio::test]
async fn every_visit_knows_what_led_to_it_and_what_it_led_to() {
    let world = World::new(&[CROSSING]).await;
    let id = world.start("crossing", "ann").await.id();
    world.complete(id, "plan", "ann").await;
    world.complete(id, "right", "ann").await;
    let visits = world.engine.visits(&world.tenant, id).await.unwrap();
    assert_eq!(
        told(&visits),
        [
            ">plan Completed>fork",
            "plan>fork Completed>left,right",
            "fork>left Open>",
            "fork>right Completed>",
        ]
    );
    world.complete(id, "left", "ann").await;
    let visits = world.engine.visits(&world.tenant, id).await.unwrap();
    assert_eq!(
        told(&visits)[2..],
        [
            "fork>left Completed>met",
            "fork>right Completed>met",
            "right,left>met Completed>close",
            "met>close Open>",
        ]
    );
    assert!(
        visits
            .iter()
            .all(|visit| visit.left_at.is_some() == (visit.state != VisitState::Open))
    );
}

#[tokio::test]
async fn what_was_taken_back_withdrawn_and_put_back_is_told_of_its_visits() {
    let world = World::new(&[CROSSING]).await;
    let id = world.start("crossing", "ann").await.id();
    for call in [
        Call::cancel_task(id, "plan"),
        Call::revive(id, "plan"),
        Call::skip(id, "plan").reason("known"),
        Call::cancel_task(id, "left"),
        Call::revive(id, "left"),
    ] {
        world.engine.call(call).await.unwrap();
    }
    world.complete(id, "left", "ann").await;
    world.complete(id, "right", "ann").await;
    world
        .engine
        .call(Call::cancel_task(id, "close"))
        .await
        .unwrap();
    world.engine.call(Call::undo(id, "met")).await.unwrap();
    let visits = world.engine.visits(&world.tenant, id).await.unwrap();
    let states: Vec<String> = visits
        .iter()
        .map(|visit| format!("{} {:?}", visit.node, visit.state))
        .collect();
    assert_eq!(
        states,
        [
            "plan Revived",
            "plan Skipped",
            "fork Completed",
            "left Revived",
            "right Completed",
            "left Completed",
            "met Undone",
            "close Cancelled",
        ]
    );
}

#[tokio::test]
async fn a_task_knows_since_when_somebody_has_it() {
    let world = World::new(&[BILL]).await;
    let id = world.start("bill", "ann").await.id();
    let task = world.task(id, "pay").await;
    let assigned = async || {
        let view = world
            .engine
            .task(&world.tenant, task)
            .await
            .unwrap()
            .unwrap();
        let after = view
            .task
            .assigned_at
            .map(|at| at.duration_since(view.task.opened_at).as_secs());
        (view.task.assignee.map(|id| id.to_string()), after)
    };
    assert_eq!(assigned().await, (None, None));
    let mut seconds = 0;
    for (call, expected) in [
        (Call::claim(task).by("ann"), Some("ann")),
        (Call::release(task).by("ann"), None),
        (Call::claim(task).by("bob"), Some("bob")),
        (
            Call::delegate(task).by("bob").to("max").reason("away"),
            Some("max"),
        ),
    ] {
        world.after(10).await;
        seconds += 10;
        world.engine.call(call).await.unwrap();
        let (assignee, after) = assigned().await;
        assert_eq!(assignee.as_deref(), expected);
        assert_eq!(after, expected.map(|_| seconds));
    }
}

#[tokio::test]
async fn the_diagram_of_an_instance_shows_how_far_each_node_came() {
    let world = World::new(&[CROSSING]).await;
    let id = world.start("crossing", "ann").await.id();
    world.complete(id, "plan", "ann").await;
    world
        .engine
        .call(Call::cancel_task(id, "left"))
        .await
        .unwrap();
    let view = world.view(id).await;
    let marks = view.marks();
    for (node, mark) in [
        ("plan", Some(&Mark::Completed)),
        ("fork", Some(&Mark::Completed)),
        ("left", Some(&Mark::Cancelled)),
        ("right", Some(&Mark::Open)),
        ("close", None),
    ] {
        assert_eq!(marks.get(node), mark, "{node}");
    }
    let options = SvgOptions {
        marks,
        ..SvgOptions::default()
    };
    let drawn = Diagram::of(&view.definition.graph).svg(&options);
    for class in ["marked completed", "marked cancelled", "marked open"] {
        assert!(drawn.contains(class), "{class}");
    }
    assert!(!drawn.contains("marked failed"));
}

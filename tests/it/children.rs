//! Children on every store: each begins and ends exactly once, whatever happens in between.

use jiff::SignedDuration;
use serde_json::json;
use signoff::{
    Call, InstanceId, RefusalCode, Start, TenantId,
    core::{change::JobWork, limits::Limits},
    store::{ClaimedJob, InstanceFilter, Lease},
};
use signoff_tests::publish;

use crate::world::{World, refused, worlds};

const CHILD: &str = "
format: signoff/v1
kind: flow
key: child
nodes:
  start: {start: {}, next: work}
  work: {task: {user: bob}, next: end}
  end: {end: {}}
";
const QUICK: &str = "
format: signoff/v1
kind: flow
key: quick
nodes:
  start: {start: {}, next: double}
  double: {set: {n: n * 2}, next: end}
  end: {end: {}}
";

fn parent(subprocess: &str) -> String {
    format!(
        "
format: signoff/v1
kind: flow
key: parent
nodes:
  start: {{start: {{}}, next: delegate}}
  delegate: {{subprocess: {{{subprocess}, into: results}}, next: end}}
  end: {{end: {{}}}}
"
    )
}

async fn claim(world: &World) -> Vec<ClaimedJob> {
    let now = world.engine.clock().now();
    let lease = Lease {
        tenant: None,
        behind: None,
        now,
        until: now + SignedDuration::from_secs(60),
        limit: 16,
    };
    world.store().claim(lease).await.unwrap()
}

async fn children_of(world: &World, parent: InstanceId) -> Vec<(InstanceId, String)> {
    let filter = InstanceFilter {
        parent: Some(parent),
        ..InstanceFilter::default()
    };
    let rows = world.instances(&filter).await;
    rows.into_iter().map(|row| (row.id, row.status)).collect()
}

#[tokio::test]
async fn a_worker_that_dies_between_start_and_finish_begins_and_ends_each_child_once() {
    let parent = parent("workflow: child");
    for world in worlds(&[CHILD, &parent], |builder| builder).await {
        let id = world.engine.start(Start::of("parent")).await.unwrap().id();
        let claimed = claim(&world).await;
        assert!(matches!(claimed[0].job.work, JobWork::StartChild(_)));
        // Its lease runs out; another worker does it, then the first one does it again.
        world.pass(SignedDuration::from_mins(1));
        world.engine.tick().await.unwrap();
        world.has_no_jobs().await;
        let children = children_of(&world, id).await;
        assert_eq!(children.len(), 1, "{}", world.name());

        let view = world.view(children[0].0).await;
        let task = view.instance.tasks().next().unwrap().id;
        world.engine.call(Call::complete(task)).await.unwrap();
        let claimed = claim(&world).await;
        assert!(matches!(claimed[0].job.work, JobWork::EndChild { .. }));
        world.pass(SignedDuration::from_mins(1));
        world.engine.tick().await.unwrap();
        assert_eq!(world.status(id).await, "completed", "{}", world.name());
        world.has_no_jobs().await;
        world.is_consistent(id).await;
    }
}

#[tokio::test]
async fn a_parent_that_is_cancelled_before_its_child_began_has_none() {
    let parent = parent("workflow: child");
    for world in worlds(&[CHILD, &parent], |builder| builder).await {
        let id = world.engine.start(Start::of("parent")).await.unwrap().id();
        world
            .engine
            .call(Call::cancel(id).reason("no"))
            .await
            .unwrap();
        world.engine.tick().await.unwrap();
        assert_eq!(children_of(&world, id).await, [], "{}", world.name());
        world.has_no_jobs().await;
    }
}

#[tokio::test]
async fn the_word_that_stops_a_child_may_come_before_the_child() {
    let parent = parent("workflow: child");
    for world in worlds(&[CHILD, &parent], |builder| builder).await {
        let id = world.engine.start(Start::of("parent")).await.unwrap().id();
        // The store was out of reach: the start is tried again in a minute.
        let job = claim(&world).await.remove(0);
        let now = world.engine.clock().now();
        let later = now + SignedDuration::from_mins(1);
        let (tenant, work) = (&job.job.tenant, &job.job.work);
        let again = world
            .store()
            .retry(tenant, job.job.id, job.token, later, 1, work);
        assert!(again.await.unwrap());
        world
            .engine
            .call(Call::cancel(id).reason("no"))
            .await
            .unwrap();
        world.engine.tick().await.unwrap();
        world.pass(SignedDuration::from_mins(1));
        world.engine.tick().await.unwrap();
        let children = children_of(&world, id).await;
        assert!(
            children.iter().all(|(_, status)| status == "cancelled"),
            "{}",
            world.name()
        );
        world.has_no_jobs().await;
    }
}

#[tokio::test]
async fn a_thousand_children_run_and_one_more_is_refused() {
    let parent = parent("workflow: quick, for_each: numbers, as: number, data: {n: number}");
    for world in worlds(&[QUICK, &parent], |builder| builder).await {
        // What a thousand children write is the same on every store, and slow on some.
        let most = if world.name() == "memory" { 1_000 } else { 50 };
        let numbers: Vec<u32> = (0..most).collect();
        let id = world.start("parent", json!({"numbers": numbers})).await;
        assert_eq!(world.status(id).await, "completed", "{}", world.name());
        let data = world.view(id).await.instance.data().clone();
        let results = data["results"].as_array().unwrap();
        assert_eq!(results.len(), numbers.len());
        assert!(
            (0_u64..)
                .zip(results)
                .all(|(n, result)| result["n"] == 2 * n)
        );
        world.has_no_jobs().await;

        let numbers: Vec<u32> = (0..1_001).collect();
        let data = json!({"numbers": numbers});
        let start = Start::of("parent").data(&data).unwrap();
        assert_eq!(refused(world.engine.start(start).await), "limit_exceeded");
    }
}

#[tokio::test]
async fn no_child_is_added_to_a_thousand() {
    let parent = parent("workflow: child, for_each: numbers");
    let limited = |builder: signoff::Builder| {
        builder.limits(Limits {
            children: 3,
            ..Limits::default()
        })
    };
    for world in worlds(&[CHILD, &parent], limited).await {
        let id = world.start("parent", json!({"numbers": [1, 2]})).await;
        let add = || {
            world
                .engine
                .call(Call::add_branch(id, "delegate", json!(3)))
        };
        add().await.unwrap();
        assert_eq!(refused(add().await), "limit_exceeded", "{}", world.name());
        world.engine.tick().await.unwrap();
        assert_eq!(children_of(&world, id).await.len(), 3, "{}", world.name());
    }
}

#[tokio::test]
async fn a_child_that_cannot_begin_fails_its_parent_with_its_code() {
    let strict = CHILD.replace(
        "nodes:",
        "data: {type: object, required: [n], properties: {n: {type: integer}}}\nnodes:",
    );
    let caught = parent("workflow: child").replace(
        "into: results},",
        "into: results}, on_error: [{code: form_invalid, next: mend}],",
    ) + "  mend: {task: {user: ann}, next: end}\n";
    for world in worlds(&[&strict, &parent("workflow: child")], |builder| builder).await {
        let id = world.start("parent", json!({})).await;
        assert_eq!(world.at(id).await, ["delegate"], "{}", world.name());
        assert_eq!(
            world.incidents().await,
            ["child_failed"],
            "{}",
            world.name()
        );
        publish(&world.engine, &caught).await;
        let id = world.start("parent", json!({})).await;
        assert_eq!(world.at(id).await, ["mend"], "{}", world.name());
        world.has_no_jobs().await;
    }
}

#[tokio::test]
async fn a_workflow_that_is_not_there_or_not_active_is_refused_to_whoever_calls() {
    for world in worlds(&[&parent("workflow: child")], |builder| builder).await {
        let start = || world.engine.start(Start::of("parent"));
        assert_eq!(
            refused(start().await),
            "dangling_reference",
            "{}",
            world.name()
        );
        publish(&world.engine, CHILD).await;
        let (tenant, key) = (TenantId::default(), "child".into());
        world
            .store()
            .set_active(&tenant, &key, false)
            .await
            .unwrap();
        assert_eq!(
            refused(start().await),
            "dangling_reference",
            "{}",
            world.name()
        );
        world.store().set_active(&tenant, &key, true).await.unwrap();
        // Switched off between the order and the start.
        let id = start().await.unwrap().id();
        world
            .store()
            .set_active(&tenant, &key, false)
            .await
            .unwrap();
        world.engine.tick().await.unwrap();
        assert_eq!(world.at(id).await, ["delegate"], "{}", world.name());
        assert_eq!(
            world.incidents().await,
            ["child_failed"],
            "{}",
            world.name()
        );
        world.store().set_active(&tenant, &key, true).await.unwrap();
        world
            .engine
            .call(Call::retry(id, "delegate"))
            .await
            .unwrap();
        world.engine.tick().await.unwrap();
        assert_eq!(world.incidents().await, [""; 0], "{}", world.name());
        assert_eq!(world.count("child", "running").await, 1, "{}", world.name());
    }
}

#[tokio::test]
async fn a_parent_that_is_withdrawn_stops_its_children_and_one_that_is_stopped_does_not_count() {
    let parent = parent("workflow: child, for_each: numbers");
    for world in worlds(&[CHILD, &parent], |builder| builder).await {
        let id = world.start("parent", json!({"numbers": [1, 2, 3]})).await;
        let children = children_of(&world, id).await;
        assert_eq!(children.len(), 3);
        let stop = Call::cancel(children[0].0).reason("not needed");
        world.engine.call(stop).await.unwrap();
        world.engine.tick().await.unwrap();
        world.complete(children[1].0, "work").await;
        world.complete(children[2].0, "work").await;
        assert_eq!(world.status(id).await, "completed", "{}", world.name());
        let data = world.view(id).await.instance.data().clone();
        let results: Vec<bool> = data["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value.is_null())
            .collect();
        assert_eq!(
            results.iter().filter(|is_null| **is_null).count(),
            1,
            "{}",
            world.name()
        );

        let id = world.start("parent", json!({"numbers": [1, 2, 3]})).await;
        world
            .engine
            .call(Call::cancel(id).reason("no"))
            .await
            .unwrap();
        world.engine.tick().await.unwrap();
        let children = children_of(&world, id).await;
        assert!(
            children.iter().all(|(_, status)| status == "cancelled"),
            "{}",
            world.name()
        );
        world.has_no_jobs().await;
    }
}

#[tokio::test]
async fn a_flow_that_starts_itself_goes_thirty_deep_and_comes_back() {
    let nest = "
format: signoff/v1
kind: flow
key: nest
nodes:
  start: {start: {}, next: deep_enough}
  deep_enough: {if: depth >= 30, then: end, else: deeper}
  deeper: {subprocess: {workflow: nest, data: {depth: depth + 1}, into: inner}, next: end}
  end: {end: {}}
";
    for world in worlds(&[nest], |builder| builder).await {
        let id = world
            .engine
            .start(Start::of("nest").data(&json!({"depth": 0})).unwrap());
        let id = id.await.unwrap().id();
        // A newer version does not change what runs.
        publish(&world.engine, &nest.replace("depth >= 30", "depth >= 2")).await;
        world.engine.tick().await.unwrap();
        assert_eq!(world.status(id).await, "completed", "{}", world.name());
        assert_eq!(
            world.count("nest", "completed").await,
            31,
            "{}",
            world.name()
        );
        world.has_no_jobs().await;
    }
}

#[tokio::test]
async fn a_child_runs_the_version_that_its_parent_means() {
    let with = |version: &str| parent(&format!("workflow: child, version: {version}"));
    let second = CHILD.replace("work", "work_anew");
    for world in worlds(&[CHILD], |builder| builder).await {
        for (version, expected) in [("pinned", "work"), ("latest", "work_anew"), ("1", "work")] {
            publish(&world.engine, &with(version)).await;
            let id = world.engine.start(Start::of("parent")).await.unwrap().id();
            world.engine.tick().await.unwrap();
            if version == "pinned" {
                world.pass(SignedDuration::from_secs(1));
                publish(&world.engine, &second).await;
                let late = world.start("parent", json!({})).await;
                let child = children_of(&world, late).await[0].0;
                assert_eq!(world.at(child).await, ["work"], "{}", world.name());
            }
            let child = children_of(&world, id).await[0].0;
            assert_eq!(
                world.at(child).await,
                [expected],
                "{version} {}",
                world.name()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn children_that_end_at_once_are_all_counted() {
    let parent = parent("workflow: child, for_each: numbers");
    for world in worlds(&[CHILD, &parent], |builder| builder).await {
        let numbers: Vec<u32> = (0..20).collect();
        let id = world.start("parent", json!({"numbers": numbers})).await;
        let mut calls = tokio::task::JoinSet::new();
        for (child, _) in children_of(&world, id).await {
            let task = world.view(child).await.instance.tasks().next().unwrap().id;
            let engine = world.engine.clone();
            calls.spawn(async move {
                let done = engine.call(Call::complete(task)).await;
                engine.tick().await.unwrap();
                done
            });
        }
        for done in calls.join_all().await {
            match done {
                Ok(_) => {}
                Err(signoff::NotDone::Refused(refusal)) => {
                    assert_ne!(refusal.code, RefusalCode::Conflict, "{}", world.name());
                }
                Err(signoff::NotDone::Failed(error)) => panic!("{}: {error}", world.name()),
            }
        }
        world.engine.tick().await.unwrap();
        assert_eq!(world.status(id).await, "completed", "{}", world.name());
        world.is_consistent(id).await;
        world.has_no_jobs().await;
    }
}

//! Types of subjects: which workflows they have, and whether their status changes without one.

use signoff::{
    Binding, Call, Format, NotDone, RefusalCode, Start, Subject,
    store::{WorkflowChange, WorkflowStatus},
};

use crate::world::World;

fn approval(key: &str) -> String {
    format!("format: signoff/v1\nkind: approval\nkey: {key}\napprovals: [{{role: lead}}]\n")
}

async fn world() -> World {
    let [order, trip] = [approval("order_check"), approval("trip_check")];
    World::new(&[&order, &trip]).await
}

fn start(workflow: &str, kind: &str, id: u32) -> Start {
    Start::of(workflow).subject(kind, id).by("ann")
}

fn code<T: std::fmt::Debug>(done: Result<T, NotDone>) -> RefusalCode {
    match done {
        Err(NotDone::Refused(refusal)) => refusal.code,
        other => panic!("{other:?}"),
    }
}

async fn workflows(world: &World, kind: &str) -> Vec<String> {
    let found = world.engine.workflows_for(&world.tenant, kind).await;
    found
        .unwrap()
        .into_iter()
        .map(|row| row.key.to_string())
        .collect()
}

#[tokio::test]
async fn a_type_has_the_workflows_that_it_is_bound_to_else_the_default_ones_else_all() {
    let world = world().await;
    let both = ["order_check", "trip_check"];
    assert_eq!(workflows(&world, "order").await, both);
    let bind = async |kind: &str, binding: Binding| {
        let engine = &world.engine;
        engine.bind(&world.tenant, kind, &binding, None).await
    };
    bind("order", Binding::new().workflow("order_check"))
        .await
        .unwrap();
    assert_eq!(workflows(&world, "order").await, ["order_check"]);
    assert_eq!(workflows(&world, "trip").await, both);
    assert_eq!(
        code(world.engine.start(start("trip_check", "order", 1)).await),
        RefusalCode::TargetInvalid
    );
    world
        .engine
        .start(start("order_check", "order", 1))
        .await
        .unwrap();
    world
        .engine
        .start(start("order_check", "trip", 1))
        .await
        .unwrap();
    bind("default", Binding::new().workflow("trip_check"))
        .await
        .unwrap();
    assert_eq!(workflows(&world, "trip").await, ["trip_check"]);
    assert_eq!(workflows(&world, "order").await, ["order_check"]);
    assert_eq!(
        code(world.engine.start(start("order_check", "trip", 2)).await),
        RefusalCode::TargetInvalid
    );
    world
        .engine
        .start(Start::of("order_check").by("ann"))
        .await
        .unwrap();
    assert_eq!(
        code(bind("order", Binding::new().workflow("nothing")).await),
        RefusalCode::TargetInvalid
    );
    let inactive = WorkflowChange {
        status: Some(WorkflowStatus::Inactive),
        ..WorkflowChange::default()
    };
    let key = "trip_check".into();
    let store = world.engine.store();
    store
        .workflow_change(&world.tenant, &key, &inactive)
        .await
        .unwrap();
    assert!(
        workflows(&world, "trip").await.is_empty(),
        "only active ones"
    );
}

#[tokio::test]
async fn a_type_is_bound_anew_and_the_same_again_changes_nothing() {
    let world = world().await;
    let (engine, tenant) = (&world.engine, &world.tenant);
    let first = Binding::new()
        .default_workflow("order_check")
        .status_field("state", Some("new"))
        .stage_field("stage");
    for _ in 0..2 {
        engine
            .bind(tenant, "order", &first, Some(&"ada".into()))
            .await
            .unwrap();
        world.clock.set("2026-02-01T00:00:00Z".parse().unwrap());
    }
    let row = engine
        .store()
        .binding(tenant, "order")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.changed_at.to_string(), "2026-01-05T09:00:00Z");
    assert_eq!(row.changed_by, Some("ada".into()));
    assert_eq!(
        engine.bindings(tenant).await.unwrap(),
        [("order".to_owned(), first)]
    );
    let second = Binding::new()
        .status_field("status", None)
        .no_direct_change();
    engine.bind(tenant, "order", &second, None).await.unwrap();
    assert_eq!(engine.binding(tenant, "order").await.unwrap(), second);
    assert!(engine.unbind(tenant, "order").await.unwrap());
    assert_eq!(
        engine.binding(tenant, "order").await.unwrap(),
        Binding::new()
    );
}

#[tokio::test]
async fn a_status_is_not_changed_beside_a_workflow_or_where_the_type_forbids_it() {
    let world = world().await;
    let (engine, tenant) = (&world.engine, &world.tenant);
    let subject = |id: &str| Subject {
        kind: "order".to_owned(),
        id: id.to_owned(),
    };
    engine.direct_change(tenant, &subject("1")).await.unwrap();
    let id = engine
        .start(start("order_check", "order", 1))
        .await
        .unwrap()
        .id();
    assert_eq!(
        code(engine.direct_change(tenant, &subject("1")).await),
        RefusalCode::AlreadyStarted
    );
    engine.direct_change(tenant, &subject("2")).await.unwrap();
    let later = start("order_check", "order", 2).later();
    engine.start(later).await.unwrap();
    assert_eq!(
        code(engine.direct_change(tenant, &subject("2")).await),
        RefusalCode::AlreadyStarted
    );
    engine
        .call(Call::cancel(id).reason("no more").by("ada"))
        .await
        .unwrap();
    engine.direct_change(tenant, &subject("1")).await.unwrap();
    let binding = Binding::new().no_direct_change();
    engine.bind(tenant, "order", &binding, None).await.unwrap();
    assert_eq!(
        code(engine.direct_change(tenant, &subject("1")).await),
        RefusalCode::NotPermitted
    );
}

#[tokio::test]
async fn default_workflows_are_provisioned_once_for_each_tenant() {
    let world = World::new(&[]).await;
    let [order, trip] = [approval("order_check"), approval("trip_check")];
    let sources = [
        (order.as_str(), Format::Yaml),
        (trip.as_str(), Format::Yaml),
    ];
    let bindings = [("order", Binding::new().default_workflow("order_check"))];
    for tenant in ["acme", "globex"].map(Into::into) {
        let engine = &world.engine;
        let made = engine
            .provision(&tenant, &sources, &bindings)
            .await
            .unwrap();
        assert_eq!(made.len(), 2);
        let own = order.replace("lead", "clerk");
        engine
            .publish(&tenant, &[(&own, Format::Yaml)])
            .await
            .unwrap();
        let other = Binding::new().no_direct_change();
        engine.bind(&tenant, "order", &other, None).await.unwrap();
        let again = engine
            .provision(&tenant, &sources, &bindings)
            .await
            .unwrap();
        assert!(again.is_empty());
        let versions = engine.store().workflows(&tenant).await.unwrap();
        let versions: Vec<u32> = versions.iter().map(|row| row.latest).collect();
        assert_eq!(versions, [2, 1], "what a tenant has made of them stays");
        assert_eq!(engine.binding(&tenant, "order").await.unwrap(), other);
    }
}

#[tokio::test]
async fn only_registered_actions_run_and_each_name_is_registered_once() {
    let note = |_: signoff::actions::ActionCall| async { Ok(serde_json::Value::Null) };
    let build = |names: &[&str]| {
        let clock = crate::world::clock();
        let store = signoff::store::MemoryStore::new();
        let builder = crate::world::builder(&store, &clock);
        let all = names
            .iter()
            .fold(builder, |builder, name| builder.action(*name, note));
        all.build().map(drop)
    };
    build(&["note", "other"]).unwrap();
    for names in [&["note", "note"][..], &["no such name"], &[""]] {
        let error = build(names).unwrap_err();
        assert_eq!(error.kind(), signoff::ErrorKind::Configuration, "{names:?}");
    }
    let unknown = approval("order_check") + "actions: {on_workflow_start: [{run: nowhere}]}\n";
    let world = World::with(|builder| builder.action("note", note), &[]).await;
    let sources = [(unknown.as_str(), Format::Yaml)];
    let error = world.engine.publish(&world.tenant, &sources).await;
    let codes: Vec<&str> = error
        .unwrap_err()
        .problems()
        .iter()
        .map(|problem| problem.code)
        .collect();
    assert_eq!(codes, ["unknown_function"]);
}

#[tokio::test]
async fn an_empty_list_of_types_allows_all_else_only_those_on_it() {
    let order = approval("order_check");
    let world = World::with(|builder| builder.subject_type("order"), &[&order]).await;
    world
        .engine
        .start(start("order_check", "order", 1))
        .await
        .unwrap();
    assert_eq!(
        code(world.engine.start(start("order_check", "trip", 1)).await),
        RefusalCode::TargetInvalid
    );
    world
        .engine
        .start(Start::of("order_check").by("ann"))
        .await
        .unwrap();
    let world = self::world().await;
    world
        .engine
        .start(start("order_check", "trip", 1))
        .await
        .unwrap();
}

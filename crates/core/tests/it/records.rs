//! Stored instances: what was once written loads, goes on, and is written the same.

use std::{fs, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;
use signoff_core::{
    instance::{ActivationRow, Instance, InstanceRow, LoadedRows, TaskRow},
    machine::{Run, Step},
};

use crate::{
    graphs::{approval, graph, join, role, row, split, user},
    world::World,
};

/// Every row of one instance, as a store keeps them.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Stored {
    instance: InstanceRow,
    activations: Vec<ActivationRow>,
    tasks: Vec<TaskRow>,
}

fn records() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/records")
}

/// Every event by its stored name, from the records.
pub(crate) fn event_names() -> Vec<String> {
    let files = fs::read_dir(records()).unwrap();
    files
        .filter_map(|file| {
            let name = file.unwrap().file_name().into_string().unwrap();
            Some(
                name.strip_prefix("event_")?
                    .strip_suffix(".json")?
                    .to_owned(),
            )
        })
        .collect()
}

/// An instance with a result, an open scope, a failed activation, an offer and a claimed task.
fn world() -> World {
    let mut nodes = row([
        approval("first", [user("rita")]),
        split("s", &["a", "b", "c"]),
    ]);
    nodes.extend([
        approval("a", [role("clerk")]).next("j"),
        approval("b", [role("clerk")]).next("j"),
        approval("c", [user("ghost")]).next("j"),
        join("j"),
    ]);
    let mut world = World::new(graph(nodes), "ann; rita clerk; bob clerk");
    world.subject = Some(signoff_core::id::Subject {
        kind: "order".to_owned(),
        id: "17".to_owned(),
    });
    world.start("ann", json!({"n": 1})).unwrap();
    world.approve("rita", "first").unwrap();
    world.claim("bob", "b").unwrap();
    world
}

#[test]
fn a_stored_instance_loads_and_is_written_the_same() {
    let mut world = world();
    let path = records().join("instance.json");
    if std::env::var_os("UPDATE").is_some() {
        let open = |task: &&TaskRow| task.closed_at.is_none();
        let stored = Stored {
            instance: world.store.instance.clone().unwrap(),
            activations: world.store.activations.values().cloned().collect(),
            tasks: world.store.tasks.values().filter(open).cloned().collect(),
        };
        let text = serde_json::to_string_pretty(&stored).unwrap();
        fs::write(&path, format!("{text}\n")).unwrap();
    }
    let stored: Stored = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let rows = LoadedRows {
        instance: stored.instance.clone(),
        activations: stored.activations,
        tasks: stored.tasks,
    };
    let loaded = Instance::from_rows(&rows).unwrap();
    assert_eq!(world.instance.as_ref(), Some(&loaded));
    // Taking a task changes nothing but that task: the state is encoded anew from what was decoded.
    world.claim("rita", "a").unwrap();
    let written = world.store.instance.clone().unwrap();
    assert_eq!(written.state, stored.instance.state);
    assert_eq!(written.version, stored.instance.version + 1);
    assert_eq!(
        (written.data, written.forms),
        (stored.instance.data, stored.instance.forms)
    );
}

#[test]
fn corrupt_rows_are_told_by_name() {
    let world = world();
    let rows = |change: fn(&mut LoadedRows)| {
        let mut rows = LoadedRows {
            instance: world.store.instance.clone().unwrap(),
            activations: world.store.activations.values().cloned().collect(),
            tasks: world.store.tasks.values().cloned().collect(),
        };
        change(&mut rows);
        Instance::from_rows(&rows).map_err(|error| error.what)
    };
    assert!(rows(|_| {}).is_ok());
    let found = [
        rows(|rows| rows.instance.state = "{}".to_owned()).err(),
        rows(|rows| rows.instance.data = Some("{".to_owned())).err(),
        rows(|rows| rows.instance.forms = Some(String::new())).err(),
        rows(|rows| rows.activations[0].body = "null".to_owned()).err(),
        rows(|rows| rows.tasks[0].body = "[]".to_owned()).err(),
    ];
    assert_eq!(
        found,
        ["state", "data", "forms", "activation", "task"].map(Some)
    );
}

#[test]
fn a_run_can_be_asked_again_after_it_is_over() {
    let world = world();
    let start = signoff_core::command::Command::Start(Box::new(world.start_of(json!({}))));
    let facts = signoff_core::facts::Facts {
        context: Default::default(),
        command: signoff_core::id::CommandId::new(uuid::Uuid::from_u128(1 << 90)),
        now: world.now,
        actor: signoff_core::actor::Actor::Host,
        settings: Default::default(),
        answers: Default::default(),
    };
    let mut run = Run::new(&world.graph, world.instance.as_ref(), &start);
    let first = run.poll(&facts);
    assert_eq!(first, run.poll(&facts), "a refusal");
    let empty = graph([crate::graphs::end("end")]);
    let mut run = Run::new(&empty, None, &start);
    let first = run.poll(&facts);
    assert!(matches!(first, Step::Accept(_)));
    assert_eq!(first, run.poll(&facts), "an acceptance");
}

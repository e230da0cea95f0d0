//! A load gives what it names, and nothing of others.

use std::slice::from_ref;

use signoff_core::{
    change::{RowOp, Rows},
    instance::LoadedRows,
};

use super::sample::{
    Tested, activation, activation_id, closed, commit, held, insert, load_of, of_tenant, start,
    task, task_id, tenant,
};
use crate::contract::{Load, Loaded, Part, Target};

/// Two activations with open tasks (3 with tasks 10 and 11, 4 with 12), one without (5), one past
/// (6 with 13).
fn rich() -> Rows {
    let mut rows = start(1);
    let mut carrier = task(&rows, 10, 3);
    carrier.activation_body = Some(r#"{"carried":true}"#.to_owned());
    rows.tasks = vec![
        insert(carrier),
        insert(held(task(&rows, 11, 3), "max")),
        insert(task(&rows, 12, 4)),
        insert(closed(task(&rows, 13, 6), "max", 5)),
    ];
    rows.activations = vec![(RowOp::Insert, activation(&rows, 5))];
    rows
}

fn of_task(task: u32, part: Part) -> Load {
    Load {
        tenant: tenant(),
        target: Target::Task(task_id(task)),
        part,
    }
}

#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "what was loaded is looked at once"
)]
fn check(loaded: Option<Loaded>, tasks: &[u32], activations: &[u32], target: Option<u32>) {
    let rich = rich();
    let task = |n: &u32| {
        let mut all = rich.tasks.iter().map(|(_, row)| row);
        all.find(|row| row.id == task_id(*n)).unwrap().clone()
    };
    let expected = Loaded {
        rows: LoadedRows {
            instance: rich.instance.clone(),
            activations: activations.iter().map(|n| activation(&rich, *n)).collect(),
            tasks: tasks.iter().map(task).collect(),
        },
        task: target.as_ref().map(task),
    };
    assert_eq!(loaded, Some(expected));
}

pub(super) async fn each_part_loads_what_it_says(store: Tested) {
    let rows = rich();
    commit(&store, &[rows.clone(), start(2)]).await;
    let load = async |part| store.load(&load_of(&rows, part)).await.unwrap();
    check(load(Part::Header).await, &[], &[], None);
    check(load(Part::OfTask).await, &[], &[], None);
    check(load(Part::All).await, &[10, 11, 12], &[5], None);
    check(
        load(Part::Activation(activation_id(3))).await,
        &[10, 11],
        &[],
        None,
    );
    check(
        load(Part::Activation(activation_id(5))).await,
        &[],
        &[5],
        None,
    );
    check(
        load(Part::Activation(activation_id(6))).await,
        &[],
        &[],
        None,
    );
    check(
        load(Part::Activation(activation_id(77))).await,
        &[],
        &[],
        None,
    );
}

pub(super) async fn a_task_leads_to_its_instance(store: Tested) {
    commit(&store, &[rich(), start(2)]).await;
    let load = async |part| store.load(&of_task(11, part)).await.unwrap();
    check(load(Part::Header).await, &[], &[], Some(11));
    check(load(Part::OfTask).await, &[10, 11], &[], Some(11));
    check(load(Part::All).await, &[10, 11, 12], &[5], Some(11));
    check(
        load(Part::Activation(activation_id(5))).await,
        &[],
        &[5],
        Some(11),
    );
}

pub(super) async fn a_closed_task_is_found_but_not_live(store: Tested) {
    commit(&store, &[rich()]).await;
    let load = async |part| store.load(&of_task(13, part)).await.unwrap();
    check(load(Part::OfTask).await, &[], &[], Some(13));
    check(load(Part::All).await, &[10, 11, 12], &[5], Some(13));
}

pub(super) async fn nothing_is_loaded_of_another_tenant(store: Tested) {
    let rows = rich();
    commit(&store, from_ref(&rows)).await;
    let target = |target| Load {
        tenant: "globex".into(),
        target,
        part: Part::All,
    };
    let by_instance = target(Target::Instance(rows.instance.id));
    let by_task = target(Target::Task(task_id(10)));
    assert_eq!(store.load(&by_instance).await.unwrap(), None);
    assert_eq!(store.load(&by_task).await.unwrap(), None);
    assert_eq!(store.load(&of_task(99, Part::OfTask)).await.unwrap(), None);

    let mut other = of_tenant(start(1), &"globex".into());
    other.instance.state = "theirs".to_owned();
    let mut theirs = task(&other, 10, 3);
    theirs.body = "theirs".to_owned();
    other.tasks = vec![insert(theirs.clone())];
    commit(&store, from_ref(&other)).await;
    let loaded = store.load(&by_task).await.unwrap().unwrap();
    assert_eq!(
        (loaded.rows.instance, loaded.task),
        (other.instance, Some(theirs))
    );
    check(
        store.load(&load_of(&rows, Part::All)).await.unwrap(),
        &[10, 11, 12],
        &[5],
        None,
    );
}

//! Who sees what, and who reaches what.

use std::sync::Arc;

use signoff::{
    Call, MemoryDirectory, Profile, RefusalCode, Start, TenantId,
    core::text::Text,
    store::{PageRequest, Whose},
};

use crate::world::World;

const OPEN: &str = "
format: signoff/v1
kind: flow
key: open
data: {type: object, required: [who], properties: {who: {type: string}}}
nodes:
  start: {start: {form: [who]}, next: work}
  work: {task: {from: who}, next: end}
  end: {end: {}}
";
const GUARDED: &str = "
format: signoff/v1
kind: flow
key: guarded
managers: [role:lead]
viewers: [user:bob]
nodes:
  start: {start: {}, next: work}
  work: {task: {requester: true}, next: end}
  end: {end: {}}
";

async fn sees(world: &World, id: signoff::InstanceId, person: &str) -> bool {
    let person = world
        .engine
        .person(&world.tenant, &person.into())
        .await
        .unwrap()
        .unwrap();
    world.view(id).await.may_be_seen_by(&person)
}

#[tokio::test]
async fn who_has_a_part_in_one_instance_sees_that_one_only() {
    let world = World::new(&[OPEN]).await;
    let mut ids = Vec::new();
    for who in ["bob", "max"] {
        let start = Start::of("open").data(&serde_json::json!({"who": who}));
        ids.push(
            world
                .engine
                .start(start.unwrap().by("ann"))
                .await
                .unwrap()
                .id(),
        );
    }
    for (person, expected) in [
        ("ann", [true, true]),
        ("ada", [true, true]),
        ("bob", [true, false]),
        ("max", [false, true]),
        ("off", [false, false]),
    ] {
        let seen = [
            sees(&world, ids[0], person).await,
            sees(&world, ids[1], person).await,
        ];
        assert_eq!(seen, expected, "{person}");
        let id = person.into();
        let page = PageRequest::default();
        let held = world
            .engine
            .tasks(&world.tenant, Whose::HeldBy(id), &page)
            .await
            .unwrap();
        let holds = usize::from(["bob", "max"].contains(&person));
        assert_eq!(held.items.len(), holds, "{person}");
    }
    world.complete(ids[0], "work", "bob").await;
    assert!(
        sees(&world, ids[0], "bob").await,
        "who has acted sees it for ever"
    );
}

#[tokio::test]
async fn each_workflow_says_who_manages_and_who_looks_on() {
    let world = World::new(&[OPEN, GUARDED]).await;
    let guarded = world.start("guarded", "ann").await.id();
    let start = Start::of("open").data(&serde_json::json!({"who": "ann"}));
    let open = world
        .engine
        .start(start.unwrap().by("ann"))
        .await
        .unwrap()
        .id();
    for (person, of_guarded, of_open) in [
        ("bob", true, false),
        ("max", true, false),
        ("ann", true, true),
    ] {
        assert_eq!(sees(&world, guarded, person).await, of_guarded, "{person}");
        assert_eq!(sees(&world, open, person).await, of_open, "{person}");
    }
    for (id, by, may) in [
        (guarded, "bob", false),
        (guarded, "ann", false),
        (open, "max", false),
        (open, "ann", false),
        (guarded, "max", true),
        (open, "ada", true),
    ] {
        let done = world
            .engine
            .call(Call::cancel_task(id, "work").by(by))
            .await;
        let code = done.err().map(|not_done| not_done.code());
        assert_eq!(code, (!may).then_some("not_permitted"), "{by}");
    }
}

#[tokio::test]
async fn nothing_is_reached_through_an_instance_or_a_tenant_that_it_is_not_of() {
    let world = World::new(&[GUARDED]).await;
    let one = world.start("guarded", "ann").await.id();
    let other = world.start("guarded", "ann").await.id();
    let activation = world
        .view(other)
        .await
        .instance
        .activations()
        .next()
        .unwrap()
        .id;
    for call in [
        Call::cancel_task(one, activation),
        Call::skip(one, activation).reason("x"),
        Call::revive(one, activation),
        Call::jump(one, activation).to("work").reason("x"),
    ] {
        assert!(world.engine.call(call).await.is_err());
    }
    assert_eq!(world.at(other).await, ["work"]);
    let elsewhere = TenantId::from("elsewhere");
    let task = world.task(one, "work").await;
    assert!(world.engine.task(&elsewhere, task).await.unwrap().is_none());
    assert!(
        world
            .engine
            .instance(&elsewhere, one)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(world.engine.history(&elsewhere, one).await.unwrap(), []);
    assert_eq!(world.engine.visits(&elsewhere, one).await.unwrap(), []);
    let refused = world
        .engine
        .call(Call::complete(task).tenant(elsewhere))
        .await;
    let code = RefusalCode::NotFound.as_str();
    assert_eq!(refused.unwrap_err().code(), code);
}

const PARCEL: &str = "
format: signoff/v1
kind: flow
key: parcel
title: {en: Parcel, ar: طرد}
data: {type: object, properties: {fine: {type: boolean, default: true}}}
nodes:
  start: {start: {}, next: check}
  check: {title: {en: Check the label, ar: فحص الملصق}, task: {permission: true}, next: again}
  again: {if: fine, then: end, else: sign}
  sign: {task: {approvals: [{permission: true}, {permission: true, select: consensus}]}, next: end}
  end: {end: {}}
";

#[tokio::test]
async fn permissions_of_nodes_are_registered_with_names_and_texts_and_held_by_roles() {
    let ann = Profile {
        id: "ann".into(),
        roles: ["parcel.check".into()].into(),
        active: true,
        ..Profile::default()
    };
    // It knows everybody, and yet nobody needs to have a permission before it is asked for.
    let directory = Arc::new(MemoryDirectory::new([ann]).complete());
    let shared = Arc::clone(&directory);
    let world = World::with(
        |builder| builder.shared_directory(shared),
        &[PARCEL, PARCEL],
    )
    .await;
    let told = directory.permissions().into_iter().map(|permission| {
        let in_both =
            |text: &Text| format!("{} | {}", text.for_locale("en"), text.for_locale("ar"));
        let (title, text) = (in_both(&permission.title), in_both(&permission.text));
        [permission.role.to_string(), title, text]
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            [
                "parcel.check",
                "Parcel – Check the label | طرد – فحص الملصق",
                "May do “Check the label” of “Parcel” | يجوز له تنفيذ «فحص الملصق» في «طرد»",
            ],
            [
                "parcel.sign",
                "Parcel – Sign | طرد – Sign",
                "May do “Sign” of “Parcel” | يجوز له تنفيذ «Sign» في «طرد»",
            ],
        ]
    );
    let definition = world
        .engine
        .definition(&world.tenant, &"parcel".into(), None)
        .await;
    let definition = definition.unwrap().unwrap();
    let asked: Vec<_> = definition.graph.permissions().collect();
    assert_eq!(asked, directory.permissions());
    let id = world.start("parcel", "ann").await.id();
    world.complete(id, "check", "ann").await;
    assert_eq!(world.status(id).await, "completed");
}

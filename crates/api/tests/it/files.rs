//! Files that forms refer to, and those that nobody refers to.

use serde_json::json;
use signoff::{
    Call, FileId, InstanceId, NotDone, RefusalCode, Start, Upload,
    core::{limits::Limits, schemas::FieldError},
};

use crate::world::World;

const OFFER: &str = "
format: signoff/v1
kind: approval
key: offer
data: {type: object, properties: {plan: {type: string, format: file}}}
forms:
  papers:
    type: object
    required: [offer]
    properties:
      offer: {type: string, format: file}
      others: {type: array, items: {type: string, format: file}}
approvals: [{role: clerk, form: papers}, {role: lead}]
";

const DAY: i64 = 24 * 60 * 60;

async fn upload(world: &World, by: &str, name: &str) -> FileId {
    let upload = Upload::new(name, b"%PDF".to_vec()).by(by);
    world.engine.upload(upload).await.unwrap().id
}

async fn names(world: &World, id: InstanceId) -> Vec<String> {
    let found = world.engine.files_of(&world.tenant, id).await.unwrap();
    found.into_iter().map(|row| row.name).collect()
}

fn refused(done: Result<signoff::Done, NotDone>) -> (RefusalCode, Vec<FieldError>) {
    match done {
        Err(NotDone::Refused(refusal)) => (refusal.code, refusal.fields),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_form_refers_to_files_that_stay_with_its_instance() {
    let world = World::new(&[OFFER]).await;
    let plan = upload(&world, "ann", "../plans/خطة\n.pdf").await;
    let data = json!({"plan": plan.reference()});
    let start = Start::of("offer").by("ann").data(&data).unwrap();
    let id = world.engine.start(start).await.unwrap().id();
    assert_eq!(names(&world, id).await, ["خطة.pdf"]);
    let [one, two] = [
        upload(&world, "bob", "a.pdf").await,
        upload(&world, "bob", "b.pdf").await,
    ];
    let unused = upload(&world, "bob", "c.pdf").await;
    let task = world.task(id, "offer").await;
    let form = json!({"offer": one.reference(), "others": [two.reference(), plan.reference()]});
    let approve = Call::approve(task).by("bob").form(form.clone());
    world.engine.call(approve).await.unwrap();
    assert_eq!(names(&world, id).await, ["خطة.pdf", "a.pdf", "b.pdf"]);
    let told = world.engine.filled_forms(&world.tenant, id).await.unwrap();
    assert_eq!(told.last().unwrap().answers, form);

    world.after(DAY + 1).await;
    assert_eq!(
        names(&world, id).await.len(),
        3,
        "what is referred to stays"
    );
    let gone = world.engine.file(&world.tenant, unused).await.unwrap();
    assert_eq!(gone, None, "what nobody refers to is dropped after a day");
    let content = world.engine.file_content(&world.tenant, one).await.unwrap();
    assert_eq!(content.as_deref(), Some(&b"%PDF"[..]));
}

#[tokio::test]
async fn only_files_that_somebody_has_uploaded_are_referred_to() {
    let world = World::new(&[OFFER]).await;
    let id = world.start("offer", "ann").await.id();
    let theirs = upload(&world, "ann", "a.pdf").await;
    let nowhere = FileId::new("01900000-0000-7000-8000-000000000000".parse().unwrap());
    let task = world.task(id, "offer").await;
    for file in [theirs, nowhere] {
        let form = json!({"offer": file.reference()});
        let approve = Call::approve(task).by("bob").form(form.clone());
        let (code, fields) = refused(world.engine.call(approve).await);
        assert_eq!(code, RefusalCode::FormInvalid);
        assert_eq!(
            (fields[0].pointer.as_str(), fields[0].code.as_str()),
            ("/offer", "file")
        );
        let approve = Call::approve(task).by("max").form(form);
        let (code, _) = refused(world.engine.call(approve).await);
        assert_eq!(
            code,
            RefusalCode::NotPermitted,
            "who may not act is told that first"
        );
    }
    for text in [
        "a.pdf",
        "file:1",
        "file:01900000-0000-7000-8000-00000000000A",
    ] {
        let approve = Call::approve(task).by("bob").form(json!({"offer": text}));
        let (code, fields) = refused(world.engine.call(approve).await);
        assert_eq!(
            (code, fields[0].code.as_str()),
            (RefusalCode::FormInvalid, "format")
        );
    }
    let own = upload(&world, "bob", "b.pdf").await;
    let form = json!({"offer": own.reference(), "others": 5});
    let approve = Call::approve(task).by("bob").form(form);
    refused(world.engine.call(approve).await);
    let row = world.engine.file(&world.tenant, own).await.unwrap();
    assert_eq!(
        row.unwrap().instance,
        None,
        "a refused command refers to nothing"
    );
}

#[tokio::test]
async fn what_is_added_to_a_task_is_bounded_and_only_while_it_goes_on() {
    let limits = Limits {
        file_bytes: 4,
        ..Limits::default()
    };
    let world = World::with(|builder| builder.limits(limits), &[OFFER]).await;
    let id = world.start("offer", "ann").await.id();
    let task = world.task(id, "offer").await;
    let file = |content: &[u8]| Upload::new("", content.to_vec()).to_task(task);
    let kept = world.engine.upload(file(b"1234").by("bob")).await.unwrap();
    assert_eq!((kept.name.as_str(), kept.size), ("file", 4));
    assert_eq!(
        kept.sha256,
        "03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4"
    );
    assert_eq!((kept.instance, kept.task), (Some(id), Some(task)));
    for (upload, expected) in [
        (file(b"12345"), RefusalCode::LimitExceeded),
        (file(b"1").by("max"), RefusalCode::NotFound),
        (file(b"1").by("nobody"), RefusalCode::NotFound),
    ] {
        match world.engine.upload(upload).await {
            Err(NotDone::Refused(refusal)) => assert_eq!(refusal.code, expected),
            other => panic!("{other:?}"),
        }
    }
    world.after(DAY + 1).await;
    assert_eq!(names(&world, id).await, ["file"]);
    let cancel = Call::cancel(id).reason("no more").by("ada");
    world.engine.call(cancel).await.unwrap();
    match world.engine.upload(file(b"1").by("ann")).await {
        Err(NotDone::Refused(refusal)) => assert_eq!(refusal.code, RefusalCode::NotRunning),
        other => panic!("{other:?}"),
    }
}

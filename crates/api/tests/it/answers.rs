//! What was asked and what was answered stays as it was.

use serde_json::{Value, json};
use signoff::{Call, Start};

use crate::world::World;

const FIRST: &str = "
format: signoff/v1
kind: approval
key: trip
start: {form: travel}
data: {type: object, properties: {where: {type: string}, kept: {}}}
forms:
  travel: {type: object, required: [where], properties: {where: {type: string, title: {en: Where to, ar: إلى أين}}}}
  opinion:
    type: object
    required: [by]
    properties:
      by: {enum: [car, plane], title: By}
      car: {type: object, shown_when: {by: car}, properties: {plate: {type: string, format: uuid}}}
approvals: [{role: clerk, form: opinion}, {role: lead, form: opinion}]
";

const LATER: &str = "
format: signoff/v1
kind: approval
key: trip
data: {type: object, properties: {where: {type: string}, kept: {}}}
forms:
  opinion: {type: object, properties: {words: {type: string, title: In your words}}}
approvals: [{role: clerk, form: opinion}, {role: lead, form: opinion}]
";

#[tokio::test]
async fn a_later_version_of_a_form_does_not_change_what_was_asked() {
    let world = World::new(&[FIRST]).await;
    let start = Start::of("trip")
        .by("ann")
        .data(&json!({"where": "فاس", "kept": 1}))
        .unwrap();
    let id = world.engine.start(start).await.unwrap().id();
    let plate = "01900000-0000-7000-8000-000000000000";
    let form = json!({"by": "car", "car": {"plate": plate}});
    let task = world.task(id, "trip").await;
    let approve = Call::approve(task).by("bob").form(form.clone());
    world.engine.call(approve).await.unwrap();
    world.publish(LATER).await;
    let migrate = Call::migrate(id, signoff::Migration::to_newest()).by("ada");
    world.engine.call(migrate).await.unwrap();
    let task = world.task(id, "trip").await;
    let approve = Call::approve(task).by("max").form(json!({"words": "well"}));
    world.engine.call(approve).await.unwrap();

    let told = world.engine.filled_forms(&world.tenant, id).await.unwrap();
    let told = serde_json::to_value(&told).unwrap();
    let about: Vec<(&Value, &Value, &Value, &Value)> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                &one["form_key"],
                &one["workflow_version"],
                &one["by"],
                &one["answers"],
            )
        })
        .collect();
    let expected = [
        (
            json!("travel"),
            json!(1),
            json!("ann"),
            json!({"where": "فاس"}),
        ),
        (json!("opinion"), json!(1), json!("bob"), form),
        (
            json!("opinion"),
            json!(2),
            json!("max"),
            json!({"words": "well"}),
        ),
    ];
    let expected: Vec<_> = expected.iter().map(|(a, b, c, d)| (a, b, c, d)).collect();
    assert_eq!(about, expected);
    let asked = &told[1];
    assert_eq!(asked["schema"]["properties"]["by"]["title"], "By");
    assert_eq!(
        asked["fields"],
        json!([
            {"key": "by", "title": "By", "kind": null, "format": null, "choices": ["car", "plane"], "required": true,
             "shown_when": null, "answer": "car"},
            {"key": "car", "title": "Car", "kind": "object", "format": null, "choices": null, "required": false,
             "shown_when": {"by": "car"}, "answer": {"plate": plate}, "fields": [
                {"key": "plate", "title": "Plate", "kind": "string", "format": "uuid", "choices": null,
                 "required": false, "shown_when": null, "answer": plate},
            ]},
        ])
    );
    assert_eq!(told[2]["fields"][0]["title"], "In your words");
    assert_eq!(
        told[0]["fields"][0]["title"],
        json!({"ar": "إلى أين", "en": "Where to"})
    );
    assert_eq!(
        (&told[0]["task"], &told[1]["outcome"]),
        (&Value::Null, &json!("approved"))
    );
}

//! `signoff incident`.

use serde_json::Value;
use signoff::{Call, Message, Start};

use crate::run::{engine_on, signoff as run};

const PARCEL: &str = "format: signoff/v1
kind: flow
key: parcel
data: {type: object, properties: {weight: {type: integer}, label: {type: integer}}}
nodes:
  start: {start: {}, next: shipped}
  shipped: {receive: {message: shipped}, next: note}
  note: {set: {label: weight + 1}, next: end}
  end: {end: {}}
";

#[tokio::test]
async fn incidents_are_listed_and_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_on(folder.path(), &["ann"], PARCEL).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let start = Start::of("parcel").by("ann");
        ids.push(engine.start(start).await.unwrap().id());
        engine.send(Message::new("shipped")).await.unwrap();
    }
    let incident = |args: &[&str]| {
        let args = [&["incident"], args, &["--store", "sqlite:x.db"]].concat();
        run(folder.path(), &args)
    };
    let all = incident(&["list"]);
    assert_eq!(all.out.lines().count(), 2, "{}", all.err);
    assert!(all.out.contains("  node_failed  note  "), "{}", all.out);
    let first = ids[0].to_string();
    let one = incident(&["list", "--instance", &first, "-o", "json"]);
    let one: Value = serde_json::from_str(&one.out).unwrap();
    assert_eq!(one["items"].as_array().unwrap().len(), 1);
    assert_eq!(one["items"][0]["instance"], first);
    let id = one["items"][0]["id"].as_str().unwrap();
    let early = incident(&["retry", id]);
    assert_eq!(early.code, Some(1));
    assert!(
        early.out.starts_with(&format!("{id}  refused: ")),
        "{}",
        early.out
    );
    let values = serde_json::Map::from_iter([("weight".to_owned(), 3.into())]);
    engine.call(Call::set_data(ids[0], values)).await.unwrap();
    let again = incident(&["retry", id]);
    assert_eq!(
        (again.code, again.out),
        (Some(0), format!("{id}  tried again\n"))
    );
    let twice = incident(&["retry", id, "-o", "json"]);
    let told: Value = serde_json::from_str(&twice.out).unwrap();
    assert_eq!(twice.code, Some(1));
    assert_eq!(told["items"][0]["refused"]["code"], "not_found");
    assert_eq!(incident(&["list"]).out.lines().count(), 1);
    assert_eq!(incident(&["retry", "x"]).code, Some(2));
}

//! `signoff audit`.

use serde_json::{Value, json};
use signoff::{Call, Start};

use crate::run::{engine_on, signoff as run};

const LEAVE: &str = "format: signoff/v1
kind: approval
key: leave
approvals: [{user: مها}]
";

#[tokio::test]
async fn what_was_done_is_told_by_position() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_on(folder.path(), &["ann", "مها"], LEAVE).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let done = engine.start(Start::of("leave").by("ann")).await.unwrap();
        ids.push(done.id().to_string());
        let call = Call::approve(done.opened[0]).by("مها");
        engine.call(call).await.unwrap();
    }
    let audit = |args: &[&str]| {
        let args = [&["audit"], args, &["--store", "sqlite:x.db"]].concat();
        run(folder.path(), &args)
    };
    let all = audit(&[]);
    let lines: Vec<&str> = all.out.lines().collect();
    assert_eq!(lines.len(), 4, "{}", all.err);
    for (line, position) in lines.iter().zip(1..) {
        assert!(line.starts_with(&format!("{position}  ")), "{line}");
    }
    assert!(
        lines[0].contains("  ann  instance_started "),
        "{}",
        lines[0]
    );
    assert!(lines[1].contains("  مها  "), "{}", lines[1]);
    assert_eq!(
        audit(&["--after", "3"]).out.lines().collect::<Vec<_>>(),
        lines[3..]
    );
    let first = audit(&["--limit", "2"]);
    assert_eq!(first.out.lines().collect::<Vec<_>>(), lines[..2]);
    assert_eq!(first.err, "more: --after 2\n");
    let rest = audit(&["--after", "2", "--limit", "2"]);
    assert_eq!(rest.out.lines().collect::<Vec<_>>(), lines[2..]);
    assert_eq!(rest.err, "", "that was all");
    for (limit, next) in [("3", json!("3")), ("4", json!(null))] {
        let part = audit(&["--limit", limit, "-o", "json"]);
        let part: Value = serde_json::from_str(&part.out).unwrap();
        assert_eq!(part["next_cursor"], next);
    }
    let one = audit(&["--instance", &ids[1], "-o", "json"]);
    let one: Value = serde_json::from_str(&one.out).unwrap();
    assert_eq!(one["items"].as_array().unwrap().len(), 2);
    assert_eq!(one["items"][0]["instance"], ids[1]);
    assert_eq!(one["items"][0]["actor"], "person");
    let hers = audit(&["--person", "مها"]);
    assert_eq!(hers.out.lines().count(), 2, "{}", hers.out);
    let made = audit(&["--event", "instance_completed", "--limit", "1"]);
    assert_eq!(made.out.lines().collect::<Vec<_>>(), lines[1..2]);
    assert_eq!(made.err, "more: --after 2\n");
    let slip = audit(&["--event", "instance_complete"]);
    assert_eq!(slip.code, Some(2), "{}", slip.err);
    let near = "unknown event `instance_complete`; did you mean `instance_completed`?";
    assert!(slip.err.contains(near), "{}", slip.err);
}

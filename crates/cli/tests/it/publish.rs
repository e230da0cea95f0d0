//! `signoff publish`, and definitions that extend each other.

use serde_json::Value;

use crate::run::{folder_with, signoff};

const BASE: &str = "format: signoff/v1
kind: approval
key: buy
actions: {on_workflow_complete: [{run: book}]}
approvals: [{role: boss}]
";
const DERIVED: &str = "format: signoff/v1
key: lease
extends: buy
approvals: [{role: clerk}]
";

#[test]
fn definitions_that_extend_each_other_are_validated_and_published_together() {
    let folder = folder_with("buy.yaml", BASE);
    std::fs::write(folder.path().join("lease.yaml"), DERIVED).unwrap();
    let run = |args: &[&str]| signoff(folder.path(), args);
    let alone = run(&["validate", "lease.yaml"]);
    assert_eq!(alone.code, Some(1));
    assert!(
        alone.out.contains("lease.yaml:3:10: error[unknown_base]"),
        "{}",
        alone.out
    );
    let both = run(&["validate", "lease.yaml", "buy.yaml"]);
    assert_eq!(both.code, Some(0), "{}", both.out);

    let missing = run(&["publish", "buy.yaml", "--store", "sqlite:x.db"]);
    assert_eq!(missing.code, Some(3));
    std::fs::write(folder.path().join("x.db"), "").unwrap();
    let publish = |args: &[&str]| {
        let args: Vec<&str> = ["publish"].iter().chain(args).copied().collect();
        run(&[&args[..], &["--store", "sqlite:x.db"]].concat())
    };
    let early = publish(&["lease.yaml"]);
    assert_eq!((early.code, early.out.as_str()), (Some(1), ""));
    assert!(
        early.err.contains("lease.yaml:3:10: error[unknown_base]"),
        "{}",
        early.err
    );
    let dry = publish(&["lease.yaml", "buy.yaml", "--dry-run"]);
    assert_eq!(
        (dry.code, dry.out.as_str()),
        (Some(0), "2 can be published\n")
    );
    let both = publish(&["lease.yaml", "buy.yaml"]);
    assert_eq!(
        both.out, "lease  version 1  new\nbuy  version 1  new\n",
        "{}",
        both.err
    );
    let again = publish(&["lease.yaml", "-o", "json"]);
    let told: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(told["items"][0]["is_new"], false);
    assert_eq!(told["items"][0]["version"], 1);
    let other = publish(&["lease.yaml", "--tenant", "globex"]);
    assert_eq!(other.code, Some(1));
}

//! `signoff instance list` and `signoff task list`.

use serde_json::Value;
use signoff::{Call, Engine, Format, MemoryDirectory, Profile, Start, TenantId, sqlx::SqliteStore};

use crate::run::signoff as run;

const INVOICE: &str = "format: signoff/v1
kind: approval
key: invoice
title: {en: Invoice, ar: فاتورة}
approvals: [{user: ann}]
";

#[tokio::test]
async fn instances_and_tasks_are_listed_narrowed_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("x.db")).await.unwrap();
    let ann = Profile {
        id: "ann".into(),
        active: true,
        ..Profile::default()
    };
    let engine = Engine::builder()
        .store(store)
        .directory(MemoryDirectory::new([ann]))
        .build()
        .unwrap();
    let tenant = TenantId::default();
    let invoice = [(INVOICE, Format::Yaml)];
    engine.publish(&tenant, &invoice).await.unwrap();
    for (n, key) in ["INV-17", "INV-18 50%"].into_iter().enumerate() {
        let start = Start::of("invoice").subject("order", n).business_key(key);
        let done = engine.start(start.by("ann")).await.unwrap();
        if n == 0 {
            let approve = Call::approve(done.opened[0]).by("ann");
            engine.call(approve).await.unwrap();
        }
    }
    let list = |args: &[&str]| run(folder.path(), &[args, &["--store", "sqlite:x.db"]].concat());
    for (args, expected) in [
        (&[][..], 2),
        (&["--status", "running,failed"], 1),
        (&["--business-key", "INV-17"], 1),
        (&["--business-key", "inv-17"], 0),
        (&["--search", "inv-1"], 2),
        (&["--search", "50%"], 1),
        (&["--search", "فات"], 2),
        (&["--subject", "order/1"], 1),
        (&["--workflow", "invoice,other", "--requester", "ann"], 2),
        (&["--started-before", "2020-01-01T00:00:00Z"], 0),
        (&["--ended-from", "2020-01-01T00:00:00Z"], 1),
        (&["--incidents", "true"], 0),
        (&["--limit", "1"], 1),
    ] {
        let found = list(&[&["instance", "list"], args].concat());
        assert_eq!(
            found.out.lines().count(),
            expected,
            "{args:?}: {}",
            found.err
        );
    }
    let json = |args: &[&str]| -> Value {
        let found = list(&[args, &["-o", "json", "--total"]].concat());
        serde_json::from_str(&found.out).unwrap()
    };
    let told = json(&["instance", "list", "--limit", "1"]);
    assert_eq!(told["total"], 2);
    assert_eq!(told["items"][0]["business_key"], "INV-18 50%");
    assert_eq!(told["items"][0]["subject"]["id"], "1");
    for (args, expected) in [
        (&[][..], 1),
        (&["--closed"], 1),
        (&["--assignee", "ann"], 1),
        (&["--decided-by", "ann", "--outcome", "approved"], 1),
        (&["--business-key", "INV-17"], 0),
        (&["--closed", "--business-key", "INV-17"], 1),
        (&["--search", "INV-18"], 1),
        (&["--due-before", "2030-01-01T00:00:00Z"], 0),
    ] {
        let told = json(&[&["task", "list"], args].concat());
        assert_eq!(
            told["items"].as_array().unwrap().len(),
            expected,
            "{args:?}"
        );
        assert_eq!(told["total"], expected, "{args:?}");
    }
    for bad in [
        &["instance", "list", "--subject", "order"][..],
        &["instance", "list", "--started-from", "yesterday"],
        &["task", "list", "--closed", "--assignee", "ann"],
    ] {
        assert_eq!(list(bad).code, Some(2), "{bad:?}");
    }
}

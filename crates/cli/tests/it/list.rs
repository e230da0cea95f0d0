//! `signoff instance list` and `signoff task list`.

use serde_json::{Value, json};
use signoff::{Call, Start};
use tempfile::TempDir;

use crate::run::{Ran, engine_on, signoff as run};

const INVOICE: &str = "format: signoff/v1
kind: approval
key: invoice
title: {en: Invoice, ar: فاتورة}
data: {type: object, properties: {sum: {type: integer}}}
indexed: [sum]
approvals: [{user: ann}]
";

/// A folder with two invoices, of which the first is approved.
async fn invoices() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_on(folder.path(), &["ann"], INVOICE).await;
    for (n, key) in ["INV-17", "INV-18 50%"].into_iter().enumerate() {
        let start = Start::of("invoice").subject("order", n).business_key(key);
        let start = start.data(&json!({"sum": 10 * n})).unwrap();
        let done = engine.start(start.by("ann")).await.unwrap();
        if n == 0 {
            let approve = Call::approve(done.opened[0]).by("ann");
            engine.call(approve).await.unwrap();
        }
    }
    folder
}

fn list(folder: &TempDir, args: &[&str]) -> Ran {
    run(folder.path(), &[args, &["--store", "sqlite:x.db"]].concat())
}

fn told(folder: &TempDir, args: &[&str]) -> Value {
    let found = list(folder, &[args, &["-o", "json", "--total"]].concat());
    serde_json::from_str(&found.out).unwrap()
}

#[tokio::test]
async fn instances_are_listed_narrowed_and_counted() {
    let folder = invoices().await;
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
        (&["status[ne]=running"], 1),
        (&["data.sum[gte]=5"], 1),
        (&["data.sum[gte]=5", "data.sum[lt]=10"], 0),
        (&["business_key=INV-17", "--search", "17"], 1),
        (&["--workflow", "invoice", "--sort", "-data.sum"], 2),
    ] {
        let found = list(&folder, &[&["instance", "list"], args].concat());
        assert_eq!(
            found.out.lines().count(),
            expected,
            "{args:?}: {}",
            found.err
        );
    }
    let told = told(&folder, &["instance", "list", "--limit", "1"]);
    assert_eq!(told["total"], 2);
    assert_eq!(told["items"][0]["business_key"], "INV-18 50%");
    assert_eq!(told["items"][0]["subject"]["id"], "1");
}

#[tokio::test]
async fn tasks_are_listed_narrowed_and_counted() {
    let folder = invoices().await;
    for (args, expected) in [
        (&[][..], 1),
        (&["--closed"], 1),
        (&["--assignee", "ann"], 1),
        (&["--decided-by", "ann", "--outcome", "approved"], 1),
        (&["--business-key", "INV-17"], 0),
        (&["--closed", "--business-key", "INV-17"], 1),
        (&["--search", "INV-18"], 1),
        (&["--due-before", "2030-01-01T00:00:00Z"], 0),
        (&["state=completed"], 1),
        (&["state[in]=assigned,completed", "node=invoice"], 2),
        (&["state=suspended"], 0),
        (&["opened_at[gte]=2020-01-01T00:00:00Z"], 1),
        (&["closed_at[lt]=2020-01-01T00:00:00Z"], 0),
        (&["--closed", "data.sum=0", "--sort", "closed_at"], 1),
    ] {
        let told = told(&folder, &[&["task", "list"], args].concat());
        assert_eq!(
            told["items"].as_array().unwrap().len(),
            expected,
            "{args:?}"
        );
        assert_eq!(told["total"], expected, "{args:?}");
    }
}

#[tokio::test]
async fn a_list_goes_on_from_a_cursor_in_every_order() {
    let folder = invoices().await;
    let keys = |args: &[&str]| -> (Vec<String>, Option<String>) {
        let told = told(&folder, &[&["instance", "list"], args].concat());
        let items = told["items"].as_array().unwrap().iter();
        let keys = items.map(|item| item["business_key"].as_str().unwrap().to_owned());
        (
            keys.collect(),
            told["next_cursor"].as_str().map(str::to_owned),
        )
    };
    for (sort, first, last) in [
        ("-data.sum", "INV-18 50%", "INV-17"),
        ("data.sum", "INV-17", "INV-18 50%"),
        ("-started_at", "INV-18 50%", "INV-17"),
        ("started_at", "INV-17", "INV-18 50%"),
    ] {
        let (found, next) = keys(&["--sort", sort, "--limit", "1"]);
        assert_eq!(found, [first], "{sort}");
        let (found, end) = keys(&["--sort", sort, "--after", &next.unwrap()]);
        assert_eq!((found, end), (vec![last.to_owned()], None), "{sort}");
    }
    let first = list(&folder, &["instance", "list", "--limit", "1"]);
    let cursor = first.err.strip_prefix("more: --after ").unwrap();
    let rest = list(&folder, &["instance", "list", "--after", cursor.trim_end()]);
    assert_eq!((rest.out.lines().count(), rest.err.as_str()), (1, ""));
}

#[tokio::test]
async fn what_a_list_cannot_be_asked_is_a_mistake_of_usage() {
    let folder = invoices().await;
    for bad in [
        &["instance", "list", "--subject", "order"][..],
        &["instance", "list", "--started-from", "yesterday"],
        &["task", "list", "--closed", "--assignee", "ann"],
        &["instance", "list", "--limit", "0"],
        &["instance", "list", "--after", "x"],
        &["instance", "list", "--sort", "status"],
        &["instance", "list", "statsu=running"],
        &["instance", "list", "status"],
        &["instance", "list", "limit=1"],
        &[
            "instance",
            "list",
            "status=running",
            "--status",
            "failed",
            "status=failed",
        ],
        &[
            "instance",
            "list",
            "--workflow",
            "invoice",
            "data.tax[gt]=1",
        ],
        &["task", "list", "state=done"],
        &["task", "list", "--sort", "due_at"],
    ] {
        assert_eq!(list(&folder, bad).code, Some(2), "{bad:?}");
    }
}

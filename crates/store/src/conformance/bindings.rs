//! Bindings come back, are replaced, and are gone.

use super::sample::{Tested, at, tenant};
use crate::contract::BindingRow;

fn row(subject_type: &str, body: &str) -> BindingRow {
    BindingRow {
        subject_type: subject_type.to_owned(),
        body: body.to_owned(),
        changed_by: (body.len() > 2).then(|| "ann".into()),
        changed_at: at(7),
    }
}

pub(super) async fn a_binding_is_kept_replaced_and_dropped(store: Tested) {
    let long = format!("{{\"حالة\": \"{}\"}}", "x".repeat(10_000));
    for row in [
        row("order", "{}"),
        row("طلب", &long),
        row("order", r#"{"a": 1}"#),
    ] {
        store.binding_put(&tenant(), &row).await.unwrap();
        let back = store.binding(&tenant(), &row.subject_type).await.unwrap();
        assert_eq!(back, Some(row));
    }
    let all = store.bindings(&tenant()).await.unwrap();
    let types: Vec<&str> = all.iter().map(|row| row.subject_type.as_str()).collect();
    assert_eq!(types, ["order", "طلب"]);
    assert!(store.bindings(&"globex".into()).await.unwrap().is_empty());
    let theirs = store.binding(&"globex".into(), "order").await.unwrap();
    assert_eq!(theirs, None);
    assert!(!store.binding_drop(&"globex".into(), "order").await.unwrap());
    assert!(store.binding_drop(&tenant(), "order").await.unwrap());
    assert!(!store.binding_drop(&tenant(), "order").await.unwrap());
    assert_eq!(store.bindings(&tenant()).await.unwrap().len(), 1);
}

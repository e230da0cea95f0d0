//! Stored actions come back, are replaced, and are gone.

use signoff_core::id::ActionId;
use uuid::Uuid;

use super::sample::{Tested, at, tenant};
use crate::contract::{ActionRow, ActionScope};

fn id(n: u128) -> ActionId {
    ActionId::new(Uuid::from_u128(n))
}

fn row(n: u128, workflow: &str, scope: ActionScope) -> ActionRow {
    ActionRow {
        id: id(n),
        workflow: workflow.into(),
        scope,
        event: "after_approve".to_owned(),
        body: r#"{"run": "حفظ"}"#.to_owned(),
        changed_by: (n > 1).then(|| "ann".into()),
        changed_at: at(7),
    }
}

pub(super) async fn a_stored_action_is_kept_replaced_and_dropped(store: Tested) {
    let rows = [
        row(3, "expense", ActionScope::Workflow),
        row(1, "expense", ActionScope::Group("finance".to_owned())),
        row(2, "expense", ActionScope::Node("review".to_owned())),
        row(4, "absence", ActionScope::Workflow),
    ];
    for row in &rows {
        store.action_put(&tenant(), row).await.unwrap();
        let back = store.action(&tenant(), row.id).await.unwrap();
        assert_eq!(back.as_ref(), Some(row));
    }
    let theirs = row(3, "expense", ActionScope::Node("theirs".to_owned()));
    store.action_put(&"globex".into(), &theirs).await.unwrap();
    let changed = ActionRow {
        event: "after_reject".to_owned(),
        body: "{}".to_owned(),
        changed_by: None,
        changed_at: at(9),
        ..rows[2].clone()
    };
    store.action_put(&tenant(), &changed).await.unwrap();
    let all = store.actions(&tenant(), &"expense".into()).await.unwrap();
    assert_eq!(all, [rows[1].clone(), changed, rows[0].clone()], "by id");
    assert!(!store.action_drop(&tenant(), id(9)).await.unwrap());
    assert!(store.action_drop(&tenant(), id(3)).await.unwrap());
    assert!(!store.action_drop(&tenant(), id(3)).await.unwrap());
    assert_eq!(store.action(&tenant(), id(3)).await.unwrap(), None);
    let all = store.actions(&"globex".into(), &"expense".into()).await;
    assert_eq!(all.unwrap(), [theirs]);
    assert_eq!(store.action(&"globex".into(), id(1)).await.unwrap(), None);
    let none = store.actions(&"globex".into(), &"absence".into()).await;
    assert_eq!(none.unwrap(), []);
}

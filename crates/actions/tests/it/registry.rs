//! Registering and running actions.

use serde_json::{Value, json};
use signoff_actions::{Action, ActionCall, ActionError, ErrorKind, Registry};

struct Refuse;

#[async_trait::async_trait]
impl Action for Refuse {
    async fn run(&self, call: &ActionCall) -> Result<Value, ActionError> {
        Err(ActionError::permanent(
            "refused",
            format!("attempt {}", call.attempt),
        ))
    }
}

async fn echo(call: ActionCall) -> Result<Value, ActionError> {
    Ok(json!({ "key": call.key, "input": call.input }))
}

fn call() -> ActionCall {
    ActionCall {
        key: "k-1".to_owned(),
        input: json!({ "amount": 5 }),
        attempt: 2,
        ..ActionCall::default()
    }
}

#[tokio::test]
async fn registered_actions_run_by_name() {
    let mut registry = Registry::new();
    registry.register_fn("echo", echo).unwrap();
    registry.register("refuse", Refuse).unwrap();
    let factor = 3;
    registry
        .register_fn("triple", move |call: ActionCall| async move {
            Ok(json!(
                call.input["amount"].as_i64().unwrap_or_default() * factor
            ))
        })
        .unwrap();

    let echoed = registry.get("echo").unwrap().run(&call()).await;
    assert_eq!(
        echoed,
        Ok(json!({ "key": "k-1", "input": { "amount": 5 } }))
    );
    let tripled = registry.get("triple").unwrap().run(&call()).await;
    assert_eq!(tripled, Ok(json!(15)));
    let refused = registry.get("refuse").unwrap().run(&call()).await;
    assert_eq!(refused, Err(ActionError::permanent("refused", "attempt 2")));
    assert!(registry.get("other").is_none());
    assert_eq!(
        registry.names().collect::<Vec<_>>(),
        ["echo", "refuse", "triple"]
    );
}

#[test]
fn second_action_of_a_name_is_refused() {
    let mut registry = Registry::new();
    registry.register_fn("echo", echo).unwrap();
    let error = registry.register("echo", Refuse).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DuplicateAction);
    assert_eq!(error.code(), "duplicate_action");
    assert_eq!(error.to_string(), "action `echo` is registered already");
}

#[test]
fn names_that_are_no_names_are_refused() {
    let long = "a".repeat(65);
    for name in [
        "",
        "Echo",
        "1st",
        "_x",
        "a-b",
        "a b",
        "app.tasks.run",
        "نعم",
        "a\n",
        &long,
    ] {
        let error = Registry::new().register_fn(name, echo).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidName, "{name}");
    }
    for name in ["a", "reserve_budget2", &long[1..]] {
        assert_eq!(Registry::new().register_fn(name, echo), Ok(()), "{name}");
    }
}

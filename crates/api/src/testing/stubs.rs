//! Stubs for functions and actions: `{returns: …}`, `{fails: n, then: …}`.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde_json::Value;
use signoff_actions::ActionError;
use signoff_core::{facts::FunctionFailure, pointer::Pointer};

use crate::{
    engine::Builder,
    testing::read::{Fields, Result},
};

/// What a stub gives: so many failures, then a value.
#[derive(Debug)]
struct Stub {
    fails: u64,
    then: Value,
    calls: AtomicU64,
}

impl Stub {
    fn read(value: &Value, path: &Pointer) -> Result<Self> {
        let fields = Fields::read(value, path, "stub", &["returns", "fails", "then"])?;
        let fails = fields.number("fails")?;
        let result = fields.get("returns").or_else(|| fields.get("then"));
        Ok(Self {
            // One that only fails never stops failing.
            fails: match (fails, result) {
                (Some(_), None) => u64::MAX,
                (Some(fails), Some(_)) => fails,
                (None, _) => 0,
            },
            then: result.cloned().unwrap_or_default(),
            calls: AtomicU64::new(0),
        })
    }

    fn call(&self) -> std::result::Result<Value, String> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        if call < self.fails {
            return Err(format!("the stub fails, call {}", call + 1));
        }
        Ok(self.then.clone())
    }
}

/// Registers every stub of a scenario, for nodes and for actions.
pub(super) fn register(fields: &Fields<'_>, mut builder: Builder) -> Result<Builder> {
    for (name, value, path) in fields.entries("functions")? {
        let stub = Arc::new(Stub::read(value, &path)?);
        let function = Arc::clone(&stub);
        builder =
            builder
                .action(name.as_str(), move |_| {
                    let result = stub.call();
                    async move {
                        result.map_err(|message| ActionError::transient("stub_failed", message))
                    }
                })
                .function(name.as_str(), move |_| {
                    let result = function.call();
                    async move {
                        result.map_err(|message| FunctionFailure {
                            code: "stub_failed".to_owned(),
                            message,
                        })
                    }
                });
    }
    Ok(builder)
}

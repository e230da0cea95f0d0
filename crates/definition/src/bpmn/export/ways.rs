//! Ways on become sequence flows.

use serde_json::Value;
use signoff_core::pointer::Pointer;

use super::plan::Plan;
use crate::bpmn::exact::{self, Keys};

/// Adds the way that `value` says, `NODE` or `{to: NODE, …}`, and gives the id of its flow.
pub(super) fn add(
    plan: &mut Plan,
    source: &str,
    value: &Value,
    condition: Option<String>,
    path: Pointer,
) -> String {
    let mut rest = value.as_object().cloned().unwrap_or_default();
    let (to, path) = match rest.shift_remove("to") {
        Some(to) => (exact::said(&to), path.key("to")),
        None => (exact::said(value), path),
    };
    let condition = condition.or_else(|| exact::take(&mut rest, "when"));
    plan.references.push((to.clone(), path));
    plan.flow(source, to, condition, rest)
}

/// Adds all ways of a list under `key`; whether one of them has a condition.
pub(super) fn add_list(
    plan: &mut Plan,
    source: &str,
    rest: &mut Keys,
    key: &str,
    path: &Pointer,
) -> bool {
    let path = path.key(key);
    let list = rest.shift_remove(key);
    let list = list.as_ref().and_then(Value::as_array);
    let mut conditional = false;
    for (idx, value) in list.into_iter().flatten().enumerate() {
        conditional |= value.get("when").is_some();
        add(plan, source, value, None, path.index(idx));
    }
    conditional
}

//! Boundaries of a node.

use serde_json::Value;
use signoff_core::pointer::Pointer;

use super::{
    events, node,
    plan::{Node, Plan, Role},
    ways,
};
use crate::bpmn::{
    exact::{self, Keys},
    xml::Element,
};

/// Takes all boundaries of the node from `rest` and adds them.
pub(super) fn add(plan: &mut Plan, host: &str, rest: &mut Keys, path: &Pointer) {
    for key in ["on_timeout", "on_error", "on_escalation"] {
        let Some(value) = rest.shift_remove(key) else {
            continue;
        };
        let path = path.key(key);
        match value {
            Value::Array(list) => {
                for (idx, value) in list.iter().enumerate() {
                    catch(plan, host, key, value, &path.index(idx));
                }
            }
            one => catch(plan, host, key, &one, &path),
        }
    }
    if let Some(handler) = rest.shift_remove("compensate_with") {
        let definition = Element::bpmn("compensateEventDefinition");
        let id = boundary(plan, host, false, &Keys::new(), definition);
        let handler = exact::said(&handler);
        plan.references
            .push((handler.clone(), path.key("compensate_with")));
        plan.associate(&id, handler);
    }
}

fn catch(plan: &mut Plan, host: &str, key: &str, value: &Value, path: &Pointer) {
    let mut rest = value.as_object().cloned().unwrap_or_default();
    let next = rest.shift_remove("next").unwrap_or_default();
    let interrupting = rest.shift_remove("interrupting") != Some(Value::Bool(false));
    let definition = match key {
        "on_timeout" => events::moment(&mut rest).unwrap_or_else(|| events::cycle("")),
        "on_error" => events::coded(plan, "error", &mut rest),
        _ => events::coded(plan, "escalation", &mut rest),
    };
    let interrupting = interrupting && key != "on_escalation";
    let id = boundary(plan, host, interrupting, &rest, definition);
    ways::add(plan, &id, &next, None, path.key("next"));
}

fn boundary(
    plan: &mut Plan,
    host: &str,
    interrupting: bool,
    rest: &Keys,
    definition: Element,
) -> String {
    let id = format!("Boundary_{}", plan.nodes.len() + 1);
    let mut attributes = vec![("attachedToRef", host.to_owned())];
    if !interrupting && definition.name != "compensateEventDefinition" {
        attributes.push(("cancelActivity", "false".to_owned()));
    }
    plan.nodes.push(Node {
        id: id.clone(),
        element: "boundaryEvent",
        attributes,
        head: node::extension("boundary", rest, node::Always::No),
        tail: vec![definition],
        role: Role::Boundary {
            host: host.to_owned(),
            interrupting,
        },
    });
    id
}

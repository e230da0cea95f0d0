//! From flow to BPMN.

mod boundary;
mod diagram;
mod events;
mod node;
mod plan;
mod process;
mod scopes;
mod ways;

use serde_json::Value;
use signoff_core::{
    document::{Document, Shape},
    pointer::Pointer,
    problem::{Problem, shown},
};

pub(super) use self::node::activation;
use self::plan::Plan;
use super::{exact::Keys, xml};

/// Writes a flow as a document of BPMN 2.0 with a diagram.
///
/// `document` is what [`parse`](crate::parse) read from the file of the flow. [`import`](super::import)
/// gives a document that compiles to the same graph. Comments and `tests` are left out.
///
/// # Errors
/// What is wrong with the document, as [`Document::read`] tells it; `not_supported_yet` when it is no
/// flow, and `dangling_reference` for a way to a node that there is not.
pub fn export(document: &Value) -> Result<String, Vec<Problem>> {
    let read = Document::read(document)?;
    let nodes = document.get("nodes").and_then(Value::as_object);
    let (Shape::Flow(_), Some(nodes), Some(top)) = (&read.shape, nodes, document.as_object())
    else {
        let at = Pointer::root().key("kind");
        let problem = Problem::error(
            "not_supported_yet",
            at,
            "only a flow can be written as BPMN",
        );
        return Err(vec![problem.help("`kind: flow` is one")]);
    };
    let mut plan = Plan::default();
    for (key, node) in nodes {
        if let Some(keys) = node.as_object() {
            node::add(&mut plan, key, keys);
        }
    }
    let problems = dangling(&plan, nodes);
    if !problems.is_empty() {
        return Err(problems);
    }
    plan.finish();
    let root = process::definitions(&plan, top, read.key.as_str());
    Ok(xml::write(root))
}

/// A way to what is no node, or to a start, which no token can come to.
fn dangling(plan: &Plan, nodes: &Keys) -> Vec<Problem> {
    let is_target = |key: &String| {
        nodes
            .get(key)
            .is_some_and(|node| node.get("start").is_none())
    };
    let references = plan.references.iter();
    references
        .filter(|(key, _)| !is_target(key))
        .map(|(key, path)| {
            let shown = shown(key);
            let message = format!("there is no node `{shown}`");
            Problem::error("dangling_reference", path.clone(), message)
        })
        .collect()
}

//! What the requester does once a stage was given back: a node that no definition writes.

use std::sync::Arc;

use crate::{
    graph::{EntrySpec, Fills, FormSpec, Graph, Node, NodeKind, TaskNode, Who},
    text::Text,
};

/// The key of the task in which the requester corrects what was asked for.
pub(crate) const REVISE: &str = "revise";

/// Gives a graph with approvals the node, unless a node of its own has that key.
///
/// Nothing leads there, and its token goes back to where it came from: walks along the ways of a
/// graph, and lists of its nodes, do without it.
pub(super) fn with_revise(mut graph: Graph) -> Graph {
    let approves = |node: &Node| matches!(node.kind, NodeKind::Approval(_));
    if graph.nodes.contains_key(REVISE) || !graph.nodes.values().any(approves) {
        return graph;
    }
    let entry = EntrySpec {
        form: form(&graph),
        ..EntrySpec::new(Who::Requester)
    };
    let task = TaskNode {
        entry,
        fills: Fills::Data,
        goes_back: true,
    };
    let mut node = Node::new(REVISE, NodeKind::Task(Box::new(task)));
    let titles = [("ar", "تعديل الطلب"), ("en", "Revise the request")];
    let titles = titles.map(|(locale, text)| (locale.to_owned(), text.to_owned()));
    node.title = Text::Localized(titles.into());
    graph.revise = Some(Box::new(node));
    graph
}

/// What an instance is started with; where no form says it, everything that the data can be.
fn form(graph: &Graph) -> Option<FormSpec> {
    let data = graph.data.as_ref().map(|data| FormSpec {
        key: "data".to_owned(),
        source: Arc::new(data.source.clone()),
        schema: Arc::clone(&data.schema),
    });
    graph.start.form.clone().or(data)
}

//! The stages of an instance and how far each came.

use std::collections::BTreeSet;

use signoff::{
    InstanceView, NodeKey,
    core::{
        graph::{Graph, NodeKind},
        instance::{Instance, InstanceStatus, VisitState},
    },
};

use crate::text::Locale;

/// One stage.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) key: NodeKey,
    pub(crate) title: String,
    pub(crate) color: Option<String>,
    /// `open`, `done`, `ahead`, `skipped`, `rejected`, `sent_back`, `cancelled`.
    pub(crate) state: &'static str,
    /// The same for people.
    pub(crate) state_title: &'static str,
    /// Whether a token has been there, so that it can go there again.
    pub(crate) visited: bool,
}

/// The stages in file order.
pub(crate) fn stages(view: &InstanceView, locale: Locale) -> Vec<Stage> {
    let graph = &view.definition.graph;
    let reachable = reachable(&view.instance, graph);
    let nodes = graph.nodes().filter(|node| node.is_stage());
    nodes
        .map(|node| {
            let is_ahead =
                matches!(node.kind, NodeKind::Approval(_)) || reachable.contains(&node.key);
            let (state, state_title) = state(&view.instance, &node.key, is_ahead, locale);
            Stage {
                key: node.key.clone(),
                title: locale.of_text(&node.title),
                color: color(node.color.as_deref()),
                state,
                state_title,
                visited: !matches!(state, "ahead" | "skipped" | "cancelled"),
            }
        })
        .collect()
}

/// The title of a node; made from the key of one that the definition lacks.
pub(crate) fn title_of(graph: &Graph, node: &NodeKey, locale: Locale) -> String {
    match graph.node(node) {
        Some(node) => locale.of_text(&node.title),
        None => locale.of_key(node.as_str()),
    }
}

/// The title of a node as sentences use it. Approval stages are named by nouns; the nodes of a flow are
/// often named by what is done there, and are set off from the sentence.
pub(crate) fn title_in_sentence(graph: &Graph, node: &NodeKey, locale: Locale) -> String {
    let title = title_of(graph, node, locale);
    match graph.node(node).map(|node| &node.kind) {
        Some(NodeKind::Approval(_)) | None => title,
        Some(_) => locale.quoted(&title),
    }
}

/// The nodes of a flow that a token may still come to.
fn reachable(instance: &Instance, graph: &Graph) -> BTreeSet<NodeKey> {
    let live = instance.activations().map(|activation| &activation.node);
    let arrived = instance
        .scopes()
        .values()
        .flat_map(|scope| scope.arrived.keys());
    let mut next: Vec<&NodeKey> = live.chain(arrived).collect();
    let mut found = BTreeSet::new();
    while let Some(node) = next.pop().and_then(|key| graph.node(key)) {
        for target in node.targets() {
            if found.insert(target.clone()) {
                next.push(target);
            }
        }
    }
    found
}

/// A color that is one: `#` and three to eight hexadecimal digits.
pub(crate) fn color(color: Option<&str>) -> Option<String> {
    let digits = color?.strip_prefix('#')?;
    let valid = (3..=8).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_hexdigit());
    valid.then(|| format!("#{digits}"))
}

fn state(
    instance: &Instance,
    node: &NodeKey,
    is_ahead: bool,
    locale: Locale,
) -> (&'static str, &'static str) {
    let words = locale.words();
    match instance.results().get(node).map(|result| result.state) {
        None => match instance.status() {
            InstanceStatus::Running if is_ahead => ("ahead", words.stage_ahead),
            // No way led there, or leads there any more.
            InstanceStatus::Completed { .. } | InstanceStatus::Running => {
                ("skipped", words.stage_skipped)
            }
            _ => ("ahead", words.stage_unreached),
        },
        Some(VisitState::Cancelled | VisitState::Failed | VisitState::Undone) => {
            ("cancelled", words.stage_cancelled)
        }
        Some(VisitState::Completed) => ("done", words.stage_done),
        Some(VisitState::Open) => ("open", words.stage_open),
        Some(VisitState::Rejected) => ("rejected", words.stage_rejected),
        Some(VisitState::Resubmitted) => ("sent_back", words.stage_sent_back),
        Some(VisitState::Skipped) => ("skipped", words.stage_skipped),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_colors_are_colors() {
        assert_eq!(color(Some("#3498db")).as_deref(), Some("#3498db"));
        for wrong in [
            None,
            Some("red"),
            Some("#12"),
            Some("#12\" onload=\"x"),
            Some("url(x)"),
        ] {
            assert_eq!(color(wrong), None, "{wrong:?}");
        }
    }
}

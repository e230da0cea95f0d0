//! The stages of an instance and how far each came.

use signoff::{
    InstanceView, NodeKey,
    core::{
        graph::Graph,
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
    let nodes = view.definition.graph.nodes().filter(|node| node.is_stage());
    nodes
        .map(|node| {
            let (state, state_title) = state(&view.instance, &node.key, locale);
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

/// A color that is one: `#` and three to eight hexadecimal digits.
pub(crate) fn color(color: Option<&str>) -> Option<String> {
    let digits = color?.strip_prefix('#')?;
    let valid = (3..=8).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_hexdigit());
    valid.then(|| format!("#{digits}"))
}

fn state(instance: &Instance, node: &NodeKey, locale: Locale) -> (&'static str, &'static str) {
    let words = locale.words();
    match instance.results().get(node).map(|result| result.state) {
        None if instance.status().is_running() => ("ahead", words.stage_ahead),
        // It ended well without this stage: no way led there.
        None if matches!(instance.status(), InstanceStatus::Completed { .. }) => {
            ("skipped", words.stage_skipped)
        }
        None => ("ahead", words.stage_unreached),
        Some(VisitState::Cancelled) => ("cancelled", words.stage_cancelled),
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

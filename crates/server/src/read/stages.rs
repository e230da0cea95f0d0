//! The stages of an instance and how far each came.

use std::collections::BTreeSet;

use signoff::{
    InstanceView, NodeKey,
    core::{
        graph::{Graph, NodeKind},
        instance::ActivationState,
        reading::{StageState, stage_states},
    },
};

use crate::text::Locale;

/// One stage.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) key: NodeKey,
    pub(crate) title: String,
    pub(crate) color: Option<String>,
    /// `open`, `done`, `ahead`, `skipped`, `rejected`, `sent_back`, `cancelled`, `obsolete`.
    pub(crate) state: &'static str,
    /// The same for people.
    pub(crate) state_title: &'static str,
    /// Whether a token has been there, so that it can go there again.
    pub(crate) visited: bool,
}

/// The stages in file order, then those where the instance stands though its version lacks them.
pub(crate) fn stages(view: &InstanceView, locale: Locale) -> Vec<Stage> {
    let states = stage_states(&view.definition.graph, &view.instance);
    let there = states.into_iter().map(|(node, state)| Stage {
        key: node.key.clone(),
        title: locale.of_text(&node.title),
        color: color(node.color.as_deref()),
        state: word(state),
        state_title: title(state, locale),
        visited: match state {
            StageState::Done | StageState::Open | StageState::Rejected | StageState::SentBack => {
                true
            }
            StageState::Ahead
            | StageState::Cancelled
            | StageState::Skipped
            | StageState::Unreached => false,
        },
    });
    there.chain(obsolete(view, locale)).collect()
}

fn obsolete(view: &InstanceView, locale: Locale) -> Vec<Stage> {
    let gone = view
        .instance
        .activations()
        .filter(|activation| matches!(activation.state, ActivationState::Obsolete(_)));
    let nodes: BTreeSet<&NodeKey> = gone.map(|activation| &activation.node).collect();
    let stage = |node: &NodeKey| Stage {
        key: node.clone(),
        title: locale.of_key(node.as_str()),
        color: None,
        state: "obsolete",
        state_title: locale.words().stage_obsolete,
        visited: false,
    };
    nodes.into_iter().map(stage).collect()
}

/// One that was never reached is ahead for those who read the JSON, and said in other words.
const fn word(state: StageState) -> &'static str {
    match state {
        StageState::Unreached => StageState::Ahead.as_str(),
        other => other.as_str(),
    }
}

const fn title(state: StageState, locale: Locale) -> &'static str {
    let words = locale.words();
    match state {
        StageState::Ahead => words.stage_ahead,
        StageState::Cancelled => words.stage_cancelled,
        StageState::Done => words.stage_done,
        StageState::Open => words.stage_open,
        StageState::Rejected => words.stage_rejected,
        StageState::SentBack => words.stage_sent_back,
        StageState::Skipped => words.stage_skipped,
        StageState::Unreached => words.stage_unreached,
    }
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

/// A color that is one: `#` and three to eight hexadecimal digits.
pub(crate) fn color(color: Option<&str>) -> Option<String> {
    let digits = color?.strip_prefix('#')?;
    let valid = (3..=8).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_hexdigit());
    valid.then(|| format!("#{digits}"))
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

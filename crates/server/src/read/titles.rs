//! What instances and workflows are called.

use signoff::core::{graph::Graph, instance::Instance};

use crate::{read::headline, text::Locale};

/// What tells an instance from others, and what its workflow is called; often the same.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Titles {
    pub(crate) instance: String,
    pub(crate) workflow: String,
}

impl Titles {
    /// The title that the definition makes for each instance, else the first text of its data.
    pub(crate) fn of(instance: &Instance, graph: &Graph, locale: Locale) -> Self {
        let workflow = workflow_title(graph, locale);
        let title = match graph.instance_title() {
            Some(_) => Some(locale.of_text(instance.title())),
            None => headline(graph.data().map(|data| &data.source), instance.data()),
        };
        Self {
            instance: title.unwrap_or_else(|| workflow.clone()),
            workflow,
        }
    }
}

/// The title of a workflow; made from its key where the title is one for each instance.
pub(crate) fn workflow_title(graph: &Graph, locale: Locale) -> String {
    match graph.instance_title() {
        Some(_) => locale.of_key(graph.key().as_str()),
        None => locale.of_text(graph.title()),
    }
}

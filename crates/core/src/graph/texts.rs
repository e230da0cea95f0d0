//! What people read of a workflow, a node or a group beside its title.

use crate::{template::Template, text::Text};

/// What people read beside a title; the templates are texts, or objects with a text per locale.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// What it is for.
    pub description: Option<Text>,
    /// What it is about while it goes on.
    pub summary: Option<Template>,
    /// What came of it.
    pub result: Option<Template>,
}

impl Texts {
    /// Whether one of its texts may be made from an instance.
    #[must_use]
    pub const fn is_made(&self) -> bool {
        self.summary.is_some() || self.result.is_some()
    }

    /// Whether one of its texts reads a variable that `known` tells.
    #[must_use]
    pub fn reads(&self, known: impl Fn(&str) -> bool) -> bool {
        let texts = self.summary.iter().chain(&self.result);
        let mut all = texts.flat_map(Template::conditions);
        all.any(|condition| {
            let mut roots = condition.reads().iter().filter_map(|path| path.first());
            roots.any(|root| known(root))
        })
    }
}

//! What people read beside titles: templates that never fail an instance.

use serde_json::Value;

use crate::{
    compile::Compiler,
    document::{At, TextsDoc},
    graph::Texts,
    template::Template,
};

impl Compiler<'_> {
    pub(super) fn texts(&mut self, doc: &TextsDoc) -> Texts {
        Texts {
            description: doc.description.clone(),
            summary: doc.summary.as_ref().and_then(|text| self.text(text)),
            result: doc.result.as_ref().and_then(|text| self.text(text)),
        }
    }

    /// A text, or an object with one per locale, each compiled at its own place.
    fn text(&mut self, source: &At<Value>) -> Option<Template> {
        let Value::Object(locales) = &source.value else {
            return self.one_text(source);
        };
        let texts = locales.iter().map(|(locale, text)| {
            let text = At {
                value: text.clone(),
                path: source.path.key(locale),
            };
            Some((locale.clone(), self.one_text(&text)?))
        });
        // Every locale is looked at: one problem does not hide another.
        let texts: Vec<_> = texts.collect();
        Some(Template::Object(
            texts.into_iter().collect::<Option<Vec<_>>>()?,
        ))
    }

    /// A field that may be missing needs no remark here: what is not there is left out.
    fn one_text(&mut self, source: &At<Value>) -> Option<Template> {
        let before = self.problems.len();
        let template = self.template(source);
        let found = self.problems.split_off(before);
        let found = found.into_iter();
        self.problems
            .extend(found.filter(|problem| problem.code != "optional_field"));
        template
    }
}

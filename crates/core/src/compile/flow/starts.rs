//! Start nodes become ways to start.

use indexmap::IndexMap;

use super::fields::Extra;
use crate::{
    compile::Compiler,
    document::{FormDoc, NodeDoc, NodeKindDoc, StartDoc, TriggerDoc},
    graph::{FormSpec, StartRule, Trigger},
    id::NodeKey,
    pointer::Pointer,
    problem::Problem,
    text::Text,
};

impl<'a> Compiler<'a> {
    /// Every way to start, those by people first; `None` when there is none.
    pub(super) fn start_rules(
        &mut self,
        starts: &[(&'a String, &'a NodeDoc)],
        forms: &IndexMap<String, FormSpec>,
    ) -> Option<Vec<StartRule>> {
        if starts.is_empty() {
            let nodes = Pointer::root().key("nodes");
            self.problems.push(
                Problem::error("invalid_shape", nodes, "the flow has no start")
                    .help("add a node `start: {start: {}, next: …}`"),
            );
            return None;
        }
        let mut rules: Vec<StartRule> = starts
            .iter()
            .filter_map(|(key, node)| self.start_rule(key, node, forms))
            .collect();
        rules.sort_by_key(|rule| rule.trigger != Trigger::Person);
        (rules.len() == starts.len()).then_some(rules)
    }

    fn start_rule(
        &mut self,
        key: &str,
        node: &NodeDoc,
        forms: &IndexMap<String, FormSpec>,
    ) -> Option<StartRule> {
        let NodeKindDoc::Start(start) = &node.kind else {
            return None;
        };
        let Some(next) = &node.next else {
            self.problems.push(Problem::error(
                "missing_key",
                node.path.clone(),
                "`next` is missing: the start leads nowhere",
            ));
            return None;
        };
        let document = self.document;
        let trigger = self.trigger(start)?;
        let way = self.way(next);
        Some(StartRule {
            key: NodeKey::from(key),
            title: node.title.clone().unwrap_or_else(|| Text::from_key(key)),
            description: self.texts(&node.texts).description,
            first: Some(way.to),
            passes: way.gift,
            trigger,
            by: start.by.clone(),
            form: self.start_form(&start.form, &node.path, forms),
            auto: document
                .start_auto
                .as_ref()
                .and_then(|auto| self.guard(auto)),
            if_running: self.if_running(),
            unique: self.document.unique,
        })
    }

    fn trigger(&mut self, start: &StartDoc) -> Option<Trigger> {
        Some(match &start.trigger {
            TriggerDoc::Code => Trigger::Code,
            TriggerDoc::Every(every) => Trigger::Every(*every),
            TriggerDoc::Cron(cron) => {
                let fields = cron.value.split_whitespace().count();
                if fields != 5 {
                    self.problems.push(
                        Problem::error(
                            "invalid_cron",
                            cron.path.clone(),
                            format!("expected five fields, found {fields}"),
                        )
                        .help("write minute, hour, day, month, weekday: `0 9 * * 1-5`"),
                    );
                    return None;
                }
                Trigger::Cron(cron.value.clone())
            }
            TriggerDoc::Message(name) => Trigger::Message(name.clone()),
            TriggerDoc::Person => Trigger::Person,
            TriggerDoc::Signal(name) => Trigger::Signal(name.clone()),
        })
    }

    /// What is filled to start.
    pub(in crate::compile) fn start_form(
        &mut self,
        form: &FormDoc,
        path: &Pointer,
        forms: &IndexMap<String, FormSpec>,
    ) -> Option<FormSpec> {
        match form {
            FormDoc::Fields(fields) => self.fields(fields, Extra::Allowed, path),
            FormDoc::Key(key) => self.form_named(key, forms),
        }
    }
}

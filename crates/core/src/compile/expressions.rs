//! Conditions and templates: that they compile, and that what they read may exist.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    compile::Compiler,
    conditions::{Condition, ConditionError},
    document::{At, Expression, FlowShape, ForEachDoc, NodeDoc, NodeKindDoc},
    machine::Variables,
    pointer::Pointer,
    problem::Problem,
    template::Template,
};

impl Compiler<'_> {
    pub(super) fn condition(&mut self, expression: &Expression) -> Option<Arc<dyn Condition>> {
        match self.languages.conditions.compile(&expression.source) {
            Ok(condition) => {
                self.check_reads(condition.reads(), &expression.path);
                Some(condition)
            }
            Err(error) => {
                self.invalid(&expression.path, &error);
                None
            }
        }
    }

    pub(super) fn template(&mut self, source: &At<Value>) -> Option<Template> {
        match Template::compile(&source.value, self.languages.conditions) {
            Ok(template) => {
                for condition in template.conditions() {
                    self.check_reads(condition.reads(), &source.path);
                }
                Some(template)
            }
            Err(error) => {
                self.invalid(&source.path, &error);
                None
            }
        }
    }

    /// The title as a template, when it has an expression in it.
    pub(super) fn instance_title(&mut self) -> Option<Template> {
        let title = At {
            value: Value::from(self.document.title.clone()),
            path: Pointer::root().key("title"),
        };
        let template = self.template(&title)?;
        (!template.conditions().is_empty()).then_some(template)
    }

    fn invalid(&mut self, path: &Pointer, error: &ConditionError) {
        let place = error
            .offset
            .map(|offset| format!(" at character {}", offset + 1))
            .unwrap_or_default();
        self.problems.push(Problem::error(
            "invalid_condition",
            path.clone(),
            format!("{}{place}", error.message),
        ));
    }

    /// What is read of the data must be declared, and certain to be there.
    fn check_reads(&mut self, reads: &[Vec<String>], path: &Pointer) {
        for read in reads {
            let names: Vec<&str> = read.iter().map(String::as_str).collect();
            match names.as_slice() {
                ["forms", node, ..] => self.check_form(node, path),
                ["data", key, ..] => self.check_field(key, path),
                [name, ..] if Variables::NAMES.contains(name) => {}
                [name, ..] if self.items.iter().any(|item| item == name) => {}
                [key, ..] => self.check_field(key, path),
                [] => {}
            }
        }
    }

    fn check_form(&mut self, node: &str, path: &Pointer) {
        if !self.nodes.contains(node) {
            self.dangling(node, path);
        }
    }

    /// A reference to a node that does not exist.
    pub(super) fn dangling(&mut self, node: &str, path: &Pointer) {
        let shown: String = node.chars().take(80).collect();
        let message = if self.starts.iter().any(|start| start == node) {
            format!("`{shown}` is the start: an instance that runs is past it")
        } else {
            format!("there is no node `{shown}`")
        };
        let problem = Problem::error("dangling_reference", path.clone(), message);
        let near = crate::problem::nearest(node, self.nodes.iter().map(String::as_str));
        self.problems.push(match near {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem,
        });
    }

    /// What the items of `for_each` are called is known to every condition.
    pub(super) fn declare_items(&mut self, shape: &FlowShape) {
        let names = |node: &NodeDoc| -> Vec<At<String>> {
            let each: Vec<&ForEachDoc> = match &node.kind {
                NodeKindDoc::Split(branches) => branches
                    .iter()
                    .filter_map(|branch| branch.each.as_ref())
                    .collect(),
                NodeKindDoc::Subprocess(child) => child.each.iter().collect(),
                _ => Vec::new(),
            };
            let named = each.iter().filter_map(|each| each.name.clone());
            named.collect()
        };
        for name in shape.values().flat_map(names) {
            let declared = self
                .properties()
                .is_some_and(|fields| fields.contains_key(&name.value));
            if declared || Variables::NAMES.contains(&name.value.as_str()) {
                self.problems.push(
                    Problem::error(
                        "invalid_key",
                        name.path,
                        format!("`{}` means something else already", name.value),
                    )
                    .help("give the item a name of its own"),
                );
            } else if !self.items.contains(&name.value) {
                self.items.push(name.value);
            }
        }
    }

    fn properties(&self) -> Option<&serde_json::Map<String, Value>> {
        let schema = self.document.data.as_ref()?;
        schema.value.get("properties")?.as_object()
    }

    /// What is set must be declared.
    pub(super) fn check_set(&mut self, key: &str, path: &Pointer) {
        let Some(fields) = self.properties() else {
            return;
        };
        if fields.contains_key(key) {
            return;
        }
        let problem = Problem::warning(
            "unknown_field",
            path.clone(),
            format!("the data declare no field `{key}`"),
        );
        let near = crate::problem::nearest(key, fields.keys().map(String::as_str));
        self.problems.push(match near {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("declare it under `data`"),
        });
    }

    fn check_field(&mut self, key: &str, path: &Pointer) {
        let Some(schema) = &self.document.data else {
            return;
        };
        let Some(properties) = schema.value.get("properties").and_then(Value::as_object) else {
            return;
        };
        let required = schema.value.get("required").and_then(Value::as_array);
        let certain = required.is_some_and(|required| required.iter().any(|name| name == key));
        let shown: String = key.chars().take(80).collect();
        let warning = match properties.get(key) {
            None => {
                let problem = Problem::warning(
                    "unknown_field",
                    path.clone(),
                    format!("the data declare no field `{shown}`"),
                );
                match crate::problem::nearest(key, properties.keys().map(String::as_str)) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem.help(format!(
                        "declare it under `data`, or test `has(data.{shown})` first"
                    )),
                }
            }
            Some(property) if !certain && property.get("default").is_none() => Problem::warning(
                "optional_field",
                path.clone(),
                format!("the field `{shown}` may be missing, and reading it then fails"),
            )
            .help(format!(
                "require it, give it a default, or test `has(data.{shown})` first"
            )),
            Some(_) => return,
        };
        self.problems.push(warning);
    }
}

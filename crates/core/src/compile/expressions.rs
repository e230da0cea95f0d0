//! Conditions and templates: that they compile, and that what they read may exist.

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

use serde_json::{Value, json};

use crate::{
    compile::Compiler,
    conditions::{Condition, ConditionError, Declared, Purpose, Remark, Wanted},
    document::{At, Document, Expression, FlowShape, ForEachDoc, NodeDoc, NodeKindDoc},
    machine::Variables,
    pointer::Pointer,
    problem::{Problem, nearest, shown},
    template::Template,
};

impl<'a> Compiler<'a> {
    /// An expression of any value.
    pub(super) fn condition(&mut self, expression: &Expression) -> Option<Arc<dyn Condition>> {
        self.compiled(expression, Wanted::Anything)
    }

    /// An expression that is true or false.
    pub(super) fn guard(&mut self, expression: &Expression) -> Option<Arc<dyn Condition>> {
        self.compiled(expression, Wanted::Boolean)
    }

    /// An expression that is true or false, looked at where the directory is not asked.
    pub(super) fn told(&mut self, expression: &Expression) -> Option<Arc<dyn Condition>> {
        let condition = self.guard(expression)?;
        self.asks_nobody(&*condition, &expression.path);
        Some(condition)
    }

    /// Tells a condition about people where nothing tells the instance when they change.
    pub(super) fn asks_nobody(&mut self, condition: &dyn Condition, path: &Pointer) {
        if condition.asks() {
            self.problems.push(
                Problem::error(
                    "invalid_condition",
                    path.clone(),
                    "the directory is not asked here, so `has_role` and `manager` know nobody",
                )
                .help("ask before, and keep what comes of it: `set: {is_lead: …}`"),
            );
        }
    }

    pub(super) fn compiled(
        &mut self,
        expression: &Expression,
        wanted: Wanted,
    ) -> Option<Arc<dyn Condition>> {
        let declared = self.declared();
        let purpose = Purpose {
            declared: &declared,
            wanted,
        };
        let source = &expression.source;
        match self.languages.conditions.compile_for(source, &purpose) {
            Ok((condition, remarks)) => {
                self.remark(source, remarks, &expression.path);
                self.check_reads(&*condition, &expression.path);
                Some(condition)
            }
            Err(error) => {
                self.invalid(source, &expression.path, &error);
                None
            }
        }
    }

    pub(super) fn template(&mut self, source: &At<Value>) -> Option<Template> {
        let declared = self.declared();
        let purpose = Purpose {
            declared: &declared,
            wanted: Wanted::Anything,
        };
        let mut all = Vec::new();
        let compiled = Template::compile_with(&source.value, &mut |text| {
            let (condition, remarks) = self.languages.conditions.compile_for(text, &purpose)?;
            all.push((text.to_owned(), remarks));
            Ok(condition)
        });
        match compiled {
            Ok(template) => {
                for (text, remarks) in all {
                    self.remark(&text, remarks, &source.path);
                }
                for condition in template.conditions() {
                    self.check_reads(&**condition, &source.path);
                }
                Some(template)
            }
            Err(error) => {
                let text = source.value.as_str().unwrap_or_default();
                self.invalid(text, &source.path, &error);
                None
            }
        }
    }

    /// What conditions may know of their variables before there is an instance.
    fn declared(&self) -> DeclaredData<'a> {
        DeclaredData {
            data: self.document.data.as_ref().map(|data| &data.value),
            items: self.items.clone(),
        }
    }

    /// The title as a template, when it has an expression in it.
    pub(super) fn instance_title(&mut self) -> Option<Template> {
        let title = At {
            value: Value::from(self.document.title.clone()),
            path: Pointer::root().key("title"),
        };
        let template = self.template(&title)?;
        for condition in template.conditions() {
            self.check_is_there_at_start(&**condition, &title.path);
        }
        (!template.conditions().is_empty()).then_some(template)
    }

    /// An expression that is read before there is an instance.
    fn check_is_there_at_start(&mut self, condition: &dyn Condition, path: &Pointer) {
        self.asks_nobody(condition, path);
        let roots = condition.reads().iter().filter_map(|read| read.first());
        let roots: BTreeSet<&String> = roots.collect();
        for root in roots {
            let known = Variables::AT_START.contains(&root.as_str());
            let of_data = self.document.subject.as_ref() == Some(root);
            let later = Variables::NAMES.contains(&root.as_str()) || self.items.contains(root);
            if later && !known && !of_data {
                let message = format!("`{root}` is not there yet when an instance begins");
                self.problems
                    .push(Problem::error("invalid_condition", path.clone(), message));
            }
        }
    }

    fn invalid(&mut self, source: &str, path: &Pointer, error: &ConditionError) {
        let place = character(source, error.offset);
        self.problems.push(Problem::error(
            "invalid_condition",
            path.clone(),
            format!("{}{place}", error.message),
        ));
    }

    fn remark(&mut self, source: &str, remarks: Vec<Remark>, path: &Pointer) {
        for remark in remarks {
            let place = character(source, remark.offset);
            let message = format!("{}{place}", remark.message);
            self.problems.push(Problem {
                severity: remark.severity,
                help: remark.help,
                ..Problem::error(remark.code, path.clone(), message)
            });
        }
    }

    /// What is read of the data must be declared, and certain to be there.
    fn check_reads(&mut self, condition: &dyn Condition, path: &Pointer) {
        for read in condition.reads() {
            let names: Vec<&str> = read.iter().map(String::as_str).collect();
            let tested = |key: &str| {
                let tests = condition.tested().iter();
                tests.map(Vec::as_slice).any(|test| test == ["data", key])
            };
            match names.as_slice() {
                ["forms", node, ..] => self.check_form(node, path),
                ["data", key, ..] => self.check_field(key, tested(key), path),
                [name, ..] if Variables::NAMES.contains(name) => {}
                [name, ..] if self.items.iter().any(|item| item == name) => {}
                [key, ..] => self.check_field(key, tested(key), path),
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
        let shown = shown(node);
        let message = if self.starts.iter().any(|start| start == node) {
            format!("`{shown}` is the start: an instance that runs is past it")
        } else {
            format!("there is no node `{shown}`")
        };
        let problem = Problem::error("dangling_reference", path.clone(), message);
        let near = nearest(node, self.nodes.iter().map(String::as_str));
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
        let near = nearest(key, fields.keys().map(String::as_str));
        self.problems.push(match near {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("declare it under `data`"),
        });
    }

    fn check_field(&mut self, key: &str, tested: bool, path: &Pointer) {
        let Some(schema) = &self.document.data else {
            return;
        };
        let Some(properties) = schema.value.get("properties").and_then(Value::as_object) else {
            return;
        };
        let required = schema.value.get("required").and_then(Value::as_array);
        let certain = required.is_some_and(|required| required.iter().any(|name| name == key));
        let shown = shown(key);
        let warning = match properties.get(key) {
            None => {
                let problem = Problem::warning(
                    "unknown_field",
                    path.clone(),
                    format!("the data declare no field `{shown}`"),
                );
                match nearest(key, properties.keys().map(String::as_str)) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem.help(format!(
                        "declare it under `data`, or test `has(data.{shown})` first"
                    )),
                }
            }
            Some(property) if !certain && !tested && property.get("default").is_none() => {
                Problem::warning(
                    "optional_field",
                    path.clone(),
                    format!("the field `{shown}` may be missing, and reading it then fails"),
                )
                .help(format!(
                    "require it, give it a default, or test `has(data.{shown})` first"
                ))
            }
            Some(_) => return,
        };
        self.problems.push(warning);
    }
}

/// Where in an expression something is, in words.
fn character(source: &str, offset: Option<usize>) -> String {
    let before = offset.and_then(|offset| source.get(..offset));
    before.map_or_else(String::new, |before| {
        format!(" at character {}", before.chars().count() + 1)
    })
}

/// The type of the subject, which means all of the data where nothing else is called so.
pub(super) fn by_type(document: &Document) -> Vec<String> {
    let schema = document.data.as_ref();
    let declared = |name: &str| {
        let fields = schema.and_then(|schema| schema.value.get("properties")?.as_object());
        fields.is_some_and(|fields| fields.contains_key(name))
    };
    let name = document.subject.iter();
    let name = name.filter(|name| !declared(name) && !Variables::NAMES.contains(&name.as_str()));
    name.cloned().collect()
}

/// What the schema and the engine say of the root variables.
#[derive(Debug)]
struct DeclaredData<'a> {
    data: Option<&'a Value>,
    /// What the items of `for_each` and the subject are called: anything.
    items: Vec<String>,
}

/// The engine's own variables, as far as their types are always the same.
static ENGINE: LazyLock<Value> = LazyLock::new(|| {
    let text = || json!({"type": "string"});
    let number = || json!({"type": "integer"});
    json!({
        "actor": {"type": "object", "properties": {
            "id": {}, "kind": text(), "roles": {"type": "array", "items": text()},
            "department": {}, "team": {},
        }},
        "branches": {"type": "object", "properties": {
            "total": number(), "done": number(), "cancelled": number(), "failed": number(),
        }},
        "now": text(),
        "subject": {"type": "object", "properties": {"type": text(), "id": text()}},
    })
});

impl Declared for DeclaredData<'_> {
    fn schema(&self, name: &str) -> Option<&Value> {
        match name {
            "data" => self.data,
            name if Variables::NAMES.contains(&name) => ENGINE.get(name),
            name if self.items.iter().any(|item| item == name) => None,
            name => self.data?.get("properties")?.get(name),
        }
    }
}

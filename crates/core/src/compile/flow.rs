//! The nodes of a flow become nodes of the graph; its start node becomes the start rule.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::{
    compile::Compiler,
    document::{
        At, BranchDoc, CallDoc, EntryDoc, EntryKeys, FieldDoc, FlowShape, NodeDoc, NodeKindDoc,
        SelectDoc, WhoDoc,
    },
    graph::{
        Branch, Case, Choice, FormSpec, FunctionNode, GraphBuilder, JobNode, JoinNeed, JoinNode,
        Node, NodeKind, Retry, SplitNode, StartRule, TaskNode, Timeout,
    },
    pointer::Pointer,
    problem::Problem,
    template::Template,
};

impl<'a> Compiler<'a> {
    pub(super) fn flow(
        &mut self,
        builder: GraphBuilder,
        shape: &'a FlowShape,
        forms: &IndexMap<String, FormSpec>,
    ) -> Option<GraphBuilder> {
        let is_start = |node: &&NodeDoc| -> bool { matches!(node.kind, NodeKindDoc::Start { .. }) };
        let (starts, nodes): (Vec<_>, Vec<_>) = shape.iter().partition(|(_, node)| is_start(node));
        self.nodes = nodes.iter().map(|(key, _)| (*key).clone()).collect();
        self.start = starts.first().map(|(key, _)| (*key).clone());
        let (start, first) = self.start_node(shape)?;
        self.check_ways(shape, &first);
        if self.check_boundaries(shape) {
            self.check_scopes(shape, &first);
        }
        let rule = self.start_rule(start);
        let mut builder = builder.start(rule);
        // The first node of a graph is the one that instances enter.
        let nodes = shape
            .iter()
            .filter(|(_, node)| !matches!(node.kind, NodeKindDoc::Start { .. }));
        let (entered, others): (Vec<_>, Vec<_>) = nodes.partition(|(key, _)| **key == first);
        for (key, node) in entered.into_iter().chain(others) {
            if let Some(node) = self.flow_node(key, node, forms) {
                builder = builder.node(node);
            }
        }
        Some(builder)
    }

    /// The one start node and the node after it.
    fn start_node(&mut self, shape: &'a FlowShape) -> Option<(&'a NodeDoc, String)> {
        let starts: Vec<_> = shape
            .values()
            .filter(|node| matches!(node.kind, NodeKindDoc::Start { .. }))
            .collect();
        let nodes = Pointer::root().key("nodes");
        match starts.as_slice() {
            [start] => match &start.next {
                Some(next) => {
                    self.node(next);
                    Some((*start, next.value.clone()))
                }
                None => {
                    self.problems.push(Problem::error(
                        "missing_key",
                        start.path.clone(),
                        "`next` is missing: the start leads nowhere",
                    ));
                    None
                }
            },
            [] => {
                self.problems.push(
                    Problem::error("invalid_shape", nodes, "the flow has no start")
                        .help("add a node `start: {start: {}, next: …}`"),
                );
                None
            }
            [_, second, ..] => {
                self.problems.push(Problem::error(
                    "not_supported_yet",
                    second.path.clone(),
                    "more than one start is not supported yet",
                ));
                None
            }
        }
    }

    fn start_rule(&mut self, start: &NodeDoc) -> StartRule {
        let NodeKindDoc::Start { form, by } = &start.kind else {
            return StartRule::default();
        };
        let document = self.document;
        StartRule {
            by: by.clone(),
            form: self.fields(form, Extra::Allowed, &start.path),
            auto: document
                .start_auto
                .as_ref()
                .and_then(|auto| self.condition(auto)),
            if_running: self.if_running(),
        }
    }

    fn flow_node(
        &mut self,
        key: &str,
        doc: &NodeDoc,
        forms: &IndexMap<String, FormSpec>,
    ) -> Option<Node> {
        let mut node = Node::new(key, self.flow_kind(doc, forms)?);
        if let Some(title) = &doc.title {
            node.title = title.clone();
        }
        node.next = doc.next.as_ref().map(|next| self.node(next));
        node.actions = self.actions(&doc.actions);
        node.timeouts = doc
            .on_timeout
            .iter()
            .map(|timeout| Timeout {
                after: timeout.after,
                interrupting: timeout.interrupting,
                next: self.node(&timeout.next),
            })
            .collect();
        Some(node)
    }

    fn flow_kind(&mut self, doc: &NodeDoc, forms: &IndexMap<String, FormSpec>) -> Option<NodeKind> {
        Some(match &doc.kind {
            NodeKindDoc::Start { .. } => return None,
            NodeKindDoc::End => NodeKind::End,
            NodeKindDoc::Terminate => NodeKind::Terminate,
            NodeKindDoc::Join => NodeKind::Join(JoinNode {
                need: JoinNeed::All,
            }),
            NodeKindDoc::Function(call) => NodeKind::Function(FunctionNode {
                name: call.name.clone(),
                with: self.input(call),
                into: call.into.as_ref().map(|into| into.value.clone()),
            }),
            NodeKindDoc::Job(call, retry) => NodeKind::Job(self.job(call, *retry)),
            NodeKindDoc::If {
                when,
                then,
                otherwise,
            } => NodeKind::Choice(Choice {
                cases: vec![Case {
                    when: self.condition(when)?,
                    to: self.node(then),
                }],
                default: Some(self.node(otherwise)),
            }),
            NodeKindDoc::Switch { cases, default } => {
                self.not_empty(cases, doc.path.key("switch"), "a switch", "case");
                NodeKind::Choice(Choice {
                    cases: cases.iter().filter_map(|case| self.case(case)).collect(),
                    default: default.as_ref().map(|default| self.node(default)),
                })
            }
            NodeKindDoc::Split(branches) => {
                self.not_empty(branches, doc.path.key("split"), "a split", "branch");
                NodeKind::Split(SplitNode {
                    branches: branches.iter().map(|branch| self.branch(branch)).collect(),
                })
            }
            NodeKindDoc::Task {
                form,
                who,
                keys,
                approvals,
            } => self.task(doc, (form, who.as_ref(), keys, approvals), forms)?,
        })
    }

    fn task(
        &mut self,
        doc: &NodeDoc,
        (form, who, keys, approvals): (&[FieldDoc], Option<&WhoDoc>, &EntryKeys, &[EntryDoc]),
        forms: &IndexMap<String, FormSpec>,
    ) -> Option<NodeKind> {
        if !approvals.is_empty() {
            let inherited = keys.over(&self.document.defaults);
            let node = self.approval_node(approvals, &inherited, forms);
            return Some(NodeKind::Approval(Box::new(node)));
        }
        let path = doc.path.key("task");
        let Some(who) = who else {
            self.problems.push(
                Problem::error(
                    "not_supported_yet",
                    path,
                    "a task that names nobody is not supported yet",
                )
                .help("name one of `user`, `role`, `requester`, `manager_of`, `actor_of`"),
            );
            return None;
        };
        let entry = EntryDoc {
            who: who.clone(),
            keys: keys.clone(),
            path: path.clone(),
        };
        let inherited = keys.over(&of_tasks(&self.document.defaults));
        let mut entry = self.entry(&entry, &inherited, forms);
        entry.form = self.fields(form, Extra::Refused, &path);
        Some(NodeKind::Task(Box::new(TaskNode { entry })))
    }

    fn job(&mut self, call: &CallDoc, retry: Retry) -> JobNode {
        JobNode {
            name: call.name.clone(),
            with: self.input(call),
            into: call.into.as_ref().map(|into| into.value.clone()),
            retry,
        }
    }

    fn input(&mut self, call: &CallDoc) -> Template {
        call.with
            .as_ref()
            .and_then(|with| self.template(with))
            .unwrap_or_default()
    }

    fn not_empty(&mut self, list: &[BranchDoc], path: Pointer, what: &str, one: &str) {
        if list.is_empty() {
            let message = format!("{what} needs at least one {one}");
            self.problems
                .push(Problem::error("empty_list", path, message));
        }
    }

    fn case(&mut self, case: &BranchDoc) -> Option<Case> {
        let Some(when) = &case.when else {
            self.problems.push(
                Problem::error(
                    "missing_key",
                    case.to.path.clone(),
                    "a case of a switch needs `when`",
                )
                .help("write `{when: …, to: …}`, or use `default`"),
            );
            return None;
        };
        Some(Case {
            when: self.condition(when)?,
            to: self.node(&case.to),
        })
    }

    fn branch(&mut self, branch: &BranchDoc) -> Branch {
        Branch {
            to: self.node(&branch.to),
            when: branch.when.as_ref().and_then(|when| self.condition(when)),
        }
    }

    /// The schema of a form that fills fields of the data.
    fn fields(&mut self, fields: &[FieldDoc], extra: Extra, path: &Pointer) -> Option<FormSpec> {
        if fields.is_empty() {
            return None;
        }
        let declared = self
            .document
            .data
            .as_ref()
            .and_then(|data| data.value.get("properties"));
        let declared = declared
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in fields {
            let name = field.name.value.as_str();
            let Some(schema) = declared.get(name) else {
                self.unknown_field(&field.name, &declared);
                continue;
            };
            if !field.optional && schema.get("default").is_none() {
                required.push(Value::from(name));
            }
            properties.insert(name.to_owned(), schema.clone());
        }
        let mut source = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": extra == Extra::Allowed,
        });
        // What the fields refer to stands beside them.
        for shared in ["$schema", "$defs", "definitions"] {
            let found = self
                .document
                .data
                .as_ref()
                .and_then(|data| data.value.get(shared));
            if let Some(found) = found {
                source[shared] = found.clone();
            }
        }
        let schema = self.schema(&At {
            value: source.clone(),
            path: path.clone(),
        })?;
        Some(FormSpec {
            key: "form".to_owned(),
            source: Arc::new(source),
            schema,
        })
    }

    fn unknown_field(&mut self, field: &At<String>, declared: &Map<String, Value>) {
        let shown: String = field.value.chars().take(80).collect();
        let message = format!("the data declare no field `{shown}`");
        let problem = Problem::error("unknown_field", field.path.clone(), message);
        let near = crate::problem::nearest(&field.value, declared.keys().map(String::as_str));
        self.problems.push(match near {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("declare it under `data`"),
        });
    }
}

/// What `defaults` say of a task that one person does; the rest is said of approvals.
fn of_tasks(defaults: &EntryKeys) -> EntryKeys {
    EntryKeys {
        select: defaults
            .select
            .clone()
            .filter(|select| matches!(select.value, SelectDoc::Anyone | SelectDoc::RoundRobin)),
        behaviour: None,
        form: None,
        parallel: None,
        on_reject: None,
        reject_tolerance: None,
        ..defaults.clone()
    }
}

/// Whether a form takes fields that it does not list.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Extra {
    Allowed,
    Refused,
}

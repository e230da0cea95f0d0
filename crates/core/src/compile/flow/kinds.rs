//! What the nodes of a flow do.

use indexmap::IndexMap;

use crate::{
    compile::Compiler,
    document::{
        At, BranchDoc, CallDoc, JoinDoc, JoinNeedDoc, NodeDoc, NodeKindDoc, ReceiveDoc, SetDoc,
        SignalDoc, SubprocessDoc, VersionDoc,
    },
    graph::{
        Branch, Case, ChildMode, Choice, DataPath, FormSpec, FunctionNode, JobNode, JoinNeed,
        JoinNode, MessageSpec, NodeKind, ReceiveNode, SignalNode, SplitNode, SubprocessNode,
        VersionRule, Way,
    },
    id::WorkflowKey,
    pointer::Pointer,
    problem::Problem,
    template::Template,
};

impl Compiler<'_> {
    pub(super) fn flow_kind(
        &mut self,
        doc: &NodeDoc,
        forms: &IndexMap<String, FormSpec>,
    ) -> Option<NodeKind> {
        Some(match &doc.kind {
            NodeKindDoc::Start(_) => return None,
            NodeKindDoc::Compensate(nodes) => {
                NodeKind::Compensate(nodes.iter().map(|node| self.node(node)).collect())
            }
            NodeKindDoc::End(outcome) => NodeKind::End(outcome.clone()),
            NodeKindDoc::Fail(code) => NodeKind::Fail(code.clone()),
            NodeKindDoc::First(nodes) => self.first(doc, nodes),
            NodeKindDoc::Function(call) => NodeKind::Function(FunctionNode {
                name: call.name.clone(),
                with: self.input(call),
                into: self.data_path(call.into.as_ref()),
                symbol: call.symbol,
            }),
            NodeKindDoc::If {
                when,
                then,
                otherwise,
            } => NodeKind::Choice(Choice {
                cases: vec![Case {
                    when: self.guard(when)?,
                    way: self.way(then),
                }],
                default: Some(self.way(otherwise)),
            }),
            NodeKindDoc::Job {
                call,
                retry,
                when,
                timeout,
            } => NodeKind::Job(JobNode {
                name: call.name.clone(),
                with: self.input(call),
                into: self.data_path(call.into.as_ref()),
                symbol: call.symbol,
                retry: *retry,
                when: match when {
                    Some(when) => Some(self.moment(when)?),
                    None => None,
                },
                timeout: *timeout,
            }),
            NodeKindDoc::Join(join) => NodeKind::Join(self.join(join)?),
            NodeKindDoc::Raise(code) => NodeKind::Raise(code.clone()),
            NodeKindDoc::Receive(receive) => NodeKind::Receive(self.receive(receive)),
            NodeKindDoc::Set(set) => NodeKind::Set(self.assignments(set)),
            NodeKindDoc::Signal(signal) => NodeKind::Signal(self.signal(signal)),
            NodeKindDoc::Split(branches) => {
                self.not_empty(branches, doc.path.key("split"), "a split", "branch");
                NodeKind::Split(SplitNode {
                    branches: branches.iter().map(|branch| self.branch(branch)).collect(),
                })
            }
            NodeKindDoc::Subprocess(child) => {
                NodeKind::Subprocess(Box::new(self.subprocess(child)?))
            }
            NodeKindDoc::Switch { cases, default } => {
                self.not_empty(cases, doc.path.key("switch"), "a switch", "case");
                NodeKind::Choice(Choice {
                    cases: cases.iter().filter_map(|case| self.case(case)).collect(),
                    default: default.as_ref().map(|default| self.way(default)),
                })
            }
            NodeKindDoc::Task(task) => self.task(doc, task, forms),
            NodeKindDoc::Terminate(outcome) => NodeKind::Terminate(outcome.clone()),
            NodeKindDoc::Timer(moment) => NodeKind::Timer(self.moment(moment)?),
            NodeKindDoc::Wait(source) => {
                let condition = self.guard(source)?;
                self.check_wait(condition.reads(), &source.path);
                self.asks_nobody(&*condition, &source.path);
                NodeKind::Wait(condition)
            }
        })
    }

    fn first(&mut self, doc: &NodeDoc, nodes: &[At<String>]) -> NodeKind {
        if nodes.len() < 2 {
            let path = doc.path.key("first");
            let message = "`first` chooses between at least two nodes";
            self.problems
                .push(Problem::error("empty_list", path, message));
        }
        NodeKind::First(nodes.iter().map(|node| self.node(node)).collect())
    }

    /// What changes by itself is not looked at by itself.
    fn check_wait(&mut self, reads: &[Vec<String>], path: &Pointer) {
        for (name, help) in [
            (
                "now",
                "wait for a moment with `timer: {after: …}` or `timer: {at: …}`",
            ),
            ("subject", "let the host set what is waited for in the data"),
        ] {
            if reads
                .iter()
                .any(|read| read.first().is_some_and(|root| root == name))
            {
                self.problems.push(
                    Problem::error(
                        "invalid_wait",
                        path.clone(),
                        format!("nothing tells the instance when `{name}` changes"),
                    )
                    .help(help),
                );
            }
        }
    }

    fn input(&mut self, call: &CallDoc) -> Template {
        call.with
            .as_ref()
            .and_then(|with| self.template(with))
            .unwrap_or_default()
    }

    fn join(&mut self, join: &JoinDoc) -> Option<JoinNode> {
        Some(JoinNode {
            need: match &join.need {
                JoinNeedDoc::All => JoinNeed::All,
                JoinNeedDoc::Any => JoinNeed::Any,
                JoinNeedDoc::Count(n) => JoinNeed::Count(*n),
                JoinNeedDoc::Percent(p) => JoinNeed::Percent(*p),
                JoinNeedDoc::When(source) => JoinNeed::When(self.told(source)?),
            },
            rest: join.rest.unwrap_or_default(),
        })
    }

    fn receive(&mut self, receive: &ReceiveDoc) -> ReceiveNode {
        let key = receive.key.as_ref();
        let key = key.and_then(|key| self.condition(key));
        ReceiveNode {
            message: receive.message.as_ref().map(|name| MessageSpec {
                name: name.clone(),
                key,
            }),
            into: self.data_path(receive.into.as_ref()),
        }
    }

    fn assignments(
        &mut self,
        set: &SetDoc,
    ) -> Vec<(DataPath, std::sync::Arc<dyn crate::conditions::Condition>)> {
        let assignments = set.0.iter();
        assignments
            .filter_map(|(path, source)| {
                let root = path.value.split('.').next().unwrap_or_default();
                self.check_set(root, &path.path);
                Some((DataPath::new(&path.value), self.condition(source)?))
            })
            .collect()
    }

    fn signal(&mut self, signal: &SignalDoc) -> SignalNode {
        match signal {
            SignalDoc::Catch { name, into } => SignalNode::Catch {
                name: name.clone(),
                into: self.data_path(into.as_ref()),
            },
            SignalDoc::Throw { name, with } => SignalNode::Throw {
                name: name.clone(),
                with: with
                    .as_ref()
                    .and_then(|with| self.template(with))
                    .unwrap_or_default(),
            },
        }
    }

    fn subprocess(&mut self, child: &SubprocessDoc) -> Option<SubprocessNode> {
        Some(SubprocessNode {
            workflow: WorkflowKey::from(child.workflow.as_str()),
            version: match child.version {
                VersionDoc::Exact(n) => VersionRule::Exact(n),
                VersionDoc::Latest => VersionRule::Latest,
                VersionDoc::Pinned => VersionRule::Pinned,
            },
            each: match &child.each {
                Some(each) => Some(self.each(each)?),
                None => None,
            },
            mode: if child.sequence {
                ChildMode::Sequence
            } else {
                ChildMode::Parallel
            },
            awaits: child.awaits,
            gift: self.gift(&child.gift),
            into: self.data_path(child.into.as_ref()),
        })
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
                    case.way.to.path.clone(),
                    "a case of a switch needs `when`",
                )
                .help("write `{when: …, to: …}`, or use `default`"),
            );
            return None;
        };
        Some(Case {
            when: self.guard(when)?,
            way: self.way(&case.way),
        })
    }

    fn branch(&mut self, branch: &BranchDoc) -> Branch {
        let way: Way = self.way(&branch.way);
        Branch {
            way,
            when: branch.when.as_ref().and_then(|when| self.guard(when)),
            each: branch.each.as_ref().and_then(|each| self.each(each)),
        }
    }
}

//! Graphs made by hand, in few words.

use std::sync::Arc;

use jiff::SignedDuration;
use signoff_core::{
    graph::{
        ApprovalNode, Branch, Case, Choice, Duty, EntrySpec, Fills, FormSpec, FunctionNode, Graph,
        GraphBuilder, Group, JobNode, JoinNode, Moment, Need, Node, NodeKind, Opening, Retry,
        SplitNode, TaskNode, Timeout, Who,
    },
    template::Template,
    text::Text,
};

use crate::toy::{Toy, condition, schema, when};

/// A graph of these nodes; instances enter the first.
pub(crate) fn graph(nodes: impl IntoIterator<Item = Node>) -> Graph {
    builder(nodes).build().unwrap()
}

/// The same, to be gone on with.
pub(crate) fn builder(nodes: impl IntoIterator<Item = Node>) -> GraphBuilder {
    nodes
        .into_iter()
        .fold(GraphBuilder::new("toy"), GraphBuilder::node)
}

/// These nodes in a row.
pub(crate) fn row(nodes: impl IntoIterator<Item = Node>) -> Vec<Node> {
    let mut nodes: Vec<Node> = nodes.into_iter().collect();
    for index in 1..nodes.len() {
        nodes[index - 1].next = Some(nodes[index].key.clone());
    }
    nodes
}

/// Whoever has the role; the first decides.
pub(crate) fn role(role: &str) -> EntrySpec {
    EntrySpec::new(Who::Role(role.into()))
}

/// One person.
pub(crate) fn user(user: &str) -> EntrySpec {
    EntrySpec::new(Who::User(user.into()))
}

/// Everybody who has the role, of whom so many must agree.
pub(crate) fn each(name: &str, need: Need) -> EntrySpec {
    EntrySpec {
        duty: Duty::Each(need),
        ..role(name)
    }
}

/// A form with these required fields, by their names joined by a blank.
pub(crate) fn form(required: &str) -> Option<FormSpec> {
    let names: Vec<&str> = required.split_whitespace().collect();
    let (source, schema) = schema(&names);
    Some(FormSpec {
        key: "form".to_owned(),
        source: Arc::new(source),
        schema,
    })
}

/// Entries one after another.
pub(crate) fn approval(key: &str, entries: impl IntoIterator<Item = EntrySpec>) -> Node {
    let approval = ApprovalNode {
        entries: entries.into_iter().collect(),
        opening: Opening::InOrder,
    };
    Node::new(key, NodeKind::Approval(Box::new(approval)))
}

/// Entries side by side.
pub(crate) fn together(key: &str, entries: impl IntoIterator<Item = EntrySpec>) -> Node {
    let approval = ApprovalNode {
        entries: entries.into_iter().collect(),
        opening: Opening::Together,
    };
    Node::new(key, NodeKind::Approval(Box::new(approval)))
}

/// Somebody does something.
pub(crate) fn task(key: &str, entry: EntrySpec) -> Node {
    Node::new(
        key,
        NodeKind::Task(Box::new(TaskNode {
            entry,
            fills: Fills::Data,
            goes_back: false,
        })),
    )
}

/// The job named like the node; its result goes to the data under that name.
pub(crate) fn job(key: &str) -> Node {
    job_with(key, &serde_json::Value::Null)
}

/// The job named like the node, with an input.
pub(crate) fn job_with(key: &str, with: &serde_json::Value) -> Node {
    let job = JobNode {
        name: key.to_owned(),
        with: Template::compile(with, &Toy).unwrap(),
        into: Some(key.into()),
        symbol: None,
        retry: Retry::default(),
        when: None,
        timeout: None,
    };
    Node::new(key, NodeKind::Job(job))
}

/// Ends the instance.
pub(crate) fn terminate(key: &str) -> Node {
    Node::new(key, NodeKind::Terminate(None))
}

/// The node, left for `next` after so many hours.
pub(crate) fn left_after(hours: i64, next: &str, node: Node) -> Node {
    boundary(hours, true, next, node)
}

/// The node, with a token at `next` beside it after so many hours.
pub(crate) fn beside_after(hours: i64, next: &str, node: Node) -> Node {
    boundary(hours, false, next, node)
}

fn boundary(hours: i64, interrupting: bool, next: &str, mut node: Node) -> Node {
    node.timeouts.push(Timeout {
        when: Moment::After(SignedDuration::from_hours(hours).into()),
        interrupting,
        next: next.into(),
    });
    node
}

/// The function named like the node; its result goes to the data under that name.
pub(crate) fn function(key: &str) -> Node {
    let function = FunctionNode {
        name: key.to_owned(),
        with: Template::default(),
        into: Some(key.into()),
        symbol: None,
    };
    Node::new(key, NodeKind::Function(function))
}

/// The function named like the node, with an input.
pub(crate) fn function_with(key: &str, with: &serde_json::Value) -> Node {
    let function = FunctionNode {
        name: key.to_owned(),
        with: Template::compile(with, &Toy).unwrap(),
        into: Some(key.into()),
        symbol: None,
    };
    Node::new(key, NodeKind::Function(function))
}

/// The first case that holds.
pub(crate) fn choice(key: &str, cases: &[(&str, &str)], default: Option<&str>) -> Node {
    let case = |(when, to): &(&str, &str)| Case {
        when: condition(when),
        way: (*to).into(),
    };
    let choice = Choice {
        cases: cases.iter().map(case).collect(),
        default: default.map(Into::into),
    };
    Node::new(key, NodeKind::Choice(choice))
}

/// Branches; `a ? condition` is taken when it holds.
pub(crate) fn split(key: &str, branches: &[&str]) -> Node {
    let branch = |text: &&str| match text.split_once('?') {
        Some((to, source)) => Branch {
            when: when(source.trim()),
            ..Branch::to(to.trim())
        },
        None => Branch::to(*text),
    };
    let branches = branches.iter().map(branch).collect();
    Node::new(key, NodeKind::Split(SplitNode { branches }))
}

/// Waits for every branch.
pub(crate) fn join(key: &str) -> Node {
    Node::new(key, NodeKind::Join(JoinNode::all()))
}

/// Ends its branch.
pub(crate) fn end(key: &str) -> Node {
    Node::new(key, NodeKind::End(None))
}

/// The node, when the condition holds.
pub(crate) fn guarded(mut node: Node, source: &str) -> Node {
    node.when = when(source);
    node
}

/// The node, in a group.
pub(crate) fn in_group(mut node: Node, group: &str) -> Node {
    node.group = Some(group.into());
    node
}

/// A group.
pub(crate) fn group(key: &str, guard: Option<&str>, next: Option<&str>) -> Group {
    Group {
        key: key.into(),
        title: Text::from_key(key),
        texts: signoff_core::graph::Texts::default(),
        department: None,
        when: guard.and_then(when),
        next: next.map(Into::into),
        actions: Default::default(),
    }
}

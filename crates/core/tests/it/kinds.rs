//! Nodes of flows made by hand, in few words: those that wait for something or tell it.

use jiff::SignedDuration;
use signoff_core::{
    graph::{
        Branch, Catch, ChildMode, ForEach, Gift, JoinNeed, JoinNode, MessageSpec, Moment, Mutex,
        Node, NodeKind, ReceiveNode, Rest, SignalNode, SplitNode, SubprocessNode, VersionRule,
    },
    template::Template,
};

use crate::toy::condition;

/// Sets values: `a = 1`, several of them apart by `;`.
pub(crate) fn set(key: &str, assignments: &str) -> Node {
    let assignment = |text: &str| {
        let (path, source) = text.split_once(" = ").unwrap();
        (path.trim().into(), condition(source.trim()))
    };
    let assignments = assignments.split(';').map(assignment).collect();
    Node::new(key, NodeKind::Set(assignments))
}

/// Waits for a message, what it says goes to the data under the node's name.
pub(crate) fn receive(key: &str, name: &str, of: Option<&str>) -> Node {
    let message = MessageSpec {
        name: name.to_owned(),
        key: of.map(condition),
    };
    let receive = ReceiveNode {
        message: Some(message),
        into: Some(key.into()),
    };
    Node::new(key, NodeKind::Receive(receive))
}

/// Waits for the host.
pub(crate) fn receive_code(key: &str) -> Node {
    let receive = ReceiveNode {
        message: None,
        into: Some(key.into()),
    };
    Node::new(key, NodeKind::Receive(receive))
}

/// Waits for a signal.
pub(crate) fn catch(key: &str, name: &str) -> Node {
    let signal = SignalNode::Catch {
        name: name.to_owned(),
        into: Some(key.into()),
    };
    Node::new(key, NodeKind::Signal(signal))
}

/// Throws a signal.
pub(crate) fn throw(key: &str, name: &str) -> Node {
    let signal = SignalNode::Throw {
        name: name.to_owned(),
        with: Template::default(),
    };
    Node::new(key, NodeKind::Signal(signal))
}

/// Waits so many hours.
pub(crate) fn timer(key: &str, hours: i64) -> Node {
    let moment = Moment::After(SignedDuration::from_hours(hours).into());
    Node::new(key, NodeKind::Timer(moment))
}

/// Waits for a condition.
pub(crate) fn wait(key: &str, source: &str) -> Node {
    Node::new(key, NodeKind::Wait(condition(source)))
}

/// One child, whose data go to the data under the node's name.
pub(crate) fn child(key: &str) -> SubprocessNode {
    SubprocessNode {
        workflow: "child".into(),
        version: VersionRule::Latest,
        each: None,
        mode: ChildMode::Parallel,
        awaits: true,
        gift: Gift::default(),
        into: Some(key.into()),
    }
}

/// A child for each item of a list.
pub(crate) fn children(key: &str, items: &str, mode: ChildMode) -> SubprocessNode {
    SubprocessNode {
        each: Some(each(items)),
        mode,
        gift: Gift {
            data: vec![("of".to_owned(), condition("item"))],
            seed: None,
        },
        ..child(key)
    }
}

pub(crate) fn each(items: &str) -> ForEach {
    ForEach {
        items: condition(items),
        name: Some("it".to_owned()),
    }
}

/// Runs children.
pub(crate) fn subprocess(key: &str, node: SubprocessNode) -> Node {
    Node::new(key, NodeKind::Subprocess(Box::new(node)))
}

/// Tells the parent a code.
pub(crate) fn raise(key: &str, code: &str) -> Node {
    Node::new(key, NodeKind::Raise(code.to_owned()))
}

/// Ends the instance as failed.
pub(crate) fn fail(key: &str, code: &str) -> Node {
    Node::new(key, NodeKind::Fail(code.to_owned()))
}

/// Ends its branch with an outcome.
pub(crate) fn outcome(key: &str, outcome: &str) -> Node {
    Node::new(key, NodeKind::End(Some(outcome.to_owned())))
}

/// Takes back what nodes did.
pub(crate) fn compensate(key: &str, nodes: &[&str]) -> Node {
    let nodes = nodes.iter().map(|node| (*node).into()).collect();
    Node::new(key, NodeKind::Compensate(nodes))
}

/// Offers one token on all these nodes.
pub(crate) fn first(key: &str, nodes: &[&str]) -> Node {
    let nodes = nodes.iter().map(|node| (*node).into()).collect();
    Node::new(key, NodeKind::First(nodes))
}

/// Waits for some of its branches.
pub(crate) fn join_of(key: &str, need: JoinNeed, rest: Rest) -> Node {
    Node::new(key, NodeKind::Join(JoinNode { need, rest }))
}

/// One branch for each item of a list.
pub(crate) fn split_each(key: &str, items: &str, to: &str) -> Node {
    let branch = Branch {
        each: Some(each(items)),
        ..Branch::to(to)
    };
    let branches = vec![branch];
    Node::new(key, NodeKind::Split(SplitNode { branches }))
}

/// The node, one at a time of those with the name.
pub(crate) fn alone(name: &str, key: Option<&str>, mut node: Node) -> Node {
    node.mutex = Some(Mutex {
        name: name.to_owned(),
        key: key.map(condition),
    });
    node
}

/// The node, done only while the condition holds.
pub(crate) fn while_holds(source: &str, mut node: Node) -> Node {
    node.enabled_when = Some(condition(source));
    node
}

/// The node, left for `next` when it fails.
pub(crate) fn on_error(code: Option<&str>, next: &str, mut node: Node) -> Node {
    node.errors.push(Catch {
        code: code.map(str::to_owned),
        next: next.into(),
    });
    node
}

/// The node, with a token at `next` beside it when a child raises the code.
pub(crate) fn on_escalation(code: &str, next: &str, mut node: Node) -> Node {
    node.escalations.push(Catch {
        code: Some(code.to_owned()),
        next: next.into(),
    });
    node
}

/// The node, taken back by another.
pub(crate) fn undone_by(handler: &str, mut node: Node) -> Node {
    node.compensate_with = Some(handler.into());
    node
}

/// The node, which withdraws what lives on others as it completes.
pub(crate) fn cancelling(nodes: &[&str], mut node: Node) -> Node {
    node.cancels = nodes.iter().map(|node| (*node).into()).collect();
    node
}

/// The node, with these data and this seed for each of its visits.
pub(crate) fn given(data: &[(&str, &str)], seed: Option<&str>, mut node: Node) -> Node {
    let data = data.iter();
    node.gift = Gift {
        data: data
            .map(|(key, source)| ((*key).to_owned(), condition(source)))
            .collect(),
        seed: seed.map(condition),
    };
    node
}

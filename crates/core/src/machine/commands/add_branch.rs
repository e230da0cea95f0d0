//! Add a branch: an open scope, or a subprocess, has one more.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | add_branch | a split with a branch to the node is open | manager | `branch_added` `node_entered` | one more token |
//! | add_branch | a subprocess with `for_each` waits | manager | `child_added` `child_ordered` | one more child |

use std::sync::Arc;

use serde_json::Value;

use crate::{
    command::Place,
    event::Event,
    graph::{Branch, Node, NodeKind, SubprocessNode},
    id::{NodeKey, ScopeId},
    instance::{ActivationState, Given, Item, Scope},
    machine::{
        children,
        context::{Context, Halt},
        data,
        draft::Draft,
        leave, rights,
        variables::Variables,
        work::{Enter, Work},
    },
    refusal::RefusalCode,
};

pub(super) fn begin(
    cx: &Context<'_>,
    draft: &mut Draft,
    to: &NodeKey,
    item: &Arc<Value>,
) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    data::shallow("the item", item)
        .map_err(|failure| Halt::refuse(failure.code, failure.message))?;
    if let Some(NodeKind::Subprocess(child)) = cx.graph.node(to).map(|node| &node.kind)
        && let Some(each) = &child.each
    {
        let name = each.name.clone();
        return add_child(cx, draft, to, child, item_of(name, item));
    }
    rights::manages(cx)?;
    let Some((id, scope, branch)) = open_split(cx, draft, to)? else {
        let known = cx.graph.nodes().any(|node| branch_of(node, to).is_some());
        return Err(if known {
            let message = format!("no split with a branch to `{to}` is open");
            Halt::refuse(RefusalCode::NotOpen, message)
        } else {
            let message = format!("no split has a branch to `{to}`");
            Halt::refuse(RefusalCode::TargetInvalid, message)
        });
    };
    let name = branch.each.as_ref().and_then(|each| each.name.clone());
    let mut items = scope.items.clone();
    if branch.each.is_some() {
        items.push(item_of(name, item));
    }
    let none = Given::default();
    let given = {
        let variables = Variables::here(cx, draft.instance()?).visiting(&items, &none);
        leave::give(&branch.way.gift, &variables)
            .map_err(|failure| Halt::refuse(failure.code, failure.message))?
    };
    draft.emit(Event::BranchAdded { scope: id });
    draft.next.push(Work::Enter(Enter {
        scope: Some(id),
        from: scope.from,
        items,
        given,
        ..Enter::new(to.clone())
    }));
    Ok(())
}

fn item_of(name: Option<String>, item: &Arc<Value>) -> Item {
    Item {
        name,
        value: Arc::clone(item),
    }
}

fn branch_of<'a>(node: &'a Node, to: &NodeKey) -> Option<&'a Branch> {
    match &node.kind {
        NodeKind::Split(split) => split.branches.iter().find(|branch| branch.way.to == *to),
        _ => None,
    }
}

/// The latest open scope whose split has a branch to the node.
fn open_split<'a>(
    cx: &Context<'a>,
    draft: &Draft,
    to: &NodeKey,
) -> Result<Option<(ScopeId, Scope, &'a Branch)>, Halt> {
    let scopes = draft.instance()?.scopes().iter().rev();
    let open = scopes.filter(|(_, scope)| scope.fired.is_none());
    Ok(open
        .filter_map(|(id, scope)| {
            let branch = branch_of(cx.graph.node(&scope.split)?, to)?;
            Some((*id, scope.clone(), branch))
        })
        .next())
}

fn add_child(
    cx: &Context<'_>,
    draft: &mut Draft,
    to: &NodeKey,
    node: &SubprocessNode,
    item: Item,
) -> Result<(), Halt> {
    let found = rights::place(cx, draft, &Place::Node(to.clone()))?;
    rights::manages(cx)?;
    let waiting = found.filter(|found| found.state == ActivationState::Running);
    let Some(activation) = waiting else {
        return Err(Halt::refuse(
            RefusalCode::NotOpen,
            format!("`{to}` does not wait for children"),
        ));
    };
    let limit = cx.facts.settings.limits.children;
    if children::planned(&activation) >= limit {
        return Err(Halt::refuse(
            RefusalCode::LimitExceeded,
            format!("`{to}` has {limit} children, which is the limit"),
        ));
    }
    let mut items = activation.items.clone();
    items.push(item);
    let given = {
        let variables = Variables::here(cx, draft.instance()?);
        leave::give(&node.gift, &variables.visiting(&items, &activation.given))
            .map_err(|failure| Halt::refuse(failure.code, failure.message))?
    };
    draft.emit(Event::ChildAdded {
        activation: activation.id,
        given,
    });
    children::go_on(cx, draft, activation.id, node)
}

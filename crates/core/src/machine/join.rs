//! Joins: looked at when nothing else can run.
//!
//! A scope carries counters, so looking at a join never walks the branches.

use crate::{
    event::Event,
    graph::JoinNeed,
    graph::{Node, NodeKind},
    id::{ActivationId, NodeKey},
    instance::Scope,
    machine::{
        context::{Context, Halt},
        draft::Draft,
        work::{Enter, Work},
    },
};

/// Looks at the joins of every scope that changed; the inner ones first, as they were opened later.
pub(super) fn look(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    while let Some(id) = draft.dirty.pop_last() {
        let Some(scope) = draft.instance()?.scopes().get(&id).cloned() else {
            continue;
        };
        if scope.live > 0 || scope.failed > 0 {
            continue;
        }
        draft.emit(Event::ScopeClosed { scope: id });
        match first_join(cx, &scope) {
            Some(join) => fire(draft, &scope, join),
            None => draft.end_branch(scope.parent),
        }
    }
    Ok(())
}

/// The join whose need is met; in file order where several are.
fn first_join<'a>(cx: &Context<'a>, scope: &Scope) -> Option<&'a Node> {
    let arrived: Vec<&NodeKey> = scope.arrived.keys().collect();
    cx.graph.nodes().find(|node| match &node.kind {
        NodeKind::Join(join) => match &join.need {
            JoinNeed::All => arrived.contains(&&node.key),
            _ => false,
        },
        _ => false,
    })
}

fn fire(draft: &mut Draft, scope: &Scope, join: &Node) {
    let activation = ActivationId::new(draft.id());
    draft.emit(Event::NodeEntered {
        activation,
        node: join.key.clone(),
        scope: scope.parent,
        from: scope.from.clone(),
        entries: 0,
    });
    draft.emit(Event::NodeCompleted {
        activation,
        node: join.key.clone(),
    });
    match join.next.clone() {
        Some(node) => draft.next.push(Work::Enter(Enter {
            node,
            scope: scope.parent,
            from: scope.from.clone(),
            group: join.group.clone(),
            direct: false,
        })),
        None => draft.end_branch(scope.parent),
    }
}

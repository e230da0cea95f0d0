//! Where tokens go on: the way of a choice, the branches of a split, the nodes of a `first`.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    event::Event,
    graph::{Branch, Choice, ForEach, Gift, Node, SplitNode, Way},
    id::{ActivationId, NodeKey, ScopeId},
    instance::{Given, Item},
    machine::{
        context::Halt,
        data,
        draft::Draft,
        enter::holds,
        failure::Failure,
        leave,
        variables::Variables,
        work::{Enter, Work},
    },
};

/// A token that goes on from a choice or a split.
#[derive(Clone, Debug)]
pub(super) struct TokenPlan {
    to: NodeKey,
    given: Given,
    item: Option<Item>,
}

/// The first way whose condition holds.
pub(super) fn choose(choice: &Choice, variables: &Variables<'_>) -> Result<TokenPlan, Failure> {
    for case in &choice.cases {
        if holds(&*case.when, variables)? {
            return token(&case.way, None, variables);
        }
    }
    match &choice.default {
        Some(way) => token(way, None, variables),
        None => Err(Failure::node("no case holds and there is no default")),
    }
}

fn token(way: &Way, item: Option<Item>, variables: &Variables<'_>) -> Result<TokenPlan, Failure> {
    Ok(TokenPlan {
        to: way.to.clone(),
        given: leave::give(&way.gift, variables)?,
        item,
    })
}

/// A token for each branch that is taken.
pub(super) fn branches(
    split: &SplitNode,
    variables: &Variables<'_>,
) -> Result<Vec<TokenPlan>, Failure> {
    let mut taken = Vec::new();
    for branch in &split.branches {
        if let Some(condition) = &branch.when
            && !holds(&**condition, variables)?
        {
            continue;
        }
        match &branch.each {
            None => taken.push(token(&branch.way, None, variables)?),
            Some(each) => {
                for item in items(each, variables)? {
                    taken.push(branch_of(branch, item, variables)?);
                }
            }
        }
    }
    if taken.is_empty() {
        return Err(Failure::node("no branch of the split holds"));
    }
    Ok(taken)
}

/// The branch of one item; what is given on its way may speak of the item.
pub(super) fn branch_of(
    branch: &Branch,
    item: Item,
    variables: &Variables<'_>,
) -> Result<TokenPlan, Failure> {
    Ok(TokenPlan {
        to: branch.way.to.clone(),
        given: give_item(&branch.way.gift, &item, variables)?,
        item: Some(item),
    })
}

/// What is given for one item.
pub(super) fn give_item(
    gift: &Gift,
    item: &Item,
    variables: &Variables<'_>,
) -> Result<Given, Failure> {
    if gift.is_empty() {
        return Ok(Given::default());
    }
    let mut items = variables.items().to_vec();
    items.push(item.clone());
    let none = Given::default();
    leave::give(gift, &variables.visiting(&items, &none))
}

/// The items of a list, each with its name.
pub(super) fn items(each: &ForEach, variables: &Variables<'_>) -> Result<Vec<Item>, Failure> {
    let source = &*each.items;
    let items = match source.evaluate(variables) {
        Ok(Value::Array(items)) => items,
        Ok(other) => {
            return Err(Failure::node(format!(
                "`{}` gives {}, not a list",
                source.source(),
                crate::conditions::json_type(&other)
            )));
        }
        Err(error) => return Err(Failure::condition(source, &error)),
    };
    let item = |value: Value| {
        data::shallow("an item", &value)?;
        Ok(Item {
            name: each.name.clone(),
            value: Arc::new(value),
        })
    };
    items.into_iter().map(item).collect()
}

/// Takes the way that was chosen.
pub(super) fn choice(
    draft: &mut Draft,
    id: ActivationId,
    node: &Node,
    ways: Vec<TokenPlan>,
) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(id).cloned() else {
        return Ok(());
    };
    leave::complete(draft, &activation, Some(node), None)?;
    for way in ways {
        draft.next.push(Work::Enter(Enter {
            given: way.given,
            group: node.group.clone(),
            ..Enter::from(&activation, way.to)
        }));
    }
    Ok(())
}

/// Opens a scope and gives each branch a token in it.
pub(super) fn split(
    draft: &mut Draft,
    id: ActivationId,
    node: &Node,
    ways: Vec<TokenPlan>,
) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(id).cloned() else {
        return Ok(());
    };
    let scope = ScopeId::new(draft.id());
    draft.emit(Event::ScopeOpened {
        scope,
        activation: id,
        branches: u32::try_from(ways.len()).unwrap_or(u32::MAX),
    });
    leave::complete(draft, &activation, Some(node), None)?;
    for way in ways {
        let mut enter = Enter {
            scope: Some(scope),
            stray: false,
            given: way.given,
            group: node.group.clone(),
            ..Enter::from(&activation, way.to)
        };
        enter.items.extend(way.item);
        draft.next.push(Work::Enter(enter));
    }
    Ok(())
}

/// Offers the token on all the nodes.
pub(super) fn first(
    draft: &mut Draft,
    id: ActivationId,
    node: &Node,
    nodes: &[NodeKey],
) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(id).cloned() else {
        return Ok(());
    };
    leave::complete(draft, &activation, Some(node), None)?;
    draft.emit(Event::RaceOpened { race: id });
    for to in nodes {
        draft.next.push(Work::Enter(Enter {
            race: Some(id),
            group: node.group.clone(),
            ..Enter::from(&activation, to.clone())
        }));
    }
    Ok(())
}

//! What happens when a node is done with its token.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{
    event::Event,
    graph::{Gift, Node, NodeKind},
    id::ActivationId,
    instance::{Activation, Compensation, Given},
    machine::{
        context::{Context, Halt},
        data,
        draft::Draft,
        failure::{Failure, fail},
        variables::Variables,
        work::{Enter, Work},
    },
};

/// An activation is done, and its token goes on to the next node.
pub(super) fn leave(cx: &Context<'_>, draft: &mut Draft, id: ActivationId) -> Result<(), Halt> {
    let Some(activation) = draft.instance()?.activation(id).cloned() else {
        return Ok(());
    };
    if has_lost(draft, &activation)? {
        return Ok(());
    }
    let Some(node) = cx.graph.node(&activation.node) else {
        complete(draft, &activation, None, None)?;
        draft.end_branch(activation.scope, activation.stray);
        return Ok(());
    };
    let variables = Variables::here(cx, draft.instance()?).of(&activation);
    let made =
        give(&node.passes, &variables).and_then(|given| Ok((given, artifact(node, &variables)?)));
    let (given, artifact) = match made {
        Ok(made) => made,
        Err(failure) => return fail(cx, draft, id, &failure),
    };
    complete(draft, &activation, Some(node), artifact)?;
    go(draft, &activation, node, given)
}

/// The token of `activation` goes on to what comes after `node`.
pub(super) fn go(
    draft: &mut Draft,
    activation: &Activation,
    node: &Node,
    given: Given,
) -> Result<(), Halt> {
    if node.goes_back() {
        go_back(draft, activation);
        return Ok(());
    }
    let Some(to) = node.next.clone() else {
        draft.end_branch(activation.scope, activation.stray);
        return Ok(());
    };
    let from = match node.kind {
        NodeKind::Approval(_) => Some(node.key.clone()),
        _ => activation.from.clone(),
    };
    draft.next.push(Work::Enter(Enter {
        from,
        given,
        group: node.group.clone(),
        ..Enter::from(activation, to)
    }));
    Ok(())
}

/// The token goes back to the approval that it came from, past every guard.
fn go_back(draft: &mut Draft, activation: &Activation) {
    let Some(to) = activation.from.clone() else {
        draft.end_branch(activation.scope, activation.stray);
        return;
    };
    draft.next.push(Work::Enter(Enter {
        direct: true,
        given: activation.given.clone(),
        ..Enter::from(activation, to)
    }));
}

/// The activation ends as planned, and what follows from that happens; its token is not moved.
pub(super) fn complete(
    draft: &mut Draft,
    activation: &Activation,
    node: Option<&Node>,
    artifact: Option<Arc<Value>>,
) -> Result<(), Halt> {
    win(draft, activation)?;
    draft.emit(Event::NodeCompleted {
        activation: activation.id,
        node: activation.node.clone(),
        artifact,
    });
    let Some(node) = node else {
        return Ok(());
    };
    if let Some(handler) = &node.compensate_with {
        draft.emit(Event::CompensationNoted(Compensation {
            node: node.key.clone(),
            handler: handler.clone(),
            items: activation.items.clone(),
        }));
    }
    if !node.cancels.is_empty() {
        draft.next.push(Work::CancelNodes(node.key.clone()));
    }
    Ok(())
}

/// Keeps the token that was offered to others too; they are withdrawn before it moves on.
pub(super) fn win(draft: &mut Draft, activation: &Activation) -> Result<(), Halt> {
    let Some(race) = activation.race else {
        return Ok(());
    };
    let members = draft.instance()?.race(race);
    let others: Vec<ActivationId> = members
        .iter()
        .copied()
        .filter(|other| *other != activation.id)
        .collect();
    if members.is_empty() {
        return Ok(());
    }
    draft.emit(Event::RaceWon {
        race,
        activation: activation.id,
    });
    if !others.is_empty() {
        draft.next.push(Work::Withdraw(others));
    }
    Ok(())
}

/// Whether the token that it shared has gone on elsewhere.
pub(super) fn has_lost(draft: &Draft, activation: &Activation) -> Result<bool, Halt> {
    Ok(match activation.race {
        Some(race) => !draft.instance()?.race(race).contains(&activation.id),
        None => false,
    })
}

/// What a visit has produced.
fn artifact(node: &Node, variables: &Variables<'_>) -> Result<Option<Arc<Value>>, Failure> {
    let Some(source) = &node.artifact else {
        return Ok(None);
    };
    let value = source
        .evaluate(variables)
        .map_err(|error| Failure::condition(&**source, &error))?;
    data::shallow("what is produced", &value)?;
    Ok(Some(Arc::new(value)))
}

/// What is given on a way.
pub(super) fn give(gift: &Gift, variables: &Variables<'_>) -> Result<Given, Failure> {
    if gift.is_empty() {
        return Ok(Given::default());
    }
    let mut fields = Map::new();
    for (key, source) in &gift.data {
        let value = source
            .evaluate(variables)
            .map_err(|error| Failure::condition(&**source, &error))?;
        data::shallow("what is given", &value)?;
        fields.insert(key.clone(), value);
    }
    let seed = gift
        .seed
        .as_ref()
        .map(|source| {
            let seed = source
                .evaluate(variables)
                .map_err(|error| Failure::condition(&**source, &error))?;
            data::shallow("what is given", &seed).map(|()| seed)
        })
        .transpose()?;
    Ok(Given {
        data: (!gift.data.is_empty()).then(|| Arc::new(Value::Object(fields))),
        seed: seed.map(Arc::new),
    })
}

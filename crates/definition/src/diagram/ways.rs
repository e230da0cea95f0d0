//! The edges that leave a node, and its boundaries.

use std::collections::BTreeMap;

use signoff_core::{
    graph::{Branch, Catch, EntrySpec, Node, NodeKind, OnReject},
    id::NodeKey,
    text::Text,
};

use super::{
    face::Glyph,
    notes,
    outline::{self, Boundary, Link, Outline},
    words::{Words, say},
};

/// Where a boundary leads, and what is written on its way.
struct Exit<'a> {
    boundary: Boundary,
    to: &'a NodeKey,
    label: Text,
    dashed: bool,
}

/// The boundaries of a node, in the order of their exits.
pub(super) fn boundaries(node: &Node) -> Vec<Boundary> {
    exits(node).iter().map(|exit| exit.boundary).collect()
}

/// Adds the links that leave `node`, which is the item `from`.
pub(super) fn lead(
    outline: &mut Outline,
    from: usize,
    node: &Node,
    places: &BTreeMap<&NodeKey, usize>,
) {
    for (to, label) in ways(node) {
        if let Some(&to) = places.get(to) {
            outline.links.push(Link {
                from,
                boundary: None,
                to,
                label,
                dashed: false,
            });
        }
    }
    if let NodeKind::Split(split) = &node.kind {
        for branch in split.branches.iter().filter(|branch| branch.each.is_some()) {
            if let Some(&to) = places.get(&branch.way.to) {
                outline::repeat(&mut outline.items[to]);
            }
        }
    }
    for (place, exit) in exits(node).into_iter().enumerate() {
        if let Some(&to) = places.get(exit.to) {
            outline.links.push(Link {
                from,
                boundary: Some(place),
                to,
                label: Some(exit.label),
                dashed: exit.dashed,
            });
        }
    }
}

fn ways(node: &Node) -> Vec<(&NodeKey, Option<Text>)> {
    let mut ways: Vec<(&NodeKey, Option<Text>)> = match &node.kind {
        NodeKind::Choice(choice) => {
            let cases = choice.cases.iter().map(|case| {
                let source = case.when.source().to_owned();
                (&case.way.to, Some(Text::Plain(source)))
            });
            let otherwise = choice.default.iter();
            let otherwise =
                otherwise.map(|way| (&way.to, Some(say(|words| words.otherwise.to_owned()))));
            cases.chain(otherwise).collect()
        }
        NodeKind::First(nodes) => nodes.iter().map(|node| (node, None)).collect(),
        NodeKind::Split(split) => {
            let branches = split.branches.iter();
            branches
                .map(|branch| (&branch.way.to, of_branch(branch)))
                .collect()
        }
        NodeKind::Step(step) => {
            let taken = step.transitions.iter().map(|way| {
                let when = way.when.as_ref().map(|when| when.source().to_owned());
                (way.next(), when.map(Text::Plain))
            });
            taken
                .chain(step.gate.iter().map(|gate| (gate, None)))
                .collect()
        }
        _ => Vec::new(),
    };
    ways.extend(node.next.as_ref().map(|next| (next, None)));
    ways
}

fn of_branch(branch: &Branch) -> Option<Text> {
    let when = branch.when.as_ref().map(|when| when.source());
    match (when, &branch.each) {
        (None, None) => None,
        (Some(when), None) => Some(Text::Plain(when.to_owned())),
        (None, Some(each)) => Some(notes::of_each(each)),
        (Some(when), Some(each)) => Some(say(|words| {
            format!("{when}, {} {}", words.each, each.items.source())
        })),
    }
}

fn exits(node: &Node) -> Vec<Exit<'_>> {
    let timeouts = node.timeouts.iter().map(|timeout| Exit {
        boundary: Boundary {
            glyph: Glyph::Clock,
            interrupting: timeout.interrupting,
        },
        to: &timeout.next,
        label: notes::of_moment(&timeout.when),
        dashed: false,
    });
    let errors = node
        .errors
        .iter()
        .map(|catch| of_catch(catch, Glyph::Bolt, true, |words| words.any_error));
    let escalations = node.escalations.iter().map(|catch| {
        of_catch(catch, Glyph::Escalation, false, |words| {
            words.any_escalation
        })
    });
    let rejections = rejections(node).into_iter().map(|to| Exit {
        boundary: Boundary {
            glyph: Glyph::Back,
            interrupting: true,
        },
        to,
        label: say(|words| words.when_rejected.to_owned()),
        dashed: false,
    });
    let compensation = node.compensate_with.iter().map(|to| Exit {
        boundary: Boundary {
            glyph: Glyph::Rewind,
            interrupting: true,
        },
        to,
        label: say(|words| words.undone_by.to_owned()),
        dashed: true,
    });
    timeouts
        .chain(errors)
        .chain(escalations)
        .chain(rejections)
        .chain(compensation)
        .collect()
}

fn of_catch(
    catch: &Catch,
    glyph: Glyph,
    interrupting: bool,
    any: impl Fn(&Words) -> &'static str,
) -> Exit<'_> {
    Exit {
        boundary: Boundary {
            glyph,
            interrupting,
        },
        to: &catch.next,
        label: match &catch.code {
            Some(code) => Text::Plain(code.clone()),
            None => say(|words| any(words).to_owned()),
        },
        dashed: false,
    }
}

/// The nodes that a rejection goes to, each once.
fn rejections(node: &Node) -> Vec<&NodeKey> {
    let entries: &[EntrySpec] = match &node.kind {
        NodeKind::Approval(approval) => &approval.entries,
        NodeKind::Step(step) => std::slice::from_ref(&step.entry),
        NodeKind::Task(task) => std::slice::from_ref(&task.entry),
        _ => &[],
    };
    let mut nodes = Vec::new();
    for entry in entries {
        let back = match &entry.on_reject {
            OnReject::Choose(several) => several.as_slice(),
            OnReject::GoTo(to) | OnReject::Stay(to) => std::slice::from_ref(to),
            _ => &[],
        };
        for to in back {
            if !nodes.contains(&to) {
                nodes.push(to);
            }
        }
    }
    nodes
}

//! Migrate: the instance goes on by another version of its definition.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | migrate | instance running, every token can stand in the new version | manager; the data fit their schema | `instance_migrated`, then for what differs `timers_armed`… `task_retimed`… | visits as they are |
//! | migrate | the same, a visit that cannot go on as it is | manager; the data fit their schema | `instance_migrated` `node_revived` `node_entered` | a new activation |
//! | migrate | the same, a node is gone | manager; the data fit their schema | `instance_migrated` `incident_opened` `node_obsolete`, or `instance_migrated` `node_cancelled` `branch_ended` | activation obsolete or cancelled |

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    command::{Migration, Removed},
    event::Event,
    graph::{Node, NodeKind, StatusRole},
    id::{ActivationId, NodeKey},
    instance::{Activation, ActivationState, Instance, InstanceStatus, Scope, ScopeKind},
    machine::{
        commands::{jump, set_data},
        context::{Context, Halt},
        draft::Draft,
        retime, rights, steps,
        withdraw::{self, As},
        work::{Enter, Work},
    },
    refusal::RefusalCode,
};

/// What becomes of a visit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    /// It begins anew.
    Anew,
    /// Its node is gone.
    Gone,
    /// It goes on as it is, as one of the node that has its key in the old version.
    Stays,
}

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, plan: &Migration) -> Result<(), Halt> {
    rights::running(draft.instance()?)?;
    rights::manages(cx)?;
    go_on(cx, draft, plan, Visits::MayChange)
}

/// The instance goes on by the newest version before a command of its own, if every visit stays as it
/// is.
pub(in crate::machine) fn follow(
    cx: &Context<'_>,
    draft: &mut Draft,
    plan: &Migration,
) -> Result<(), Halt> {
    if !matches!(draft.instance()?.status(), InstanceStatus::Pending { .. }) {
        rights::running(draft.instance()?)?;
    }
    go_on(cx, draft, plan, Visits::Stay)
}

/// What may become of visits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Visits {
    /// They begin anew or are gone where they must.
    MayChange,
    /// Each stays as it is, or nothing happens.
    Stay,
}

fn go_on(
    cx: &Context<'_>,
    draft: &mut Draft,
    plan: &Migration,
    visits: Visits,
) -> Result<(), Halt> {
    check(cx, draft.instance()?, plan)?;
    draft.load_all(cx.facts)?;
    let map = Map { cx, plan };
    map.check_scopes(draft.instance()?)?;
    let fates = map.fates(draft.instance()?)?;
    if visits == Visits::Stay && fates.iter().any(|(_, fate)| *fate != Fate::Stays) {
        return Err(invalid(format!(
            "a visit would begin anew in `{}`",
            plan.to
        )));
    }
    set_data::check(cx, draft.instance()?, &plan.data)?;
    let nodes = map.renamed();
    let before: BTreeMap<ActivationId, NodeKey> = draft
        .instance()?
        .activations()
        .map(|found| (found.id, found.node.clone()))
        .collect();
    draft.emit(Event::InstanceMigrated {
        definition: plan.to.clone(),
        nodes,
    });
    if !plan.data.is_empty() {
        draft.emit(Event::DataSet {
            values: plan.data.clone(),
        });
    }
    for (id, fate) in fates {
        let Some(activation) = draft.instance()?.activation(id).cloned() else {
            // It went with another one.
            continue;
        };
        match fate {
            Fate::Stays => {
                if let Some(old) = before.get(&id).and_then(|key| plan.from.node(key)) {
                    retime::activation(cx, draft, &activation, old)?;
                }
            }
            Fate::Anew => anew(cx, draft, &activation)?,
            Fate::Gone => gone(cx, draft, &activation, plan.removed)?,
        }
    }
    // A join may need other branches now, and wait for other data.
    let scopes: Vec<_> = draft.instance()?.scopes().keys().copied().collect();
    draft.dirty.extend(scopes);
    Ok(())
}

fn invalid(message: impl Into<String>) -> Halt {
    Halt::refuse(RefusalCode::TargetInvalid, message)
}

/// What can be said of the plan without looking at what lives.
fn check(cx: &Context<'_>, instance: &Instance, plan: &Migration) -> Result<(), Halt> {
    let now = instance.definition();
    if plan.to.workflow != now.workflow || plan.to == *now {
        return Err(invalid(format!(
            "an instance of `{now}` cannot be migrated to `{}`",
            plan.to
        )));
    }
    let subject = instance.subject().map(|subject| subject.kind.as_str());
    if let (Some(needed), Some(has)) = (cx.graph.subject(), subject)
        && needed != has
    {
        return Err(invalid(format!(
            "`{}` is about subjects of type `{needed}`, not `{has}`",
            plan.to
        )));
    }
    let missing = plan
        .nodes
        .values()
        .find(|key| cx.graph.node(key).is_none())
        .map(|key| (key, &plan.to));
    let known = |key: &&NodeKey| {
        let lives = instance.results().contains_key(*key);
        plan.from.node(key).is_some() || lives
    };
    let named = plan.nodes.keys().chain(&plan.anew);
    let missing = missing.or_else(|| Some((named.into_iter().find(|key| !known(key))?, now)));
    match missing {
        Some((key, version)) => Err(invalid(format!("`{version}` has no node `{key}`"))),
        None => Ok(()),
    }
}

/// Which node of the new version is which of the old one.
struct Map<'a> {
    cx: &'a Context<'a>,
    plan: &'a Migration,
}

impl Map<'_> {
    /// The node that `key` is in the new version.
    fn target(&self, key: &NodeKey) -> Option<&Node> {
        let graph = self.cx.graph;
        match self.plan.nodes.get(key) {
            Some(named) => graph.node(named),
            None => graph
                .node(key)
                .or_else(|| graph.nodes().find(|node| node.was.contains(key))),
        }
    }

    /// The nodes that have another key.
    fn renamed(&self) -> BTreeMap<NodeKey, NodeKey> {
        let earlier = self.cx.graph.nodes().flat_map(|node| &node.was);
        let old = self.plan.from.nodes().map(|node| &node.key);
        let known: BTreeSet<&NodeKey> = old.chain(self.plan.nodes.keys()).chain(earlier).collect();
        known
            .into_iter()
            .filter_map(|key| Some((key, &self.target(key)?.key)))
            .filter(|(was, is)| was != is)
            .map(|(was, is)| (was.clone(), is.clone()))
            .collect()
    }

    /// What opened a scope that is under way, and the joins that tokens wait at, must be there.
    fn check_scopes(&self, instance: &Instance) -> Result<(), Halt> {
        for scope in instance.scopes().values() {
            let target = self.target(&scope.split);
            if !target.is_some_and(|node| opens(node, scope)) {
                return Err(invalid(format!(
                    "branches of `{}` are under way, which `{}` has not",
                    scope.split, self.plan.to
                )));
            }
            for join in scope.arrived.keys() {
                let target = self.target(join).map(|node| &node.kind);
                if !matches!(target, Some(NodeKind::Join(_))) {
                    return Err(invalid(format!(
                        "branches wait at `{join}`, which is no join of `{}`",
                        self.plan.to
                    )));
                }
            }
        }
        Ok(())
    }

    fn fates(&self, instance: &Instance) -> Result<Vec<(ActivationId, Fate)>, Halt> {
        let mut around: BTreeMap<NodeKey, BTreeSet<Vec<NodeKey>>> = BTreeMap::new();
        let mut fates = Vec::new();
        for found in instance.activations() {
            let Some(target) = self.target(&found.node) else {
                if self.plan.removed == Removed::Refuse {
                    return Err(invalid(format!(
                        "a token stands on `{}`, which `{}` has not",
                        found.node, self.plan.to
                    )));
                }
                fates.push((found.id, Fate::Gone));
                continue;
            };
            let splits = jump::splits(instance, found);
            let here: Vec<NodeKey> = splits
                .iter()
                .filter_map(|split| Some(self.target(split)?.key.clone()))
                .collect();
            let there = around
                .entry(target.key.clone())
                .or_insert_with(|| self.cx.graph.scopes_of(&target.key));
            if !there.contains(&here) {
                return Err(invalid(format!(
                    "a token on `{}` cannot come to `{}`, which lies in other splits",
                    found.node, target.key
                )));
            }
            let fate = self.fate(found, target);
            if fate == Fate::Stays {
                self.check_status(instance, found, target)?;
            }
            fates.push((found.id, fate));
        }
        Ok(fates)
    }

    /// A step goes on with the status that it has, which must be one of it.
    fn check_status(
        &self,
        instance: &Instance,
        found: &Activation,
        target: &Node,
    ) -> Result<(), Halt> {
        let NodeKind::Step(step) = &target.kind else {
            return Ok(());
        };
        let Some(status) = steps::current(instance, &found.node) else {
            return Ok(());
        };
        let role = step.statuses.get(&status).map(|status| status.role);
        match role {
            Some(StatusRole::Completion | StatusRole::Open) => Ok(()),
            _ => Err(invalid(format!(
                "the step `{}` has the status `{status}`, which is none of `{}` in `{}`; it may \
                 begin anew",
                found.node, target.key, self.plan.to
            ))),
        }
    }

    fn fate(&self, found: &Activation, target: &Node) -> Fate {
        let obsolete = matches!(found.state, ActivationState::Obsolete(_));
        let old = self.plan.from.node(&found.node);
        let keeps = old.is_some_and(|old| target.keeps_visits_of(old));
        if keeps && !obsolete && !self.plan.anew.contains(&found.node) {
            Fate::Stays
        } else {
            Fate::Anew
        }
    }
}

/// Whether the node is what has opened such a scope.
fn opens(node: &Node, scope: &Scope) -> bool {
    match scope.kind {
        ScopeKind::Compensation(_) => matches!(node.kind, NodeKind::Compensate(_)),
        ScopeKind::Side => true,
        ScopeKind::Split => matches!(node.kind, NodeKind::Split(_)),
    }
}

/// The token enters its node as if it came there now.
fn anew(cx: &Context<'_>, draft: &mut Draft, activation: &Activation) -> Result<(), Halt> {
    withdraw::activation(cx, draft, activation, As::Revived)?;
    draft.next.push(Work::Enter(Enter {
        after: activation.after,
        given: activation.given.clone(),
        race: activation.race,
        direct: true,
        ..Enter::from(activation, activation.node.clone())
    }));
    Ok(())
}

fn gone(
    cx: &Context<'_>,
    draft: &mut Draft,
    activation: &Activation,
    removed: Removed,
) -> Result<(), Halt> {
    if removed == Removed::Cancel {
        return withdraw::with_token(cx, draft, activation);
    }
    if matches!(activation.state, ActivationState::Obsolete(_)) {
        // It was gone before.
        return Ok(());
    }
    withdraw::inside(cx, draft, activation)?;
    let node = &activation.node;
    let message = format!("`{}` has no node `{node}`", draft.instance()?.definition());
    let incident = draft.incident("dangling_reference", message, Some(activation.id), None);
    draft.emit(Event::NodeObsolete {
        activation: activation.id,
        node: node.clone(),
        incident,
    });
    Ok(())
}

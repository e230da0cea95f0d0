//! What runs without waiting, wave by wave.

use crate::{
    event::Event,
    graph::NodeKind,
    id::{ActivationId, GroupKey, NodeKey, ScopeId},
    instance::{Activation, Given, Instance, Item},
    machine::{
        begin::{self, BeginPlan},
        call::{self, CallPlan},
        compensate,
        context::{Context, Halt},
        draft::Draft,
        enter::{self, EnterPlan},
        entry::{self, EntryPlan},
        join, members, regions, rights,
        seats::Seat,
        watch::{self, Verdict},
        withdraw,
    },
};

/// Activations beyond which all of an instance are loaded instead.
const MANY: usize = 16;

/// A piece of a wave.
#[derive(Clone, Debug)]
pub(super) enum Work {
    /// An activation that had to wait begins.
    Begin(ActivationId),
    /// Calls the host's function of an activation.
    Call(ActivationId),
    /// Withdraws what the node says as it completes.
    CancelNodes(NodeKey),
    /// Runs the next handler of a compensation.
    Compensate(ActivationId),
    /// A token comes to a node.
    Enter(Enter),
    /// A join fires.
    FireJoin { scope: ScopeId, join: NodeKey },
    /// Asks the next level of an entry.
    Level {
        activation: ActivationId,
        entry: u16,
    },
    /// Asks the people of an entry.
    Open {
        activation: ActivationId,
        entry: u16,
    },
    /// Looks at the condition of an activation again.
    Recheck(ActivationId),
    /// Withdraws those whose token somebody else keeps.
    Withdraw(Vec<ActivationId>),
}

/// A token on its way to a node.
#[derive(Clone, Debug)]
pub(super) struct Enter {
    pub(super) node: NodeKey,
    pub(super) scope: Option<ScopeId>,
    /// The last approval node on its way.
    pub(super) from: Option<NodeKey>,
    /// The activation that it comes from.
    pub(super) after: Option<ActivationId>,
    /// The items of the branches that it is in, the innermost last.
    pub(super) items: Vec<Item>,
    /// What the visit is given on the way.
    pub(super) given: Given,
    /// Whether no way leads from there to a join of its scope any more.
    pub(super) stray: bool,
    /// The `first` whose token it shares with others.
    pub(super) race: Option<ActivationId>,
    /// The group that it comes from: guards of a group are looked at when it is entered from outside.
    pub(super) group: Option<GroupKey>,
    /// Whether somebody sent it here, past every guard.
    pub(super) direct: bool,
}

impl Enter {
    /// A new token that comes to `node`, outside every scope.
    pub(super) const fn new(node: NodeKey) -> Self {
        Self {
            node,
            scope: None,
            from: None,
            after: None,
            items: Vec::new(),
            given: Given {
                data: None,
                seed: None,
            },
            stray: false,
            race: None,
            group: None,
            direct: false,
        }
    }

    /// Whether the token went with its scope, or somebody else kept it, while it was on its way.
    pub(super) fn is_withdrawn(&self, instance: &Instance) -> bool {
        let closed = |scope| !instance.scopes().contains_key(&scope);
        let lost = |race| !instance.is_racing(race);
        self.scope.is_some_and(closed) || self.race.is_some_and(lost)
    }

    /// The token of `activation` on its way to `node`.
    pub(super) fn from(activation: &Activation, node: NodeKey) -> Self {
        Self {
            scope: activation.scope,
            from: activation.from.clone(),
            after: Some(activation.id),
            items: activation.items.clone(),
            stray: activation.stray,
            ..Self::new(node)
        }
    }
}

/// What a piece of work will do, everything known.
#[derive(Clone, Debug)]
pub(super) enum Plan {
    Begin(Box<BeginPlan>),
    Call(CallPlan),
    Enter(Box<EnterPlan>),
    Level(Vec<Seat>),
    Open(EntryPlan),
    Recheck(Verdict),
    /// Nothing has to be known.
    Ready,
}

impl Work {
    /// Makes known what it needs of the instance.
    pub(super) fn load(&self, cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
        match self {
            // Many are better loaded together than one by one.
            Self::Recheck(_) if draft.instance()?.watching().len() > MANY => {
                draft.load_all(cx.facts)
            }
            Self::Begin(id) | Self::Compensate(id) | Self::Recheck(id) => {
                draft.load(*id, cx.facts).map(|_| ())
            }
            Self::CancelNodes(_) => draft.load_all(cx.facts),
            Self::Enter(work) if enter::ends_all(cx, work) => draft.load_all(cx.facts),
            Self::FireJoin { scope, join } if join::withdraws(cx, draft, *scope, join)? => {
                draft.load_all(cx.facts)
            }
            Self::Withdraw(ids) => {
                for id in ids {
                    if let Some(lost) = draft.load(*id, cx.facts)?.cloned() {
                        rights::load_inside(cx, draft, &lost)?;
                    }
                }
                Ok(())
            }
            Self::Call(_)
            | Self::Enter(_)
            | Self::FireJoin { .. }
            | Self::Level { .. }
            | Self::Open { .. } => Ok(()),
        }
    }

    /// What it will do, or what must be answered first. Writes nothing.
    pub(super) fn plan(&self, cx: &Context<'_>, draft: &Draft) -> Result<Plan, Halt> {
        let instance = draft.instance()?;
        Ok(match self {
            Self::Begin(id) => Plan::Begin(Box::new(begin::plan_of(cx, instance, *id)?)),
            Self::Call(activation) => Plan::Call(call::plan(cx, instance, *activation)?),
            Self::Enter(work) => Plan::Enter(Box::new(enter::plan(cx, instance, work)?)),
            Self::Level { activation, entry } => {
                Plan::Level(members::next_level(cx, instance, *activation, *entry)?)
            }
            Self::Open { activation, entry } => {
                Plan::Open(entry::plan(cx, instance, *activation, *entry)?)
            }
            Self::Recheck(id) => Plan::Recheck(watch::plan(cx, instance, *id)),
            Self::CancelNodes(_)
            | Self::Compensate(_)
            | Self::FireJoin { .. }
            | Self::Withdraw(_) => Plan::Ready,
        })
    }

    /// Whether it comes before what others of its wave do, so that they do nothing in vain.
    pub(super) const fn comes_first(&self) -> bool {
        matches!(self, Self::CancelNodes(_) | Self::Withdraw(_))
    }

    /// Whether nothing of the wave is left once it is done.
    pub(super) fn terminates(&self, cx: &Context<'_>, instance: &Instance) -> bool {
        let Self::Enter(work) = self else {
            return false;
        };
        if work.is_withdrawn(instance) {
            return false;
        }
        cx.graph.node(&work.node).is_some_and(|node| {
            let guarded = node.when.is_some() || node.group.is_some();
            matches!(node.kind, NodeKind::Fail(_) | NodeKind::Terminate(_)) && !guarded
        })
    }

    /// Does it.
    pub(super) fn emit(self, cx: &Context<'_>, draft: &mut Draft, plan: Plan) -> Result<(), Halt> {
        match (self, plan) {
            (Self::Begin(id), Plan::Begin(plan)) => begin::emit_of(cx, draft, id, *plan),
            (Self::Call(activation), Plan::Call(plan)) => call::emit(cx, draft, activation, plan),
            (Self::Enter(work), Plan::Enter(plan)) => enter::emit(cx, draft, work, *plan),
            (Self::Level { activation, entry }, Plan::Level(seats)) => {
                members::open_level(cx, draft, activation, entry, seats)
            }
            (Self::Open { activation, entry }, Plan::Open(plan)) => {
                entry::emit(cx, draft, activation, entry, plan)
            }
            (Self::Recheck(id), Plan::Recheck(verdict)) => watch::emit(cx, draft, id, verdict),
            (Self::CancelNodes(node), Plan::Ready) => regions::cancel(cx, draft, &node),
            (Self::Compensate(id), Plan::Ready) => compensate::next(cx, draft, id),
            (Self::FireJoin { scope, join }, Plan::Ready) => join::fire(cx, draft, scope, &join),
            (Self::Withdraw(ids), Plan::Ready) => {
                for id in ids {
                    if let Some(lost) = draft.instance()?.activation(id).cloned() {
                        withdraw::activation(cx, draft, &lost, withdraw::As::Cancelled)?;
                    }
                }
                Ok(())
            }
            // Plans are made by the work that they are for.
            _ => Ok(()),
        }
    }
}

/// A token enters a node: the new activation.
pub(super) fn entered(draft: &mut Draft, work: &Enter, entries: u16, given: Given) -> ActivationId {
    let activation = ActivationId::new(draft.id());
    draft.emit(Event::NodeEntered(Box::new(crate::event::NodeEntered {
        activation,
        node: work.node.clone(),
        scope: work.scope,
        from: work.from.clone(),
        entries,
        after: work.after,
        items: work.items.clone(),
        given,
        race: work.race,
        stray: work.stray,
    })));
    activation
}

//! What runs without waiting, wave by wave.

use crate::{
    graph::NodeKind,
    id::{ActivationId, GroupKey, NodeKey, ScopeId},
    machine::{
        call::{self, CallPlan},
        context::{Context, Halt},
        draft::Draft,
        enter::{self, EnterPlan},
        entry::{self, EntryPlan},
    },
};

/// A piece of a wave.
#[derive(Clone, Debug)]
pub(super) enum Work {
    /// Calls the host's function of an activation.
    Call(ActivationId),
    /// A token comes to a node.
    Enter(Enter),
    /// Asks the people of an entry.
    Open {
        activation: ActivationId,
        entry: u16,
    },
}

/// A token on its way to a node.
#[derive(Clone, Debug)]
pub(super) struct Enter {
    pub(super) node: NodeKey,
    pub(super) scope: Option<ScopeId>,
    /// The last approval node on its way.
    pub(super) from: Option<NodeKey>,
    /// The group that it comes from: guards of a group are looked at when it is entered from outside.
    pub(super) group: Option<GroupKey>,
    /// Whether somebody sent it here, past every guard.
    pub(super) direct: bool,
}

/// What a piece of work will do, everything known.
#[derive(Clone, Debug)]
pub(super) enum Plan {
    Call(CallPlan),
    Enter(EnterPlan),
    Open(EntryPlan),
}

impl Work {
    /// What it will do, or what must be answered first. Writes nothing.
    pub(super) fn plan(&self, cx: &Context<'_>, draft: &Draft) -> Result<Plan, Halt> {
        match self {
            Self::Call(activation) => {
                call::plan(cx, draft.instance()?, *activation).map(Plan::Call)
            }
            Self::Enter(work) => enter::plan(cx, draft.instance()?, work).map(Plan::Enter),
            Self::Open { activation, entry } => {
                entry::plan(cx, draft.instance()?, *activation, *entry).map(Plan::Open)
            }
        }
    }

    /// Whether nothing of the wave is left once it is done.
    pub(super) fn terminates(&self, cx: &Context<'_>) -> bool {
        let Self::Enter(work) = self else {
            return false;
        };
        cx.graph.node(&work.node).is_some_and(|node| {
            let guarded = node.when.is_some() || node.group.is_some();
            matches!(node.kind, NodeKind::Terminate(_)) && !guarded
        })
    }

    /// Does it.
    pub(super) fn emit(self, cx: &Context<'_>, draft: &mut Draft, plan: Plan) -> Result<(), Halt> {
        match (self, plan) {
            (Self::Call(activation), Plan::Call(plan)) => call::emit(cx, draft, activation, plan),
            (Self::Enter(work), Plan::Enter(plan)) => enter::emit(cx, draft, work, plan),
            (Self::Open { activation, entry }, Plan::Open(plan)) => {
                entry::emit(cx, draft, activation, entry, plan)
            }
            // Plans are made by the work that they are for.
            _ => Ok(()),
        }
    }
}

//! The lists that a task is on, each in the order of its time.

use std::collections::BTreeSet;

use jiff::Timestamp;
use signoff_core::{
    id::{InstanceId, PersonId, TaskId, TenantId},
    instance::{TaskRow, TaskState},
    principal::Principal,
};
use uuid::Uuid;

use crate::contract::{TaskFilter, Whose};

/// A list of tasks.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum TaskList {
    Closed,
    ClosedOf(InstanceId),
    DoneBy(PersonId),
    HeldBy(PersonId),
    Offered(Principal),
    Open,
    OpenOf(InstanceId),
}

impl TaskList {
    pub(super) const fn is_open(&self) -> bool {
        match self {
            Self::HeldBy(_) | Self::Offered(_) | Self::Open | Self::OpenOf(_) => true,
            Self::Closed | Self::ClosedOf(_) | Self::DoneBy(_) => false,
        }
    }

    /// The lists to read for a filter, one after the other; the lists within one part are merged.
    pub(super) fn of(filter: &TaskFilter) -> (Vec<Self>, Vec<Self>) {
        let (mut open, mut closed) = match (&filter.whose, filter.instance) {
            (Whose::All, None) => (vec![Self::Open], vec![Self::Closed]),
            (Whose::All, Some(id)) => (vec![Self::OpenOf(id)], vec![Self::ClosedOf(id)]),
            (Whose::AvailableTo(person), _) => {
                let roles = person.roles.iter().cloned().map(Principal::Role);
                let offers = [Principal::Anyone, Principal::User(person.id.clone())];
                let offers = offers.into_iter().chain(roles);
                (offers.map(Self::Offered).collect(), Vec::new())
            }
            (Whose::DoneBy(id), _) => (Vec::new(), vec![Self::DoneBy(id.clone())]),
            (Whose::HeldBy(id), _) => (vec![Self::HeldBy(id.clone())], Vec::new()),
        };
        if filter.open == Some(false) {
            open.clear();
        }
        if filter.open == Some(true) {
            closed.clear();
        }
        (open, closed)
    }
}

/// Every list of tasks.
#[derive(Clone, Debug, Default)]
pub(super) struct TaskLists(BTreeSet<(TenantId, TaskList, Timestamp, TaskId)>);

impl TaskLists {
    pub(super) fn add(&mut self, row: &TaskRow) {
        for (list, at) in lists(row) {
            self.0.insert((row.tenant.clone(), list, at, row.id));
        }
    }

    pub(super) fn remove(&mut self, row: &TaskRow) {
        for (list, at) in lists(row) {
            self.0.remove(&(row.tenant.clone(), list, at, row.id));
        }
    }

    /// The open tasks of an instance.
    pub(super) fn open_of(
        &self,
        tenant: &TenantId,
        id: InstanceId,
    ) -> impl Iterator<Item = TaskId> {
        let (first, last) = (
            edge(Timestamp::MIN, Uuid::nil()),
            edge(Timestamp::MAX, Uuid::max()),
        );
        self.between(tenant, &TaskList::OpenOf(id), first, last)
            .map(|(_, id)| id)
    }

    /// A list from its earliest entry, within two places, both included.
    pub(super) fn between(
        &self,
        tenant: &TenantId,
        list: &TaskList,
        low: (Timestamp, TaskId),
        high: (Timestamp, TaskId),
    ) -> impl DoubleEndedIterator<Item = (Timestamp, TaskId)> + use<'_> {
        let key = |(at, id)| (tenant.clone(), list.clone(), at, id);
        self.0
            .range(key(low)..=key(high))
            .map(|(_, _, at, id)| (*at, *id))
    }
}

/// A place in a list.
pub(super) const fn edge(at: Timestamp, id: Uuid) -> (Timestamp, TaskId) {
    (at, TaskId::new(id))
}

fn lists(row: &TaskRow) -> Vec<(TaskList, Timestamp)> {
    if let Some(at) = row.closed_at {
        let done = row.closed_by.clone().map(TaskList::DoneBy);
        return [TaskList::Closed, TaskList::ClosedOf(row.instance)]
            .into_iter()
            .chain(done)
            .map(|list| (list, at))
            .collect();
    }
    let in_sight = row.state != TaskState::Snoozed.as_str();
    let held = row.assignee.clone().filter(|_| in_sight);
    let held = held.map(TaskList::HeldBy);
    let offered = row.candidates.iter().cloned().map(TaskList::Offered);
    [TaskList::Open, TaskList::OpenOf(row.instance)]
        .into_iter()
        .chain(held)
        .chain(offered)
        .map(|list| (list, row.opened_at))
        .collect()
}

//! Stores that fail when they are told to.

mod driver;
mod store;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use self::{
    driver::{FaultyConnection, FaultyDriver},
    store::FaultyStore,
};

/// How something fails. Each is `Unavailable`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// It does its work, and its answer is lost.
    After,
    /// It does nothing.
    Before,
    /// It does nothing, and neither does anything after it.
    Down,
}

impl Fault {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::After, Self::Before, Self::Down];
}

/// What is to fail. A clone is another handle of the same plan.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    /// How many still go through, and how the one after them fails.
    next: Option<(usize, Fault)>,
    failed: bool,
}

impl Faults {
    /// Nothing fails yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on so many calls or statements go through, and the one after them fails.
    pub fn after(&self, calls: usize, fault: Fault) {
        *self.plan() = Plan {
            next: Some((calls, fault)),
            failed: false,
        };
    }

    /// Nothing fails any more; whether something did since it was told to.
    #[must_use]
    pub fn heal(&self) -> bool {
        std::mem::take(&mut *self.plan()).failed
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How what begins now fails, if it does.
    fn next(&self) -> Option<Fault> {
        let mut plan = self.plan();
        let (calls, fault) = plan.next?;
        if calls > 0 {
            plan.next = Some((calls - 1, fault));
            return None;
        }
        plan.failed = true;
        if fault != Fault::Down {
            plan.next = None;
        }
        Some(fault)
    }
}

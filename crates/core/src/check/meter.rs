//! The bound on a check.

/// How far a check may go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// Nodes, ways and branches that are looked at, each as often as it is; 4,000,000, some tenths of
    /// a second.
    pub steps: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { steps: 4_000_000 }
    }
}

/// The bound was hit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exhausted;

/// Counts steps against the bound.
#[derive(Debug)]
pub(super) struct Meter {
    spent: usize,
    most: usize,
}

impl Meter {
    pub(super) const fn new(bounds: Bounds) -> Self {
        Self {
            spent: 0,
            most: bounds.steps,
        }
    }

    pub(super) const fn spent(&self) -> usize {
        self.spent
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Exhausted> {
        self.spent = self.spent.saturating_add(steps);
        if self.spent > self.most {
            self.spent = self.most;
            return Err(Exhausted);
        }
        Ok(())
    }
}

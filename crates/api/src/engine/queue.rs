//! Commands on one instance wait for each other before they try the version.

use signoff_core::id::InstanceId;
use tokio::sync::{Mutex, MutexGuard};

/// Waiting lines: instances share them by their id, so that none is ever made or dropped.
#[derive(Debug)]
pub(crate) struct Queue {
    lines: Vec<Mutex<()>>,
}

impl Queue {
    const LINES: usize = 1_024;

    pub(crate) fn new() -> Self {
        Self {
            lines: (0..Self::LINES).map(|_| Mutex::new(())).collect(),
        }
    }

    /// The place in the line of `instance`, and whether somebody was before us.
    pub(crate) async fn wait(&self, instance: InstanceId) -> (MutexGuard<'_, ()>, bool) {
        // The random half of the id; derived ids differ before their last 24 bits.
        let spread = instance.uuid().as_u128() >> 24;
        let line = &self.lines[usize::try_from(spread % Self::LINES as u128).unwrap_or(0)];
        match line.try_lock() {
            Ok(guard) => (guard, false),
            Err(_) => (line.lock().await, true),
        }
    }
}

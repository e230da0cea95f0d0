//! The clock of a machine, by that of the database.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use signoff_core::id::CommandId;
use signoff_store::{Result, Store};

use crate::clock::Clock;

/// How long a measure is gone by, in seconds.
const LASTS: i64 = 60;
/// A difference that does not matter, beside the time that measuring took: claims last a minute.
const SLACK: SignedDuration = SignedDuration::from_millis(500);

/// A clock, and by how much it is behind that of the database.
#[derive(Debug)]
pub(crate) struct Aligned {
    clock: Arc<dyn Clock>,
    /// In microseconds.
    behind: AtomicI64,
    /// When that was measured, in seconds by the clock itself.
    measured: AtomicI64,
}

impl Aligned {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            behind: AtomicI64::new(0),
            measured: AtomicI64::new(i64::MIN),
        }
    }

    /// Measures again, now and then; a clock that is in charge itself is left alone.
    pub(crate) async fn align(&self, store: &dyn Store) -> Result<()> {
        if !self.clock.is_of_machine() {
            return Ok(());
        }
        let before = self.clock.now();
        // A clock that was set is measured at once.
        let age = before
            .as_second()
            .checked_sub(self.measured.load(Ordering::Relaxed));
        if age.is_some_and(|age| (0..LASTS).contains(&age)) {
            return Ok(());
        }
        if let Some(there) = store.now().await? {
            self.learn(before, there, self.clock.now());
        }
        self.measured.store(before.as_second(), Ordering::Relaxed);
        Ok(())
    }

    /// Takes what the database said between two moments for its moment in the middle.
    fn learn(&self, before: Timestamp, there: Timestamp, after: Timestamp) {
        let took = after.duration_since(before);
        let middle = before.checked_add(took / 2).unwrap_or(before);
        let behind = there.duration_since(middle);
        let known = SignedDuration::from_micros(self.behind.load(Ordering::Relaxed));
        let doubt = took.abs().saturating_add(SLACK);
        if behind.saturating_sub(known).abs() <= doubt {
            return;
        }
        let micros = i64::try_from(behind.as_micros()).unwrap_or(0);
        tracing::warn!(
            seconds = behind.as_secs_f64(),
            "the clock is behind that of the database by"
        );
        self.behind.store(micros, Ordering::Relaxed);
    }
}

impl Clock for Aligned {
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        let behind = SignedDuration::from_micros(self.behind.load(Ordering::Relaxed));
        now.checked_add(behind).unwrap_or(now)
    }

    fn command_id(&self) -> CommandId {
        self.clock.command_id()
    }

    fn is_of_machine(&self) -> bool {
        self.clock.is_of_machine()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::VirtualClock;

    #[test]
    fn a_difference_that_matters_is_learned() {
        let at = |millis: i64| Timestamp::from_millisecond(millis).unwrap();
        let clock = Arc::new(VirtualClock::at(at(10_000)));
        let aligned = Aligned::new(clock);
        aligned.learn(at(10_000), at(10_400), at(10_000));
        assert_eq!(aligned.now(), at(10_000), "it does not matter");
        aligned.learn(at(10_000), at(13_000), at(16_000));
        assert_eq!(aligned.now(), at(10_000), "it took as long");
        aligned.learn(at(10_000), at(700_100), at(10_200));
        assert_eq!(aligned.now(), at(700_000));
        aligned.learn(at(10_000), at(700_300), at(10_000));
        assert_eq!(aligned.now(), at(700_000), "it differs by chance");
        aligned.learn(at(700_000), at(10_000), at(700_000));
        assert_eq!(aligned.now(), at(-680_000));
    }
}

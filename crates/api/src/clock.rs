//! What time it is, and new ids.

mod aligned;

use std::{
    fmt::Debug,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use signoff_core::id::CommandId;
use uuid::{NoContext, Uuid};

pub(crate) use self::aligned::Aligned;

/// What time it is, and new ids.
///
/// The engine has no other source of either, so a test that brings its own is repeatable.
pub trait Clock: Debug + Send + Sync {
    /// The moment.
    fn now(&self) -> Timestamp;

    /// A new id for a command.
    fn command_id(&self) -> CommandId;

    /// Whether it is the clock of one machine of several: then engines on one database go by that of
    /// the database, and measure by how much this one differs. A clock of another kind, which is the
    /// default, is in charge itself.
    fn is_of_machine(&self) -> bool {
        false
    }
}

/// The clock of the machine, and random ids.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // Stores keep microseconds; a moment must be the same before and after it was stored.
        microseconds(Timestamp::now())
    }

    fn command_id(&self) -> CommandId {
        CommandId::new(Uuid::now_v7())
    }

    fn is_of_machine(&self) -> bool {
        true
    }
}

/// A clock that moves only when it is told to, with ids that count up.
#[derive(Debug)]
pub struct VirtualClock {
    state: Mutex<(Timestamp, u64)>,
}

impl VirtualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self {
            state: Mutex::new((now, 0)),
        }
    }

    /// Moves the clock; never back.
    pub fn set(&self, now: Timestamp) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = state.0.max(microseconds(now));
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn command_id(&self) -> CommandId {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.1 += 1;
        let seconds = u64::try_from(state.0.as_second()).unwrap_or(0);
        let moment = uuid::Timestamp::from_unix(NoContext, seconds, 0);
        let (millis, _) = moment.to_unix();
        let random = u128::from(state.1) << 24;
        let bytes = random.to_be_bytes();
        let mut counter = [0; 10];
        counter.copy_from_slice(&bytes[6..]);
        CommandId::new(
            uuid::Builder::from_unix_timestamp_millis(millis * 1_000, &counter).into_uuid(),
        )
    }
}

fn microseconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(moment.as_microsecond()).unwrap_or(moment)
}

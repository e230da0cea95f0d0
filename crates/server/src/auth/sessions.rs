//! The sessions of a demo: in memory, gone with the process.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use signoff::PersonId;

/// The name of the cookie.
pub(crate) const SESSION_COOKIE: &str = "signoff_session";

/// How long a session lives.
const LIFE: SignedDuration = SignedDuration::from_hours(12);

/// How many sessions are kept; beyond that the one that ends first goes.
const MOST: usize = 10_000;

/// Who is signed in, by token.
#[derive(Default)]
pub(crate) struct Sessions {
    open: Mutex<HashMap<String, Session>>,
}

struct Session {
    person: PersonId,
    until: Timestamp,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

impl Sessions {
    /// Opens a session; gives its token, 256 random bits.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub(crate) fn open(
        &self,
        person: PersonId,
        now: Timestamp,
    ) -> Result<String, getrandom::Error> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes)?;
        let token: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let until = now.checked_add(LIFE).unwrap_or(Timestamp::MAX);
        self.with(|open| {
            open.retain(|_, session| session.until > now);
            if open.len() >= MOST {
                let first = open.iter().min_by_key(|(_, session)| session.until);
                let first = first.map(|(token, _)| token.clone());
                first.map(|token| open.remove(&token));
            }
            open.insert(token.clone(), Session { person, until });
        });
        Ok(token)
    }

    /// Whose session it is, while it lives.
    pub(crate) fn person(&self, token: &str, now: Timestamp) -> Option<PersonId> {
        self.with(|open| {
            let session = open.get(token).filter(|session| session.until > now)?;
            Some(session.person.clone())
        })
    }

    /// Ends a session.
    pub(crate) fn close(&self, token: &str) {
        self.with(|open| open.remove(token));
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<String, Session>) -> T) -> T {
        act(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_itself_and_by_hand() {
        let sessions = Sessions::default();
        let now = Timestamp::UNIX_EPOCH;
        let ann = sessions.open("ann".into(), now).unwrap();
        let bob = sessions.open("bob".into(), now).unwrap();
        assert_eq!(ann.len(), 64);
        assert_ne!(ann, bob);
        assert_eq!(sessions.person(&ann, now), Some("ann".into()));
        sessions.close(&bob);
        assert_eq!(sessions.person(&bob, now), None);
        assert_eq!(sessions.person(&ann, now + LIFE), None);
    }

    #[test]
    fn the_number_of_sessions_is_bounded() {
        let sessions = Sessions::default();
        let first = sessions.open("ann".into(), Timestamp::UNIX_EPOCH).unwrap();
        let later = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1);
        for _ in 0..MOST {
            sessions.open("ann".into(), later).unwrap();
        }
        assert_eq!(sessions.person(&first, later), None);
        assert_eq!(sessions.with(|open| open.len()), MOST);
    }
}

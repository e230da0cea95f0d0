//! What was said, counted.

use serde::Serialize;

use crate::instance::{Closing, Outcome, Task};

/// What has been said of a task.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Yes, or done.
    Approved,
    /// It is not needed any more.
    Cancelled,
    /// No.
    Rejected,
    /// Once more.
    SentBack,
    /// Nothing yet.
    Waiting,
}

impl Said {
    /// The word as shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
            Self::SentBack => "sent_back",
            Self::Waiting => "waiting",
        }
    }
}

/// What has been said of a task.
#[must_use]
pub fn said(task: &Task) -> Said {
    match &task.closing {
        None => Said::Waiting,
        Some(Closing::Cancelled { .. }) => Said::Cancelled,
        Some(Closing::Completed { outcome, .. }) => said_by(*outcome),
    }
}

/// What an outcome says.
#[must_use]
pub const fn said_by(outcome: Outcome) -> Said {
    match outcome {
        Outcome::Answered | Outcome::Approved | Outcome::Completed => Said::Approved,
        Outcome::Rejected => Said::Rejected,
        Outcome::Resubmitted | Outcome::Returned => Said::SentBack,
    }
}

/// How many people said what.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Tally {
    /// Every task that was opened so far.
    pub total: u32,
    /// Those that say yes, or that it is done.
    pub approved: u32,
    /// Those that say no.
    pub rejected: u32,
    /// Those that ask for it once more.
    pub sent_back: u32,
    /// Those that somebody must still do.
    pub waiting: u32,
    /// Of those, the ones whose moment has passed.
    pub overdue: u32,
    /// Those that were not needed any more.
    pub cancelled: u32,
    /// Entries that have not been opened yet, as far as they are known to come.
    pub ahead: u32,
    /// How many of what was or will be asked have been answered, in whole percent, rounded down;
    /// what was not needed does not count.
    pub percent: u8,
}

impl Tally {
    /// Counts tasks, with so many entries ahead.
    #[must_use]
    pub fn of<'a>(
        tasks: impl IntoIterator<Item = &'a Task>,
        ahead: u32,
        now: jiff::Timestamp,
    ) -> Self {
        let mut tally = Self {
            ahead,
            ..Self::default()
        };
        for task in tasks {
            tally.total += 1;
            match said(task) {
                Said::Approved => tally.approved += 1,
                Said::Cancelled => tally.cancelled += 1,
                Said::Rejected => tally.rejected += 1,
                Said::SentBack => tally.sent_back += 1,
                Said::Waiting => {
                    tally.waiting += 1;
                    tally.overdue += u32::from(task.timers.due.is_some_and(|due| due < now));
                }
            }
        }
        let answered = tally.approved + tally.rejected + tally.sent_back;
        tally.percent = percent_of(answered, answered + tally.waiting + ahead);
        tally
    }
}

/// `part` of `whole` in whole percent, rounded down, at most 100; 0 of nothing.
#[must_use]
pub fn percent_of(part: u32, whole: u32) -> u8 {
    let percent = (u64::from(part) * 100).checked_div(u64::from(whole));
    u8::try_from(percent.unwrap_or(0).min(100)).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_round_down() {
        for (part, whole, expected) in [(0, 0, 0), (1, 3, 33), (2, 3, 66), (3, 3, 100), (4, 3, 100)]
        {
            assert_eq!(percent_of(part, whole), expected, "{part} of {whole}");
        }
    }
}

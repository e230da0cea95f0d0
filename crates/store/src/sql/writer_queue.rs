//! Who waits for the one writer of a database.

use std::collections::VecDeque;

/// How many requests share a transaction at most.
const GROUP: usize = 256;

/// Who asked for what is to be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AskedBy {
    /// What the engine does by itself, job by job.
    Job,
    /// What people and hosts wait for.
    Person,
}

/// The queue in front of the one writer of a database.
///
/// While both wait, requests of people and of jobs take turns: of what is served meanwhile at most
/// every second is a job's, however many jobs wait and however many workers run them. While only
/// one kind waits, all turns are its own. Requests of one kind are served as they came.
#[derive(Debug)]
pub struct WriterQueue<T> {
    people: VecDeque<T>,
    jobs: VecDeque<T>,
    /// Whose turn it is when both wait.
    next: AskedBy,
}

impl<T> WriterQueue<T> {
    /// Nobody waits.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            people: VecDeque::new(),
            jobs: VecDeque::new(),
            next: AskedBy::Person,
        }
    }

    /// Whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.jobs.is_empty()
    }

    /// Lets a request wait behind those of its kind.
    pub fn push(&mut self, by: AskedBy, request: T) {
        match by {
            AskedBy::Job => self.jobs.push_back(request),
            AskedBy::Person => self.people.push_back(request),
        }
    }

    /// Those who are next and share a transaction, at most 256, up to the first who does not: whom `joins`
    /// gives back as an error.
    pub fn group<W, L>(&mut self, joins: impl Fn(T) -> Result<W, L>) -> (Vec<W>, Option<L>) {
        let mut group = Vec::new();
        while group.len() < GROUP {
            match self.take().map(&joins) {
                Some(Ok(request)) => group.push(request),
                Some(Err(alone)) => return (group, Some(alone)),
                None => break,
            }
        }
        (group, None)
    }

    /// The request that is next; `None` when nobody waits.
    fn take(&mut self) -> Option<T> {
        let by = match (self.people.is_empty(), self.jobs.is_empty()) {
            (false, false) => self.next,
            (true, _) => AskedBy::Job,
            (_, true) => AskedBy::Person,
        };
        match by {
            AskedBy::Job => {
                self.next = AskedBy::Person;
                self.jobs.pop_front()
            }
            AskedBy::Person => {
                self.next = AskedBy::Job;
                self.people.pop_front()
            }
        }
    }
}

impl<T> Default for WriterQueue<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets so many of each wait, people first, and takes all.
    #[track_caller]
    fn check((people, jobs): (usize, usize), expected: &str) {
        let mut queue = WriterQueue::new();
        for (by, letter, count) in [(AskedBy::Person, 'p', people), (AskedBy::Job, 'j', jobs)] {
            for _ in 0..count {
                queue.push(by, letter);
            }
        }
        let taken: String = std::iter::from_fn(|| queue.take()).collect();
        assert_eq!(taken, expected);
    }

    #[test]
    fn jobs_take_every_second_turn_while_people_wait() {
        check((0, 0), "");
        check((3, 0), "ppp");
        check((0, 3), "jjj");
        check((1, 4), "pjjjj");
        check((3, 5), "pjpjpjjj");
        check((5, 2), "pjpjppp");
    }

    #[test]
    fn a_group_ends_with_who_goes_alone() {
        let mut queue = WriterQueue::new();
        for number in 1..=GROUP + 5 {
            queue.push(AskedBy::Person, number);
        }
        let mut next = || {
            let (group, alone) = queue.group(|number| match number {
                3 => Err(number),
                _ => Ok(number),
            });
            (group.len(), alone)
        };
        assert_eq!(next(), (2, Some(3)));
        assert_eq!(next(), (GROUP, None));
        assert_eq!(next(), (2, None));
        assert_eq!(next(), (0, None));
    }

    /// What a queue is asked.
    #[derive(Clone, Copy, Debug)]
    enum Asked {
        Push(AskedBy),
        Take,
    }

    /// Whatever comes when: who waits is passed over once at most, and none of a kind by its kind.
    #[test]
    fn nobody_is_passed_over_twice() {
        const ASKED: [Asked; 3] = [
            Asked::Push(AskedBy::Person),
            Asked::Push(AskedBy::Job),
            Asked::Take,
        ];
        const LENGTH: u32 = 9;
        for mut which in 0..ASKED.len().pow(LENGTH) {
            let mut queue = WriterQueue::new();
            // How many came and were served: of people, of jobs.
            let (mut came, mut served) = ([0, 0], [0, 0]);
            let mut passed_over = [0, 0];
            for _ in 0..LENGTH {
                let asked = ASKED[which % ASKED.len()];
                which /= ASKED.len();
                let place = |by| usize::from(by == AskedBy::Job);
                match asked {
                    Asked::Push(by) => {
                        queue.push(by, (by, came[place(by)]));
                        came[place(by)] += 1;
                    }
                    Asked::Take => {
                        let waits = [came[0] > served[0], came[1] > served[1]];
                        assert_eq!(queue.is_empty(), waits == [false, false]);
                        let Some((by, number)) = queue.take() else {
                            assert!(queue.is_empty());
                            continue;
                        };
                        let (own, other) = (place(by), 1 - place(by));
                        assert_eq!(number, served[own], "as they came");
                        served[own] += 1;
                        passed_over[own] = 0;
                        passed_over[other] += usize::from(waits[other]);
                        assert!(passed_over[other] < 2, "{by:?} twice in a row");
                    }
                }
            }
        }
    }
}

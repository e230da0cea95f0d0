//! Commits that wait for each other and are sent together.

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use futures_channel::oneshot;

use crate::sql::{
    Bound, Cause, Failed, Written,
    commit::{self, Change, MOST},
};

/// What the sessions of a [`Courier`] on PostgreSQL are set to. A plan is kept, so it must not be one for
/// tables as small as they are at first; and what others hold is waited for 100 milliseconds only.
pub const GROUP_SETTINGS: [(&str, &str); 6] = [
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("enable_seqscan", "off"),
    ("jit", "off"),
    ("lock_timeout", "100"),
    ("plan_cache_mode", "force_generic_plan"),
];

/// How many statements of several changes are under way at once, each on a connection of its own.
pub const GROUP_CONNECTIONS: u32 = 2;

/// How long each of these connections lives, and the plans with it: what was best for a table that was
/// small is not for long.
pub const GROUP_LIFETIME: Duration = Duration::from_secs(30);

/// How many bytes the changes of one statement have at most, about. A greater one goes alone.
const BYTES: usize = 256 * 1024;

/// Commits that come while several are under way wait, and what waits is sent as one statement: one
/// round trip, one wait for the disk, and the database looks its tables and indexes up once for all.
/// While there are few, each is sent at once, which the database does in parallel.
///
/// A change whose version is not the expected one is left out of the statement. When the database
/// refuses it for another reason, or something keeps it waiting, each of the changes goes alone: so
/// nobody fails, or waits long, for another.
#[derive(Clone)]
pub struct GroupCommit(Arc<Shared>);

/// How a group commit reaches its database.
#[async_trait]
pub trait Courier: Send + Sync {
    /// Runs a statement on one of [`GROUP_CONNECTIONS`] connections that find rows by their indexes,
    /// whatever statistics say, and do not wait long for what others hold.
    async fn write(&self, bound: &Bound) -> Result<Written, Failed>;

    /// Goes on with something though nobody waits for it; drops it where nothing can run.
    fn spawn(&self, work: Errand);
}

/// Something to be run.
pub type Errand = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Shared {
    courier: Box<dyn Courier>,
    /// How many are under way before others wait.
    few: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many changes are being written, alone or together.
    under_way: usize,
    /// How many senders there are, at most [`GROUP_CONNECTIONS`].
    senders: u32,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    change: Change,
    told: oneshot::Sender<Told>,
}

/// What becomes of a change that waited.
enum Told {
    Done(Result<(), Failed>),
    /// It is to go alone: nothing of it is written.
    GoAlone(Change),
}

enum Entered {
    Alone(Change, UnderWay),
    Waits(oneshot::Receiver<Told>),
}

impl GroupCommit {
    /// So many commits go alone before others wait; with 0 all are sent as those that wait,
    /// be it one by one.
    #[must_use]
    pub fn new(few: u32, courier: impl Courier + 'static) -> Self {
        Self(Arc::new(Shared {
            courier: Box::new(courier),
            few: usize::try_from(few).unwrap_or(usize::MAX),
            state: Mutex::default(),
        }))
    }

    /// Commits a change, together with others or by `alone`.
    pub(super) async fn commit(
        &self,
        change: Change,
        alone: impl AsyncFnOnce(Bound) -> Result<Written, Failed>,
    ) -> Result<(), Failed> {
        let (change, _under_way) = match self.enter(change) {
            Entered::Alone(change, under_way) => (change, Some(under_way)),
            Entered::Waits(told) => match told.await {
                Ok(Told::Done(done)) => return done,
                Ok(Told::GoAlone(change)) => (change, None),
                // Who was to send it is gone.
                Err(oneshot::Canceled) => return Err(Failed::new(Cause::Lost)),
            },
        };
        alone(commit::alone(change)).await.map(|_| ())
    }

    fn enter(&self, change: Change) -> Entered {
        let mut state = self.0.state();
        if state.under_way < self.0.few {
            let under_way = UnderWay::new(&self.0, &mut state, 1);
            return Entered::Alone(change, under_way);
        }
        let (told, hears) = oneshot::channel();
        state.waiting.push_back(Waiting { change, told });
        let sender = (state.senders < GROUP_CONNECTIONS).then(|| Sender::new(&self.0, &mut state));
        drop(state);
        if let Some(sender) = sender {
            self.0.courier.spawn(Box::pin(sender.run()));
        }
        Entered::Waits(hears)
    }
}

/// Changes that are being written.
struct UnderWay {
    shared: Arc<Shared>,
    count: usize,
}

impl UnderWay {
    fn new(shared: &Arc<Shared>, state: &mut State, count: usize) -> Self {
        state.under_way += count;
        Self {
            shared: Arc::clone(shared),
            count,
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.shared.state().under_way -= self.count;
    }
}

/// Who sends what waits. While anything waits there is one.
struct Sender {
    shared: Arc<Shared>,
    has_ended: bool,
}

impl Sender {
    fn new(shared: &Arc<Shared>, state: &mut State) -> Self {
        state.senders += 1;
        Self {
            shared: Arc::clone(shared),
            has_ended: false,
        }
    }

    /// Sends what waits, until nothing does.
    async fn run(mut self) {
        loop {
            // Those who are about to commit do so first, and come along.
            step_back().await;
            let Some((batch, _under_way)) = self.next() else {
                return;
            };
            self.shared.send(batch).await;
        }
    }

    fn next(&mut self) -> Option<(Vec<Waiting>, UnderWay)> {
        let mut state = self.shared.state();
        let batch = state.next();
        if batch.is_empty() {
            // While the state is locked, so that whoever comes next begins again.
            state.senders -= 1;
            self.has_ended = true;
            return None;
        }
        let under_way = UnderWay::new(&self.shared, &mut state, batch.len());
        Some((batch, under_way))
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        // It could not go on. When nobody else does, those who wait are told that they are lost.
        let mut state = self.shared.state();
        state.senders -= 1;
        if state.senders == 0 {
            let lost = mem::take(&mut state.waiting);
            drop(state);
            drop(lost);
        }
    }
}

/// Lets everything run that can.
async fn step_back() {
    let mut is_back = false;
    poll_fn(|context| {
        if mem::replace(&mut is_back, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl State {
    /// What is sent next: the first that wait, as many as go together; one of each instance.
    fn next(&mut self) -> Vec<Waiting> {
        let mut batch: Vec<Waiting> = Vec::new();
        let mut later = VecDeque::new();
        let mut size = 0;
        while let Some(next) = self.waiting.pop_front() {
            if next.told.is_canceled() {
                continue;
            }
            let bytes = next.change.size();
            let is_full = batch.len() == MOST || size + bytes > BYTES && !batch.is_empty();
            let id = next.change.id();
            if is_full || batch.iter().any(|other| other.change.id() == id) {
                later.push_back(next);
            } else {
                size += bytes;
                batch.push(next);
            }
            if is_full {
                break;
            }
        }
        later.append(&mut self.waiting);
        self.waiting = later;
        batch
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends changes as one statement, and tells each what became of it.
    async fn send(&self, mut batch: Vec<Waiting>) {
        // Those who lock rows in one order do not wait in a circle.
        batch.sort_by_key(|waiting| waiting.change.id());
        let (changes, told): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|waiting| (waiting.change, waiting.told))
            .unzip();
        let written = match changes.as_slice() {
            [only] if self.few > 0 => self.write_alone(only).await,
            all => self.write_together(all).await,
        };
        for (index, (told, change)) in told.into_iter().zip(changes).enumerate() {
            let news = match &written {
                Ok(written) if written.get(index) == Some(&true) => Told::Done(Ok(())),
                Ok(_) => Told::Done(Err(Failed::new(Cause::Conflict))),
                Err(failed) if is_refused(failed) => Told::GoAlone(change),
                Err(failed) => Told::Done(Err(failed.clone())),
            };
            // Who does not listen any more has gone away.
            let _ = told.send(news);
        }
    }

    async fn write_alone(&self, change: &Change) -> Result<Vec<bool>, Failed> {
        match self.courier.write(&commit::alone(change.clone())).await {
            Ok(_) => Ok(vec![true]),
            Err(failed) if failed.cause() == Cause::Conflict => Ok(vec![false]),
            Err(failed) => Err(failed),
        }
    }

    /// For each change whether it is written.
    async fn write_together(&self, changes: &[Change]) -> Result<Vec<bool>, Failed> {
        let Some(bound) = commit::together(changes) else {
            return Err(Failed::new(Cause::Other));
        };
        let written = self.courier.write(&bound).await?;
        let mut ids = Vec::new();
        for mut row in written.rows {
            let id = row.id();
            ids.push(id.map_err(|error| Failed::caused_by(Cause::Corrupt, error))?);
        }
        let is_written = |change: &Change| ids.contains(&change.id());
        Ok(changes.iter().map(is_written).collect())
    }
}

/// Whether the database refused it, so that nothing is written for certain.
const fn is_refused(failed: &Failed) -> bool {
    !matches!(
        failed.cause(),
        Cause::Corrupt | Cause::Lost | Cause::Unavailable
    )
}

impl fmt::Debug for GroupCommit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.state();
        f.debug_struct("GroupCommit")
            .field("under_way", &state.under_way)
            .field("senders", &state.senders)
            .field("waiting", &state.waiting.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;
    use crate::sql::{Arg, Cell, Dialect, Row};

    /// What a statement is answered with.
    #[derive(Clone, Copy)]
    enum Answer {
        /// All changes are written, but none of the instance with this number.
        AllBut(u128),
        Failed(Cause),
        /// It does not come.
        Never,
    }

    /// Keeps errands until they are run, and the ids of what it wrote.
    #[derive(Clone)]
    struct Fake {
        answer: Arc<Mutex<Answer>>,
        errands: Arc<Mutex<Vec<Errand>>>,
        written: Arc<Mutex<Vec<Vec<u128>>>>,
    }

    #[async_trait]
    impl Courier for Fake {
        async fn write(&self, bound: &Bound) -> Result<Written, Failed> {
            let mut ids = Vec::new();
            for arg in bound.args(Dialect::Postgres) {
                if let Arg::Id(Some(id)) = arg {
                    ids.push(id.as_u128());
                }
            }
            self.written.lock().unwrap().push(ids.clone());
            let answer = *self.answer.lock().unwrap();
            match answer {
                Answer::AllBut(missing) => {
                    ids.retain(|id| *id != missing);
                    let row = |id| Row::new(vec![Cell::Id(Uuid::from_u128(id))]);
                    let rows = ids.into_iter().map(row).collect();
                    Written { changed: 0, rows }.checked(&bound.clone().expecting(0))
                }
                Answer::Failed(cause) => Err(Failed::new(cause)),
                Answer::Never => std::future::pending().await,
            }
        }

        fn spawn(&self, work: Errand) {
            self.errands.lock().unwrap().push(work);
        }
    }

    impl Fake {
        fn new() -> Self {
            Self {
                answer: Arc::new(Mutex::new(Answer::AllBut(0))),
                errands: Arc::default(),
                written: Arc::default(),
            }
        }

        fn answers(&self, answer: Answer) {
            *self.answer.lock().unwrap() = answer;
        }

        /// Runs what was begun as far as it goes.
        fn run(&self) {
            let mut errands = mem::take(&mut *self.errands.lock().unwrap());
            for _ in 0..10 {
                errands.retain_mut(|errand| errand.now_or_never().is_none());
            }
            self.errands.lock().unwrap().append(&mut errands);
        }

        fn written(&self) -> Vec<Vec<u128>> {
            mem::take(&mut *self.written.lock().unwrap())
        }
    }

    type Commit = Pin<Box<dyn Future<Output = Result<(), Failed>>>>;

    /// Commits a change of an instance; alone it never ends, but says so.
    fn commit(group_commit: &GroupCommit, id: u128, alone: &Arc<Mutex<Vec<u128>>>) -> Commit {
        let (group_commit, alone) = (group_commit.clone(), Arc::clone(alone));
        let change = Change::sample(Uuid::from_u128(id), 10);
        let mut commit: Commit = Box::pin(async move {
            let goes = async |_| {
                alone.lock().unwrap().push(id);
                std::future::pending().await
            };
            group_commit.commit(change, goes).await
        });
        assert!((&mut commit).now_or_never().is_none());
        commit
    }

    fn cause(commit: &mut Commit) -> Option<Result<(), Cause>> {
        let done = commit.now_or_never()?;
        Some(done.map_err(|failed| failed.cause()))
    }

    fn all(commits: &mut [Commit]) -> Vec<Option<Result<(), Cause>>> {
        commits.iter_mut().map(cause).collect()
    }

    #[test]
    fn few_go_alone_and_those_that_wait_together() {
        let (fake, alone) = (Fake::new(), Arc::default());
        let group_commit = GroupCommit::new(2, fake.clone());
        let mut few: Vec<_> = [1, 2].map(|id| commit(&group_commit, id, &alone)).into();
        let mut wait: Vec<_> = [5, 4, 3].map(|id| commit(&group_commit, id, &alone)).into();
        assert_eq!(*alone.lock().unwrap(), [1, 2]);
        fake.run();
        assert_eq!(fake.written(), [[3, 4, 5]], "in the order of their ids");
        assert_eq!(all(&mut wait), [Some(Ok(())); 3]);
        assert_eq!(all(&mut few), [None, None]);
        drop(few);
        let _again = commit(&group_commit, 6, &alone);
        assert_eq!(*alone.lock().unwrap(), [1, 2, 6]);
    }

    #[test]
    fn a_change_that_is_left_out_conflicts() {
        let (fake, alone) = (Fake::new(), Arc::default());
        let group_commit = GroupCommit::new(0, fake.clone());
        fake.answers(Answer::AllBut(2));
        let mut commits: Vec<_> = [1, 2, 3].map(|id| commit(&group_commit, id, &alone)).into();
        fake.run();
        let conflict = Some(Err(Cause::Conflict));
        assert_eq!(all(&mut commits), [Some(Ok(())), conflict, Some(Ok(()))]);
    }

    #[test]
    fn what_is_refused_goes_alone() {
        for refusal in [Cause::Conflict, Cause::Busy, Cause::Restart, Cause::Other] {
            let (fake, alone) = (Fake::new(), Arc::default());
            let group_commit = GroupCommit::new(0, fake.clone());
            fake.answers(Answer::Failed(refusal));
            let mut commits: Vec<_> = [1, 2].map(|id| commit(&group_commit, id, &alone)).into();
            fake.run();
            assert_eq!(all(&mut commits), [None, None]);
            assert_eq!(*alone.lock().unwrap(), [1, 2], "{refusal:?}");
        }
    }

    #[test]
    fn what_may_be_written_is_not_written_again() {
        for lost in [Cause::Corrupt, Cause::Lost, Cause::Unavailable] {
            let (fake, alone) = (Fake::new(), Arc::default());
            let group_commit = GroupCommit::new(0, fake.clone());
            fake.answers(Answer::Failed(lost));
            let mut commits: Vec<_> = [1, 2].map(|id| commit(&group_commit, id, &alone)).into();
            fake.run();
            assert_eq!(all(&mut commits), [Some(Err(lost)); 2]);
            assert!(alone.lock().unwrap().is_empty());
        }
    }

    #[test]
    fn one_instance_is_changed_once_by_a_statement() {
        let (fake, alone) = (Fake::new(), Arc::default());
        let group_commit = GroupCommit::new(0, fake.clone());
        let mut commits: Vec<_> = [1, 1, 2].map(|id| commit(&group_commit, id, &alone)).into();
        fake.run();
        assert_eq!(fake.written(), [vec![1, 2], vec![1]]);
        assert_eq!(all(&mut commits), [Some(Ok(())); 3]);
    }

    #[test]
    fn a_statement_has_so_many_changes_and_bytes_at_most() {
        let (fake, alone) = (Fake::new(), Arc::default());
        let group_commit = GroupCommit::new(0, fake.clone());
        let count = u128::try_from(MOST).unwrap() + 1;
        let _commits: Vec<_> = (1..=count)
            .map(|id| commit(&group_commit, id, &alone))
            .collect();
        fake.run();
        let lengths: Vec<_> = fake.written().iter().map(Vec::len).collect();
        assert_eq!(lengths, [MOST, 1]);

        let mut state = State::default();
        for (id, size) in [(1, 10), (2, BYTES), (3, BYTES - 20_000), (4, 10)] {
            let change = Change::sample(Uuid::from_u128(id), size);
            let (told, hears) = oneshot::channel();
            mem::forget(hears);
            state.waiting.push_back(Waiting { change, told });
        }
        let ids = |batch: Vec<Waiting>| -> Vec<u128> {
            let ids = batch.iter().map(|waiting| waiting.change.id().as_u128());
            ids.collect()
        };
        let batches: Vec<_> = (0..4).map(|_| ids(state.next())).collect();
        assert_eq!(batches, [vec![1], vec![2], vec![3, 4], vec![]]);
    }

    #[test]
    fn while_one_statement_is_under_way_another_one_is_sent() {
        let (fake, alone) = (Fake::new(), Arc::default());
        let group_commit = GroupCommit::new(0, fake.clone());
        fake.answers(Answer::Never);
        let mut first: Vec<_> = [1, 2].map(|id| commit(&group_commit, id, &alone)).into();
        fake.run();
        fake.answers(Answer::AllBut(0));
        let mut second: Vec<_> = [3, 4].map(|id| commit(&group_commit, id, &alone)).into();
        fake.run();
        assert_eq!(fake.written(), [[1, 2], [3, 4]]);
        assert_eq!(all(&mut second), [Some(Ok(())); 2]);
        assert_eq!(all(&mut first), [None; 2]);
    }

    #[test]
    fn who_went_away_is_not_written() {
        let (fake, alone) = (Fake::new(), Arc::default());
        let group_commit = GroupCommit::new(0, fake.clone());
        let [gone, mut kept] = [1, 2].map(|id| commit(&group_commit, id, &alone));
        drop(gone);
        fake.run();
        assert_eq!(fake.written(), [[2]]);
        assert_eq!(cause(&mut kept), Some(Ok(())));
    }

    #[test]
    fn who_waits_for_nobody_is_told_and_the_next_are_sent() {
        let (fake, alone) = (Fake::new(), Arc::default());
        let group_commit = GroupCommit::new(0, fake.clone());
        let mut lost: Vec<_> = [1, 2].map(|id| commit(&group_commit, id, &alone)).into();
        fake.errands.lock().unwrap().clear();
        assert_eq!(all(&mut lost), [Some(Err(Cause::Lost)); 2]);
        let mut next = commit(&group_commit, 3, &alone);
        fake.run();
        assert_eq!(cause(&mut next), Some(Ok(())));
    }
}

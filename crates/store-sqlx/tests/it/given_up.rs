//! Calls that are given up half-way, after any part of an answer.

use std::{future::poll_fn, pin::pin, slice::from_ref, task::Poll};

use signoff_core::change::Rows;
use signoff_store::Store;

use crate::{
    support::{next, start, version},
    way::Way,
};

/// Answers come in pieces of so many bytes, so that a call waits in the midst of them.
const PIECE: usize = 17;

/// What is given up.
#[derive(Clone, Copy, Debug)]
enum What {
    Read,
    Commit,
    Several,
    Transaction,
}

impl What {
    /// Does it with the next change of an instance, and the start of another.
    async fn run(self, store: &dyn Store, changes: &[Rows; 2]) {
        let [change, _] = changes;
        match self {
            Self::Read => {
                version(store, change).await;
            }
            Self::Commit => store.commit_now(from_ref(change)).await.unwrap(),
            Self::Several => store.commit_now(changes).await.unwrap(),
            Self::Transaction => {
                let mut tx = store.begin(&change.instance.tenant).await.unwrap();
                tx.commit(from_ref(change)).await.unwrap();
                tx.finish().await.unwrap();
            }
        }
    }
}

/// Polls a future at most so many times, then drops it; whether it came to its end.
async fn at_most(polls: usize, future: impl Future<Output = ()>) -> bool {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        future.as_mut().poll(cx).map(|()| true)
    })
    .await
}

/// Gives up what a store does, half-way, and looks at what comes after that. Of one connection is each
/// store that `open` opens.
pub(crate) async fn leaves_nothing_to_others<S: Store>(url: &str, open: impl AsyncFn(&str) -> S) {
    let way = Way::to(url, PIECE).await;
    let all = [What::Read, What::Commit, What::Several, What::Transaction];
    for (number, what) in (0..).zip(all) {
        is_given_up(what, number * 1_000_000, async || open(&way.url).await).await;
    }
}

/// Gives something up after each number of polls until it comes to its end, each time on a connection on
/// which nothing is prepared yet. Ids are above `first`.
async fn is_given_up<S: Store>(what: What, first: u32, open: impl AsyncFn() -> S) {
    for n in 1.. {
        let store = open().await;
        let rows = start(first + n);
        store.commit_now(from_ref(&rows)).await.unwrap();
        let polls = usize::try_from(n).unwrap();
        let changes = [next(&rows), start(first + 100_000 + n)];
        let is_done = at_most(polls, what.run(&store, &changes)).await;
        let at = format!("{what:?} after {polls} polls");
        let tenant = &rows.instance.tenant;
        let other = store.definition(tenant, &"none".into(), None).await;
        assert_eq!(other.unwrap(), None, "an answer to something else: {at}");
        let found = version(&store, &rows).await;
        let wanted = match what {
            What::Read => 1..=1,
            _ if is_done => 2..=2,
            _ => 1..=2,
        };
        assert!(wanted.contains(&found), "{at}: {found}");
        // Nothing was left open that others would wait for, or that would undo what they do.
        let last = start(first + 200_000 + n);
        store.commit_now(from_ref(&last)).await.unwrap();
        assert_eq!(version(&store, &last).await, 1, "{at}");
        if is_done {
            assert!(n > 4, "{at}: it never waited");
            return;
        }
    }
}

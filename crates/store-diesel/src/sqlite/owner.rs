//! The only one who writes.
//!
//! A thread owns the connection and groups whatever waits into one transaction, each request failing
//! alone, all answered after the commit: one wait for the disk then serves many callers. Jobs take
//! at most every second place while others wait (`store/src/sql/writer_queue.rs`).

use std::sync::mpsc::{self, Receiver};

use diesel::SqliteConnection;
use signoff_store::sql::{Bound, Cause, Failed, WriterQueue, Written};
use tokio::sync::oneshot;

use super::{
    connection::{Opener, begin, commit, in_transaction, is_idle, roll_back},
    loan::{Loan, Returned},
    statement,
    writer::{Asked, Request, Write},
};

/// The thread's side of the writer.
pub(super) struct Owner {
    opener: Opener,
    /// None while it is lent, and after it failed: then the next request opens another.
    connection: Option<SqliteConnection>,
}

impl Owner {
    pub(super) const fn new(opener: Opener, connection: SqliteConnection) -> Self {
        Self {
            opener,
            connection: Some(connection),
        }
    }

    pub(super) fn run(mut self, requests: &Receiver<Asked>) {
        let mut queue = WriterQueue::new();
        while let Ok(first) = requests.recv() {
            let mut first = Some(first);
            loop {
                // Whoever came meanwhile, up to the one who ends it.
                for asked in first.take().into_iter().chain(requests.try_iter()) {
                    match asked {
                        Asked::Serve(by, request) => queue.push(by, request),
                        Asked::Close(done) => return self.close(queue, done),
                    }
                }
                if queue.is_empty() {
                    break;
                }
                self.serve(&mut queue);
            }
        }
    }

    /// Ends after what waits.
    fn close(mut self, mut queue: WriterQueue<Request>, done: oneshot::Sender<()>) {
        while !queue.is_empty() {
            self.serve(&mut queue);
        }
        drop(self);
        // Who went away needs no answer.
        let _ = done.send(());
    }

    /// Serves those who are next, up to the first who wants to borrow.
    fn serve(&mut self, queue: &mut WriterQueue<Request>) {
        let (group, borrower) = queue.group(|request| match request {
            Request::Write(write) => Ok(write),
            Request::Lend(reply) => Err(reply),
        });
        self.write_group(group);
        self.settle();
        if let Some(reply) = borrower {
            self.lend(reply);
            self.settle();
        }
    }

    fn write_group(&mut self, mut group: Vec<Write>) {
        // Who went away before anything happened is not served.
        group.retain(|write| !write.reply.is_closed());
        let done = match group.as_slice() {
            [] => return,
            [write] => vec![self.write_alone(&write.statements)],
            writes => self.write_together(writes),
        };
        for (write, done) in group.into_iter().zip(done) {
            let _ = write.reply.send(done);
        }
    }

    /// One write; a single statement needs no transaction around it.
    fn write_alone(&mut self, statements: &[Bound]) -> Result<Written, Failed> {
        match statements {
            [] => Ok(Written::default()),
            [bound] => self.with(|connection| statement::write(connection, bound)),
            statements => self.with(|connection| {
                in_transaction(connection, |connection| run_each(connection, statements))
            }),
        }
    }

    /// All writes in one transaction, conflicts failing alone.
    fn write_together(&mut self, writes: &[Write]) -> Vec<Result<Written, Failed>> {
        let done =
            self.with(|connection| in_transaction(connection, |inside| write_each(inside, writes)));
        match done {
            Ok(done) => done,
            // The next one would wait as long, and in vain.
            Err(failed) if matches!(failed.cause(), Cause::Busy | Cause::CannotOpen) => {
                writes.iter().map(|_| Err(failed.clone())).collect()
            }
            Err(failed) => {
                tracing::debug!(cause = ?failed.cause(), "{} writes are done one by one", writes.len());
                let alone = |write: &Write| self.write_alone(&write.statements);
                writes.iter().map(alone).collect()
            }
        }
    }

    /// Lends the connection and waits until it is back.
    fn lend(&mut self, reply: oneshot::Sender<Result<Loan, Failed>>) {
        if reply.is_closed() {
            return;
        }
        if let Err(failed) = self.with(begin) {
            let _ = reply.send(Err(failed));
            return;
        }
        let Some(connection) = self.connection.take() else {
            return;
        };
        let (back, returned) = mpsc::channel();
        // A caller who went away drops the loan, and it comes straight back.
        let _ = reply.send(Ok(Loan::new(connection, back)));
        let Ok(Returned { connection, finish }) = returned.recv() else {
            return;
        };
        self.connection = Some(connection);
        let done = self.end(finish.is_some());
        if let Some(finish) = finish {
            let _ = finish.send(done);
        }
    }

    /// Ends the transaction of a loan.
    fn end(&mut self, keep: bool) -> Result<(), Failed> {
        let is_done = self.with(|connection| {
            if !keep {
                roll_back(connection);
                return Ok(true);
            }
            commit(connection)?;
            Ok(is_idle(connection))
        })?;
        if is_done {
            return Ok(());
        }
        // What was open inside is gone with the connection, and so is the rest.
        Err(Failed::new(Cause::StillOpen))
    }

    /// Gives up a connection that a transaction is still open on.
    fn settle(&mut self) {
        if let Some(connection) = &mut self.connection
            && !is_idle(connection)
        {
            tracing::warn!("the connection that writes is opened again");
            self.connection = None;
        }
    }

    /// Runs `work` on the connection.
    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failed>,
    ) -> Result<T, Failed> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(self.opener.to_write()?),
        };
        work(connection)
    }
}

fn write_each(
    connection: &mut SqliteConnection,
    writes: &[Write],
) -> Result<Vec<Result<Written, Failed>>, Failed> {
    let mut all = Vec::with_capacity(writes.len());
    for write in writes {
        match write_inside(connection, &write.statements) {
            Err(failed) if failed.cause() != Cause::Conflict => return Err(failed),
            done => all.push(done),
        }
    }
    Ok(all)
}

/// One write inside a transaction, all of it or nothing. One statement is so by itself.
fn write_inside(
    connection: &mut SqliteConnection,
    statements: &[Bound],
) -> Result<Written, Failed> {
    if let [bound] = statements {
        return statement::write(connection, bound);
    }
    statement::batch(connection, "SAVEPOINT signoff")?;
    let done = run_each(connection, statements);
    let end = match done {
        Ok(_) => "RELEASE signoff",
        Err(_) => "ROLLBACK TO signoff; RELEASE signoff",
    };
    let ended = statement::batch(connection, end);
    // An error that ended the whole transaction took the savepoint with it; it is the one to tell.
    done.and_then(|written| ended.map(|()| written))
}

/// Runs statements one after the other until one fails; what the last one gave.
fn run_each(connection: &mut SqliteConnection, statements: &[Bound]) -> Result<Written, Failed> {
    let mut last = Written::default();
    for bound in statements {
        last = statement::write(connection, bound)?;
    }
    Ok(last)
}

//! The only one who writes.
//!
//! A task owns the connection and groups whatever waits into one transaction, each request failing
//! alone, all answered after the commit: one wait for the disk then serves many callers. Jobs take
//! at most every second place while others wait (`store/src/sql/writer_queue.rs`).

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use signoff_store::sql::{AskedBy, Bound, Cause, Failed, WriterQueue, Written};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::loan::{Loan, Returned};
use crate::statement::{self, failed};

/// The way to the writer, which begins with the first request and ends with the last handle.
#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    options: SqliteConnectOptions,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    queue: mpsc::UnboundedSender<(AskedBy, Request)>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
enum Request {
    /// Lend the connection.
    Lend(oneshot::Sender<Result<Loan, Failed>>),
    /// Write.
    Write(Write),
}

#[derive(Debug)]
struct Write {
    /// All or none of them.
    statements: Vec<Bound>,
    /// What the last one gave.
    reply: oneshot::Sender<Result<Written, Failed>>,
}

impl Writer {
    pub(super) const fn new(path: PathBuf, options: SqliteConnectOptions) -> Self {
        Self {
            path,
            options,
            running: Mutex::new(None),
        }
    }

    /// Runs statements, all or none, durably; what the last one gave. A caller who goes away may or
    /// may not stop it.
    pub(super) async fn write(
        &self,
        by: AskedBy,
        statements: Vec<Bound>,
    ) -> Result<Written, Failed> {
        let (reply, answer) = oneshot::channel();
        self.send((by, Request::Write(Write { statements, reply })))?;
        answer.await.map_err(|_| ended())?
    }

    /// Borrows the connection; others wait meanwhile.
    pub(super) async fn borrow(&self, by: AskedBy) -> Result<Loan, Failed> {
        let (reply, answer) = oneshot::channel();
        self.send((by, Request::Lend(reply)))?;
        answer.await.map_err(|_| ended())?
    }

    /// Ends the writer after what waits, and waits for it.
    pub(super) async fn close(&self) {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(Running { queue, task }) = running {
            drop(queue);
            // It only fails when its runtime has ended, and then it is closed.
            let _ = task.await;
        }
    }

    /// Sends a request, and begins the task first if there is none: the runtime of an earlier call
    /// may have ended since.
    fn send(&self, request: (AskedBy, Request)) -> Result<(), Failed> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let request = match running.as_ref() {
            None => request,
            Some(Running { queue, .. }) => match queue.send(request) {
                Ok(()) => return Ok(()),
                Err(unsent) => unsent.0,
            },
        };
        let runtime =
            Handle::try_current().map_err(|error| Failed::caused_by(Cause::Other, error))?;
        let (queue, requests) = mpsc::unbounded_channel();
        let owner = Owner {
            path: self.path.clone(),
            options: self.options.clone(),
            connection: None,
        };
        let task = runtime.spawn(owner.run(requests));
        queue.send(request).map_err(|_| ended())?;
        *running = Some(Running { queue, task });
        Ok(())
    }
}

/// The writer has ended; whether it wrote is unknown.
fn ended() -> Failed {
    Failed::new(Cause::Lost)
}

/// The task's side.
#[derive(Debug)]
struct Owner {
    path: PathBuf,
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
}

impl Owner {
    async fn run(mut self, mut requests: mpsc::UnboundedReceiver<(AskedBy, Request)>) {
        let mut queue = WriterQueue::new();
        while let Some((by, request)) = requests.recv().await {
            queue.push(by, request);
            while !queue.is_empty() {
                // Whoever came meanwhile.
                while let Ok((by, request)) = requests.try_recv() {
                    queue.push(by, request);
                }
                self.serve(&mut queue).await;
            }
        }
        if let Some(connection) = self.connection {
            // The last connection to close folds the log into the file; who opens it next does else.
            let _ = connection.close().await;
        }
    }

    /// Serves those who are next, up to the first who wants to borrow.
    async fn serve(&mut self, queue: &mut WriterQueue<Request>) {
        let (group, borrower) = queue.group(|request| match request {
            Request::Write(write) => Ok(write),
            Request::Lend(reply) => Err(reply),
        });
        self.write_group(group).await;
        if let Some(reply) = borrower {
            self.lend(reply).await;
        }
    }

    async fn lend(&mut self, reply: oneshot::Sender<Result<Loan, Failed>>) {
        if let Err(error) = self.connect().await {
            let _ = reply.send(Err(error));
            return;
        }
        let Some(connection) = self.connection.take() else {
            return;
        };
        let (back, returned) = oneshot::channel();
        // A caller who went away drops the loan, and it comes straight back.
        let _ = reply.send(Ok(Loan::new(connection, back)));
        let Ok(Returned {
            connection,
            in_transaction,
        }) = returned.await
        else {
            return;
        };
        self.connection = Some(connection);
        if in_transaction {
            self.roll_back().await;
        }
    }

    async fn write_group(&mut self, mut group: Vec<Write>) {
        // Who went away before anything happened is not served.
        group.retain(|write| !write.reply.is_closed());
        let done = match group.as_slice() {
            [] => return,
            [write] => vec![self.write_alone(&write.statements).await],
            writes => match self.write_together(writes).await {
                Ok(done) => done,
                Err(failed) => {
                    tracing::debug!(
                        ?failed,
                        "a group of {} writes is written one by one",
                        writes.len()
                    );
                    let mut done = Vec::with_capacity(writes.len());
                    for write in writes {
                        done.push(self.write_alone(&write.statements).await);
                    }
                    done
                }
            },
        };
        for (write, done) in group.into_iter().zip(done) {
            let _ = write.reply.send(done);
        }
    }

    /// One write; a single statement needs no transaction around it.
    async fn write_alone(&mut self, statements: &[Bound]) -> Result<Written, Failed> {
        let connection = self.connect().await?;
        let done = match statements {
            [] => return Ok(Written::default()),
            [bound] => statement::write(&mut *connection, bound).await,
            statements => write_in_transaction(connection, statements).await,
        };
        if let Err(failed) = &done {
            if failed.cause() == Cause::Lost {
                self.connection = None;
            } else if statements.len() > 1 {
                self.roll_back().await;
            }
        }
        done
    }

    /// All writes in one transaction, conflicts failing alone; nothing is written on another error.
    async fn write_together(
        &mut self,
        writes: &[Write],
    ) -> Result<Vec<Result<Written, Failed>>, Failed> {
        let connection = self.connect().await?;
        let done = write_each(connection, writes).await;
        if let Err(failed) = &done {
            if failed.cause() == Cause::Lost {
                self.connection = None;
            } else {
                self.roll_back().await;
            }
        }
        done
    }

    async fn connect(&mut self) -> Result<&mut SqliteConnection, Failed> {
        if self.connection.is_none() {
            tracing::debug!(path = %self.path.display(), "opening the connection that writes");
            self.connection = Some(self.options.connect().await.map_err(failed::<Sqlite>)?);
        }
        self.connection.as_mut().ok_or(Failed::new(Cause::Lost))
    }

    /// Leaves no transaction open; some errors have ended it already.
    async fn roll_back(&mut self) {
        if let Some(connection) = &mut self.connection
            && let Err(failed) = statement::batch(&mut *connection, "ROLLBACK").await
            && failed.cause() != Cause::Other
        {
            tracing::warn!(?failed, "the connection that writes is opened again");
            self.connection = None;
        }
    }
}

async fn write_in_transaction(
    connection: &mut SqliteConnection,
    statements: &[Bound],
) -> Result<Written, Failed> {
    statement::batch(&mut *connection, "BEGIN IMMEDIATE").await?;
    let mut last = Written::default();
    for bound in statements {
        last = statement::write(&mut *connection, bound).await?;
    }
    statement::batch(&mut *connection, "COMMIT").await?;
    Ok(last)
}

async fn write_each(
    connection: &mut SqliteConnection,
    writes: &[Write],
) -> Result<Vec<Result<Written, Failed>>, Failed> {
    statement::batch(&mut *connection, "BEGIN IMMEDIATE").await?;
    let mut all = Vec::with_capacity(writes.len());
    for write in writes {
        match write_inside(connection, &write.statements).await {
            Err(failed) if failed.cause() != Cause::Conflict => return Err(failed),
            done => all.push(done),
        }
    }
    statement::batch(&mut *connection, "COMMIT").await?;
    Ok(all)
}

/// One write inside a transaction, all of it or nothing. One statement is so by itself.
async fn write_inside(
    connection: &mut SqliteConnection,
    statements: &[Bound],
) -> Result<Written, Failed> {
    if let [bound] = statements {
        return statement::write(&mut *connection, bound).await;
    }
    statement::batch(&mut *connection, "SAVEPOINT signoff").await?;
    let mut last = Written::default();
    for bound in statements {
        match statement::write(&mut *connection, bound).await {
            Ok(written) => last = written,
            Err(failed) => {
                // An error that ended the whole transaction took the savepoint with it.
                let _ = statement::batch(&mut *connection, "ROLLBACK TO signoff; RELEASE signoff")
                    .await;
                return Err(failed);
            }
        }
    }
    statement::batch(&mut *connection, "RELEASE signoff").await?;
    Ok(last)
}

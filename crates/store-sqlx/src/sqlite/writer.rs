//! The only one who writes.
//!
//! A task owns the connection and groups whatever waits into one transaction, each request failing
//! alone, all answered after the commit: one wait for the disk then serves many callers.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use signoff_store::{Error, ErrorKind, Result};
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::{
    commit::run_all,
    error::{Cause, cannot, failed},
    loan::{Loan, Returned},
    statement::Statement,
};

/// How many requests share a transaction at most.
const GROUP: usize = 256;

/// The way to the writer, which begins with the first request and ends with the last handle.
#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    options: SqliteConnectOptions,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    queue: mpsc::UnboundedSender<Request>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
enum Request {
    /// Lend the connection.
    Lend(oneshot::Sender<Result<Loan>>),
    /// Write.
    Write(Write),
}

#[derive(Debug)]
struct Write {
    /// All or none of them.
    statements: Vec<Statement>,
    /// How many rows the last one changed.
    reply: oneshot::Sender<sqlx::Result<u64>>,
}

impl Writer {
    pub(super) const fn new(path: PathBuf, options: SqliteConnectOptions) -> Self {
        Self {
            path,
            options,
            running: Mutex::new(None),
        }
    }

    /// Runs statements, all or none, durably; how many rows the last one changed. A caller
    /// who goes away may or may not stop it.
    pub(super) async fn write(
        &self,
        what: &'static str,
        statements: Vec<Statement>,
    ) -> Result<u64> {
        let (reply, answer) = oneshot::channel();
        self.send(Request::Write(Write { statements, reply }))?;
        answer.await.map_err(|_| ended())?.map_err(cannot(what))
    }

    /// Borrows the connection; others wait meanwhile.
    pub(super) async fn borrow(&self) -> Result<Loan> {
        let (reply, answer) = oneshot::channel();
        self.send(Request::Lend(reply))?;
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
    fn send(&self, request: Request) -> Result<()> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let request = match running.as_ref() {
            None => request,
            Some(Running { queue, .. }) => match queue.send(request) {
                Ok(()) => return Ok(()),
                Err(unsent) => unsent.0,
            },
        };
        let runtime = Handle::try_current().map_err(|error| {
            Error::new(
                ErrorKind::Other,
                "the store is used outside a tokio runtime",
            )
            .caused_by(error)
        })?;
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

fn ended() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "the writer has ended; whether it wrote is unknown",
    )
}

/// The task's side.
#[derive(Debug)]
struct Owner {
    path: PathBuf,
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
}

impl Owner {
    async fn run(mut self, mut requests: mpsc::UnboundedReceiver<Request>) {
        while let Some(request) = requests.recv().await {
            let mut group = Vec::new();
            let mut next = Some(request);
            // What waits is taken up to the first who wants to borrow.
            let borrower = loop {
                match next {
                    Some(Request::Write(write)) => group.push(write),
                    Some(Request::Lend(reply)) => break Some(reply),
                    None => break None,
                }
                next = (group.len() < GROUP)
                    .then(|| requests.try_recv().ok())
                    .flatten();
            };
            self.write_group(group).await;
            if let Some(reply) = borrower {
                self.lend(reply).await;
            }
        }
        if let Some(connection) = self.connection {
            // The last connection to close folds the log into the file; who opens it next does else.
            let _ = connection.close().await;
        }
    }

    async fn lend(&mut self, reply: oneshot::Sender<Result<Loan>>) {
        if let Err(error) = self.connect().await {
            let _ = reply.send(Err(failed("open the database", error)));
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
                Err(error) => {
                    tracing::debug!(%error, "a group of {} writes is written one by one", writes.len());
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
    async fn write_alone(&mut self, statements: &[Statement]) -> sqlx::Result<u64> {
        let connection = self.connect().await?;
        let done = match statements {
            [] => return Ok(0),
            [statement] => statement.clone().run(connection).await,
            statements => write_in_transaction(connection, statements).await,
        };
        if let Err(error) = &done {
            let cause = Cause::of(error);
            if cause == Cause::Lost {
                self.connection = None;
            } else if statements.len() > 1 {
                self.roll_back().await;
            }
        }
        done
    }

    /// All writes in one transaction, conflicts failing alone; nothing is written on another error.
    async fn write_together(&mut self, writes: &[Write]) -> sqlx::Result<Vec<sqlx::Result<u64>>> {
        let connection = self.connect().await?;
        let done = write_each(connection, writes).await;
        if let Err(error) = &done {
            if Cause::of(error) == Cause::Lost {
                self.connection = None;
            } else {
                self.roll_back().await;
            }
        }
        done
    }

    async fn connect(&mut self) -> sqlx::Result<&mut SqliteConnection> {
        if self.connection.is_none() {
            tracing::debug!(path = %self.path.display(), "opening the connection that writes");
            self.connection = Some(self.options.connect().await?);
        }
        self.connection.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Leaves no transaction open; some errors have ended it already.
    async fn roll_back(&mut self) {
        if let Some(connection) = &mut self.connection
            && let Err(error) = Statement::new("ROLLBACK").run(connection).await
            && Cause::of(&error) != Cause::Other
        {
            tracing::warn!(%error, "the connection that writes is opened again");
            self.connection = None;
        }
    }
}

async fn write_in_transaction(
    connection: &mut SqliteConnection,
    statements: &[Statement],
) -> sqlx::Result<u64> {
    Statement::new("BEGIN IMMEDIATE")
        .run(&mut *connection)
        .await?;
    let mut changed = 0;
    for statement in statements {
        changed = statement.clone().run(&mut *connection).await?;
    }
    Statement::new("COMMIT").run(connection).await?;
    Ok(changed)
}

async fn write_each(
    connection: &mut SqliteConnection,
    writes: &[Write],
) -> sqlx::Result<Vec<sqlx::Result<u64>>> {
    Statement::new("BEGIN IMMEDIATE")
        .run(&mut *connection)
        .await?;
    let mut all = Vec::with_capacity(writes.len());
    for write in writes {
        match run_all(connection, &write.statements).await {
            Err(error) if Cause::of(&error) != Cause::Conflict => return Err(error),
            done => all.push(done),
        }
    }
    Statement::new("COMMIT").run(connection).await?;
    Ok(all)
}

//! The way to the only one who writes.

use std::{
    sync::mpsc::{self, Sender},
    thread,
};

use signoff_store::{
    Error, ErrorKind,
    sql::{AskedBy, Bound, Failed, Written},
};
use tokio::sync::oneshot;

use super::{connection::Opener, error::ended, loan::Loan, owner::Owner, schema::prepare};

/// The way to the thread that writes, which ends with the last handle.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Sender<Asked>,
}

/// What the thread is asked to do.
#[derive(Debug)]
pub(super) enum Asked {
    /// End after what waits.
    Close(oneshot::Sender<()>),
    /// Serve a request when its turn comes.
    Serve(AskedBy, Request),
}

/// What waits for its turn.
#[derive(Debug)]
pub(super) enum Request {
    /// Lend the connection with a transaction open on it.
    Lend(oneshot::Sender<Result<Loan, Failed>>),
    /// Write.
    Write(Write),
}

#[derive(Debug)]
pub(super) struct Write {
    /// All or none of them.
    pub(super) statements: Vec<Bound>,
    /// What the last one gave.
    pub(super) reply: oneshot::Sender<Result<Written, Failed>>,
}

impl Writer {
    /// Opens the file, prepares it and begins the thread.
    pub(super) async fn open(opener: Opener) -> Result<Self, Error> {
        let (queue, requests) = mpsc::channel();
        let (ready, opened) = oneshot::channel();
        spawn("signoff-writer", move || {
            let connection = match prepare(&opener) {
                Ok(connection) => connection,
                Err(error) => {
                    // Who went away needs no answer.
                    let _ = ready.send(Err(error));
                    return;
                }
            };
            if ready.send(Ok(())).is_ok() {
                Owner::new(opener, connection).run(&requests);
            }
        })?;
        opened
            .await
            .map_err(|_| ended().into_error("open the database"))??;
        Ok(Self { queue })
    }

    /// Runs statements, all or none, durably; what the last one gave. What is sent is carried out
    /// even if the caller goes away.
    pub(super) async fn write(
        &self,
        by: AskedBy,
        statements: Vec<Bound>,
    ) -> Result<Written, Failed> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Write(Write { statements, reply });
        self.send(Asked::Serve(by, request))?;
        answer.await.map_err(|_| ended())?
    }

    /// Borrows the connection with a transaction open on it; others wait meanwhile.
    pub(super) async fn begin(&self, by: AskedBy) -> Result<Loan, Failed> {
        let (reply, answer) = oneshot::channel();
        self.send(Asked::Serve(by, Request::Lend(reply)))?;
        answer.await.map_err(|_| ended())?
    }

    /// Ends the thread after what waits, and waits for it.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.send(Asked::Close(done)).is_ok() {
            // Without an answer it has ended before.
            let _ = closed.await;
        }
    }

    fn send(&self, asked: Asked) -> Result<(), Failed> {
        self.queue.send(asked).map_err(|_| ended())
    }
}

/// Begins a thread, which ends by itself.
pub(super) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(run).map_err(|error| {
        Error::new(ErrorKind::Unavailable, "cannot begin a thread").caused_by(error)
    })?;
    Ok(())
}

//! Those who read.

use std::sync::{
    Arc, Mutex, PoisonError,
    mpsc::{self, Receiver, Sender},
};

use diesel::SqliteConnection;
use signoff_store::{
    Error,
    sql::{Bound, Failed, Row},
};
use tokio::sync::oneshot;

use super::{connection::Opener, error::ended, statement, writer::spawn};

/// The way to the threads that read, which end with the last handle. Each opens its connection when
/// it has something to read.
#[derive(Debug)]
pub(super) struct Readers {
    queue: Sender<Request>,
    count: u32,
}

#[derive(Debug)]
enum Request {
    /// One of the threads is to end.
    Close(oneshot::Sender<()>),
    /// Read.
    Read(Bound, oneshot::Sender<Result<Vec<Row>, Failed>>),
}

impl Readers {
    /// Begins the threads.
    pub(super) fn begin(opener: &Opener) -> Result<Self, Error> {
        let (queue, requests) = mpsc::channel();
        let requests = Arc::new(Mutex::new(requests));
        let count = opener.options.readers.max(1);
        for _ in 0..count {
            let (opener, requests) = (opener.clone(), Arc::clone(&requests));
            spawn("signoff-reader", move || run(&opener, &requests))?;
        }
        Ok(Self { queue, count })
    }

    /// All rows of a statement.
    pub(super) async fn read(&self, bound: Bound) -> Result<Vec<Row>, Failed> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Read(bound, reply);
        self.queue.send(request).map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }

    /// Ends the threads after what waits, and waits for them.
    pub(super) async fn close(&self) {
        let mut all = Vec::new();
        for _ in 0..self.count {
            let (done, closed) = oneshot::channel();
            if self.queue.send(Request::Close(done)).is_ok() {
                all.push(closed);
            }
        }
        for closed in all {
            // Without an answer it has ended before.
            let _ = closed.await;
        }
    }
}

fn run(opener: &Opener, requests: &Mutex<Receiver<Request>>) {
    let mut connection = None;
    loop {
        // One of the threads waits for a request, the others for the lock.
        let request = requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        match request {
            // Who went away is not served.
            Ok(Request::Read(_, reply)) if reply.is_closed() => {}
            Ok(Request::Read(bound, reply)) => {
                let _ = reply.send(read(opener, &mut connection, &bound));
            }
            Ok(Request::Close(done)) => {
                drop(connection);
                let _ = done.send(());
                return;
            }
            Err(_) => return,
        }
    }
}

fn read(
    opener: &Opener,
    connection: &mut Option<SqliteConnection>,
    bound: &Bound,
) -> Result<Vec<Row>, Failed> {
    let connection = match connection {
        Some(connection) => connection,
        none => none.insert(opener.to_read()?),
    };
    statement::read(connection, bound)
}

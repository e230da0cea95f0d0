//! A server that runs.

use std::process::{Child, Command};

use super::home::{self, Home};

/// A server that runs until it is dropped; then its folder goes too.
#[derive(Debug)]
pub(crate) struct Server {
    /// Where it answers, with a role that may do anything.
    pub(crate) url: String,
    stop: Stop,
    /// Dropped after the server has stopped.
    _home: Home,
}

/// How a server is stopped. Its data are worth nothing then.
#[derive(Debug)]
pub(crate) enum Stop {
    /// By this command.
    Command(Command),
    /// By ending its process.
    Kill(Child),
}

impl Server {
    pub(crate) const fn new(url: String, stop: Stop, home: Home) -> Self {
        Self {
            url,
            stop,
            _home: home,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stopped = match &mut self.stop {
            Stop::Command(command) => home::run(command),
            Stop::Kill(child) => child
                .kill()
                .and_then(|()| child.wait())
                .map(drop)
                .map_err(Into::into),
        };
        if let Err(error) = stopped {
            eprintln!("cannot stop {}: {error:#}", self.url);
        }
    }
}

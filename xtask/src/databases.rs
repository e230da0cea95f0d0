//! `cargo xtask databases`: a PostgreSQL and a MariaDB of our own, for tests and benchmarks.
//!
//! A second process, the keeper, starts them on free ports, each in a folder that is made for it,
//! and stops them when its standard input ends. So they go with whoever asked for them, also when
//! that process fails, is interrupted or killed.

mod account;
mod home;
mod mariadb;
mod postgres;
mod server;

use std::env;
use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;

use anyhow::{Context as _, bail};
use clap::ValueEnum;

use crate::report::{Outcome, Report};

use self::server::Server;
pub(crate) use self::{mariadb::installed as mariadb, postgres::installed as postgres};

/// Whether what is committed must survive a power cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Durability {
    /// Nothing waits for the disk: fast, for tests, which find the servers by `SIGNOFF_TEST_…`.
    Off,
    /// As the servers come: every commit waits for the disk. For benchmarks, which find the servers
    /// by `SIGNOFF_BENCH_…`.
    Full,
}

/// A server that can be had.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Kind {
    Postgres,
    Mysql,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Postgres, Self::Mysql];

    /// Its name in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MariaDB",
        }
    }

    /// The variable that it is found by; set before, it names a server to use instead.
    const fn variable(self, durability: Durability) -> &'static str {
        match (self, durability) {
            (Self::Postgres, Durability::Off) => "SIGNOFF_TEST_POSTGRES",
            (Self::Postgres, Durability::Full) => "SIGNOFF_BENCH_POSTGRES",
            (Self::Mysql, Durability::Off) => "SIGNOFF_TEST_MYSQL",
            (Self::Mysql, Durability::Full) => "SIGNOFF_BENCH_MYSQL",
        }
    }

    /// Its name on the keeper's command line.
    const fn word(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        }
    }

    fn start(self, durability: Durability) -> anyhow::Result<Server> {
        match self {
            Self::Postgres => postgres::start(durability),
            Self::Mysql => mariadb::start(durability),
        }
    }
}

/// The servers of a run; those that it started end with it.
#[derive(Debug)]
pub(crate) struct Databases {
    durability: Durability,
    /// Each with its URL, or with why there is none.
    found: Vec<(Kind, Result<String, String>)>,
    keeper: Option<Child>,
}

impl Databases {
    /// Takes the servers that the environment names, and starts the others.
    ///
    /// # Errors
    /// The keeper cannot be started, or says nothing.
    pub(crate) fn get(durability: Durability) -> anyhow::Result<Self> {
        Self::get_with(durability, |name| env::var(name).ok())
    }

    fn get_with(
        durability: Durability,
        variable: impl Fn(&str) -> Option<String>,
    ) -> anyhow::Result<Self> {
        let named = |kind: &Kind| {
            let url = variable(kind.variable(durability)).filter(|url| !url.is_empty())?;
            Some((*kind, Ok(url)))
        };
        let found: Vec<_> = Kind::ALL.iter().filter_map(named).collect();
        let is_named = |kind: &Kind| found.iter().any(|(named, _)| named == kind);
        let wanted: Vec<Kind> = Kind::ALL
            .into_iter()
            .filter(|kind| !is_named(kind))
            .collect();
        let mut databases = Self {
            durability,
            found,
            keeper: None,
        };
        if !wanted.is_empty() {
            databases.keep(&wanted)?;
        }
        Ok(databases)
    }

    fn keep(&mut self, wanted: &[Kind]) -> anyhow::Result<()> {
        let mut command = Command::new(env::current_exe()?);
        command
            .arg("keep-databases")
            .args(["--durability", self.durability.word()])
            .args(wanted.iter().map(|kind| kind.word()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        account::leave_terminal(&mut command);
        let mut keeper = command.spawn().context("cannot start the keeper")?;
        let stdout = keeper.stdout.take().context("the keeper has no output")?;
        self.keeper = Some(keeper);
        let mut lines = BufReader::new(stdout).lines();
        for kind in wanted {
            let line = lines.next().context("the keeper has stopped")??;
            self.found.push((*kind, read(&line)?));
        }
        self.found.sort_by_key(|(kind, _)| *kind as u8);
        Ok(())
    }

    /// The URL of a server, or why there is none.
    pub(crate) fn url(&self, kind: Kind) -> Result<&str, &str> {
        let found = self.found.iter().find(|(other, _)| *other == kind);
        found.map_or(Err("not asked for"), |(_, url)| {
            url.as_deref().map_err(String::as_str)
        })
    }

    /// The variable that a server is found by.
    fn variable(&self, kind: Kind) -> &'static str {
        kind.variable(self.durability)
    }

    /// What tests and benchmarks find in their environment.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        Kind::ALL
            .into_iter()
            .filter_map(|kind| Some((self.variable(kind), self.url(kind).ok()?)))
    }

    /// Says in the report which are there; where all are demanded, a missing one is a failure.
    pub(crate) fn report(&self, report: &mut Report, demand: Demand) {
        for kind in Kind::ALL {
            report.part(kind.name(), || {
                Ok(match (self.url(kind), demand) {
                    (Ok(url), _) => {
                        eprintln!("{}={url}", self.variable(kind));
                        Outcome::Passed
                    }
                    (Err(why), Demand::IfPossible) => Outcome::Skipped(why.to_owned()),
                    (Err(why), Demand::All) => Outcome::Failed(why.to_owned()),
                })
            });
        }
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            // Whether it could clean up is its own message.
            let _ = keeper.wait();
        }
    }
}

/// Whether a run may go on without a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Demand {
    /// What cannot be started is skipped.
    IfPossible,
    /// What cannot be started is a failure: as an argument says, or `CI=true`.
    All,
}

impl Demand {
    /// All if it is said so, or in a CI.
    pub(crate) fn of(demanded: bool) -> Self {
        if demanded || env::var("CI").is_ok_and(|ci| ci == "true") {
            Self::All
        } else {
            Self::IfPossible
        }
    }
}

/// Starts both, prints how to tell the tests, and stays until it is interrupted.
///
/// # Errors
/// The keeper cannot be started.
pub(crate) fn run(durability: Durability) -> anyhow::Result<ExitCode> {
    let mut databases = Databases::get(durability)?;
    for kind in Kind::ALL {
        match databases.url(kind) {
            Ok(url) => println!("export {}={url}", databases.variable(kind)),
            Err(why) => eprintln!("no {}: {why}", kind.name()),
        }
    }
    let Some(keeper) = &mut databases.keeper else {
        return Ok(ExitCode::SUCCESS);
    };
    eprintln!("Ctrl-C stops them");
    // Its standard input stays open: `wait` would close it.
    let stdin = keeper.stdin.take();
    keeper.wait().context("cannot wait for the keeper")?;
    drop(stdin);
    bail!("the keeper has stopped")
}

/// The keeper: starts servers, says where they are, a line each, and stops them at the end of its
/// standard input.
///
/// # Errors
/// The standard input cannot be read.
pub(crate) fn keep(durability: Durability, kinds: &[Kind]) -> anyhow::Result<ExitCode> {
    let servers: Vec<anyhow::Result<Server>> = thread::scope(|scope| {
        let starting: Vec<_> = kinds
            .iter()
            .map(|kind| scope.spawn(move || kind.start(durability)))
            .collect();
        starting
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| bail!("the start panicked"))
            })
            .collect()
    });
    for server in &servers {
        match server {
            Ok(server) => println!("ok {}", server.url),
            Err(why) => println!("no {}", format!("{why:#}").replace('\n', " ")),
        }
    }
    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    drop(servers);
    Ok(ExitCode::SUCCESS)
}

impl Durability {
    const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Full => "full",
        }
    }
}

/// A line of the keeper.
fn read(line: &str) -> anyhow::Result<Result<String, String>> {
    match line.split_once(' ') {
        Some(("ok", url)) => Ok(Ok(url.to_owned())),
        Some(("no", why)) => Ok(Err(why.to_owned())),
        _ => bail!("the keeper said `{line}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_that_the_environment_names_are_used() {
        let named = |name: &str| Some(format!("url of {name}"));
        for (durability, postgres, mysql) in [
            (
                Durability::Off,
                ("SIGNOFF_TEST_POSTGRES", "url of SIGNOFF_TEST_POSTGRES"),
                ("SIGNOFF_TEST_MYSQL", "url of SIGNOFF_TEST_MYSQL"),
            ),
            (
                Durability::Full,
                ("SIGNOFF_BENCH_POSTGRES", "url of SIGNOFF_BENCH_POSTGRES"),
                ("SIGNOFF_BENCH_MYSQL", "url of SIGNOFF_BENCH_MYSQL"),
            ),
        ] {
            let databases = Databases::get_with(durability, named).unwrap();
            assert!(databases.keeper.is_none());
            let variables: Vec<_> = databases.variables().collect();
            assert_eq!(variables, [postgres, mysql]);
        }
    }

    #[test]
    fn missing_server_is_skipped_unless_it_is_demanded() {
        let databases = Databases {
            durability: Durability::Off,
            found: vec![
                (Kind::Postgres, Ok("postgres://here".to_owned())),
                (Kind::Mysql, Err("no mariadbd".to_owned())),
            ],
            keeper: None,
        };
        for (demand, expected) in [
            (Demand::IfPossible, ExitCode::SUCCESS),
            (Demand::All, ExitCode::FAILURE),
        ] {
            let mut report = Report::default();
            databases.report(&mut report, demand);
            assert_eq!(report.finish(), expected);
        }
    }

    #[test]
    fn line_of_the_keeper_is_read() {
        assert_eq!(read("ok mysql://x").unwrap(), Ok("mysql://x".to_owned()));
        assert_eq!(
            read("no such program").unwrap(),
            Err("such program".to_owned())
        );
        assert!(read("").is_err());
    }
}

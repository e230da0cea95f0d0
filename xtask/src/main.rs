//! Signoff's own tooling, run as `cargo xtask <subcommand>`.
//!
//! One file per subcommand; what several of them share stands beside them.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to its terminal"
)]

mod bench;
mod crates;
mod databases;
mod e2e;
mod features;
mod fix;
mod markdown;
mod metadata;
mod parity;
mod patterns;
mod process;
mod report;
mod scenarios;
mod setup;
mod test;
mod tidy;
mod tree;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::databases::{Demand, Durability, Kind};
use crate::test::Stores;

/// The tooling of the Signoff repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Says what this machine lacks; with --install, installs it (Debian, as root).
    Setup {
        /// Installs missing packages with apt-get.
        #[arg(long)]
        install: bool,
    },
    /// Runs all tests: unit and integration tests, doctests, scenarios, browser.
    Test {
        /// On which stores the scenarios run.
        #[arg(long, value_enum, default_value_t = Stores::Memory)]
        stores: Stores,
        /// Fails where a database server cannot be started; so does CI=true.
        #[arg(long)]
        demand: bool,
    },
    /// Starts PostgreSQL and MariaDB for `cargo test`, and stops them at Ctrl-C.
    Databases {
        /// Whether commits wait for the disk.
        #[arg(long, value_enum, default_value_t = Durability::Off)]
        durability: Durability,
    },
    /// Holds database servers until its standard input ends.
    #[command(hide = true)]
    KeepDatabases {
        #[arg(long, value_enum)]
        durability: Durability,
        #[arg(value_enum)]
        kinds: Vec<Kind>,
    },
    /// Checks everything but the tests; never changes a tracked file.
    Verify,
    /// Formats, applies clippy's suggestions, regenerates documents.
    Fix,
    /// Checks what the compiler can't: crate edges, sizes, parity, patterns, links and more.
    Tidy,
    /// Regenerates docs/parity.md from tests/parity.toml.
    Parity,
    /// Regenerates docs/patterns.md from tests/patterns.
    Patterns,
    /// Runs the benchmark table; further arguments go to signoff-bench.
    Bench {
        /// Arguments for `signoff-bench table`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Runs the browser test alone.
    E2e,
}

fn main() -> anyhow::Result<ExitCode> {
    match Task::parse() {
        Task::Setup { install } => setup::run(install),
        Task::Test { stores, demand } => test::run(stores, Demand::of(demand)),
        Task::Databases { durability } => databases::run(durability),
        Task::KeepDatabases { durability, kinds } => databases::keep(durability, &kinds),
        Task::Verify => verify::run(),
        Task::Fix => fix::run(),
        Task::Tidy => tidy::run(),
        Task::Parity => parity::run(),
        Task::Patterns => patterns::run(),
        Task::Bench { args } => bench::run(&args),
        Task::E2e => e2e::run(),
    }
}

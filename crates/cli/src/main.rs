//! The command line of Signoff.
//!
//! Data goes to standard output, messages to standard error. Exit codes: 0 ok, 1 failed, 2 usage,
//! 3 not found, 4 conflict.
#![expect(clippy::print_stderr, reason = "a command line prints")]

#[macro_use]
mod output;

mod args;
mod commands;
mod exit;
mod store;

use std::{io::IsTerminal as _, process::ExitCode};

use clap::Parser as _;

use crate::{
    args::{Args, Command},
    exit::Exit,
};

fn main() -> ExitCode {
    let args = Args::parse();
    log(&args.command);
    let exit = match run(args.command) {
        Ok(exit) => exit,
        Err(failure) => {
            eprintln!("error[{}]: {failure}", failure.code);
            failure.exit
        }
    };
    ExitCode::from(exit as u8)
}

/// Messages of the engine go to standard error, by `SIGNOFF_LOG`; warnings when not given. Scenarios
/// make things fail on purpose, so their runs are silent.
fn log(command: &Command) {
    let level = match command {
        Command::Test(_) => "off",
        Command::Audit(_)
        | Command::Codes
        | Command::Db(_)
        | Command::Demo(_)
        | Command::Diagram(_)
        | Command::Eval(_)
        | Command::Export(_)
        | Command::Import(_)
        | Command::Incident(_)
        | Command::Instance(_)
        | Command::Task(_)
        | Command::Migrate(_)
        | Command::Publish(_)
        | Command::Validate(_) => "warn",
    };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("SIGNOFF_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level)),
        )
        .init();
}

fn run(command: Command) -> Result<Exit, exit::Failure> {
    match command {
        Command::Audit(audit) => runtime()?.block_on(commands::audit::run(audit)),
        Command::Codes => Ok(commands::codes::run()),
        Command::Db(db) => runtime()?.block_on(commands::db::run(db)),
        Command::Demo(demo) => runtime()?.block_on(commands::demo::run(demo)),
        Command::Diagram(diagram) => commands::diagram::run(&diagram),
        Command::Eval(eval) => commands::eval::run(&eval),
        Command::Export(export) => commands::export::run(&export),
        Command::Import(import) => commands::import::run(&import),
        Command::Incident(incident) => runtime()?.block_on(commands::incident::run(incident)),
        Command::Instance(args) => runtime()?.block_on(commands::list::instance(args)),
        Command::Task(args) => runtime()?.block_on(commands::list::task(args)),
        Command::Migrate(migrate) => runtime()?.block_on(commands::migrate::run(migrate)),
        Command::Publish(publish) => runtime()?.block_on(commands::publish::run(publish)),
        Command::Test(test) => runtime()?.block_on(commands::test::run(test)),
        Command::Validate(validate) => commands::validate::run(&validate),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, exit::Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            exit::Failure::failed("runtime_failed", format!("failed to start: {error}"))
        })
}

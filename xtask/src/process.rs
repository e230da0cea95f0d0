//! Running other programs: streamed, silent, or watched for their last line.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::Context as _;

use crate::report::Outcome;
use crate::tree;

/// A cargo command in the root of the workspace.
pub(crate) fn cargo<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(args).current_dir(tree::root());
    command
}

/// Whether `cargo <subcommand>` is installed.
pub(crate) fn has_cargo(subcommand: &str) -> bool {
    cargo([subcommand, "--version"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The first of these programs that `PATH` leads to.
pub(crate) fn find(programs: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    programs.iter().find_map(|program| {
        env::split_paths(&path)
            .map(|folder| folder.join(format!("{program}{}", env::consts::EXE_SUFFIX)))
            .find(|file| file.is_file())
    })
}

/// The first folder of `PATH` that has this program.
pub(crate) fn find_in_path(program: &str) -> Option<PathBuf> {
    Some(find(&[program])?.parent()?.to_path_buf())
}

/// Runs a command whose output goes to the terminal.
///
/// # Errors
/// The program could not be started.
pub(crate) fn stream(command: &mut Command) -> anyhow::Result<Outcome> {
    announce(command);
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| cannot_run(command))?;
    Ok(judge(status))
}

/// Runs a command whose output goes to the terminal, and returns the last line of its stdout too.
///
/// # Errors
/// The program could not be started, or its output not read.
pub(crate) fn stream_last_line(command: &mut Command) -> anyhow::Result<(Outcome, String)> {
    announce(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| cannot_run(command))?;
    let mut last = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.with_context(|| cannot_run(command))?;
            last = String::from_utf8_lossy(&line).into_owned();
            println!("{last}");
        }
    }
    let status = child.wait().with_context(|| cannot_run(command))?;
    Ok((judge(status), last))
}

fn announce(command: &Command) {
    eprintln!("$ {}", line_of(command));
}

fn cannot_run(command: &Command) -> String {
    format!("cannot run `{}`", line_of(command))
}

fn line_of(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let mut line = program.file_name().map_or_else(
        || program.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    line
}

fn judge(status: ExitStatus) -> Outcome {
    if status.success() {
        Outcome::Passed
    } else {
        Outcome::Failed(status.code().map_or_else(
            || "stopped by a signal".to_owned(),
            |code| format!("exit code {code}"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failing_program_is_a_failed_outcome_with_its_code() {
        let outcome = stream(&mut cargo(["no-such-subcommand"])).unwrap();
        assert_eq!(outcome, Outcome::Failed("exit code 101".to_owned()));
    }

    #[test]
    fn last_line_of_stdout_is_returned() {
        let (outcome, last) = stream_last_line(&mut cargo(["--version"])).unwrap();
        assert_eq!(outcome, Outcome::Passed);
        assert!(last.starts_with("cargo "), "{last}");
    }

    #[test]
    fn announced_line_names_the_program_without_its_folder() {
        let mut command = Command::new("/usr/bin/node");
        command.arg("run.mjs");
        assert_eq!(line_of(&command), "node run.mjs");
    }

    #[test]
    fn missing_program_is_not_found() {
        assert_eq!(find(&["no-such-program-anywhere"]), None);
    }
}

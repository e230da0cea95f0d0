//! The folder and the port of one server.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};

use anyhow::{Context as _, ensure};

use super::account::Account;
use crate::metadata::Metadata;

/// A folder that a server owns; removed when dropped.
#[derive(Debug)]
pub(crate) struct Home {
    folder: PathBuf,
    account: Option<Account>,
}

impl Home {
    /// Makes the folder under `target`, or in the system's temporary folder where the account
    /// cannot reach `target`.
    ///
    /// # Errors
    /// Neither can be had, or root has no account to run the server as.
    pub(crate) fn new(name: &str, accounts: &[&str]) -> anyhow::Result<Self> {
        let account = Account::instead_of_root(accounts)?;
        let folder = format!("databases-{name}-{}", process::id());
        let target = Metadata::load().map(|metadata| metadata.target_directory);
        let places = target.into_iter().chain([env::temp_dir()]);
        for place in places {
            let home = Self {
                folder: place.join(&folder),
                account,
            };
            if home.make().is_ok() {
                return Ok(home);
            }
        }
        anyhow::bail!("no folder for its data: neither in target nor in the temporary one")
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A program to be run as the account, in the folder.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).stdin(Stdio::null());
        if let Some(account) = self.account {
            account.run(&mut command);
        }
        command
    }

    fn make(&self) -> anyhow::Result<()> {
        fs::create_dir(&self.folder)?;
        if let Some(account) = self.account {
            account.give(&self.folder)?;
            // A program begins in its folder as the account: that fails where it cannot go.
            run(&mut self.command(Path::new("true")))?;
        }
        Ok(())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.folder.exists()
            && let Err(error) = fs::remove_dir_all(&self.folder)
        {
            eprintln!("cannot remove {}: {error}", self.folder.display());
        }
    }
}

/// A port of the loopback interface that nobody uses at this moment.
///
/// # Errors
/// There is none.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    Ok(listener.local_addr()?.port())
}

/// Runs a command in silence.
///
/// # Errors
/// It cannot be run, or fails: with the last line that it said.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command
        .output()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    ensure!(
        output.status.success(),
        "{} failed: {}",
        command.get_program().display(),
        said.trim().lines().next_back().unwrap_or_default()
    );
    Ok(())
}

/// The last line of a server's log, for a message.
pub(crate) fn last_line(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    text.trim()
        .lines()
        .next_back()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_goes_with_its_home() {
        let home = Home::new("test-of-home", &["nobody"]).unwrap();
        let folder = home.folder().to_path_buf();
        fs::write(folder.join("data"), "x").unwrap();
        drop(home);
        assert!(!folder.exists());
    }

    #[test]
    fn failing_program_is_reported_with_its_last_line() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo first; echo second; exit 3"]);
        let error = run(&mut command).unwrap_err();
        assert_eq!(error.to_string(), "sh failed: second");
    }
}

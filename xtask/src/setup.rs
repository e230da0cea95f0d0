//! `cargo xtask setup`: what this machine lacks, and how to get it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{bail, ensure};

use crate::databases;
use crate::process::{self, find, has_cargo};
use crate::report::Outcome;
use crate::tree;

/// What a tool is wanted for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Need {
    /// Nothing builds without it.
    Required,
    /// A part of `test` or `verify` is skipped without it.
    Optional,
}

/// How a tool is recognized.
#[derive(Clone, Copy, Debug)]
enum Probe {
    /// One of these programs is in `PATH`.
    Program(&'static [&'static str]),
    /// `cargo <name>` answers.
    Cargo(&'static str),
    /// A server, wherever its system puts it.
    Server(fn() -> Option<PathBuf>),
}

/// A tool, and where it comes from.
#[derive(Clone, Copy, Debug)]
struct Tool {
    name: &'static str,
    need: Need,
    purpose: &'static str,
    probe: Probe,
    /// Debian's packages; empty where Debian has none.
    packages: &'static [&'static str],
    /// How to install it by hand.
    hint: &'static str,
}

const CHROMIUM: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

const TOOLS: &[Tool] = &[
    Tool {
        name: "cargo",
        need: Need::Required,
        purpose: "everything",
        probe: Probe::Program(&["cargo"]),
        packages: &[],
        hint: "https://rustup.rs",
    },
    Tool {
        name: "C compiler",
        need: Need::Required,
        purpose: "linking, and the bundled SQLite",
        probe: Probe::Program(&["cc", "gcc", "clang"]),
        packages: &["gcc", "libc6-dev"],
        hint: "apt-get install gcc libc6-dev (macOS: xcode-select --install)",
    },
    Tool {
        name: "git",
        need: Need::Required,
        purpose: "tidy: the list of files",
        probe: Probe::Program(&["git"]),
        packages: &["git"],
        hint: "apt-get install git",
    },
    Tool {
        name: "rustfmt",
        need: Need::Required,
        purpose: "verify, fix",
        probe: Probe::Cargo("fmt"),
        packages: &[],
        hint: "rustup component add rustfmt",
    },
    Tool {
        name: "clippy",
        need: Need::Required,
        purpose: "verify, fix",
        probe: Probe::Cargo("clippy"),
        packages: &[],
        hint: "rustup component add clippy",
    },
    Tool {
        name: "PostgreSQL",
        need: Need::Optional,
        purpose: "tests on PostgreSQL",
        probe: Probe::Server(databases::postgres),
        packages: &["postgresql"],
        hint: "apt-get install postgresql",
    },
    Tool {
        name: "MariaDB",
        need: Need::Optional,
        purpose: "tests on MySQL and MariaDB",
        probe: Probe::Server(databases::mariadb),
        packages: &["mariadb-server"],
        hint: "apt-get install mariadb-server",
    },
    Tool {
        name: "libpq",
        need: Need::Optional,
        purpose: "hosts on diesel's synchronous connection to PostgreSQL",
        probe: Probe::Program(&["pg_config"]),
        packages: &["libpq-dev"],
        hint: "apt-get install libpq-dev",
    },
    Tool {
        name: "chromium",
        need: Need::Optional,
        purpose: "e2e",
        probe: Probe::Program(CHROMIUM),
        packages: &["chromium"],
        hint: "apt-get install chromium",
    },
    Tool {
        name: "node",
        need: Need::Optional,
        purpose: "e2e",
        probe: Probe::Program(&["node"]),
        packages: &["nodejs"],
        hint: "apt-get install nodejs",
    },
    Tool {
        name: "npm",
        need: Need::Optional,
        purpose: "e2e: its one package",
        probe: Probe::Program(&["npm"]),
        packages: &["npm"],
        hint: "apt-get install npm",
    },
    Tool {
        name: "cargo-nextest",
        need: Need::Optional,
        purpose: "faster tests",
        probe: Probe::Cargo("nextest"),
        packages: &[],
        hint: "cargo install --locked cargo-nextest",
    },
    Tool {
        name: "cargo-deny",
        need: Need::Optional,
        purpose: "verify: licences and advisories",
        probe: Probe::Cargo("deny"),
        packages: &[],
        hint: "cargo install --locked cargo-deny",
    },
    Tool {
        name: "cargo-hack",
        need: Need::Optional,
        purpose: "verify: each feature alone",
        probe: Probe::Cargo("hack"),
        packages: &[],
        hint: "cargo install --locked cargo-hack",
    },
];

/// Checks the tools; with `install`, installs the missing ones that Debian has.
///
/// # Errors
/// `install` on another system than Debian, without root, or when apt-get or npm fails.
pub(crate) fn run(install: bool) -> anyhow::Result<ExitCode> {
    let mut missing = missing_tools();
    if install {
        install_packages(&missing)?;
        missing = missing_tools();
        install_browser_driver()?;
    }
    for tool in TOOLS {
        let is_missing = missing.iter().any(|other| other.name == tool.name);
        println!("{}", line(tool, is_missing));
    }
    let lacks_required = missing.iter().any(|tool| tool.need == Need::Required);
    Ok(if lacks_required {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// The browser that the browser test drives.
pub(crate) fn chromium() -> Option<PathBuf> {
    find(CHROMIUM)
}

fn missing_tools() -> Vec<&'static Tool> {
    TOOLS.iter().filter(|tool| !is_here(tool.probe)).collect()
}

fn is_here(probe: Probe) -> bool {
    match probe {
        Probe::Program(names) => find(names).is_some(),
        Probe::Cargo(name) => has_cargo(name),
        Probe::Server(installed) => installed().is_some(),
    }
}

fn line(tool: &Tool, is_missing: bool) -> String {
    let state = match (is_missing, tool.need) {
        (false, _) => "ok",
        (true, Need::Required) => "MISSING",
        (true, Need::Optional) => "absent",
    };
    let mut line = format!("{:8} {:14} for {}", state, tool.name, tool.purpose);
    if is_missing {
        line.push_str("; install it with: ");
        line.push_str(tool.hint);
    }
    line
}

fn packages_of(tools: &[&Tool]) -> Vec<&'static str> {
    tools
        .iter()
        .flat_map(|tool| tool.packages)
        .copied()
        .collect()
}

fn install_packages(missing: &[&Tool]) -> anyhow::Result<()> {
    let packages = packages_of(missing);
    if packages.is_empty() {
        return Ok(());
    }
    ensure!(
        Path::new("/etc/debian_version").exists(),
        "--install knows Debian only; install by hand: {}",
        packages.join(" ")
    );
    ensure!(
        is_root(),
        "--install needs root; run: apt-get install {}",
        packages.join(" ")
    );
    succeed(apt_get(&["update"]))?;
    let mut args = vec!["install", "-y", "--no-install-recommends"];
    args.extend(packages);
    succeed(apt_get(&args))
}

fn install_browser_driver() -> anyhow::Result<()> {
    let folder = tree::root().join("tests/e2e");
    let is_wanted =
        folder.join("package-lock.json").exists() && !folder.join("node_modules").exists();
    if !is_wanted || find(&["npm"]).is_none() {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"])
        .current_dir(folder);
    succeed(npm)
}

fn apt_get(args: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Whether this process may do anything.
pub(crate) fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn succeed(mut command: Command) -> anyhow::Result<()> {
    match process::stream(&mut command)? {
        Outcome::Passed => Ok(()),
        Outcome::Failed(why) | Outcome::Skipped(why) => {
            bail!("{} failed: {why}", command.get_program().display())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_tool_says_how_to_install_it() {
        let compiler = &TOOLS[1];
        assert_eq!(
            line(compiler, true),
            "MISSING  C compiler     for linking, and the bundled SQLite; \
             install it with: apt-get install gcc libc6-dev (macOS: xcode-select --install)"
        );
        assert_eq!(
            line(compiler, false),
            "ok       C compiler     for linking, and the bundled SQLite"
        );
    }

    #[test]
    fn only_tools_with_packages_are_installed() {
        let all: Vec<&Tool> = TOOLS.iter().collect();
        assert_eq!(
            packages_of(&all),
            [
                "gcc",
                "libc6-dev",
                "git",
                "postgresql",
                "mariadb-server",
                "libpq-dev",
                "chromium",
                "nodejs",
                "npm"
            ]
        );
    }
}

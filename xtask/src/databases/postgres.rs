//! PostgreSQL from local binaries.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail, ensure};

use super::Durability;
use super::home::{Home, free_port, last_line, run};
use super::server::{Server, Stop};
use crate::process::find_in_path;

/// Clusters that are tried, the best first: UTF-8 with the letters of all languages, which not
/// every system has for a program in C.
const LOCALES: [&str; 2] = ["--locale=C.UTF-8", "--no-locale"];
/// Times that another free port is tried.
const TRIES: usize = 3;
const STATEMENTS: &str = "pg_stat_statements";
const DATA: &str = "data";

/// The folder of the server's programs: of `PATH`, or the newest of Debian's.
pub(crate) fn installed() -> Option<PathBuf> {
    let programs = |folder: &Path| {
        ["initdb", "pg_ctl", "postgres"]
            .iter()
            .all(|name| folder.join(name).is_file())
    };
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut debian: Vec<(u32, PathBuf)> = debian
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    debian.sort();
    let newest = debian.into_iter().rev().map(|(_, folder)| folder);
    let local = [PathBuf::from("/usr/local/bin")];
    newest
        .chain(find_in_path("postgres"))
        .chain(local)
        .find(|folder| programs(folder))
}

/// Starts a server of its own.
///
/// # Errors
/// It is not installed, or does not start.
pub(crate) fn start(durability: Durability) -> anyhow::Result<Server> {
    let programs = installed()
        .context("no initdb, pg_ctl and postgres in PATH, /usr/local/bin or /usr/lib/postgresql")?;
    let home = Home::new("postgres", &["postgres", "nobody"])?;
    initialize(&home, &programs)?;
    let mut settings = settings(durability);
    if count_statements(&home, &programs)? {
        settings.push_str("shared_preload_libraries = 'pg_stat_statements'\n");
    }
    fs::OpenOptions::new()
        .append(true)
        .open(home.folder().join(DATA).join("postgresql.conf"))?
        .write_all(settings.as_bytes())?;
    for _ in 0..TRIES {
        let port = free_port()?;
        let started = run(home
            .command(&programs.join("pg_ctl"))
            .args(["start", "-D", DATA, "-w", "-t", "60", "-l", "log"])
            .args(["-o", &format!("-p {port}")])
            .stdout(Stdio::null()));
        if started.is_ok() {
            let mut stop = home.command(&programs.join("pg_ctl"));
            stop.args(["stop", "-D", DATA, "-w", "-m", "immediate"]);
            let url = format!("postgres://signoff@127.0.0.1:{port}/postgres");
            return Ok(Server::new(url, Stop::Command(stop), home));
        }
    }
    bail!(
        "it did not start: {}",
        last_line(&home.folder().join("log"))
    )
}

fn settings(durability: Durability) -> String {
    let mut settings = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
timezone = 'UTC'
log_timezone = 'UTC'
"
    .to_owned();
    if durability == Durability::Off {
        settings.push_str("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n");
    }
    settings
}

fn initialize(home: &Home, programs: &Path) -> anyhow::Result<()> {
    let mut tried = Err(anyhow::anyhow!("no locale"));
    for locale in LOCALES {
        tried = run(home
            .command(&programs.join("initdb"))
            .args(["-D", DATA, "-U", "signoff", "-A", "trust", "-E", "UTF8"])
            .args(["--no-sync", locale]));
        if tried.is_ok() {
            break;
        }
    }
    tried
}

/// Whether the server can count its statements; if so, it does.
fn count_statements(home: &Home, programs: &Path) -> anyhow::Result<bool> {
    let preload = format!("shared_preload_libraries={STATEMENTS}");
    let mut single = home
        .command(&programs.join("postgres"))
        .args(["--single", "-D", DATA, "-c", &preload, "postgres"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot run postgres")?;
    let mut stdin = single.stdin.take().context("postgres has no input")?;
    // Without the library it ends before it reads.
    let _ = writeln!(stdin, "CREATE EXTENSION {STATEMENTS}");
    drop(stdin);
    let counts = single.wait()?.success();
    ensure!(
        counts || !home.folder().join(DATA).join("postmaster.pid").exists(),
        "postgres did not end"
    );
    Ok(counts)
}

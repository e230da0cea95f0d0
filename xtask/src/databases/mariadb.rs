//! MariaDB from local binaries.

use std::fs::{self, File};
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::Durability;
use super::home::{Home, free_port, last_line, run};
use super::server::{Server, Stop};
use crate::process::find_in_path;

/// Times that another free port is tried.
const TRIES: usize = 3;
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// The first byte of a server's greeting, after four bytes of its length and number.
const PROTOCOL: u8 = 10;

/// The server; it is in a folder that not everybody's `PATH` has.
pub(crate) fn installed() -> Option<PathBuf> {
    program("mariadbd")
}

/// Starts a server of its own.
///
/// # Errors
/// It is not installed, or does not start.
pub(crate) fn start(durability: Durability) -> anyhow::Result<Server> {
    let server = installed().context("no mariadbd in PATH, /usr/local/sbin or /usr/sbin")?;
    let install = program("mariadb-install-db").context("no mariadb-install-db")?;
    let home = Home::new("mariadb", &["mysql", "nobody"])?;
    let data = home.folder().join("data");
    run(home
        .command(&install)
        .args(["--no-defaults", "--skip-test-db"])
        .arg("--auth-root-authentication-method=normal")
        .arg(format!("--datadir={}", data.display())))?;
    // What is kept there is not among the server's own tables.
    let init = home.folder().join("init.sql");
    fs::write(&init, "CREATE DATABASE IF NOT EXISTS signoff;\n")?;
    let log = home.folder().join("log");
    for _ in 0..TRIES {
        let port = free_port()?;
        let mut child = home
            .command(&server)
            .arg("--no-defaults")
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--port={port}"))
            // Beside its data: a longer path than a socket may have stays short.
            .args(["--socket=socket", "--bind-address=127.0.0.1"])
            .arg(format!("--init-file={}", init.display()))
            .args(["--max-connections=200", "--skip-name-resolve"])
            .args([
                "--character-set-server=utf8mb4",
                "--default-time-zone=+00:00",
            ])
            .args(settings(durability))
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?)
            .spawn()
            .context("cannot run mariadbd")?;
        if answers(&mut child, port)? {
            let url = format!("mysql://root@127.0.0.1:{port}/signoff");
            return Ok(Server::new(url, Stop::Kill(child), home));
        }
        child.kill()?;
        child.wait()?;
    }
    bail!("it did not start: {}", last_line(&log))
}

fn settings(durability: Durability) -> &'static [&'static str] {
    match durability {
        Durability::Off => &[
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=0",
        ],
        Durability::Full => &["--innodb-flush-log-at-trx-commit=1"],
    }
}

/// Waits until it greets; false if it ends before.
fn answers(server: &mut Child, port: u16) -> anyhow::Result<bool> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if greets(port) {
            return Ok(true);
        }
        if server.try_wait()?.is_some() {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(false)
}

fn greets(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return false;
    };
    let mut greeting = [0; 5];
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .is_ok()
        && stream.read_exact(&mut greeting).is_ok()
        && greeting[4] == PROTOCOL
}

fn program(name: &str) -> Option<PathBuf> {
    let local = ["/usr/local/sbin", "/usr/sbin", "/usr/bin"].map(PathBuf::from);
    find_in_path(name)
        .into_iter()
        .chain(local)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

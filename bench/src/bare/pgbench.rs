//! The same writes by PostgreSQL's own pgbench, in the form that is fastest there: what a step
//! needs is loaded by one statement, and all that it writes is one statement, prepared.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};
use sqlx::postgres::PgConnectOptions;
use tokio::task::spawn_blocking;

use super::{Commit, EVENTS, STATE, stand};

/// Ids of one process lie so far apart.
const SPACING: u32 = 100;

/// Processes per second of so many clients, and how many there were, on the tables of the bare
/// loop; the script goes into `folder`.
pub(crate) async fn run(
    url: &str,
    commits: &[Commit],
    clients: usize,
    seconds: u32,
    folder: &Path,
) -> anyhow::Result<(f64, usize)> {
    let file = folder.join("process.sql");
    fs::write(&file, script(commits)?)?;
    let server: PgConnectOptions = url.parse()?;
    let mut command = Command::new("pgbench");
    command
        .args(["--no-vacuum", "--protocol=prepared"])
        .arg(format!("--host={}", server.get_host()))
        .arg(format!("--port={}", server.get_port()))
        .arg(format!("--username={}", server.get_username()))
        .arg(format!("--client={clients}"))
        .arg(format!("--jobs={}", clients.min(2)))
        .arg(format!("--time={seconds}"))
        .arg(format!("--define=state={STATE}"))
        .arg(format!("--define=events={EVENTS}"))
        .arg("--define=n=0")
        // Every run begins above the ids of those before.
        .arg(format!(
            "--define=run={}",
            uuid::Uuid::now_v7().as_u64_pair().0 >> 16
        ))
        .arg(format!("--file={}", file.display()))
        .arg(server.get_database().context("the URL names no database")?)
        .stdin(Stdio::null());
    let output = spawn_blocking(move || command.output())
        .await?
        .context("cannot run pgbench")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "pgbench failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let told = |what: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(what));
        let word = line.and_then(|rest| rest.split([' ', '/']).next());
        word.with_context(|| format!("pgbench did not tell `{what}`"))
    };
    let count = told("number of transactions actually processed: ")?;
    Ok((told("tps = ")?.parse()?, count.parse()?))
}

/// One process as a script.
fn script(commits: &[Commit]) -> anyhow::Result<String> {
    let mut script =
        format!("\\set n :n + 1\n\\set id (:client_id + 1) * 1000000000000 + :n * {SPACING}\n");
    let (mut opened, mut closed) = (0, 0);
    for (step, commit) in commits.iter().enumerate() {
        let (status, version) = stand(step, commits)?;
        if step > 0 {
            let task = uuid(&format!("+ {}", closed + 1));
            writeln!(
                script,
                "SELECT i.version, i.status, i.state, t.state, t.assignee FROM task t JOIN instance i ON i.id = t.instance WHERE t.id = {task};"
            )?;
        }
        let id = uuid("");
        if step == 0 {
            write!(
                script,
                "WITH i AS (INSERT INTO instance (id, version, status, state) VALUES ({id}, 1, '{status}', :state) RETURNING id)"
            )?;
        } else {
            write!(
                script,
                "WITH i AS (UPDATE instance SET version = version + 1, status = '{status}', state = :state WHERE id = {id} AND version = {version} RETURNING id)"
            )?;
        }
        if commit.opens > 0 {
            let (first, last) = (opened + 1, opened + commit.opens);
            let task = uuid("+ k");
            write!(
                script,
                ", o AS (INSERT INTO task (id, instance, state, assignee) SELECT {task}, i.id, 'assigned', 'amy' FROM i, generate_series({first}, {last}) AS k)"
            )?;
            opened = last;
        }
        if commit.closes > 0 {
            let (first, last) = (closed + 1, closed + commit.closes);
            let tasks: Vec<_> = (first..=last).map(|k| uuid(&format!("+ {k}"))).collect();
            write!(
                script,
                ", c AS (UPDATE task SET state = 'completed' FROM i WHERE task.id IN ({}))",
                tasks.join(", ")
            )?;
            closed = last;
        }
        writeln!(
            script,
            " INSERT INTO history (instance, version, body) SELECT id, {}, :events FROM i;",
            version + 1
        )?;
    }
    Ok(script)
}

/// An id of this process, the instance's own or a task's: in the order in which they are made, as
/// an engine's are.
fn uuid(plus: &str) -> String {
    format!(
        "(lpad(to_hex(:run::bigint), 12, '0') || lpad(to_hex(:id::bigint {plus}), 20, '0'))::uuid"
    )
}

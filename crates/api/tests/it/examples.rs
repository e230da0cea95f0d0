//! The examples say what they did.

use std::{path::PathBuf, process::Command};

/// The program of an example, which cargo builds beside the tests.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples").join(name)
}

fn check(name: &str, expected: &str) {
    check_with(name, &[], expected);
}

fn check_with(name: &str, args: &[&str], expected: &str) {
    let output = Command::new(program(name)).args(args).output().unwrap();
    assert!(
        output.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{name}");
}

#[test]
fn two_people_approve_and_the_history_tells() {
    check(
        "01_two_step_approval",
        "ann: self_approval\n\
         rob: running\n\
         pia: completed\n\
         1: instance_started node_entered entry_opened task_opened\n\
         2: decision_made entry_closed node_completed node_entered entry_opened task_opened\n\
         3: decision_made entry_closed node_completed branch_ended instance_completed\n",
    );
}

#[test]
#[cfg(feature = "sqlx-sqlite")]
fn a_host_transaction_keeps_both_or_neither() {
    check(
        "02_host_transaction",
        "committed: 1 requests, 1 instances\n\
         refused: form_invalid\n\
         rolled back: 1 requests, 1 instances\n",
    );
}

#[test]
fn a_flow_waits_for_people_messages_children_jobs_and_moments() {
    check(
        "03_flow",
        "inspected: running, at [await_deposit buy], outcome none\n\
         paid: delivered\n\
         paid: duplicate\n\
         paid: running, at [buy], outcome none\n\
         parts arrived: running, at [repair], outcome none\n\
         eve retries: not_permitted\n\
         skipping would: incident_resolved node_skipped node_entered outcome_set node_completed \
         branch_ended instance_completed\n\
         tried again: completed, at [], outcome repaired\n\
         a week later: completed, at [], outcome called_off\n",
    );
}

/// What every host sees: both or neither, whether the engine refuses or the host.
#[cfg(any(
    feature = "diesel-sqlite",
    feature = "sqlx-postgres",
    feature = "sqlx-mysql"
))]
const BOTH_OR_NEITHER: &str = "committed: request submitted, approval running\n\
     refused: form_invalid\n\
     rolled back: request none, approval none\n\
     decided, rolled back: request submitted, approval running\n\
     decided, committed: request approved, approval completed\n";

#[test]
#[cfg(feature = "diesel-sqlite")]
fn a_host_on_diesel_and_sqlite_needs_no_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("host.db");
    let path = path.to_str().unwrap();
    check_with("02_host_diesel_sqlite", &[path], BOTH_OR_NEITHER);
}

/// Examples that make their tables on a server; the place is made by the library of the same name.
#[cfg(feature = "sqlx-postgres")]
mod postgres {
    use sqlx::{Connection, PgConnection};

    use super::{BOTH_OR_NEITHER, check_with, on_server};

    async fn check(name: &str) {
        let run = |url: &str, sql: String| {
            let url = url.to_owned();
            async move {
                let mut connection = PgConnection::connect(&url).await.unwrap();
                let sql = sqlx::AssertSqlSafe(sql);
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            }
        };
        let Some(server) = on_server("SIGNOFF_TEST_POSTGRES") else {
            return;
        };
        let schema = format!("signoff_example_{}", uuid::Uuid::now_v7().simple());
        run(&server, format!("CREATE SCHEMA {schema}")).await;
        let sign = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{sign}options=-csearch_path%3D{schema}");
        check_with(name, &[&url], BOTH_OR_NEITHER);
        run(&server, format!("DROP SCHEMA {schema} CASCADE")).await;
    }

    #[tokio::test]
    async fn a_host_on_sqlx_keeps_both_or_neither() {
        check("02_host_sqlx_postgres").await;
    }

    #[tokio::test]
    #[cfg(feature = "diesel-postgres")]
    async fn a_host_on_diesel_keeps_both_or_neither() {
        check("02_host_diesel_postgres").await;
    }

    #[tokio::test]
    #[cfg(feature = "diesel-postgres-sync")]
    async fn a_host_on_sync_diesel_keeps_both_or_neither() {
        check("02_host_diesel_postgres_sync").await;
    }
}

#[cfg(feature = "sqlx-mysql")]
mod mysql {
    use sqlx::{Connection, MySqlConnection};

    use super::{BOTH_OR_NEITHER, check_with, on_server};

    async fn check(name: &str) {
        let run = |url: &str, sql: String| {
            let url = url.to_owned();
            async move {
                let mut connection = MySqlConnection::connect(&url).await.unwrap();
                let sql = sqlx::AssertSqlSafe(sql);
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            }
        };
        let Some(server) = on_server("SIGNOFF_TEST_MYSQL") else {
            return;
        };
        let database = format!("signoff_example_{}", uuid::Uuid::now_v7().simple());
        run(&server, format!("CREATE DATABASE {database}")).await;
        let (host, _) = server.rsplit_once('/').unwrap();
        check_with(name, &[&format!("{host}/{database}")], BOTH_OR_NEITHER);
        run(&server, format!("DROP DATABASE {database}")).await;
    }

    #[tokio::test]
    async fn a_host_on_sqlx_keeps_both_or_neither() {
        check("02_host_sqlx_mysql").await;
    }

    #[tokio::test]
    #[cfg(feature = "diesel-mysql")]
    async fn a_host_on_diesel_keeps_both_or_neither() {
        check("02_host_diesel_mysql").await;
    }
}

/// The server that a variable names, or says that a test is skipped.
#[cfg(any(feature = "sqlx-mysql", feature = "sqlx-postgres"))]
#[expect(clippy::print_stderr, reason = "a test says that it did not run")]
fn on_server(variable: &str) -> Option<String> {
    let server = std::env::var(variable).ok();
    if server.is_none() {
        eprintln!("skipped: {variable} is not set");
    }
    server
}

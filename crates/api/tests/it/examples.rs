//! The examples say what they did.

use std::{path::PathBuf, process::Command};

/// The program of an example, which cargo builds beside the tests.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples").join(name)
}

fn check(name: &str, expected: &str) {
    let output = Command::new(program(name)).output().unwrap();
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

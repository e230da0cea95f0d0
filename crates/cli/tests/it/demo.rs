//! `signoff demo`: what can go wrong at its start. What it serves is tested in a browser.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    process::Stdio,
};

use crate::run::{command, signoff};

#[test]
fn a_port_in_use_is_a_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran = signoff(folder.path(), &["demo", "--port", &port]);
    assert_eq!(ran.code, Some(4));
    assert!(ran.err.starts_with("error[port_in_use]"), "{}", ran.err);
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("signoff.db");
    std::fs::write(&file, "my diary").unwrap();
    let ran = signoff(folder.path(), &["demo", "--port", "0"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.starts_with("error[store_"), "{}", ran.err);
    assert!(ran.err.contains("signoff.db"), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(file).unwrap(), "my diary");
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "not a folder").unwrap();
    let ran = signoff(
        folder.path(),
        &["demo", "--port", "0", "--dir", "file/deep"],
    );
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.starts_with("error["), "{}", ran.err);
}

#[test]
fn it_prints_the_address_and_who_can_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(
        folder.path(),
        &["demo", "--port", "0", "--dir", "new/folder"],
    )
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let greeting: Vec<String> = lines
        .take_while(|line| !line.starts_with("Ctrl-C"))
        .collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        greeting[0].starts_with("Signoff demo on http://127.0.0.1:"),
        "{greeting:?}"
    );
    assert!(
        greeting
            .iter()
            .any(|line| line.contains("rita") && line.contains("finance_reviewer")),
        "{greeting:?}"
    );
    assert!(folder.path().join("new/folder/signoff.db").exists());
}

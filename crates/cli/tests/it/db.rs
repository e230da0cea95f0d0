//! `signoff db`.

use crate::{
    postgres::Place,
    run::{folder_with, signoff},
};

const STORE: [&str; 2] = ["--store", "sqlite:signoff.db"];

#[test]
fn a_database_is_brought_up_to_date() {
    let folder = folder_with("note.txt", "");
    let run = |command: &str| signoff(folder.path(), &["db", command, STORE[0], STORE[1]]);
    let before = run("status");
    assert_eq!(before.code, Some(3), "{}", before.err);
    let up = run("up");
    assert_eq!((up.code, up.out.as_str()), (Some(0), "applied 1 initial\n"));
    assert_eq!(run("up").out, "nothing to do\n");
    assert_eq!(run("status").out, "applied 1 initial\n");
    assert_eq!(run("check").code, Some(0));
    let json = signoff(
        folder.path(),
        &["db", "status", STORE[0], STORE[1], "-o", "json"],
    );
    let status: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(status["known"], 1);
    assert_eq!(status["missing"], serde_json::json!([]));
    assert_eq!(status["applied"][0]["checksum"].as_str().unwrap().len(), 64);
}

#[test]
fn a_database_of_a_server_is_brought_up_to_date() {
    let Some(place) = Place::fresh() else { return };
    let folder = folder_with("note.txt", "");
    let run = |command: &str| signoff(folder.path(), &["db", command, "--store", &place.url()]);
    assert_eq!(run("status").out, "missing 1 initial\n");
    assert_eq!(run("check").code, Some(1));
    let up = run("up");
    assert_eq!((up.code, up.out.as_str()), (Some(0), "applied 1 initial\n"));
    assert_eq!(run("up").out, "nothing to do\n");
    assert_eq!(run("check").code, Some(0));
}

#[test]
fn a_database_that_lacks_tables_is_told_what_to_run() {
    let folder = folder_with("signoff.db", "");
    let run = |command: &str| signoff(folder.path(), &["db", command, STORE[0], STORE[1]]);
    let check = run("check");
    assert_eq!(check.code, Some(1));
    assert!(
        check.err.starts_with("error[store_schema]"),
        "{}",
        check.err
    );
    assert!(check.err.contains("run `signoff db up`"), "{}", check.err);
    assert_eq!(run("status").out, "missing 1 initial\n");
    assert_eq!(run("up").code, Some(0));
    assert_eq!(run("check").code, Some(0));
}

#[test]
fn what_is_no_database_is_left_alone() {
    let text = "this is a letter, and no database at all; it is long enough to be read as one";
    let folder = folder_with("signoff.db", &text.repeat(40));
    for command in ["check", "status", "up"] {
        let ran = signoff(folder.path(), &["db", command, STORE[0], STORE[1]]);
        assert_eq!(ran.code, Some(1), "{command}: {}", ran.out);
        assert!(ran.err.starts_with("error[store_corrupt]"), "{}", ran.err);
    }
    let kept = std::fs::read_to_string(folder.path().join("signoff.db")).unwrap();
    assert_eq!(kept, text.repeat(40));
    let ran = signoff(folder.path(), &["db", "up", "--store", "letter:a"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
}

#[test]
fn the_schema_is_written_as_plain_sql() {
    let folder = folder_with("note.txt", "");
    for database in ["sqlite", "postgres", "mysql"] {
        let ran = signoff(folder.path(), &["db", "sql", "--database", database]);
        assert_eq!(ran.code, Some(0));
        assert!(
            ran.out
                .starts_with("CREATE TABLE IF NOT EXISTS signoff_schema_version")
        );
        assert!(ran.out.contains("signoff_instance ("));
        let args = ["db", "sql", "--database", database, "--from", "1"];
        assert_eq!(signoff(folder.path(), &args).out.trim(), "");
    }
}

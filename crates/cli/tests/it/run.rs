//! Runs the program.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use signoff::{Engine, Format, MemoryDirectory, Profile, TenantId, sqlx::SqliteStore};

/// What the program printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn signoff(folder: &Path, args: &[&str]) -> Ran {
    let output = command(folder, args).output().unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signoff"));
    command.args(args).current_dir(folder).stdin(Stdio::null());
    command
}

/// A folder with one file in it.
pub(crate) fn folder_with(name: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    folder
}

pub(crate) fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

/// An engine on `x.db` in the folder, with these people and this definition.
pub(crate) async fn engine_on(folder: &Path, people: &[&str], definition: &str) -> Engine {
    let store = SqliteStore::open(folder.join("x.db")).await.unwrap();
    let people = people.iter().map(|id| Profile {
        id: (*id).into(),
        active: true,
        ..Profile::default()
    });
    let engine = Engine::builder()
        .store(store)
        .directory(MemoryDirectory::new(people))
        .build()
        .unwrap();
    let source = [(definition, Format::Yaml)];
    let published = engine.publish(&TenantId::default(), &source).await;
    published.unwrap();
    engine
}

//! Every call of a command to its store fails once, in each way: all of the command is there or nothing,
//! and the same command succeeds when it is given again.

mod scenes;
mod stage;

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use jiff::SignedDuration;
use signoff::store::{
    Store,
    conformance::{Fault, Faults, FaultyDriver, FaultyStore},
};

use self::{
    scenes::{SCENES, Scene, Writes},
    stage::Stage,
};
use crate::{
    picture::difference,
    servers::{Database, Schema},
    stores::{self, Opened},
};

/// A store that fails, and the same one as it is when nothing fails.
struct Faulty {
    name: &'static str,
    store: Arc<dyn Store>,
    sound: Arc<dyn Store>,
    faults: Faults,
}

/// What a scene looks like without faults: before its command, after it, and when all is done; and the
/// mail that it sends.
struct Expected {
    before: Vec<String>,
    after: Vec<String>,
    done: Vec<String>,
    mail: Vec<(String, String)>,
}

impl Expected {
    async fn of(scene: &Scene, faulty: &Faulty, tenant: &str) -> Self {
        let stage = Stage::set(scene, faulty, tenant).await;
        let before = stage.picture(true).await;
        (scene.act)(&stage).await.unwrap();
        let after = stage.picture(true).await;
        assert_ne!(before, after, "`{}` does nothing", scene.name);
        stage.drain().await;
        Self {
            before,
            after,
            done: stage.picture(false).await,
            mail: stage.mail(),
        }
    }
}

/// Runs the scene with the fault after so many calls; whether it came to it.
async fn attempt(
    scene: &Scene,
    (faulty, tenant): (&Faulty, &str),
    (after, fault): (usize, Fault),
    expected: &Expected,
) -> bool {
    let stage = Stage::set(scene, faulty, tenant).await;
    let place = format!("`{}` with {fault:?} after {after} calls", scene.name);
    let same = |found: &[String], wanted: &[String], what: &str| {
        let differs = difference(wanted, found);
        assert!(found == wanted, "{place}: {what}{differs}");
    };
    same(&stage.picture(true).await, &expected.before, "the stage");
    faulty.faults.after(after, fault);
    let result = (scene.act)(&stage).await;
    let failed = faulty.faults.heal();
    let found = stage.picture(true).await;
    if !failed {
        result.unwrap_or_else(|not_done| panic!("{place}: {not_done}"));
        same(&found, &expected.after, "without a fault");
        return false;
    }
    match scene.writes {
        Writes::Whole if found == expected.before => {
            assert!(
                result.is_err(),
                "{place}: it was done, and nothing is there"
            );
            let again = (scene.act)(&stage).await;
            again.unwrap_or_else(|not_done| panic!("{place}: given again: {not_done}"));
            same(&stage.picture(true).await, &expected.after, "given again");
        }
        Writes::Whole => same(&found, &expected.after, "a part of it is there"),
        Writes::ByStep => {
            // What was claimed comes back when its lease is over.
            for _ in 0..3 {
                stage.pass(SignedDuration::from_mins(2));
                // Where all of it is there already, it may be refused.
                let _told = (scene.act)(&stage).await;
            }
        }
    }
    stage.drain().await;
    same(&stage.picture(false).await, &expected.done, "in the end");
    let sent: BTreeSet<_> = stage.mail().into_iter().collect();
    let wanted: BTreeSet<_> = expected.mail.iter().cloned().collect();
    assert_eq!(sent, wanted, "{place}: the mail");
    true
}

/// Every scene with a fault at every call or statement: in each way, or in one way after another where
/// that takes too long and `SIGNOFF_CASES` does not ask for more.
async fn every_one_fails(faulty: &Faulty) {
    let thorough = faulty.name == "memory" || std::env::var_os("SIGNOFF_CASES").is_some();
    let mut attempts = 0;
    for (index, scene) in SCENES.iter().enumerate() {
        let named = |n: usize| format!("{}-{n}", scene.name.replace(' ', "-"));
        let expected = Expected::of(scene, faulty, &named(attempts)).await;
        let ways = if thorough { Fault::ALL.len() } else { 1 };
        for way in 0..ways {
            let mut after = 0;
            loop {
                attempts += 1;
                assert!(after < 300, "`{}` never ends", scene.name);
                let turned = if thorough { 0 } else { index + after };
                let fault = Fault::ALL[(way + turned) % Fault::ALL.len()];
                let on = (faulty, &*named(attempts));
                if !attempt(scene, on, (after, fault), &expected).await {
                    break;
                }
                after += 1;
            }
            assert!(after > 0, "`{}` calls no store", scene.name);
        }
    }
    assert!(attempts > 200, "{}: only {attempts} faults", faulty.name);
}

async fn every_call_fails(opened: Opened) {
    let faults = Faults::new();
    let sound = Arc::clone(&opened.store);
    every_one_fails(&Faulty {
        name: opened.name,
        store: Arc::new(FaultyStore::new(Arc::clone(&sound), &faults)),
        sound,
        faults,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_a_command_or_nothing_whichever_call_fails_in_memory() {
    every_call_fails(stores::memory()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_a_command_or_nothing_whichever_call_fails_on_a_file() {
    every_call_fails(stores::sqlx_sqlite().await).await;
}

/// Makes a test on a driver of which `open` gives two at one database, and what keeps that alive.
macro_rules! every_statement_fails {
    ($($name:ident: $open:expr;)+) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("t.db");
            let open = $open;
            let faults = Faults::new();
            let broken = open(path.clone()).await.unwrap();
            every_one_fails(&Faulty {
                name: stringify!($name),
                store: Arc::new(FaultyDriver::new(broken, &faults)),
                sound: Arc::new(open(path).await.unwrap()),
                faults,
            })
            .await;
        }
    )+};
}

every_statement_fails! {
    all_of_a_command_or_nothing_whichever_statement_fails_on_sqlx_and_sqlite:
        |path: PathBuf| signoff::sqlx::SqliteStore::open(path);
    all_of_a_command_or_nothing_whichever_statement_fails_on_diesel_and_sqlite:
        |path: PathBuf| signoff::diesel::SqliteStore::open(path);
}

/// Makes a test on a server, where there is one to test on: a fresh place of it, and how that is opened.
macro_rules! every_statement_fails_on_a_server {
    ($($name:ident: $place:ident $library:ident $($profile:expr)?;)+) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let Some(place) = $place::fresh() else {
                return;
            };
            let faults = Faults::new();
            let broken = place.$library($($profile)?).await;
            every_one_fails(&Faulty {
                name: stringify!($name),
                store: Arc::new(FaultyDriver::new(broken, &faults)),
                sound: Arc::new(place.$library($($profile)?).await),
                faults,
            })
            .await;
        }
    )+};
}

every_statement_fails_on_a_server! {
    all_of_a_command_or_nothing_whichever_statement_fails_on_sqlx_and_postgres:
        Schema sqlx signoff::sqlx::PostgresProfile::Full;
    all_of_a_command_or_nothing_whichever_statement_fails_on_sqlx_and_plain_postgres:
        Schema sqlx signoff::sqlx::PostgresProfile::Plain;
    all_of_a_command_or_nothing_whichever_statement_fails_on_diesel_and_postgres:
        Schema diesel signoff::diesel::PostgresProfile::Full;
    all_of_a_command_or_nothing_whichever_statement_fails_on_sqlx_and_mysql:
        Database sqlx;
    all_of_a_command_or_nothing_whichever_statement_fails_on_diesel_and_mysql:
        Database diesel;
}

//! A process under load is killed at any moment: what it was told is done is there, the rest is whole
//! or absent, and its mail is sent once more rather than never.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Stdio,
    time::{Duration, Instant},
};

use mail_parser::MessageParser;
use signoff::{
    Engine, InstanceId, TenantId,
    core::event::Event,
    store::{InstanceFilter, PageRequest},
};
use signoff_tests::{crash, open};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
};

use crate::{
    picture::{Picture, stream_is_whole},
    seed::seed,
    servers::{Database, Schema},
    smtp_sink::{Delivered, SmtpSink},
};

/// How far the clock of each process is ahead of the one before it.
const ROUND: Duration = Duration::from_mins(10);
/// Longer than a worker holds a job.
const LEASE: Duration = Duration::from_mins(2);

/// How often it is killed; `SIGNOFF_KILLS` says how often.
fn kills(default: u64) -> u64 {
    let wanted = std::env::var("SIGNOFF_KILLS").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Numbers that look random, the same ones for the same seed.
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// The last version of each instance that the process was told of.
type Told = BTreeMap<InstanceId, u64>;

/// Runs the process, kills it, and gives what it had been told by then.
async fn live_and_die(
    address: &str,
    (tenant, smtp): (&str, &str),
    ahead: Duration,
    chance: &mut Chance,
) -> Told {
    let mut child = Command::new(env!("CARGO_BIN_EXE_signoff-mortal"))
        .args([address, tenant, smtp, &ahead.as_secs().to_string(), "6"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = Told::new();
    let mut dies_at = None;
    loop {
        let left = dies_at.map_or(Duration::from_secs(60), |at: Instant| {
            at.saturating_duration_since(Instant::now())
        });
        match tokio::time::timeout(left, lines.next_line()).await {
            Ok(line) => {
                let line = line.unwrap().expect("it lives until it is killed");
                note(&mut told, &line);
                // From its first word on it has a moment to live.
                dies_at.get_or_insert_with(|| {
                    Instant::now() + Duration::from_millis(chance.below(250))
                });
            }
            Err(_) if dies_at.is_none() => panic!("it says nothing for a minute"),
            Err(_) => break,
        }
    }
    child.start_kill().unwrap();
    child.wait().await.unwrap();
    while let Some(line) = lines.next_line().await.unwrap() {
        note(&mut told, &line);
    }
    told
}

fn note(told: &mut Told, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    let ["did", id, version] = words.as_slice() else {
        panic!("it says `{line}`");
    };
    let id = InstanceId::new(id.parse().unwrap());
    told.insert(id, version.parse().unwrap());
}

async fn instances(engine: &Engine, tenant: &TenantId) -> Vec<(InstanceId, String, String)> {
    let mut found = Vec::new();
    let mut page = PageRequest {
        limit: 500,
        after: None,
    };
    loop {
        let all = InstanceFilter::default();
        let rows = engine.store().instances(tenant, &all, &page).await.unwrap();
        found.extend(
            rows.items
                .into_iter()
                .map(|row| (row.id, row.workflow, row.status)),
        );
        match rows.next {
            Some(next) => page.after = Some(next),
            None => return found,
        }
    }
}

/// The links of the mails that the decisions of an instance lead to.
async fn links(engine: &Engine, tenant: &TenantId, id: InstanceId) -> Vec<String> {
    let history = engine.history(tenant, id).await.unwrap();
    let mut links = Vec::new();
    for entry in &history {
        let ended = entry
            .events
            .iter()
            .any(|event| event.name() == "instance_completed");
        for event in &entry.events {
            if let Event::DecisionMade(decision) = event {
                links.push(match ended {
                    true => format!("{}/instances/{id}", crash::BASE),
                    false => format!("{}/tasks/{}", crash::BASE, decision.task),
                });
            }
        }
    }
    links
}

/// The id of a mail, and where its link leads.
fn read(mail: &Delivered) -> (String, String) {
    let message = MessageParser::default()
        .parse(mail.data.as_bytes())
        .unwrap();
    let body = message.body_text(0).unwrap().into_owned();
    let at = body.find(crash::BASE).expect("a mail has a link");
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-/:.".contains(c);
    let link = body[at..].chars().take_while(|c| is_part(*c));
    (message.message_id().unwrap().to_owned(), link.collect())
}

/// What was killed, and looked at afterwards.
#[derive(Debug, Default)]
struct Seen {
    told: usize,
    found: usize,
    leases: usize,
    mails: usize,
    twice: usize,
}

impl Seen {
    /// The mails are those of what was committed, and no other; some may come twice under one id.
    fn mail(&mut self, mails: &[Delivered], expected: &BTreeSet<String>) {
        let mut ids = BTreeMap::new();
        for mail in mails {
            let (id, link) = read(mail);
            let other = ids.insert(id.clone(), link.clone());
            self.twice += usize::from(other.is_some());
            assert!(other.is_none_or(|other| other == link), "{id} is two mails");
        }
        let sent: BTreeSet<String> = ids.values().cloned().collect();
        assert_eq!(sent.len(), ids.len(), "one mail under two ids");
        assert_eq!(sent, *expected, "the mail of what was committed");
        self.mails += sent.len();
    }
}

/// Kills so many processes, one after another, on one database.
async fn kill(addresses: &[&str], kills: u64) -> Seen {
    let mut chance = Chance(seed());
    let sink = SmtpSink::start(&[]).await;
    let smtp = sink.url();
    let mut seen = Seen::default();
    let mut delivered = 0;
    for round in 0..kills {
        let tenant = format!("round-{round}");
        let address = addresses[usize::try_from(round).unwrap() % addresses.len()];
        let ahead = ROUND * u32::try_from(round).unwrap();
        let told = live_and_die(address, (&tenant, &smtp), ahead, &mut chance).await;
        // Another process, and by another driver, opens what is left.
        let other = addresses[usize::try_from(round + 1).unwrap() % addresses.len()];
        let store = open(other).await.unwrap();
        let engine = crash::engine(store, (&tenant, &smtp), ahead + LEASE).unwrap();
        let engine = engine.build().unwrap();
        let name = TenantId::from(tenant);
        for (id, version) in &told {
            let history = engine.history(&name, *id).await.unwrap();
            let last = history.last().map_or(0, |entry| entry.version);
            assert!(
                last >= *version,
                "{id} was told to be at {version}, and is at {last}"
            );
        }
        // Each is whole: its state is the fold of its history, its open tasks are those listed.
        Picture::of_rows(&engine, &name).await;
        for (id, _, _) in instances(&engine, &name).await {
            let jobs = engine.store().jobs_of(&name, id).await.unwrap();
            seen.leases += jobs.iter().filter(|job| job.leased_until.is_some()).count();
        }
        engine.tick().await.unwrap();
        Picture::of_rows(&engine, &name).await;
        stream_is_whole(&engine, &name).await;
        let mut expected = BTreeSet::new();
        for (id, workflow, status) in instances(&engine, &name).await {
            let open = engine.instance(&name, id).await.unwrap().unwrap();
            let waits = open.instance.tasks().count();
            assert_eq!(
                waits == 0,
                status == "completed",
                "{workflow} {id} is {status}"
            );
            assert_eq!(engine.store().jobs_of(&name, id).await.unwrap(), []);
            if workflow == "leave" {
                expected.extend(links(&engine, &name, id).await);
            }
            seen.found += 1;
        }
        let mails: Vec<Delivered> = sink.delivered().split_off(delivered);
        delivered += mails.len();
        seen.mail(&mails, &expected);
        seen.told += told.len();
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_at_any_moment_loses_nothing_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db").display().to_string();
    let addresses = ["sqlx", "diesel"].map(|library| format!("{library}:{path}"));
    let began = Instant::now();
    let seen = kill(&addresses.each_ref().map(String::as_str), kills(10)).await;
    eprintln!("{seen:?} in {:?}", began.elapsed());
    assert!(seen.told > 0 && seen.mails > 0, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_at_any_moment_loses_nothing_on_postgres() {
    let Some(schema) = Schema::fresh() else {
        return;
    };
    let addresses = ["sqlx", "diesel"].map(|library| format!("{library}-postgres:{}", schema.name));
    let began = Instant::now();
    let seen = kill(&addresses.each_ref().map(String::as_str), kills(10)).await;
    eprintln!("{seen:?} in {:?}", began.elapsed());
    assert!(seen.told > 0 && seen.mails > 0, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_at_any_moment_loses_nothing_on_mysql() {
    let Some(database) = Database::fresh() else {
        return;
    };
    let addresses = ["sqlx", "diesel"].map(|library| format!("{library}-mysql:{}", database.name));
    let began = Instant::now();
    let seen = kill(&addresses.each_ref().map(String::as_str), kills(10)).await;
    eprintln!("{seen:?} in {:?}", began.elapsed());
    assert!(seen.told > 0 && seen.mails > 0, "{seen:?}");
}

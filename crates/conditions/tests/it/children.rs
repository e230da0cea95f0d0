//! Nasty expressions in processes of their own: none hangs, aborts or exhausts its process.
//!
//! Each child has 512 MiB of memory, and evaluates on a thread with 2 MiB of stack; no expression
//! may take it more than two seconds of processor time. `SIGNOFF_CASES=100000` runs so many.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use serde_json::json;

use crate::{evaluate, nasty::nasty, scope};

/// What a child is told: the first seed, how many follow, and what it does besides.
const PART: &str = "SIGNOFF_CONDITIONS_CHILD";
/// How many expressions a child takes.
const PART_CASES: u64 = 250;
/// What a child may use of memory, in KiB.
const MEMORY: &str = "524288";
/// Processor time that one expression may take.
const LIMIT: Duration = Duration::from_secs(2);
/// Silence after which a child hangs, on however busy a machine.
const SILENCE: Duration = Duration::from_secs(60);

fn n_cases() -> u64 {
    let set = std::env::var("SIGNOFF_CASES").ok();
    set.and_then(|set| set.parse().ok()).unwrap_or(3_000)
}

/// The processor time of this thread, to a hundredth of a second; nothing where it is not told.
fn busy() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = |at| -> u64 {
        let field = fields.split(' ').nth(at);
        field.and_then(|field| field.parse().ok()).unwrap_or(0)
    };
    Duration::from_millis(10 * (ticks(11) + ticks(12)))
}

/// What a child does; nothing in a run of the tests.
#[test]
fn part_of_a_child() {
    let Ok(part) = std::env::var(PART) else {
        return;
    };
    let fields: Vec<&str> = part.split(' ').collect();
    let (first, count): (u64, u64) = (fields[0].parse().unwrap(), fields[1].parse().unwrap());
    let aborts = fields[2] == "abort";
    let mut scope = scope();
    scope.insert("wide".to_owned(), json!(vec![1; 20_000]));
    scope.insert("long".to_owned(), json!("a".repeat(300_000)));
    let work = move || {
        for seed in first..first + count {
            say(&format!("at {seed}"));
            if aborts && seed == first + 1 {
                std::process::abort();
            }
            let began = busy();
            if let Err(error) = evaluate(&nasty(seed), &scope) {
                assert!(error.message.len() < 600, "{error}");
            }
            let took = busy() - began;
            assert!(took <= LIMIT, "took {took:?}");
        }
        say("done");
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work);
    thread.unwrap().join().unwrap();
}

fn say(line: &str) {
    // Not `println!`: the test harness keeps that for itself.
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "\n@{line}");
    let _ = out.flush();
}

/// Runs a child; the seed at which it came to grief, and how.
fn child(first: u64, count: u64, besides: &str) -> Result<(), (u64, String)> {
    let limited = r#"ulimit -v "$0"; exec "$@""#;
    let mut child = Command::new("sh")
        .args(["-c", limited, MEMORY])
        .arg(std::env::current_exe().unwrap())
        .args(["children::part_of_a_child", "--exact", "--nocapture"])
        .args(["--test-threads", "1"])
        .env(PART, format!("{first} {count} {besides}"))
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (send, said) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    let mut seed = first;
    let mut done = false;
    let hangs = loop {
        match said.recv_timeout(SILENCE) {
            Ok(line) if line == "@done" => done = true,
            Ok(line) => {
                if let Some(at) = line.strip_prefix("@at ") {
                    seed = at.parse().unwrap();
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => break true,
            Err(mpsc::RecvTimeoutError::Disconnected) => break false,
        }
    };
    if hangs {
        child.kill().unwrap();
    }
    let output = child.wait_with_output().unwrap();
    reader.join().unwrap();
    if done && output.status.success() {
        return Ok(());
    }
    let how = if hangs { "it hangs" } else { "it died" };
    let err = String::from_utf8_lossy(&output.stderr);
    Err((seed, format!("{how}, {}: {}", output.status, err.trim())))
}

#[test]
#[cfg(target_os = "linux")]
fn no_expression_hangs_aborts_or_exhausts_its_process() {
    let all = n_cases();
    for first in (0..all).step_by(usize::try_from(PART_CASES).unwrap()) {
        let count = PART_CASES.min(all - first);
        if let Err((seed, how)) = child(first, count, "nothing") {
            panic!("expression {seed}: {how}\n{}", nasty(seed));
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_child_that_dies_is_found_with_its_expression() {
    let (seed, how) = child(7, 3, "abort").unwrap_err();
    assert_eq!(seed, 8);
    assert!(how.contains("it died"), "{how}");
}

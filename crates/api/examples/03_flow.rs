//! Shows a flow that waits for all that a flow can wait for: a person, a message, a subprocess, a job
//! and a moment; and what a manager can do when it does not go as planned.
//!
//! The clock stands still until the example moves it, so it ends at once and says the same each time.
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, json};
use signoff::{
    Call, Clock, Engine, Format, InstanceId, MemoryDirectory, Message, NodeKey, Profile, Start,
    TenantId, VirtualClock, store::MemoryStore,
};

/// A repair: somebody looks at the machine, the parts are bought, and the work is done while the
/// customer has a week to call it off.
const REPAIR: &str = "
format: signoff/v1
kind: flow
key: repair
managers: [role:lead]
nodes:
  start: {start: {}, next: inspect}
  inspect:
    task: {role: engineer, form: [parts]}
    next: prepare
  # Both branches go on at the same time; the join waits for both.
  prepare: {split: [buy, await_deposit]}
  # One child for each part, each with its own name; their data come back as a list.
  buy:
    subprocess: {workflow: purchase, for_each: parts, as: part, data: {part: part}, into: bought}
    next: ready
  # A message of this name and key; one that was sent before is kept for it.
  await_deposit:
    receive: {message: paid, key: 'machine'}
    on_timeout: {after: P7D, next: call_off}
    next: ready
  ready: {join: all, next: repair}
  # The host's function, run by a worker after the commit, and tried again when it fails.
  repair: {job: run_repair, retry: {max: 1}, next: end}
  call_off: {terminate: {outcome: called_off}}
  end: {end: {outcome: repaired}}
data:
  type: object
  properties:
    machine: {type: string}
    parts: {type: array, items: {type: string}, default: []}
";

/// Buying one part: it arrives two days later.
const PURCHASE: &str = "
format: signoff/v1
kind: flow
key: purchase
nodes:
  start: {start: {}, next: delivery}
  delivery: {timer: {after: P2D}, next: arrived}
  arrived: {set: {arrived: 'true'}, next: end}
  end: {end: {}}
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let clock = Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH));
    let engine = engine(&clock)?;
    let tenant = TenantId::default();
    // A child runs the version that was published when its parent was; so both come together.
    let sources = [(PURCHASE, Format::Yaml), (REPAIR, Format::Yaml)];
    engine.publish(&tenant, &sources).await?;

    // A person does the task; the form fills fields of the instance's data.
    let start = Start::of("repair")
        .by("ann")
        .data(&json!({"machine": "M-1"}))?;
    let started = engine.start(start).await?;
    let id = started.id();
    let form = json!({"parts": ["belt", "motor"]});
    let inspected = Call::complete(started.opened[0]).by("eve").form(form);
    engine.call(inspected).await?;
    show(&engine, "inspected", id).await?;

    // The bank's message meets the one that waits. Sent twice with one id, it counts once.
    for _ in 0..2 {
        let message = Message::new("paid").key("M-1").id("bank-17");
        println!("paid: {}", outcome(engine.send(message).await?));
    }

    // What comes after a commit is the worker's: it starts the children here. A service runs
    // `engine.worker().run(shutdown)`; an example, or a test, ticks.
    engine.tick().await?;
    show(&engine, "paid", id).await?;

    // Two days later the parts arrive, both children end, and the join fires. The job fails.
    clock.set(clock.now() + SignedDuration::from_hours(48));
    engine.tick().await?;
    show(&engine, "parts arrived", id).await?;

    // Only managers operate. A dry run says what a call would do, and writes nothing.
    let refused = engine.call(Call::retry(id, "repair").by("eve")).await;
    println!(
        "eve retries: {}",
        refused.expect_err("eve is no lead").code()
    );
    let skip = Call::skip(id, "repair")
        .by("max")
        .reason("repaired by hand");
    let would = engine.dry_run(skip).await?;
    println!("skipping would: {}", would.events.join(" "));

    // The manager mends what was wrong with the data, and has the job tried again.
    let mended = Map::from_iter([("tools".to_owned(), json!("all there"))]);
    engine.call(Call::set_data(id, mended).by("max")).await?;
    engine.call(Call::retry(id, "repair").by("max")).await?;
    engine.tick().await?;
    show(&engine, "tried again", id).await?;

    // Another one is never paid: after a week its boundary ends it, and stops its children.
    let start = Start::of("repair")
        .by("ann")
        .data(&json!({"machine": "M-2"}))?;
    let unpaid = engine.start(start).await?;
    let form = json!({"parts": ["belt"]});
    engine
        .call(Call::complete(unpaid.opened[0]).by("eve").form(form))
        .await?;
    while let Some(due) = engine.next_due().await? {
        clock.set(due);
        engine.tick().await?;
    }
    show(&engine, "a week later", unpaid.id()).await?;
    Ok(())
}

fn engine(clock: &Arc<VirtualClock>) -> Result<Engine, signoff::Error> {
    let person = |id: &str, role: &str| Profile {
        id: id.into(),
        roles: std::iter::once(role.into()).collect(),
        active: true,
        ..Profile::default()
    };
    let people = [
        person("ann", "customer"),
        person("eve", "engineer"),
        person("max", "lead"),
    ];
    let tries = std::sync::atomic::AtomicU32::new(0);
    Engine::builder()
        .store(MemoryStore::default())
        .directory(MemoryDirectory::new(people))
        .clock(Arc::clone(clock) as Arc<dyn Clock>)
        // The first time something is missing; an error that is permanent is not tried again.
        .action("run_repair", move |_call| {
            let first = tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
            async move {
                if first {
                    let error = signoff::actions::ActionError::permanent("no_tools", "no tools");
                    return Err(error);
                }
                Ok(json!({"hours": 3}))
            }
        })
        .build()
}

fn outcome(sent: signoff::Sent) -> &'static str {
    match sent {
        signoff::Sent::Delivered(_) => "delivered",
        signoff::Sent::Duplicate => "duplicate",
        signoff::Sent::Kept => "kept",
    }
}

/// Says where an instance stands.
async fn show(engine: &Engine, when: &str, id: InstanceId) -> Result<(), signoff::Error> {
    let Some(view) = engine.instance(&TenantId::default(), id).await? else {
        return Ok(());
    };
    let mut at: Vec<&NodeKey> = view
        .instance
        .activations()
        .map(|found| &found.node)
        .collect();
    at.sort();
    let at: Vec<&str> = at.into_iter().map(NodeKey::as_str).collect();
    let status = view.instance.status().as_str();
    let outcome = view.instance.outcome().unwrap_or("none");
    println!("{when}: {status}, at [{}], outcome {outcome}", at.join(" "));
    Ok(())
}

//! What a process does until it is killed, and what the one who kills it knows of that.

use std::{
    future::pending,
    io::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use signoff::{
    Builder, Call, Done, Engine, Format, Start, TaskId, TenantId,
    actions::mail::{Address, SmtpMailer},
    store::Store,
};

use crate::{Ahead, builder, person};

/// Where links in mails lead.
pub const BASE: &str = "https://signoff.example";

/// Two say yes, and the requester has a mail of each.
const LEAVE: &str = "
format: signoff/v1
kind: approval
key: leave
title: {en: Leave}
approvals: [{user: max}, {user: max}]
";
/// A person, a function in the transaction, a child and a job.
const WORK: &str = "
format: signoff/v1
kind: flow
key: work
nodes:
  start: {start: {}, next: ask}
  ask: {task: {user: max}, next: count}
  count: {function: count, into: counted, next: delegate}
  delegate: {subprocess: {workflow: small}, next: close}
  close: {job: close, into: closed, next: end}
  end: {end: {}}
";
const SMALL: &str = "
format: signoff/v1
kind: flow
key: small
nodes:
  start: {start: {}, next: set}
  set: {set: {n: '1'}, next: end}
  end: {end: {}}
";

/// An engine as the process and its killer run it, for one tenant.
///
/// # Errors
/// When the address of the mail server is none.
pub fn engine(
    store: Arc<dyn Store>,
    (tenant, smtp): (&str, &str),
    ahead: Duration,
) -> Result<Builder, Box<dyn std::error::Error>> {
    let people = vec![person("ann", &[]), person("max", &[])];
    let mailer = SmtpMailer::new(smtp, &Address::new("signoff@example.com"))?;
    Ok(builder(store, people)
        .clock(Arc::new(Ahead(ahead)))
        .mailer(mailer)
        .base_url(BASE)
        .only_tenant(tenant)
        .function("count", |_input| async { Ok(json!(1)) })
        .action("close", |_call| async { Ok(json!("closed")) }))
}

/// Works until it is killed, with so many clients and a worker; writes a line for each command that the
/// engine accepted: the instance and its version.
///
/// # Errors
/// When something fails that nobody broke.
pub async fn work_on(
    engine: Engine,
    tenant: &str,
    clients: u64,
) -> Result<(), Box<dyn std::error::Error>> {
    let tenant = TenantId::from(tenant);
    let sources = [SMALL, LEAVE, WORK].map(|text| (text, Format::Yaml));
    engine.publish(&tenant, &sources).await?;
    let numbers = Arc::new(AtomicU64::new(0));
    for _ in 0..clients {
        let (engine, tenant) = (engine.clone(), tenant.clone());
        let numbers = Arc::clone(&numbers);
        tokio::spawn(async move {
            loop {
                let n = numbers.fetch_add(1, Ordering::Relaxed);
                if let Err(error) = one(&engine, &tenant, n).await {
                    say(&format!("failed {error}"));
                }
            }
        });
    }
    let worker = engine.worker();
    worker.run(pending()).await;
    Ok(())
}

/// One instance from its start to the last decision.
async fn one(engine: &Engine, tenant: &TenantId, n: u64) -> Result<(), signoff::NotDone> {
    let workflow = if n % 3 == 2 { "work" } else { "leave" };
    let start = Start::of(workflow).tenant(tenant.clone()).by("ann");
    let mut done = engine.start(start.subject("order", n)).await?;
    acknowledge(&done);
    while let Some(task) = done.opened.first().copied() {
        let call = match workflow {
            "work" => Call::complete(task),
            _ => Call::approve(task),
        };
        done = engine.call(by_max(call, tenant, task)).await?;
        acknowledge(&done);
    }
    Ok(())
}

fn by_max(call: Call, tenant: &TenantId, task: TaskId) -> Call {
    call.tenant(tenant.clone())
        .by("max")
        .comment(task.to_string())
}

fn acknowledge(done: &Done) {
    say(&format!("did {} {}", done.id(), done.instance.version()));
}

fn say(line: &str) {
    // Nobody listens any more when the killer is gone.
    let _told = writeln!(std::io::stdout().lock(), "{line}");
}

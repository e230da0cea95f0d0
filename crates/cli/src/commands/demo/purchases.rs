//! The four purchase requests of the sample's scenarios, as they have gone in the last days.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use signoff::{Builder, Call, Done, Engine, Start, TaskId, VirtualClock};

use super::has_run;
use crate::exit::Failure;

/// Title, amount, how many hours ago it began, and what happened then: an hour apart.
type Row = (&'static str, u32, i64, &'static [Step]);

struct Step {
    by: &'static str,
    act: Act,
}

enum Act {
    Approve(&'static str),
    Delegate(&'static str, &'static str),
    Reject(&'static str),
    SendBack(&'static str, &'static str),
}

const fn approve(by: &'static str, form: &'static str) -> Step {
    Step {
        by,
        act: Act::Approve(form),
    }
}

const REVIEW: &str = r#"{"reviewer_comment": "within budget", "budget_code": "BDG-2026-001"}"#;
const REVIEW_AR: &str = r#"{"reviewer_comment": "ضمن الميزانية", "budget_code": "BDG-2026-002"}"#;

/// The last is left to the clock: nobody answers, so it escalates.
const PURCHASES: &[Row] = &[
    (
        "Chairs",
        1_200,
        LONGEST,
        &[
            approve("rita", REVIEW),
            approve("eve", ""),
            approve("cfo", r#"{"finance_ref": "FIN-2026-PR-1"}"#),
        ],
    ),
    (
        "مطبعة رقمية",
        90_000,
        70,
        &[
            approve("rita", REVIEW_AR),
            approve("bob", ""),
            approve("cfo", r#"{"finance_ref": "FIN-2026-PR-2"}"#),
            approve("yan", ""),
            Step {
                by: "xia",
                act: Act::Reject("ليس هذا العام"),
            },
        ],
    ),
    (
        "Desk",
        2_000,
        10,
        &[
            approve("rita", REVIEW),
            Step {
                by: "bob",
                act: Act::SendBack("initial_review", "cost breakdown missing"),
            },
            Step {
                by: "rita",
                act: Act::Delegate("bob", "on leave"),
            },
            approve("bob", REVIEW),
        ],
    ),
    ("طاولة اجتماعات", 2_000, 80, &[]),
];

const WORKFLOW: &str = "purchase_request";

/// How many hours ago the first began.
const LONGEST: i64 = 4 * 24;

/// Starts the requests on a clock of their own, which ends at `now`; unless there has ever been one.
pub(super) async fn begin(engine: Builder, now: Timestamp) -> Result<(), Failure> {
    let ago = |hours| now.checked_sub(SignedDuration::from_hours(hours));
    let clock = Arc::new(VirtualClock::at(ago(LONGEST).unwrap_or(now)));
    let engine = engine.clock(clock.clone()).build()?;
    if has_run(&engine, WORKFLOW).await? {
        return Ok(());
    }
    let mut running: Vec<Option<Done>> = vec![None; PURCHASES.len()];
    for hours in (0..=LONGEST).rev() {
        until(&engine, &clock, ago(hours).unwrap_or(now)).await?;
        for (number, (row, done)) in (1..).zip(PURCHASES.iter().zip(&mut running)) {
            if let Ok(passed) = usize::try_from(row.2 - hours) {
                *done = Some(go_on(&engine, number, row, passed, done.take()).await?);
            }
        }
    }
    Ok(())
}

/// What happens with a request so many hours after it began.
async fn go_on(
    engine: &Engine,
    number: u32,
    (title, amount, _, steps): &Row,
    passed: usize,
    before: Option<Done>,
) -> Result<Done, Failure> {
    let Some(before) = before else {
        let data = json!({"title": title, "amount": amount});
        let start = Start::of(WORKFLOW).by("ann").data(&data)?;
        let start = start.subject(WORKFLOW, format!("PR-{number}"));
        return Ok(engine.start(start).await?);
    };
    match passed.checked_sub(1).and_then(|place| steps.get(place)) {
        Some(step) => Ok(engine.call(call(step, &before)?).await?),
        None => Ok(before),
    }
}

/// Lets time pass, and does everything that is due on its moment.
async fn until(engine: &Engine, clock: &VirtualClock, end: Timestamp) -> Result<(), Failure> {
    while let Some(due) = engine.next_due().await?.filter(|due| *due <= end) {
        clock.set(due);
        engine.tick().await?;
    }
    clock.set(end);
    Ok(())
}

fn call(step: &Step, done: &Done) -> Result<Call, Failure> {
    let task = task_of(step.by, done)?;
    let call = match step.act {
        Act::Approve("") => Call::approve(task),
        Act::Approve(form) => Call::approve(task).form(parsed(form)?),
        Act::Delegate(to, reason) => Call::delegate(task).to(to).reason(reason),
        Act::Reject(reason) => Call::reject(task).reason(reason),
        Act::SendBack(to, reason) => Call::resubmit(task).to(to).reason(reason),
    };
    Ok(call.by(step.by))
}

/// The open task that somebody has, else one that is offered.
fn task_of(by: &str, done: &Done) -> Result<TaskId, Failure> {
    let has = |task: &&signoff::core::instance::Task| {
        let assignee = task.assignee.as_ref();
        assignee.is_some_and(|assignee| assignee.as_str() == by)
    };
    let mut tasks = done.instance.tasks();
    let found = tasks.find(has).or_else(|| done.instance.tasks().next());
    found.map(|task| task.id).ok_or_else(|| {
        let message = format!("`{by}` has nothing to do in {}", done.id());
        Failure::failed("demo_failed", message)
    })
}

fn parsed(form: &str) -> Result<Value, Failure> {
    serde_json::from_str(form).map_err(|error| Failure::failed("demo_failed", error.to_string()))
}

#[cfg(test)]
mod tests {
    use signoff::{
        Format, MemoryDirectory, TenantId, actions::mail::Address, actions::mail::FolderMailer,
        store::MemoryStore,
    };

    use super::*;
    use crate::commands::demo::{
        people,
        samples::{Host, SAMPLES},
    };

    #[tokio::test]
    async fn the_four_requests_of_the_scenarios_have_gone_as_far_as_they_say() {
        let folder = tempfile::tempdir().unwrap();
        let mailbox = FolderMailer::new(folder.path(), &Address::new("signoff@example.com"));
        let mailbox = mailbox.unwrap();
        let host = Host::new(mailbox.clone(), "http://demo.test").unwrap();
        let store = MemoryStore::new();
        let builder = || {
            let engine = Engine::builder()
                .store(store.clone())
                .directory(MemoryDirectory::new(people::everybody()))
                .mailer(mailbox.clone());
            host.serves(engine)
        };
        let engine = builder().build().unwrap();
        let tenant = TenantId::default();
        let source = [(SAMPLES[0], Format::Yaml)];
        engine.publish(&tenant, &source).await.unwrap();
        for _ in 0..2 {
            begin(builder(), "2026-01-09T09:00:00Z".parse().unwrap())
                .await
                .unwrap();
        }
        let found = engine
            .store()
            .instances(&tenant, &Default::default(), &Default::default())
            .await;
        let mut stand = Vec::new();
        for row in found.unwrap().items {
            let view = engine.instance(&tenant, row.id).await.unwrap().unwrap();
            let tasks = view.instance.tasks();
            let at: Vec<_> = tasks
                .map(|task| {
                    let who = task.assignee.as_ref().map_or("?", |who| who.as_str());
                    format!("{} {who}", task.node)
                })
                .collect();
            let subject = view.instance.subject().unwrap();
            stand.push(format!("{} {} {}", subject.id, row.status, at.join(", ")));
        }
        stand.sort();
        assert_eq!(
            stand,
            [
                "PR-1 completed ",
                "PR-2 rejected ",
                "PR-3 running budget_approval ?",
                "PR-4 running initial_review max",
            ]
        );
        let mails = mailbox.list().await.unwrap();
        assert!(mails.iter().any(|mail| mail.template == "overdue"));
    }
}

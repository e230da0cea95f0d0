//! What is tried while the store fails: a few commands of each kind that write.

use std::pin::Pin;

use jiff::SignedDuration;
use serde_json::{Map, json};
use signoff::{
    Binding, Call, Content, Format, Message, Migration, NotDone, Retry, Signal, Start, Upload,
    store::{IncidentFilter, PageRequest, WorkflowChange, WorkflowStatus},
};

use super::stage::{Stage, failed};

type Act = for<'a> fn(&'a Stage) -> Pin<Box<dyn Future<Output = Result<(), NotDone>> + Send + 'a>>;

/// How much a command writes at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Writes {
    /// Step by step: each step is whole, and given again it does the rest.
    ByStep,
    /// All at once.
    Whole,
}

/// A command that is tried.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    pub(super) name: &'static str,
    pub(super) writes: Writes,
    pub(super) definitions: &'static [&'static str],
    /// What is there before it.
    pub(super) prepare: Act,
    pub(super) act: Act,
}

const LEAVE: &str = "
format: signoff/v1
kind: approval
key: leave
title: {en: Leave, ar: طلب إجازة}
managers: [user:max]
indexed: [amount]
data: {type: object, properties: {amount: {type: integer}, paper: {type: string}}}
defaults: {due: P1D, remind: [PT4H]}
approvals:
  - {user: max}
  - {role: lead, select: consensus}
";
const BUSY: &str = "
format: signoff/v1
kind: flow
key: busy
managers: [user:max]
nodes:
  start: {start: {}, next: fork}
  fork: {split: [work, listen, hear, delegate, sleep]}
  work: {task: {user: bob}, next: count}
  count: {function: count, into: counted, next: both}
  listen: {receive: {message: called, key: who}, next: both}
  hear: {signal: {catch: bell}, next: both}
  delegate: {subprocess: {workflow: small}, next: both}
  sleep: {timer: {after: PT1M}, next: both}
  both: {join: all, next: close}
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
const FAMILY: &str = "
format: signoff/v1
kind: flow
key: family
nodes:
  start: {start: {}, next: delegate}
  delegate: {subprocess: {workflow: small, for_each: each, as: one, mode: sequence, into: results}, next: close}
  close: {job: close, next: end}
  end: {end: {}}
";
const NAP: &str = "
format: signoff/v1
kind: flow
key: nap
nodes:
  start: {start: {}, next: sleep}
  sleep: {timer: {after: PT1M}, next: count}
  count: {function: count, next: end}
  end: {end: {}}
";
const BROKEN: &str = "
format: signoff/v1
kind: flow
key: broken
nodes:
  start: {start: {}, next: work}
  work: {job: broken, next: end}
  end: {end: {}}
";
const HOURLY: &str = "
format: signoff/v1
kind: flow
key: hourly
nodes:
  start: {start: {every: PT1H}, next: walk}
  walk: {task: {user: bob}, next: end}
  end: {end: {}}
";
const CLAIM: &str = include_str!("../../../examples/claim.yaml");

macro_rules! act {
    ($stage:ident => $body:expr) => {
        |$stage: &Stage| Box::pin(async move { $body })
    };
}

const TICK: Act = act!(stage => stage.engine.tick().await.map(|_| ()).map_err(failed));

const NOTHING: Act = act!(_stage => Ok(()));

fn leave(stage: &Stage) -> Start {
    let data = json!({"amount": 3});
    let start = Start::of("leave").tenant(stage.tenant.clone());
    start
        .subject("order", "طلب 17")
        .data(&data)
        .unwrap()
        .by("ann")
}

fn text(source: String) -> Content {
    let format = Format::Yaml;
    Content::Text { source, format }
}

const LEAVE_STARTED: Act = act!(stage => stage.eyes.start(leave(stage)).await.map(|_| ()));

const LEAVE_HALF: Act = act!(stage => {
    stage.eyes.start(leave(stage)).await?;
    let task = stage.task("leave").await;
    let call = Call::approve(task).tenant(stage.tenant.clone()).by("max");
    stage.eyes.call(call).await.map(|_| ())
});

const BUSY_STARTED: Act = act!(stage => {
    let start = Start::of("busy").tenant(stage.tenant.clone()).by("ann");
    stage.eyes.start(start.data(&json!({"who": "ann"}))?).await.map(|_| ())
});

/// All but its task and its message is done.
const BUSY_NEARLY: Act = act!(stage => {
    BUSY_STARTED(stage).await?;
    stage.eyes.tick().await.map_err(failed)?;
    stage.pass(SignedDuration::from_mins(1));
    stage.eyes.tick().await.map_err(failed)?;
    stage.eyes.signal(Signal::new("bell").tenant(stage.tenant.clone())).await?;
    Ok(())
});

const BROKEN_PARKED: Act = act!(stage => {
    let start = Start::of("broken").tenant(stage.tenant.clone());
    stage.eyes.start(start).await?;
    Ok(())
});

macro_rules! call {
    ($stage:ident, $node:literal, |$task:ident| $call:expr) => {
        act!($stage => {
            let $task = $stage.task($node).await;
            $stage.engine.call($call.tenant($stage.tenant.clone())).await.map(|_| ())
        })
    };
}

macro_rules! of_instance {
    ($stage:ident, |$id:ident| $call:expr) => {
        act!($stage => {
            let $id = $stage.instance().await;
            $stage.engine.call($call.tenant($stage.tenant.clone())).await.map(|_| ())
        })
    };
}

const fn scene(
    name: &'static str,
    definitions: &'static [&'static str],
    prepare: Act,
    act: Act,
) -> Scene {
    Scene {
        name,
        writes: Writes::Whole,
        definitions,
        prepare,
        act,
    }
}

const fn by_step(scene: Scene) -> Scene {
    Scene {
        writes: Writes::ByStep,
        ..scene
    }
}

pub(super) const SCENES: &[Scene] = &[
    scene(
        "start",
        &[LEAVE],
        NOTHING,
        act!(stage => {
            stage.engine.start(leave(stage)).await.map(|_| ())
        }),
    ),
    scene(
        "start a flow",
        &[SMALL, BUSY],
        NOTHING,
        act!(stage => {
            let start = Start::of("busy").tenant(stage.tenant.clone()).by("ann");
            let start = start.data(&json!({"who": "ann"}))?;
            stage.engine.start(start).await.map(|_| ())
        }),
    ),
    scene(
        "approve",
        &[LEAVE],
        LEAVE_STARTED,
        call!(stage, "leave", |task| {
            Call::approve(task).by("max").comment("نعم")
        }),
    ),
    scene(
        "reject",
        &[LEAVE],
        LEAVE_HALF,
        call!(stage, "leave", |task| { Call::reject(task).reason("no") }),
    ),
    scene(
        "delegate",
        &[LEAVE],
        LEAVE_STARTED,
        call!(stage, "leave", |task| {
            Call::delegate(task).by("max").to("bob").reason("away")
        }),
    ),
    scene(
        "resubmit",
        &[LEAVE],
        LEAVE_STARTED,
        call!(stage, "leave", |task| {
            Call::resubmit(task).by("max").reason("again")
        }),
    ),
    scene(
        "set data",
        &[LEAVE],
        LEAVE_HALF,
        of_instance!(stage, |id| {
            Call::set_data(id, Map::from_iter([("amount".to_owned(), json!(9))]))
        }),
    ),
    scene(
        "hold",
        &[LEAVE],
        LEAVE_STARTED,
        of_instance!(stage, |id| Call::hold(id).reason("wait")),
    ),
    scene(
        "cancel",
        &[SMALL, BUSY],
        BUSY_NEARLY,
        of_instance!(stage, |id| { Call::cancel(id).reason("no").force() }),
    ),
    scene(
        "set a status",
        &[CLAIM],
        act!(stage => {
            let data = json!({"claim": {"amount": 1, "is_high_risk": false}});
            let start = Start::of("claim").tenant(stage.tenant.clone()).subject("claim", 1).by("ann");
            stage.eyes.start(start.data(&data)?).await.map(|_| ())
        }),
        act!(stage => {
            let id = stage.instance().await;
            let view = stage.eyes.instance(&stage.tenant, id).await.map_err(failed)?.unwrap();
            let task = view.instance.tasks().next().unwrap().id;
            let call = Call::set_status(task, "complete").tenant(stage.tenant.clone());
            stage.engine.call(call).await.map(|_| ())
        }),
    ),
    scene(
        "a function in a transaction",
        &[SMALL, BUSY],
        BUSY_STARTED,
        call!(stage, "work", |task| Call::complete(task).by("bob")),
    ),
    scene(
        "skip into a function",
        &[SMALL, BUSY],
        BUSY_NEARLY,
        of_instance!(stage, |id| {
            Call::skip(id, signoff::core::command::Place::Node("work".into())).reason("why")
        }),
    ),
    scene(
        "several instances in a transaction of the host",
        &[SMALL, BUSY, LEAVE],
        LEAVE_STARTED,
        act!(stage => {
            let task = stage.task("leave").await;
            let mut tx = stage.store.begin(&stage.tenant).await?;
            let mut within = stage.engine.within(&mut *tx);
            let tenant = || stage.tenant.clone();
            within.start(Start::of("busy").tenant(tenant()).data(&json!({"who": "1"}))?).await?;
            within.call(Call::approve(task).tenant(tenant()).by("max")).await?;
            within.start(Start::of("leave").tenant(tenant()).subject("order", 18).by("eve")).await?;
            Ok(tx.finish().await?)
        }),
    ),
    scene(
        "a dry run and the call itself",
        &[LEAVE],
        LEAVE_STARTED,
        act!(stage => {
            let task = stage.task("leave").await;
            let call = Call::approve(task).tenant(stage.tenant.clone()).by("max");
            stage.engine.dry_run(call.clone()).await?;
            stage.engine.call(call).await.map(|_| ())
        }),
    ),
    scene(
        "publish several",
        &[LEAVE],
        NOTHING,
        act!(stage => {
            let changed = LEAVE.replace("PT4H", "PT8H");
            let sources = [&changed, SMALL, BUSY, HOURLY].map(|text| (text, Format::Yaml));
            stage.engine.publish(&stage.tenant, &sources).await.map_err(failed)?;
            Ok(())
        }),
    ),
    scene(
        "publish a draft",
        &[HOURLY],
        act!(stage => {
            let content = text(LEAVE.to_owned());
            let workflows = stage.eyes.workflows(&stage.tenant);
            workflows.write(&"leave".into(), None, content, None).await.map(|_| ())
        }),
        act!(stage => {
            let workflows = stage.engine.workflows(&stage.tenant);
            workflows.publish(&"leave".into(), 1).await.map(|_| ())
        }),
    ),
    scene(
        "write a draft",
        &[LEAVE],
        NOTHING,
        act!(stage => {
            let content = text(LEAVE.replace("PT4H", "PT9H"));
            let workflows = stage.engine.workflows(&stage.tenant);
            workflows.write(&"leave".into(), None, content, None).await.map(|_| ())
        }),
    ),
    scene(
        "copy a workflow",
        &[LEAVE],
        NOTHING,
        act!(stage => {
            let workflows = stage.engine.workflows(&stage.tenant);
            workflows.copy(&"leave".into(), None, &"rest".into(), None).await.map(|_| ())
        }),
    ),
    scene(
        "retire a workflow",
        &[LEAVE],
        LEAVE_STARTED,
        act!(stage => {
            let change = WorkflowChange {
                status: Some(WorkflowStatus::Inactive),
                ..WorkflowChange::default()
            };
            let workflows = stage.engine.workflows(&stage.tenant);
            workflows.change(&"leave".into(), &change).await.map(|_| ())
        }),
    ),
    scene(
        "delete a workflow",
        &[LEAVE, SMALL],
        NOTHING,
        act!(stage => {
            stage.engine.workflows(&stage.tenant).delete(&"leave".into()).await
        }),
    ),
    scene(
        "bind",
        &[LEAVE],
        NOTHING,
        act!(stage => {
            let binding = Binding::new().workflow("leave").default_workflow("leave");
            stage.engine.bind(&stage.tenant, "order", &binding, Some(&"max".into())).await
        }),
    ),
    scene(
        "upload",
        &[LEAVE],
        LEAVE_STARTED,
        act!(stage => {
            let upload = Upload::new("ورقة.txt", b"paper".to_vec()).tenant(stage.tenant.clone());
            let upload = upload.by("ann").to_instance(stage.instance().await);
            stage.engine.upload(upload).await.map(|_| ())
        }),
    ),
    by_step(scene(
        "start with a file",
        &[LEAVE],
        act!(stage => {
            let upload = Upload::new("p.txt", b"paper".to_vec()).tenant(stage.tenant.clone());
            let row = stage.eyes.upload(upload.by("ann")).await?;
            let binding = Binding::new().status_field(row.id.reference(), None);
            stage.eyes.bind(&stage.tenant, "paper", &binding, None).await
        }),
        act!(stage => {
            let paper = stage.eyes.binding(&stage.tenant, "paper").await.map_err(failed)?;
            let data = json!({"paper": paper.status_field});
            let start = Start::of("leave").tenant(stage.tenant.clone()).subject("order", 1).by("ann");
            stage.engine.start(start.data(&data)?).await.map(|_| ())
        }),
    )),
    by_step(scene(
        "send a message",
        &[SMALL, BUSY],
        BUSY_NEARLY,
        act!(stage => {
            let message = Message::new("called").tenant(stage.tenant.clone()).key("ann").id("m1");
            stage.engine.send(message.payload("مرحبا")?).await.map(|_| ())
        }),
    )),
    by_step(scene(
        "throw a signal",
        &[SMALL, BUSY],
        act!(stage => {
            BUSY_STARTED(stage).await?;
            BUSY_STARTED(stage).await
        }),
        act!(stage => {
            let signal = Signal::new("bell").tenant(stage.tenant.clone());
            stage.engine.signal(signal).await.map(|_| ())
        }),
    )),
    by_step(scene(
        "a worker with children",
        &[SMALL, FAMILY],
        act!(stage => {
            let start = Start::of("family").tenant(stage.tenant.clone());
            stage.eyes.start(start.data(&json!({"each": [1, 2]}))?).await.map(|_| ())
        }),
        TICK,
    )),
    by_step(scene(
        "a worker with a timer",
        &[NAP],
        act!(stage => {
            stage.eyes.start(Start::of("nap").tenant(stage.tenant.clone())).await?;
            stage.pass(SignedDuration::from_mins(1));
            Ok(())
        }),
        TICK,
    )),
    by_step(scene("a worker with mail", &[LEAVE], LEAVE_HALF, TICK)),
    by_step(scene("a worker with a schedule", &[HOURLY], NOTHING, TICK)),
    by_step(scene(
        "a worker whose job gives up",
        &[BROKEN],
        BROKEN_PARKED,
        TICK,
    )),
    scene(
        "retry what failed",
        &[BROKEN],
        act!(stage => {
            BROKEN_PARKED(stage).await?;
            stage.eyes.tick().await.map_err(failed)?;
            Ok(())
        }),
        act!(stage => {
            let (all, page) = (IncidentFilter::default(), PageRequest::default());
            let open = stage.eyes.store().incidents(&stage.tenant, &all, &page).await?;
            let retry = Retry::incident(open.items[0].id).tenant(stage.tenant.clone());
            stage.engine.retry(retry).await.map(|_| ())
        }),
    ),
    by_step(scene(
        "somebody leaves",
        &[LEAVE],
        act!(stage => {
            LEAVE_STARTED(stage).await?;
            let other = Start::of("leave").tenant(stage.tenant.clone()).subject("order", 2);
            stage.eyes.start(other.by("eve")).await.map(|_| ())
        }),
        act!(stage => {
            let told = stage.engine.person_left(&stage.tenant, &"max".into(), None).await;
            told.map_err(failed)?.into_iter().try_for_each(|one| one.map(|_| ()))
        }),
    )),
    scene(
        "migrate",
        &[LEAVE],
        act!(stage => {
            LEAVE_STARTED(stage).await?;
            let changed = LEAVE.replace("PT4H", "PT8H");
            stage.eyes.publish(&stage.tenant, &[(&changed, Format::Yaml)]).await.map_err(failed)?;
            Ok(())
        }),
        of_instance!(stage, |id| Call::migrate(id, Migration::to_newest())),
    ),
];

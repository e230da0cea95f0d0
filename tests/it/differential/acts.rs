//! Random commands of random people.

use std::fmt::Debug;

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use signoff::{
    Binding, Call, Clock as _, Content, Engine, Format, InstanceId, Message, Migration, NodeKey,
    NotDone, Retry, Signal, Start, TaskId, TenantId, Upload, VirtualClock,
    core::{command::Place, id::IncidentId, instance::Instance},
    store::{
        IncidentFilter, InstanceFilter, InstanceSummary, PageRequest, TaskFilter, WorkflowChange,
        WorkflowStatus,
    },
};

use super::{PEOPLE, documents::Documents};

/// What somebody tries: numbers that mean something only where it is tried.
#[derive(Clone, Debug)]
pub(super) struct Act {
    verb: u8,
    tenant: bool,
    who: u8,
    pick: u16,
    other: u16,
}

pub(super) fn acts() -> impl Strategy<Value = Vec<Act>> {
    let one = (
        0..64_u8,
        any::<bool>(),
        0..12_u8,
        any::<u16>(),
        any::<u16>(),
    );
    let one = one.prop_map(|(verb, tenant, who, pick, other)| Act {
        verb,
        tenant,
        who,
        pick,
        other,
    });
    prop::collection::vec(one, 1..60)
}

/// What is tried, with the very ids.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    Bind(usize, Binding),
    Call(usize, Box<Call>),
    Change(usize, String, WorkflowStatus),
    Draft(usize, String, String),
    Leave(usize, &'static str),
    Pass(usize, SignedDuration),
    Publish(usize, String),
    Retry(usize, IncidentId),
    Send(usize, Message),
    Signal(usize, Signal),
    Start(usize, Box<Start>),
    Upload(usize, InstanceId),
}

/// What is published, and for whom.
pub(super) struct Script {
    texts: Vec<String>,
    tenants: [TenantId; 2],
}

fn pick<T: Clone>(items: &[T], at: u16) -> Option<T> {
    let at = usize::from(at).checked_rem(items.len())?;
    Some(items[at].clone())
}

fn shown<T: Debug>(result: Result<T, NotDone>) -> String {
    match result {
        Ok(done) => format!("{done:?}"),
        Err(NotDone::Refused(refusal)) => format!("refused: {refusal:?}"),
        Err(NotDone::Failed(error)) => format!("failed: {} {error}", error.code()),
    }
}

fn failed<T>(result: Result<T, signoff::Error>) -> Result<T, NotDone> {
    result.map_err(NotDone::Failed)
}

impl Script {
    pub(super) fn new(documents: &Documents, tenants: &[TenantId; 2]) -> Self {
        Self {
            texts: documents.texts(),
            tenants: tenants.clone(),
        }
    }

    /// First both tenants have everything.
    pub(super) fn publishing(&self) -> Vec<Deed> {
        let texts = self.texts.iter();
        let both = texts.flat_map(|text| [0, 1].map(|at| Deed::Publish(at, text.clone())));
        both.collect()
    }

    /// What an act means here and now.
    pub(super) async fn deed(&self, engines: &[Engine; 2], act: &Act) -> Deed {
        let at = usize::from(act.tenant);
        let (engine, tenant) = (&engines[at], &self.tenants[at]);
        let page = PageRequest {
            limit: 500,
            after: None,
        };
        let open = TaskFilter {
            open: Some(!act.other.is_multiple_of(16)),
            ..TaskFilter::default()
        };
        let tasks = engine
            .tasks_where(tenant, &open, &page)
            .await
            .unwrap()
            .items;
        let all = InstanceFilter::default();
        let rows = engine
            .store()
            .instances(tenant, &all, &page)
            .await
            .unwrap()
            .items;
        let row = pick(&rows, act.pick);
        let instance = match &row {
            Some(row) => engine.instance(tenant, row.id).await.unwrap(),
            None => None,
        };
        let task = pick(&tasks, act.pick).map(|found| found.task.id);
        let assignee = pick(&tasks, act.pick).and_then(|found| found.task.assignee);
        let who = match act.who {
            // Mostly somebody who may.
            0..=4 => assignee.map_or_else(|| "root".to_owned(), |person| person.to_string()),
            5 => "root".to_owned(),
            who => PEOPLE[usize::from(who) % PEOPLE.len()].to_owned(),
        };
        let deed = match (act.verb, task, row, instance) {
            (0..=9, ..) => return self.start(at, act, &who),
            (10..=17, ..) => return self.time(at, act),
            (18..=25, ..) => return self.beside(at, act, engine, &who).await,
            (26..=49, Some(task), ..) => of_task(act, task),
            (50.., _, Some(row), Some(view)) => of_instance(act, &row, &view.instance),
            _ => return self.start(at, act, &who),
        };
        let call = deed.tenant(tenant.clone());
        let call = if act.who == 11 { call } else { call.by(who) };
        Deed::Call(at, Box::new(call))
    }

    fn start(&self, at: usize, act: &Act, who: &str) -> Deed {
        let text = &self.texts[usize::from(act.pick) % self.texts.len()];
        let document = signoff::definition::parse(text, Format::Yaml);
        let value = document.map(|document| document.value).unwrap_or_default();
        let key = value["key"].as_str().unwrap_or("leave").to_owned();
        let data = match act.other % 5 {
            0 => json!({"amount": 1, "customer": "Acme", "go": 1}),
            1 => json!({"amount": 1.5, "customer": "شركة", "n": "b"}),
            2 => json!({"claim": {"amount": 20_000, "is_high_risk": true}, "n": "a"}),
            3 => json!({"amount": -2, "n": "c", "lines": []}),
            _ => json!({}),
        };
        let start = Start::of(key.as_str()).tenant(self.tenants[at].clone());
        let start = start.data(&data).unwrap();
        let start = match act.other / 5 % 4 {
            0 => start.subject("order", format!("طلب {}", act.other % 3)),
            1 => start.subject("car_1", 17),
            _ => start,
        };
        let start = match act.other / 32 % 8 {
            0 => start.follow_latest(),
            1 => start.later(),
            _ => start,
        };
        let start = if act.who == 11 { start } else { start.by(who) };
        Deed::Start(at, Box::new(start))
    }

    fn time(&self, at: usize, act: &Act) -> Deed {
        let time = match act.other % 6 {
            0 | 1 => SignedDuration::ZERO,
            2 => SignedDuration::from_mins(2),
            3 => SignedDuration::from_hours(i64::from(act.pick % 9)),
            4 => SignedDuration::from_hours(26),
            _ => SignedDuration::from_hours(24 * 8),
        };
        Deed::Pass(at, time)
    }

    async fn beside(&self, at: usize, act: &Act, engine: &Engine, who: &str) -> Deed {
        let tenant = self.tenants[at].clone();
        let workflow = engine.store().workflows(&tenant).await.unwrap();
        let workflow = pick(&workflow, act.pick).map(|row| row.key.to_string());
        let workflow = workflow.unwrap_or_else(|| "leave".to_owned());
        let text = self.texts[usize::from(act.pick) % self.texts.len()].clone();
        match act.other % 11 {
            0 => {
                let name = ["m", "scanned", "called"][usize::from(act.pick % 3)];
                let message = Message::new(name)
                    .tenant(tenant)
                    .id(format!("id {}", act.pick % 7));
                Deed::Send(at, message.key(["", "a", "طلب"][usize::from(act.pick % 3)]))
            }
            1 => {
                let signal = Signal::new(["s", "bell"][usize::from(act.pick % 2)]);
                Deed::Signal(at, signal.tenant(tenant))
            }
            2 => {
                let all = IncidentFilter::default();
                let page = PageRequest::default();
                let open = engine
                    .store()
                    .incidents(&tenant, &all, &page)
                    .await
                    .unwrap();
                match pick(&open.items, act.pick) {
                    Some(incident) => Deed::Retry(at, incident.id),
                    None => Deed::Pass(at, SignedDuration::ZERO),
                }
            }
            3 => Deed::Change(at, workflow, WorkflowStatus::Inactive),
            4 | 5 => Deed::Change(at, workflow, WorkflowStatus::Active),
            6 => Deed::Draft(at, workflow, text),
            7 => Deed::Leave(at, PEOPLE[usize::from(act.pick) % PEOPLE.len()]),
            8 => {
                let binding = Binding::new().workflow(workflow.as_str()).workflow("leave");
                Deed::Bind(at, binding)
            }
            9 => {
                let text = text.replace("PT4H", "PT5H").replace("PT10H", "PT3H");
                Deed::Publish(at, text)
            }
            _ => {
                let all = InstanceFilter::default();
                let page = PageRequest::default();
                let rows = engine.store().instances(&tenant, &all, &page);
                match pick(&rows.await.unwrap().items, act.pick) {
                    Some(row) => Deed::Upload(at, row.id),
                    None => self.start(at, act, who),
                }
            }
        }
    }
}

fn of_task(act: &Act, task: TaskId) -> Call {
    let to = PEOPLE[usize::from(act.other) % PEOPLE.len()];
    let reason = "السبب";
    match act.verb {
        26..=31 => Call::approve(task).comment("نعم"),
        32..=35 => match act.other % 3 {
            0 => Call::complete(task),
            1 => Call::complete(task).form(json!({"n": "a"})),
            _ => Call::complete(task).form(json!({"n": "b"})),
        },
        36..=38 => Call::set_status(
            task,
            ["done", "complete", "busy"][usize::from(act.other % 3)],
        )
        .context(Map::from_iter([("n".to_owned(), json!(act.pick % 7))])),
        39 => Call::reject(task).reason(reason),
        40 => Call::resubmit(task).reason(reason),
        41 => Call::return_to_requester(task).reason(reason),
        42 => Call::delegate(task).to(to).reason(reason),
        43 => match act.other % 2 {
            0 => Call::transfer(task).to(to).reason(reason),
            _ => Call::assign(task).to(to).reason(reason),
        },
        44 => Call::claim(task),
        45 => match act.other % 2 {
            0 => Call::release(task),
            _ => Call::escalate(task).reason(reason),
        },
        46 => match act.other % 2 {
            0 => Call::request_info(task).to(to).comment("?"),
            _ => Call::answer(task).comment("!"),
        },
        47 => match act.other % 3 {
            0 => Call::start_work(task),
            1 => Call::suspend(task),
            _ => Call::resume_task(task),
        },
        48 => match act.other % 3 {
            0 => Call::unsnooze(task),
            1 => Call::snooze(
                task,
                jiff::Timestamp::from_second(i64::from(act.pick) * 10).unwrap(),
            ),
            _ => Call::save_draft(task).form(json!({"n": "x"})),
        },
        _ => match act.other % 3 {
            0 => Call::comment_task(task).comment("تعليق"),
            1 => Call::add_approver(task).to(to),
            _ => Call::remove_approver(task),
        },
    }
}

fn of_instance(act: &Act, row: &InstanceSummary, instance: &Instance) -> Call {
    let live: Vec<NodeKey> = instance
        .activations()
        .map(|found| found.node.clone())
        .collect();
    let ever: Vec<NodeKey> = instance.results().keys().cloned().collect();
    let place = |nodes: &[NodeKey]| {
        let node = pick(nodes, act.other).unwrap_or_else(|| "nowhere".into());
        Place::Node(node)
    };
    let (id, reason) = (row.id, "السبب");
    match act.verb {
        50 => Call::hold(id).reason(reason),
        51 | 52 => Call::resume(id),
        53 => Call::set_data(
            id,
            Map::from_iter([
                ("go".to_owned(), json!(act.other % 3)),
                (
                    "customer".to_owned(),
                    Value::from(["Acme", "شركة"][usize::from(act.pick % 2)]),
                ),
            ]),
        ),
        54 => Call::skip(id, place(&live)).reason(reason),
        55 => Call::undo(id, place(&ever)),
        56 => Call::retry(id, place(&live)),
        57 => Call::revive(id, place(&ever)),
        58 => Call::cancel_task(id, place(&live)).reason(reason),
        59 => Call::jump(id, place(&live))
            .to(pick(&ever, act.pick)
                .unwrap_or_else(|| "x".into())
                .to_string())
            .reason(reason),
        60 => match act.other % 4 {
            0 => Call::cancel(id).reason(reason),
            1 => Call::cancel(id).reason(reason).force(),
            2 => Call::withdraw(id).reason(reason),
            _ => Call::begin(id),
        },
        61 => Call::set_metadata(id, Map::from_iter([("k".to_owned(), json!("v"))])),
        62 => Call::migrate(id, Migration::to_newest()),
        _ => match act.other % 2 {
            0 => Call::comment_instance(id).comment("تعليق"),
            _ => Call::receive(id, place(&live)),
        },
    }
}

impl Deed {
    /// Does it, and tells how it was answered.
    pub(super) async fn tell(
        &self,
        engines: &[Engine; 2],
        tenants: &[TenantId; 2],
        clock: &VirtualClock,
    ) -> String {
        let tenant = |at: usize| tenants[at].clone();
        match self {
            Self::Bind(at, binding) => shown(
                engines[*at]
                    .bind(&tenant(*at), "order", binding, None)
                    .await,
            ),
            Self::Call(at, call) => shown(engines[*at].call(Call::clone(call)).await),
            Self::Change(at, key, status) => {
                let change = WorkflowChange {
                    status: Some(*status),
                    ..WorkflowChange::default()
                };
                let workflows = engines[*at].workflows(&tenant(*at));
                shown(workflows.change(&key.as_str().into(), &change).await)
            }
            Self::Draft(at, key, text) => {
                let content = Content::Text {
                    source: text.clone(),
                    format: Format::Yaml,
                };
                let workflows = engines[*at].workflows(&tenant(*at));
                let key = key.as_str().into();
                let written = workflows.write(&key, None, content, None).await;
                let revision = written.as_ref().map_or(0, |draft| draft.revision);
                let published = workflows.publish(&key, revision).await;
                format!("{}\n{}", shown(written), shown(published))
            }
            Self::Leave(at, person) => {
                let told = engines[*at]
                    .person_left(&tenant(*at), &(*person).into(), None)
                    .await;
                let told = failed(told).map(|all| all.into_iter().map(shown).collect::<Vec<_>>());
                shown(told)
            }
            Self::Pass(at, time) => {
                clock.set(clock.now() + *time);
                let due = shown(failed(engines[*at].next_due().await));
                format!("{due}\n{}", shown(failed(engines[*at].tick().await)))
            }
            Self::Publish(at, text) => {
                let source = (text.as_str(), Format::Yaml);
                shown(failed(engines[*at].publish(&tenant(*at), &[source]).await))
            }
            Self::Retry(at, incident) => {
                let retry = Retry::incident(*incident).tenant(tenant(*at));
                shown(engines[*at].retry(retry).await)
            }
            Self::Send(at, message) => shown(engines[*at].send(message.clone()).await),
            Self::Signal(at, signal) => shown(engines[*at].signal(signal.clone()).await),
            Self::Start(at, start) => shown(engines[*at].start(Start::clone(start)).await),
            Self::Upload(at, instance) => {
                let upload = Upload::new("ورقة.txt", b"\0paper".to_vec());
                let upload = upload.tenant(tenant(*at)).to_instance(*instance);
                shown(engines[*at].upload(upload).await)
            }
        }
    }
}

//! `signoff instance list` and `signoff task list`: what a store holds, narrowed as over REST.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use signoff::{
    TenantId,
    core::id::Subject,
    store::{
        Choice, Cursor, InstanceFilter, InstanceSummary, PageRequest, Period, Store, TaskFilter,
        TaskSummary, Whose,
    },
};

use crate::{
    args::{Instance, InstanceList, Kept, Output, Task, TaskList},
    exit::{Exit, Failure},
    store,
};

/// So many are read at once.
const PAGE: u32 = 500;

pub(crate) async fn instance(args: Instance) -> Result<Exit, Failure> {
    match args {
        Instance::List(args) => instances(args).await,
    }
}

pub(crate) async fn task(args: Task) -> Result<Exit, Failure> {
    match args {
        Task::List(args) => tasks(args).await,
    }
}

/// The latest started first.
async fn instances(args: InstanceList) -> Result<Exit, Failure> {
    let filter = InstanceFilter {
        status: choice(args.status),
        workflow: choice(args.workflow),
        subject: args.subject.as_deref().map(subject).transpose()?,
        subject_type: args.subject_type,
        requester: args.requester.map(Into::into),
        business_key: args.business_key,
        search: args.search.filter(|part| !part.is_empty()),
        started: period(args.started_from, args.started_before),
        ended: period(args.ended_from, args.ended_before),
        incidents: args.incidents,
        ..InstanceFilter::default()
    };
    let mut list = List::open(&args.kept, args.limit).await?;
    let (store, tenant) = (Arc::clone(&list.store), list.tenant.clone());
    while let Some(page) = list.next_page() {
        let found = store.instances(&tenant, &filter, &page).await;
        let found = found.map_err(signoff::Error::from)?;
        for row in &found.items {
            list.tell(|| instance_line(row), || instance_json(row));
        }
        list.went_to(found.next);
    }
    let total = match args.total {
        true => Some(store.count_instances(&tenant, &filter).await),
        false => None,
    };
    Ok(list.end(total.transpose().map_err(signoff::Error::from)?))
}

/// Open ones, the earliest opened first; else those that were decided or closed, the latest first.
async fn tasks(args: TaskList) -> Result<Exit, Failure> {
    let (whose, open) = match (args.assignee, args.decided_by) {
        (_, Some(person)) => (Whose::DoneBy(person.into()), None),
        (Some(person), None) => (Whose::HeldBy(person.into()), Some(true)),
        (None, None) => (Whose::All, Some(!args.closed)),
    };
    let filter = TaskFilter {
        whose,
        open,
        workflow: choice(args.workflow),
        node: args.node,
        business_key: args.business_key,
        requester: args.requester.map(Into::into),
        subject_type: args.subject_type,
        outcome: args.outcome,
        due: period(args.due_from, args.due_before),
        search: args.search.filter(|part| !part.is_empty()),
        ..TaskFilter::default()
    };
    let mut list = List::open(&args.kept, args.limit).await?;
    let (store, tenant) = (Arc::clone(&list.store), list.tenant.clone());
    while let Some(page) = list.next_page() {
        let found = store.tasks(&tenant, &filter, &page).await;
        let found = found.map_err(signoff::Error::from)?;
        for row in &found.items {
            list.tell(|| task_line(row), || task_json(row));
        }
        list.went_to(found.next);
    }
    let total = match args.total {
        true => Some(store.count_tasks(&tenant, &filter).await),
        false => None,
    };
    Ok(list.end(total.transpose().map_err(signoff::Error::from)?))
}

/// A list that is told part by part.
struct List {
    store: Arc<dyn Store>,
    tenant: TenantId,
    output: Output,
    /// How many may still be told.
    left: u32,
    after: Option<Cursor>,
    is_over: bool,
    items: Vec<Value>,
}

impl List {
    async fn open(kept: &Kept, limit: Option<u32>) -> Result<Self, Failure> {
        Ok(Self {
            store: store::open_known(&kept.store, kept.backend).await?,
            tenant: TenantId::from(kept.tenant.as_str()),
            output: kept.output,
            left: limit.unwrap_or(u32::MAX),
            after: None,
            is_over: false,
            items: Vec::new(),
        })
    }

    fn next_page(&mut self) -> Option<PageRequest> {
        let limit = self.left.min(PAGE);
        (!self.is_over && limit > 0).then(|| PageRequest {
            limit,
            after: self.after.take(),
        })
    }

    fn went_to(&mut self, next: Option<Cursor>) {
        self.is_over = next.is_none();
        self.after = next;
    }

    fn tell(&mut self, line: impl FnOnce() -> String, json: impl FnOnce() -> Value) {
        self.left = self.left.saturating_sub(1);
        match self.output {
            Output::Json => self.items.push(json()),
            Output::Text => outln!("{}", line()),
        }
    }

    fn end(self, total: Option<u64>) -> Exit {
        match (self.output, total) {
            (Output::Json, Some(total)) => {
                outln!("{}", json!({"items": self.items, "total": total}))
            }
            (Output::Json, None) => outln!("{}", json!({"items": self.items})),
            (Output::Text, Some(total)) => outln!("{total} in all"),
            (Output::Text, None) => {}
        }
        Exit::Ok
    }
}

fn choice(words: Vec<String>) -> Choice {
    match words.is_empty() {
        true => Choice::Any,
        false => Choice::OneOf(words),
    }
}

const fn period(from: Option<Timestamp>, before: Option<Timestamp>) -> Period {
    Period { from, before }
}

fn subject(text: &str) -> Result<Subject, Failure> {
    let (kind, id) = text.split_once('/').ok_or_else(|| {
        let shown: String = text.chars().take(80).collect();
        let message = format!("expected a subject as TYPE/ID, found `{shown}`");
        Failure::failed("malformed_request", message).exit(Exit::Usage)
    })?;
    Ok(Subject {
        kind: kind.to_owned(),
        id: id.to_owned(),
    })
}

/// The title in one language; as it is stored where it is no text.
fn title(stored: &str) -> String {
    match serde_json::from_str(stored) {
        Ok(Value::String(text)) => text,
        Ok(Value::Object(texts)) => {
            let first = texts.get("en").or_else(|| texts.values().next());
            let text = first.and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        }
        _ => stored.to_owned(),
    }
}

/// The title as a value.
fn title_json(stored: &str) -> Value {
    serde_json::from_str(stored).unwrap_or_else(|_| Value::from(stored))
}

fn instance_line(row: &InstanceSummary) -> String {
    format!(
        "{}  {}  {}  {}  {}  {}",
        row.id,
        row.started_at,
        row.workflow,
        row.status,
        row.business_key.as_deref().unwrap_or("-"),
        title(&row.title)
    )
}

fn instance_json(row: &InstanceSummary) -> Value {
    let subject = row.subject_type.as_ref().zip(row.subject_id.as_ref());
    json!({
        "id": row.id,
        "workflow": row.workflow,
        "workflow_version": row.definition,
        "title": title_json(&row.title),
        "status": row.status,
        "business_key": row.business_key,
        "subject": subject.map(|(kind, id)| json!({"type": kind, "id": id})),
        "requester": row.requester,
        "parent": row.parent,
        "started_at": row.started_at.to_string(),
        "changed_at": row.changed_at.to_string(),
        "ended_at": row.ended_at.map(|at| at.to_string()),
    })
}

fn task_line(row: &TaskSummary) -> String {
    let task = &row.task;
    format!(
        "{}  {}  {}  {}  {}  {}  {}",
        task.id,
        task.closed_at.unwrap_or(task.opened_at),
        row.workflow,
        task.node,
        task.state,
        task.assignee.as_ref().map_or("-", |person| person.as_str()),
        title(&row.title)
    )
}

fn task_json(row: &TaskSummary) -> Value {
    let task = &row.task;
    let candidates = task.candidates.iter().map(ToString::to_string);
    json!({
        "id": task.id,
        "instance": task.instance,
        "workflow": row.workflow,
        "workflow_version": row.definition,
        "title": title_json(&row.title),
        "business_key": row.business_key,
        "subject": row.subject.as_ref().map(|of| json!({"type": of.kind, "id": of.id})),
        "requester": row.requester,
        "node": task.node,
        "number": task.number,
        "state": task.state,
        "assignee": task.assignee,
        "candidates": candidates.collect::<Vec<_>>(),
        "opened_at": task.opened_at.to_string(),
        "due_at": task.due_at.map(|at| at.to_string()),
        "closed_at": task.closed_at.map(|at| at.to_string()),
        "closed_by": task.closed_by,
        "outcome": task.outcome,
    })
}

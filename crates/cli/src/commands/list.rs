//! `signoff instance list` and `signoff task list`: what a store holds, narrowed as over REST.

use jiff::Timestamp;
use serde_json::{Value, json};
use signoff::{
    core::{id::Subject, problem::shown},
    lists::{Asked, Found, INSTANCE_FIELDS, Part, TASK_FIELDS},
    store::{Cursor, InstanceSummary, PageRequest, TaskSummary, Whose},
};

use crate::{
    args::{Instance, InstanceList, ListPart, Output, Task, TaskList},
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

async fn instances(args: InstanceList) -> Result<Exit, Failure> {
    let mut pairs = conditions(&args.asked.conditions)?;
    push_list(&mut pairs, "status", &args.status);
    push_list(&mut pairs, "workflow", &args.workflow);
    if let Some(of) = &args.subject {
        let subject = subject(of)?;
        push(&mut pairs, "subject_type", Some(subject.kind));
        push(&mut pairs, "subject_id", Some(subject.id));
    }
    push(&mut pairs, "subject_type", args.subject_type);
    push(&mut pairs, "business_key", args.business_key);
    push(&mut pairs, "requester", args.requester);
    push(&mut pairs, "search", args.search);
    push(&mut pairs, "started_at[gte]", args.started_from);
    push(&mut pairs, "started_at[lt]", args.started_before);
    push(&mut pairs, "ended_at[gte]", args.ended_from);
    push(&mut pairs, "ended_at[lt]", args.ended_before);
    push(&mut pairs, "incidents[exists]", args.incidents);
    let asked = Asked::of_conditions(pairs, &[INSTANCE_FIELDS])?;
    let filter = asked.sorted_by(args.asked.sort).instances()?;
    let (engine, tenant) = store::tool(&args.kept).await?;
    let read = async |part: Part| engine.find_instances(&tenant, &filter, &part).await;
    let shapes = Shapes {
        line: instance_line,
        json: instance_json,
    };
    let (output, part) = (args.kept.output, &args.asked.part);
    tell(output, part, args.asked.total, read, shapes).await
}

async fn tasks(args: TaskList) -> Result<Exit, Failure> {
    let whose = match (args.assignee, args.decided_by) {
        (_, Some(person)) => Whose::DoneBy(person.into()),
        (Some(person), None) => Whose::HeldBy(person.into()),
        (None, None) => Whose::All,
    };
    let mut pairs = conditions(&args.asked.conditions)?;
    push(&mut pairs, "open", args.closed.then_some(false));
    push_list(&mut pairs, "workflow", &args.workflow);
    push(&mut pairs, "node", args.node);
    push(&mut pairs, "business_key", args.business_key);
    push(&mut pairs, "subject_type", args.subject_type);
    push(&mut pairs, "requester", args.requester);
    push(&mut pairs, "outcome", args.outcome);
    push(&mut pairs, "search", args.search);
    push(&mut pairs, "due_at[gte]", args.due_from);
    push(&mut pairs, "due_at[lt]", args.due_before);
    let asked = Asked::of_conditions(pairs, &[TASK_FIELDS])?;
    let asked = asked.sorted_by(args.asked.sort);
    let filter = asked.tasks(whose, Timestamp::now())?;
    let (engine, tenant) = store::tool(&args.kept).await?;
    let read = async |part: Part| engine.find_tasks(&tenant, &filter, &part).await;
    let shapes = Shapes {
        line: task_line,
        json: task_json,
    };
    let (output, part) = (args.kept.output, &args.asked.part);
    tell(output, part, args.asked.total, read, shapes).await
}

/// How a row is written.
pub(super) struct Shapes<T> {
    /// For people.
    pub(super) line: fn(&T) -> String,
    pub(super) json: fn(&T) -> Value,
}

/// Tells a list part by part, from a cursor on, and where it goes on when a limit ends it.
pub(super) async fn tell<T>(
    output: Output,
    asked: &ListPart,
    total: bool,
    read: impl AsyncFn(Part) -> Result<Found<T>, signoff::Error>,
    shapes: Shapes<T>,
) -> Result<Exit, Failure> {
    let mut left = asked.limit.unwrap_or(u32::MAX);
    let mut after = asked.after.clone().map(Cursor);
    let mut counted = None;
    let mut items: Vec<Value> = Vec::new();
    let next = loop {
        let limit = left.min(PAGE);
        let page = PageRequest { limit, after };
        let total = total && counted.is_none();
        let found = read(Part { page, total }).await?;
        counted = counted.or(found.total);
        for row in &found.page.items {
            left = left.saturating_sub(1);
            match output {
                Output::Json => items.push((shapes.json)(row)),
                Output::Text => outln!("{}", (shapes.line)(row)),
            }
        }
        match found.page.next {
            Some(next) if left > 0 => after = Some(next),
            next => break next,
        }
    };
    match output {
        Output::Json => {
            let next = next.map(|cursor| cursor.0);
            let mut list = json!({"items": items, "next_cursor": next});
            if let Some(total) = counted {
                list["total"] = Value::from(total);
            }
            outln!("{list}");
        }
        Output::Text => {
            if let Some(total) = counted {
                outln!("{total} in all");
            }
            if let Some(next) = next {
                eprintln!("more: --after {}", next.0);
            }
        }
    }
    Ok(Exit::Ok)
}

/// Conditions as the query of a GET has them.
fn conditions(texts: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let pair = |text: &String| {
        let (key, value) = text.split_once('=').ok_or_else(|| {
            let message = format!(
                "expected a condition as FIELD[OPERATOR]=VALUE, found `{}`",
                shown(text)
            );
            Failure::failed("malformed_request", message).exit(Exit::Usage)
        })?;
        Ok((key.to_owned(), value.to_owned()))
    };
    texts.iter().map(pair).collect()
}

fn push(pairs: &mut Vec<(String, String)>, key: &str, value: Option<impl ToString>) {
    pairs.extend(value.map(|value| (key.to_owned(), value.to_string())));
}

fn push_list(pairs: &mut Vec<(String, String)>, field: &str, words: &[String]) {
    let words = (!words.is_empty()).then(|| words.join(","));
    push(pairs, &format!("{field}[in]"), words);
}

fn subject(text: &str) -> Result<Subject, Failure> {
    let (kind, id) = text.split_once('/').ok_or_else(|| {
        let message = format!("expected a subject as TYPE/ID, found `{}`", shown(text));
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

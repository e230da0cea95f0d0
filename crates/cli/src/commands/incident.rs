//! `signoff incident`: what needs an operator, and trying it again.

use std::str::FromStr;

use serde_json::{Value, json};
use signoff::{
    Engine, InstanceId, MemoryDirectory, NotDone, Retry, TenantId,
    core::{change::IncidentRow, id::IncidentId},
    store::{IncidentFilter, PageRequest},
};

use crate::{
    args::{Incident, IncidentList, IncidentRetry, Kept, Output},
    exit::{Exit, Failure},
    store,
};

/// So many are read at once.
const PAGE: u32 = 500;

pub(crate) async fn run(args: Incident) -> Result<Exit, Failure> {
    match args {
        Incident::List(args) => list(args).await,
        Incident::Retry(args) => retry(args).await,
    }
}

async fn list(args: IncidentList) -> Result<Exit, Failure> {
    let (engine, tenant) = open(&args.kept).await?;
    let instance = args
        .instance
        .as_deref()
        .map(|id| parse(id, InstanceId::new));
    let filter = IncidentFilter {
        instance: instance.transpose()?,
        ..IncidentFilter::default()
    };
    let mut items: Vec<Value> = Vec::new();
    let mut after = None;
    loop {
        let page = PageRequest { limit: PAGE, after };
        let found = engine.store().incidents(&tenant, &filter, &page).await;
        let found = found.map_err(signoff::Error::from)?;
        for row in &found.items {
            match args.kept.output {
                Output::Json => items.push(as_json(row)),
                Output::Text => tell(row),
            }
        }
        match found.next {
            Some(cursor) => after = Some(cursor),
            None => break,
        }
    }
    if args.kept.output == Output::Json {
        outln!("{}", json!({"items": items}));
    }
    Ok(Exit::Ok)
}

/// Nobody's name is asked for: the host acts. What is tried again runs in the process that has a worker.
async fn retry(args: IncidentRetry) -> Result<Exit, Failure> {
    let (engine, tenant) = open(&args.kept).await?;
    let mut ids = Vec::with_capacity(args.ids.len());
    for id in &args.ids {
        ids.push(parse(id, IncidentId::new)?);
    }
    let mut items: Vec<Value> = Vec::new();
    let mut exit = Exit::Ok;
    for id in ids {
        let retried = match engine
            .retry(Retry::incident(id).tenant(tenant.clone()))
            .await
        {
            Ok(instance) => json!({"id": id, "instance": instance, "refused": null}),
            Err(NotDone::Refused(refusal)) => {
                exit = Exit::Failed;
                let refused = json!({"code": refusal.code.as_str(), "message": refusal.message});
                json!({"id": id, "instance": null, "refused": refused})
            }
            Err(NotDone::Failed(error)) => return Err(error.into()),
        };
        if args.kept.output == Output::Text {
            match retried["refused"]["message"].as_str() {
                Some(message) => outln!("{id}  refused: {message}"),
                None => outln!("{id}  tried again"),
            }
        }
        items.push(retried);
    }
    if args.kept.output == Output::Json {
        outln!("{}", json!({"items": items}));
    }
    Ok(exit)
}

pub(super) async fn open(kept: &Kept) -> Result<(Engine, TenantId), Failure> {
    let engine = Engine::builder()
        .shared_store(store::open_known(&kept.store, kept.backend).await?)
        .directory(MemoryDirectory::new([]))
        .build()?;
    Ok((engine, TenantId::from(kept.tenant.as_str())))
}

pub(super) fn parse<I: FromStr, T>(id: &str, of: impl FnOnce(I) -> T) -> Result<T, Failure> {
    let wrong = |_| {
        let shown: String = id.chars().take(80).collect();
        Failure::failed("not_found", format!("`{shown}` is no id")).exit(Exit::Usage)
    };
    id.parse().map(of).map_err(wrong)
}

fn tell(row: &IncidentRow) {
    let node = row.node.as_deref().unwrap_or("-");
    outln!(
        "{}  {}  {}  {node}  {}  {}",
        row.id,
        row.opened_at,
        row.code,
        row.instance,
        row.message
    );
}

fn as_json(row: &IncidentRow) -> Value {
    json!({
        "id": row.id,
        "instance": row.instance,
        "code": row.code,
        "message": row.message,
        "node": row.node,
        "opened_at": row.opened_at.to_string(),
    })
}

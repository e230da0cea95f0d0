//! `signoff incident`: what needs an operator, and trying it again.

use std::str::FromStr;

use serde_json::{Value, json};
use signoff::{
    InstanceId, NotDone, Retry,
    core::{change::IncidentRow, id::IncidentId, problem::shown},
    lists::{Found, Part},
    store::IncidentFilter,
};

use crate::{
    args::{Incident, IncidentList, IncidentRetry, Output},
    commands::list::{Shapes, tell},
    exit::{Exit, Failure},
    store,
};

pub(crate) async fn run(args: Incident) -> Result<Exit, Failure> {
    match args {
        Incident::List(args) => list(args).await,
        Incident::Retry(args) => retry(args).await,
    }
}

async fn list(args: IncidentList) -> Result<Exit, Failure> {
    let (engine, tenant) = store::tool(&args.kept).await?;
    let instance = args
        .instance
        .as_deref()
        .map(|id| parse(id, InstanceId::new));
    let filter = IncidentFilter {
        instance: instance.transpose()?,
        ..IncidentFilter::default()
    };
    let read = async |part: Part| {
        let page = engine
            .store()
            .incidents(&tenant, &filter, &part.page)
            .await?;
        Ok(Found { page, total: None })
    };
    let shapes = Shapes {
        line: as_line,
        json: as_json,
    };
    tell(args.kept.output, &args.part, false, read, shapes).await
}

/// Nobody's name is asked for: the host acts. What is tried again runs in the process that has a worker.
async fn retry(args: IncidentRetry) -> Result<Exit, Failure> {
    let (engine, tenant) = store::engine(&args.kept).await?;
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

pub(super) fn parse<I: FromStr, T>(id: &str, of: impl FnOnce(I) -> T) -> Result<T, Failure> {
    let wrong =
        |_| Failure::failed("not_found", format!("`{}` is no id", shown(id))).exit(Exit::Usage);
    id.parse().map(of).map_err(wrong)
}

fn as_line(row: &IncidentRow) -> String {
    let node = row.node.as_deref().unwrap_or("-");
    format!(
        "{}  {}  {}  {node}  {}  {}",
        row.id, row.opened_at, row.code, row.instance, row.message
    )
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

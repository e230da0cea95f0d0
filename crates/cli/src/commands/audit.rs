//! `signoff audit`: what was done, by position.

use serde_json::{Value, json};
use signoff::{EntriesOf, Entry, InstanceId, core::id::PersonId};

use crate::{
    args::{Audit, Output},
    commands::incident::parse,
    exit::{Exit, Failure},
    store,
};

/// So many are read at once.
const PAGE: u32 = 500;

pub(crate) async fn run(args: Audit) -> Result<Exit, Failure> {
    let (engine, tenant) = store::tool(&args.kept).await?;
    let instance = args.instance.as_deref();
    let instance = instance.map(|id| parse(id, InstanceId::new)).transpose()?;
    let mut filter = EntriesOf {
        after: args.after,
        instance,
        person: args.person.as_deref().map(Into::into),
        event: args.event,
    };
    let mut left = args.limit.unwrap_or(u64::MAX);
    let mut items: Vec<Value> = Vec::new();
    let next = loop {
        let page = u32::try_from(left).map_or(PAGE, |left| left.min(PAGE));
        let found = engine.entries(&tenant, &filter, page).await?;
        left = left.saturating_sub(u64::try_from(found.items.len()).unwrap_or(u64::MAX));
        for entry in &found.items {
            match args.kept.output {
                Output::Json => items.push(as_json(entry)),
                Output::Text => tell(entry),
            }
        }
        match found.next {
            Some(next) if left > 0 => filter.after = next,
            next => break next.map(|position| position.to_string()),
        }
    };
    match (args.kept.output, next) {
        (Output::Json, next) => outln!("{}", json!({"items": items, "next_cursor": next})),
        (Output::Text, Some(next)) => eprintln!("more: --after {next}"),
        (Output::Text, None) => {}
    }
    Ok(Exit::Ok)
}

fn tell(found: &Entry) {
    let entry = &found.entry;
    let by = entry
        .by
        .person()
        .map_or_else(|| entry.by.kind(), PersonId::as_str);
    let names: Vec<_> = entry.events.iter().map(|event| event.name()).collect();
    outln!(
        "{}  {}  {}  {}  {}",
        found.position,
        entry.at,
        found.instance,
        by,
        names.join(" ")
    );
}

fn as_json(found: &Entry) -> Value {
    let entry = &found.entry;
    json!({
        "position": found.position,
        "instance": found.instance,
        "version": entry.version,
        "command": entry.command,
        "at": entry.at,
        "by": entry.by.person(),
        "actor": entry.by.kind(),
        "events": entry.events,
    })
}

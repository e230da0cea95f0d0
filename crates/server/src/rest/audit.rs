//! The audit trail: what happened in the tenant, by position.

mod export;

use axum::Json;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signoff::{EntriesOf, Entry, InstanceId};

pub(super) use self::export::export;
use super::{
    body::Params,
    list::{List, page},
};
use crate::{auth::Cx, fault::Fault};

/// Which part of the trail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    limit: Option<u32>,
    /// A position: only what is behind it.
    cursor: Option<String>,
    instance: Option<String>,
    /// Who did it.
    person: Option<String>,
    /// The name of an event that it led to.
    event: Option<String>,
    /// How an export is written.
    format: Option<String>,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// A command that was accepted.
#[derive(Debug, Serialize)]
pub(super) struct EntryDto {
    position: u64,
    instance: String,
    /// The version of the instance after it.
    version: u64,
    command: String,
    at: String,
    /// The person; `null` for the engine and the host.
    by: Option<String>,
    /// `engine`, `host` or `person`.
    actor: &'static str,
    /// What happened, in order, as it is stored: each with its name under `event`.
    events: Value,
}

/// What was done, by position; for admins. What is committed later comes later, so whoever goes on
/// behind the last position that they saw misses nothing.
pub(super) async fn list(
    cx: Cx,
    Params(query): Params<Query>,
) -> Result<Json<List<EntryDto>>, Fault> {
    if query.format.is_some() {
        return Err(Fault::malformed("`format` is of `/audit/export`"));
    }
    let limit = page(query.limit, None)?.limit;
    let filter = filter(&cx, query)?;
    let found = cx
        .app
        .engine
        .entries(&cx.app.tenant, &filter, limit)
        .await?;
    let items = found.items.into_iter().map(EntryDto::of);
    Ok(Json(List {
        items: items.collect::<Result<_, _>>()?,
        next_cursor: found.next.map(|position| position.to_string()),
        prev_cursor: None,
        total: None,
    }))
}

/// Which entries; nothing for those who may not read them.
fn filter(cx: &Cx, query: Query) -> Result<EntriesOf, Fault> {
    if !cx.person.admin {
        return Err(Fault::forbidden("only admins may read the audit trail"));
    }
    let after = query.cursor.map_or(Ok(0), |cursor| cursor.parse());
    let instance = query.instance.map(|id| id.parse().map(InstanceId::new));
    Ok(EntriesOf {
        after: after.map_err(|_| Fault::malformed("expected a position as the cursor"))?,
        instance: instance.transpose().map_err(|_| Fault::not_found())?,
        person: query.person.map(Into::into),
        event: query.event,
    })
}

impl EntryDto {
    fn of(found: Entry) -> Result<Self, Fault> {
        let entry = found.entry;
        let events = serde_json::to_value(&entry.events);
        Ok(Self {
            position: found.position,
            instance: found.instance.to_string(),
            version: entry.version,
            command: entry.command.uuid().to_string(),
            at: entry.at.to_string(),
            actor: entry.by.kind(),
            by: entry.by.person().map(ToString::to_string),
            events: events.map_err(|error| Fault::internal(error.to_string()))?,
        })
    }
}

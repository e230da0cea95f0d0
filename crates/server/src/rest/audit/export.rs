//! The audit trail as a file: read and sent part by part, however long it is.

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use signoff::{EntriesOf, Entry, core::problem::shown};

use super::{EntryDto, Params, Query, filter};
use crate::{auth::Cx, fault::Fault, rest::csv};

/// So many entries are in memory at once.
const PART: u32 = 500;

/// The first line of a CSV file.
const COLUMNS: [&str; 9] = [
    "position", "instance", "version", "command", "at", "by", "actor", "events", "details",
];

/// How an export is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Format {
    /// Comma-separated values, RFC 4180.
    Csv,
    /// An entry of the list on each line.
    Jsonl,
}

/// What was done, by position, as a file; for admins. It ends where nothing more has been committed.
pub(in crate::rest) async fn export(
    cx: Cx,
    Params(query): Params<Query>,
) -> Result<Response, Fault> {
    let format = Format::of(query.format.as_deref())?;
    if query.limit.is_some() {
        return Err(Fault::malformed("an export has no `limit`"));
    }
    let filter = filter(&cx, query)?;
    // What fails at once is a problem; later it can only end the file before its time.
    let (mut text, next) = part(&cx, filter, format).await?;
    if format == Format::Csv {
        text.insert_str(0, &csv::text([COLUMNS])?);
    }
    let parts = stream::try_unfold((Some(text), next), move |(read, next)| {
        let cx = cx.clone();
        async move {
            let (text, next) = match (read, next) {
                (Some(text), next) => (text, next),
                (None, Some(filter)) => part(&cx, filter, format).await?,
                (None, None) => return Ok(None),
            };
            Ok::<_, Interrupted>(Some((text, (None, next))))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, format.content_type()),
        (header::CONTENT_DISPOSITION, format.disposition()),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// Some entries as text, and which come then.
async fn part(
    cx: &Cx,
    filter: EntriesOf,
    format: Format,
) -> Result<(String, Option<EntriesOf>), Fault> {
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let found = engine.entries(tenant, &filter, PART).await?;
    let text = format.text(found.items)?;
    Ok((text, found.next.map(|after| EntriesOf { after, ..filter })))
}

impl Format {
    fn of(word: Option<&str>) -> Result<Self, Fault> {
        match word {
            Some("csv") => Ok(Self::Csv),
            None | Some("jsonl") => Ok(Self::Jsonl),
            Some(other) => {
                let found = shown(other);
                let message = format!("expected `jsonl` or `csv` for `format`, found `{found}`");
                Err(Fault::malformed(message))
            }
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Jsonl => "application/jsonl",
        }
    }

    const fn disposition(self) -> &'static str {
        match self {
            Self::Csv => "attachment; filename=\"audit.csv\"",
            Self::Jsonl => "attachment; filename=\"audit.jsonl\"",
        }
    }

    fn text(self, entries: Vec<Entry>) -> Result<String, Fault> {
        let entries = entries.into_iter();
        match self {
            Self::Csv => csv::text(entries.map(cells).collect::<Result<Vec<_>, _>>()?),
            Self::Jsonl => entries.map(line).collect(),
        }
    }
}

/// An entry as [`COLUMNS`] say.
fn cells(entry: Entry) -> Result<[String; COLUMNS.len()], Fault> {
    let events = entry.entry.events.iter();
    let names: Vec<_> = events.map(|event| event.name()).collect();
    let names = names.join(" ");
    let dto = EntryDto::of(entry)?;
    Ok([
        dto.position.to_string(),
        dto.instance,
        dto.version.to_string(),
        dto.command,
        dto.at,
        dto.by.unwrap_or_default(),
        dto.actor.to_owned(),
        names,
        dto.events.to_string(),
    ])
}

fn line(entry: Entry) -> Result<String, Fault> {
    let line = serde_json::to_string(&EntryDto::of(entry)?);
    let line = line.map_err(|error| Fault::internal(error.to_string()))?;
    Ok(line + "\n")
}

/// Why a file ends before its time.
#[derive(Debug)]
struct Interrupted(Fault);

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Interrupted {}

impl From<Fault> for Interrupted {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

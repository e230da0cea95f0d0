//! One command on many instances: each is accepted or refused by itself.

use axum::{Json, http::StatusCode};
use serde::{Deserialize, Serialize};
use signoff::Call;

use super::{body::Body, list::List};
use crate::{auth::Cx, fault::Fault, said::with};

/// How many instances one request is about at most.
const MOST: usize = 500;

/// A command on many instances.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Batch {
    command: Verb,
    ids: Vec<String>,
    reason: Option<String>,
    /// Cancel also while somebody works on a task.
    #[serde(default)]
    force: bool,
}

/// What is done with each.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Verb {
    Cancel,
    Hold,
    Resume,
}

/// What became of one.
#[derive(Debug, Serialize)]
pub(super) struct OneOfMany {
    id: String,
    ok: bool,
    /// The status after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Refused>,
}

#[derive(Debug, Serialize)]
struct Refused {
    code: &'static str,
    message: String,
}

/// Holds, resumes or cancels instances; the results stand in the order of the ids.
pub(super) async fn instances(
    cx: Cx,
    Body(batch): Body<Batch>,
) -> Result<Json<List<OneOfMany>>, Fault> {
    if batch.ids.len() > MOST {
        let message = format!(
            "{} instances are named, {MOST} are allowed",
            batch.ids.len()
        );
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return Err(Fault::new(status, "limit_exceeded", message));
    }
    let mut items = Vec::with_capacity(batch.ids.len());
    for id in &batch.ids {
        let (status, refused) = match one(&cx, &batch, id).await {
            Ok(status) => (Some(status), None),
            Err(fault) if fault.status.is_server_error() => return Err(fault),
            Err(fault) => (
                None,
                Some(Refused {
                    code: fault.code,
                    message: fault.message,
                }),
            ),
        };
        items.push(OneOfMany {
            id: id.clone(),
            ok: refused.is_none(),
            status,
            refused,
        });
    }
    Ok(Json(List::whole(items)))
}

async fn one(cx: &Cx, batch: &Batch, id: &str) -> Result<&'static str, Fault> {
    let id = cx.instance(id).await?.instance.id();
    let call = match batch.command {
        Verb::Cancel if batch.force => Call::cancel(id).force(),
        Verb::Cancel => Call::cancel(id),
        Verb::Hold => Call::hold(id),
        Verb::Resume => Call::resume(id),
    };
    let call = with(call, batch.reason.as_ref(), Call::reason);
    let once = cx.once.as_ref().map(|once| once.part(&id.to_string()));
    let call = with(cx.says(call), once, Call::once);
    let done = cx.app.engine.call(call).await?;
    Ok(done.instance.status().as_str())
}

//! People who leave.

use axum::{Json, extract::Path};
use serde::Serialize;
use signoff::{NotDone, PersonId, RefusalCode};

use crate::{auth::Cx, fault::Fault};

/// What became of the tasks of somebody who has left.
#[derive(Debug, Serialize)]
pub(super) struct Left {
    /// Tasks that went to somebody else, or back to those who were offered them.
    given: usize,
    /// Tasks for which nobody was found; each is an incident, be it from an earlier call.
    kept: usize,
    /// Tasks that could not be looked at, by code.
    refused: Vec<&'static str>,
}

/// Gives the tasks of somebody who has left to others; for admins.
pub(super) async fn left(cx: Cx, Path(id): Path<String>) -> Result<Json<Left>, Fault> {
    if !cx.person.admin {
        return Err(Fault::forbidden(
            "only admins may say that somebody has left",
        ));
    }
    let engine = &cx.app.engine;
    let person = PersonId::from(id);
    let mut left = Left {
        given: 0,
        kept: 0,
        refused: Vec::new(),
    };
    for result in engine
        .person_left(&cx.app.tenant, &person, cx.once.as_ref())
        .await?
    {
        match result {
            Ok(done) if done.events.contains(&"incident_opened") => left.kept += 1,
            Ok(_) => left.given += 1,
            Err(NotDone::Refused(refusal)) if refusal.code == RefusalCode::NoApprover => {
                left.kept += 1;
            }
            Err(NotDone::Refused(refusal)) => left.refused.push(refusal.code.as_str()),
            Err(NotDone::Failed(error)) => return Err(error.into()),
        }
    }
    Ok(Json(left))
}

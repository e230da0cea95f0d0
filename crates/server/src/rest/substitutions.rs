//! Who stands in for whom: everybody says it for themselves, admins for everybody.

use axum::{Json, extract::Path, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use signoff::{
    Substitution,
    core::id::SubstitutionId,
    store::{SubstitutionFilter, SubstitutionRow},
};

use super::{
    body::{Body, Params},
    list::List,
};
use crate::{auth::Cx, fault::Fault};

/// A substitution to be kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    /// Who is away; the person who asks when nobody is named.
    principal: Option<String>,
    substitute: String,
    /// From then on; from now on when not given.
    from: Option<Timestamp>,
    /// Until then, that moment excluded; until further notice when not given.
    until: Option<Timestamp>,
}

/// Which substitutions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Who is away: a person, or `all`, for admins; the person who asks when nobody is named.
    principal: Option<String>,
    /// In force at this moment.
    at: Option<Timestamp>,
    /// The language, read elsewhere.
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

/// A substitution.
#[derive(Debug, Serialize)]
pub(super) struct SubstitutionDto {
    id: String,
    principal: String,
    substitute: String,
    from: String,
    until: Option<String>,
    changed_by: Option<String>,
    changed_at: String,
}

impl From<SubstitutionRow> for SubstitutionDto {
    fn from(row: SubstitutionRow) -> Self {
        Self {
            id: row.id.to_string(),
            principal: row.principal.to_string(),
            substitute: row.substitute.to_string(),
            from: row.from.to_string(),
            until: row.until.map(|until| until.to_string()),
            changed_by: row.changed_by.map(|person| person.to_string()),
            changed_at: row.changed_at.to_string(),
        }
    }
}

/// Substitutions, by person, then beginning.
pub(super) async fn list(
    cx: Cx,
    Params(query): Params<Query>,
) -> Result<Json<List<SubstitutionDto>>, Fault> {
    let principal = match query.principal.as_deref() {
        None | Some("me") => Some(cx.person.id.clone()),
        Some("all") => None,
        Some(other) => Some(other.into()),
    };
    if principal.as_ref() != Some(&cx.person.id) {
        only_admins(&cx)?;
    }
    let filter = SubstitutionFilter {
        principal,
        at: query.at,
        not_over: None,
    };
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let found = engine.substitutions(tenant, &filter).await?;
    Ok(Json(List::whole(
        found.into_iter().map(SubstitutionDto::from).collect(),
    )))
}

/// Lets somebody stand in for the person who asks, or, for admins, for anybody.
pub(super) async fn add(
    cx: Cx,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<SubstitutionDto>), Fault> {
    let principal = new
        .principal
        .map_or_else(|| cx.person.id.clone(), Into::into);
    if principal != cx.person.id {
        only_admins(&cx)?;
    }
    let substitution = Substitution {
        principal,
        substitute: new.substitute.into(),
        from: new.from.unwrap_or_else(|| cx.now()),
        until: new.until,
    };
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let by = Some(&cx.person.id);
    let row = match cx.attempt {
        Some(attempt) => {
            let id = SubstitutionId::new(attempt.id);
            engine.put_substitution(tenant, id, &substitution, by).await
        }
        None => engine.substitute(tenant, &substitution, by).await,
    };
    let row = row?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

/// Ends a substitution for good; for whoever is away, and admins.
pub(super) async fn delete(cx: Cx, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    let id = id.parse().map(SubstitutionId::new);
    let id = id.map_err(|_| Fault::not_found())?;
    let (engine, tenant) = (&cx.app.engine, &cx.app.tenant);
    let row = engine.substitution(tenant, id).await?;
    let row = row.ok_or_else(Fault::not_found)?;
    if row.principal != cx.person.id && !cx.person.admin {
        return Err(Fault::not_found());
    }
    engine.end_substitution(tenant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn only_admins(cx: &Cx) -> Result<(), Fault> {
    match cx.person.admin {
        true => Ok(()),
        false => Err(Fault::forbidden(
            "only admins may look after the substitutions of others",
        )),
    }
}

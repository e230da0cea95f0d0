//! What a reader asks of a list: the query of a GET and the JSON of a search say the same.

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::request::Parts,
};
use serde_json::{Map, Value};
use signoff::lists::{Asked, Field};

use crate::fault::Fault;

/// The query of a list.
#[derive(Debug)]
pub(super) struct InQuery(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for InQuery {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let Query(pairs) = Query::from_request_parts(parts, state).await?;
        Ok(Self(pairs))
    }
}

/// The body of a search.
#[derive(Debug)]
pub(super) struct InBody(Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for InBody {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let Json(body) = Json::from_request(request, state).await?;
        Ok(Self(body))
    }
}

impl InQuery {
    /// What is asked, of a list with these fields.
    pub(super) fn read(self, fields: &[&[Field]]) -> Result<Asked, Fault> {
        // The language is read elsewhere.
        let pairs = self.0.into_iter().filter(|(key, _)| key != "lang");
        Ok(Asked::of_query(pairs, fields)?)
    }
}

impl InBody {
    /// What is asked, of a list with these fields.
    pub(super) fn read(&self, fields: &[&[Field]]) -> Result<Asked, Fault> {
        Ok(Asked::of_body(&self.0, fields)?)
    }
}

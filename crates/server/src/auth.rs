//! Who is asking, and whether the request is meant.

mod gate;
mod origin;
mod sessions;
mod viewer;

use std::fmt::Debug;

use async_trait::async_trait;
use axum::http::request::Parts;
use signoff::{BoxError, PersonId};

pub(crate) use self::{
    gate::{known, signed_in},
    origin::same_origin,
    sessions::{SESSION_COOKIE, Sessions},
    viewer::Cx,
};

/// Says who is asking, by the host's own means: a session, a token, a proxy's header.
///
/// The engine's directory then says whether that person is active; others are refused. A browser's
/// request that changes something must come from the same origin, whatever this says.
///
/// # Example: a header that a proxy sets
/// ```
/// use axum::http::request::Parts;
/// use signoff::{BoxError, PersonId};
///
/// #[derive(Debug)]
/// struct Proxy;
///
/// #[async_trait::async_trait]
/// impl signoff_server::Authenticator for Proxy {
///     async fn person(&self, request: &Parts) -> Result<Option<PersonId>, BoxError> {
///         let header = request.headers.get("x-person").and_then(|name| name.to_str().ok());
///         Ok(header.map(PersonId::from))
///     }
/// }
/// ```
#[async_trait]
pub trait Authenticator: Debug + Send + Sync {
    /// The person who sends the request; `None` when nobody is known.
    ///
    /// # Errors
    /// When it cannot be found out; the request fails with 503.
    async fn person(&self, request: &Parts) -> Result<Option<PersonId>, BoxError>;
}

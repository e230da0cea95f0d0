//! Signoff's REST interface and server-rendered pages, to nest in any axum application.
//!
//! What it is: one [`Server`] over one [`signoff::Engine`], which gives an [`axum::Router`] with
//! `/api/v1` (JSON, problems as RFC 9457), pages for the people who decide, and `/healthz`, `/readyz`
//! and `/version`. What it is not: it holds no business rule and knows no password; the engine decides,
//! and the host says who is asking.
//!
//! # Example: nested in a host's application
//! ```
//! use axum::http::request::Parts;
//! use signoff::{BoxError, Engine, MemoryDirectory, PersonId, store::MemoryStore};
//! use signoff_server::{Authenticator, Server};
//!
//! /// Trusts a header that the host's proxy sets.
//! #[derive(Debug)]
//! struct Proxy;
//!
//! #[async_trait::async_trait]
//! impl Authenticator for Proxy {
//!     async fn person(&self, request: &Parts) -> Result<Option<PersonId>, BoxError> {
//!         let header = request.headers.get("x-person").and_then(|name| name.to_str().ok());
//!         Ok(header.map(PersonId::from))
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Engine::builder()
//!     .store(MemoryStore::new())
//!     .directory(MemoryDirectory::new([]))
//!     .build()?;
//! let server = Server::builder(engine)
//!     .authenticator(Proxy)
//!     .base_path("/approvals")
//!     .build()?;
//! let app: axum::Router = axum::Router::new().nest("/approvals", server.router());
//! # Ok(())
//! # }
//! ```
//!
//! # Who may do what
//! Everything but health, assets and sign-in needs an active person. What a person may not see does not
//! exist for that person: 404. Requests that change something must come from the same origin when a
//! browser sends them. Bodies are at most 1 MiB.

mod app;
mod assets;
mod auth;
mod error;
mod fault;
mod headers;
mod health;
mod pages;
mod read;
mod rest;
mod said;
mod server;
mod text;

pub use self::{
    auth::Authenticator,
    error::{Error, ErrorKind},
    server::{Builder, Server},
};

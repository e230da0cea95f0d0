//! The server: an engine with a face.

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get};
use signoff::{Engine, TenantId, actions::mail::FolderMailer};

use crate::{
    app::{App, Base},
    assets,
    auth::{Authenticator, Sessions},
    error::Error,
    headers, health, pages, rest,
};

/// The most that a request may carry.
const BODY_BYTES: usize = 1 << 20;

/// REST and pages over one engine and one tenant. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Server {
    app: Arc<App>,
}

/// The parts of a [`Server`]; only the engine is required.
#[derive(Debug)]
pub struct Builder {
    engine: Engine,
    tenant: TenantId,
    authenticator: Option<Arc<dyn Authenticator>>,
    sessions: Option<Sessions>,
    mailbox: Option<FolderMailer>,
    base: String,
}

impl Server {
    /// Begins to build a server for the tenant `default`.
    ///
    /// Without an [`authenticator`](Builder::authenticator) and without [`demo`](Builder::demo) nobody
    /// can sign in.
    #[must_use]
    pub fn builder(engine: Engine) -> Builder {
        Builder {
            engine,
            tenant: TenantId::default(),
            authenticator: None,
            sessions: None,
            mailbox: None,
            base: String::new(),
        }
    }

    /// The routes, to serve or to nest. Nested, the place must be that of
    /// [`base_path`](Builder::base_path).
    pub fn router(&self) -> Router {
        let app = Arc::clone(&self.app);
        Router::new()
            .route("/healthz", get(health::alive))
            .route("/readyz", get(health::ready))
            .route("/version", get(health::version))
            .route("/assets/{name}", get(assets::asset))
            .nest("/api/v1", rest::router(&app))
            .merge(pages::router(&app))
            .layer(DefaultBodyLimit::max(BODY_BYTES))
            .layer(middleware::from_fn(headers::secure))
            .with_state(app)
    }
}

impl Builder {
    /// Whose workflows, instances and people; `default` when not given.
    #[must_use]
    pub fn tenant(self, tenant: impl Into<TenantId>) -> Self {
        Self {
            tenant: tenant.into(),
            ..self
        }
    }

    /// Who is asking, by the host's own means. Asked before the sign-in of [`demo`](Self::demo).
    #[must_use]
    pub fn authenticator(self, authenticator: impl Authenticator + 'static) -> Self {
        Self {
            authenticator: Some(Arc::new(authenticator)),
            ..self
        }
    }

    /// Lets anybody sign in as any active person of the directory, by choosing one, and lets everybody
    /// read the mailbox. For trying things out on one's own machine, never for production.
    #[must_use]
    pub fn demo(self) -> Self {
        Self {
            sessions: Some(Sessions::default()),
            ..self
        }
    }

    /// Shows the mails of this folder: to admins, in a demo to everybody. No such page when not given.
    #[must_use]
    pub fn mailbox(self, mailbox: FolderMailer) -> Self {
        Self {
            mailbox: Some(mailbox),
            ..self
        }
    }

    /// Where the host nests the router, such as `/approvals`: every link begins with it. Empty when not
    /// given: the router is served as it is.
    #[must_use]
    pub fn base_path(self, path: impl Into<String>) -> Self {
        Self {
            base: path.into(),
            ..self
        }
    }

    /// The server.
    ///
    /// # Errors
    /// `InvalidBasePath`: it does not begin with a slash, ends with one, or has characters other than
    /// ASCII letters, digits and `-._~/`.
    pub fn build(self) -> Result<Server, Error> {
        if self.authenticator.is_none() && self.sessions.is_none() {
            tracing::warn!("no authenticator is configured: nobody can sign in");
        }
        Ok(Server {
            app: Arc::new(App {
                engine: self.engine,
                tenant: self.tenant,
                authenticator: self.authenticator,
                sessions: self.sessions,
                mailbox: self.mailbox,
                base: Base::new(&self.base)?,
            }),
        })
    }
}

//! Who is looking, and what that person may see.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use jiff::Timestamp;
use signoff::{
    Attempt, Call, InstanceId, InstanceView, Once, Profile, TaskId, TaskView,
    core::{actor::Person, graph::Graph},
};

use crate::{app::App, fault::Fault, said::with, text::Locale};

/// One request of one signed-in, active person.
#[derive(Clone, Debug)]
pub(crate) struct Cx {
    pub(crate) app: Arc<App>,
    pub(crate) profile: Profile,
    pub(crate) person: Person,
    pub(crate) locale: Locale,
    /// The request, when its sender named it.
    pub(crate) once: Option<Once>,
    /// Which attempt at the request this is, when its answer is kept.
    pub(crate) attempt: Option<Attempt>,
}

impl Cx {
    /// The instance, when the person may see it; otherwise it does not exist.
    pub(crate) async fn instance(&self, id: &str) -> Result<InstanceView, Fault> {
        let id = InstanceId::new(id.parse().map_err(|_| Fault::not_found())?);
        self.look_at(id).await?.ok_or_else(Fault::not_found)
    }

    /// The instance, when there is one that the person may see.
    pub(crate) async fn look_at(&self, id: InstanceId) -> Result<Option<InstanceView>, Fault> {
        let view = self.app.engine.instance(&self.app.tenant, id).await?;
        Ok(view.filter(|view| view.may_be_seen_by(&self.person)))
    }

    /// The task, when the person may see it; otherwise it does not exist.
    ///
    /// Who was offered it before somebody else did it learns that it is closed, and no more.
    pub(crate) async fn task(&self, id: &str) -> Result<TaskView, Fault> {
        let id = TaskId::new(id.parse().map_err(|_| Fault::not_found())?);
        let view = self.app.engine.task(&self.app.tenant, id).await?;
        let view = view.ok_or_else(Fault::not_found)?;
        if view.may_be_seen_by(&self.person) {
            return Ok(view);
        }
        let task = &view.task;
        let was_offered = task.candidates.iter().any(|who| self.person.is(who));
        Err(match was_offered && !task.is_open() {
            true => Fault::closed(),
            false => Fault::not_found(),
        })
    }

    /// What the person asks of the engine.
    pub(crate) fn says(&self, call: Call) -> Call {
        let call = call
            .tenant(self.app.tenant.clone())
            .by(self.person.id.clone());
        with(call, self.once.clone(), Call::once)
    }

    /// Whether to offer the workflow to the person; the engine has the last word.
    pub(crate) fn is_offered(&self, graph: &Graph) -> bool {
        let by = &graph.start().by;
        self.person.admin || by.is_empty() || by.iter().any(|principal| self.person.is(principal))
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.app.engine.clock().now()
    }
}

impl<S: Sync> FromRequestParts<S> for Cx {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        parts
            .extensions
            .get()
            .cloned()
            .ok_or_else(Fault::unauthenticated)
    }
}

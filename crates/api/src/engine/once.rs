//! Requests that are done once.

use signoff_core::{
    change::{RequestRow, Rows},
    codes::NOTICES,
    event::Event,
    id::TenantId,
    instance::Instance,
    machine::Accepted,
    refusal::{Refusal, RefusalCode},
};
use signoff_store::{AnsweredRequest, Load, Part, Target};

use crate::{
    call::{Call, Start},
    engine::{Done, Engine},
    error::NotDone,
    once::Once,
};

impl Engine {
    pub(super) async fn start_once(&self, start: Start) -> Result<Done, NotDone> {
        let (tenant, once) = (start.tenant.clone(), start.once.clone());
        match self.answered(&tenant, once.as_ref()).await? {
            Some(done) => Ok(done),
            None => {
                let done = self.start_any(start).await;
                self.or_answered(&tenant, once.as_ref(), done).await
            }
        }
    }

    pub(super) async fn call_once(&self, call: Call) -> Result<Done, NotDone> {
        let (tenant, once) = (call.tenant.clone(), call.once.clone());
        match self.answered(&tenant, once.as_ref()).await? {
            Some(done) => Ok(done),
            None => {
                let done = self.call_any(call).await;
                self.or_answered(&tenant, once.as_ref(), done).await
            }
        }
    }

    /// What a request was answered with, when it was; refused when its name was given to another.
    pub(super) async fn answered(
        &self,
        tenant: &TenantId,
        once: Option<&Once>,
    ) -> Result<Option<Done>, NotDone> {
        let Some(once) = once else {
            return Ok(None);
        };
        let found = self.inner().store.request(tenant, &once.id).await?;
        match found {
            Some(found) if found.request.hash == once.hash => {
                self.answer_again(tenant, found).await.map(Some)
            }
            Some(_) => Err(reused()),
            None => Ok(None),
        }
    }

    /// What came of `doing`, or of its twin: what is refused or lost a race may have been done by a
    /// request of the same name meanwhile.
    async fn or_answered(
        &self,
        tenant: &TenantId,
        once: Option<&Once>,
        done: Result<Done, NotDone>,
    ) -> Result<Done, NotDone> {
        match done {
            Err(not_done) => match self.answered(tenant, once).await {
                Ok(Some(done)) => Ok(done),
                Ok(None) => Err(not_done),
                Err(other) => Err(other),
            },
            done => done,
        }
    }

    async fn answer_again(
        &self,
        tenant: &TenantId,
        answered: AnsweredRequest,
    ) -> Result<Done, NotDone> {
        let id = answered.instance;
        let gone = || {
            let message = format!("the instance {id}, which answered the request, was deleted");
            NotDone::Refused(Refusal::new(RefusalCode::NotFound, message))
        };
        let load = Load {
            tenant: tenant.clone(),
            target: Target::Instance(id),
            part: Part::All,
        };
        let loaded = self.inner().store.load(&load).await?.ok_or_else(gone)?;
        let history = self.history(tenant, id).await?;
        let entry = history
            .into_iter()
            .find(|entry| entry.version == answered.version)
            .ok_or_else(gone)?;
        let told = &answered.request.notices;
        Ok(Done {
            instance: Instance::from_rows(&loaded.rows)?,
            opened: entry.events.iter().filter_map(opened).collect(),
            events: entry.events.iter().map(Event::name).collect(),
            notices: NOTICES
                .iter()
                .copied()
                .filter(|notice| told.iter().any(|told| told == notice))
                .collect(),
        })
    }
}

/// The name was given to something else.
pub(super) fn reused() -> NotDone {
    let message = "a request of this name was done before, and it asked something else";
    Refusal::new(RefusalCode::RequestReused, message).into()
}

/// The task that an event opened.
pub(super) fn opened(event: &Event) -> Option<signoff_core::id::TaskId> {
    match event {
        Event::TaskOpened(opened) => Some(opened.task),
        _ => None,
    }
}

/// Notes in the rows of a change which request it answers.
pub(super) fn note(rows: &mut Rows, once: Option<&Once>, accepted: &Accepted) {
    rows.request = once.map(|once| RequestRow {
        id: once.id.clone(),
        hash: once.hash.clone(),
        notices: accepted
            .notices
            .iter()
            .map(|&code| code.to_owned())
            .collect(),
    });
}

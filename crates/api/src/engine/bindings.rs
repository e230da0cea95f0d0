//! Types of subjects: what they are configured with, and what that allows.

use signoff_core::{
    id::{PersonId, Subject, TenantId, WorkflowKey},
    limits::Name,
    refusal::{Refusal, RefusalCode},
};
use signoff_definition::Format;
use signoff_store::{BindingRow, Choice, InstanceFilter, PageRequest, WorkflowRow};

use crate::{
    binding::Binding,
    call::Start,
    engine::{Engine, PublishedDefinition, door},
    error::{Error, ErrorKind, NotDone},
};

/// The binding of every type that has none of its own.
const DEFAULT: &str = "default";

impl Engine {
    /// Binds a type of subject: what was said of it before is replaced, so saying the same again
    /// changes nothing. The type `default` is meant for every type without a binding of its own.
    ///
    /// # Errors
    /// Refused: `target_invalid` when a workflow that it names does not exist. Failed: the store.
    pub async fn bind(
        &self,
        tenant: &TenantId,
        subject_type: &str,
        binding: &Binding,
        by: Option<&PersonId>,
    ) -> Result<(), NotDone> {
        door::tenant(tenant)?;
        Name::SubjectType.check("/subject_type", subject_type)?;
        for key in binding.workflows.iter().chain(&binding.default_workflow) {
            Name::Workflow.check("/workflows", key.as_str())?;
        }
        if let Some(by) = by {
            door::person("/by", by)?;
        }
        let store = &self.inner().store;
        for key in binding.workflows.iter().chain(&binding.default_workflow) {
            if store.workflow(tenant, key).await?.is_none() {
                let message = format!("there is no workflow `{key}`");
                return Err(Refusal::new(RefusalCode::TargetInvalid, message).into());
            }
        }
        if self.own_binding(tenant, subject_type).await?.as_ref() == Some(binding) {
            return Ok(());
        }
        let body = serde_json::to_string(binding).map_err(|error| {
            let message = "a binding has no JSON form";
            Error::new(ErrorKind::Serialization, message).caused_by(error)
        })?;
        let row = BindingRow {
            subject_type: subject_type.to_owned(),
            body,
            changed_by: by.cloned(),
            changed_at: self.inner().clock.now(),
        };
        store.binding_put(tenant, &row).await?;
        Ok(())
    }

    /// Gives a tenant its first workflows and bindings: what it has already stays as the tenant has made
    /// it, so a second time changes nothing. Gives what was published.
    ///
    /// # Errors
    /// As [`publish`](Self::publish) and [`bind`](Self::bind).
    pub async fn provision(
        &self,
        tenant: &TenantId,
        sources: &[(&str, Format)],
        bindings: &[(&str, Binding)],
    ) -> Result<Vec<PublishedDefinition>, NotDone> {
        let store = &self.inner().store;
        let mut missing = Vec::new();
        for (text, format) in sources {
            let parsed = signoff_definition::parse(text, *format).ok();
            let key = parsed
                .as_ref()
                .and_then(|found| found.value.get("key")?.as_str());
            let known = match key {
                Some(key) => store.workflow(tenant, &key.into()).await?,
                None => None,
            };
            if known.is_none() {
                missing.push((*text, *format));
            }
        }
        let published = match missing.is_empty() {
            true => Vec::new(),
            false => self.publish(tenant, &missing).await?,
        };
        for (subject_type, binding) in bindings {
            if self.own_binding(tenant, subject_type).await?.is_none() {
                self.bind(tenant, subject_type, binding, None).await?;
            }
        }
        Ok(published)
    }

    /// Forgets what was said of a type; `false` when nothing was.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unbind(&self, tenant: &TenantId, subject_type: &str) -> Result<bool, Error> {
        Ok(self
            .inner()
            .store
            .binding_drop(tenant, subject_type)
            .await?)
    }

    /// Every type that is bound, in order.
    ///
    /// # Errors
    /// When the store fails, or holds what was never written.
    pub async fn bindings(&self, tenant: &TenantId) -> Result<Vec<(String, Binding)>, Error> {
        let rows = self.inner().store.bindings(tenant).await?;
        rows.into_iter()
            .map(|row| Ok((row.subject_type.clone(), read(&row)?)))
            .collect()
    }

    /// What holds for a type: its own binding, else that of `default`, else nothing in particular.
    ///
    /// # Errors
    /// When the store fails, or holds what was never written.
    pub async fn binding(&self, tenant: &TenantId, subject_type: &str) -> Result<Binding, Error> {
        let own = self.inner().store.binding(tenant, subject_type).await?;
        self.binding_of(tenant, own).await
    }

    /// What holds for a type that has `own`, or none.
    async fn binding_of(
        &self,
        tenant: &TenantId,
        own: Option<BindingRow>,
    ) -> Result<Binding, Error> {
        if let Some(own) = &own {
            return read(own);
        }
        let default = self.own_binding(tenant, DEFAULT).await?;
        Ok(default.unwrap_or_default())
    }

    async fn own_binding(&self, tenant: &TenantId, of: &str) -> Result<Option<Binding>, Error> {
        let row = self.inner().store.binding(tenant, of).await?;
        row.as_ref().map(read).transpose()
    }

    /// The active workflows that may be started for subjects of a type, by key.
    ///
    /// # Errors
    /// When the store fails, or holds what was never written.
    pub async fn workflows_for(
        &self,
        tenant: &TenantId,
        subject_type: &str,
    ) -> Result<Vec<WorkflowRow>, Error> {
        let binding = self.binding(tenant, subject_type).await?;
        let mut rows = self.inner().store.workflows(tenant).await?;
        rows.retain(|row| row.is_active() && !row.hidden && binding.allows(&row.key));
        Ok(rows)
    }

    /// Whether the host may change the status of a subject by itself.
    ///
    /// # Errors
    /// Refused: `already_started` while an instance runs for it, `not_permitted` where its type allows no
    /// direct change. Failed: the store.
    pub async fn direct_change(&self, tenant: &TenantId, subject: &Subject) -> Result<(), NotDone> {
        let (kind, id) = (&subject.kind, &subject.id);
        if !self.binding(tenant, kind).await?.direct_change {
            let message = format!("the status of `{kind}` changes through its workflow only");
            return Err(Refusal::new(RefusalCode::NotPermitted, message).into());
        }
        for status in ["pending", "running", "on_hold"] {
            let filter = InstanceFilter {
                subject: Some(subject.clone()),
                status: Choice::of(status),
                ..InstanceFilter::default()
            };
            let page = PageRequest {
                limit: 1,
                after: None,
            };
            let found = self.inner().store.instances(tenant, &filter, &page).await?;
            if let Some(row) = found.items.first() {
                let message = format!("`{}` is attached to `{kind}` `{id}`", row.workflow);
                return Err(Refusal::new(RefusalCode::AlreadyStarted, message).into());
            }
        }
        Ok(())
    }

    /// What a subject's type says of a start; `own` is its binding.
    pub(super) async fn may_be_about(
        &self,
        start: &Start,
        workflow: &WorkflowKey,
        own: Option<BindingRow>,
    ) -> Result<(), NotDone> {
        let Some(Subject { kind, .. }) = &start.subject else {
            return Ok(());
        };
        let known = &self.inner().subject_types;
        let refuse = |message| Err(Refusal::new(RefusalCode::TargetInvalid, message).into());
        if !known.is_empty() && !known.contains(kind) {
            return refuse(format!("subjects of type `{kind}` have no workflows here"));
        }
        let binding = self.binding_of(&start.tenant, own).await?;
        match binding.allows(workflow) {
            true => Ok(()),
            false => refuse(format!("`{workflow}` is not for subjects of type `{kind}`")),
        }
    }
}

fn read(row: &BindingRow) -> Result<Binding, Error> {
    serde_json::from_str(&row.body).map_err(|error| {
        let message = format!("cannot read the binding of `{}`", row.subject_type);
        Error::new(ErrorKind::Store, message).caused_by(error)
    })
}

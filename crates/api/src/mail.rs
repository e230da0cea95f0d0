//! Mail: from a resolved action to messages, one per address.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use signoff_actions::{
    Templates,
    mail::{Address, MailError, Mailer, Message},
};
use signoff_core::{
    actor::By,
    change::{ActionContext, Addressee, JobRow},
    id::{PersonId, TenantId},
};

use crate::{directory::Profile, engine::Engine, error::Error};

/// How mail is written and sent.
pub(crate) struct Post {
    mailer: Option<Arc<dyn Mailer>>,
    templates: Templates,
    base_url: Option<String>,
}

/// One mail of an action: a template for several addressees.
pub(crate) struct Mailing<'a> {
    pub(crate) job: &'a JobRow,
    pub(crate) index: u16,
    pub(crate) context: &'a ActionContext,
    pub(crate) template: &'a str,
    pub(crate) subject: Option<&'a str>,
    pub(crate) with: &'a Value,
}

impl Post {
    pub(crate) fn new(
        mailer: Option<Arc<dyn Mailer>>,
        templates: Templates,
        base_url: Option<String>,
    ) -> Self {
        Self {
            mailer,
            templates,
            base_url,
        }
    }

    pub(crate) fn template_names(&self) -> impl Iterator<Item = &str> {
        self.templates.names()
    }
}

impl Engine {
    /// Sends a mailing to those of `to` who have an address, each address once; gives those whom it
    /// could not be sent to, with the last failure.
    pub(crate) async fn mail(
        &self,
        mailing: &Mailing<'_>,
        to: &[Addressee],
    ) -> Result<Result<(), (Vec<Addressee>, MailError)>, Error> {
        let post = &self.inner().post;
        let Some(mailer) = &post.mailer else {
            let failure = MailError::transient("no mailer is configured");
            return Ok(Err((to.to_vec(), failure)));
        };
        let mut left = Vec::new();
        let mut last = None;
        for (addressee, profile) in self.addresses(&mailing.job.tenant, to).await? {
            let message = match self.message(mailing, &addressee, profile.as_ref()).await? {
                Ok(message) => message,
                Err(failure) => {
                    left.push(addressee);
                    last = Some(failure);
                    continue;
                }
            };
            if let Err(failure) = mailer.send(&message).await {
                left.push(addressee);
                last = Some(failure);
            }
        }
        Ok(match last {
            Some(failure) => Err((left, failure)),
            None => Ok(()),
        })
    }

    /// Each address once, in order; whoever has none is left out.
    async fn addresses(
        &self,
        tenant: &TenantId,
        to: &[Addressee],
    ) -> Result<Vec<(Addressee, Option<Profile>)>, Error> {
        let mut seen = BTreeMap::new();
        let mut found = Vec::new();
        for addressee in to {
            let profile = match addressee {
                Addressee::Address(_) => None,
                Addressee::Person(id) => self.profile(tenant, id).await?,
            };
            let address = match addressee {
                Addressee::Address(address) => Some(address.clone()),
                Addressee::Person(_) => profile.as_ref().and_then(|profile| profile.email.clone()),
            };
            if let Some(address) = address
                && seen.insert(address.to_lowercase(), ()).is_none()
            {
                found.push((addressee.clone(), profile));
            }
        }
        Ok(found)
    }

    async fn message(
        &self,
        mailing: &Mailing<'_>,
        addressee: &Addressee,
        profile: Option<&Profile>,
    ) -> Result<Result<Message, MailError>, Error> {
        let post = &self.inner().post;
        let locale = profile
            .and_then(|profile| profile.locale.as_deref())
            .unwrap_or("en");
        let context = self.context(mailing, profile, locale).await?;
        let rendered = match post.templates.render(mailing.template, locale, &context) {
            Ok(rendered) => rendered,
            Err(error) => return Ok(Err(MailError::permanent(error.to_string()))),
        };
        let to = match (addressee, profile) {
            (Addressee::Address(address), _) => Address::new(address.clone()),
            (Addressee::Person(_), Some(profile)) => Address::named(
                profile.display_name(),
                profile.email.clone().unwrap_or_default(),
            ),
            (Addressee::Person(id), None) => Address::new(id.as_str()),
        };
        Ok(Ok(Message {
            id: message_id(mailing, &to.address),
            from: None,
            to,
            cc: Vec::new(),
            subject: mailing.subject.map_or(rendered.subject, str::to_owned),
            html: rendered.html,
            text: rendered.text,
            template: mailing.template.to_owned(),
            tenant: mailing.job.tenant.as_str().to_owned(),
            locale: locale.to_owned(),
        }))
    }

    /// What templates see, in the reader's language.
    async fn context(
        &self,
        mailing: &Mailing<'_>,
        reader: Option<&Profile>,
        locale: &str,
    ) -> Result<Value, Error> {
        let about = mailing.context;
        let tenant = &mailing.job.tenant;
        let requester = self.named(tenant, about.requester.as_ref()).await?;
        let actor = match &about.actor {
            By::Person(id) => self.named(tenant, Some(id)).await?,
            By::Engine | By::Host => Value::Null,
        };
        let to = match &about.to {
            Some(to) => {
                let person = self
                    .named(tenant, Some(&PersonId::from(to.as_str())))
                    .await?;
                if person.is_null() {
                    Value::from(to.as_str())
                } else {
                    person["name"].clone()
                }
            }
            None => Value::Null,
        };
        let link = self.inner().post.base_url.as_ref().map(|base| {
            let base = base.trim_end_matches('/');
            match about.task {
                Some(task) if about.status == "running" => format!("{base}/tasks/{task}"),
                _ => format!("{base}/instances/{}", mailing.job.instance),
            }
        });
        let mut context = json!({
            "workflow": {"key": about.workflow, "title": about.workflow_title.for_locale(locale)},
            "node": about.node.as_ref().map(|key| json!({
                "key": key,
                "title": about.node_title.as_ref().map(|title| title.for_locale(locale)),
            })),
            "instance": {
                "id": mailing.job.instance.to_string(),
                "status": about.status,
                "title": about.title.for_locale(locale),
            },
            "subject": about.subject_type.as_ref().map(|kind| json!({"type": kind, "id": about.subject_id})),
            "requester": requester,
            "actor": actor,
            "recipient": reader.map(|profile| json!({
                "id": profile.id.as_str(), "name": profile.display_name(), "locale": locale,
            })),
            "meta": about.meta,
            "reason": about.reason,
            "comment": about.comment,
            "due": about.due.map(|due| due.to_string()),
            "to": to,
            "link": link,
        });
        if let (Value::Object(context), Value::Object(with)) = (&mut context, mailing.with) {
            context.insert("with".to_owned(), Value::Object(with.clone()));
        }
        Ok(context)
    }

    async fn named(&self, tenant: &TenantId, id: Option<&PersonId>) -> Result<Value, Error> {
        let Some(id) = id else {
            return Ok(Value::Null);
        };
        let profile = self.profile(tenant, id).await?;
        Ok(profile.map_or(
            Value::Null,
            |profile| json!({"id": profile.id.as_str(), "name": profile.display_name()}),
        ))
    }
}

/// The same for the same mail, however often it is tried: the id of the job, the action, the address.
fn message_id(mailing: &Mailing<'_>, address: &str) -> String {
    let digest = Sha256::digest(address.to_lowercase().as_bytes());
    let short: String = digest
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{}-{}-{short}", mailing.job.id, mailing.index)
}
